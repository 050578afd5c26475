"""What the people of a world did, kept where HubSpot keeps it, and summed up on each contact (NOTES 110)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import TypeAlias
from uuid import UUID

from adapters.hubspot.sandbox import doings, summary
from adapters.hubspot.sandbox.account import Account
from adapters.hubspot.sandbox.answers import MILLISECOND, Json, iso_ms
from adapters.hubspot.sandbox.kinds import kind_of
from adapters.hubspot.sandbox.links import link
from adapters.hubspot.sandbox.summary import Fold
from adapters.sandbox.facts import Done, Person, World
from connector.instants import DAY, HOUR, Instant

CONTACTS = kind_of("contacts")
# how a call went: status, and the number of HubSpot's own outcome (NOTES 92)
CALLS = {
    "つながった": ("COMPLETED", "f240bbac-87c9-4f6e-bf70-924b57d47db7"),
    "不在": ("NO_ANSWER", "73a0d17f-1163-4015-bdd5-ec830791da20"),
    "留守番電話": ("NO_ANSWER", "b2cf5968-551e-4856-9783-52b3da59a7d0"),
    "かけ直し": ("BUSY", "9d9162e7-6cf3-4944-bf63-4dff82258764"),
}
MAILS = {"email_delivered": "DELIVERED", "email_open": "OPEN", "email_click": "CLICK"}


@dataclass(frozen=True, slots=True)
class Cast:
    """Who has which id here. `carries_on` leads from a merged person to the winner."""

    people: Mapping[int, str]
    companies: Mapping[int, str]
    deals: Mapping[int, str]
    mails: Mapping[int, str]
    seminars: Mapping[int, str]
    carries_on: Mapping[int, int]
    owners: list[str] = field(default_factory=list)

    def whose(self, key: int) -> int:
        """The person who carries on for this one."""
        return self.carries_on.get(key, key)

    def owner(self, n: int) -> str:
        """One of the users, always the same for a number."""
        return self.owners[n % len(self.owners)] if self.owners else ""


@dataclass(slots=True)
class Told:
    """What a contact's summary properties say, and when they last moved."""

    values: dict[str, str] = field(default_factory=dict)
    last: Instant = 0

    def fold(self, fold: Fold, at: Instant, until: Instant) -> None:
        self.values.update(fold(self.values))
        self.last = max(self.last, min(at, until))


@dataclass(slots=True)
class Rows:
    """Rows to be written, by kind, and links."""

    account: Account
    world: World
    cast: Cast
    rng: Random
    people: Mapping[int, Person]
    told: dict[int, Told]
    rows: dict[str, list[tuple[str, Json]]] = field(default_factory=dict)
    lists: dict[str, dict[str, list[Json]]] = field(default_factory=dict)
    activities: dict[str, list[tuple[str, Json]]] = field(default_factory=dict)
    mailed: dict[tuple[str, str, str], int] = field(default_factory=dict)

    def id(self) -> str:
        """A number of the kind HubSpot's events have, the same from the same seed."""
        return str(UUID(int=self.rng.getrandbits(128), version=4))

    def keep(self, kind: str, row: Json) -> None:
        self.rows.setdefault(kind, []).append((self.id(), row))

    def keep_for(self, kind: str, contact: str, row: Json) -> None:
        self.lists.setdefault(kind, {}).setdefault(contact, []).append({"id": self.id(), **row})


Planter: TypeAlias = Callable[[Rows, Done, int], Fold]
"""Keeps one deed of the person with this key; returns what it does to their summary."""


def plant_stage(account: Account, world: World, cast: Cast) -> None:
    """The forms, mailings and seminars that there are."""
    portal, first = account.options.portal_id, world.until - 3 * 365 * DAY
    forms = [
        doings.form_row(doings.form_guid(portal, f.name), f.name, f.path, first // MILLISECOND) for f in world.forms
    ]
    account.state.put_many("forms", [(form["id"], form) for form in forms])
    mails = [
        {"id": int(cast.mails[m.key]), "name": m.name, "subject": m.name, "appId": 113, "appName": "Batch"}
        for m in world.mails
    ]
    account.state.put_many("campaigns", [(str(m["id"]), m) for m in mails])
    seminars = [doings.marketing_event_row(cast.seminars[s.key], s.name, s.at // MILLISECOND) for s in world.seminars]
    account.state.put_many("marketing_events", [(s["id"], s) for s in seminars])


def plant_doings(account: Account, world: World, cast: Cast) -> dict[int, Told]:
    """Everything that was done. Returns the summary of each person who carries on; the merged have an empty one."""
    people = {p.key: p for p in world.people}
    rows = Rows(account, world, cast, Random(world.seed), people, {p.key: Told() for p in world.people})  # noqa: S311 - a world is drawn anew from its seed
    for done in world.done:
        who = cast.whose(done.person_key)
        rows.told[who].fold(_PLANTERS[done.kind](rows, done, who), done.at, world.until)
    for kind, told in rows.rows.items():
        account.state.put_many(kind, told)
    for kind, of in rows.lists.items():
        account.state.put_many(kind, [(contact, {"all": told}) for contact, told in of.items()])
    _plant_activities(account, rows.activities)
    return rows.told


def _plant_activities(account: Account, activities: Mapping[str, Iterable[tuple[str, Json]]]) -> None:
    for object_, told in activities.items():
        pairs = list(told)
        made = [{"id": i, **row} for i, (_, row) in zip(account.new_ids(len(pairs)), pairs, strict=True)]
        account.save(object_, made)
        contacts = (contact for contact, _ in pairs)
        link(account, [(CONTACTS, c, kind_of(object_), row["id"]) for c, row in zip(contacts, made, strict=True)])


# ---- one planter per kind ------------------------------------------------------------------------------------------


def _view(rows: Rows, done: Done, who: int) -> Fold:
    """A page; an asset that is downloaded is a page too, because HubSpot knows no downloads (NOTES 89)."""
    at, url = done.at // MILLISECOND, done.url or doings.HOST
    rows.keep_for("visits", rows.cast.people[who], {"at": at, "url": url, "title": done.name})
    return lambda held: summary.page_viewed(held, at, url)


def _form(rows: Rows, done: Done, who: int) -> Fold:
    at, email = done.at // MILLISECOND, rows.people[done.person_key].email
    guid = doings.form_guid(rows.account.options.portal_id, done.name)
    if email:
        sent = doings.Sent(at, email.lower(), done.name, done.url or doings.HOST)
        rows.keep(f"submissions:{guid}", doings.submission_row(sent))
    return lambda held: summary.form_submitted(held, at, guid, done.name, done.name)


def _mail(rows: Rows, done: Done, who: int) -> Fold:
    at, email = done.at // MILLISECOND, rows.people[done.person_key].email.lower()
    type_, campaign = MAILS[done.kind], rows.cast.mails[done.about or 0]
    key = (type_, email, campaign)
    again = key in rows.mailed
    rows.mailed.setdefault(key, at)
    sent_at = rows.mailed.get(("DELIVERED", email, campaign), at)
    event = doings.MailEvent(at, type_, email, campaign, sent_at, done.url or "")
    rows.keep("mail_events", doings.mail_row(event))
    return doings.mail_fold(event, done.name, again=again)


def _seminar(rows: Rows, done: Done, who: int) -> Fold:
    told = {
        "at": done.at // MILLISECOND,
        "event": rows.cast.seminars[done.about or 0],
        "state": (done.status or "").upper(),
    }
    rows.keep_for("participations", rows.cast.people[who], told)
    return lambda _: {}


def _call(rows: Rows, done: Done, who: int) -> Fold:
    status, disposition = CALLS.get(done.status or "", ("COMPLETED", ""))
    values = {
        "hs_call_title": done.name, "hs_call_direction": (done.direction or "outbound").upper(),
        "hs_call_status": status, "hs_call_disposition": disposition,
        "hs_call_duration": "240000" if status == "COMPLETED" else "0",
    }  # fmt: skip
    return _logged(rows, "calls", done, who, values)


def _meeting(rows: Rows, done: Done, who: int) -> Fold:
    start, end = iso_ms(done.at // MILLISECOND), iso_ms((done.at + HOUR) // MILLISECOND)
    values = {
        "hs_meeting_title": done.name, "hs_meeting_outcome": done.status or "SCHEDULED", "hs_meeting_start_time": start,
        "hs_meeting_end_time": end,
    }  # fmt: skip
    return _logged(rows, "meetings", done, who, values)


def _logged(rows: Rows, object_: str, done: Done, who: int, values: dict[str, str]) -> Fold:
    at, until = done.at // MILLISECOND, rows.world.until // MILLISECOND
    created = min(at, until)
    owner = rows.cast.owner(who)
    told = {"hs_timestamp": iso_ms(at), "hs_object_source_label": "CRM_UI", **values, "hubspot_owner_id": owner}
    row = {"created": created, "updated": created, "values": {n: v for n, v in told.items() if v}}
    rows.activities.setdefault(object_, []).append((rows.cast.people[who], row))
    return lambda held: summary.activity_logged(held, object_, at, until)


def _response(rows: Rows, done: Done, who: int) -> Fold:
    """A campaign's touch, where somebody responded; the sending alone is not told."""
    return lambda _: {"hs_analytics_last_touch_converting_campaign": done.name} if done.status == "Responded" else {}


_PLANTERS: Mapping[str, Planter] = {
    "page_view": _view, "download": _view, "form_submission": _form, "demo_request": _form, "email_delivered": _mail,
    "email_open": _mail, "email_click": _mail, "seminar": _seminar, "call": _call, "meeting": _meeting,
    "campaign_response": _response,
}  # fmt: skip

"""Sources that HubSpot tells for the whole account by time: form submissions and marketing mail events.

Neither names the contact: both are matched by e-mail address, which is asked for and forgotten again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from adapters.http import Refused
from adapters.hubspot.api import Api, Row, after_of, chunks, id_of, rows
from adapters.hubspot.config import BATCH
from adapters.hubspot.people import instant, properties, raw
from connector.instants import iso
from connector.model import Event, Raw, Ref

ADDRESS = re.compile(r"[^@\s,;]+@[^@\s,;]+")
Progress = Any
"""Where a walk stands, as JSON; None: it is at its end."""


@dataclass(frozen=True, slots=True)
class Told:
    """An event of somebody whose address is known and whose id is not yet."""

    address: str = field(repr=False)
    id: str
    fields: Mapping[str, Raw] = field(repr=False)


@dataclass(slots=True)
class People:
    """Contacts by address. An address that is nobody's is not asked for twice in one pull."""

    api: Api
    known: dict[str, str | None] = field(default_factory=dict, repr=False)

    def events(self, source: str, told: Sequence[Told]) -> list[Event]:
        self._learn(sorted({t.address for t in told} - self.known.keys()))
        found = [(t, self.known.get(t.address)) for t in told]
        return [Event(source, t.id, Ref(self.api.config.name, "contacts", i), t.fields) for t, i in found if i]

    def _learn(self, addresses: Sequence[str]) -> None:
        self.known.update(dict.fromkeys(addresses))
        for some in chunks(addresses, BATCH):
            for row in self._read(some):
                more = raw(properties(row).get("hs_additional_emails")) or ""
                for address in (raw(properties(row).get("email")) or "", *more.split(";")):
                    self.known[address.strip().lower()] = id_of(row)

    def _read(self, addresses: Sequence[str]) -> list[Row]:
        """Contacts by address; one that HubSpot takes for none must not sink the others."""
        try:
            return self.api.read("contacts", addresses, ("email", "hs_additional_emails"), idProperty="email")
        except Refused:
            if len(addresses) == 1:
                return []
            half = len(addresses) // 2
            return self._read(addresses[:half]) + self._read(addresses[half:])


def walk(api: Api, source: str, since: int, until: int, at: Progress) -> Iterator[tuple[list[Told], Progress]]:
    """A source from a stamp to a stamp (milliseconds), page by page, with the progress after each page."""
    return _submissions(api, since, until, at) if source == "form_submissions" else _mail_events(api, since, until, at)


# ---- forms ---------------------------------------------------------------------------------------------------------


def _submissions(api: Api, since: int, until: int, at: Progress) -> Iterator[tuple[list[Told], Progress]]:
    """Newest first, without a time filter: each form is read back to `since`."""
    forms = list(_forms(api))
    done, after = at or (None, None)
    order = [form for form in forms if done is None or form[0] >= done]
    for n, (form, name) in enumerate(order):
        after = after if form == done else None
        following = order[n + 1][0] if n + 1 < len(order) else None
        while True:
            document = api.get("forms", f"{api.path('submissions')}/{form}", _page(after))
            told = rows(document)
            after = after_of(document)
            if not told or (_submitted(told[-1]) or until) < since:
                after = None
            progress = [form, after] if after else [following, None] if following else None
            yield [t for row in told for t in _submission(row, form, name, since)], progress
            if after is None:
                break


def _page(after: str | None) -> list[tuple[str, str]]:
    return [("limit", "50"), *([("after", after)] if after else [])]


def _forms(api: Api) -> Iterator[tuple[str, Raw]]:
    """(guid, name) of every form, in the order of their guids, so that a walk can be taken up again."""
    found: list[tuple[str, Raw]] = []
    after: str | None = None
    while True:
        kinds = [("limit", "100"), ("formTypes", "hubspot"), ("formTypes", "flow")]
        document = api.get("forms", api.path("forms"), [*kinds, *([("after", after)] if after else [])])
        found += [(id_of(row), raw(row.get("name"))) for row in rows(document)]
        after = after_of(document)
        if after is None:
            yield from sorted(found, key=lambda form: form[0])
            return


def _submitted(row: Row) -> int | None:
    at = instant(row.get("submittedAt"))
    return None if at is None else at // 1_000


def _submission(row: Row, form: str, name: Raw, since: int) -> Iterator[Told]:
    at, address = _submitted(row), _address(row)
    if at is None or at < since or address is None:
        return
    fields = {
        "form_id": form, "form_name": name, "page_url": raw(row.get("pageUrl")),
        "page_title": raw(row.get("pageTitle")), "submitted_at": iso(at * 1_000),
    }  # fmt: skip
    yield Told(address, raw(row.get("conversionId")) or f"{form}:{at}", fields)


def _address(row: Row) -> str | None:
    for value in row.get("values") or ():
        if isinstance(value, dict) and value.get("name") == "email":
            return address_of(value.get("value"))
    return None


def address_of(told: object) -> str | None:
    text = (raw(told) or "").strip().lower()
    return text if ADDRESS.fullmatch(text) else None


# ---- mail events ---------------------------------------------------------------------------------------------------


def _mail_events(api: Api, since: int, until: int, at: Progress) -> Iterator[tuple[list[Told], Progress]]:
    """By time. `delivered_at` is told where the delivery is on the same page, or the event names its sending."""
    offset, campaigns = at, Campaigns(api)
    while True:
        query = [("startTimestamp", str(since)), ("endTimestamp", str(until)), ("limit", "1000")]
        document = api.get(
            "email_events", api.path("email_events"), [*query, *([("offset", str(offset))] if offset else [])]
        )
        told = [row for row in document.get("events") or () if isinstance(row, dict)]
        delivered = {_mail(row): row.get("created") for row in told if row.get("type") == "DELIVERED"}
        offset = document.get("offset") if document.get("hasMore") else None
        yield [t for row in told for t in _mail_event(row, delivered, campaigns)], offset
        if offset is None:
            return


@dataclass(slots=True)
class Campaigns:
    """Names of mailings, each asked for once; a mailing that has none, or may not be read, goes by its id."""

    api: Api
    known: dict[str, str] = field(default_factory=dict)

    def name(self, id_: Raw) -> Raw:
        if id_ is not None and id_ not in self.known:
            self.known[id_] = self._ask(id_) or id_
        return None if id_ is None else self.known[id_]

    def _ask(self, id_: str) -> Raw:
        try:
            return raw(self.api.get("email_events", f"{self.api.path('email_campaigns')}/{id_}").get("name"))
        except Refused:
            return None


def _mail(row: Row) -> tuple[Raw, Raw]:
    return raw(row.get("recipient")), raw(row.get("emailCampaignId"))


def _mail_event(row: Row, delivered: Mapping[tuple[Raw, Raw], object], campaigns: Campaigns) -> Iterator[Told]:
    at, address, sent = instant(row.get("created")), address_of(row.get("recipient")), row.get("sentBy")
    if at is None or address is None or not row.get("id"):
        return
    there = instant(delivered.get(_mail(row))) or instant(sent.get("created") if isinstance(sent, dict) else None)
    campaign = campaigns.name(raw(row.get("emailCampaignId")))
    fields = {
        "action": raw(row.get("type")), "campaign": campaign, "url": raw(row.get("url")),
        "occurred_at": iso(at), "delivered_at": iso(there) if there is not None else None,
    }  # fmt: skip
    yield Told(address, id_of(row), fields)

"""`leadheat sandbox poke`: one deed on the state, also from a second process."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeAlias

from adapters.hubspot.sandbox.answers import iso_ms
from adapters.hubspot.sandbox.definitions import definition, definitions
from adapters.hubspot.sandbox.doings import HOST
from adapters.hubspot.sandbox.happening import CONTACTS
from adapters.hubspot.sandbox.pipelines import LOST, WON
from adapters.hubspot.sandbox.sales import linked_deals
from adapters.hubspot.sandbox.values import taken
from connector.errors import Problem, did_you_mean, refuse, user_error
from connector.words import Message, say

if TYPE_CHECKING:
    from adapters.hubspot.sandbox.desk import Desk

Words: TypeAlias = Mapping[str, str]
Deed: TypeAlias = Callable[["Desk", str, Words], Message]

KINDS = ("demo_request", "page_view", "download", "form_submission", "email_click", "seminar", "call", "meeting")
_FORMS = {"demo_request": ("デモ申し込み", "/demo"), "form_submission": ("お問い合わせ", "/contact")}
_PAGES = {"page_view": ("料金", "/pricing"), "download": ("導入事例集", "/cases/download")}


def poke(desk: Desk, who: str, deed: str, words: Words) -> Message:
    """Do something to or for a contact, now; says what was done. Raises UserError for what cannot be done."""
    found = DEEDS.get(deed)
    if found is None:
        what = say("there is no such deed as '{deed}'", deed=deed)
        fix = did_you_mean(deed, list(DEEDS)) or say("Choose one of: {names}.", names=", ".join(DEEDS))
        raise user_error("LH-906", what, fix=fix)
    with desk.account.lock, desk.account.state:
        return found(desk, _person(desk, who), words)


def _person(desk: Desk, who: str) -> str:
    """By id, or by e-mail address."""
    found = desk.account.by_address(who) if "@" in who else desk.account.carried_on("contacts", who)
    if found is None:
        fix = say("Give an id or an e-mail address.")
        raise user_error("LH-907", say("the HubSpot sandbox has no such person"), fix=fix)
    return str(found["id"])


def _set(desk: Desk, id_: str, words: Words) -> Message:
    known = definitions(desk.account, CONTACTS)
    problems = []
    for name in words:
        row = definition(desk.account, CONTACTS, name)
        if row is None or row["modificationMetadata"]["readOnlyValue"]:
            what = say("{object} has no field '{name}' to set", object="contacts", name=name)
            problems.append(Problem("LH-908", what, fix=did_you_mean(name, list(known))))
    if not problems:
        _, wrong = taken(desk.account, CONTACTS, words, by_api=True)
        for w in wrong:
            problems.append(
                Problem("LH-909", say("'{name}' does not take this value ({code})", name=w.name, code=w.code))
            )
    refuse(problems)
    desk.change("contacts", id_, **words)
    return say("{id}: {n} fields set", id=id_, n=len(words))


# ---- what people do ------------------------------------------------------------------------------------------------


def _did(desk: Desk, id_: str, words: Words) -> Message:
    kind, subject = words.get("kind", ""), words.get("subject", "")
    if kind not in KINDS:
        fix = did_you_mean(kind, KINDS) or say("Choose one of: {names}.", names=", ".join(KINDS))
        raise user_error("LH-910", say("there is no such kind as '{kind}'", kind=kind), fix=fix)
    if kind in {*_FORMS, "email_click"} and "email" not in desk.shown("contacts", id_):
        raise user_error(
            "LH-911", say("{id} has no e-mail address, without which HubSpot knows no form or mail", id=id_)
        )
    source, fields = _event(desk, kind, subject)
    desk.add_event(source, id_, **fields)
    return say("{id}: {kind} happened", id=id_, kind=kind)


def _event(desk: Desk, kind: str, subject: str) -> tuple[str, dict[str, str]]:
    """Which source tells of this kind here, and with which fields. A subject that begins with `/` is a page."""
    now = iso_ms(desk.account.now)
    path = subject.removeprefix(HOST) if subject.startswith(("/", HOST)) else ""
    if kind in _FORMS:
        name, page = _FORMS[kind]
        told = {"form_name": name if path or not subject else subject, "path": page, "page_url": HOST + (path or page)}
        return "form_submissions", {**told, "page_title": name}
    if kind in _PAGES:
        title, page = _PAGES[kind]
        return "page_views", {"url": HOST + (path or page), "title": title if path or not subject else subject}
    if kind == "email_click":
        return "email_events", {"action": "CLICK", "url": HOST + (path or "/cases?utm_source=newsletter")}
    if kind == "seminar":
        return "marketing_events", {"name": subject or "はじめてのリードスコアリング", "state": "ATTENDED"}
    if kind == "call":
        told = {"hs_call_title": subject or "架電", "hs_call_direction": "OUTBOUND", "hs_call_status": "COMPLETED"}
        return "calls", {**told, "hs_timestamp": now}
    told = {"hs_meeting_title": subject or "打ち合わせ", "hs_meeting_outcome": "COMPLETED"}
    return "meetings", {**told, "hs_meeting_start_time": now, "hs_timestamp": now}


# ---- what becomes of them ------------------------------------------------------------------------------------------


def _delete(desk: Desk, id_: str, words: Words) -> Message:
    desk.delete("contacts", id_)
    return say("{id}: deleted", id=id_)


def _merge(desk: Desk, id_: str, words: Words) -> Message:
    winner = _person(desk, words.get("into", ""))
    if winner == id_:
        raise user_error("LH-912", say("only two different people can be merged"))
    kept = desk.merge("contacts", id_, winner)
    return say("{id}: merged into {winner}", id=id_, winner=kept)


def _convert(desk: Desk, id_: str, words: Words) -> Message:
    fix = say("Choose one of: {names}.", names=", ".join(d for d in DEEDS if d != "convert"))
    raise user_error("LH-913", say("HubSpot has contacts only: nobody is converted"), fix=fix)


def _close(won: bool) -> Deed:
    """Close the contact's open deal, or a new one."""

    def deed(desk: Desk, id_: str, words: Words) -> Message:
        open_ = [d["id"] for d in linked_deals(desk.account, id_) if d["values"].get("hs_is_closed") != "true"]
        deal = open_[-1] if open_ else desk.add_event("deals", id_, amount="1200000")
        told = {"dealstage": WON if won else LOST, "closedate": iso_ms(desk.account.now)}
        if words.get("amount", "").isdigit():
            told["amount"] = words["amount"]
        if words.get("reason") and not won:
            told["closed_lost_reason"] = words["reason"]
        desk.change("deals", deal, **told)
        if won:
            return say("{id}: deal {deal} won", id=id_, deal=deal)
        return say("{id}: deal {deal} lost", id=id_, deal=deal)

    return deed


DEEDS: Mapping[str, Deed] = {
    "set": _set, "did": _did, "delete": _delete, "merge": _merge, "convert": _convert, "win": _close(won=True),
    "lose": _close(won=False),
}  # fmt: skip

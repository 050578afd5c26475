"""`leadheat sandbox poke`: one deed on the state, also from a second process."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from adapters.salesforce.sandbox.ids import object_of, whole_id
from adapters.salesforce.sandbox.merging import a_campaign, add_deal
from adapters.salesforce.sandbox.org import REP_ID, Org
from adapters.salesforce.sandbox.rows import insert, update
from adapters.salesforce.sandbox.stamps import day, stamp
from adapters.salesforce.sandbox.values import taken
from connector.errors import Problem, UserError, did_you_mean, user_error
from connector.instants import HOUR
from connector.words import Message, say

if TYPE_CHECKING:
    from adapters.salesforce.sandbox.desk import Desk

WEB = ("demo_request", "page_view", "download", "form_submission", "email_click")
KINDS = (*WEB, "seminar", "call", "meeting")
_PAGES = {
    "demo_request": ("デモ申し込み", "/demo"),
    "page_view": ("料金", "/pricing"),
    "download": ("導入事例集", "/cases/download"),
    "form_submission": ("お問い合わせ", "/contact"),
    "email_click": ("月刊ニュースレター", "/cases"),
}

Deed = Callable[["Desk", str, str, Mapping[str, str]], Message]


def poke(desk: Desk, who: str, deed: str, words: Mapping[str, str]) -> Message:
    """Do something to or for a person, now; says what was done. Raises UserError for what cannot be done."""
    found = DEEDS.get(deed)
    if found is None:
        what = say("there is no such deed as '{deed}'", deed=deed)
        fix = did_you_mean(deed, list(DEEDS)) or say("Choose one of: {names}.", names=", ".join(DEEDS))
        raise user_error("LH-921", what, fix=fix)
    with desk.org.state:
        object_, id_ = _person(desk.org, who)
        return found(desk, object_, id_, words)


def _person(org: Org, who: str) -> tuple[str, str]:
    """By id, or by e-mail address; a lead before a contact."""
    whole = whole_id(who)
    object_ = object_of(whole) if whole else None
    if whole and object_ in {"Lead", "Contact"} and _there(org, object_, whole):
        return object_, whole
    for name in ("Lead", "Contact"):
        for id_, row in org.state.all(name).items():
            if (
                (row.get("Email") or "").lower() == who.lower()
                and _there(org, name, id_)
                and not row.get("IsConverted")
            ):
                return name, id_
    raise user_error(
        "LH-922", say("the Salesforce sandbox has no such person"), fix=say("Give an id or an e-mail address.")
    )


def _there(org: Org, object: str, id_: str) -> bool:
    row = org.state.get(object, id_)
    return row is not None and not row.get("IsDeleted")


def _set(desk: Desk, object: str, id_: str, words: Mapping[str, str]) -> Message:
    values = {}
    problems = []
    for name, value in words.items():
        field = desk.org.schema.all[object].get(name)
        if field is None or not field.writable:
            close = did_you_mean(name, list(desk.org.schema.all[object]))
            problems.append(
                Problem("LH-923", say("{object} has no field '{name}' to set", object=object, name=name), fix=close)
            )
            continue
        values[name], refusal = taken(field, value)
        if refusal:
            problems.append(
                Problem("LH-924", say("'{name}' does not take this value ({code})", name=name, code=refusal.code))
            )
    if problems:
        raise UserError(*problems)
    update(desk.org, object, [(id_, values)], REP_ID)
    return say("{id}: {n} fields set", id=id_, n=len(values))


def _did(desk: Desk, object: str, id_: str, words: Mapping[str, str]) -> Message:
    kind, subject = words.get("kind", ""), words.get("subject", "")
    if kind not in KINDS:
        fix = did_you_mean(kind, KINDS) or say("Choose one of: {names}.", names=", ".join(KINDS))
        raise user_error("LH-925", say("there is no such kind as '{kind}'", kind=kind), fix=fix)
    if kind in WEB:
        name, path = _PAGES[kind]
        path = subject if subject.startswith("/") else path
        url = f"https://www.example.co.jp{path}"
        told = {"Kind__c": kind, "Name__c": subject or name, "Path__c": path, "Url__c": url}
        desk.add_event("Web_Activity__c", id_, **told)
    elif kind == "seminar":
        _attend(desk, object, id_, subject or "はじめてのリードスコアリング")
    elif kind == "call":
        desk.add_event("Task", id_, Subject=subject or "架電", TaskSubtype="Call", CallType="Outbound")
    else:
        now = desk.org.now()
        times = {"ActivityDateTime": stamp(now - HOUR), "EndDateTime": stamp(now), "ActivityDate": day(now)}
        desk.add_event("Event", id_, Subject=subject or "打ち合わせ", **times)
    return say("{id}: {kind} happened", id=id_, kind=kind)


def _attend(desk: Desk, object: str, id_: str, name: str) -> None:
    campaign = a_campaign(desk.org, name)
    lookup = "LeadId" if object == "Lead" else "ContactId"
    members = desk.org.state.all("CampaignMember").values()
    known = [m["Id"] for m in members if m["CampaignId"] == campaign and m.get(lookup) == id_]
    if known:
        update(desk.org, "CampaignMember", [(known[0], {"Status": "Attended"})], REP_ID)
    else:
        insert(desk.org, "CampaignMember", {"CampaignId": campaign, lookup: id_, "Status": "Attended"}, REP_ID)


def _delete(desk: Desk, object: str, id_: str, words: Mapping[str, str]) -> Message:
    desk.delete(object, id_)
    return say("{id}: deleted", id=id_)


def _merge(desk: Desk, object: str, id_: str, words: Mapping[str, str]) -> Message:
    other, winner = _person(desk.org, words.get("into", ""))
    if other != object or winner == id_:
        raise user_error("LH-926", say("only two different records of one object can be merged"))
    desk.merge(object, id_, winner)
    return say("{id}: merged into {winner}", id=id_, winner=winner)


def _convert(desk: Desk, object: str, id_: str, words: Mapping[str, str]) -> Message:
    if object != "Lead" or desk.org.state.all("Lead")[id_].get("IsConverted"):
        raise user_error("LH-927", say("only a lead that has not been converted can be"))
    contact = desk.convert(id_, deal=words.get("deal"))
    return say("{id}: converted to {contact}", id=id_, contact=contact)


def _close(won: bool) -> Deed:
    """Close the person's open opportunity, or a new one; a lead is converted first, as a rep would."""

    def deed(desk: Desk, object: str, id_: str, words: Mapping[str, str]) -> Message:
        row = desk.org.state.all(object)[id_]
        contact = row.get("ConvertedContactId") or (desk.convert(id_) if object == "Lead" else id_)
        deal = _open_deal(desk.org, contact) or _new_deal(desk.org, contact)
        told = {"StageName": "Closed Won" if won else "Closed Lost", "CloseDate": day(desk.org.now())}
        if words.get("amount", "").isdigit():
            told["Amount"] = words["amount"]
        update(desk.org, "Opportunity", [(deal, {k: int(v) if k == "Amount" else v for k, v in told.items()})], REP_ID)
        return (
            say("{id}: deal {deal} won", id=id_, deal=deal) if won else say("{id}: deal {deal} lost", id=id_, deal=deal)
        )

    return deed


def _open_deal(org: Org, contact: str) -> str | None:
    roles = [r["OpportunityId"] for r in org.state.all("OpportunityContactRole").values() if r["ContactId"] == contact]
    return next((d for d in reversed(roles) if not org.state.all("Opportunity")[d].get("IsClosed")), None)


def _new_deal(org: Org, contact: str) -> str:
    return add_deal(org, contact, org.state.all("Contact")[contact].get("AccountId"), Name="商談", Amount=1_200_000)


DEEDS: Mapping[str, Deed] = {
    "set": _set, "did": _did, "delete": _delete, "merge": _merge, "convert": _convert, "win": _close(won=True),
    "lose": _close(won=False),
}  # fmt: skip

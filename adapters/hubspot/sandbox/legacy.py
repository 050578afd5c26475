"""What extractors still read on the paths of v1 and v2: definitions, companies, deals, activities (NOTES 105 to 108).

Ids are numbers here, and every instant is milliseconds, in a property's text too.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence

from werkzeug.wrappers import Request, Response

from adapters.hubspot.sandbox.account import Account
from adapters.hubspot.sandbox.answers import Json, asked_truth, invalid, not_found, number_asked
from adapters.hubspot.sandbox.definitions import definition, definitions
from adapters.hubspot.sandbox.kinds import ACTIVITIES, Kind, kind_of
from adapters.hubspot.sandbox.links import links_of
from adapters.hubspot.sandbox.rendering import value_of, versions_of
from adapters.hubspot.sandbox.values import comparable
from adapters.sandbox.server import json_response
from adapters.sandbox.state import Row

PAGE, RECENT_PAGE, RECENT_MOST, RECENT_DAYS = 250, 100, 10_000, 30
FORM = Kind("forms", "form", "0-28", "forms", "forms", created="hs_createdate")
CONTACTS, COMPANIES, DEALS = kind_of("contacts"), kind_of("companies"), kind_of("deals")
DAY_MS = 86_400_000


# ---- definitions ---------------------------------------------------------------------------------------------------


def list_properties(account: Account, request: Request, word: str) -> Response:
    """GET: a bare list (NOTES 105)."""
    return json_response([_property(row) for row in definitions(account, kind_of(word)).values()])


def list_form_properties(account: Account, request: Request) -> Response:
    """GET: forms are an object here, with the properties that every object has (NOTES 105)."""
    return json_response([_property(row) for row in definitions(account, FORM).values()])


def list_company_properties(account: Account, request: Request) -> Response:
    return list_properties(account, request, "companies")


def _property(row: Row) -> Json:
    same = ("name", "label", "description", "groupName", "type", "fieldType", "displayOrder", "hidden", "formField")
    told: Json = {name: row[name] for name in (*same, "calculated", "externalOptions", "hubspotDefined")}
    changes = row["modificationMetadata"]
    return {
        **told, "deleted": False, "readOnlyValue": changes["readOnlyValue"], "favorited": False, "favoritedOrder": -1,
        "readOnlyDefinition": changes["readOnlyDefinition"], "mutableDefinitionNotDeletable": not changes["archivable"],
        "options": [{**option, "readOnly": False, "doubleData": 0.0} for option in row["options"]],
    }  # fmt: skip


# ---- companies and deals -------------------------------------------------------------------------------------------


def list_companies(account: Account, request: Request) -> Response:
    """GET a page, by rising id; only the properties asked for (NOTES 106)."""
    names, past = request.args.getlist("properties"), request.args.getlist("propertiesWithHistory")
    rows, more, offset = _page(account, COMPANIES, request)
    told = [_company(account, row, [*names, *past]) for row in rows]
    return json_response({"companies": told, "has-more": more, "offset": offset})


def read_company(account: Account, request: Request, id_: str) -> Response:
    """GET one, with every property it has."""
    row = account.carried_on("companies", id_)
    if row is None:
        raise not_found()
    return json_response(_company(account, row, definitions(account, COMPANIES)))


def _company(account: Account, row: Row, names: Iterable[str]) -> Json:
    who: Json = {"portalId": account.options.portal_id, "companyId": int(row["id"]), "isDeleted": False}
    return {**who, "properties": _values(account, COMPANIES, row, names), "additionalDomains": []}


def list_deals(account: Account, request: Request) -> Response:
    """GET a page, by rising id; the properties asked for, or all (NOTES 106)."""
    args = request.args
    every = asked_truth(request, "includeAllProperties")
    names: Iterable[str] = definitions(account, DEALS) if every else args.getlist("properties")
    rows, more, offset = _page(account, DEALS, request)
    told = [_deal(account, row, names, linked=asked_truth(request, "includeAssociations")) for row in rows]
    return json_response({"deals": told, "hasMore": more, "offset": offset})


def _deal(account: Account, row: Row, names: Iterable[str], *, linked: bool) -> Json:
    who: Json = {"portalId": account.options.portal_id, "dealId": int(row["id"]), "isDeleted": False}
    ends = {"associatedVids": CONTACTS, "associatedCompanyIds": COMPANIES} if linked else {}
    links: Json = {name: _far(account, DEALS, row, to) for name, to in ends.items()}
    values = _values(account, DEALS, row, names)
    return {**who, "associations": {**links, "associatedDealIds": []}, "properties": values, "imports": []}


def _page(account: Account, kind: Kind, request: Request) -> tuple[list[Row], bool, int]:
    """The records after an offset, which is the last one's id; whether there are more; and the next offset."""
    ids, start = account.shelf(kind.name).live, _number(request, "offset")
    at = bisect_right(ids, start)
    here = ids[at : at + number_asked(request, "limit", 100, PAGE)]
    rows = account.state.all(kind.name)
    return [rows[str(i)] for i in here], at + len(here) < len(ids), here[-1] if here else start


def _number(request: Request, name: str) -> int:
    text = request.args.get(name) or "0"
    if not text.isdigit():
        raise invalid(f"Invalid integer value for `{name}`")
    return int(text)


def _far(account: Account, kind: Kind, row: Row, to: Kind) -> list[int]:
    return [int(far) for far in links_of(account, kind, row["id"], to)]


def _values(account: Account, kind: Kind, row: Row, names: Iterable[str]) -> Json:
    """The properties that have a value, each with the version that is now."""
    told = {name: _version(account, kind, row, name) for name in names if definition(account, kind, name)}
    return {name: {**version, "versions": [{"name": name, **version}]} for name, version in told.items() if version}


def _version(account: Account, kind: Kind, row: Row, name: str) -> Json:
    held = definition(account, kind, name)
    value = value_of(kind, row, name)
    if not value or held is None:
        return {}
    versions = versions_of(account, kind, row, name)
    _, at, source, source_id = versions[0] if versions else (value, row["created"], "IMPORT", None)
    text = str(comparable(held["type"], value)) if held["type"] in {"date", "datetime"} else value
    return {"value": text, "timestamp": at, "source": source, "sourceId": source_id, "sourceVid": []}


# ---- activities ----------------------------------------------------------------------------------------------------


def list_engagements(account: Account, request: Request) -> Response:
    """GET all activities, by rising id (NOTES 107)."""
    found = sorted(_activities(account), key=lambda pair: int(pair[1]["id"]))
    return _engagements(account, request, found, number_asked(request, "limit", 100, PAGE))


def list_recent_engagements(account: Account, request: Request) -> Response:
    """GET those of the last 30 days, the last changed first, 10 000 at most. A page that is asked too large has 100
    (NOTES 107)."""
    since = max(_number(request, "since"), account.now - RECENT_DAYS * DAY_MS)
    found = [pair for pair in _activities(account) if pair[1]["updated"] >= since]
    found.sort(key=lambda pair: (-pair[1]["updated"], int(pair[1]["id"])))
    return _engagements(account, request, found[:RECENT_MOST], min(_number(request, "count") or 20, RECENT_PAGE), True)


def _activities(account: Account) -> list[tuple[Kind, Row]]:
    kinds = [kind_of(name) for name in ACTIVITIES]
    return [(k, account.state.all(k.name)[str(i)]) for k in kinds for i in account.shelf(k.name).live]


def _engagements(
    account: Account, request: Request, found: Sequence[tuple[Kind, Row]], size: int, total: bool = False
) -> Response:
    start = _number(request, "offset")
    here = found[start : start + size]
    end = start + len(here)
    results = [_engagement(account, kind, row) for kind, row in here]
    counted = {"total": len(found)} if total else {}
    return json_response({"results": results, "hasMore": end < len(found), "offset": end, **counted})


def _engagement(account: Account, kind: Kind, row: Row) -> Json:
    values = row["values"]
    owner = {"ownerId": int(values["hubspot_owner_id"])} if values.get("hubspot_owner_id") else {}
    about: Json = {
        "id": int(row["id"]), "portalId": account.options.portal_id, "active": True, "createdAt": row["created"],
        "lastUpdated": row["updated"], **owner, "type": values.get("hs_email_direction") or kind.singular.upper(),
        "timestamp": _ms(values.get("hs_timestamp")) or row["created"],
    }  # fmt: skip
    ends = {"contactIds": CONTACTS, "companyIds": COMPANIES, "dealIds": DEALS}
    links: Json = {name: _far(account, kind, row, to) for name, to in ends.items()}
    links |= {"ownerIds": list(owner.values()), "workflowIds": [], "ticketIds": []}
    return {"engagement": about, "associations": links, "attachments": [], "metadata": _metadata(kind, values)}


def _metadata(kind: Kind, values: Mapping[str, str]) -> Json:
    told = {name: take(values.get(of)) for name, (of, take) in _METADATA[kind.name].items()}
    return {name: value for name, value in told.items() if value is not None}


def _ms(text: str | None) -> int | None:
    return int(comparable("datetime", text)) if text else None


def _text(text: str | None) -> str | None:
    return text


def _whole(text: str | None) -> int | None:
    return int(text) if text else None


_METADATA: Mapping[str, Mapping[str, tuple[str, Callable[[str | None], object]]]] = {
    "calls": {
        "title": ("hs_call_title", _text), "body": ("hs_call_body", _text), "status": ("hs_call_status", _text),
        "durationMilliseconds": ("hs_call_duration", _whole), "disposition": ("hs_call_disposition", _text),
    },
    "meetings": {
        "title": ("hs_meeting_title", _text), "body": ("hs_meeting_body", _text),
        "startTime": ("hs_meeting_start_time", _ms), "endTime": ("hs_meeting_end_time", _ms),
        "meetingOutcome": ("hs_meeting_outcome", _text),
    },
    "emails": {
        "subject": ("hs_email_subject", _text), "text": ("hs_email_text", _text), "html": ("hs_email_html", _text),
        "status": ("hs_email_status", _text),
    },
    "notes": {"body": ("hs_note_body", _text)},
    "tasks": {
        "subject": ("hs_task_subject", _text), "body": ("hs_task_body", _text), "status": ("hs_task_status", _text),
        "taskType": ("hs_task_type", _text), "priority": ("hs_task_priority", _text),
    },
}  # fmt: skip

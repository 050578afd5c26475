"""What people did, over the API: page views, forms and their submissions, mail events, marketing events
(NOTES 87 to 93)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from werkzeug.wrappers import Request, Response

from adapters.hubspot.sandbox.account import Account
from adapters.hubspot.sandbox.answers import Json, Refusal, invalid, iso_ms, not_found, number_asked
from adapters.hubspot.sandbox.cursors import page_of
from adapters.hubspot.sandbox.doings import MAIL_TYPES, path_of
from adapters.hubspot.sandbox.values import comparable
from adapters.sandbox.server import json_response
from adapters.sandbox.state import Row

EVENT_TYPES = ("e_visited_page", "e_deal_closed", "e_submitted_form", "e_attended_marketing_event")
FORMS_PAGE, SUBMISSIONS_PAGE, MAIL_PAGE = 100, 50, 1_000


# ---- events --------------------------------------------------------------------------------------------------------


def event_types(account: Account, request: Request) -> Response:
    """GET the names, whatever the plan: that proves nothing (NOTES 87)."""
    return json_response({"eventTypes": list(EVENT_TYPES)})


def list_events(account: Account, request: Request) -> Response:
    """GET one record's events. Only Enterprise accounts may (NOTES 87)."""
    if account.options.tier != "enterprise":
        words = "This account's subscription does not include access to event data."
        raise Refusal(403, "MISSING_SCOPES", words, context={"requiredSubscription": ["enterprise"]})
    args = request.args
    if not args.get("eventType") and not args.get("objectType") and not args.get("id"):
        raise invalid("At least one of eventType, objectType or id is required")
    after, before = _moment(request, "occurredAfter", 0), _moment(request, "occurredBefore", 2**62)
    found = [e for e in _views(account, request) if after <= e[1]["at"] < before]
    found.sort(key=lambda e: (e[1]["at"], e[1]["id"]), reverse=args.get("sort") != "occurredAt")
    here, more = page_of(request, found, number_asked(request, "limit", 20, 1_000))
    return json_response({"results": [_event(contact, row) for contact, row in here], **more})


def _views(account: Account, request: Request) -> list[tuple[str, Row]]:
    """Page views, each with its contact; other kinds of events are not kept."""
    args = request.args
    if args.get("eventType") not in {None, "", "e_visited_page"} or args.get("objectType") not in {
        None,
        "",
        "contact",
        "0-1",
    }:
        return []
    visits = account.state.all("visits")
    asked = args.get("objectId")
    people = [asked] if asked else list(visits)
    return [
        (id_, row)
        for id_ in people
        if id_ in visits and account.row("contacts", id_)
        for row in visits[id_]["all"]
        if args.get("id") in {None, "", row["id"]}
    ]


def _event(contact: str, row: Row) -> Json:
    told = {"hs_url": row["url"], "hs_url_path": path_of(row["url"]), "hs_title": row["title"]}
    who = {"objectType": "CONTACT", "objectId": contact}
    return {"id": row["id"], "eventType": "e_visited_page", **who, "occurredAt": iso_ms(row["at"]), "properties": told}


def _moment(request: Request, name: str, usual: int) -> int:
    text = request.args.get(name)
    if not text:
        return usual
    try:
        return int(comparable("datetime", text))
    except ValueError:
        raise invalid(f"`{name}` is not a date and time") from None


# ---- forms ---------------------------------------------------------------------------------------------------------


def list_forms(account: Account, request: Request) -> Response:
    """GET; without `formTypes` only those of the kind `hubspot`."""
    kinds = request.args.getlist("formTypes") or ["hubspot"]
    rows = [f for f in account.state.all("forms").values() if "all" in kinds or f["formType"] in kinds]
    here, more = page_of(request, rows, number_asked(request, "limit", 20, FORMS_PAGE))
    return json_response({"results": [_form(f) for f in here], **more})


def read_form(account: Account, request: Request, id_: str) -> Response:
    row = account.state.get("forms", id_)
    if row is None:
        raise not_found()
    return json_response(_form(row))


def _form(row: Row) -> Json:
    return {k: v for k, v in row.items() if k != "path"}


def list_submissions(account: Account, request: Request, id_: str) -> Response:
    """GET, newest first, without a filter by time and without a contact's id (NOTES 88)."""
    if account.state.get("forms", id_) is None:
        raise not_found()
    rows = sorted(account.state.all(f"submissions:{id_}").items(), key=lambda pair: (-pair[1]["at"], pair[0]))
    here, more = page_of(request, rows, number_asked(request, "limit", 20, SUBMISSIONS_PAGE))
    return json_response({"results": [_submission(key, row) for key, row in here], **more})


def _submission(id_: str, row: Row) -> Json:
    told = {"submittedAt": row["at"], "values": row["values"], "pageUrl": row["url"], "pageTitle": row["title"]}
    # older forms' submissions have no id of their own
    return told if int(id_[:2], 16) % 16 == 0 else {"conversionId": id_, **told}


# ---- mail events ---------------------------------------------------------------------------------------------------


def list_mail_events(account: Account, request: Request) -> Response:
    """GET, newest first, by recipient, kind, time, mailing (NOTES 90)."""
    args = request.args
    if args.get("eventType") and args["eventType"] not in MAIL_TYPES:
        raise invalid("Unknown eventType")
    since, until = _moment(request, "startTimestamp", 0), _moment(request, "endTimestamp", 2**62)
    found = [
        (id_, row)
        for id_, row in account.state.all("mail_events").items()
        if since <= row["at"] <= until and _asked_for(args, row)
    ]
    found.sort(key=lambda pair: (-pair[1]["at"], pair[0]))
    start, size = _offset(args), number_asked(request, "limit", 10, MAIL_PAGE)
    here = found[start : start + size]
    events = [_mail_event(account, id_, row) for id_, row in here]
    more = start + size < len(found)
    return json_response({"hasMore": more, "offset": str(start + len(here)), "events": events})


def _asked_for(args: Mapping[str, str], row: Row) -> bool:
    wanted = (("recipient", "recipient"), ("eventType", "type"), ("campaignId", "campaign"))
    return all(args.get(name) in {None, "", str(row[key])} for name, key in wanted)


def _offset(args: Mapping[str, str]) -> int:
    text = args.get("offset") or "0"
    if not text.isdigit():
        raise invalid("Invalid `offset`")
    return int(text)


def _mail_event(account: Account, id_: str, row: Row) -> Json:
    told = {
        "id": id_, "type": row["type"], "created": row["at"], "recipient": row["recipient"],
        "emailCampaignId": int(row["campaign"]), "emailCampaignGroupId": int(row["campaign"]),
        "portalId": account.options.portal_id, "appId": 113, "appName": "Batch",
        "sentBy": {"id": f"sent-{row['campaign']}", "created": row["sent_at"]},
    }  # fmt: skip
    return {**told, "url": row["url"]} if row["url"] else told


def list_campaigns(account: Account, request: Request) -> Response:
    """GET the mailings, those with the latest event first; each tells its ids alone (NOTES 94)."""
    last: dict[str, int] = {}
    for event in account.state.all("mail_events").values():
        last[event["campaign"]] = max(last.get(event["campaign"], 0), event["at"])
    rows = sorted(account.state.all("campaigns").items(), key=lambda pair: (-last.get(pair[0], 0), pair[0]))
    start, size = _offset(request.args), number_asked(request, "limit", 10, MAIL_PAGE)
    here = [
        {"id": row["id"], "lastUpdatedTime": last.get(id_, 0), "appId": row["appId"], "appName": row["appName"]}
        for id_, row in rows[start : start + size]
    ]
    end = start + len(here)
    return json_response({"hasMore": end < len(rows), "offset": str(end), "campaigns": here})


def read_campaign(account: Account, request: Request, id_: str) -> Response:
    """GET a mailing by the number its events name, with how often each kind of event happened."""
    row = account.state.get("campaigns", id_)
    if row is None:
        raise not_found()
    told = Counter(e["type"].lower() for e in account.state.all("mail_events").values() if e["campaign"] == id_)
    return json_response({**row, "counters": told})


# ---- marketing events ----------------------------------------------------------------------------------------------


def list_marketing_events(account: Account, request: Request) -> Response:
    rows = list(account.state.all("marketing_events").values())
    here, more = page_of(request, rows, number_asked(request, "limit", 10, 100))
    return json_response({"results": [_marketing_event(account, row) for row in here], **more})


def read_marketing_event(account: Account, request: Request, id_: str) -> Response:
    row = account.state.get("marketing_events", id_)
    if row is None:
        raise not_found()
    return json_response(_marketing_event(account, row))


def _marketing_event(account: Account, row: Row) -> Json:
    at = iso_ms(row["at"])
    counts = _counts(account, row["id"])
    return {
        "objectId": row["id"], "externalEventId": row["external"], "eventName": row["name"], "eventType": "WEBINAR",
        "eventOrganizer": row["organizer"], "startDateTime": at, "endDateTime": iso_ms(row["at"] + 3_600_000),
        "eventCancelled": False, "eventCompleted": row["at"] <= account.now, "customProperties": [], "createdAt": at,
        "updatedAt": at, "registrants": counts["REGISTERED"], "attendees": counts["ATTENDED"],
        "cancellations": counts["CANCELLED"], "noShows": counts["NO_SHOW"],
    }  # fmt: skip


def _counts(account: Account, event: str) -> dict[str, int]:
    """How many people were last told to be in each state."""
    told = dict.fromkeys(("REGISTERED", "ATTENDED", "CANCELLED", "NO_SHOW"), 0)
    for row in account.state.all("participations").values():
        states = [p["state"] for p in row["all"] if p["event"] == event]
        if states and states[-1] in told:
            told[states[-1]] += 1
    return told


def breakdown_of_contact(account: Account, request: Request, who: str) -> Response:
    """GET how one contact, by id or address, took part (NOTES 91). Whoever took no part has an empty list."""
    row = account.by_address(who) if "@" in who else account.row("contacts", who)
    told = (account.state.get("participations", row["id"]) or {"all": []})["all"] if row else []
    return _breakdown(account, request, [(row, p) for p in told if row])


def breakdown_of_event(account: Account, request: Request, id_: str) -> Response:
    """GET how everybody took part in one event."""
    told = [
        (person, p)
        for contact, row in account.state.all("participations").items()
        if (person := account.row("contacts", contact))
        for p in row["all"]
        if p["event"] == id_
    ]
    return _breakdown(account, request, told)


def _breakdown(account: Account, request: Request, told: Sequence[tuple[Row, Row]]) -> Response:
    state = request.args.get("state")
    found = [pair for pair in told if state in {None, "", pair[1]["state"]}]
    here, more = page_of(request, found, number_asked(request, "limit", 10, 100))
    results = [_participation(account, person, p) for person, p in here]
    return json_response({"total": len(found), "results": results, **more})


def _participation(account: Account, person: Row, row: Row) -> Json:
    event = account.state.all("marketing_events")[row["event"]]
    contact = {"contactId": person["id"], "email": person["values"].get("email", "")}
    # documented as ISO text, declared as a whole number: the number it is here (NOTES 91)
    properties: Json = {"attendanceState": row["state"], "occurredAt": row["at"]}
    if row["state"] == "ATTENDED":
        properties |= {"attendanceDurationSeconds": 2_700, "attendancePercentage": "0.75"}
    about = {"marketingEventId": event["id"], "externalEventId": event["external"], "name": event["name"]}
    links = {"contact": contact, "marketingEvent": about}
    return {"id": row["id"], "createdAt": iso_ms(row["at"]), "associations": links, "properties": properties}

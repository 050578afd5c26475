"""Fields that Salesforce fills from others: names, closed and won, responded, converted."""

from __future__ import annotations

from typing import Any

from adapters.sandbox.state import Row

CLOSED_STAGES = {"Closed Won": True, "Closed Lost": False}


def derived(object: str, row: Row, today: str, now: str) -> Row:
    """The row with what follows from it. `today` and `now` as Salesforce writes them."""
    more = _RULES.get(object)
    return {**row, **more(row, today, now)} if more else dict(row)


def _person(row: Row, today: str, now: str) -> dict[str, Any]:
    # a Japanese org writes the family name first
    name = " ".join(part for part in (row.get("LastName"), row.get("FirstName")) if part)
    return {"Name": name}


def _task(row: Row, today: str, now: str) -> dict[str, Any]:
    closed = row.get("Status") == "Completed"
    done = row.get("CompletedDateTime") or now if closed else None
    return {"IsClosed": closed, "CompletedDateTime": done, "TaskSubtype": row.get("TaskSubtype") or "Task"}


def _event(row: Row, today: str, now: str) -> dict[str, Any]:
    starts = row.get("ActivityDateTime") or row.get("StartDateTime")
    return {
        "ActivityDateTime": starts,
        "StartDateTime": row.get("StartDateTime") or starts,
        "ActivityDate": row.get("ActivityDate") or (starts[:10] if starts else None),
        "EventSubtype": row.get("EventSubtype") or "Event",
    }


def _member(row: Row, today: str, now: str) -> dict[str, Any]:
    responded = row.get("Status") in {"Responded", "Attended", "Registered"}
    first = row.get("FirstRespondedDate") or today if responded else row.get("FirstRespondedDate")
    return {"HasResponded": responded, "FirstRespondedDate": first}


def _deal(row: Row, today: str, now: str) -> dict[str, Any]:
    won = CLOSED_STAGES.get(row.get("StageName") or "")
    return {"IsClosed": won is not None, "IsWon": won is True}


def _mail(row: Row, today: str, now: str) -> dict[str, Any]:
    return {"IsOpened": bool(row.get("FirstOpenedDate"))}


_RULES = {
    "Lead": _person, "Contact": _person, "User": _person, "Task": _task, "Event": _event, "CampaignMember": _member,
    "Opportunity": _deal, "EmailMessage": _mail,
}  # fmt: skip

"""Single records, and the lists of what was updated or deleted (NOTES 29, 52, 64, 65)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from werkzeug.wrappers import Request, Response

from adapters.salesforce.sandbox.answers import Refused, Trouble, json_answer, no_content, object_body, refused
from adapters.salesforce.sandbox.ids import whole_id
from adapters.salesforce.sandbox.org import USER_ID, Org
from adapters.salesforce.sandbox.query import attributes, shown
from adapters.salesforce.sandbox.rows import current, delete, insert, update, visible
from adapters.salesforce.sandbox.stamps import days_before, stamp
from adapters.salesforce.sandbox.write import call_of, changed, created, target, unknown_field
from adapters.sandbox.state import Row
from connector.instants import MINUTE, SECOND, Instant, instant_of

REPLICATION_DAYS = 30


def known_object(org: Org, name: str) -> str:
    """The object's name as written. Raises Refused when there is none."""
    found = org.schema.object(name)
    if found is None:
        raise refused(404, "NOT_FOUND", "The requested resource does not exist")
    return found


def get_one(org: Org, request: Request, version: str, name: str, id_: str) -> Response:
    """`GET sobjects/{object}/{id}`"""
    found = known_object(org, name)
    row = _row(org, found, id_)
    asked = request.args.get("fields")
    wanted = asked.split(",") if asked else list(org.schema.seen[found])
    return json_answer(shown_row(org, found, row, wanted, version))


def shown_row(org: Org, name: str, row: Row, wanted: Sequence[str], version: str) -> dict[str, Any]:
    """A row as the API shows it: the fields asked for, of those the user sees."""
    record: dict[str, Any] = {"attributes": attributes(name, row["Id"], version)}
    for field_name in wanted:
        field = org.schema.find(name, field_name)
        if field is None:
            raise refused(400, "INVALID_FIELD", f"No such column '{field_name}' on sobject of type {name}")
        record[field.name] = shown(field, row.get(field.name, field.blank), row)
    return record


def _row(org: Org, name: str, given: str) -> Row:
    id_ = whole_id(given)
    row = current(org, name, id_) if id_ else None
    if row is None:
        if id_ is None and given.isalnum() and len(given) in {15, 18}:
            raise refused(400, "MALFORMED_ID", f"{name} ID: id value of incorrect type: {given}", ["Id"])
        raise refused(404, "NOT_FOUND", "The requested resource does not exist")
    if row.get("IsDeleted"):
        raise refused(404, "ENTITY_IS_DELETED", "entity is deleted", [])
    return row


def patch_one(org: Org, request: Request, version: str, name: str, id_: str) -> Response:
    """`PATCH sobjects/{object}/{id}`: 204 and no body."""
    found = known_object(org, name)
    body = object_body(request)
    unknown = unknown_field(org, found, body)
    if unknown:
        raise Refused(400, unknown)
    if any(key.lower() == "id" for key in body):
        message = "The Id field should not be specified in the sobject data."
        raise refused(400, "INVALID_FIELD", message, ["Id"])
    row = _row(org, found, id_)
    outcome = changed(org, call_of(request), found, row["Id"], body)
    if isinstance(outcome, Trouble):
        raise Refused(400, outcome)
    update(org, found, [(row["Id"], outcome)], USER_ID)
    return no_content()


def post_one(org: Org, request: Request, version: str, name: str) -> Response:
    """`POST sobjects/{object}`"""
    found = known_object(org, name)
    body = object_body(request)
    unknown = unknown_field(org, found, body)
    outcome = unknown or created(org, call_of(request), found, body)
    if isinstance(outcome, Trouble):
        raise Refused(400, outcome)
    return json_answer({"id": insert(org, found, outcome, USER_ID), "success": True, "errors": []}, 201)


def delete_one(org: Org, request: Request, version: str, name: str, id_: str) -> Response:
    """`DELETE sobjects/{object}/{id}`"""
    found = known_object(org, name)
    row = _row(org, found, id_)
    outcome = target(org, found, row["Id"])
    if isinstance(outcome, Trouble):
        raise Refused(400, outcome)
    delete(org, found, outcome, USER_ID)
    return no_content()


# ---- what was updated or deleted -------------------------------------------------------------------------------------


def updated(org: Org, request: Request, version: str, name: str) -> Response:
    """`GET sobjects/{object}/updated`"""
    found = known_object(org, name)
    low, high = _range(org, request)
    ids = [row["Id"] for row in visible(org, found) if low <= row["SystemModstamp"] < high]
    return json_answer({"ids": ids, "latestDateCovered": _covered(org, high)})


def deleted(org: Org, request: Request, version: str, name: str) -> Response:
    """`GET sobjects/{object}/deleted`"""
    found = known_object(org, name)
    low, high = _range(org, request)
    rows = [r for r in visible(org, found, everything=True) if r.get("IsDeleted") and low <= r["SystemModstamp"] < high]
    told = {
        "deletedRecords": [{"id": r["Id"], "deletedDate": r["SystemModstamp"]} for r in rows],
        "earliestDateAvailable": stamp(days_before(org.now(), 15)),
        "latestDateCovered": _covered(org, high),
    }
    return json_answer(told)


def _range(org: Org, request: Request) -> tuple[str, str]:
    low, high = (_moment(request.args.get(name, "")) for name in ("start", "end"))
    if low >= high:
        message = "startDate must be before endDate"
    elif low < days_before(org.now(), REPLICATION_DAYS):
        message = "startDate cannot be more than 30 days ago"
    elif high - low < MINUTE:
        message = "endDate must be at least one minute greater than startDate"
    else:
        return stamp(low), stamp(high)
    raise refused(400, "INVALID_REPLICATION_DATE", message)


def _moment(text: str) -> Instant:
    try:
        moment = datetime.fromisoformat(text.replace(" ", "+"))
        return instant_of(moment)
    except ValueError:
        raise refused(400, "INVALID_REPLICATION_DATE", f"not a date with a zone: {text}") from None


def _covered(org: Org, high: str) -> str:
    """Transactions that are still open hold it back (NOTES 29)."""
    return min(high, stamp(org.now() - int(max(org.lag, 1.0) * SECOND)))

"""`composite/sobjects`: up to 200 records in one call, each answered in its place (NOTES 57-63)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Literal

from werkzeug.wrappers import Request, Response

from adapters.salesforce.sandbox.answers import Refused, Trouble, json_answer, object_body, refused, shuffled
from adapters.salesforce.sandbox.ids import object_of, whole_id
from adapters.salesforce.sandbox.org import USER_ID, Org
from adapters.salesforce.sandbox.records import shown_row
from adapters.salesforce.sandbox.rows import current, delete, insert, update
from adapters.salesforce.sandbox.write import Call, call_of, changed, created, target, unknown_field
from adapters.sandbox.state import Row

MOST_RECORDS = 200
MOST_CHUNKS = 10
ROLLED_BACK = Trouble(
    "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    "Record rolled back because not all records were valid and the request was using AllOrNone header",
    (),
)


@dataclass(frozen=True, slots=True)
class Item:
    """A record of the call, and what becomes of it: the fields to store, or why not."""

    object: str
    id: str | None
    outcome: Row | Trouble


def update_many(org: Org, request: Request, version: str) -> Response:
    """`PATCH composite/sobjects`"""
    return _many(org, request, "update")


def create_many(org: Org, request: Request, version: str) -> Response:
    """`POST composite/sobjects`"""
    return _many(org, request, "create")


def _many(org: Org, request: Request, deed: Literal["update", "create"]) -> Response:
    body = object_body(request)
    records = body.get("records")
    if not isinstance(records, list) or not all(isinstance(r, dict) for r in records):
        raise refused(400, "JSON_PARSER_ERROR", "The records must be a list of objects")
    names = _objects(org, records)
    call = call_of(request)
    items = [_item(org, call, deed, name, record) for name, record in zip(names, records, strict=True)]
    items = _once(items)
    if body.get("allOrNone") is True and any(isinstance(i.outcome, Trouble) for i in items):
        items = [Item(i.object, i.id, i.outcome if isinstance(i.outcome, Trouble) else ROLLED_BACK) for i in items]
    return json_answer([_told(i) for i in _written(org, items)])


def _objects(org: Org, records: Sequence[dict[str, Any]]) -> list[str]:
    """The object of each record. Raises Refused for a call that is malformed as a whole (NOTES 57, 62)."""
    if len(records) > MOST_RECORDS:
        message = "record limit reached. cannot submit more than 200 records into this call"
        raise refused(400, "EXCEEDED_ID_LIMIT", message)
    names: list[str] = []
    for record in records:
        given = (record.get("attributes") or {}).get("type")
        name = org.schema.object(str(given)) if given else None
        if name is None:
            if given:
                raise refused(400, "INVALID_TYPE", f"sObject type '{given}' is not supported.")
            raise refused(400, "INVALID_FIELD", "Missing entity type information.")
        names.append(name)
    if sum(1 for _ in groupby(names)) > MOST_CHUNKS:
        message = "Cannot have more than 10 chunks in a single operation. Please rearrange the data to reduce chunking."
        raise refused(400, "LIMIT_EXCEEDED", message)
    return names


def _item(org: Org, call: Call, deed: str, name: str, record: dict[str, Any]) -> Item:
    given = next((value for key, value in record.items() if key.lower() == "id"), None)
    unknown = unknown_field(org, name, record)
    if unknown:
        if org.options.bad_field == "call":
            raise Refused(400, unknown)
        return Item(name, None, unknown)
    fields = {k: v for k, v in record.items() if k.lower() not in {"attributes", "id"}}
    if deed == "create":
        return Item(name, None, created(org, call, name, fields))
    id_ = target(org, name, given)
    if isinstance(id_, Trouble):
        return Item(name, None, id_)
    return Item(name, id_, changed(org, call, name, id_, fields))


def _once(items: Sequence[Item]) -> list[Item]:
    """The same id twice in a call is refused the second time (NOTES 59)."""
    told: set[str] = set()
    kept: list[Item] = []
    for item in items:
        twice = item.id in told and isinstance(item.outcome, dict)
        trouble = Trouble("DUPLICATE_VALUE", f"Duplicate id in list: {item.id}", ())
        kept.append(Item(item.object, item.id, trouble) if twice else item)
        told.update([item.id] if item.id else [])
    return kept


def _written(org: Org, items: Sequence[Item]) -> list[Item]:
    """Write what is to be written; new rows get their ids."""
    with org.state:
        for name in dict.fromkeys(i.object for i in items):
            changes = [(i.id, i.outcome) for i in items if i.object == name and i.id and isinstance(i.outcome, dict)]
            if changes:
                update(org, name, changes, USER_ID)
        return [
            Item(i.object, insert(org, i.object, i.outcome, USER_ID), i.outcome)
            if i.id is None and isinstance(i.outcome, dict)
            else i
            for i in items
        ]


def _told(item: Item) -> dict[str, Any]:
    """A failed record may come without its id: here it always does, so that only its place tells (NOTES 60)."""
    if isinstance(item.outcome, Trouble):
        return shuffled({"success": False, "errors": [item.outcome.row()]})
    return shuffled({"id": item.id, "success": True, "errors": []})


def delete_many(org: Org, request: Request, version: str) -> Response:
    """`DELETE composite/sobjects?ids=…`"""
    ids = [one for one in request.args.get("ids", "").split(",") if one]
    if len(ids) > MOST_RECORDS:
        raise refused(400, "EXCEEDED_ID_LIMIT", "record limit reached. cannot submit more than 200 records")
    return json_answer([_deleted(org, one) for one in ids])


def _deleted(org: Org, given: str) -> dict[str, Any]:
    name = org.schema.object(object_of(given) or "") or "Lead"
    id_ = target(org, name, given)
    if isinstance(id_, Trouble):
        return shuffled({"success": False, "errors": [id_.row()]})
    delete(org, name, id_, USER_ID)
    return {"id": id_, "success": True, "errors": []}


def retrieve_many(org: Org, request: Request, version: str, name: str) -> Response:
    """`GET` and `POST composite/sobjects/{object}`: rows by id, null for those that are not there."""
    found = org.schema.object(name)
    if found is None:
        raise refused(404, "NOT_FOUND", "The requested resource does not exist")
    body = object_body(request) if request.method == "POST" else {}
    ids = body.get("ids") or request.args.get("ids", "").split(",")
    wanted = body.get("fields") or request.args.get("fields", "Id").split(",")
    rows = [current(org, found, whole_id(i) or "") for i in ids]
    return json_answer(
        [shown_row(org, found, r, wanted, version) if r and not r.get("IsDeleted") else None for r in rows]
    )

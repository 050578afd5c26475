"""Rows: what can be seen of them now, and how they are written, stamped and deleted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from adapters.salesforce.sandbox.derived import derived
from adapters.salesforce.sandbox.ids import new_ids, object_of
from adapters.salesforce.sandbox.org import ADMIN_ID, Org
from adapters.salesforce.sandbox.stamps import day, days_before, stamp
from adapters.sandbox.state import Row
from connector.instants import SECOND, Instant

BIN_DAYS = 15
"""How long a deleted row stays in the recycle bin (NOTES 28)."""
ARCHIVE_DAYS = 365
ACTIVITIES = frozenset({"Task", "Event"})
STAMPS = frozenset({"CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById", "SystemModstamp"})


def visible(org: Org, object: str, *, everything: bool = False) -> list[Row]:
    """An object's rows as a query sees them now; with the deleted and archived ones for `everything` (NOTES 28)."""
    now = org.now()
    bin_ends, archived_before = stamp(days_before(now, BIN_DAYS)), day(days_before(now, ARCHIVE_DAYS))
    found: list[Row] = []
    for stored in list(org.state.all(object).values()):
        row: Row | None = stored
        if "_at" in stored:
            row = _committed(stored, now)
        if row is None or row.get("Id") in org.memory.unshared:
            continue
        if row.get("IsDeleted") and (not everything or row["SystemModstamp"] < bin_ends):
            continue
        if object in ACTIVITIES and _archived(object, row, archived_before):
            if not everything:
                continue
            row = row | {"IsArchived": True}
        found.append(row)
    return found


def current(org: Org, object: str, id_: str) -> Row | None:
    """One row as a call sees it now, deleted ones included."""
    row = None if id_ in org.memory.unshared else org.state.get(object, id_)
    if row and "_at" in row:
        row = _committed(row, org.now())
    if row and object in ACTIVITIES and _archived(object, row, day(days_before(org.now(), ARCHIVE_DAYS))):
        row = row | {"IsArchived": True}
    return row


def anything(org: Org, id_: str | None) -> tuple[str, Row] | None:
    """The row behind a lookup, whatever object it belongs to."""
    if not id_:
        return None
    name = object_of(id_) or next((n for n in org.state.all("CustomObject") if org.state.get(n, id_)), None)
    row = current(org, name, id_) if name else None
    return (name, row) if name and row else None


def _committed(stored: Row, now: Instant) -> Row | None:
    """A row whose transaction is still open shows what stood there before (NOTES 43)."""
    return stored if stored["_at"] <= now else stored["_before"]


def _archived(object: str, row: Row, before: str) -> bool:
    over: str = row.get("ActivityDate") or (row.get("EndDateTime") or "9999")[:10]
    return over < before and (object == "Event" or bool(row.get("IsClosed")))


def insert(org: Org, object: str, fields: Mapping[str, Any], by: str = ADMIN_ID, at: Instant | None = None) -> str:
    """A new row; returns its id. No rule is asked: whoever writes through the API has been checked before."""
    with org.state:
        (id_,) = new_ids(org.state, object)
        created = stamp(org.now() if at is None else at)
        row = {"Id": id_, "CreatedDate": created, "CreatedById": by, **fields}
        _write(org, object, [(id_, None, row)], by)
    return id_


def update(org: Org, object: str, changes: Sequence[tuple[str, Mapping[str, Any]]], by: str = ADMIN_ID) -> None:
    """Change rows. Any accepted write moves the stamps, also one that changes no value (NOTES 45)."""
    with org.state:
        rows: dict[str, tuple[str, Row | None, Row]] = {}
        for id_, fields in changes:
            old = rows[id_][2] if id_ in rows else org.state.all(object)[id_]
            first = rows[id_][1] if id_ in rows else old
            rows[id_] = (id_, first, {**old, **fields})
        _write(org, object, list(rows.values()), by)


def delete(org: Org, object: str, id_: str, by: str = ADMIN_ID, **fields: Any) -> None:
    """Into the recycle bin."""
    update(org, object, [(id_, {"IsDeleted": True, **fields})], by)


def _write(org: Org, object: str, rows: Sequence[tuple[str, Row | None, Row]], by: str) -> None:
    at = org.now()
    told = {"LastModifiedDate": stamp(at), "LastModifiedById": by, "SystemModstamp": stamp(at)}
    put: list[tuple[str, Row]] = []
    for id_, old, new in rows:
        row = derived(object, new | told, day(at), stamp(at))
        row.pop("_at", None)
        row.pop("_before", None)
        if org.lag:
            row["_at"] = at + int(org.lag * SECOND)
            row["_before"] = _committed(old, at) if old and "_at" in old else old
        put.append((id_, {name: value for name, value in row.items() if value is not None or name == "_before"}))
    org.state.put_many(object, put)

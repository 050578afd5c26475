"""What CRM and store hold once all is done, put so that two ways to the same end can be compared: by natural keys, and
without what says when or by which run something came about."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Table, delete, inspect, select, text

from adapters.sandbox.state import State
from connector.instants import Instant
from connector.model import Value
from connector.store.codec import standing_of
from connector.store.database import open_engine
from connector.store.inputs import Place, Places, add_column, facts_with, inputs_in, known_of, places_of
from connector.store.tables import (
    METADATA,
    activity,
    activity_past,
    book,
    connection,
    dirty,
    facts,
    held,
    history,
    lead,
    lead_past,
    outcome,
    pending,
    run,
    score,
    source,
    staged,
    wording,
)  # fmt: skip

VOLATILE = ("history:", "session", "counter", "account", "job", "Job", "outcome", "upload", "access", "token")
"""Kinds of sandbox rows that count calls or keep stamps."""
WITHOUT_IDS = ("CustomField", "FieldPermissions", "lists", "definitions:", "PermissionSet", "memberships")
STAMPS = {
    "SystemModstamp", "LastModifiedDate", "LastModifiedById", "lastmodifieddate", "hs_lastmodifieddate", "updated",
    "touched", "updatedAt", "createdAt", "CreatedDate", "created", "Leadheat_Scored_At__c", "Leadheat_Hot_Since__c",
    "leadheat_scored_at", "leadheat_hot_since", "Id", "id", "ParentId", "listId", "processed", "createdate",
}  # fmt: skip


def crm_story(state: State) -> dict[str, Any]:
    """Every row of the CRM, ours among them, but for stamps; what has ids of no meaning as a bag of rows."""
    told: dict[str, Any] = {}
    for kind in sorted(state._rows):
        rows = state.all(kind)
        if kind.startswith(VOLATILE) or not rows:
            continue
        plain = {id_: _plain(row) for id_, row in rows.items()}
        told[kind] = Counter(map(_line, plain.values())) if kind.startswith(WITHOUT_IDS) else plain
    return told


def _plain(row: Mapping[str, Any]) -> Any:
    if not isinstance(row, Mapping):
        return row
    return {k: _plain(v) for k, v in sorted(row.items()) if k not in STAMPS}


def _line(row: Any) -> str:
    return json.dumps(row, ensure_ascii=False, sort_keys=True)


# ---- the store -------------------------------------------------------------------------------------------------------


def store_story(url: str) -> dict[str, Any]:
    """Everything the store holds of people, by their names; of runs only that none is left open."""
    engine = open_engine(url)
    with engine.connect() as conn:
        told = _store_story(conn)
    engine.dispose()
    return told


def _store_story(conn: Connection) -> dict[str, Any]:
    names = {r.id: f"{r.object}/{r.ext_id}" for r in conn.execute(select(lead))}
    sources = {r.id: r.name for r in conn.execute(select(source))}
    books = {r.id: r.digest for r in conn.execute(select(book))}
    words = {r.id: (sources[r.source], r.words, r.dated, r.reading) for r in conn.execute(select(wording))}

    def by_lead(table: Table) -> dict[str, Any]:
        return {names[r.lead]: r for r in conn.execute(select(table))}

    read = what_was_read(conn)
    return {
        "people": {names[r.id]: _person(r, names, read) for r in conn.execute(select(lead))},
        "past": Counter((names[r.lead], r.inputs) for r in conn.execute(select(lead_past))),
        "held": {n: _unstamped(json.loads(r.fields)) for n, r in by_lead(held).items()},
        "activities": Counter(_deed(r, names, words) for r in conn.execute(select(activity))),
        "past activities": Counter(_deed(r, names, words) for r in conn.execute(select(activity_past))),
        "outcomes": Counter((names[r.lead], sources[r.source], r.ext_id, r.outcome, r.told)
                            for r in conn.execute(select(outcome))),
        "scores": {n: (r.points, r.axes, _standing(r.standing), r.hot, r.ledger, books.get(r.book))
                   for n, r in by_lead(score).items()},
        "history": _history(conn, names, books),
        "unfinished": sorted(names[r.lead] for t in (dirty, pending, staged) for r in conn.execute(select(t))),
        "books": {r.digest: r.text for r in conn.execute(select(book))},
        "running": conn.execute(select(run.c.id).where(run.c.status == "running")).all(),
        "connections": {r.name: (r.mapping, r.holder) for r in conn.execute(select(connection))},
    }  # fmt: skip


def _person(row: Any, names: Mapping[int, str], read: Mapping[int, Any]) -> tuple[Any, ...]:
    fields = None if row.fields is None else _line(_unstamped(json.loads(row.fields)))
    return row.status, fields, read.get(row.id), names.get(row.successor)


def what_was_read(conn: Connection) -> dict[int, tuple[Instant | None, dict[str, Value] | None]]:
    """By lead's number, when it was created and its inputs."""
    places = places_of(conn)
    told = known_of(conn, places, conn.execute(select(lead.c.id)).scalars())
    return {n: (k.created_at, None if k.cells is None else inputs_in(places, k.cells)) for n, k in told.items()}


def _unstamped(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in fields.items() if k not in STAMPS}


def _deed(row: Any, names: Mapping[int, str], words: Mapping[int, Any]) -> tuple[Any, ...]:
    return names[row.lead], row.occurred_at, words[row.wording]


def _standing(text_: str) -> tuple[Any, ...]:
    told = standing_of(text_)
    return told.state, told.hot_since is not None, told.hot_number, told.handoff_number, told.by_change


def _history(conn: Connection, names: Mapping[int, str], books: Mapping[int, str]) -> dict[str, list[Any]]:
    told: dict[str, list[Any]] = {}
    for r in conn.execute(select(history).order_by(history.c.lead, history.c.as_of)):
        one = (r.points, r.axes, _standing(r.standing), r.ledger, books.get(r.book))
        told.setdefault(names[r.lead], []).append(one)
    return told


# ---- a PostgreSQL database, put aside and back -----------------------------------------------------------------------


def all_rows(url: str) -> dict[str, list[dict[str, Any]]] | None:
    """Every row by table; None while there are no tables."""
    engine = open_engine(url)
    with engine.connect() as conn:
        there = inspect(conn).has_table("schema_version")
        tables = _tables(places_of(conn)) if there else ()
        found = {t.name: [dict(r) for r in conn.execute(select(t)).mappings()] for t in tables}
    engine.dispose()
    return found if there else None


def put_rows(url: str, rows: Mapping[str, list[dict[str, Any]]] | None) -> None:
    """The database as it was when `all_rows` saw it."""
    engine = open_engine(url)
    with engine.begin() as conn:
        if rows is None:
            conn.execute(text("DROP SCHEMA public CASCADE"))
            conn.execute(text("CREATE SCHEMA public"))
        places = tuple(Place(row["id"], row["name"], row["kind"]) for row in rows["input"]) if rows is not None else ()
        if rows is not None:
            _rebuild(conn, places)
        for table in _tables(places) if rows is not None else ():
            conn.execute(delete(table))
            if rows and rows[table.name]:
                conn.execute(table.insert(), rows[table.name])
            if [c.name for c in table.primary_key] == ["id"]:
                conn.execute(text(f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), "
                                  f"coalesce((SELECT max(id) FROM {table.name}), 0) + 1, false)"))  # fmt: skip
    engine.dispose()


def _tables(places: Places) -> list[Table]:
    """All of them, with the columns that follow the mapping."""
    return [facts_with(places) if table is facts else table for table in METADATA.sorted_tables]


def _rebuild(conn: Connection, places: Places) -> None:
    """Exactly these columns of inputs."""
    for column in inspect(conn).get_columns("facts"):
        if column["name"] not in facts.c:
            conn.execute(text(f"ALTER TABLE facts DROP COLUMN {column['name']}"))
    for place in places:
        add_column(conn, place)

"""Keeping what a pass read, a page at a time: each page is one transaction, its cursor in the same."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, select, update

from connector.model import Event, Record, Ref, Reject, Run
from connector.ports import Facts, Page
from connector.store.codec import message_text, raws_of
from connector.store.database import Database, upsert
from connector.store.extents import take_back
from connector.store.inputs import make_room, places_of
from connector.store.outcomes import keep_outcomes
from connector.store.people import Saving, find_ids, in_, keep_people, keep_sweep, mark_dirty
from connector.store.purge import without_purged
from connector.store.runs import renew
from connector.store.tables import connection, lead, reject
from connector.store.tables import facts as known
from connector.store.timeline import keep_activities


def keep(db: Database, run: Run, page: Page, facts: Facts) -> None:
    """See `Store.keep`."""
    make_room(db, facts.leads)
    with db.writing() as conn:
        saving = saving_of(db, conn, run)
        page, facts = without_purged(conn, saving.connection, page, facts)
        ids = save_facts(saving, page.records, page.events, facts)
        take_back(saving, page.extents)
        keep_sweep(saving, page.sweep, page.records, ids)
        mark_dirty(saving)
        save_rejects(conn, run, [*page.rejects, *facts.rejects])
        if page.cursor:
            conn.execute(update(connection).where(connection.c.id == saving.connection).values(cursor=page.cursor))


def saving_of(db: Database, conn: Connection, run: Run) -> Saving:
    """What this transaction saves for the run. Raises StoreError when the run no longer holds the connection."""
    mine, seq = renew(conn, db.now(), run)
    return Saving(conn, mine, run.id, seq, places_of(conn))


def save_facts(saving: Saving, records: Sequence[Record], events: Sequence[Event], facts: Facts) -> dict[Ref, int]:
    """Save people, then what they did, then what became of them. Returns everybody's number."""
    ids = keep_people(saving, records, facts.leads, _others(records, facts))
    keep_activities(saving, facts.activities, events, ids)
    keep_outcomes(saving, facts.outcomes, events, ids)
    return ids


def _others(records: Sequence[Record], facts: Facts) -> Iterable[Ref]:
    """Everybody who is told of without a record of their own."""
    yield from (r.successor for r in records if r.successor is not None)
    yield from (f.person for f in facts.activities)
    yield from (f.person for f in facts.outcomes)


def save_rejects(conn: Connection, run: Run, rejects: Sequence[Reject]) -> None:
    """Keep a run's rejects; the same one told twice is one."""
    rows = {
        (r.ref.object, r.ref.id, r.code): {
            "run": run.id, "object": r.ref.object, "ext_id": r.ref.id, "code": r.code, "why": message_text(r.why),
            "fix": message_text(r.fix) if r.fix else None,
        }
        for r in rejects
    }  # fmt: skip
    upsert(conn, reject, [rows[key] for key in sorted(rows)])


def complete(db: Database, run: Run, page: Page) -> Page:
    """See `Store.complete`."""
    partial = [r for r in page.records if r.partial and r.gone is None]
    if not partial:
        return page
    with db.reading() as conn:
        mine = conn.execute(select(connection.c.id).where(connection.c.name == run.connection)).scalar_one()
        ids = find_ids(conn, mine, (r.ref for r in partial))
        told = select(lead.c.id, lead.c.fields, known.c.created_at).join(known, known.c.lead == lead.c.id)
        rows = {row.id: row for row in in_(conn, told, lead.c.id, ids.values())}
    return replace(page, records=[_whole(r, rows.get(ids.get(r.ref, -1))) for r in page.records])


def _whole(record: Record, row: Any) -> Record:
    if not record.partial or record.gone is not None or row is None or row.fields is None:
        return record
    created = row.created_at if record.created_at is None else record.created_at
    return replace(record, fields={**raws_of(row.fields), **record.fields}, created_at=created, partial=False)

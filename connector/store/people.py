"""Leads as kept: who they are, what is known of them, who is gone, and who is due because something changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Table, and_, bindparam, delete, or_, select, update

from connector.model import Record, Ref
from connector.ports import LeadFacts, Sweep
from connector.store.codec import alike, dumps, inputs_text, raws_of
from connector.store.database import Row, chunks, insert_many, upsert
from connector.store.tables import HERE, UNSEEN, dirty, held, lead, lead_past, pending, score, seen, sweep


@dataclass(frozen=True, slots=True)
class Saving:
    """One transaction of one run: its connection's number, its run, and its sequence number. `touched` gathers the
    leads that become due by it."""

    conn: Connection
    connection: int
    run: int
    seq: int
    touched: set[int] = field(default_factory=set)


def in_(conn: Connection, statement: Any, column: Any, values: Iterable[Any]) -> list[Any]:
    """The rows of a statement whose column is among the values, however many these are."""
    found: list[Any] = []
    for part in chunks(sorted(set(values))):
        found += conn.execute(statement.where(column.in_(part))).all()
    return found


def find_ids(conn: Connection, connection: int, refs: Iterable[Ref]) -> dict[Ref, int]:
    """The numbers of the leads that are known."""
    by_object: dict[str, dict[str, Ref]] = defaultdict(dict)
    for ref in refs:
        by_object[ref.object][ref.id] = ref
    found: dict[Ref, int] = {}
    for object_, wanted in by_object.items():
        known = select(lead.c.id, lead.c.ext_id).where(lead.c.connection == connection, lead.c.object == object_)
        found |= {wanted[row.ext_id]: row.id for row in in_(conn, known, lead.c.ext_id, wanted)}
    return found


def number(saving: Saving, refs: Iterable[Ref]) -> tuple[dict[Ref, int], set[int]]:
    """The numbers of leads; who is unknown is given one, unseen so far. The second part is the new numbers."""
    wanted = set(refs)
    known = find_ids(saving.conn, saving.connection, wanted)
    new = sorted(wanted - known.keys())
    if not new:
        return known, set()
    blank = [{"connection": saving.connection, "object": r.object, "ext_id": r.id, "status": UNSEEN} for r in new]
    insert_many(saving.conn, lead, blank)
    made = find_ids(saving.conn, saving.connection, new)
    return known | made, set(made.values())


def keep_people(saving: Saving, records: Sequence[Record], facts: Sequence[LeadFacts], ids: Mapping[Ref, int]) -> None:
    """Save records and what was read from them. A record told twice counts as told last; one that could not be read
    keeps what was read from it before."""
    last = {r.ref: r for r in records}
    read = {f.record.ref: f for f in facts if f.record.gone is None}
    here = {ids[ref]: r for ref, r in last.items() if r.gone is None}
    before = {row.id: row for row in in_(saving.conn, select(lead), lead.c.id, here)}
    changes = [c for number, r in sorted(here.items()) if (c := _change(saving, before[number], r, read.get(r.ref)))]
    _learn(saving, changes, before)
    _keep_held(saving, {ids[ref]: f for ref, f in read.items()})
    _depart(saving, {ids[ref]: r for ref, r in last.items() if r.gone is not None}, ids)


def _change(saving: Saving, row: Any, record: Record, read: LeadFacts | None) -> dict[str, Any] | None:
    """The lead's new columns, or None when nothing differs. A mapping may know of a creation the record keeps still."""
    created = read.record.created_at if read else record.created_at
    new = {
        "status": HERE if read else row.status if row.status == HERE else UNSEEN,
        "created_at": row.created_at if created is None else created,
        "modified_at": record.modified_at,
        "fields": dumps(dict(record.fields)),
        "inputs": inputs_text(read.inputs) if read else row.inputs,
        "successor": None,
        "gone_run": None,
    }
    if all(getattr(row, name) == value for name, value in new.items()):
        return None
    same = (row.inputs, row.created_at, row.status) == (new["inputs"], new["created_at"], new["status"])
    if not same and new["status"] == HERE:
        saving.touched.add(row.id)
    learnt = row.learnt if same or new["inputs"] is None else saving.run
    return {"lead_id": row.id, "learnt": learnt, **new}


def _learn(saving: Saving, changes: Sequence[Row], before: Mapping[int, Any]) -> None:
    """Update leads; the version that stood until now moves to the past, unless this very run had learnt it."""
    if not changes:
        return
    past = [
        {"lead": row.id, "until": saving.run, "learnt": row.learnt, "created_at": row.created_at, "inputs": row.inputs}
        for change in changes
        if (row := before[change["lead_id"]]).inputs is not None
        and row.learnt != saving.run
        and (row.inputs, row.created_at) != (change["inputs"], change["created_at"])
    ]
    upsert(saving.conn, lead_past, past)
    names = [name for name in changes[0] if name != "lead_id"]
    statement = update(lead).where(lead.c.id == bindparam("lead_id")).values({n: bindparam(n) for n in names})
    saving.conn.execute(statement, [dict(c) for c in changes])


def _keep_held(saving: Saving, facts: Mapping[int, LeadFacts]) -> None:
    """What the CRM says our fields hold. Our own write, echoed in the CRM's way of putting things, is no news."""
    known = {row.lead: raws_of(row.fields) for row in in_(saving.conn, select(held), held.c.lead, facts)}
    news: list[Row] = []
    for number, read in sorted(facts.items()):
        before, now = known.get(number), dict(read.held)
        if before is None or before.keys() != now.keys() or not all(alike(before[n], now[n]) for n in now):
            news.append({"lead": number, "fields": dumps(now)})
            saving.touched.add(number)
    upsert(saving.conn, held, news)


# ---- the gone --------------------------------------------------------------------------------------------------------


def _depart(saving: Saving, gone: Mapping[int, Record], ids: Mapping[Ref, int]) -> None:
    """Mark people as gone and name who carries on. The successor becomes due, because it inherits what they did."""
    rows = {row.id: row for row in in_(saving.conn, select(lead), lead.c.id, gone)}
    heirs = {n: _heir(saving, n, ids[r.successor]) if r.successor else None for n, r in gone.items()}
    news = [n for n, r in gone.items() if (rows[n].status, rows[n].successor) != (r.gone, heirs[n])]
    if not news:
        return
    left = update(lead).where(lead.c.id == bindparam("lead_id"))
    values = {"status": bindparam("why"), "successor": bindparam("heir"), "gone_run": saving.run}
    saving.conn.execute(left.values(values), [{"lead_id": n, "why": gone[n].gone, "heir": heirs[n]} for n in news])
    for number, heir in ((n, heirs[n]) for n in news):
        if heir is not None:  # who had left to this one goes on to the same heir
            moved = update(lead).where(lead.c.successor == number, lead.c.id != heir)
            saving.conn.execute(moved.values(successor=heir))
            saving.touched.add(heir)
    never_due(saving.conn, news)


def _heir(saving: Saving, number: int, successor: int) -> int | None:
    """Who carries on in the end: the successor, or who carries on for it. Nobody inherits from themselves."""
    row = saving.conn.execute(select(lead.c.successor).where(lead.c.id == successor)).one()
    heir: int = successor if row.successor is None else row.successor
    return None if heir == number else heir


def never_due(conn: Connection, gone: Sequence[int]) -> None:
    """Forget every reason to score these leads."""
    for part in chunks(gone):
        conn.execute(delete(dirty).where(dirty.c.lead.in_(part)))
        conn.execute(delete(pending).where(pending.c.lead.in_(part)))
        conn.execute(update(score).where(score.c.lead.in_(part)).values(next_look=None, book=None, hot=False))


def keep_sweep(saving: Saving, told: Sweep | None, records: Sequence[Record], ids: Mapping[Ref, int]) -> None:
    """Note who was seen while a sweep is under way; when it is done, who was not seen since it began is gone."""
    sweeping = _sweeping(saving, told)
    met = {ids[r.ref] for r in records if r.gone is None and r.ref.object in sweeping}
    upsert(saving.conn, seen, [{"lead": n, "seq": saving.seq} for n in sorted(met)])
    if told is None or not told.done:
        return
    unseen = or_(seen.c.seq.is_(None), seen.c.seq < sweeping[told.object])
    lost = (
        select(lead.c.id)
        .join(seen, seen.c.lead == lead.c.id, isouter=True)
        .where(lead.c.connection == saving.connection, lead.c.object == told.object, unseen)
        .where(lead.c.status.in_([HERE, UNSEEN]), lead.c.modified_at.is_not(None))
    )
    gone = list(saving.conn.execute(lost).scalars())
    mark_deleted(saving.conn, gone, saving.run)
    saving.touched.difference_update(gone)


def mark_deleted(conn: Connection, gone: Sequence[int], run: int) -> None:
    for part in chunks(gone):
        left = update(lead).where(lead.c.id.in_(part), lead.c.status.in_([HERE, UNSEEN]))
        conn.execute(left.values(status="deleted", gone_run=run))
    never_due(conn, gone)


def _sweeping(saving: Saving, told: Sweep | None) -> dict[str, int]:
    """The sweeps under way, by object: the sequence number of their first page. A page kept twice keeps it."""
    mine = sweep.c.connection == saving.connection
    rows = {row.object: row for row in saving.conn.execute(select(sweep).where(mine))}
    under_way = {name: row.began for name, row in rows.items() if not row.done}
    if told is not None:
        known = rows.get(told.object)
        began = known.began if known is not None and known.number == told.number else saving.seq
        key = {"connection": saving.connection, "object": told.object}
        upsert(saving.conn, sweep, [{**key, "number": told.number, "began": began, "done": told.done}])
        under_way[told.object] = began
    return under_way


def mark_dirty(saving: Saving) -> None:
    """Make the touched leads due. The mark carries this transaction's number, so that a later scoring clears only
    what it has seen. For the gone their successor becomes due. Who is unseen keeps the mark until its record comes."""
    heirs = select(lead.c.successor).where(lead.c.successor.is_not(None))
    saving.touched.update(row.successor for row in in_(saving.conn, heirs, lead.c.id, saving.touched))
    marks = [{"lead": n, "connection": saving.connection, "seq": saving.seq} for n in sorted(saving.touched)]
    upsert(saving.conn, dirty, marks)


def clear(conn: Connection, table: Table, run: int, low: int, high: int) -> None:
    """Delete a run's rows of a range of leads."""
    conn.execute(delete(table).where(and_(table.c.run == run, table.c.lead.between(low, high))))

"""Leads as kept: who they are, what is known of them, who is gone, and who is due because something changed."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias

from sqlalchemy import Connection, Table, and_, any_, bindparam, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY

from connector.instants import Instant
from connector.model import Raw, Record, Ref
from connector.ports import LeadFacts, Sweep
from connector.store import bulk
from connector.store.codec import alike, dumps, inputs_text, raws_of
from connector.store.database import chunks, upsert
from connector.store.inputs import UNREAD, Cells, Known, Places, cells_of, facts_with, inputs_in, known_of
from connector.store.tables import HERE, UNSEEN, dirty, held, lead, lead_past, pending, score, seen, sweep


@dataclass(frozen=True, slots=True)
class Saving:
    """One transaction of one run: its connection's number, its run, its sequence number, and where inputs stand.
    `touched` gathers the leads that become due by it, `new` those it has inserted: of them nothing is stored that it
    has not stored."""

    conn: Connection
    connection: int
    run: int
    seq: int
    places: Places
    touched: set[int] = field(default_factory=set)
    new: set[int] = field(default_factory=set)


Put: TypeAlias = Callable[[Connection, Table, bulk.Names, bulk.Rows], None]


class Told(NamedTuple):
    """What a page says of a lead, as its columns."""

    status: str
    modified_at: Instant | None
    fields: str | None


NOTHING = Told(UNSEEN, None, None)


class Read(NamedTuple):
    """What is read of it."""

    created_at: Instant | None
    cells: Cells | None


def in_(conn: Connection, statement: Any, column: Any, values: Iterable[Any]) -> list[Any]:
    """The rows of a statement whose column is among the values, however many these are."""
    wanted = sorted(set(values))
    return list(conn.execute(statement.where(among(conn, column, wanted)))) if wanted else []


def among(conn: Connection, column: Any, values: Sequence[Any]) -> Any:
    """That a column is among the values. These go as one parameter: one for each would cost more than finding their
    rows does, and no statement takes as many as one likes."""
    if conn.dialect.name == "postgresql":
        return column == any_(bindparam(None, values, type_=ARRAY(column.type)))
    told = json.dumps(values)
    if "\\u0000" in told:  # SQLite's JSON ends a text there
        return column.in_(values)
    return column.in_(select(func.json_each(told).table_valued("value").c.value))


def find_ids(conn: Connection, connection: int, refs: Iterable[Ref]) -> dict[Ref, int]:
    """The numbers of the leads that are known."""
    by_object: dict[str, dict[str, Ref]] = defaultdict(dict)
    for ref in refs:
        by_object[ref.object][ref.id] = ref
    found: dict[Ref, int] = {}
    for object_, wanted in by_object.items():
        known = select(lead.c.id, lead.c.ext_id).where(lead.c.connection == connection, lead.c.object == object_)
        found |= {wanted[ext_id]: number for number, ext_id in in_(conn, known, lead.c.ext_id, wanted)}
    return found


def keep_people(
    saving: Saving, records: Sequence[Record], facts: Sequence[LeadFacts], others: Iterable[Ref]
) -> dict[Ref, int]:
    """Save records and what was read from them. A record told twice counts as told last; one that could not be read
    keeps what was read from it before. `others` are known from now on too, if only by name. Returns everybody's
    number."""
    last = {r.ref: r for r in records}
    read = {f.record.ref: f for f in facts if f.record.gone is None}
    wanted = {*last, *others}
    known = find_ids(saving.conn, saving.connection, wanted)
    ids = known | _insert(saving, sorted(wanted - known.keys()), last, read)
    _change(saving, {known[ref]: r for ref, r in last.items() if r.gone is None and ref in known}, read)
    _keep_held(saving, {ids[ref]: f for ref, f in read.items()})
    _depart(saving, {ids[ref]: r for ref, r in last.items() if r.gone is not None}, ids)
    return ids


def _insert(
    saving: Saving, new: Sequence[Ref], last: Mapping[Ref, Record], read: Mapping[Ref, LeadFacts]
) -> dict[Ref, int]:
    """Insert leads with all that is told of them; who left, or was only named, is unseen so far."""
    numbers = dict(zip(new, bulk.free_numbers(saving.conn, lead, len(new)), strict=True))
    people, known = [], []
    for ref, number in numbers.items():
        record = last.get(ref)
        told = NOTHING
        if record and record.gone is None:
            told, now = _told(saving, record, read.get(ref))
            known.append((number, None if now.cells is None else saving.run, now))
        people.append((number, saving.connection, ref.object, ref.id, *told))
        if told.status == HERE:
            saving.touched.add(number)
    saving.new.update(numbers.values())
    bulk.insert(saving.conn, lead, ("id", "connection", "object", "ext_id", *Told._fields), people)
    _keep_known(saving, bulk.insert, known)
    return numbers


def _keep_known(saving: Saving, put: Put, known: Iterable[tuple[int, int | None, Read]]) -> None:
    """Save what was read: of which lead, which run learnt it, and what."""
    blank = (None,) * len(saving.places)
    names = ("lead", "learnt", "created_at", *(place.column for place in saving.places))
    rows = [(number, learnt, now.created_at, *(now.cells or blank)) for number, learnt, now in known]
    put(saving.conn, facts_with(saving.places), names, rows)


def _told(saving: Saving, record: Record, read: LeadFacts | None) -> tuple[Told, Read]:
    """What a record says. A mapping may know of a creation the record keeps still."""
    told = Told(HERE if read else UNSEEN, record.modified_at, dumps(dict(record.fields)))
    if read is None:
        return told, Read(record.created_at, None)
    return told, Read(read.record.created_at, cells_of(saving.places, read.inputs))


def _change(saving: Saving, here: Mapping[int, Record], read: Mapping[Ref, LeadFacts]) -> None:
    """Update leads; the version that stood until now moves to the past, unless this very run had learnt it."""
    stood = known_of(saving.conn, saving.places, here)
    past, people, known = [], [], []
    for row in in_(saving.conn, select(lead), lead.c.id, here):
        record, before = here[row.id], stood.get(row.id, UNREAD)
        told, now = _after(row, before, *_told(saving, record, read.get(record.ref)))
        if (*told, None, None) != (*(getattr(row, name) for name in Told._fields), row.successor, row.gone_run):
            people.append((row.id, *told, None, None))
        if told.status == row.status and now == before[1:]:
            continue
        if told.status == HERE:
            saving.touched.add(row.id)
        known.append((row.id, None if now.cells is None else saving.run, now))
        if before.learnt not in (None, saving.run) and now != before[1:]:
            past.append((row.id, saving.run, before.learnt, before.created_at, _as_text(saving, before)))
    bulk.upsert(saving.conn, lead_past, ("lead", "until", "learnt", "created_at", "inputs"), past)
    bulk.update(saving.conn, lead, ("id", *Told._fields, "successor", "gone_run"), people)
    _keep_known(saving, bulk.upsert, known)


def _as_text(saving: Saving, known: Known) -> str:
    return inputs_text(inputs_in(saving.places, known.cells or ()))


def _after(row: Any, before: Known, told: Told, now: Read) -> tuple[Told, Read]:
    """What is known after a telling: what it leaves unsaid stays."""
    status = HERE if row.status == HERE else told.status
    created = before.created_at if now.created_at is None else now.created_at
    return told._replace(status=status), Read(created, before.cells if now.cells is None else now.cells)


def _keep_held(saving: Saving, facts: Mapping[int, LeadFacts]) -> None:
    """What the CRM says our fields hold. Our own write, echoed in the CRM's way of putting things, is no news."""
    rows = in_(saving.conn, select(held.c.lead, held.c.fields), held.c.lead, facts.keys() - saving.new)
    known: dict[int, str] = dict(map(tuple, rows))
    news = [
        (number, text)
        for number, read in sorted(facts.items())
        if (text := _held_text(read.held)) != (before := known.get(number)) and not _echoed(before, read.held)
    ]
    saving.touched.update(number for number, _ in news)
    bulk.upsert(saving.conn, held, ("lead", "fields"), news)
    said = [(number, None) for number, _ in news if number not in saving.new]
    bulk.update(saving.conn, score, ("lead", "imprint"), said)  # the CRM no longer holds what the last scoring said


def _held_text(held: Mapping[str, Raw]) -> str:
    return dumps(dict(held)) if any(held.values()) else _all_blank(tuple(held.items()))


@lru_cache
def _all_blank(held: tuple[tuple[str, Raw], ...]) -> str:
    """Nearly everybody's in a first pull."""
    return dumps(dict(held))


def _echoed(stored: str | None, now: Mapping[str, Raw]) -> bool:
    if stored is None:
        return False
    before = raws_of(stored)
    return before.keys() == now.keys() and all(alike(before[name], now[name]) for name in now)


# ---- the gone --------------------------------------------------------------------------------------------------------


def _depart(saving: Saving, gone: Mapping[int, Record], ids: Mapping[Ref, int]) -> None:
    """Mark people as gone and name who carries on. The successor becomes due, because it inherits what they did."""
    rows = {row.id: row for row in in_(saving.conn, select(lead), lead.c.id, gone)}
    heirs = _heirs(saving, {n: ids[r.successor] for n, r in gone.items() if r.successor})
    news = [n for n, r in gone.items() if (rows[n].status, rows[n].successor) != (r.gone, heirs.get(n))]
    if not news:
        return
    left = update(lead).where(lead.c.id == bindparam("lead_id"))
    values = {"status": bindparam("why"), "successor": bindparam("heir"), "gone_run": saving.run}
    saving.conn.execute(left.values(values), [{"lead_id": n, "why": gone[n].gone, "heir": heirs.get(n)} for n in news])
    inherited = {n: heirs[n] for n in news if n in heirs}
    saving.new.difference_update(inherited)  # what these do makes their heir due
    saving.touched.update(inherited.values())
    if inherited:  # who had left to one of these goes on to the same heir
        moved = update(lead).where(lead.c.successor == bindparam("gone"), lead.c.id != bindparam("heir"))
        pairs = [{"gone": n, "heir": heir} for n, heir in inherited.items()]
        saving.conn.execute(moved.values(successor=bindparam("heir")), pairs)
    never_due(saving.conn, news)


def _heirs(saving: Saving, successors: Mapping[int, int]) -> dict[int, int]:
    """Who carries on in the end for those who left to somebody, who may have left too, now or before. Nobody inherits
    from themselves."""
    known = select(lead.c.id, lead.c.successor).where(lead.c.successor.is_not(None))
    left = {row.id: row.successor for row in in_(saving.conn, known, lead.c.id, successors.values())}
    onward = {**left, **successors}
    return {number: heir for number in successors if (heir := _last(onward, number)) != number}


def _last(onward: Mapping[int, int], number: int) -> int:
    met = {number}
    while (then := onward.get(number)) is not None and then not in met:
        met.add(then)
        number = then
    return number


def never_due(conn: Connection, gone: Sequence[int]) -> None:
    """Forget every reason to score these leads."""
    for part in chunks(gone):
        conn.execute(delete(dirty).where(dirty.c.lead.in_(part)))
        conn.execute(delete(pending).where(pending.c.lead.in_(part)))
        conn.execute(
            update(score).where(score.c.lead.in_(part)).values(next_look=None, book=None, hot=False, imprint=None)
        )


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
    heir = select(lead.c.successor).where(lead.c.successor.is_not(None))
    heirs = in_(saving.conn, heir, lead.c.id, saving.touched - saving.new)
    saving.touched.update(row.successor for row in heirs)
    marks = [(n, saving.connection, saving.seq) for n in sorted(saving.touched)]
    bulk.upsert(saving.conn, dirty, ("lead", "connection", "seq"), marks)


def clear(conn: Connection, table: Table, run: int, low: int, high: int) -> None:
    """Delete a run's rows of a range of leads."""
    conn.execute(delete(table).where(and_(table.c.run == run, table.c.lead.between(low, high))))

"""Leads of whom nothing new is known, as arrays: a full pass looks at millions of them and writes next to nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import count, islice
from typing import Any, TypeAlias, TypeVar

import numpy as np
from sqlalchemy import Connection, Select, func, or_, select

from connector.deeds import UNKNOWN, Ints, Sheet
from connector.model import Outcome, Run, Value
from connector.ports import Ask
from connector.store.arrays import columns, strips
from connector.store.codec import standing_of
from connector.store.database import Database
from connector.store.gather import Readings, outcomes_by_lead
from connector.store.inputs import BY_NAME, Cell, Place, Places, facts_with, places_of
from connector.store.runs import scored_otherwise
from connector.store.tables import activity, book, connection, dirty, lead, outcome, pending, score

BITS = 13
CHUNK = 1 << BITS
"""Numbers of leads to a sheet, so that one's place among them has 13 bits: between two bounds, which PostgreSQL knows
how to find, where it takes the first so many for a reason to sort all that are left."""
MOST = 50_000
"""Different values of an input that a pass remembers at once."""
T = TypeVar("T", bound=Hashable)


def sheets(db: Database, one: Run, ask: Ask) -> Iterator[Sheet]:
    """See `Store.sheets`. None for a part of the leads only: few are scored as they come."""
    if ask.only is not None or ask.limit is not None:
        return
    with db.reading() as conn:
        places = tuple(p for p in places_of(conn) if ask.inputs is None or p.name in ask.inputs)
        wanted = _wanted(conn, one, ask, places)
        top = conn.execute(select(func.max(score.c.lead))).scalar() or 0
    if wanted is None:
        return
    readings, met = Readings(), Met()
    for low in range(0, top, CHUNK):
        with db.reading() as conn:
            told = columns(conn, wanted.where(score.c.lead > low, score.c.lead <= low + CHUNK), ints=3)
            sheet = _sheet(conn, told, low, readings, places, met) if told else None
        if sheet is not None:
            yield sheet


def _wanted(conn: Connection, one: Run, ask: Ask, places: Places) -> Select[Any] | None:
    """The leads, their last scoring and what was read of them. None: all are scored by this book and nobody asks
    for all. The gone have no imprint."""
    mine = conn.execute(select(connection.c.id).where(connection.c.name == one.connection)).scalar_one()
    number = conn.execute(select(book.c.id).where(book.c.digest == ask.book)).scalar() or 0
    if not ask.everything and not scored_otherwise(conn, mine, number):
        return None
    its_own = score.c.book + 0 == number  # no index is to be used: everybody is read in order
    scored = (score.c.connection + 0 == mine, score.c.imprint.is_not(None), or_(score.c.hot.is_(False), its_own))
    quiet = or_(score.c.next_look.is_(None), score.c.next_look > one.as_of)
    heirs = select(lead.c.successor).where(lead.c.successor.is_not(None))
    busy = (select(dirty.c.lead), select(pending.c.lead), heirs)
    facts = facts_with(places)
    created = func.coalesce(facts.c.created_at, UNKNOWN)
    always = (score.c.lead, created, score.c.imprint, score.c.standing)
    told = select(*always, *(facts.c[place.column] for place in places)).join(facts, facts.c.lead == score.c.lead)
    told = told.where(*scored, quiet, *(score.c.lead.not_in(these) for these in busy))
    return (told if ask.everything else told.where(~its_own)).order_by(score.c.lead)


def _sheet(conn: Connection, told: Sequence[Any], after: int, readings: Readings, places: Places, met: Met) -> Sheet:
    leads, created, imprints, standings, *cells = told
    offsets, at, said = _activities(conn, leads, after, readings)
    standing, states = _coded(standings)
    inputs = partial(_input, met, dict(zip(places, cells, strict=True)), len(leads))
    return Sheet(
        leads, created, inputs, offsets, at, said, readings.known, _outcomes(conn, leads, after),
        [standing_of(text) for text in states], standing, imprints,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Numbered:
    """An input's cells in one column as they were met, each with a number, and their values by these numbers."""

    cells: dict[Cell, int] = field(default_factory=lambda: defaultdict(count().__next__, {None: -1}))
    values: list[Value] = field(default_factory=list)


Met: TypeAlias = dict[Place, _Numbered]


def _input(met: Met, told: Mapping[Place, Sequence[Cell]], many: int, name: str) -> tuple[Ints, Sequence[Value]]:
    """Each lead's place among the values of an input, and these. After a change of mapping a lead has a cell in
    one of several columns."""
    filled = [p for p, cells in told.items() if p.name == name and any(cell is not None for cell in cells)]
    codes: Ints = np.full(many, -1, np.int64)
    values: Sequence[Value] = ()
    for place in filled:
        of_this, own = _places(met, place, told[place])
        codes = np.where(of_this < 0, codes, of_this + len(values))
        values = [*values, *own] if values else own
    return codes, values


def _places(met: Met, place: Place, cells: Sequence[Cell]) -> tuple[Ints, Sequence[Value]]:
    known = met.get(place)
    if known is None or len(known.values) > MOST:
        known = met[place] = _Numbered()
    codes = np.fromiter(map(known.cells.__getitem__, cells), np.int64, len(cells))
    new = islice(known.cells, 1 + len(known.values), None)
    known.values.extend(map(BY_NAME[place.kind].value, new))
    return codes, known.values


def _coded(texts: Sequence[T]) -> tuple[Ints, Sequence[T]]:
    """For each its place among the different ones, and these."""
    different = list(dict.fromkeys(texts))
    places = dict(zip(different, range(len(different)), strict=True))
    return np.fromiter(map(places.__getitem__, texts), np.int64, len(texts)), different


def _activities(conn: Connection, leads: Ints, after: int, readings: Readings) -> tuple[Ints, Ints, Ints]:
    """Where each lead's activities begin and end, their instants and wordings."""
    between = activity.c.lead > after, activity.c.lead <= int(leads[-1])
    both = activity.c.wording * CHUNK + (activity.c.lead - (after + 1))  # in one number, which costs half of two
    at, told = strips(conn, between, (activity.c.occurred_at, both))
    places: Ints = np.full(CHUNK, -1, np.int64)
    places[leads - (after + 1)] = np.arange(len(leads))
    wordings, place = told >> BITS, places[told & (CHUNK - 1)]
    mine = place >= 0
    readings.learn(conn, np.flatnonzero(np.bincount(wordings)).tolist())
    if readings.uncounted:
        mine &= ~np.isin(wordings, list(readings.uncounted))
    offsets = np.zeros(len(leads) + 1, np.int64)
    np.cumsum(np.bincount(place[mine], minlength=len(leads)), out=offsets[1:])
    return offsets, at[mine], wordings[mine]


def _outcomes(conn: Connection, leads: Ints, after: int) -> Mapping[int, Sequence[Outcome]]:
    """By place, for the few who have any."""
    o = outcome.c
    told = select(outcome).where(o.lead > after, o.lead <= int(leads[-1]), o.outcome.is_not(None))
    found = outcomes_by_lead(conn.execute(told).all(), {})
    places = dict(zip(leads.tolist(), range(len(leads)), strict=True)) if found else {}
    return {places[number]: outcomes for number, outcomes in found.items() if number in places}

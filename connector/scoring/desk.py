"""What every step of the kernel stands on: one chunk's columns and instant, those of its activities that any rule
looks at, and the few ways of going from activities to leads."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from connector.instants import Instant
from connector.scoring.arrays import NEVER, Bools, Coded, Columns, Ints
from connector.scoring.compile import Compiled, Sought
from connector.scoring.conditions import Condition, Conjunction, Test, WithinNext, conjunctions
from connector.scoring.lookups import FOREVER, Lookups, Sorting, Words, answers_of, sorting_of


@dataclass(frozen=True, slots=True)
class Rows:
    """Some activities, by lead and instant: whose, when, of which class; and the marks of their classes."""

    lead: Ints
    at: Ints
    classes: Ints
    marks: tuple[Words, ...]


@dataclass(frozen=True, slots=True)
class Groups:
    """Some of the rows, by lead: the leads that have any, ascending; where in `places` each lead's part begins and
    ends, oldest first; the places in the rows."""

    rows: Rows
    places: Ints
    leads: Ints
    starts: Ints
    ends: Ints

    @property
    def counts(self) -> Ints:
        return self.ends - self.starts

    def at(self, which: Ints) -> Ints:
        """The instants of these entries of `places`."""
        return self.rows.at[self.places[which]]


@dataclass(frozen=True, slots=True)
class Desk:
    """One chunk's scoring. `past` are the activities up to `as_of` that a rule may look at, `coming` the later ones
    (all of them); `seen` is what has been found so far."""

    columns: Columns
    lookups: Lookups
    sorting: Sorting
    past: Rows
    coming: Rows
    seen: dict[Any, Any] = field(default_factory=dict)

    @property
    def compiled(self) -> Compiled:
        return self.lookups.compiled

    @property
    def as_of(self) -> Instant:
        return self.lookups.as_of


def desk_for(columns: Columns, lookups: Lookups) -> Desk:
    """An empty desk for a chunk."""
    sorting = sorting_of(lookups, columns.deeds)
    every = columns.classes.astype(np.intp)
    lead = np.repeat(np.arange(columns.leads), np.diff(columns.offsets))
    exists = columns.at <= lookups.as_of
    wanted = (columns.at > sorting.oldest[every]) & exists
    past, coming = (_rows(columns, sorting, lead, every, np.flatnonzero(rows)) for rows in (wanted, ~exists))
    return Desk(columns, lookups, sorting, past, coming)


def _rows(columns: Columns, sorting: Sorting, lead: Ints, every: Ints, places: Ints) -> Rows:
    classes = every[places]
    return Rows(lead[places], columns.at[places], classes, tuple(table[classes] for table in sorting.tables))


def marked(desk: Desk, rows: Rows, sought: Sought) -> Bools:
    """Which of the activities are sought."""
    word, bit = desk.sorting.places[sought]
    found: Bools = (rows.marks[word] & bit) != 0
    return found


def grouped(rows: Rows, places: Ints) -> Groups:
    """Some of the rows, ascending, as one part for each lead that has any."""
    if not len(places):
        return Groups(rows, places, places, places, places)
    lead = rows.lead[places]
    starts = np.flatnonzero(np.concatenate(([True], lead[1:] != lead[:-1])))
    ends = np.concatenate((starts[1:], [len(lead)]))
    return Groups(rows, places, lead[starts], starts, ends)


def first_coming(desk: Desk, sought: Sought) -> tuple[Ints, Ints]:
    """Leads with such an activity to come, and the first one's instant."""
    groups = grouped(desk.coming, np.flatnonzero(marked(desk, desk.coming, sought)))
    return groups.leads, groups.at(groups.starts)


def of_leads(desk: Desk, leads: Ints) -> Rows:
    """Every activity of a few leads, whatever its age; without marks."""
    offsets = desk.columns.offsets
    counts = offsets[leads + 1] - offsets[leads]
    before = np.cumsum(counts) - counts
    places = np.repeat(offsets[leads] - before, counts) + np.arange(int(counts.sum()))
    return Rows(np.repeat(leads, counts), desk.columns.at[places], desk.columns.classes[places].astype(np.intp), ())


def condition_of(desk: Desk, condition: Condition) -> tuple[Bools | None, Ints | None]:
    """Where the condition holds (None: everywhere), and when any of its tests flips (None: never)."""
    holding = conjunction_of(desk, condition.when)
    if condition.any_of:
        either = np.logical_or.reduce([_somewhere(desk, conjunction_of(desk, c)) for c in condition.any_of])
        holding = either if holding is None else holding & either
    flips = [turns for name, test in conjunctions(condition) if (turns := test_of(desk, name, test)[1]) is not None]
    return holding, np.minimum.reduce(flips) if flips else None


def conjunction_of(desk: Desk, conjunction: Conjunction) -> Bools | None:
    """Where all tests hold; None: everywhere, as there are none."""
    holding: Bools | None = None
    for name, test in conjunction:
        here = test_of(desk, name, test)[0]
        holding = here if holding is None else holding & here
    return holding


def _somewhere(desk: Desk, holding: Bools | None) -> Bools:
    return everyone(desk, True) if holding is None else holding


def test_of(desk: Desk, name: str, test: Test) -> tuple[Bools, Ints | None]:
    """Where the test holds, and when it flips; decided once for each different value."""
    key = (name, test)
    if key not in desk.seen:
        column = desk.columns.inputs[name]
        if isinstance(test, WithinNext) and desk.columns.moved is not None:
            desk.seen[key] = _ahead(desk, column, test, desk.columns.moved)
            return test_of(desk, name, test)
        answers, turns = answers_of(desk.lookups, name, test, column)
        desk.seen[key] = answers[column.codes], None if turns is None else turns[column.codes]
    holding, turning = desk.seen[key]
    return holding, turning


def _ahead(desk: Desk, column: Coded, test: WithinNext, moved: Ints) -> tuple[Bools, Ints]:
    """`holds` and `flips_at` of the only test that moves with time, for leads at different instants."""
    known = [isinstance(v, int) and not isinstance(v, bool) for v in column.values] + [False]
    values = np.array([v if k else 0 for v, k in zip([*column.values, 0], known, strict=True)], np.int64)
    told, there = values[column.codes] + moved, np.array(known)[column.codes]
    duration = min(test.duration, FOREVER)
    begins, ends = told - duration + 1, told + 1
    flips = np.where(begins > desk.as_of, begins, np.where(ends > desk.as_of, ends, NEVER))
    return there & (told >= desk.as_of) & (told < desk.as_of + duration), np.where(there, flips, NEVER)


def sooner(soonest: Ints, leads: Ints, instants: Ints) -> None:
    """Note that something changes for these leads, each of them once, at these instants."""
    soonest[leads] = np.minimum(soonest[leads], instants)


def same(value: int, like: Ints) -> Ints:
    """One number for each entry; takes no memory."""
    return np.broadcast_to(np.int64(value), len(like))


def full(desk: Desk, value: int) -> Ints:
    return np.full(desk.columns.leads, value, np.int64)


def everyone(desk: Desk, value: bool) -> Bools:
    return np.full(desk.columns.leads, value, np.bool_)

"""What every step of the kernel stands on: one chunk's columns and instant, those of its activities that any rule
looks at, and the few ways of going from activities to leads."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from connector.instants import Instant
from connector.scoring.arrays import Bools, Columns, Ints
from connector.scoring.compile import Compiled, Sought
from connector.scoring.conditions import Condition, Conjunction, Test, conjunctions
from connector.scoring.lookups import Lookups, Sorting, Words, answers_of, sorting_of


@dataclass(frozen=True, slots=True)
class Rows:
    """Some activities, by lead and instant: whose, when, of which class; and the marks of their classes."""

    lead: Ints
    at: Ints
    classes: Ints
    marks: tuple[Words, ...]


@dataclass(frozen=True, slots=True)
class Groups:
    """Some activities by lead: the leads that have any, ascending; where in `at` and `classes` each lead's part begins
    and ends, oldest first."""

    leads: Ints
    starts: Ints
    ends: Ints
    at: Ints
    classes: Ints

    @property
    def counts(self) -> Ints:
        return self.ends - self.starts


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
    wanted = np.flatnonzero(columns.at > sorting.oldest[every]) if len(every) else np.zeros(0, np.intp)
    lead = np.repeat(np.arange(columns.leads), np.diff(columns.offsets))[wanted]
    at, classes = columns.at[wanted], every[wanted]
    later = at > lookups.as_of
    if not later.any():
        return Desk(columns, lookups, sorting, _rows(sorting, lead, at, classes), _rows(sorting, *_nothing()))
    past = _rows(sorting, lead[~later], at[~later], classes[~later])
    return Desk(columns, lookups, sorting, past, _rows(sorting, lead[later], at[later], classes[later]))


def _rows(sorting: Sorting, lead: Ints, at: Ints, classes: Ints) -> Rows:
    return Rows(lead, at, classes, tuple(table[classes] for table in sorting.tables))


def _nothing() -> tuple[Ints, Ints, Ints]:
    nothing = np.zeros(0, np.int64)
    return nothing, nothing, nothing


def marked(desk: Desk, rows: Rows, sought: Sought) -> Bools:
    """Which of the activities are sought."""
    word, bit = desk.sorting.places[sought]
    found: Bools = (rows.marks[word] & bit) != 0
    return found


def grouped(lead: Ints, at: Ints, classes: Ints) -> Groups:
    """Activities, which come by lead, as one part for each lead that has any."""
    if not len(lead):
        return Groups(lead, lead, lead, at, classes)
    starts = np.flatnonzero(np.concatenate(([True], lead[1:] != lead[:-1])))
    ends = np.concatenate((starts[1:], [len(lead)]))
    return Groups(lead[starts], starts, ends, at, classes)


def first_coming(desk: Desk, sought: Sought) -> tuple[Ints, Ints]:
    """Leads with such an activity to come, and the first one's instant."""
    if not len(desk.coming.at):
        return desk.coming.lead, desk.coming.at
    here = marked(desk, desk.coming, sought)
    groups = grouped(desk.coming.lead[here], desk.coming.at[here], desk.coming.classes[here])
    return groups.leads, groups.at[groups.starts]


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
        answers, turns = answers_of(desk.lookups, name, test, column)
        desk.seen[key] = answers[column.codes], None if turns is None else turns[column.codes]
    holding, turning = desk.seen[key]
    return holding, turning


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

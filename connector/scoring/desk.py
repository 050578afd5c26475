"""What every step of the kernel stands on: one scoring's columns and instant, what was found already, and the few ways
of going from activities to leads. All numbers are 64-bit integers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from connector.instants import Instant
from connector.scoring.arrays import NEVER, Bools, Columns, Ints
from connector.scoring.compile import Compiled
from connector.scoring.conditions import Condition, Conjunction, Test, conjunctions, flips_at, holds

FOREVER = 1 << 61
"""Longer than any age, yet small enough that an instant and it can be added."""


@dataclass(frozen=True, slots=True)
class Segments:
    """Some activities: their places, ascending; how many each lead has, and where each lead's part ends."""

    places: Ints
    lead: Ints
    at: Ints
    counts: Ints
    ends: Ints


@dataclass(frozen=True, slots=True)
class Desk:
    """One scoring: the columns, whose activity each is, the instant, and what has been found so far."""

    compiled: Compiled
    columns: Columns
    as_of: Instant
    lead: Ints
    seen: dict[Any, Any] = field(default_factory=dict)


def desk_for(compiled: Compiled, columns: Columns, as_of: Instant) -> Desk:
    """An empty desk for a scoring."""
    return Desk(compiled, columns, as_of, np.repeat(np.arange(columns.leads), np.diff(columns.offsets)))


def condition_of(desk: Desk, condition: Condition) -> tuple[Bools, Ints]:
    """Where the condition holds, and when any of its tests flips."""
    flips = full(desk, NEVER)
    for name, test in conjunctions(condition):
        flips = np.minimum(flips, test_of(desk, name, test)[1])
    holding = conjunction_of(desk, condition.when)
    if condition.any_of:
        holding = holding & np.logical_or.reduce([conjunction_of(desk, c) for c in condition.any_of])
    return holding, flips


def conjunction_of(desk: Desk, conjunction: Conjunction) -> Bools:
    holding = everyone(desk, True)
    for name, test in conjunction:
        holding = holding & test_of(desk, name, test)[0]
    return holding


def test_of(desk: Desk, name: str, test: Test) -> tuple[Bools, Ints]:
    """Where the test holds and when it flips; decided once for each different value. The last answer is that for what
    is unknown, which -1 finds."""
    key = (name, test)
    if key not in desk.seen:
        column = desk.columns.inputs[name]
        values = [*column.values, None]
        answers = np.array([holds(test, value, desk.as_of) for value in values], np.bool_)
        flips = (flips_at(test, value, desk.as_of) for value in values)
        turns = np.array([NEVER if flip is None else min(flip, NEVER) for flip in flips], np.int64)
        desk.seen[key] = answers[column.codes], turns[column.codes]
    holding, turning = desk.seen[key]
    return holding, turning


def segments(desk: Desk, places: Ints) -> Segments:
    lead = desk.lead[places]
    counts = np.bincount(lead, minlength=desk.columns.leads)
    return Segments(places, lead, desk.columns.at[places], counts, np.cumsum(counts))


def first_of_each(desk: Desk, places: Ints) -> Ints:
    """The earliest instant of each lead among these activities."""
    some = segments(desk, places)
    return pick(some.at, some.ends - some.counts, some.counts > 0, NEVER)


def pick(values: Ints, places: Ints, where: Bools, otherwise: int) -> Ints:
    """The values at the places, for the leads meant; the others get `otherwise`."""
    picked = np.full(len(where), otherwise, np.int64)
    picked[where] = values[places[where]]
    return picked


def full(desk: Desk, value: int) -> Ints:
    return np.full(desk.columns.leads, value, np.int64)


def everyone(desk: Desk, value: bool) -> NDArray[np.bool_]:
    return np.full(desk.columns.leads, value, np.bool_)

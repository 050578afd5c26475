"""Leads as arrays, and what rules gave as arrays: the shapes between whoever fills columns and the kernel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from connector.model import HotState, Value

Ints: TypeAlias = NDArray[np.int64]
Bools: TypeAlias = NDArray[np.bool_]
Codes: TypeAlias = NDArray[np.integer[Any]]
"""Places in a list; the narrower the numbers, the less memory moves."""

STATES = tuple(HotState)
NEVER = int(np.iinfo(np.int64).max)


@dataclass(frozen=True, slots=True)
class Deed:
    """What a class of activities has in common."""

    kind: str
    subject: str | None
    attributes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Coded:
    """An input as a column: for each lead the place of its value in `values`, or -1 where it is unknown."""

    codes: Codes
    values: Sequence[Value]


@dataclass(frozen=True, slots=True)
class Standings:
    """Hot states by lead. `state` is a place in STATES; `hot_since` is UNKNOWN while not hot."""

    state: Ints
    hot_since: Ints
    hot_number: Ints
    handoff_number: Ints
    by_change: Bools


@dataclass(frozen=True, slots=True)
class Columns:
    """Leads as arrays. Activities of lead i stand from offsets[i] to offsets[i + 1], by instant and id; those that are
    set aside are left out. Instants that are not known are UNKNOWN. `moved`: so much was added to every instant of a
    lead, activities, creation, rejection and heat (but not to inputs), so that each is seen at an instant of its own.
    """

    offsets: Ints
    at: Ints
    classes: Codes
    deeds: Sequence[Deed]
    created: Ints
    inputs: Mapping[str, Coded]
    rejected_at: Ints
    quiet_until: Ints
    before: Standings
    moved: Ints | None = None

    @property
    def leads(self) -> int:
        return len(self.offsets) - 1


@dataclass(frozen=True, slots=True)
class Found:
    """What one rule gave, and to whom: an entry for each lead it fires for, leads ascending. `subject` is a place in
    the columns' deeds, or -1; `changes_at` is NEVER where nothing will change. Lead and silence rules have no
    occurrences, and then `first` and `last` mean nothing."""

    leads: Ints
    points: Ints
    occurrences: Ints
    first: Ints
    last: Ints
    subject: Ints
    changes_at: Ints
    hot_now: Bools


@dataclass(frozen=True, slots=True)
class Findings:
    """What every rule gave; by lead the next change of any of them, and whether a rejection forbids a new hot entry."""

    rules: Sequence[Found]
    next_change: Ints
    forbidden: Bools


@dataclass(frozen=True, slots=True)
class Verdicts:
    """The whole scores, as arrays: points by axis after its cuts; the cuts that the ledger may show, with their names,
    in the order of the ledger; the total; the standings; the next change of anything, or NEVER."""

    findings: Findings
    axes: Sequence[Ints]
    cuts: Sequence[tuple[str, Ints]]
    points: Ints
    now: Standings
    next_change: Ints

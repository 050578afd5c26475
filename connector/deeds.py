"""What a lead did, as a store keeps it: instants and codes in arrays, made Activities only when somebody looks.

Millions of activities share a few thousand wordings. Whoever scores many leads works on the arrays and looks at each
wording once; whoever wants to see one lead's activities gets them like any other sequence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple, TypeAlias, overload

import numpy as np
from numpy.typing import NDArray

from connector.instants import Instant
from connector.model import Activity, Outcome, Standing, Value

Ints: TypeAlias = NDArray[np.int64]
Bools: TypeAlias = NDArray[np.bool_]
UNKNOWN = int(np.iinfo(np.int64).min)
"""Stands in arrays for an instant that is not known."""
NOBODY: Ints = np.zeros(0, np.int64)


class Reading(NamedTuple):
    """What a mapping makes of a wording: all of an Activity but its instant and the end of its id. `begin` is how the
    id begins, and the number that stands for the event ends it; after `=` it is given whole."""

    kind: str
    subject: str | None
    attributes: Mapping[str, str]
    set_aside: str | None
    begin: str

    @property
    def source(self) -> str:
        """The event source that told of the activity: reading puts it before the event's id."""
        return self.begin.removeprefix("=").partition(":")[0]

    def activity(self, key: int, at: Instant) -> Activity:
        whole = self.begin[1:] if self.begin.startswith("=") else f"{self.begin}{key:019d}"
        return Activity(whole, self.kind, at, self.subject, self.attributes, self.set_aside)


@dataclass(frozen=True, slots=True, eq=False)
class Deeds(Sequence[Activity]):
    """One lead's activities: the instant of each, its reading (a number in `readings`), and the number that stands for
    the event."""

    at: Ints
    reading: Ints
    keys: Ints = field(repr=False)
    readings: Mapping[int, Reading] = field(repr=False)

    def __len__(self) -> int:
        return len(self.at)

    @overload
    def __getitem__(self, place: int) -> Activity: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Activity]: ...
    def __getitem__(self, place: int | slice) -> Activity | Sequence[Activity]:
        if isinstance(place, slice):
            return [self[n] for n in range(len(self))[place]]
        return self.readings[int(self.reading[place])].activity(int(self.keys[place]), int(self.at[place]))

    def __iter__(self) -> Iterator[Activity]:
        rows = zip(self.at.tolist(), self.reading.tolist(), self.keys.tolist(), strict=True)
        return (self.readings[reading].activity(key, at) for at, reading, key in rows)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]  # as a list has none


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """Some leads in arrays: those of whom nothing new is known since they were scored, whose CRM holds what we want,
    and who need not be looked at again yet. Hot ones only where they were scored by this very book: how long they stay
    hot may differ by another though the score is the same.

    `leads` are the store's numbers. `created` is UNKNOWN where it is not known. `inputs` tells of an input that was
    asked for each lead's place among some values (-1: unknown), and these, which the sheets of a pass may share and
    add to. The standing of lead i is `standings[standing[i]]`. Its activities stand from `offsets[i]` to `offsets[i +
    1]`, by instant and number of the event: the instant, and a number whose reading is in `said`, which all sheets of
    a pass share and add to. `outcomes` are by place; `imprints` are those of the last scoring."""

    leads: Ints
    created: Ints
    inputs: Callable[[str], tuple[Ints, Sequence[Value]]] = field(repr=False)
    offsets: Ints
    at: Ints
    readings: Ints
    said: Mapping[int, Reading] = field(repr=False)
    outcomes: Mapping[int, Sequence[Outcome]] = field(repr=False)
    standings: Sequence[Standing]
    standing: Ints
    imprints: Ints


@dataclass(slots=True)
class Answers:
    """What is told of numbers, each asked about once. They are a dictionary's: not huge."""

    tell: Callable[[int], int]
    table: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    asked: Bools = field(default_factory=lambda: np.zeros(0, np.bool_))

    def of(self, numbers: Ints) -> Ints:
        """The answer for each of the numbers."""
        if not len(numbers):
            return numbers
        met = np.bincount(numbers, minlength=len(self.table)) > 0
        more = len(met) - len(self.table)
        self.table = np.append(self.table, np.zeros(more, np.int64))
        self.asked = np.append(self.asked, np.zeros(more, np.bool_))
        new = np.flatnonzero(met & ~self.asked)
        self.table[new] = [self.tell(number) for number in new.tolist()]
        self.asked[new] = True
        return self.table[numbers]


def settled(lead: Ints, at: Ints, numbers: Ints, readings: Mapping[int, Reading]) -> tuple[Ints, Ints]:
    """The order by lead, instant and id of what stands by lead, instant and number of the event; and the leads for
    whom it cannot be told without looking at ids."""
    order = np.arange(len(at))
    same = (np.diff(at) == 0) & (np.diff(lead) == 0)
    tied = np.flatnonzero(np.append(same, False) | np.append(False, same))
    if not len(tied):
        return order, tied
    begins = sorted({readings[n].begin for n in np.unique(numbers[tied]).tolist()})
    if any(begin.startswith("=") for begin in begins) or any(b.startswith(a) for a, b in pairwise(begins)):
        return order, lead[tied]  # one id whole, or one beginning within another: their order is not that of the parts
    rank = {begin: place for place, begin in enumerate(begins)}
    ranks = Answers(lambda n: rank[readings[n].begin]).of(numbers[tied])
    order[tied] = tied[np.lexsort((ranks, at[tied], lead[tied]))]
    return order, tied[:0]

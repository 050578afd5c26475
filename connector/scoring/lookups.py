"""What the tests of a scorecard say of each different value and each class of activities: worked out once for all the
chunks that share the same lists, whatever their number."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeAlias, TypeVar
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from connector.deeds import UNKNOWN
from connector.instants import DAY, Instant, offset_at
from connector.model import Value
from connector.scoring.arrays import NEVER, Bools, Coded, Deed, Ints
from connector.scoring.compile import HUMAN, Compiled, Sought
from connector.scoring.conditions import Test, flips_at, fold, holds, text_holds

T = TypeVar("T")
Words = NDArray[np.uint32]
Decided: TypeAlias = tuple[Bools, Ints | None]
FOREVER = 1 << 61
"""Longer than any age, yet small enough that an instant and it can be added."""


@dataclass(frozen=True, slots=True)
class Sorting:
    """How the classes of activities are looked at. `word` and `bit` say where in `tables` a Sought has its mark for
    each class. An activity of a class is wanted while it is later than `oldest`: what is older, no rule looks at."""

    places: dict[Sought, tuple[int, np.uint32]]
    tables: Sequence[Words]
    oldest: Ints
    subjects: Ints


@dataclass(frozen=True, slots=True)
class Lookups:
    """One scoring's answers so far, each with the list it is about. Threads may share it: at worst an answer is worked
    out twice."""

    compiled: Compiled
    as_of: Instant
    found: dict[Any, tuple[object, Any]] = field(default_factory=dict)

    def once(self, key: object, about: object, answer: Callable[[], T]) -> T:
        """The answer for this list; another list under the same key takes its place."""
        known = self.found.get(key)
        if known is None or known[0] is not about:
            known = self.found[key] = about, answer()
        told: T = known[1]
        return told


def sorting_of(lookups: Lookups, deeds: Sequence[Deed]) -> Sorting:
    """The marks of every class for all that the scorecard looks for."""
    return lookups.once("classes", deeds, lambda: _sorting(lookups, deeds))


def _sorting(lookups: Lookups, deeds: Sequence[Deed]) -> Sorting:
    oldest = np.full(len(deeds), lookups.as_of, np.int64)
    places: dict[Sought, tuple[int, np.uint32]] = {}
    tables: list[Words] = []
    for metric in filter(None, lookups.compiled.metrics):
        sought = metric.sought
        if sought not in places:
            word, bit = divmod(len(places), 32)
            places[sought] = word, np.uint32(1 << bit)
            if word == len(tables):
                tables.append(np.zeros(len(deeds), np.uint32))
            tables[word][means(lookups, sought, deeds)] |= places[sought][1]
        if sought == HUMAN:
            continue  # the kernel walks back for it
        word, mark = places[sought]
        bound = UNKNOWN if metric.within is None else lookups.as_of - min(metric.within, FOREVER)
        mine = (tables[word] & mark) != 0
        oldest[mine] = np.minimum(oldest[mine], bound)
    known: dict[str, int] = {}
    subjects = [known.setdefault(fold(d.subject or ""), len(known)) for d in deeds]  # none is one of its own
    return Sorting(places, tables, oldest, np.array(subjects, np.int64))


def means(lookups: Lookups, sought: Sought, deeds: Sequence[Deed]) -> Bools:
    """Which classes are meant."""
    return lookups.once(sought, deeds, lambda: _means(lookups, sought, deeds))


def _means(lookups: Lookups, sought: Sought, deeds: Sequence[Deed]) -> Bools:
    passive, as_of = lookups.compiled.card.vocabulary.passive, lookups.as_of
    names, kinds = lookups.once("kinds", deeds, lambda: _kinds(deeds))
    subjects = lookups.once("subjects", deeds, lambda: [fold(deed.subject or "") for deed in deeds])
    asked = [name not in passive if sought.kinds is None else name in sought.kinds for name in names]
    meant = np.array(asked, np.bool_)[kinds]
    for name, test in sought.where:
        for place in np.flatnonzero(meant).tolist():
            if name == "subject":
                meant[place] = text_holds(test, subjects[place])
            else:
                meant[place] = holds(test, deeds[place].attributes.get(name), as_of)
    return meant


def _kinds(deeds: Sequence[Deed]) -> tuple[list[str], Ints]:
    known: dict[str, int] = {}
    codes = np.fromiter((known.setdefault(deed.kind, len(known)) for deed in deeds), np.int64, len(deeds))
    return list(known), codes


def answers_of(lookups: Lookups, name: str, test: Test, column: Coded) -> tuple[Bools, Ints | None]:
    """For each value whether the test holds, and when that flips (None: for no value ever). The last answer is that
    for what is unknown, which -1 finds. A list may grow; then only what is new is asked about."""
    latest = lookups.once((name, test), column.values, lambda: [_decided(lookups, test, [None])])
    known = latest[0]
    if missing := column.values[len(known[0]) - 1 :]:
        known = latest[0] = _more(known, _decided(lookups, test, missing))
    return known


def _decided(lookups: Lookups, test: Test, values: Sequence[Value | None]) -> Decided:
    answers = np.fromiter((holds(test, value, lookups.as_of) for value in values), np.bool_, len(values))
    flips = [flips_at(test, value, lookups.as_of) for value in values]
    if not any(flip is not None for flip in flips):
        return answers, None
    return answers, np.array([NEVER if flip is None else min(flip, NEVER) for flip in flips], np.int64)


def _more(known: Decided, new: Decided) -> Decided:
    """Answers with some more put before the last."""
    answers = np.concatenate([known[0][:-1], new[0], known[0][-1:]])
    if known[1] is None and new[1] is None:
        return answers, None
    old, more = (np.full(len(told), NEVER, np.int64) if turns is None else turns for told, turns in (known, new))
    return answers, np.concatenate([old[:-1], more, old[-1:]])


MOST_DAYS = 40_000
"""A century of days is looked up in a table; beyond, each day by itself."""


def offsets_on(days: Ints, zone: ZoneInfo) -> tuple[Ints, Bools]:
    """How far the zone's clocks are ahead on each UTC day; and where they are turned on it."""
    first, last = int(days.min()), int(days.max())
    if last - first < MOST_DAYS:
        table, turning = _table(first, last, zone)
        return table[days - first], turning[days - first]
    each, which = np.unique(days, return_inverse=True)
    table, turning = _offsets(each.tolist(), zone)
    return table[which], turning[which]


@lru_cache(maxsize=256)
def _table(first: int, last: int, zone: ZoneInfo) -> tuple[Ints, Bools]:
    return _offsets(range(first, last + 1), zone)


def _offsets(days: Iterable[int], zone: ZoneInfo) -> tuple[Ints, Bools]:
    found = [_offset_on(day, zone) for day in days]
    return np.array([o or 0 for o in found], np.int64), np.array([o is None for o in found], np.bool_)


@lru_cache(maxsize=100_000)
def _offset_on(day: int, zone: ZoneInfo) -> int | None:
    """None when the clocks are turned on that day."""
    first, last = offset_at(day * DAY, zone), offset_at((day + 1) * DAY - 1, zone)
    return first if first == last else None

"""Many leads' activities as one timeline: by lead, instant and id, each with its class.

A class is what rules can tell apart: kind, subject and the attributes that are asked about.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TypeAlias

import numpy as np

from connector.deeds import Deeds, Reading, by_number
from connector.model import Activity
from connector.scoring.arrays import Deed, Ints
from connector.scoring.compile import Compiled
from connector.scoring.conditions import fold

Activities: TypeAlias = Sequence[Activity]
ASIDE = -1
"""Stands for the class of an activity that is set aside."""
_Key: TypeAlias = tuple[str, str | None, tuple[str | None, ...]]


def timeline_of(compiled: Compiled, whose: Sequence[Activities]) -> tuple[Ints, Ints, Ints, list[Deed]]:
    """Where each lead's activities begin and end, their instants and classes, and what each class stands for. What is
    set aside is left out."""
    if not whose:
        return np.zeros(1, np.int64), np.zeros(0, np.int64), np.zeros(0, np.int64), []
    classes = Classes(compiled.attributes)
    at = np.concatenate([_instants(activities) for activities in whose])
    code = np.concatenate(classes.of(whose))
    lengths = np.fromiter(map(len, whose), np.int64, len(whose))
    lead = np.repeat(np.arange(len(whose)), lengths)
    place = np.arange(len(at)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    order = np.lexsort((at, lead))
    order = order[code[order] != ASIDE]
    _settle_ties(order, at, lead, place, whose)
    offsets = np.zeros(len(whose) + 1, np.int64)
    np.cumsum(np.bincount(lead[order], minlength=len(whose)), out=offsets[1:])
    return offsets, at[order], code[order], classes.deeds()


def _instants(activities: Activities) -> Ints:
    if isinstance(activities, Deeds):
        return activities.at
    return np.fromiter((a.at for a in activities), np.int64, len(activities))


def _settle_ties(order: Ints, at: Ints, lead: Ints, place: Ints, whose: Sequence[Activities]) -> None:
    """Sort by id where several activities of one lead have one instant; ids are looked at nowhere else."""
    same = (np.diff(at[order]) == 0) & (np.diff(lead[order]) == 0)
    if not same.any():
        return
    starts = np.flatnonzero(np.r_[True, ~same]).tolist()
    for start, end in pairwise([*starts, len(order)]):
        if end - start > 1:
            tied = order[start:end].tolist()
            order[start:end] = sorted(tied, key=lambda n: whose[int(lead[n])][int(place[n])].id)


@dataclass(slots=True)
class Classes:
    """Numbers for classes, as they are met."""

    attributes: Sequence[str]
    known: dict[_Key, int] = field(default_factory=dict)
    told: list[Deed] = field(default_factory=list)

    def of(self, whose: Sequence[Activities]) -> list[Ints]:
        """The class of each activity, lead by lead. Of stored deeds, each reading is looked at once."""
        deeds = [activities for activities in whose if isinstance(activities, Deeds)]
        stored = [d for d in deeds if d.readings is deeds[0].readings]  # all of them, if one store gave them
        codes = {id(d): found for d, found in zip(stored, self._of_stored(stored), strict=True)}
        return [
            found if (found := codes.get(id(activities))) is not None else self._of_list(activities)
            for activities in whose
        ]

    def _of_stored(self, stored: Sequence[Deeds]) -> Iterator[Ints]:
        if not stored:
            return
        found = self.of_readings(np.concatenate([deeds.reading for deeds in stored]), stored[0].readings)
        ends = np.cumsum([len(deeds) for deeds in stored])
        yield from np.split(found, ends[:-1])

    def of_readings(self, numbers: Ints, readings: Mapping[int, Reading]) -> Ints:
        """The class of each activity by the number of its reading; ASIDE for what is set aside."""
        return by_number(numbers, lambda number: self._number(readings[number]))

    def _of_list(self, activities: Activities) -> Ints:
        return np.fromiter(map(self._number, activities), np.int64, len(activities))

    def _number(self, told: Activity | Reading) -> int:
        if told.set_aside is not None:
            return ASIDE
        key = (told.kind, told.subject, tuple(told.attributes.get(name) for name in self.attributes))
        return self.known.setdefault(key, len(self.known))

    def deeds(self) -> list[Deed]:
        """What each class stands for: the very same list as long as no class is added, so that what was looked up of
        it need not be looked up again."""
        if len(self.told) != len(self.known):
            self.told = [_deed(self.attributes, *key) for key in self.known]
        return self.told


def _deed(names: Sequence[str], kind: str, subject: str | None, values: Sequence[str | None]) -> Deed:
    said = {name: value for name, value in zip(names, values, strict=True) if value is not None}
    return Deed(kind, subject if subject and fold(subject) else None, said)

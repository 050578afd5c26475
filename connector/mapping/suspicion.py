"""Hygiene in arrays: what it sets aside of millions of stored activities, and for whom that is only found out by
looking at them one by one. `hygiene.py` says what is right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TypeAlias

import numpy as np

from connector.deeds import Answers, Bools, Deeds, Ints, Reading, settled
from connector.instants import SECOND, Duration
from connector.mapping.hygiene import BURST, LINKS, MAIL
from connector.mapping.nodes import AFTER_DELIVERY, Hygiene
from connector.mapping.texts import fold
from connector.model import Activity

Trusted: TypeAlias = tuple[Sequence[Activity], int]
"""A lead's activities less those that are set aside, and how many these are."""


def trusted(whose: Sequence[Sequence[Activity]], hygiene: Hygiene) -> list[Trusted | None]:
    """By lead, the activities that count, as `set_aside` has it for whoever is not own staff. None where that is only
    found out by looking at them one by one."""
    stored = [n for n, activities in enumerate(whose) if isinstance(activities, Deeds)]
    deeds = [activities for activities in whose if isinstance(activities, Deeds)]
    found: list[Trusted | None] = [None if len(activities) else (activities, 0) for activities in whose]
    for n, told in zip(stored, _trusted(deeds, hygiene), strict=True):
        found[n] = told
    return found


def _trusted(deeds: Sequence[Deeds], hygiene: Hygiene) -> Sequence[Trusted | None]:
    if not deeds or any(d.readings is not deeds[0].readings for d in deeds):
        return [None] * len(deeds)
    many, readings = len(deeds), deeds[0].readings
    lengths = np.fromiter(map(len, deeds), np.int64, many)
    lead = np.repeat(np.arange(many), lengths)
    columns = (np.concatenate(column) for column in zip(*((d.at, d.reading, d.keys) for d in deeds), strict=True))
    at, numbers, keys = columns
    order, tied = settled(lead, at, numbers, readings)
    kept, unclear = sift(sieve_of(hygiene, readings), many, lead, at[order], numbers[order])
    unclear[tied] = True
    order = order[kept]
    left = np.bincount(lead[kept], minlength=many)
    parts = (np.split(column[order], np.cumsum(left)[:-1]) for column in (at, numbers, keys))
    each = zip(deeds, *parts, (lengths - left).tolist(), unclear.tolist(), strict=True)
    return [
        None if doubt else (Deeds(when, what, key, readings), gone) if gone else (whole, 0)
        for whole, when, what, key, gone, doubt in each
    ]


ASIDE, AT_ONCE, BURSTING, FIRST_SOURCE = 1, 2, 4, 8
"""Bits that mark a reading: set aside, a click right after delivery, one that may belong to a burst; from the last on,
sources."""


@dataclass(frozen=True, slots=True)
class Sieve:
    """Hygiene, and what it says of readings by number: `marks` are bits, `alike` is equal where one may repeat the
    other. `sources` are the bits of those that tell what a better one may tell too, each with the better one's."""

    hygiene: Hygiene
    marks: Answers
    alike: Answers
    sources: Sequence[tuple[int, int]]


def sieve_of(hygiene: Hygiene, readings: Mapping[int, Reading]) -> Sieve:
    """For these readings by number; more may be added to them later."""
    known: dict[tuple[str, str], int] = {}
    bits = {name: FIRST_SOURCE << n for n, name in enumerate(dict.fromkeys(chain(*hygiene.fallback.items())))}
    return Sieve(
        hygiene,
        Answers(lambda n: _marks(readings[n], hygiene) | bits.get(readings[n].source, 0)),
        Answers(lambda n: known.setdefault(_alike(readings[n]), len(known))),
        [(bits[lesser], bits[better]) for lesser, better in hygiene.fallback.items()],
    )


def sift(sieve: Sieve, leads: int, lead: Ints, at: Ints, numbers: Ints) -> tuple[Bools, Bools]:
    """Which of the activities are trusted, and for which leads that cannot be told in arrays. They are given by lead
    (a place below `leads`), instant and id, each with the number of its reading. Own staff is not known here."""
    marks = sieve.marks.of(numbers)
    kept = marks & ASIDE == 0
    left = np.flatnonzero(kept)
    unclear = _told_twice(sieve, leads, lead, marks)
    unclear[_scanned(lead[left], at[left], marks[left])] = True
    if sieve.hygiene.repeat_within is not None and len(left):
        kept[left[_repeats(sieve.alike, lead[left], at[left], numbers[left], sieve.hygiene.repeat_within)]] = False
    return kept, unclear


def _marks(reading: Reading, hygiene: Hygiene) -> int:
    aside = reading.set_aside is not None or reading.kind in hygiene.set_aside
    return aside * ASIDE | _at_once(reading, hygiene) * AT_ONCE | _may_burst(reading, hygiene) * BURSTING


def _told_twice(sieve: Sieve, leads: int, lead: Ints, marks: Ints) -> Bools:
    """Leads of whom both a lesser source, in what counts, and the better one tell."""
    unclear = np.zeros(leads, np.bool_)
    for lesser, better in sieve.sources:
        told = np.bincount(lead[marks & (lesser | ASIDE) == lesser], minlength=leads) > 0
        unclear |= told & (np.bincount(lead[marks & better != 0], minlength=leads) > 0)
    return unclear


def _scanned(lead: Ints, at: Ints, marks: Ints) -> Ints:
    """Leads with a click right after delivery, or with so many clicks in so short a time that they may be a burst."""
    soon, clicks = marks & AT_ONCE != 0, np.flatnonzero(marks & BURSTING)
    first, last = clicks[: 1 - LINKS], clicks[LINKS - 1 :]
    burst = (lead[first] == lead[last]) & (at[last] - at[first] <= BURST)
    return np.concatenate([lead[soon], lead[first[burst]]])


def _repeats(like: Answers, lead: Ints, at: Ints, numbers: Ints, within: Duration) -> Ints:
    """The places of repeats. What lies between two alike is as close as they are, so that only activities with a close
    neighbour are put in order by kind and subject."""
    close = (np.diff(lead) == 0) & (np.diff(at) < within)
    near = np.flatnonzero(np.append(close, False) | np.append(False, close))
    alike = like.of(numbers[near])
    order = np.argsort(lead[near] * (alike.max(initial=0) + 1) + alike, kind="stable")  # by instant as they were
    near, alike = near[order], alike[order]
    again = (np.diff(lead[near]) == 0) & (np.diff(alike) == 0) & (np.diff(at[near]) < within)
    return near[_after_one_that_counts(at[near], again, within)]


def _after_one_that_counts(at: Ints, again: Bools, within: Duration) -> list[int]:
    """Of activities of which `again` says that the next one follows closely: those less than `within` after the last
    that counts."""
    found: list[int] = []
    counts = before = -1
    for place in (np.flatnonzero(again) + 1).tolist():
        if place - 1 != before:  # another row of close ones begins
            counts = place - 1
        if at[place] - at[counts] < within:
            found.append(place)
        else:
            counts = place
        before = place
    return found


def _at_once(reading: Reading, hygiene: Hygiene) -> bool:
    return reading.kind in hygiene.scanner and _soon(reading.attributes.get(AFTER_DELIVERY, ""))


def _soon(seconds: str) -> bool:
    return seconds.isdecimal() and int(seconds) * SECOND <= BURST


def _may_burst(reading: Reading, hygiene: Hygiene) -> bool:
    return reading.kind in hygiene.scanner and bool(reading.subject and reading.attributes.get(MAIL))


def _alike(reading: Reading) -> tuple[str, str]:
    """Equal for what a repeat repeats."""
    return reading.kind, fold(reading.subject or "")

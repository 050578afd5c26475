"""Hygiene in arrays: what it sets aside of millions of stored activities, and for whom that is only found out by
looking at them one by one. `hygiene.py` says what is right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TypeAlias

import numpy as np

from connector.deeds import Bools, Deeds, Ints, Reading, by_number, settled
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
    kept, unclear = sift(many, lead, at[order], numbers[order], readings, hygiene)
    unclear[tied] = True
    order = order[kept]
    left = np.bincount(lead[kept], minlength=many)
    parts = (np.split(column[order], np.cumsum(left)[:-1]) for column in (at, numbers, keys))
    each = zip(deeds, *parts, (lengths - left).tolist(), unclear.tolist(), strict=True)
    return [
        None if doubt else (Deeds(when, what, key, readings), gone) if gone else (whole, 0)
        for whole, when, what, key, gone, doubt in each
    ]


def sift(
    leads: int, lead: Ints, at: Ints, numbers: Ints, readings: Mapping[int, Reading], hygiene: Hygiene
) -> tuple[Bools, Bools]:
    """Which of the activities are trusted, and for which leads that cannot be told in arrays. They are given by lead
    (a place below `leads`), instant and id, each with the number of its reading. Own staff is not known here."""
    kept = by_number(numbers, lambda n: _aside(readings[n], hygiene)) == 0
    left = np.flatnonzero(kept)
    unclear = _told_twice(leads, lead, numbers, left, readings, hygiene)
    unclear[_scanned(lead[left], at[left], numbers[left], readings, hygiene)] = True
    if hygiene.repeat_within is not None and len(left):
        kept[left[_repeats(lead[left], at[left], numbers[left], readings, hygiene.repeat_within)]] = False
    return kept, unclear


def _aside(reading: Reading, hygiene: Hygiene) -> bool:
    return reading.set_aside is not None or reading.kind in hygiene.set_aside


def _told_twice(
    leads: int, lead: Ints, numbers: Ints, left: Ints, readings: Mapping[int, Reading], hygiene: Hygiene
) -> Bools:
    """Leads of whom both a lesser source and the better one tell."""
    unclear = np.zeros(leads, np.bool_)
    for lesser, better in hygiene.fallback.items():
        of = {name: by_number(numbers, partial(_is_from, readings, name)) != 0 for name in (lesser, better)}
        told = np.bincount(lead[left[of[lesser][left]]], minlength=leads) > 0
        unclear |= told & (np.bincount(lead[of[better]], minlength=leads) > 0)
    return unclear


def _is_from(readings: Mapping[int, Reading], source: str, number: int) -> bool:
    return readings[number].source == source


def _scanned(lead: Ints, at: Ints, numbers: Ints, readings: Mapping[int, Reading], hygiene: Hygiene) -> Ints:
    """Leads with a click right after delivery, or with so many clicks in so short a time that they may be a burst."""
    soon = by_number(numbers, lambda n: _at_once(readings[n], hygiene)) != 0
    clicks = np.flatnonzero(by_number(numbers, lambda n: _may_burst(readings[n], hygiene)))
    first, last = clicks[: 1 - LINKS], clicks[LINKS - 1 :]
    burst = (lead[first] == lead[last]) & (at[last] - at[first] <= BURST)
    return np.concatenate([lead[soon], lead[first[burst]]])


def _repeats(lead: Ints, at: Ints, numbers: Ints, readings: Mapping[int, Reading], within: Duration) -> Ints:
    """The places of repeats. What lies between two alike is as close as they are, so that only activities with a close
    neighbour are put in order by kind and subject."""
    close = (np.diff(lead) == 0) & (np.diff(at) < within)
    near = np.flatnonzero(np.append(close, False) | np.append(False, close))
    known: dict[tuple[str, str], int] = {}
    alike = by_number(numbers[near], lambda n: known.setdefault(_alike(readings[n]), len(known)))
    order = np.lexsort((at[near], alike, lead[near]))
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

"""Whose activities hygiene must look at one by one. Of millions stored, most leads have nothing to set aside, and
whether that is so is told by arrays; `hygiene.py` alone says what is set aside."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from connector.deeds import Deeds, Reading
from connector.instants import SECOND
from connector.mapping.hygiene import BURST, LINKS, MAIL
from connector.mapping.nodes import AFTER_DELIVERY, Hygiene
from connector.mapping.texts import fold
from connector.model import Activity


def suspects(whose: Sequence[Sequence[Activity]], hygiene: Hygiene) -> list[bool]:
    """By lead, whether anything of it can be set aside. False only where `set_aside` would leave all as it is, own
    staff apart, who are known by their inputs."""
    found = [not isinstance(activities, Deeds) and len(activities) > 0 for activities in whose]
    stored = [n for n, activities in enumerate(whose) if isinstance(activities, Deeds)]
    deeds = [activities for activities in whose if isinstance(activities, Deeds)]
    for n, suspect in zip(stored, _suspects(deeds, hygiene), strict=True):
        found[n] = suspect
    return found


def _suspects(deeds: Sequence[Deeds], hygiene: Hygiene) -> list[bool]:
    if not deeds:
        return []
    if any(d.readings is not deeds[0].readings for d in deeds):
        return [True] * len(deeds)
    met, back = np.unique(np.concatenate([d.reading for d in deeds]), return_inverse=True)
    readings = [deeds[0].readings[number] for number in met.tolist()]
    lead = np.repeat(np.arange(len(deeds)), np.fromiter(map(len, deeds), np.int64, len(deeds)))
    count = len(deeds)
    alone = np.fromiter((_by_itself(r, hygiene) for r in readings), np.bool_, len(readings))
    clicks = np.fromiter((_may_burst(r, hygiene) for r in readings), np.bool_, len(readings))
    suspect = np.bincount(lead[alone[back]], minlength=count) > 0
    suspect |= np.bincount(lead[clicks[back]], minlength=count) >= LINKS
    if hygiene.repeat_within is not None:
        at = np.concatenate([d.at for d in deeds])
        alike = _alike(readings)[back]
        order = np.lexsort((at, alike, lead))
        again = (np.diff(lead[order]) == 0) & (np.diff(alike[order]) == 0)
        again &= np.diff(at[order]) < hygiene.repeat_within
        suspect |= np.bincount(lead[order][1:][again], minlength=count) > 0
    told: list[bool] = suspect.tolist()
    return told


def _by_itself(reading: Reading, hygiene: Hygiene) -> bool:
    """An activity that may be set aside whatever the others are, or that a better source may tell again."""
    return (
        reading.set_aside is not None
        or reading.kind in hygiene.set_aside
        or reading.source in hygiene.fallback
        or (reading.kind in hygiene.scanner and _soon(reading.attributes.get(AFTER_DELIVERY, "")))
    )


def _soon(seconds: str) -> bool:
    return seconds.isdecimal() and int(seconds) * SECOND <= BURST


def _may_burst(reading: Reading, hygiene: Hygiene) -> bool:
    return reading.kind in hygiene.scanner and bool(reading.subject and reading.attributes.get(MAIL))


def _alike(readings: Sequence[Reading]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """A number for each kind and subject."""
    known: dict[tuple[str, str], int] = {}
    keys = ((r.kind, fold(r.subject or "")) for r in readings)
    return np.fromiter((known.setdefault(key, len(known)) for key in keys), np.int64, len(readings))

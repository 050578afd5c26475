"""64 bits that stand for all that a score says, so that millions of scores are compared with those kept without
putting any of them into words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import blake2b
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from connector.scoring.arrays import Columns, Deed, Ints, Verdicts
from connector.scoring.lookups import Lookups
from connector.scoring.verdict import written

Bits: TypeAlias = NDArray[np.uint64]
_ODD, _ODDER = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9)


def imprint_of(text: str) -> int:
    """64 bits that stand for a text, on every machine and in every process."""
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest())


def imprints_of(lookups: Lookups, columns: Columns, verdicts: Verdicts) -> Ints:
    """By lead, what stands for points, axes, standing, next change, and every line of the ledger with all it says; and
    for the rejection, which the closing words tell of. Equal scores have equal imprints; that different ones do is as
    unlikely as a digest's collision."""
    now = verdicts.now
    whole = [verdicts.points, now.state, now.hot_since, now.hot_number, now.handoff_number, now.by_change]
    told = _stirred([*whole, verdicts.next_change, columns.rejected_at, columns.quiet_until])
    for place, (axis, points) in enumerate(zip(lookups.compiled.card.axes, verdicts.axes, strict=True)):
        told += _stirred([_named(f"axis {place} {axis.id}", points), points])
    for leads, said in _lines(lookups, columns, verdicts):
        told[leads] += said
    return _stirred([told]).view(np.int64)


def _lines(lookups: Lookups, columns: Columns, verdicts: Verdicts) -> Iterator[tuple[Ints, Bits]]:
    """Each rule's lines and each cut's, with the leads that have them. A place stands in for the order of the lines."""
    subjects = lookups.once("imprints", columns.deeds, lambda: _subjects(columns.deeds))
    for place, (rule, found) in enumerate(zip(lookups.compiled.card.rules, verdicts.findings.rules, strict=True)):
        there = np.flatnonzero(found.points)
        points = found.points[there]
        rest: list[NDArray[Any]] = [column[there] for column in (found.occurrences, found.first, found.last)]
        rest += [subjects[found.subject[there]], written(found.changes_at[there])]
        yield found.leads[there], _stirred([_named(f"rule {place} {rule.id}", points), points, *rest])
    for place, (name_, taken) in enumerate(verdicts.cuts):
        there = np.flatnonzero(taken)
        points = taken[there]
        yield there, _stirred([_named(f"cut {place} {name_}", points), points])


def _subjects(deeds: Sequence[Deed]) -> Bits:
    """By class; the last stands for none, which -1 finds."""
    return np.array([*(imprint_of(deed.subject or "") for deed in deeds), 0], np.uint64)


def _named(name: str, like: Ints) -> Bits:
    return np.broadcast_to(np.uint64(imprint_of(name)), like.shape)


def _stirred(parts: Sequence[NDArray[Any]]) -> Bits:
    """Some columns as one: every bit of each turns half of the bits."""
    told = np.zeros(len(parts[0]), np.uint64)
    for part in parts:
        told += part.astype(np.uint64)
        told *= _ODD
        told ^= told >> np.uint64(29)
    told *= _ODDER
    told ^= told >> np.uint64(32)
    return told

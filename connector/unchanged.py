"""Who scores as before: a change of rules or a full pass asks for everybody, and nearly everybody keeps their score.

That is found out in arrays, sheet after sheet, by the imprint of each score. Whoever is not surely unchanged is scored
and put into words one by one (`book.py`), so that in doubt this module says nothing of a lead.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from connector.book import Book, latest_rejection
from connector.deeds import UNKNOWN, Answers, Bools, Ints, Reading, Sheet, settled
from connector.instants import Instant
from connector.mapping.nodes import OWN
from connector.mapping.suspicion import Sieve, sieve_of, sift
from connector.scoring.arrays import Coded, Columns, Standings
from connector.scoring.columns import standings, sums_fit
from connector.scoring.compile import compile_card
from connector.scoring.imprint import imprints_of
from connector.scoring.lookups import Lookups
from connector.scoring.timeline import Classes
from connector.scoring.verdict import score_chunk


@dataclass(frozen=True, slots=True)
class _Desk:
    """What all sheets share."""

    book: Book
    seal: int
    lookups: Lookups
    classes: Classes
    class_of: Answers
    sieve: Sieve


def _desk(book: Book, as_of: Instant, said: Mapping[int, Reading]) -> _Desk:
    compiled = compile_card(book.card)
    classes = Classes(compiled.attributes)
    lookups, sieve = Lookups(compiled, as_of), sieve_of(book.mapping.hygiene, said)
    return _Desk(book, book.seal, lookups, classes, classes.numbered(said), sieve)


class Kept(NamedTuple):
    """The numbers of leads whose score says what it said when it was last written, and how many of them are hot."""

    leads: Ints
    hot: int


def unchanged(book: Book, sheets: Iterable[Sheet], as_of: Instant) -> Iterator[Kept]:
    """By sheet, whose points, standing and every line are as before, and would be worded as before. Pure."""
    desk: _Desk | None = None
    for sheet in sheets:
        desk = desk or _desk(book, as_of, sheet.said)
        yield _kept(sheet, _same(desk, sheet))


def _kept(sheet: Sheet, same: Bools) -> Kept:
    hot = np.array([standing.state.is_hot for standing in sheet.standings], np.bool_)[sheet.standing]
    return Kept(sheet.leads[same], int((hot & same).sum()))


def _same(desk: _Desk, sheet: Sheet) -> Bools:
    columns, unclear = _columns(desk, sheet)
    if not sums_fit(desk.lookups.compiled, columns):
        return np.zeros(len(sheet.leads), np.bool_)
    told = imprints_of(desk.lookups, columns, score_chunk(desk.lookups, columns))
    same: Bools = ~unclear & ((told ^ desk.seal) == sheet.imprints)
    return same


def _columns(desk: _Desk, sheet: Sheet) -> tuple[Columns, Bools]:
    """The sheet's leads as the engine wants them, with what hygiene sets aside left out; and for whom that is unclear:
    own staff, and whoever must be looked at one by one."""
    many, compiled = len(sheet.leads), desk.lookups.compiled
    lead = np.repeat(np.arange(many), np.diff(sheet.offsets))
    order, tied = settled(lead, sheet.at, sheet.readings, sheet.said)
    at, numbers = sheet.at[order], sheet.readings[order]
    kept, unclear = sift(desk.sieve, many, lead, at, numbers)
    unclear[tied] = True
    whose, values = sheet.inputs(OWN)
    unclear |= np.array([*(value is True for value in values), False], np.bool_)[whose]
    offsets = np.zeros(many + 1, np.int64)
    np.cumsum(np.bincount(lead[kept], minlength=many), out=offsets[1:])
    classes = desk.class_of.of(numbers[kept])
    columns = Columns(
        offsets, at[kept], classes, desk.classes.deeds(), sheet.created,
        {name: Coded(*sheet.inputs(name)) for name in compiled.inputs}, *_rejections(desk.book, sheet), _before(sheet),
    )  # fmt: skip
    return columns, unclear


def _rejections(book: Book, sheet: Sheet) -> tuple[Ints, Ints]:
    """When each was last turned down, and until when it rests."""
    at, quiet = (np.full(len(sheet.leads), UNKNOWN, np.int64) for _ in range(2))
    for place, outcomes in sheet.outcomes.items():
        if no := latest_rejection(outcomes, book.mapping.quiet):
            at[place], quiet[place] = no.at, no.quiet_until
    return at, quiet


def _before(sheet: Sheet) -> Standings:
    known = standings(sheet.standings)
    which = sheet.standing
    return Standings(
        known.state[which],
        known.hot_since[which],
        known.hot_number[which],
        known.handoff_number[which],
        known.by_change[which],
    )

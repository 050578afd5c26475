"""The columnar engine: many leads at once, the same answers as the reference to the last digit.

Activities stand in arrays, sorted by lead and instant. Kind, subject and the attributes that rules ask about are coded
as one class, so a test on text runs once for each different text and never for each activity.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from connector.deeds import UNKNOWN
from connector.instants import Instant
from connector.model import Lead, Score, Standing, Value
from connector.scoring.arrays import NEVER, Coded, Columns, Ints, Standings
from connector.scoring.assemble import instants_of, scores_of
from connector.scoring.compile import Compiled, compile_card
from connector.scoring.desk import same
from connector.scoring.hot import NEVER_SCORED
from connector.scoring.imprint import imprints_of
from connector.scoring.lookups import Lookups
from connector.scoring.reference import score_lead
from connector.scoring.scorecard import Did, Rule, Scorecard
from connector.scoring.timeline import timeline_of
from connector.scoring.until import hot_until, hot_untils
from connector.scoring.verdict import CODES, score_chunk

CHUNK = 20_000
"""Leads at a time: what they need in memory stays small, and fits the processor's cache better."""


def score_leads(card: Scorecard, leads: Sequence[Lead], as_of: Instant) -> list[Score]:
    """The leads' scores as of an instant, in order; the same as by `score_lead`."""
    return [told.score for told in scored(card, leads, as_of)]


class Told(NamedTuple):
    """A score; when its heat will end if nothing happens (None: it does not, or there is none); and its imprint, None
    where the reference engine had to step in."""

    score: Score
    hot_until: Instant | None
    imprint: int | None


def scored(card: Scorecard, leads: Sequence[Lead], as_of: Instant, *, ahead: bool = False) -> list[Told]:
    """The same, and what can be told of it. `ahead`: look for the end of the heat of those who are hot."""
    lookups = Lookups(compile_card(card), as_of)
    chunks = (leads[start : start + CHUNK] for start in range(0, len(leads), CHUNK))
    return [told for chunk in chunks for told in _score_chunk(lookups, chunk, ahead)]


def _score_chunk(lookups: Lookups, leads: Sequence[Lead], ahead: bool) -> list[Told]:
    card, as_of, columns = lookups.compiled.card, lookups.as_of, columns_of(lookups.compiled, leads)
    if not sums_fit(lookups.compiled, columns):
        alone = ((lead, score_lead(card, lead, as_of)) for lead in leads)
        return [Told(score, hot_until(card, lead, score) if ahead else None, None) for lead, score in alone]
    verdicts = score_chunk(lookups, columns)
    until = hot_untils(lookups, columns, verdicts) if ahead else same(NEVER, verdicts.points)
    scores = scores_of(lookups.compiled, columns, [lead.ref for lead in leads], verdicts, as_of)
    imprints = imprints_of(lookups, columns, verdicts).tolist()
    return [Told(*told) for told in zip(scores, instants_of(until, NEVER), imprints, strict=True)]


def sums_fit(compiled: Compiled, columns: Columns) -> bool:
    """Whether no sum of hundredths can leave 64 bits. Points beyond that are for the reference engine."""
    most = max(len(columns.at), 1)
    return sum(abs(rule.points) * 100 * min(_up_to(rule, most), most) for rule in compiled.card.rules) < NEVER // 2


def _up_to(rule: Rule, most: int) -> int:
    limit = rule.deed.count.up_to if isinstance(rule.deed, Did) else 1
    return most if limit is None else limit


def columns_of(compiled: Compiled, leads: Sequence[Lead]) -> Columns:
    """The leads as columns, with the inputs and attributes that the scorecard asks about."""
    offsets, at, classes, deeds = timeline_of(compiled, [lead.activities for lead in leads])
    rejections = [lead.rejection for lead in leads]
    return Columns(
        offsets,
        at,
        classes,
        deeds,
        _ints(UNKNOWN if lead.created_at is None else lead.created_at for lead in leads),
        {name: coded([lead.inputs.get(name) for lead in leads]) for name in compiled.inputs},
        _ints(UNKNOWN if no is None else no.at for no in rejections),
        _ints(UNKNOWN if no is None else no.quiet_until for no in rejections),
        standings([lead.before or NEVER_SCORED for lead in leads]),
    )


def standings(before: Sequence[Standing]) -> Standings:
    return Standings(
        _ints(CODES[standing.state] for standing in before),
        _ints(UNKNOWN if standing.hot_since is None else standing.hot_since for standing in before),
        _ints(standing.hot_number for standing in before),
        _ints(standing.handoff_number for standing in before),
        np.fromiter((standing.by_change for standing in before), np.bool_),
    )


def _ints(values: Iterable[int]) -> Ints:
    return np.fromiter(values, np.int64)


def coded(values: Sequence[Value | None]) -> Coded:
    """Equal values share a code. Values of different types are never equal here, though Python says 1 == True."""
    if len(set(map(type, values)) - {type(None)}) > 1:
        return _coded_by_type(values)
    different = [value for value in dict.fromkeys(values) if value is not None]
    places: dict[Value | None, int] = {value: code for code, value in enumerate(different)} | {None: -1}
    return Coded(np.fromiter(map(places.__getitem__, values), np.int64, len(values)), different)


def _coded_by_type(values: Sequence[Value | None]) -> Coded:
    known: dict[tuple[type, Value], int] = {}
    codes = _ints(-1 if v is None else known.setdefault((type(v), v), len(known)) for v in values)
    return Coded(codes, [value for _, value in known])

"""When a hot lead will cease to be hot if nothing happens: found by living through what is to come."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from connector.deeds import UNKNOWN
from connector.instants import LATEST, Instant
from connector.model import Lead, Score
from connector.scoring.arrays import NEVER, Coded, Columns, Ints, Standings, Verdicts
from connector.scoring.lookups import Lookups
from connector.scoring.reference import score_lead
from connector.scoring.scorecard import Scorecard
from connector.scoring.verdict import HOT_CODES, score_chunk

STEPS = 1_000
"""So many changes are looked ahead; a heat that outlives them has no end worth a date on the record."""


def hot_until(card: Scorecard, lead: Lead, score: Score) -> Instant | None:
    """The instant at which the lead leaves hot without new data; None while it does not, within STEPS changes, and for
    a lead that is not hot. `score` is the lead's own."""
    for _ in range(STEPS):
        at = score.next_change_at
        if at is None or not score.standing.state.is_hot:
            return None
        score = score_lead(card, replace(lead, before=score.standing), at)
        if not score.standing.state.is_hot:
            return at
    return None


def hot_untils(lookups: Lookups, columns: Columns, verdicts: Verdicts) -> Ints:
    """The same for all leads of a chunk, NEVER for None. All hot leads live through their next change side by side,
    each at an instant of its own: their instants are moved so that it is the lookups' `as_of`."""
    until = np.full(columns.leads, NEVER, np.int64)
    who = _alive(verdicts, np.arange(columns.leads))
    now, at = _taken(verdicts.now, who), verdicts.next_change[who]
    for _ in range(STEPS):
        if not len(who):
            break
        moved = lookups.as_of - at
        then = score_chunk(lookups, _moved(columns, who, now, moved))
        ended = ~np.isin(then.now.state, HOT_CODES)
        until[who[ended]] = at[ended]
        stay = _alive(then, np.arange(len(who)))
        upcoming = then.next_change[stay] - moved[stay]
        stay, upcoming = stay[upcoming <= LATEST], upcoming[upcoming <= LATEST]
        now = _taken(_shifted(then.now, -moved), stay)
        who, at = who[stay], upcoming
    return until


def _alive(verdicts: Verdicts, who: Ints) -> Ints:
    """Who is hot, and may change."""
    alive: Ints = who[np.isin(verdicts.now.state, HOT_CODES) & (verdicts.next_change != NEVER)]
    return alive


def _moved(columns: Columns, who: Ints, before: Standings, moved: Ints) -> Columns:
    """Some of the leads, with what they were before, and every instant of a lead moved by so much."""
    starts, ends = columns.offsets[who], columns.offsets[who + 1]
    offsets = np.concatenate(([0], np.cumsum(ends - starts)))
    places = np.repeat(starts - offsets[:-1], ends - starts) + np.arange(int(offsets[-1]))
    inputs = {name: Coded(column.codes[who], column.values) for name, column in columns.inputs.items()}
    instants = (_later(column[who], moved) for column in (columns.created, columns.rejected_at, columns.quiet_until))
    created, rejected_at, quiet_until = instants
    at = columns.at[places] + np.repeat(moved, ends - starts)
    return Columns(
        offsets, at, columns.classes[places], columns.deeds, created, inputs, rejected_at, quiet_until,
        _shifted(before, moved), moved,
    )  # fmt: skip


def _later(instants: Ints, by: Ints) -> Ints:
    return np.where(instants == UNKNOWN, UNKNOWN, instants + by)


def _shifted(told: Standings, by: Ints) -> Standings:
    return replace(told, hot_since=_later(told.hot_since, by))


def _taken(told: Standings, who: Ints) -> Standings:
    return Standings(
        told.state[who], told.hot_since[who], told.hot_number[who], told.handoff_number[who], told.by_change[who]
    )

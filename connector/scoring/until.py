"""When a hot lead will cease to be hot if nothing happens: found by living through what is to come."""

from __future__ import annotations

from dataclasses import replace

from connector.instants import Instant
from connector.model import Lead, Score
from connector.scoring.reference import score_lead
from connector.scoring.scorecard import Scorecard

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

"""The reference engine, lead by lead in plain Python."""

from __future__ import annotations

from typing import Any

from connector.scoring.arrays import STATES
from connector.scoring.reference import score_lead
from study.card import Source, card_of
from study.world import Study


def load(study: Study, words: dict[str, Any], leads: int) -> Any:
    source = Source(study)
    return card_of(), [source.lead(place) for place in range(leads)], words["now"]


def score(data: Any) -> Any:
    card, leads, now = data
    return [score_lead(card, lead, now) for lead in leads]


def told(_: Any, scores: Any) -> Any:
    """Points and states; by rule it has ledger lines alone, which leave out those that fire with 0 points."""
    return [s.points for s in scores], [STATES.index(s.standing.state) for s in scores], []

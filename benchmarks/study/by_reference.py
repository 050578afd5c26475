"""The reference engine, lead by lead in plain Python."""

from __future__ import annotations

from typing import Any

import numpy as np

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


def told(data: Any, scores: Any) -> Any:
    rules = []
    for rule in data[0].rules:
        lines = [next((line for line in s.ledger if line.rule == rule.id), None) for s in scores]
        rules.append(
            tuple(np.array([getattr(line, n, 0) or 0 for line in lines]) for n in ("points", "occurrences", "last"))
        )
    return [s.points for s in scores], [STATES.index(s.standing.state) for s in scores], rules

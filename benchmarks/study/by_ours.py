"""Our kernel: chunks of leads as Columns, every rule's findings kept, the verdicts kept."""

from __future__ import annotations

from typing import Any

import numpy as np

from connector.scoring.compile import compile_card
from connector.scoring.verdict import score_columns
from study.card import Source, card_of
from study.world import Study

CHUNK = 50_000


def load(study: Study, words: dict[str, Any], leads: int) -> Any:
    source, compiled = Source(study), compile_card(card_of())
    for name in ("at", "classes"):
        np.asarray(getattr(study, name)).sum()  # into memory before the clock runs
    return source, compiled, words["now"], leads


def score(data: Any) -> Any:
    source, compiled, now, leads = data
    edges = range(0, leads, CHUNK)
    chunks = (source.columns(start, min(start + CHUNK, leads), compiled.inputs) for start in edges)
    return [score_columns(compiled, chunk, now) for chunk in chunks]


def told(data: Any, verdicts: Any) -> Any:
    many = range(len(data[1].card.rules))
    rules = [tuple(np.concatenate(c) for c in zip(*(_rule(v, n) for v in verdicts), strict=True)) for n in many]
    points, states = (
        np.concatenate([pick(v) for v in verdicts]) for pick in (lambda v: v.points, lambda v: v.now.state)
    )
    return points, states, rules


def _rule(verdicts: Any, n: int) -> tuple[Any, Any, Any]:
    found = verdicts.findings.rules[n]
    return found.points * found.fires, found.occurrences * found.fires, found.last * found.fires

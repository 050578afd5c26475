"""Our kernel: chunks of leads as Columns, every rule's findings kept, the verdicts kept."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from connector.scoring.arrays import Verdicts
from connector.scoring.compile import compile_card
from connector.scoring.entries import entries_of
from connector.scoring.verdict import score_chunks
from study.card import Source, card_of
from study.world import Study

CHUNK = 16_000
"""Leads at a time."""


def load(study: Study, words: dict[str, Any], leads: int) -> Any:
    source, compiled = Source(study), compile_card(card_of())
    for name in ("at", "classes"):
        np.asarray(getattr(study, name)).sum()  # into memory before the clock runs
    return source, compiled, words["now"], leads


def score(data: Any) -> Any:
    source, compiled, now, leads = data
    edges = range(0, leads, CHUNK)
    chunks = (source.columns(start, min(start + CHUNK, leads), compiled.inputs) for start in edges)
    return list(score_chunks(compiled, chunks, now, os.cpu_count() or 1))


def also(_: Any, scored: Any) -> Any:
    """Every ledger of all leads, in the order in which it is shown."""
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        return list(pool.map(entries_of, (verdicts for _, verdicts in scored)))


def told(data: Any, scored: Any) -> Any:
    many = range(len(data[1].card.rules))
    rules = [tuple(np.concatenate(c) for c in zip(*(_rule(v, n) for _, v in scored), strict=True)) for n in many]
    points, states = (np.concatenate([pick(v) for _, v in scored]) for pick in (_points, _states))
    return points, states, rules


def _points(verdicts: Verdicts) -> Any:
    return verdicts.points


def _states(verdicts: Verdicts) -> Any:
    return verdicts.now.state


def _rule(verdicts: Verdicts, n: int) -> list[Any]:
    """Points, count and newest instant by lead, nothing where the rule does not fire."""
    found = verdicts.findings.rules[n]
    given = np.zeros((3, len(verdicts.points)), np.int64)
    given[:, found.leads] = found.points, found.occurrences, found.last
    return list(given)

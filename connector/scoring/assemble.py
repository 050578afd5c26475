"""From arrays back to Scores, each with its ledger."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from connector.instants import Instant
from connector.model import Line, Ref, Score, Standing
from connector.scoring.arrays import NEVER, STATES, UNKNOWN, Columns, Found, Ints, Standings, Verdicts
from connector.scoring.compile import Compiled
from connector.scoring.verdict import written


def scores_of(
    compiled: Compiled, columns: Columns, refs: Sequence[Ref], verdicts: Verdicts, as_of: Instant
) -> list[Score]:
    """The leads' Scores, in order."""
    names = [axis.id for axis in compiled.card.axes]
    axes = zip(*(axis.tolist() for axis in verdicts.axes), strict=True) if names else (() for _ in refs)
    parts = zip(
        refs,
        verdicts.points.tolist(),
        axes,
        _standings(verdicts.now),
        _ledgers(compiled, columns, verdicts),
        _instants(verdicts.next_change, NEVER),
        strict=True,
    )
    return [
        Score(ref, as_of, points, dict(zip(names, by_axis, strict=True)), standing, ledger, change)
        for ref, points, by_axis, standing, ledger, change in parts
    ]


def _standings(now: Standings) -> Iterator[Standing]:
    return (
        Standing(STATES[state], since, number, handoffs, by_change)
        for state, since, number, handoffs, by_change in zip(
            now.state.tolist(),
            _instants(now.hot_since, UNKNOWN),
            now.hot_number.tolist(),
            now.handoff_number.tolist(),
            now.by_change.tolist(),
            strict=True,
        )
    )


def _instants(values: Ints, none: int) -> list[Instant | None]:
    return [None if value == none else value for value in values.tolist()]


def _ledgers(compiled: Compiled, columns: Columns, verdicts: Verdicts) -> Iterator[tuple[Line, ...]]:
    """Largest effect first, then scorecard order; cuts last, alike."""
    rules = [_entries(number, found.leads, found.points) for number, found in enumerate(verdicts.findings.rules)]
    everyone = np.arange(columns.leads)
    cuts = [_entries(len(rules) + number, everyone, points) for number, (_, points) in enumerate(verdicts.cuts)]
    what, lead, points = (np.concatenate(column) for column in zip(*rules, *cuts, strict=True))
    order = np.lexsort((what, -np.abs(points), what >= len(rules), lead))
    lines: list[Line] = [*_rule_lines(compiled, columns, verdicts), *_cut_lines(verdicts)]
    sorted_lines = [lines[place] for place in order.tolist()]
    ends = np.cumsum(np.bincount(lead, minlength=columns.leads)).tolist()
    return (tuple(sorted_lines[start:end]) for start, end in zip([0, *ends], ends, strict=False))


def _entries(number: int, leads: Ints, points: Ints) -> tuple[Ints, Ints, Ints]:
    """The lines that one rule or cut has: its number, the lead, the points."""
    there = np.flatnonzero(points)
    return np.full(len(there), number, np.int64), leads[there], points[there]


def _rule_lines(compiled: Compiled, columns: Columns, verdicts: Verdicts) -> Iterator[Line]:
    for rule, found in zip(compiled.card.rules, verdicts.findings.rules, strict=True):
        yield from _lines(rule.id, columns, found)


def _lines(rule: str, columns: Columns, found: Found) -> Iterator[Line]:
    there = np.flatnonzero(found.points)
    parts = zip(
        found.points[there].tolist(),
        found.occurrences[there].tolist(),
        found.first[there].tolist(),
        found.last[there].tolist(),
        found.subject[there].tolist(),
        _instants(written(found.changes_at[there]), NEVER),
        strict=True,
    )
    for points, times, first, last, deed, changes_at in parts:
        if times:
            yield Line(rule, points, times, first, last, columns.deeds[deed].subject, changes_at)
        else:
            yield Line(rule, points, changes_at=changes_at)


def _cut_lines(verdicts: Verdicts) -> Iterator[Line]:
    for name, points in verdicts.cuts:
        yield from (Line(None, taken, limit=name) for taken in points[points != 0].tolist())

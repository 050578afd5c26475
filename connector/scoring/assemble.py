"""From arrays back to Scores, each with its ledger."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from connector.deeds import UNKNOWN
from connector.instants import Instant
from connector.model import Line, Ref, Score, Standing
from connector.scoring.arrays import NEVER, STATES, Columns, Ints, Standings, Verdicts
from connector.scoring.compile import Compiled
from connector.scoring.entries import Entries, entries_of
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
        instants_of(verdicts.next_change, NEVER),
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
            instants_of(now.hot_since, UNKNOWN),
            now.hot_number.tolist(),
            now.handoff_number.tolist(),
            now.by_change.tolist(),
            strict=True,
        )
    )


def instants_of(values: Ints, none: int) -> list[Instant | None]:
    """The instants, None where a number stands for none."""
    return [None if value == none else value for value in values.tolist()]


def _ledgers(compiled: Compiled, columns: Columns, verdicts: Verdicts) -> Iterator[tuple[Line, ...]]:
    entries = entries_of(verdicts)
    lines = list(_lines(compiled, columns, verdicts, entries))
    ends = entries.ends.tolist()
    return (tuple(lines[start:end]) for start, end in zip([0, *ends], ends, strict=False))


def _lines(compiled: Compiled, columns: Columns, verdicts: Verdicts, entries: Entries) -> Iterator[Line]:
    rules, limits = [rule.id for rule in compiled.card.rules], [name for name, _ in verdicts.cuts]
    parts = zip(
        entries.what.tolist(),
        entries.points.tolist(),
        entries.occurrences.tolist(),
        entries.first.tolist(),
        entries.last.tolist(),
        entries.subject.tolist(),
        instants_of(written(entries.changes_at), NEVER),
        strict=True,
    )
    for what, points, times, first, last, deed, changes_at in parts:
        if what >= len(rules):
            yield Line(None, points, limit=limits[what - len(rules)])
        elif times:
            yield Line(rules[what], points, times, first, last, columns.deeds[deed].subject, changes_at)
        else:
            yield Line(rules[what], points, changes_at=changes_at)

"""From what each rule gave to the Score: axes, cuts, the ledger that adds up, the state, the next change.

The columnar engine does the same in arrays (`verdict.py`), and must come to the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from connector.instants import Instant, representable
from connector.model import Lead, Line, Score, Standing
from connector.scoring.conditions import condition_flips_at, conjunctions, earliest
from connector.scoring.hot import Signals, standing, stay_ends_at
from connector.scoring.scorecard import Rule, Scorecard


@dataclass(frozen=True, slots=True)
class Given:
    """What a rule that fires gave: points, its counted occurrences, when any of this changes. `hot_now` may be less
    than the rule allows, when a rejection has used up its occurrences."""

    rule: Rule
    points: int
    occurrences: int = 0
    first: Instant | None = None
    last: Instant | None = None
    subject: str | None = None
    changes_at: Instant | None = None
    hot_now: bool = False


def score_of(
    card: Scorecard,
    lead: Lead,
    given: Sequence[Given],
    next_change: Instant | None,
    as_of: Instant,
    entry_forbidden: bool = False,
) -> Score:
    """The Score of a lead from what its rules gave, in scorecard order. `next_change` is the earliest of the rules'
    own changes, those that do not fire now included."""
    axes, cuts = _axes(card, given)
    total = sum(axes.values())
    points = _cut(total, card.min, card.max)
    cuts += _line("total", points - total)
    signals = Signals(points, any(g.hot_now for g in given), any(g.rule.blocks_hot_now for g in given), entry_forbidden)
    now = standing(card, lead, signals, as_of)
    upcoming = earliest((next_change, _state_changes_at(card, lead, points, now, as_of)))
    return Score(lead.ref, as_of, points, axes, now, _ledger(given, cuts), written(upcoming))


def written(instant: Instant | None) -> Instant | None:
    """Instants after the year 9999 cannot be written, nor waited for."""
    return instant if instant is not None and representable(instant) else None


def _axes(card: Scorecard, given: Sequence[Given]) -> tuple[dict[str, int], list[Line]]:
    axes: dict[str, int] = {}
    cuts: list[Line] = []
    for axis in card.axes:
        mine = [g.points for g in given if g.rule.axis == axis.id]
        plus, minus = sum(p for p in mine if p > 0), sum(p for p in mine if p < 0)
        kept_plus, kept_minus = _cut(plus, None, axis.max), _cut(minus, axis.min, None)
        cuts += _line(axis.id, kept_plus - plus) + _line(axis.id, kept_minus - minus)
        axes[axis.id] = kept_plus + kept_minus
    return axes, cuts


def _cut(points: int, low: int | None, high: int | None) -> int:
    if high is not None and points > high:
        return high
    return low if low is not None and points < low else points


def _line(name: str, points: int) -> list[Line]:
    """A cut takes away at the top (`max`) and gives at the bottom (`min`)."""
    return [Line(None, points, limit=f"{name}.{'max' if points < 0 else 'min'}")] if points else []


def _ledger(given: Iterable[Given], cuts: list[Line]) -> tuple[Line, ...]:
    """Largest effect first, then scorecard order; cuts last, alike (they were made in axis order, total last)."""
    lines = [
        Line(g.rule.id, g.points, g.occurrences, g.first, g.last, g.subject, written(g.changes_at))
        for g in given
        if g.points
    ]
    return (*sorted(lines, key=_size), *sorted(cuts, key=_size))


def _size(line: Line) -> int:
    return -abs(line.points)


def _state_changes_at(card: Scorecard, lead: Lead, points: int, now: Standing, as_of: Instant) -> Instant | None:
    """When the state can change though no rule does: exclusions, requirements, the end of `stay`."""
    excluding = (test for entry in card.exclude for test in conjunctions(entry.condition))
    requiring = (test for conjunction in card.bands.requires for test in conjunction)
    return earliest(
        (
            condition_flips_at(excluding, lead.inputs, as_of),
            condition_flips_at(requiring, lead.inputs, as_of),
            stay_ends_at(card.bands, points, now, as_of),
        )
    )

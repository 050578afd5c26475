"""Whether anybody can become hot at all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from connector.scoring.scorecard import Axis, Bands, Did, Rule


def hot_is_in_reach(
    bands: Bands, axes: Sequence[Axis], rules: Sequence[Rule], low: int | None, high: int | None
) -> bool:
    """Whether a `hot: now` rule exists, or some rules together, after every cut, bring the total to `enter`."""
    if any(rule.hot_now for rule in rules):
        return True
    best = [_best_of_axis(axis, rules) for axis in axes]
    total = None if None in best else sum(points for points in best if points is not None)
    if high is not None and (total is None or total > high):
        total = high
    if low is not None and total is not None and total < low:
        total = low
    return total is None or total >= bands.enter


def _best_of_axis(axis: Axis, rules: Iterable[Rule]) -> int | None:
    """The most that the axis can give; None: there is no limit."""
    gains = [_most(rule) for rule in rules if rule.axis == axis.id and rule.points > 0]
    if None in gains:
        return axis.max
    total = sum(points for points in gains if points is not None)
    return total if axis.max is None else min(total, axis.max)


def _most(rule: Rule) -> int | None:
    if not isinstance(rule.deed, Did):
        return rule.points
    most = rule.deed.count.up_to
    return None if most is None else rule.points * most

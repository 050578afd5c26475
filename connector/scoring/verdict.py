"""From what the rules gave to points and states, for all leads at once: `ledger.py` and `hot.py`, in arrays."""

from __future__ import annotations

import numpy as np

from connector.instants import EARLIEST, LATEST, Instant
from connector.model import HotState
from connector.scoring.arrays import NEVER, STATES, UNKNOWN, Bools, Columns, Findings, Ints, Standings, Verdicts
from connector.scoring.compile import Compiled
from connector.scoring.conditions import conjunctions
from connector.scoring.desk import FOREVER, Desk, condition_of, conjunction_of, desk_for, everyone, full, test_of
from connector.scoring.kernel import findings_of

CODES = {state: code for code, state in enumerate(STATES)}
HOT_CODES = [code for state, code in CODES.items() if state.is_hot]


def score_columns(compiled: Compiled, columns: Columns, as_of: Instant) -> Verdicts:
    """The scores of all leads of the columns as of an instant. Pure: arrays in, arrays out."""
    desk = desk_for(compiled, columns, as_of)
    findings = findings_of(desk)
    axes, cuts = _axes(desk, findings)
    total = sum(axes, full(desk, 0))
    points = _cut(total, compiled.card.min, compiled.card.max)
    cuts += [("total.max", np.minimum(points - total, 0)), ("total.min", np.maximum(points - total, 0))]
    now = _standings(desk, findings, points)
    changes = np.minimum(findings.next_change, _state_changes_at(desk, points, now))
    return Verdicts(findings, axes, cuts, points, now, written(changes))


def written(instants: Ints) -> Ints:
    """Instants that cannot be written are never waited for."""
    return np.where((instants < EARLIEST) | (instants > LATEST), NEVER, instants)


def _axes(desk: Desk, findings: Findings) -> tuple[list[Ints], list[tuple[str, Ints]]]:
    """Plus and minus are cut apart, so that a cap on plus never hides a minus."""
    axes: list[Ints] = []
    cuts: list[tuple[str, Ints]] = []
    given = [np.where(found.fires, found.points, 0) for found in findings.rules]
    for axis in desk.compiled.card.axes:
        mine = [points for points, rule in zip(given, desk.compiled.card.rules, strict=True) if rule.axis == axis.id]
        plus = sum((np.maximum(points, 0) for points in mine), full(desk, 0))
        minus = sum((np.minimum(points, 0) for points in mine), full(desk, 0))
        kept_plus, kept_minus = _cut(plus, None, axis.max), _cut(minus, axis.min, None)
        cuts += [(f"{axis.id}.max", kept_plus - plus), (f"{axis.id}.min", kept_minus - minus)]
        axes.append(kept_plus + kept_minus)
    return axes, cuts


def _cut(points: Ints, low: int | None, high: int | None) -> Ints:
    if high is not None:
        points = np.minimum(points, high)
    return points if low is None else np.maximum(points, low)


def _standings(desk: Desk, findings: Findings, points: Ints) -> Standings:
    """States and counters after this scoring."""
    before, was_hot = desk.columns.before, _was_hot(desk)
    state = _states(desk, findings, points, was_hot)
    hot = np.isin(state, HOT_CODES)
    entered, kept = hot & ~was_hot, hot & was_hot
    since = np.where(kept, before.hot_since, np.where(entered, desk.as_of, UNKNOWN))
    by_change = before.by_change & kept
    return Standings(state, since, before.hot_number + entered, before.handoff_number + entered, by_change)


def _was_hot(desk: Desk) -> Bools:
    """Hot before, and no rejection since has ended it."""
    before, no = desk.columns.before, desk.columns.rejected_at
    ended = (no != UNKNOWN) & (no <= desk.as_of) & (before.hot_since <= no)
    hot: Bools = np.isin(before.state, HOT_CODES) & ~ended
    return hot


def _states(desk: Desk, findings: Findings, points: Ints, was_hot: Bools) -> Ints:
    card, bands = desk.compiled.card, desk.compiled.card.bands
    nobody = everyone(desk, False)
    excluded = np.logical_or.reduce([nobody, *(condition_of(desk, entry.condition)[0] for entry in card.exclude)])
    required = np.logical_and.reduce([~nobody, *(conjunction_of(desk, c) for c in bands.requires)])
    wanted = np.logical_or.reduce([nobody, *(found.hot_now for found in findings.rules)])
    pairs = zip(card.rules, findings.rules, strict=True)
    blocked = np.logical_or.reduce([nobody, *(found.fires for rule, found in pairs if rule.blocks_hot_now)])
    may_enter = was_hot | ~findings.forbidden
    hot = required & ((points >= bands.enter) & may_enter | was_hot & _stays(desk, points))
    order = (
        (excluded, HotState.EXCLUDED),
        (wanted & ~blocked & may_enter, HotState.HOT_NOW),
        (hot, HotState.HOT),
        (points >= bands.warm, HotState.WARM),
    )
    return np.select([holds for holds, _ in order], [CODES[state] for _, state in order], CODES[HotState.COLD])


def _stays(desk: Desk, points: Ints) -> Bools:
    bands, since = desk.compiled.card.bands, desk.columns.before.hot_since
    young = desk.as_of - np.where(since == UNKNOWN, desk.as_of, since) < min(bands.stay, FOREVER)
    return (points >= bands.leave) | young


def _state_changes_at(desk: Desk, points: Ints, now: Standings) -> Ints:
    """When the state can change though no rule does: exclusions, requirements, the end of `stay`."""
    card, bands = desk.compiled.card, desk.compiled.card.bands
    asked = [test for entry in card.exclude for test in conjunctions(entry.condition)]
    asked += [test for conjunction in bands.requires for test in conjunction]
    staying = (now.state == CODES[HotState.HOT]) & (now.hot_since != UNKNOWN) & (points < bands.leave)
    ends = np.where(staying, now.hot_since, 0) + min(bands.stay, FOREVER)
    ends = np.where(staying & (ends > desk.as_of), ends, NEVER)
    changes: Ints = np.minimum.reduce([ends, *(test_of(desk, name, test)[1] for name, test in asked)])
    return changes

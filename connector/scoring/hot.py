"""Band and hot: the state a lead is in, given its points, the rules that fired, and the state it was in before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from connector.instants import Instant
from connector.model import HotState, Lead, Score, Standing, Value
from connector.scoring.conditions import all_hold, condition_holds
from connector.scoring.scorecard import Bands, Scorecard

NEVER_SCORED = Standing(HotState.COLD)


@dataclass(frozen=True, slots=True)
class Signals:
    """What the state depends on beside `before`: points, whether a `hot: now` and a `blocks_hot: now` rule fire, and
    whether a rejection forbids a new entry."""

    points: int
    hot_now: bool
    blocked: bool
    entry_forbidden: bool = False


def standing(card: Scorecard, lead: Lead, signals: Signals, as_of: Instant) -> Standing:
    """The lead's standing after this scoring, with its counters."""
    before = _before(lead, as_of)
    state = _state(card, lead.inputs, signals, before, as_of)
    if not state.is_hot:
        return replace(before, state=state, hot_since=None, by_change=False)
    if before.state.is_hot:
        return replace(before, state=state)
    return Standing(state, as_of, before.hot_number + 1, before.handoff_number + 1)


def _before(lead: Lead, as_of: Instant) -> Standing:
    """The previous standing; a rejection since then has ended its heat."""
    before = lead.before or NEVER_SCORED
    rejection = lead.rejection
    if rejection is None or rejection.at > as_of or not before.state.is_hot:
        return before
    if before.hot_since is not None and before.hot_since > rejection.at:
        return before
    return replace(before, state=HotState.COLD, hot_since=None, by_change=False)


def _state(
    card: Scorecard, inputs: Mapping[str, Value], signals: Signals, before: Standing, as_of: Instant
) -> HotState:
    if any(condition_holds(entry.condition, inputs, as_of) for entry in card.exclude):
        return HotState.EXCLUDED
    may_enter = before.state.is_hot or not signals.entry_forbidden
    if signals.hot_now and not signals.blocked and may_enter:
        return HotState.HOT_NOW
    required = all(all_hold(c, inputs, as_of) for c in card.bands.requires)
    if signals.points >= card.bands.enter and required and may_enter:
        return HotState.HOT
    if before.state.is_hot and required and _stays(card.bands, signals.points, before, as_of):
        return HotState.HOT
    return HotState.WARM if signals.points >= card.bands.warm else HotState.COLD


def _stays(bands: Bands, points: int, before: Standing, as_of: Instant) -> bool:
    since = as_of if before.hot_since is None else before.hot_since
    return points >= bands.leave or as_of - since < bands.stay


def stay_ends_at(bands: Bands, points: int, now: Standing, as_of: Instant) -> Instant | None:
    """When `stay` is all that keeps the lead hot, the instant at which it ends."""
    if now.state is not HotState.HOT or now.hot_since is None or points >= bands.leave:
        return None
    ends = now.hot_since + bands.stay
    return ends if ends > as_of else None


def mark_by_change(score: Score, *, was_hot_under_previous: bool) -> Score:
    """A new hot entry that the previous scorecard and mapping would not have made never hands off. Pure: the caller
    knows that this is an entry, and what the previous version says."""
    if was_hot_under_previous:
        return score
    now = score.standing
    return replace(score, standing=replace(now, by_change=True, handoff_number=now.handoff_number - 1))

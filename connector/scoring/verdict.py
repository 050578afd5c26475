"""From what the rules gave to points and states, for all leads at once: `ledger.py` and `hot.py`, in arrays."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np

from connector.deeds import UNKNOWN
from connector.instants import EARLIEST, LATEST, Instant
from connector.model import HotState
from connector.scoring.arrays import NEVER, STATES, Bools, Columns, Findings, Ints, Standings, Verdicts
from connector.scoring.compile import Compiled
from connector.scoring.conditions import conjunctions
from connector.scoring.desk import Desk, condition_of, conjunction_of, desk_for, everyone, full, sooner, test_of
from connector.scoring.kernel import findings_of
from connector.scoring.lookups import FOREVER, Lookups

CODES = {state: code for code, state in enumerate(STATES)}
HOT_CODES = [code for state, code in CODES.items() if state.is_hot]


def score_columns(compiled: Compiled, columns: Columns, as_of: Instant) -> Verdicts:
    """The scores of all leads of the columns as of an instant. Pure: arrays in, arrays out."""
    return score_chunk(Lookups(compiled, as_of), columns)


def score_chunks(
    compiled: Compiled, chunks: Iterable[Columns], as_of: Instant, workers: int = 1
) -> Iterator[tuple[Columns, Verdicts]]:
    """The same, chunk after chunk: what is looked up in the lists of values and deeds is looked up once, if chunks
    share them. With several workers, chunks are scored side by side, one more than workers at a time, in order."""
    lookups = Lookups(compiled, as_of)
    if workers < 2:
        yield from ((columns, score_chunk(lookups, columns)) for columns in chunks)
        return
    with ThreadPoolExecutor(workers) as pool:
        running: deque[tuple[Columns, Future[Verdicts]]] = deque()
        for columns in chunks:
            running.append((columns, pool.submit(score_chunk, lookups, columns)))
            if len(running) > workers:
                done, verdicts = running.popleft()
                yield done, verdicts.result()
        yield from ((columns, verdicts.result()) for columns, verdicts in running)


def score_chunk(lookups: Lookups, columns: Columns) -> Verdicts:
    """One chunk's scores."""
    desk, compiled = desk_for(columns, lookups), lookups.compiled
    findings = findings_of(desk)
    axes, cuts = _axes(desk, findings)
    total = sum(axes, full(desk, 0))
    points = _cut(total, compiled.card.min, compiled.card.max)
    cuts += [("total.max", np.minimum(points - total, 0)), ("total.min", np.maximum(points - total, 0))]
    now = _standings(desk, findings, points)
    changes = _state_changes_at(desk, points, now, findings.next_change)
    return Verdicts(findings, axes, cuts, points, now, written(changes))


def written(instants: Ints) -> Ints:
    """Instants that cannot be written are never waited for."""
    return np.where((instants < EARLIEST) | (instants > LATEST), NEVER, instants)


def _axes(desk: Desk, findings: Findings) -> tuple[list[Ints], list[tuple[str, Ints]]]:
    """Plus and minus are cut apart, so that a cap on plus never hides a minus."""
    axes: list[Ints] = []
    cuts: list[tuple[str, Ints]] = []
    pairs = list(zip(desk.compiled.card.rules, findings.rules, strict=True))
    for axis in desk.compiled.card.axes:
        plus, minus = full(desk, 0), full(desk, 0)
        for rule, found in pairs:
            if rule.axis == axis.id:
                side = plus if rule.points > 0 else minus  # fading never turns a sign
                side[found.leads] += found.points
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
    bands, pairs = desk.compiled.card.bands, list(zip(desk.compiled.card.rules, findings.rules, strict=True))
    excluded, wanted, blocked = (everyone(desk, False) for _ in range(3))
    for entry in desk.compiled.card.exclude:
        excluded |= _dense(desk, condition_of(desk, entry.condition)[0])
    for rule, found in pairs:
        if rule.hot_now:
            wanted[found.leads[found.hot_now]] = True
        if rule.blocks_hot_now:
            blocked[found.leads] = True
    required = everyone(desk, True)
    for conjunction in bands.requires:
        required &= _dense(desk, conjunction_of(desk, conjunction))
    may_enter = was_hot | ~findings.forbidden
    hot = required & ((points >= bands.enter) & may_enter | was_hot & _stays(desk, points))
    order = (
        (excluded, HotState.EXCLUDED),
        (wanted & ~blocked & may_enter, HotState.HOT_NOW),
        (hot, HotState.HOT),
        (points >= bands.warm, HotState.WARM),
    )
    return np.select([holds for holds, _ in order], [CODES[state] for _, state in order], CODES[HotState.COLD])


def _dense(desk: Desk, holding: Bools | None) -> Bools:
    return everyone(desk, True) if holding is None else holding


def _stays(desk: Desk, points: Ints) -> Bools:
    bands, since = desk.compiled.card.bands, desk.columns.before.hot_since
    young = desk.as_of - np.where(since == UNKNOWN, desk.as_of, since) < min(bands.stay, FOREVER)
    return (points >= bands.leave) | young


def _state_changes_at(desk: Desk, points: Ints, now: Standings, changes: Ints) -> Ints:
    """Beside the rules' changes: when the state can change though no rule does, by exclusions, requirements, the end
    of `stay`."""
    card, bands = desk.compiled.card, desk.compiled.card.bands
    asked = [test for entry in card.exclude for test in conjunctions(entry.condition)]
    asked += [test for conjunction in bands.requires for test in conjunction]
    turns = [turning for name, test in asked if (turning := test_of(desk, name, test)[1]) is not None]
    staying = np.flatnonzero((now.state == CODES[HotState.HOT]) & (now.hot_since != UNKNOWN) & (points < bands.leave))
    changes = np.minimum.reduce([changes, *turns])
    sooner(changes, staying, now.hot_since[staying] + min(bands.stay, FOREVER))  # not over yet, or it would not be hot
    return changes

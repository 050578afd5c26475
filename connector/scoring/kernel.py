"""What each rule gives to each lead as of an instant: arrays in, arrays out.

Nothing here loops over leads or activities in Python; Python runs once for each rule, each different text, each value
of an input and each calendar day.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np

from connector.instants import DAY, local_day, offset_at
from connector.scoring.arrays import NEVER, UNKNOWN, Bools, Findings, Found, Ints
from connector.scoring.compile import HUMAN, Kept, Newest
from connector.scoring.conditions import Conjunction, fold, holds
from connector.scoring.desk import (
    FOREVER,
    Desk,
    Segments,
    condition_of,
    everyone,
    first_of_each,
    full,
    pick,
    segments,
)
from connector.scoring.scorecard import Did, Fade, Rule, Silence


def findings_of(desk: Desk) -> Findings:
    """What every rule of the scorecard gives to every lead of the columns."""
    pairs = zip(desk.compiled.card.rules, desk.compiled.metrics, strict=True)
    found = [_found(desk, rule, metric) for rule, metric in pairs]
    forbidden, ban_changes = _ban(desk)
    next_change = np.minimum.reduce([ban_changes, *(rule.changes_at for rule in found)])
    return Findings(found, next_change, forbidden)


def _found(desk: Desk, rule: Rule, metric: Kept | Newest | None) -> Found:
    """The rule's gifts; `changes_at` is right for leads it does not fire for, too."""
    holding, flips = condition_of(desk, rule.condition)
    if isinstance(metric, Kept) and isinstance(rule.deed, Did):
        raw = _did(desk, rule, rule.deed, metric)
    elif isinstance(metric, Newest) and isinstance(rule.deed, Silence):
        raw = _silence(desk, rule, rule.deed, metric)
    else:
        raw = _without_deed(desk, rule, everyone(desk, True), full(desk, NEVER))
    changes = np.where(holding, np.minimum(flips, raw.changes_at), flips)
    fires = raw.fires & holding
    return replace(raw, fires=fires, changes_at=changes, hot_now=raw.hot_now & fires)


def _without_deed(desk: Desk, rule: Rule, fires: Bools, changes: Ints) -> Found:
    none = full(desk, 0)
    points, hot = full(desk, rule.points), everyone(desk, rule.hot_now)
    return Found(fires, points, none, none, none, none - 1, changes, hot)


def _silence(desk: Desk, rule: Rule, deed: Silence, metric: Newest) -> Found:
    """Reached when the later of creation and the newest activity is old enough."""
    newest, broken_at = _newest(desk, metric)
    created, duration = desk.columns.created, min(deed.duration, FOREVER)
    last = np.maximum(created, newest)
    known = last != UNKNOWN
    since = np.where(known, last, desk.as_of)
    fires = known & (desk.as_of - since >= duration) & (created <= desk.as_of)
    reached_at = np.where(known & ~fires, since + duration, NEVER)
    return _without_deed(desk, rule, fires, np.minimum(reached_at, broken_at))


def _did(desk: Desk, rule: Rule, deed: Did, metric: Kept) -> Found:
    """Count the newest occurrences, at most `up_to`, if there are `at_least` so many."""
    kept, arrives_at = _kept(desk, metric), first_of_each(desk, _coming(desk, metric))
    least = min(deed.count.at_least, len(desk.lead) + 1)
    most = len(desk.lead) if deed.count.up_to is None else min(deed.count.up_to, len(desk.lead))
    counted, fires = np.minimum(kept.counts, most), kept.counts >= least
    newest, oldest = kept.ends - 1, kept.ends - counted
    leaves_at = full(desk, NEVER)
    if deed.within is not None:
        deciding = pick(kept.at, kept.ends - np.maximum(counted, least), fires, NEVER - FOREVER)
        leaves_at = np.where(fires, deciding + min(deed.within, FOREVER), NEVER)
    points, steps_at = _points(desk, rule.points, deed.fade, kept, counted, most)
    changes = np.minimum(arrives_at, np.where(fires, np.minimum(leaves_at, steps_at), NEVER))
    first, last = pick(kept.at, oldest, fires, 0), pick(kept.at, newest, fires, 0)
    subject = pick(desk.columns.classes[kept.places], newest, fires, -1)
    return Found(fires, points, counted, first, last, subject, changes, _hot_now(desk, rule, kept, least))


def _hot_now(desk: Desk, rule: Rule, kept: Segments, least: int) -> Bools:
    """Whether enough occurrences are later than a rejection."""
    if not rule.hot_now:
        return everyone(desk, False)
    later = kept.at > _rejected_at(desk)[kept.lead]
    left: Bools = np.bincount(kept.lead[later], minlength=desk.columns.leads) >= least
    return left


def _points(desk: Desk, points: int, fade: Fade | None, kept: Segments, counted: Ints, most: int) -> tuple[Ints, Ints]:
    """Points by lead, and the next fading step of the counted occurrences."""
    never = full(desk, NEVER)
    if fade is None or not len(kept.places):
        return points * counted, never
    rank = kept.ends[kept.lead] - 1 - np.arange(len(kept.places))
    every = min(fade.every, FOREVER)
    steps = (desk.as_of - kept.at) // every
    factor = np.where(rank < most, np.maximum(0, 100 - fade.lose * steps), 0)
    running = np.r_[0, np.cumsum(points * factor)]
    hundredths = running[kept.ends] - running[kept.ends - kept.counts]
    rounded = np.sign(hundredths) * ((np.abs(hundredths) + 50) // 100)
    next_steps = np.where(factor > 0, kept.at + (steps + 1) * every, NEVER)
    some = kept.counts > 0
    never[some] = np.minimum.reduceat(next_steps, (kept.ends - kept.counts)[some])
    return rounded, never


def _ban(desk: Desk) -> tuple[Bools, Ints]:
    """Where a rejection forbids a new hot entry, and when that can change."""
    rejected_at, quiet = desk.columns.rejected_at, desk.columns.quiet_until
    newest, _ = _newest(desk, HUMAN)
    forbidden = (rejected_at != UNKNOWN) & (rejected_at <= desk.as_of) & (newest <= quiet)
    human = _class_mask(desk, HUMAN)[desk.columns.classes]
    lifting = human & (desk.columns.at > desk.as_of) & (desk.columns.at > quiet[desk.lead])
    lifted_at = first_of_each(desk, np.flatnonzero(lifting))
    return forbidden, np.where(forbidden, lifted_at, np.where(rejected_at > desk.as_of, rejected_at, NEVER))


def _rejected_at(desk: Desk) -> Ints:
    """When sales said no, as far as that is past."""
    told = desk.columns.rejected_at
    past: Ints = np.where(told <= desk.as_of, told, UNKNOWN)
    return past


def _newest(desk: Desk, metric: Newest) -> tuple[Ints, Ints]:
    """The newest instant up to now and the first one to come; UNKNOWN and NEVER where there is none."""
    if metric not in desk.seen:
        here = _class_mask(desk, metric)[desk.columns.classes]
        past = desk.columns.at <= desk.as_of
        done = segments(desk, np.flatnonzero(here & past))
        newest = pick(done.at, done.ends - 1, done.counts > 0, UNKNOWN)
        desk.seen[metric] = newest, first_of_each(desk, np.flatnonzero(here & ~past))
    newest, first = desk.seen[metric]
    return newest, first


def _kept(desk: Desk, metric: Kept) -> Segments:
    """The occurrences in the window; with `per`, the newest of each day or subject."""
    if metric not in desk.seen:
        places = np.flatnonzero(_class_mask(desk, metric)[desk.columns.classes] & _in_window(desk, metric))
        desk.seen[metric] = segments(desk, _newest_of_each(desk, metric, places))
    kept: Segments = desk.seen[metric]
    return kept


def _in_window(desk: Desk, metric: Kept) -> Bools:
    at = desk.columns.at
    if metric.within is None:
        return at <= desk.as_of
    return (at <= desk.as_of) & (at > desk.as_of - min(metric.within, FOREVER))


def _coming(desk: Desk, metric: Kept) -> Ints:
    return np.flatnonzero(_class_mask(desk, metric)[desk.columns.classes] & (desk.columns.at > desk.as_of))


def _newest_of_each(desk: Desk, metric: Kept, places: Ints) -> Ints:
    if metric.per is None or not len(places):
        return places
    group = _days(desk, places) if metric.per == "day" else _subjects(desk)[desk.columns.classes[places]]
    lead = desk.lead[places]
    order = np.lexsort((group, lead))  # stable: within a group the newest stays last
    ends = np.r_[(np.diff(group[order]) != 0) | (np.diff(lead[order]) != 0), True]
    return np.sort(places[order[ends]])


def _days(desk: Desk, places: Ints) -> Ints:
    """The calendar day of each activity in the scorecard's zone."""
    at, zone = desk.columns.at[places], desk.compiled.card.zone
    days, which = np.unique(at // DAY, return_inverse=True)
    offsets = [_offset_on(day, zone) for day in days.tolist()]
    local: Ints = (at + np.array([offset or 0 for offset in offsets])[which]) // DAY
    turning = np.array([offset is None for offset in offsets])[which]
    local[turning] = [local_day(instant, zone) for instant in at[turning].tolist()]
    return local


@lru_cache(maxsize=100_000)
def _offset_on(day: int, zone: ZoneInfo) -> int | None:
    """How far the zone's clocks are ahead on a UTC day; None when they are turned on it."""
    first, last = offset_at(day * DAY, zone), offset_at((day + 1) * DAY - 1, zone)
    return first if first == last else None


def _subjects(desk: Desk) -> Ints:
    """A number for each class, the same for subjects that compare equal; no subject is one of its own."""
    known: dict[str, int] = {}
    return np.array([known.setdefault(fold(d.subject or ""), len(known)) for d in desk.columns.deeds], np.int64)


def _class_mask(desk: Desk, metric: Kept | Newest) -> Bools:
    """Which classes the metric means."""
    where: Conjunction = metric.where if isinstance(metric, Kept) else ()
    key = (metric.kinds, where)
    if key not in desk.seen:
        passive = desk.compiled.card.vocabulary.passive
        means = [
            (deed.kind not in passive if metric.kinds is None else deed.kind in metric.kinds)
            and all(
                holds(test, deed.subject if name == "subject" else deed.attributes.get(name), desk.as_of)
                for name, test in where
            )
            for deed in desk.columns.deeds
        ]
        desk.seen[key] = np.array(means, np.bool_)
    mask: Bools = desk.seen[key]
    return mask

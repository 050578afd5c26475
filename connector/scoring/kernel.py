"""What each rule gives to each lead as of an instant: arrays in, arrays out.

Nothing here loops over leads or activities in Python; Python runs once for each rule, each different text, each value
of an input and each calendar day. What no rule looks at (too old, or of no interest) is dropped at the beginning, and
each rule then works on the leads it may fire for, not on all.
"""

from __future__ import annotations

import numpy as np

from connector.deeds import UNKNOWN
from connector.instants import DAY, Duration, local_day
from connector.scoring.arrays import NEVER, Bools, Findings, Found, Ints
from connector.scoring.compile import HUMAN, Metric, Sought
from connector.scoring.desk import (
    Desk,
    Groups,
    condition_of,
    everyone,
    first_coming,
    full,
    grouped,
    marked,
    of_leads,
    same,
    sooner,
)
from connector.scoring.lookups import FOREVER, means, offsets_on
from connector.scoring.scorecard import Did, Fade, Rule, Silence


def findings_of(desk: Desk) -> Findings:
    """What every rule of the scorecard gives to every lead of the columns."""
    soonest = full(desk, NEVER)
    forbidden = _ban(desk, soonest)
    pairs = zip(desk.compiled.card.rules, desk.compiled.metrics, strict=True)
    return Findings([_found(desk, rule, metric, soonest) for rule, metric in pairs], soonest, forbidden)


def _found(desk: Desk, rule: Rule, metric: Metric | None, soonest: Ints) -> Found:
    """The rule's gifts. When something will change, for leads it does not fire for too, is noted in `soonest`."""
    holding, outside = _outside(desk, rule, metric)
    if outside is not None:
        np.minimum(soonest, outside, out=soonest)
    if isinstance(rule.deed, Did) and metric is not None:
        return _did(desk, rule, rule.deed, metric, holding, outside, soonest)
    if isinstance(rule.deed, Silence) and metric is not None:
        leads = _silent(desk, rule.deed, metric, holding, soonest)
    else:
        leads = np.arange(desk.columns.leads) if holding is None else np.flatnonzero(holding)
    return _without_deed(rule, leads, same(NEVER, leads) if outside is None else outside[leads])


def _outside(desk: Desk, rule: Rule, metric: Metric | None) -> tuple[Bools | None, Ints | None]:
    """Where the condition holds; and by lead when it flips or, where it holds, an activity arrives (None: never)."""
    holding, outside = condition_of(desk, rule.condition)
    if metric is None or not len(desk.coming.at):
        return holding, outside
    leads, arrives_at = first_coming(desk, metric.sought)
    if holding is not None:
        leads, arrives_at = leads[holding[leads]], arrives_at[holding[leads]]
    if len(leads):
        outside = full(desk, NEVER) if outside is None else outside.copy()
        sooner(outside, leads, arrives_at)
    return holding, outside


def _without_deed(rule: Rule, leads: Ints, changes_at: Ints) -> Found:
    none, hot = same(0, leads), np.broadcast_to(np.bool_(rule.hot_now), len(leads))
    return Found(leads, same(rule.points, leads), none, none, none, same(-1, leads), changes_at, hot)


def _silent(desk: Desk, deed: Silence, metric: Metric, holding: Bools | None, soonest: Ints) -> Ints:
    """Leads whose creation and newest activity are both old enough. Older activities than the silence's duration are
    asked for only where the creation is unknown: they cannot break it."""
    created, duration = desk.columns.created, min(deed.duration, FOREVER)
    if metric.sought == HUMAN:
        last = np.maximum(created, _newest_human(desk))
    else:
        recent, last = _kept(desk, metric), created.copy()
        last[recent.leads] = np.maximum(last[recent.leads], recent.at(recent.ends - 1))
        older, newest = _newest(desk, metric.sought, np.flatnonzero(last == UNKNOWN))
        last[older] = newest
    known = last != UNKNOWN
    if holding is not None:
        known &= holding
    since = np.where(known, last, desk.as_of)
    fires = known & (since <= desk.as_of - duration) & (created <= desk.as_of)
    waiting = np.flatnonzero(known & ~fires)
    sooner(soonest, waiting, since[waiting] + duration)
    return np.flatnonzero(fires)


def _newest(desk: Desk, sought: Sought, leads: Ints) -> tuple[Ints, Ints]:
    """Those of the leads that have done it at all, and when last. Looks at all that they did."""
    rows = of_leads(desk, leads)
    here = means(desk.lookups, sought, desk.columns.deeds)[rows.classes] & (rows.at <= desk.as_of)
    groups = grouped(rows, np.flatnonzero(here))
    return groups.leads, groups.at(groups.ends - 1)


STEPS = 12
"""How far back the newest human activity is sought step by step: most leads have it at once."""


def _newest_human(desk: Desk) -> Ints:
    """Each lead's newest human activity up to now, UNKNOWN where there is none."""
    columns, newest = desk.columns, full(desk, UNKNOWN)
    human = means(desk.lookups, HUMAN, columns.deeds)
    leads = np.flatnonzero(np.diff(columns.offsets))
    places = columns.offsets[leads + 1] - 1
    for _ in range(STEPS):
        at = columns.at[places]
        found = human[columns.classes[places]] & (at <= desk.as_of)
        newest[leads[found]] = at[found]
        left = ~found & (places > columns.offsets[leads])
        leads, places = leads[left], places[left] - 1
    some, when = _newest(desk, HUMAN, leads)
    newest[some] = when
    return newest


def _did(
    desk: Desk, rule: Rule, deed: Did, metric: Metric, holding: Bools | None, outside: Ints | None, soonest: Ints
) -> Found:
    """Count the newest occurrences, at most `up_to`, if there are `at_least` so many."""
    kept, least = _kept(desk, metric), deed.count.at_least
    firing = kept.counts >= least
    if holding is not None:
        firing &= holding[kept.leads]
    leads, ends, counts = kept.leads[firing], kept.ends[firing], kept.counts[firing]
    counted = counts if deed.count.up_to is None else np.minimum(counts, min(deed.count.up_to, NEVER))
    changes = same(NEVER, leads) if outside is None else outside[leads]
    if deed.within is not None and len(leads):
        deciding = kept.at(ends - np.maximum(counted, least))
        changes = np.minimum(changes, deciding + min(deed.within, FOREVER))
    points = rule.points * counted
    if deed.fade is not None and len(leads):
        points, steps_at = _faded(desk, rule.points, deed.fade, kept, ends, counted)
        changes = np.minimum(changes, steps_at)
    sooner(soonest, leads, changes)
    hot = _after_rejection(desk, kept, least)[firing] if rule.hot_now else np.zeros(len(leads), np.bool_)
    subject = kept.rows.classes[kept.places[ends - 1]]
    return Found(leads, points, counted, kept.at(ends - counted), kept.at(ends - 1), subject, changes, hot)


def _after_rejection(desk: Desk, kept: Groups, least: int) -> Bools:
    """Whether enough occurrences are later than a rejection."""
    told = desk.columns.rejected_at[kept.leads]
    past = np.where(told <= desk.as_of, told, UNKNOWN)
    enough = kept.counts >= least
    if enough.any():
        enough &= kept.at(np.maximum(kept.ends - least, 0)) > past  # the newest but some, if there are so many
    return enough


def _faded(desk: Desk, points: int, fade: Fade, kept: Groups, ends: Ints, counted: Ints) -> tuple[Ints, Ints]:
    """Points by lead, and the next fading step of the counted occurrences."""
    starts = np.cumsum(counted) - counted
    at = kept.at(np.repeat(ends - counted - starts, counted) + np.arange(int(counted.sum())))
    every = min(fade.every, FOREVER)
    steps = (desk.as_of - at) // every
    factor = np.maximum(0, 100 - fade.lose * steps)
    hundredths = np.add.reduceat(points * factor, starts)
    rounded = np.sign(hundredths) * ((np.abs(hundredths) + 50) // 100)
    next_steps = np.where(factor > 0, at + (steps + 1) * every, NEVER)
    return rounded, np.minimum.reduceat(next_steps, starts)


def _ban(desk: Desk, soonest: Ints) -> Bools:
    """Where a rejection forbids a new hot entry. Activities of any age and kind lift it, so those of the few rejected
    leads are looked at whole."""
    rejected_at, forbidden = desk.columns.rejected_at, everyone(desk, False)
    later = np.flatnonzero(rejected_at > desk.as_of)
    sooner(soonest, later, rejected_at[later])
    leads = np.flatnonzero((rejected_at != UNKNOWN) & (rejected_at <= desk.as_of))
    if not len(leads):
        return forbidden
    rows = of_leads(desk, leads)
    lifts = means(desk.lookups, HUMAN, desk.columns.deeds)[rows.classes]
    lifts &= rows.at > desk.columns.quiet_until[rows.lead]
    done, coming = lifts & (rows.at <= desk.as_of), lifts & (rows.at > desk.as_of)
    forbidden[leads] = True
    forbidden[rows.lead[done]] = False
    first = grouped(rows, np.flatnonzero(coming))
    waiting = forbidden[first.leads]
    sooner(soonest, first.leads[waiting], first.at(first.starts[waiting]))
    return forbidden


def _kept(desk: Desk, metric: Metric) -> Groups:
    """The occurrences in the window, by lead; with `per`, the newest of each day or subject."""
    if metric not in desk.seen:
        past = desk.past
        here = marked(desk, past, metric.sought)
        if metric.within is not None:
            here &= _recent(desk, metric.within)
        places = np.flatnonzero(here)
        if metric.per == "day" and len(places):
            places = places[_newest_by_day(desk, past.lead[places], past.at[places])]
        elif metric.per == "subject" and len(places):
            places = places[_newest_by_subject(desk, past.lead[places], past.classes[places])]
        desk.seen[metric] = grouped(past, places)
    kept: Groups = desk.seen[metric]
    return kept


def _recent(desk: Desk, within: Duration) -> Bools:
    if within not in desk.seen:
        desk.seen[within] = desk.past.at > desk.as_of - min(within, FOREVER)
    recent: Bools = desk.seen[within]
    return recent


def _newest_by_day(desk: Desk, lead: Ints, at: Ints) -> Ints:
    """The newest activity of each lead and calendar day in the scorecard's zone."""
    zone = desk.compiled.card.zone
    if desk.columns.moved is not None:
        at = at - desk.columns.moved[lead]  # the calendar does not move
    ahead, turning = offsets_on(at // DAY, zone)
    day = (at + ahead) // DAY
    if turning.any():
        day[turning] = [local_day(instant, zone) for instant in at[turning].tolist()]
    other = lead[1:] != lead[:-1]
    if ((day[1:] < day[:-1]) & ~other).any():  # clocks turned back over midnight
        return _newest_of_each(lead, day - day.min(), int(day.max() - day.min()) + 1)
    return np.flatnonzero(np.concatenate((other | (day[1:] != day[:-1]), [True])))


def _newest_by_subject(desk: Desk, lead: Ints, classes: Ints) -> Ints:
    subjects = desk.sorting.subjects
    return _newest_of_each(lead, subjects[classes], len(subjects))


def _newest_of_each(lead: Ints, group: Ints, groups: int) -> Ints:
    """The places of the last entry of each lead and group, ascending."""
    many = len(lead)
    if (int(lead[-1]) + 1) * groups * many < NEVER:  # one number for lead, group and place sorts far faster
        ordered = np.sort((lead * groups + group) * many + np.arange(many))
        what, order = ordered // many, ordered % many
        last = np.concatenate((what[1:] != what[:-1], [True]))
    else:
        order = np.lexsort((group, lead))
        last = np.concatenate(((np.diff(group[order]) != 0) | (np.diff(lead[order]) != 0), [True]))
    return np.sort(order[last])

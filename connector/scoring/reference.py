"""The definition of a score: one lead, one rule after the other, in plain Python. The columnar engine must agree with
this page on every case; when they differ, this page is right."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import assert_never

from connector.instants import Instant, local_day
from connector.model import Activity, Lead, Score
from connector.scoring.conditions import (
    condition_flips_at,
    condition_holds,
    conjunctions,
    earliest,
    fold,
    holds,
)
from connector.scoring.hot import mark_by_change
from connector.scoring.ledger import Given, score_of
from connector.scoring.scorecard import Did, Fade, Rule, Scorecard, Silence

__all__ = ["mark_by_change", "score_lead"]


@dataclass(frozen=True, slots=True)
class Seen:
    """What a lead did, as of an instant: set-aside activities left out, newest first (ties by id, larger first), and
    what is dated later, soonest first."""

    lead: Lead
    as_of: Instant
    done: Sequence[Activity]
    coming: Sequence[Activity]


def score_lead(card: Scorecard, lead: Lead, as_of: Instant) -> Score:
    """The lead's score as of an instant."""
    trusted = sorted((a for a in lead.activities if a.set_aside is None), key=lambda a: (a.at, a.id))
    done, coming = [a for a in trusted if a.at <= as_of], [a for a in trusted if a.at > as_of]
    seen = Seen(lead, as_of, done[::-1], coming)
    found = [_fire(card, rule, seen) for rule in card.rules]
    given = [gift for gift, _ in found if gift is not None]
    forbidden, ban_changes = _ban(card, seen)
    return score_of(card, lead, given, earliest([ban_changes, *(change for _, change in found)]), as_of, forbidden)


def _ban(card: Scorecard, seen: Seen) -> tuple[bool, Instant | None]:
    """Whether a rejection forbids a new hot entry, and when that can change."""
    no = seen.lead.rejection
    if no is None:
        return False, None
    if no.at > seen.as_of:
        return False, no.at
    if any(a.at > no.quiet_until for a in seen.done if _is_human(card, a)):
        return False, None
    return True, earliest(a.at for a in seen.coming if _is_human(card, a) and a.at > no.quiet_until)


def _is_human(card: Scorecard, activity: Activity) -> bool:
    return activity.kind not in card.vocabulary.passive


def _fire(card: Scorecard, rule: Rule, seen: Seen) -> tuple[Given | None, Instant | None]:
    """What the rule gives, None if it does not fire; and when it can next give something else."""
    flips_at = condition_flips_at(conjunctions(rule.condition), seen.lead.inputs, seen.as_of)
    if not condition_holds(rule.condition, seen.lead.inputs, seen.as_of):
        return None, flips_at
    match rule.deed:
        case None:
            return Given(rule, rule.points, changes_at=flips_at, hot_now=rule.hot_now), flips_at
        case Silence():
            return _silence(card, rule, rule.deed, seen, flips_at)
        case Did():
            return _did(card, rule, rule.deed, seen, flips_at)
        case _:
            assert_never(rule.deed)


def _silence(
    card: Scorecard, rule: Rule, deed: Silence, seen: Seen, flips_at: Instant | None
) -> tuple[Given | None, Instant | None]:
    def breaks(activity: Activity) -> bool:
        return activity.kind in deed.kinds if deed.kinds is not None else _is_human(card, activity)

    created, newest = seen.lead.created_at, next((a.at for a in seen.done if breaks(a)), None)
    last = max((i for i in (created, newest) if i is not None), default=None)
    broken_at = next((a.at for a in seen.coming if breaks(a)), None)
    fires = last is not None and seen.as_of - last >= deed.duration and (created is None or created <= seen.as_of)
    reached_at = None if last is None or fires else last + deed.duration
    changes_at = earliest((flips_at, broken_at, reached_at))
    return (Given(rule, rule.points, changes_at=changes_at, hot_now=rule.hot_now) if fires else None), changes_at


def _did(
    card: Scorecard, rule: Rule, deed: Did, seen: Seen, flips_at: Instant | None
) -> tuple[Given | None, Instant | None]:
    meant = (a for a in seen.done if a.kind in deed.kinds)
    young = takewhile(lambda a: deed.within is None or seen.as_of - a.at < deed.within, meant)
    kept = _newest_of_each(card, deed, [a for a in young if _passes(deed, a, seen.as_of)])
    coming = (a for a in seen.coming if a.kind in deed.kinds)
    arrives_at = next((a.at for a in coming if _passes(deed, a, seen.as_of)), None)
    if len(kept) < deed.count.at_least:
        return None, earliest((flips_at, arrives_at))
    counted = kept[: deed.count.up_to]
    leaves_at = _leaves_at(deed, kept, len(counted))
    changes_at = earliest((flips_at, arrives_at, leaves_at, *_steps(deed.fade, counted, seen.as_of)))
    points = _points(rule.points, deed.fade, counted, seen.as_of)
    hot_now = rule.hot_now and _after_rejection(seen, kept) >= deed.count.at_least
    newest, oldest = counted[0], counted[-1]
    subject = newest.subject if newest.subject and fold(newest.subject) else None
    return Given(rule, points, len(counted), oldest.at, newest.at, subject, changes_at, hot_now), changes_at


def _passes(deed: Did, activity: Activity, as_of: Instant) -> bool:
    """Whether an activity of the right kind is an occurrence."""
    said = {**activity.attributes, "subject": activity.subject}
    return all(holds(test, said.get(name), as_of) for name, test in deed.where)


def _newest_of_each(card: Scorecard, deed: Did, occurrences: Iterable[Activity]) -> list[Activity]:
    """Of each day or subject the newest; without `per` all of them. Newest first, as they came."""
    if deed.count.per is None:
        return list(occurrences)
    newest: dict[object, Activity] = {}
    for activity in occurrences:
        group = local_day(activity.at, card.zone) if deed.count.per == "day" else fold(activity.subject or "")
        newest.setdefault(group, activity)
    return list(newest.values())


def _leaves_at(deed: Did, kept: Sequence[Activity], counted: int) -> Instant | None:
    """When the oldest of those that matter grows too old: of the counted, or of those that `at_least` needs."""
    if deed.within is None:
        return None
    return kept[max(counted, deed.count.at_least) - 1].at + deed.within


def _steps(fade: Fade | None, counted: Iterable[Activity], as_of: Instant) -> Iterable[Instant]:
    """The next fading step of each counted occurrence that still gives something."""
    if fade is None:
        return []
    ages = ((a.at, (as_of - a.at) // fade.every) for a in counted)
    return [at + (steps + 1) * fade.every for at, steps in ages if fade.lose * steps < 100]


def _points(points: int, fade: Fade | None, counted: Sequence[Activity], as_of: Instant) -> int:
    """The sum over the occurrences, in hundredths, rounded once: half away from zero."""
    if fade is None:
        return points * len(counted)
    hundredths = sum(points * max(0, 100 - fade.lose * ((as_of - a.at) // fade.every)) for a in counted)
    rounded = (abs(hundredths) + 50) // 100
    return rounded if hundredths >= 0 else -rounded


def _after_rejection(seen: Seen, kept: Sequence[Activity]) -> int:
    """How many occurrences a rejection has left for `hot: now`: those later than it."""
    no = seen.lead.rejection
    if no is None or no.at > seen.as_of:
        return len(kept)
    return sum(1 for a in kept if a.at > no.at)

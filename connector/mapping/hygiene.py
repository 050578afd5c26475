"""Activities that are shown but not counted, each with the reason. Decided anew at every scoring, from what is stored,
so that a changed rule applies to the past as well.

Order: whole kinds; own staff and test addresses; what a lesser source tells again; scanner bursts; repeats. The later
rules look only at what the earlier ones left.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from connector.instants import MINUTE, SECOND, Duration, Instant
from connector.mapping.nodes import AFTER_DELIVERY, OWN, Hygiene
from connector.mapping.texts import fold
from connector.model import Activity, Value

KIND, STAFF, TOLD_TWICE, SCANNER, REPEAT = "kind", "own", "told_twice", "scanner", "repeat"
BURST: Duration = 10 * SECOND
LINKS = 3
"""So many different links of one mail within BURST are no human's clicks."""
SAME_DEED: Duration = 10 * MINUTE
"""Two sources that tell of one deed within this time tell of the same."""
MAIL = "mail"
"""Attribute of a click that names its mail."""

_Rule: TypeAlias = Callable[[Sequence[Activity]], Iterator[str]]
"""The ids of those that a rule sets aside, among what the rules before it left, in order of time."""


def set_aside(
    activities: Sequence[Activity], hygiene: Hygiene, inputs: Mapping[str, Value] | None = None
) -> Sequence[Activity]:
    """The lead's activities in their order, those not to be trusted marked with the reason. What is marked already
    stays so. `inputs` are the lead's: `own` says that the person is own staff or a test address."""
    if not activities:
        return activities
    own = (inputs or {}).get(OWN) is True
    told = list(activities)  # a store makes each anew whenever it is looked at
    reasons = {a.id: reason for a in told if (reason := a.set_aside or _never(a, own, hygiene))}
    in_time = sorted(told, key=lambda a: (a.at, a.id))
    rules: tuple[tuple[str, _Rule], ...] = (
        (TOLD_TWICE, lambda left: _told_twice(left, in_time, hygiene.fallback)),
        (SCANNER, lambda left: _scanned([a for a in left if a.kind in hygiene.scanner])),
        (REPEAT, lambda left: _repeats(left, hygiene.repeat_within)),
    )
    for reason, found in rules:
        reasons |= dict.fromkeys(found([a for a in in_time if a.id not in reasons]), reason)
    return [replace(a, set_aside=reasons[a.id]) if a.id in reasons else a for a in told] if reasons else activities


def _never(activity: Activity, own: bool, hygiene: Hygiene) -> str | None:
    return KIND if activity.kind in hygiene.set_aside else STAFF if own else None


def source_of(activity: Activity) -> str:
    """The event source that told of the activity: reading puts it before the event's id."""
    return activity.id.partition(":")[0]


def _told_twice(left: Sequence[Activity], told: Sequence[Activity], fallback: Mapping[str, str]) -> Iterator[str]:
    """What a lesser source says within SAME_DEED of something that the better source says of the same lead, whether
    that counts or not."""
    if not fallback:
        return
    better: dict[str, list[Instant]] = {}  # in order of time, as `told` is
    for activity in told:
        if source_of(activity) in fallback.values():
            better.setdefault(source_of(activity), []).append(activity.at)
    for activity in left:
        instants = better.get(fallback.get(source_of(activity), ""), [])
        after = bisect_left(instants, activity.at - SAME_DEED)
        if after < len(instants) and instants[after] <= activity.at + SAME_DEED:
            yield activity.id


def _scanned(clicks: Sequence[Activity]) -> Iterator[str]:
    """Clicks within BURST of their mail's delivery, and bursts of clicks on LINKS different links of one mail."""
    by_mail: dict[str, list[Activity]] = {}
    for click in clicks:
        after = click.attributes.get(AFTER_DELIVERY, "")
        if after.isdecimal() and int(after) * SECOND <= BURST:
            yield click.id
        if click.subject and click.attributes.get(MAIL):
            by_mail.setdefault(fold(click.attributes[MAIL]), []).append(click)
    for of_one_mail in by_mail.values():
        yield from _bursts(of_one_mail)


def _bursts(clicks: Sequence[Activity]) -> Iterator[str]:
    links = [fold(click.subject or "") for click in clicks]
    within: Counter[str] = Counter()
    start = told = 0
    for end, click in enumerate(clicks):
        within[links[end]] += 1
        while click.at - clicks[start].at > BURST:
            within -= Counter((links[start],))
            start += 1
        if len(within) >= LINKS:
            yield from (c.id for c in clicks[max(start, told) : end + 1])
            told = end + 1


def _repeats(left: Sequence[Activity], within: Duration | None) -> Iterator[str]:
    """The same kind and subject again, less than `within` after one that counts. `left` is in order of time and id."""
    counted: dict[tuple[str, str], Instant] = {}
    for activity in left if within is not None else ():
        key = (activity.kind, fold(activity.subject or ""))
        if key in counted and activity.at - counted[key] < (within or 0):
            yield activity.id
        else:
            counted[key] = activity.at

"""When a connection is due: every so often, or by a cron line. Pure; the clock and the threads are elsewhere."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import Any, TypeAlias

from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from connector.instants import DAY, MINUTE, SECOND, Duration, Instant, datetime_of, instant_of, parse_duration

YEAR: Duration = 366 * DAY
DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_DAYS_PART = re.compile(r"(\*|\d|[a-z]{3})(?:-(\d|[a-z]{3}))?(?:/(\d))?")


@dataclass(frozen=True, slots=True)
class Every:
    """A pass every `period` (microseconds), counted from the start of the last one."""

    period: Duration


@dataclass(frozen=True, slots=True)
class Cron:
    """A pass at the times of a cron line of five fields, in the installation's zone."""

    line: str


Timetable: TypeAlias = Every | Cron


def parse_timetable(text: str) -> Timetable:
    """Read `15m`, `1h`, `1d` or a cron line such as `0 7 * * 1-5`. Raises ValueError for anything else."""
    text = " ".join(text.split())
    if " " not in text:
        period = parse_duration(text)
        if not MINUTE <= period <= YEAR:
            raise ValueError("shorter than a minute or longer than a year")
        return Every(period)
    fields = text.split(" ")
    if len(fields) != 5:
        raise ValueError("a cron line has five fields")
    if fields[2] != "*" and fields[4] != "*":
        # cron reads this as "either", APScheduler as "both": refused rather than guessed
        raise ValueError("day of month and day of week together")
    cron = Cron(" ".join([*fields[:4], weekdays(fields[4])]))
    _following(cron, 0, UTC)
    return cron


def weekdays(field: str) -> str:
    """A cron line's days of the week by name: cron counts from Sunday, APScheduler from Monday. Raises ValueError."""
    if field == "*":
        return field
    chosen = [day for part in field.lower().split(",") for day in _days(part)]
    return ",".join(dict.fromkeys(chosen))


def _days(part: str) -> list[str]:
    found = _DAYS_PART.fullmatch(part)
    if found is None:
        raise ValueError("not a day of the week")
    first, last, step = found.groups()
    start, end = (0, 6) if first == "*" else (_day(first), _day(last or first))
    end = end + 7 if end < start else end
    return [DAYS[n % 7] for n in range(start, end + 1, int(step or 1) or 8)]


def _day(text: str) -> int:
    number = int(text) if text.isdigit() else DAYS.index(text)
    if number > 7:
        raise ValueError("not a day of the week")
    return number


def next_due(timetable: Timetable, last: Instant | None, now: Instant, zone: tzinfo) -> Instant:
    """When the next pass is due, given the start of the last one. However many were missed, one makes up for them:
    the answer is then `now`. A connection that never ran is due at once."""
    if last is None or last > now:
        return now if last is None else _following(timetable, now, zone)
    return max(now, _following(timetable, last, zone))


def trigger(timetable: Timetable, zone: tzinfo, start: Instant | None = None, jitter: Duration = 0) -> Any:
    """APScheduler's trigger for a timetable. `start` is the first time of an interval; each time comes up to `jitter`
    later, so that many installations do not call one CRM in the same second."""
    late = jitter // SECOND or None
    if isinstance(timetable, Cron):
        minute, hour, day, month, weekday = timetable.line.split(" ")
        return CronTrigger(
            minute=minute, hour=hour, day=day, month=month, day_of_week=weekday, timezone=zone, jitter=late
        )  # fmt: skip
    first = datetime_of(start or 0, zone)
    return IntervalTrigger(seconds=timetable.period // SECOND, start_date=first, timezone=zone, jitter=late)


def _following(timetable: Timetable, after: Instant, zone: tzinfo) -> Instant:
    if isinstance(timetable, Every):
        return after + timetable.period
    start = datetime_of(after + 1, zone)
    found = trigger(timetable, zone).get_next_fire_time(None, start)
    if found is None:
        raise ValueError("this cron line never comes")
    return instant_of(found)

"""Passes by timetable, on one machine: APScheduler's threads, nothing of its own kept on disk.

What was missed while the process was down is worked out from the runs that the store remembers, and made up for once.
At most one pass per connection runs here at a time; the store's lease sees to other processes.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from connector.clock import clock
from connector.instants import HOUR, MINUTE, Duration, Instant, datetime_of, instant_of
from connector.timetable import Timetable, next_due, trigger

PATIENCE: Duration = 15 * MINUTE
"""After the CRM refused us: the first look whether somebody has acted; each next one after twice as long."""
LONGEST: Duration = 6 * HOUR
AT_ONCE = 8
"""Passes of different connections at the same time. They wait on networks, hardly on this machine."""


@dataclass(frozen=True, slots=True)
class Job:
    """One connection and when it is due."""

    name: str
    timetable: Timetable
    jitter: Duration = 0


@dataclass(frozen=True, slots=True)
class Ended:
    """How a pass ended, as far as the schedule cares. `denied`: the CRM refuses us until a person acts. `wait`: it
    asked us not to come back sooner."""

    denied: bool = False
    wait: Duration | None = None


@dataclass(frozen=True, slots=True)
class Watch:
    """The world around the schedule: one pass by name (never raises), the start of a connection's last one, who is
    told of the next time of each, and the request to end."""

    make_pass: Callable[[str], Ended]
    last_start: Callable[[str], Instant | None]
    told_next: Callable[[str, Instant, bool], None]
    stop: threading.Event
    now: Callable[[], Instant]
    zone: tzinfo


@dataclass(slots=True)
class _Rounds:
    watch: Watch
    scheduler: Any
    denials: Counter[str] = field(default_factory=Counter)


def serve_on_schedule(jobs: Sequence[Job], watch: Watch) -> None:
    """Make passes until `watch.stop` is set, then wait for those at hand to end after their page or batch."""
    executor = ThreadPoolExecutor(min(len(jobs), AT_ONCE) or 1)
    scheduler = BackgroundScheduler(timezone=watch.zone, executors={"default": executor})
    rounds = _Rounds(watch, scheduler)
    for job in jobs:
        _enter(rounds, job)
    scheduler.start()
    try:
        watch.stop.wait()
    finally:
        watch.stop.set()
        scheduler.shutdown(wait=True)


def first_due(job: Job, watch: Watch) -> Instant:
    """When the connection is due first: at once when a time was missed while nobody served it."""
    return next_due(job.timetable, watch.last_start(job.name), watch.now(), watch.zone)


def recheck_after(denials: int) -> Duration:
    """How long to wait after so many refusals in a row."""
    return min(PATIENCE << min(denials - 1, 10), LONGEST)


def _enter(rounds: _Rounds, job: Job) -> None:
    watch = rounds.watch
    due = first_due(job, watch)
    # the scheduler lives by the wall clock, even where LEADHEAT_CLOCK holds ours still
    start = clock()() + due - watch.now()
    rounds.scheduler.add_job(
        lambda: _turn(rounds, job), trigger(job.timetable, watch.zone, start, job.jitter), id=job.name,
        next_run_time=datetime_of(start, watch.zone), max_instances=1, coalesce=True, misfire_grace_time=None,
    )  # fmt: skip
    watch.told_next(job.name, due, False)


def _turn(rounds: _Rounds, job: Job) -> None:
    """One pass, and when the next one is due after what it met."""
    if rounds.watch.stop.is_set():
        return
    ended = rounds.watch.make_pass(job.name)
    rounds.denials[job.name] = rounds.denials[job.name] + 1 if ended.denied else 0
    if rounds.watch.stop.is_set():
        return
    wait = recheck_after(rounds.denials[job.name]) if ended.denied else ended.wait
    at = _postponed(rounds, job.name, wait)
    if at is not None:
        rounds.watch.told_next(job.name, at + rounds.watch.now() - clock()(), ended.denied)


def _postponed(rounds: _Rounds, name: str, wait: Duration | None) -> Instant | None:
    """The scheduler's next time for this connection, moved back if it must wait longer."""
    entry = rounds.scheduler.get_job(name)
    if entry is None or entry.next_run_time is None:
        return None
    due = instant_of(entry.next_run_time)
    if wait is None or due >= clock()() + wait:
        return due
    at = clock()() + wait
    entry.modify(next_run_time=datetime_of(at, rounds.watch.zone))
    return at

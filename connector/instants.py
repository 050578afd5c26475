"""Instants and durations as whole microseconds, so that no engine, database or machine ever disagrees about time.

An Instant is the number of microseconds since 1970-01-01T00:00Z. A Duration is a number of microseconds.
Only text that carries its zone becomes an Instant; nothing here guesses "local time", and nothing here reads a clock.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import TypeAlias

Instant: TypeAlias = int
Duration: TypeAlias = int

SECOND: Duration = 1_000_000
MINUTE: Duration = 60 * SECOND
HOUR: Duration = 60 * MINUTE
DAY: Duration = 24 * HOUR

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NAIVE_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - UTC, too: arithmetic without a zone is quicker
EARLIEST: Instant = -62_135_596_800 * SECOND
LATEST: Instant = 253_402_300_800 * SECOND - 1
"""The first and the last instant that can be written: years 1 to 9999, in UTC."""
_DURATION = re.compile(r"(\d{1,9})([dhm])")
_UNITS = {"d": DAY, "h": HOUR, "m": MINUTE}
_INSTANT = re.compile(
    r"(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2})?)(?:[.,](\d{1,6}))?\s?(Z|[+-]\d{2}:?\d{2})", re.IGNORECASE
)
_USUAL = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?Z", re.ASCII)
"""How nearly every CRM writes nearly every instant, which Python reads by itself."""
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def instant_of(moment: datetime) -> Instant:
    """The Instant of an aware datetime. Raises ValueError for a naive one: its zone is not ours to guess."""
    if moment.tzinfo is None:
        raise ValueError("a datetime without a zone is not an instant")
    return (moment - _EPOCH) // timedelta(microseconds=1)


def datetime_of(instant: Instant, zone: tzinfo = UTC) -> datetime:
    """The instant as an aware datetime in `zone`. Near the years 1 and 9999 it stays in UTC rather than overflow."""
    moment = _EPOCH + timedelta(microseconds=instant)
    try:
        return moment.astimezone(zone)
    except OverflowError:
        return moment


def representable(instant: Instant) -> bool:
    """Whether the instant can be written as a date of the years 1 to 9999."""
    return EARLIEST <= instant <= LATEST


def parse_instant(text: str) -> Instant:
    """Read ISO 8601 with `Z` or an offset (`+09:00`, `+0900`) and at most microseconds.

    Raises ValueError for anything else, naive text included.
    """
    if _USUAL.fullmatch(text):
        since = datetime.fromisoformat(text) - _EPOCH
        return since.days * DAY + since.seconds * SECOND + since.microseconds
    found = _INSTANT.fullmatch(text.strip())
    if found is None:
        raise ValueError("not an instant with a zone")
    day, clock, fraction, zone = found.groups()
    offset = "+00:00" if zone in "Zz" else zone
    whole = datetime.fromisoformat(f"{day}T{clock}{offset}")
    return instant_of(whole) + int((fraction or "0").ljust(6, "0"))


def parse_date(text: str) -> date:
    """Read `2026-11-24`. Raises ValueError for anything else."""
    if _DATE.fullmatch(text.strip()) is None:
        raise ValueError("not a date")
    return date.fromisoformat(text.strip())


def midnight(day: date, zone: tzinfo) -> Instant:
    """The first instant of a calendar day in `zone`."""
    start = datetime(day.year, day.month, day.day, tzinfo=zone)
    try:
        return instant_of(start)
    except OverflowError:
        return instant_of(start.replace(tzinfo=UTC))


def parse_moment(text: str, zone: tzinfo) -> Instant:
    """An instant with its zone, or a bare date's midnight in `zone`. Raises ValueError for anything else, and for
    what lies outside the years 1 to 9999 in UTC."""
    found = midnight(parse_date(text), zone) if _DATE.fullmatch(text.strip()) else parse_instant(text)
    if not representable(found):
        raise ValueError("outside the years 1 to 9999")
    return found


def local_day(instant: Instant, zone: tzinfo) -> int:
    """The calendar day in `zone`, as a number that rises by one from day to day."""
    return (instant + offset_at(instant, zone)) // DAY


def offset_at(instant: Instant, zone: tzinfo) -> Duration:
    """How far the clocks of `zone` are ahead of UTC. Before the year 1 and after 9999 as on the nearest day inside."""
    inside = min(max(instant, EARLIEST + 2 * DAY), LATEST - 2 * DAY)
    offset = (_EPOCH + timedelta(microseconds=inside)).astimezone(zone).utcoffset()
    return (offset or timedelta()) // timedelta(microseconds=1)


def parse_duration(text: str) -> Duration:
    """Read `90d`, `12h` or `30m`: exact multiples of 24 hours, hours, minutes; never months. Raises ValueError."""
    found = _DURATION.fullmatch(text.strip())
    if found is None:
        raise ValueError("not a duration")
    return int(found[1]) * _UNITS[found[2]]


def iso(instant: Instant) -> str:
    """`2026-12-20T09:00:00.25Z`: UTC, without trailing zeros."""
    text = (_NAIVE_EPOCH + timedelta(microseconds=instant)).isoformat()
    return (text.rstrip("0") if "." in text else text) + "Z"

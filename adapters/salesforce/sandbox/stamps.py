"""Instants and days as Salesforce writes them: whole seconds, an offset without a colon (NOTES 27)."""

from __future__ import annotations

from datetime import datetime, timedelta
from email.utils import format_datetime

from connector.instants import DAY, SECOND, Instant, datetime_of, parse_instant


def stamp(at: Instant) -> str:
    """`2026-01-02T03:04:05.000+0000`. Such texts sort as the instants do."""
    return f"{datetime_of(at - at % SECOND):%Y-%m-%dT%H:%M:%S}.000+0000"


def instant(text: str) -> Instant:
    """Back from a stamp. Raises ValueError."""
    return parse_instant(text)


def day(at: Instant) -> str:
    """The calendar day in the org's zone, which is Japan's."""
    return f"{datetime_of(at) + timedelta(hours=9):%Y-%m-%d}"


def http_date(at: Instant) -> str:
    return format_datetime(datetime_of(at - at % SECOND), usegmt=True)


def csv_stamp(text: str) -> str:
    """A datetime as Bulk results write it: `Z` in place of the offset (NOTES 98)."""
    return text.replace("+0000", "Z")


def days_before(at: Instant, n: float) -> Instant:
    return int(at - n * DAY)


def is_day(text: str) -> bool:
    try:
        return len(text) == 10 and bool(datetime.strptime(text, "%Y-%m-%d"))  # noqa: DTZ007 - a day has no zone
    except ValueError:
        return False

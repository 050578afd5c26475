"""Intervals and cron lines mean what an administrator means by them."""

from __future__ import annotations

from datetime import UTC
from zoneinfo import ZoneInfo

import pytest

from connector.instants import DAY, HOUR, MINUTE, iso, parse_instant
from connector.timetable import Cron, Every, next_due, parse_timetable, weekdays

TOKYO = ZoneInfo("Asia/Tokyo")
SUNDAY_NOON = parse_instant("2026-11-22T12:00:00+09:00")


@pytest.mark.parametrize(("text", "period"), [("15m", 15 * MINUTE), ("1h", HOUR), (" 1d ", DAY), ("1m", MINUTE)])
def test_an_interval_is_a_number_with_its_unit(text: str, period: int) -> None:
    assert parse_timetable(text) == Every(period)


@pytest.mark.parametrize(
    "text",
    [
        "", "15", "0m", "15 m", "hourly", "* * * *", "* * * * * *", "61 * * * *", "0 24 * * *", "0 7 1 * 1",
        "0 7 * * 8", "0 0 30 2 *", "999999999d", "367d",
        "0 7 * * x", "0 7 * * mon-xyz", "30s",
    ],
)  # fmt: skip
def test_what_is_neither_interval_nor_cron_line_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_timetable(text)


@pytest.mark.parametrize(
    ("field", "days"),
    [
        ("*", "*"), ("1-5", "mon,tue,wed,thu,fri"), ("0", "sun"), ("7", "sun"), ("0,6", "sun,sat"),
        ("5-7", "fri,sat,sun"),
        ("sat-mon", "sat,sun,mon"), ("*/2", "sun,tue,thu,sat"), ("MON,wed", "mon,wed"), ("1-5/2", "mon,wed,fri"),
    ],
)  # fmt: skip
def test_days_of_the_week_count_from_sunday_as_cron_has_it(field: str, days: str) -> None:
    assert weekdays(field) == days


@pytest.mark.parametrize(
    ("line", "due"),
    [
        ("0 7 * * 1-5", "2026-11-23T07:00:00+09:00"), ("0 7 * * 0", "2026-11-29T07:00:00+09:00"),
        ("30 12 * * *", "2026-11-22T12:30:00+09:00"), ("0 0 1 * *", "2026-12-01T00:00:00+09:00"),
        ("*/20 9-17 * * 1-5", "2026-11-23T09:00:00+09:00"),
    ],
)  # fmt: skip
def test_a_cron_line_is_read_in_the_zone_of_the_installation(line: str, due: str) -> None:
    found = next_due(parse_timetable(line), SUNDAY_NOON, SUNDAY_NOON, TOKYO)
    assert iso(found) == iso(parse_instant(due))


def test_a_connection_that_never_ran_is_due_at_once() -> None:
    assert next_due(Every(HOUR), None, SUNDAY_NOON, TOKYO) == SUNDAY_NOON
    assert next_due(Cron("0 7 * * *"), None, SUNDAY_NOON, TOKYO) == SUNDAY_NOON


def test_an_interval_counts_from_the_start_of_the_last_pass() -> None:
    assert next_due(Every(HOUR), SUNDAY_NOON - 20 * MINUTE, SUNDAY_NOON, TOKYO) == SUNDAY_NOON + 40 * MINUTE


@pytest.mark.parametrize("timetable", [Every(HOUR), Cron("0 * * * *")])
def test_many_missed_passes_are_made_up_for_by_one_now(timetable: Every | Cron) -> None:
    assert next_due(timetable, SUNDAY_NOON - 30 * DAY, SUNDAY_NOON, TOKYO) == SUNDAY_NOON


def test_a_last_pass_in_the_future_is_a_clock_put_back_and_is_not_waited_for() -> None:
    assert next_due(Every(HOUR), SUNDAY_NOON + 90 * DAY, SUNDAY_NOON, UTC) == SUNDAY_NOON + HOUR


def test_a_cron_line_that_has_just_run_does_not_run_again_in_the_same_minute() -> None:
    seven = parse_instant("2026-11-23T07:00:00+09:00")
    assert next_due(Cron("0 7 * * *"), seven, seven, TOKYO) == seven + DAY

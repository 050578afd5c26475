"""What CRMs and spreadsheets write, as values. Each function returns None for a text it cannot read, never raises."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, tzinfo
from decimal import Decimal
from functools import lru_cache

from connector.instants import Instant, instant_of, midnight, parse_date, parse_instant, representable
from connector.mapping.texts import clean, fold

SHORT = 200
"""No number, date or yes is longer; what is, is not looked at."""
YES = frozenset({"true", "yes", "y", "1", "on", "はい", "○", "◯", "有", "有り", "あり", "済"})
NO = frozenset({"false", "no", "n", "0", "off", "いいえ", "×", "無", "無し", "なし", "未"})
_NUMBER = re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d{1,30})(?:\.\d{1,30})?(?:e[+-]?\d{1,2})?")
_MILLISECONDS = re.compile(r"-?\d{11,14}")
_NAIVE = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6})\d*)?)?")
_DAY = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})|(\d{4})年(\d{1,2})月(\d{1,2})日")


def to_text(text: str) -> str | None:
    return clean(text) or None


def to_number(text: str) -> Decimal | None:
    """A sign, digits with or without thousands separators, a fraction, an exponent of at most two digits (Salesforce
    writes large doubles as `1.0E7`)."""
    told = _short(text)
    if told.startswith(("¥", "\\", "$")):
        told = told[1:].strip()
    return Decimal(told.replace(",", "")) if _NUMBER.fullmatch(told) and told.isascii() else None


def to_truth(text: str) -> bool | None:
    """`true` and `false`, yes and no, 1 and 0, はい and いいえ, ○ and ×."""
    told = _short(text)
    return True if told in YES else False if told in NO else None


def to_set(text: str) -> frozenset[str] | None:
    """Members parted by `;` (HubSpot's checkboxes, Salesforce's multi-select picklists) or by its full-width form."""
    members = (clean(part) for part in text.replace("；", ";").split(";"))
    return frozenset(m for m in members if m) or None


@lru_cache(maxsize=256)  # an event's instant is asked for by its activity and by its wording
def to_instant(text: str, zone: tzinfo) -> Instant | None:
    """ISO 8601 with its zone; epoch milliseconds; a date, as midnight in `zone`; a date and time without a zone, as a
    clock in `zone` shows it."""
    told = unicodedata.normalize("NFKC", text[:SHORT]).strip() if len(text) <= SHORT else ""
    try:
        if told.endswith("Z"):
            return _within(parse_instant(told))
        if _MILLISECONDS.fullmatch(told) and told.isascii():
            return _within(int(told) * 1_000)
        return _within(_day(told, zone) if _DAY.fullmatch(told) else _moment(told, zone))
    except (ValueError, OverflowError):
        return None


def _moment(told: str, zone: tzinfo) -> Instant:
    naive = _NAIVE.fullmatch(told)
    if naive is None:
        return parse_instant(told)
    *clock, fraction = naive.groups(default="0")
    year, month, day, hour, minute, second = (int(part) for part in clock)
    whole = datetime(year, month, day, hour, minute, second, tzinfo=zone)
    return instant_of(whole) + int(fraction.ljust(6, "0"))


def _day(told: str, zone: tzinfo) -> Instant:
    digits = [int(part) for part in re.findall(r"\d+", told)]
    return midnight(parse_date(f"{digits[0]:04d}-{digits[1]:02d}-{digits[2]:02d}"), zone)


def _within(at: Instant) -> Instant | None:
    return at if representable(at) else None


def _short(text: str) -> str:
    return fold(text) if len(text) <= SHORT else ""

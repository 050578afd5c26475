"""Company sizes as people choose them on forms: `101-500名` is at least 101."""

from __future__ import annotations

import re
from decimal import Decimal

from connector.mapping.texts import fold

_UNITS = {"万": 10_000, "千": 1_000, "k": 1_000}
_N = r"(\d{1,3}(?:,\d{3})+|\d{1,9})(?:\.(\d{1,3}))?\s*(万|千|k\b)?"
_COUNTED = re.compile(_N + r"\s*(?:名|人|employees|people)")
_ANY = re.compile(_N)
_RANGE = re.compile(_N + r"\s*(?:名|人)?\s*(?:[-~〜‐‑–—−ー]|から|to)\s*" + r"\d")
_DATE = re.compile(r"\d{4}[-/年]\d{1,2}[-/月]\d{1,2}日?|\d{1,2}月\d{1,2}日")
_AT_MOST = re.compile(r"^\s*(?:[~〜<]|-\s?\d+\s?[名人]|less than|under|up to|fewer than|below)|以下|未満|以内|まで")
_MORE_THAN = re.compile(r"^\s*>(?!=)|^\s*(?:more than|over)\b|超")


def size_of(text: str) -> Decimal | None:
    """The lower end of a size band, or the number itself. None for what holds no number.

    `1~29名` is 1, `50名以下` is 1 (somebody works there), `1,000名以上` is 1000,
    `100名超` is 101, `1万人以上` is 10000.
    """
    told = fold(text[:200])
    if _DATE.fullmatch(told):  # a spreadsheet took `1-5` for a date
        return None
    dated = _DATE.sub(" ", told)
    found = _RANGE.search(dated) or _COUNTED.search(dated) or _ANY.search(dated)
    if found is None:
        return None
    if _AT_MOST.search(dated) and "以上" not in dated and "超" not in dated:
        return Decimal(1)
    if dated[: found.start()].endswith("-"):
        return None
    number = _number(found)
    return number + 1 if _MORE_THAN.search(dated) else number


def _number(found: re.Match[str]) -> Decimal:
    whole, fraction, unit = found[1], found[2], found[3]
    number = Decimal(f"{whole.replace(',', '')}.{fraction or 0}") * _UNITS.get(unit or "", 1)
    return Decimal(int(number))

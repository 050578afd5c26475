"""An input's text as the value it stands for: the one place where plain files and worked examples become typed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import tzinfo
from decimal import Decimal

from connector.instants import parse_moment
from connector.model import InputType, Value
from connector.scoring.conditions import fold

_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")


def parse_value(text: str, kind: InputType, levels: Sequence[str], zone: tzinfo) -> Value | None:
    """The value of a cell, or None for a blank one. Members of a set stand between `;`.

    Raises ValueError for what is no number, truth, level or instant.
    """
    if not fold(text):
        return None
    if kind == "level":
        return parse_level(text, levels)
    if kind == "instant":
        return parse_moment(text, zone)
    return _PARSERS[kind](text)


def parse_number(text: str) -> Decimal:
    """A sign, digits and a fraction, full-width ones too. Raises ValueError for anything else."""
    plain = unicodedata.normalize("NFKC", text).strip()
    if _NUMBER.fullmatch(plain) is None:
        raise ValueError("not a number")
    return Decimal(plain)


def parse_truth(text: str) -> bool:
    """`true` or `false` in any case. Raises ValueError for anything else."""
    folded = fold(text)
    if folded not in ("true", "false"):
        raise ValueError("neither true nor false")
    return folded == "true"


def parse_level(text: str, levels: Sequence[str]) -> str:
    """The level's name as the mapping lists it. Raises ValueError for a level that is not listed."""
    for level in levels:
        if fold(level) == fold(text):
            return level
    raise ValueError("not a level")


def parse_set(text: str) -> frozenset[str] | None:
    """The members between `;`; blank ones are dropped, and a set of none is unknown."""
    return frozenset(member.strip() for member in text.split(";") if fold(member)) or None


_PARSERS: Mapping[str, Callable[[str], Value | None]] = {
    "number": parse_number,
    "truth": parse_truth,
    "set": parse_set,
    "text": str.strip,
}

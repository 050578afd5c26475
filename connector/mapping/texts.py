"""Texts as they are compared and kept."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from fnmatch import translate
from functools import lru_cache
from re import compile as regex
from typing import TypeAlias, TypeVar

LONGEST = 4_000
"""Characters of a text that are kept. A longer cell is cut, so that one pasted document does not weigh as much as
everybody else together."""
_BROKEN = regex("[\ud800-\udfff\0]")

T = TypeVar("T")
Patterns: TypeAlias = tuple[str, ...] | frozenset[str]


def fold(text: str) -> str:
    """The text as it is compared: NFKC, trimmed, case folded (the scorecard's own rule)."""
    return unicodedata.normalize("NFKC", text).strip().casefold()


def clean(text: str) -> str:
    """The text as it is kept: trimmed, cut, and without halves of characters and NULs, which no database takes."""
    text = text[: LONGEST + 1_000].strip()[:LONGEST]
    return text if text.isascii() and "\0" not in text else _BROKEN.sub("\ufffd", text)


def matches(pattern: str, text: str) -> bool:
    """A glob over the whole folded text; `*` stands for anything, nothing else is special."""
    return _globs((pattern,))(text) is not None


def matches_any(patterns: Patterns, text: str) -> bool:
    """Whether one of these globs holds of the whole folded text."""
    return bool(patterns) and _globs(patterns)(text) is not None


@lru_cache(maxsize=4_096)
def _globs(patterns: Patterns):  # type: ignore[no-untyped-def]  # the bound method of a pattern
    literal = (pattern.replace("[", "[[]").replace("?", "[?]") for pattern in patterns)
    return regex("|".join(map(translate, literal))).match


def first(found: Iterable[T | None]) -> T | None:
    """The first that is something."""
    return next((one for one in found if one is not None), None)


def domains_of(domain: str) -> Sequence[str]:
    """The domain and each that it lies in: `a.b.jp`, `b.jp`, `jp`."""
    parts = domain.split(".")
    return [".".join(parts[n:]) for n in range(len(parts))]

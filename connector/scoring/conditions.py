"""The tests on inputs, subjects and attributes: two-line nodes, one function that says whether a node holds, one that
says when its answer can change by itself.

Text compares after NFKC, trimming and case folding, everywhere. What is unknown fails every test but `unknown`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Literal, TypeAlias, assert_never

from connector.instants import Duration, Instant
from connector.model import Value


@dataclass(frozen=True, slots=True)
class AtLeast:
    """A number not below the limit."""

    limit: Decimal


@dataclass(frozen=True, slots=True)
class AtMost:
    """A number not above the limit."""

    limit: Decimal


@dataclass(frozen=True, slots=True)
class OneOf:
    """Equal to an option; for a set, any member."""

    options: frozenset[str]


@dataclass(frozen=True, slots=True)
class Reaches:
    """A level not below (`at_least`) or not above (`at_most`) the named one. `options` are the levels that do, by the
    mapping's order; they are the mapping's, so they do not belong to the scorecard's meaning."""

    side: Literal["at_least", "at_most"]
    level: str
    options: frozenset[str]


@dataclass(frozen=True, slots=True)
class NoneOf:
    """Known, and equal to no option; for a set, no member is."""

    options: frozenset[str]


@dataclass(frozen=True, slots=True)
class Contains:
    """Any of the words is a part of the text; for a set, of any member."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Like:
    """A glob over the whole text; `*` stands for anything, nothing else is special."""

    pattern: str


@dataclass(frozen=True, slots=True)
class Under:
    """A path: this one or below it. `/pricing-old` is not under `/pricing`."""

    path: str


@dataclass(frozen=True, slots=True)
class Is:
    """True or false, as said."""

    value: bool


@dataclass(frozen=True, slots=True)
class After:
    """An instant strictly later."""

    instant: Instant


@dataclass(frozen=True, slots=True)
class Before:
    """An instant strictly earlier."""

    instant: Instant


@dataclass(frozen=True, slots=True)
class WithinNext:
    """An instant from now on and less than this far ahead."""

    duration: Duration


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nothing is known."""


Test: TypeAlias = (
    AtLeast | AtMost | OneOf | NoneOf | Reaches | Contains | Like | Under | Is | After | Before | WithinNext | Unknown
)
Conjunction: TypeAlias = tuple[tuple[str, Test], ...]
"""All must hold: (input name, test)."""


@dataclass(frozen=True, slots=True)
class Condition:
    """`when` and `any` together: every test of `when`, and one of the conjunctions of `any` if there are some."""

    when: Conjunction = ()
    any_of: tuple[Conjunction, ...] = ()


def fold(text: str) -> str:
    """The text as it is compared."""
    return _folded(text) if len(text) <= LONGEST_REMEMBERED else _fold(text)


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().casefold().strip()


LONGEST_REMEMBERED = 512  # characters; a cache of whole documents would fill the memory
_folded = lru_cache(maxsize=65_536)(_fold)


def holds(test: Test, value: Value | None, as_of: Instant) -> bool:
    """Whether the test holds for a value at an instant. None is unknown, and so are blank text and an empty set."""
    if isinstance(value, str):
        return text_holds(test, fold(value))
    texts = () if value is None else _texts(value)
    if not texts:
        return isinstance(test, Unknown)
    if value is None or isinstance(test, Unknown):
        return False
    if isinstance(test, (AtLeast, AtMost, Is, After, Before, WithinNext)):
        return _holds_scalar(test, value, as_of)
    if isinstance(test, NoneOf):
        return not any(text in test.options for text in texts)
    return any(_holds_text(test, text) for text in texts)


def text_holds(test: Test, text: str) -> bool:
    """The same for one text, as it is compared: folded. Blank is unknown."""
    if not text or isinstance(test, Unknown):
        return not text and isinstance(test, Unknown)
    if isinstance(test, NoneOf):
        return text not in test.options
    return isinstance(test, (OneOf, Reaches, Contains, Like, Under)) and _holds_text(test, text)


def _texts(value: Value) -> Sequence[str]:
    """The members of a set, or the one value, as compared; what is blank is not there."""
    members = value if isinstance(value, frozenset) else (value,)
    return [text for member in members if (text := fold(str(member)))]


def _holds_scalar(test: AtLeast | AtMost | Is | After | Before | WithinNext, value: Value, as_of: Instant) -> bool:
    match test:
        case AtLeast(limit):
            return isinstance(value, Decimal) and value >= limit
        case AtMost(limit):
            return isinstance(value, Decimal) and value <= limit
        case Is(truth):
            return value is truth
        case _:
            return isinstance(value, int) and not isinstance(value, bool) and _holds_instant(test, value, as_of)


def _holds_instant(test: After | Before | WithinNext, value: Instant, as_of: Instant) -> bool:
    match test:
        case After(instant):
            return value > instant
        case Before(instant):
            return value < instant
        case WithinNext(duration):
            return as_of <= value < as_of + duration
        case _:
            assert_never(test)


def _holds_text(test: OneOf | Reaches | Contains | Like | Under, text: str) -> bool:
    match test:
        case OneOf(options) | Reaches(options=options):
            return text in options
        case Contains(words):
            return any(word in text for word in words)
        case Like(pattern):
            return like(pattern, text)
        case Under(path):
            return text == path or text.startswith(path + "/")
        case _:
            assert_never(test)


def like(pattern: str, text: str) -> bool:
    """Whether the glob fits the whole text. Linear: the pattern's pieces are sought once, from left to right."""
    first, *rest = pattern.split("*")
    if not rest:
        return text == first
    *middle, last = rest
    if len(text) < len(first) + len(last) or not text.startswith(first) or not text.endswith(last):
        return False
    at, end = len(first), len(text) - len(last)
    for piece in middle:
        found = text.find(piece, at, end)
        if found < 0:
            return False
        at = found + len(piece)
    return True


def flips_at(test: Test, value: Value | None, as_of: Instant) -> Instant | None:
    """The first instant after `as_of` at which the test's answer differs although the value stays. Only `within_next`
    moves with time: it begins 1 µs after `value - D` and ends 1 µs after `value`."""
    if not isinstance(test, WithinNext) or not isinstance(value, int) or isinstance(value, bool):
        return None
    for instant in (value - test.duration + 1, value + 1):
        if instant > as_of:
            return instant
    return None


def all_hold(conjunction: Conjunction, inputs: Mapping[str, Value], as_of: Instant) -> bool:
    return all(holds(test, inputs.get(name), as_of) for name, test in conjunction)


def condition_holds(condition: Condition, inputs: Mapping[str, Value], as_of: Instant) -> bool:
    """Whether `when` holds and, if there are any, one of the alternatives."""
    if not all_hold(condition.when, inputs, as_of):
        return False
    return not condition.any_of or any(all_hold(c, inputs, as_of) for c in condition.any_of)


def conjunctions(condition: Condition) -> Iterable[tuple[str, Test]]:
    """Every test of a condition."""
    yield from condition.when
    for alternative in condition.any_of:
        yield from alternative


def condition_flips_at(
    tests: Iterable[tuple[str, Test]], inputs: Mapping[str, Value], as_of: Instant
) -> Instant | None:
    """The earliest instant at which any of the tests flips; early when another test masks it, never late."""
    return earliest(flips_at(test, inputs.get(name), as_of) for name, test in tests)


def earliest(instants: Iterable[Instant | None]) -> Instant | None:
    """The earliest of those that are known."""
    return min((i for i in instants if i is not None), default=None)

"""What a JSON body must look like, as small checks that are put together, and say which rule was broken where."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias


@dataclass(frozen=True, slots=True)
class Fault:
    """A rule that a request breaks, and where. Never the value: it could be somebody's."""

    rule: str
    where: str


Check: TypeAlias = Callable[[Any, str], Iterator[Fault]]


def text(value: Any, where: str) -> Iterator[Fault]:
    if not isinstance(value, str):
        yield Fault("type", f"{where} is no text")
    elif not value:
        yield Fault("required", f"{where} is blank")


def any_text(value: Any, where: str) -> Iterator[Fault]:
    if not isinstance(value, str):
        yield Fault("type", f"{where} is no text")


def truth(value: Any, where: str) -> Iterator[Fault]:
    if not isinstance(value, bool):
        yield Fault("type", f"{where} is not true or false")


def anything(value: Any, where: str) -> Iterator[Fault]:
    yield from ()


def number(least: int, most: int) -> Check:
    """A JSON whole number between two others."""

    def check(value: Any, where: str) -> Iterator[Fault]:
        if not isinstance(value, int) or isinstance(value, bool):
            yield Fault("type", f"{where} is no whole number")
        elif not least <= value <= most:
            yield Fault("limit", f"{where} is not between {least} and {most}")

    return check


def like(pattern: str, rule: str = "type") -> Check:
    """A text that a pattern matches whole."""
    whole = re.compile(pattern)

    def check(value: Any, where: str) -> Iterator[Fault]:
        if not isinstance(value, str):
            yield Fault("type", f"{where} is no text")
        elif not whole.fullmatch(value):
            yield Fault(rule, f"{where} is not as it must be")

    return check


def one_of(*words: str, rule: str = "word") -> Check:
    def check(value: Any, where: str) -> Iterator[Fault]:
        if value not in words:
            yield Fault(rule, f"{where} is none of {', '.join(words)}")

    return check


def many(each: Check, *, most: int | None = None, least: int = 0, rule: str = "limit") -> Check:
    """A list of so many."""

    def check(value: Any, where: str) -> Iterator[Fault]:
        if not isinstance(value, list):
            yield Fault("type", f"{where} is no list")
            return
        if len(value) < least or (most is not None and len(value) > most):
            yield Fault(rule, f"{where} has {len(value)} entries")
        for n, one in enumerate(value):
            yield from each(one, f"{where}[{n}]")

    return check


def fields(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Check:
    """An object with these fields and no others."""
    known = {**required, **(optional or {})}

    def check(value: Any, where: str) -> Iterator[Fault]:
        if not isinstance(value, dict):
            yield Fault("type", f"{where} is no object")
            return
        yield from (Fault("required", f"{where}.{name}") for name in required if name not in value)
        yield from (Fault("body field", f"{where}.{name}") for name in value if name not in known)
        for name, each in known.items():
            if name in value:
                yield from each(value[name], f"{where}.{name}")

    return check


def values(each: Check) -> Check:
    """An object with any fields whose values are alike."""

    def check(value: Any, where: str) -> Iterator[Fault]:
        if not isinstance(value, dict):
            yield Fault("type", f"{where} is no object")
            return
        for name, one in value.items():
            yield from each(one, f"{where}.{name}")

    return check


def both(*checks: Check) -> Check:
    def check(value: Any, where: str) -> Iterator[Fault]:
        for one in checks:
            yield from one(value, where)

    return check

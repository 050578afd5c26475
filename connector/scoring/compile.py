"""A scorecard made ready for columns: every different thing to look for once, however many rules ask for it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from connector.instants import Duration
from connector.scoring.conditions import Conjunction
from connector.scoring.scorecard import Did, Rule, Scorecard, Silence, every_test


@dataclass(frozen=True, slots=True)
class Sought:
    """Activities by class: of these kinds (None: of any kind that is not passive), passing these tests."""

    kinds: frozenset[str] | None
    where: Conjunction = ()


@dataclass(frozen=True, slots=True)
class Metric:
    """Activities younger than `within`, the newest of each `per`: what `count`, `fade` and silence then work on."""

    sought: Sought
    within: Duration | None
    per: Literal["day", "subject"] | None = None


HUMAN = Sought(None)


@dataclass(frozen=True, slots=True)
class Compiled:
    """The scorecard, the metric of each rule (None: inputs alone decide), and the names that columns must carry."""

    card: Scorecard
    metrics: tuple[Metric | None, ...]
    inputs: tuple[str, ...]
    attributes: tuple[str, ...]


def compile_card(card: Scorecard) -> Compiled:
    """Say what each rule looks for, so that equal ones are looked for once."""
    inputs = (name for name, _ in every_test(card))
    attributes = (name for rule in card.rules for name in _attributes(rule))
    return Compiled(card, tuple(map(_metric, card.rules)), _once(inputs), _once(attributes))


def _metric(rule: Rule) -> Metric | None:
    match rule.deed:
        case Did(kinds, where, within, count):
            return Metric(Sought(kinds, tuple(sorted(where, key=repr))), within, count.per)
        case Silence(duration, kinds):
            return Metric(Sought(kinds), duration)
    return None


def _attributes(rule: Rule) -> Iterable[str]:
    where = rule.deed.where if isinstance(rule.deed, Did) else ()
    return (name for name, _ in where if name != "subject")


def _once(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))

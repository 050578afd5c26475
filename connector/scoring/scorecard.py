"""The scorecard as data: what marketing and sales agreed on, bound to the inputs a mapping provides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal
from zoneinfo import ZoneInfo

from connector.instants import Duration
from connector.model import Vocabulary
from connector.scoring.conditions import Condition, Conjunction, Test, conjunctions
from connector.words import Lang

Label = Mapping[Lang, str]
UNCONDITIONAL = Condition()


@dataclass(frozen=True, slots=True)
class Count:
    """Which occurrences count: the newest of each day or subject first (`per`), then the newest `up_to` (None: all);
    the rule fires only with `at_least` of them after `per`."""

    up_to: int | None = 1
    at_least: int = 1
    per: Literal["day", "subject"] | None = None


ONCE = Count()


@dataclass(frozen=True, slots=True)
class Fade:
    """Points go down by `lose` percent of the full points with every `every` of age."""

    lose: int
    every: Duration


@dataclass(frozen=True, slots=True)
class Did:
    """Activities of these kinds, whose subject and attributes satisfy `where`, younger than `within`."""

    kinds: frozenset[str]
    where: tuple[tuple[str, Test], ...] = ()
    within: Duration | None = None
    count: Count = ONCE
    fade: Fade | None = None


@dataclass(frozen=True, slots=True)
class Silence:
    """No human activity (of these kinds; None: of any kind that is not passive) for this long."""

    duration: Duration
    kinds: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A test that gives points, and why. `deed` is what the person did or omitted; None: the inputs alone decide."""

    id: str
    axis: str
    label: Label
    points: int
    condition: Condition = UNCONDITIONAL
    deed: Did | Silence | None = None
    hot_now: bool = False
    blocks_hot_now: bool = False
    because: str | None = None


@dataclass(frozen=True, slots=True)
class Axis:
    """A group of rules. `max` cuts the sum of its positive rules, `min` that of its negative ones."""

    id: str
    label: Label
    max: int | None = None
    min: int | None = None


@dataclass(frozen=True, slots=True)
class Bands:
    """Hot from `enter`; a hot lead stays hot down to `leave`, and for `stay` in any case. `requires`: all must hold
    too. Warm from `warm`, cold below."""

    enter: int
    leave: int
    warm: int
    stay: Duration = 0
    requires: tuple[Conjunction, ...] = ()


@dataclass(frozen=True, slots=True)
class Exclude:
    """Who is never hot, whatever the points."""

    id: str
    label: Label
    condition: Condition


@dataclass(frozen=True, slots=True)
class ExampleDeed:
    """In a worked example: something done this long ago."""

    kind: str
    ago: Duration
    subject: str | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Example:
    """A worked example: with these inputs and deeds, expect these points, this band. Inputs stand as written."""

    name: str
    where: str
    given: Mapping[str, str]
    did: tuple[ExampleDeed, ...]
    points: int | None = None
    band: str | None = None


@dataclass(frozen=True, slots=True)
class Agreed:
    """Who agreed for each department, when, why, and when to look again."""

    marketing: str = ""
    sales: str = ""
    on: str = ""
    review_by: str = ""
    because: str = ""


@dataclass(frozen=True, slots=True)
class Scorecard:
    """The agreed version of the rules. `digest` identifies its meaning: comments and the order of keys do not change
    it. `vocabulary` is what it was read against."""

    name: str
    version: int
    zone: ZoneInfo
    agreed: Agreed
    bands: Bands
    min: int | None
    max: int | None
    axes: tuple[Axis, ...]
    exclude: tuple[Exclude, ...]
    rules: tuple[Rule, ...]
    examples: tuple[Example, ...]
    vocabulary: Vocabulary
    digest: str = ""


def every_test(card: Scorecard) -> Iterable[tuple[str, Test]]:
    """All tests on inputs that the scorecard holds."""
    for rule in card.rules:
        yield from conjunctions(rule.condition)
    for entry in card.exclude:
        yield from conjunctions(entry.condition)
    for conjunction in card.bands.requires:
        yield from conjunction

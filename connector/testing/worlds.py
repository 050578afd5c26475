"""Invented scorecards and leads for holding engines against each other: small worlds in which everything collides.

Instants stand on a coarse grid and a microsecond beside it, texts differ only in case or width, ids and days tie.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import TypeVar
from zoneinfo import ZoneInfo

from connector.instants import HOUR, Instant
from connector.model import Activity, HotState, Lead, Ref, Rejection, Standing, Value, Vocabulary
from connector.scoring.conditions import (
    After,
    AtLeast,
    AtMost,
    Before,
    Condition,
    Conjunction,
    Contains,
    Is,
    Like,
    NoneOf,
    OneOf,
    Reaches,
    Test,
    Under,
    Unknown,
    WithinNext,
    fold,
)
from connector.scoring.scorecard import (
    Agreed,
    Axis,
    Bands,
    Count,
    Did,
    Exclude,
    Fade,
    Rule,
    Scorecard,
    Silence,
)

T = TypeVar("T")
START: Instant = 1_793_498_400_000_000  # 2026-11-01T02:00Z, the day on which New York turns its clocks back
GRID = 6 * HOUR
KINDS = ("page_view", "download", "demo_request", "email_open")
SUBJECTS = (
    None,
    "",
    "/pricing",
    "/Pricing",
    "/pricing/",
    "/pricing-old",
    "／ｐｒｉｃｉｎｇ",
    "/blog",
    "事例 A",
    "事例 Ａ",
)
WORDS = ("/pricing", "pricing", "事例", "a", "/blog")
LEVELS = ("staff", "manager", "head")
ZONES = ("UTC", "Asia/Tokyo", "America/New_York", "America/St_Johns", "Pacific/Apia")
VOCABULARY = Vocabulary(
    {
        "seniority": "level",
        "size": "number",
        "industry": "text",
        "trial": "truth",
        "decides_on": "instant",
        "tags": "set",
    },
    {"seniority": LEVELS},
    frozenset(KINDS),
    frozenset({"email_open"}),
)


@dataclass(frozen=True, slots=True)
class World:
    """A scorecard, some leads, and the instant for which they are scored."""

    card: Scorecard
    leads: Sequence[Lead]
    as_of: Instant


def invented(random: Random, leads: int = 4) -> World:
    """A world of its own for every state of `random`."""
    return World(_card(random), [_lead(random, n) for n in range(random.randint(0, leads))], _instant(random))


def _maybe(random: Random, make: Callable[[Random], T], chance: float = 0.5) -> T | None:
    return make(random) if random.random() < chance else None


def _instant(random: Random) -> Instant:
    return START + random.randint(-24, 24) * GRID + random.choice((0, 0, 0, 0, -1, 1))


def _duration(random: Random) -> int:
    return random.choice((1, 2, 4, 8, 20)) * GRID


def _card(random: Random) -> Scorecard:
    axes = tuple(_axis(random, name) for name in ("fit", "interest")[: random.randint(1, 2)])
    rules = tuple(_rule(random, n, axes) for n in range(random.randint(1, 6)))
    enter = random.randint(0, 30)
    bands = Bands(
        enter,
        enter - random.choice((0, 0, 5, 20)),
        enter - random.choice((0, 5, 10)),
        _maybe(random, _duration) or 0,
        tuple(_conjunction(random) for _ in range(random.choice((0, 0, 0, 1, 2)))),
    )
    low, high = _maybe(random, lambda r: r.randint(-30, 0), 0.3), _maybe(random, lambda r: r.randint(0, 60), 0.3)
    exclude = tuple(Exclude(f"x{n}", {}, _condition(random)) for n in range(random.choice((0, 0, 0, 1))))
    zone = ZoneInfo(random.choice(ZONES))
    return Scorecard("invented", 1, zone, Agreed(), bands, low, high, axes, exclude, rules, (), VOCABULARY)


def _axis(random: Random, name: str) -> Axis:
    most, least = _maybe(random, lambda r: r.randint(0, 40), 0.3), _maybe(random, lambda r: r.randint(-40, 0), 0.3)
    return Axis(name, {}, most, least)


def _rule(random: Random, number: int, axes: Sequence[Axis]) -> Rule:
    deed = random.choice((_did, _did, _did, _silence, lambda _: None))(random)
    condition = _condition(random) if deed is None or random.random() < 0.25 else Condition()
    hot, blocks = random.choice(((False, False), (False, False), (False, False), (True, False), (False, True)))
    points = random.choice((0, 1, -1, 5, 15, -20, 50, 7, -3))
    axis = random.choice(axes).id
    return Rule(f"r{number}", axis, {}, points, condition, deed, hot, blocks)


def _did(random: Random) -> Did:
    kinds = frozenset(random.sample(KINDS, random.randint(1, 2)))
    where = tuple(_where(random) for _ in range(random.choice((0, 0, 1, 2))))
    count = Count(
        random.choice((1, 1, 2, 3, None)), random.choice((1, 1, 2, 3)), random.choice((None, None, "day", "subject"))
    )
    fade = _maybe(random, lambda r: Fade(r.choice((1, 25, 33, 50, 100)), _duration(r)), 0.4)
    return Did(kinds, where, _maybe(random, _duration, 0.7), count, fade)


def _silence(random: Random) -> Silence:
    kinds = _maybe(random, lambda r: frozenset(r.sample(KINDS, r.randint(1, 2))), 0.3)
    return Silence(_duration(random), kinds)


def _where(random: Random) -> tuple[str, Test]:
    return random.choice(("subject", "subject", "campaign")), _text_test(random)


def _text_test(random: Random) -> Test:
    word = random.choice(WORDS)
    return random.choice(
        (
            OneOf(frozenset({fold(word)})),
            NoneOf(frozenset({fold(word)})),
            Contains((fold(word), "x")),
            Like(random.choice(("/pricing*", "*ing", "/p*c*", "*", "/blog"))),
            Under(random.choice(("/pricing", ""))),
            Unknown(),
        )
    )


def _condition(random: Random) -> Condition:
    when = _conjunction(random) if random.random() < 0.7 else ()
    count = random.choice((0, 0, 2)) if when else random.randint(1, 2)
    return Condition(when, tuple(_conjunction(random) for _ in range(count)))


def _conjunction(random: Random) -> Conjunction:
    return tuple(_input_test(random) for _ in range(random.choice((1, 1, 2))))


def _input_test(random: Random) -> tuple[str, Test]:
    name = random.choice(tuple(VOCABULARY.inputs))
    if random.random() < 0.1:
        return name, Unknown()
    level = random.randrange(len(LEVELS))
    choices: dict[str, Callable[[], Test]] = {
        "seniority": lambda: random.choice(
            (
                Reaches("at_least", LEVELS[level], frozenset(LEVELS[level:])),
                Reaches("at_most", LEVELS[level], frozenset(LEVELS[: level + 1])),
            )
        ),
        "size": lambda: random.choice((AtLeast, AtMost))(Decimal(random.choice(("10", "99.5", "-1")))),
        "industry": lambda: _text_test(random),
        "tags": lambda: _text_test(random),
        "trial": lambda: Is(random.random() < 0.5),
        "decides_on": lambda: random.choice((After, Before, lambda _: WithinNext(_duration(random))))(_instant(random)),
    }
    return name, choices[name]()


def _lead(random: Random, number: int) -> Lead:
    activities = [_activity(random, n) for n in range(random.choice((0, 1, 3, 6, 12)))]
    before, rejection = _maybe(random, _standing), _maybe(random, _rejection, 0.3)
    ref = Ref("invented", "lead", str(number))
    return Lead(ref, _maybe(random, _instant, 0.8), _inputs(random), activities, before, rejection)


def _activity(random: Random, number: int) -> Activity:
    attributes = {"campaign": random.choice(WORDS)} if random.random() < 0.3 else {}
    name = random.choice(("", "A", "é", "\U0001f600")) + str(number)
    aside = "kind" if random.random() < 0.1 else None
    return Activity(name, random.choice(KINDS), _instant(random), random.choice(SUBJECTS), attributes, aside)


def _inputs(random: Random) -> dict[str, Value]:
    values: dict[str, Value] = {
        "seniority": random.choice(LEVELS),
        "size": Decimal(random.choice(("10", "10.0", "99.4999", "-5"))),
        "industry": random.choice((*WORDS, " ", "Ｐricing")),
        "trial": random.random() < 0.5,
        "decides_on": _instant(random),
        "tags": frozenset(random.sample(WORDS, random.randint(0, 2))),
    }
    return {name: value for name, value in values.items() if random.random() < 0.7}


def _standing(random: Random) -> Standing:
    state = random.choice(tuple(HotState))
    since = _instant(random) if state.is_hot else None
    number = random.randint(1, 3)
    return Standing(state, since, number, number - 1, state.is_hot and random.random() < 0.3)


def _rejection(random: Random) -> Rejection:
    at = _instant(random)
    return Rejection(at, at + random.choice((0, _duration(random))), "other")

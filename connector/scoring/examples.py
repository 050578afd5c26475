"""Playing the worked examples of a scorecard: the agreement, held against what the rules say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from connector.errors import Problem
from connector.instants import Instant
from connector.model import Activity, InputType, Lead, Ref, Value
from connector.scoring.conditions import (
    After,
    AtLeast,
    AtMost,
    Before,
    Is,
    Reaches,
    Test,
    WithinNext,
    fold,
)
from connector.scoring.reference import score_lead
from connector.scoring.scorecard import Example, Scorecard, every_test
from connector.scoring.values import parse_value
from connector.words import say


def play_examples(card: Scorecard, now: Instant) -> list[Problem]:
    """Play every example as of `now`; a Problem for each that does not come out as it says. Without a mapping the order
    of levels is not known: examples that turn on it are left for when it is."""
    played = (_play(card, example, now) for example in card.examples if _can_be_played(card, example))
    return [problem for problem in played if problem is not None]


def _can_be_played(card: Scorecard, example: Example) -> bool:
    return all(
        fold(text) == test.level
        for name, text in example.given.items()
        if name not in card.vocabulary.inputs
        for test in _tests_on(card, name)
        if isinstance(test, Reaches)
    )


def _play(card: Scorecard, example: Example, now: Instant) -> Problem | None:
    score = score_lead(card, lead_of(card, example, now), now)
    right = example.points in (None, score.points) and example.band in (None, score.band)
    if right:
        return None
    what = say(
        "the example '{name}' comes to {points} points and {band}, not to {expected}",
        name=example.name,
        points=score.points,
        band=score.band,
        expected=", ".join(str(part) for part in (example.points, example.band) if part is not None),
    )
    return Problem("LH-309", what, example.where, say("Change the rules, or what the example expects."))


def lead_of(card: Scorecard, example: Example, now: Instant) -> Lead:
    """The person of an example: created just before the oldest deed, all other inputs unknown."""
    activities = [
        Activity(f"{number:06d}", deed.kind, now - deed.ago, deed.subject, deed.attributes)
        for number, deed in enumerate(example.did)
    ]
    created = min((a.at for a in activities), default=now) - 1
    return Lead(Ref("example", "lead", example.name), created, _inputs(card, example), activities)


def _inputs(card: Scorecard, example: Example) -> Mapping[str, Value]:
    values = {name: _value(card, name, text) for name, text in example.given.items()}
    return {name: value for name, value in values.items() if value is not None}


def _value(card: Scorecard, name: str, text: str) -> Value | None:
    kind = card.vocabulary.inputs.get(name) or _asked_as(_tests_on(card, name), text)
    levels = card.vocabulary.levels.get(name, ())
    try:
        return parse_value(text, kind, levels, card.zone)
    except ValueError:
        return None


def _asked_as(tests: Sequence[Test], text: str) -> InputType:
    """The type of an input that no mapping declares, by the tests that ask about it."""
    if any(isinstance(test, (AtLeast, AtMost)) for test in tests):
        return "number"
    if any(isinstance(test, Is) for test in tests):
        return "truth"
    if any(isinstance(test, (After, Before, WithinNext)) for test in tests):
        return "instant"
    return "set" if ";" in text else "text"


def _tests_on(card: Scorecard, name: str) -> list[Test]:
    return [test for asked, test in every_test(card) if asked == name]

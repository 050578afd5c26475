"""Whom hygiene need not look at: told by arrays, and never wrong. Generated, against hygiene itself."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from connector.deeds import Deeds, Reading
from connector.instants import MINUTE, SECOND, parse_instant
from connector.mapping.hygiene import BURST, MAIL, set_aside
from connector.mapping.nodes import AFTER_DELIVERY, Hygiene
from connector.mapping.suspicion import suspects
from connector.model import Activity

START = parse_instant("2026-11-24T00:00:00Z")
KINDS = ("page_view", "email_click", "email_open", "form")
SUBJECTS = ("/a", "/A ", "/b", "/c", None)


def reading(random: Random) -> Reading:
    after = {AFTER_DELIVERY: str(random.choice([1, BURST // SECOND, 600]))} if random.random() < 0.2 else {}
    mail = {MAIL: random.choice("mn")} if random.random() < 0.5 else {}
    aside = "told" if random.random() < 0.03 else None
    begin = random.choice(("pages:", "forms:", "=pages:whole"))
    return Reading(random.choice(KINDS), random.choice(SUBJECTS), {**after, **mail}, aside, begin)


def hygiene(random: Random) -> Hygiene:
    return Hygiene(
        set_aside=frozenset(random.sample(KINDS, random.choice([0, 0, 1]))),
        repeat_within=random.choice([None, MINUTE, 30 * MINUTE]),
        scanner=frozenset(random.sample(KINDS, random.choice([0, 1]))),
        fallback=random.choice([{}, {"forms": "pages"}]),
    )


def deeds(random: Random, readings: dict[int, Reading]) -> Deeds:
    n = random.randrange(8)
    at = np.array(sorted(START + random.randrange(3_600) * SECOND for _ in range(n)), np.int64)
    codes = np.array([random.choice(list(readings)) for _ in range(n)], np.int64)
    return Deeds(at, codes, np.arange(n), readings)


@pytest.mark.parametrize("seed", range(150))
def test_who_is_not_suspected_has_nothing_to_set_aside(seed: int) -> None:
    random = Random(seed)
    rules, readings = hygiene(random), {n: reading(random) for n in range(1, 9)}
    whose = [deeds(random, readings) for _ in range(20)]
    marked = [any(a.set_aside for a in set_aside(list(one), rules)) for one in whose]
    assert all(suspect for suspect, found in zip(suspects(whose, rules), marked, strict=True) if found)


def test_most_are_not_suspected() -> None:
    calm = {1: Reading("page_view", "/a", {}, None, "pages:"), 2: Reading("form", "/b", {}, None, "forms:")}
    rules = Hygiene(scanner=frozenset({"email_click"}), repeat_within=MINUTE)
    apart = Deeds(np.array([START, START + 2 * MINUTE]), np.array([1, 1]), np.array([1, 2]), calm)
    close = Deeds(np.array([START, START + 30 * SECOND]), np.array([1, 1]), np.array([1, 2]), calm)
    other = Deeds(np.array([START, START + 30 * SECOND]), np.array([1, 2]), np.array([1, 2]), calm)
    assert suspects([apart, close, other, [], [Activity("x", "form", START)]], rules) == [
        False, True, False, False, True,
    ]  # fmt: skip


def test_stored_deeds_are_a_sequence_like_any_other() -> None:
    readings = {7: Reading("form", "/b", {"x": "1"}, None, "forms:"), 8: Reading("page_view", None, {}, None, "=whole")}
    told = Deeds(np.array([START, START + 1]), np.array([7, 8]), np.array([1, 2]), readings)
    assert told == [
        Activity("forms:0000000000000000001", "form", START, "/b", {"x": "1"}),
        Activity("whole", "page_view", START + 1),
    ]
    assert told[-1:] == [told[1]]
    assert told != [told[0]]
    assert told != "ab"

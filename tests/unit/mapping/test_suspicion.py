"""Whom hygiene need not look at: told by arrays, and never wrong. Generated, against hygiene itself."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import numpy as np
import pytest

from connector.deeds import Deeds, Reading
from connector.instants import MINUTE, SECOND, parse_instant
from connector.mapping.hygiene import BURST, MAIL, set_aside
from connector.mapping.nodes import AFTER_DELIVERY, Hygiene
from connector.mapping.suspicion import trusted
from connector.model import Activity

START = parse_instant("2026-11-24T00:00:00Z")
KINDS = ("page_view", "email_click", "email_open", "form")
SUBJECTS = ("/a", "/A ", "/b", "/c", None)


def reading(random: Random, number: int) -> Reading:
    after = {AFTER_DELIVERY: str(random.choice([1, BURST // SECOND, 600]))} if random.random() < 0.2 else {}
    mail = {MAIL: random.choice("mn")} if random.random() < 0.5 else {}
    aside = "told" if random.random() < 0.03 else None
    begin = random.choice(("pages:", "forms:", f"=pages:whole {number}"))
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
    whole = [n for n, one in readings.items() if one.begin.startswith("=")]
    once = [place for place, code in enumerate(codes.tolist()) if code not in whole or code not in codes[:place]]
    return Deeds(at[once], codes[once], np.arange(len(once)), readings)


@pytest.mark.parametrize("seed", range(300))
def test_what_is_trusted_is_what_hygiene_leaves(seed: int) -> None:
    random = Random(seed)
    rules, readings = hygiene(random), {n: reading(random, n) for n in range(1, 9)}
    whose = [deeds(random, readings) for _ in range(20)]
    for one, told in zip(whose, trusted(whose, rules), strict=True):
        left = sorted((a for a in set_aside(list(one), rules) if a.set_aside is None), key=by_time)
        assert told is None or (sorted(told[0], key=by_time), told[1]) == (left, len(one) - len(left))


def by_time(activity: Activity) -> tuple[int, str]:
    return activity.at, activity.id


def test_most_is_told_in_arrays() -> None:
    told = {
        1: Reading("page_view", "/a", {}, None, "pages:"), 2: Reading("form", "/b", {}, None, "forms:"),
        3: Reading("email_open", "m", {}, None, "mails:"), 4: Reading("page_view", "/a", {}, None, "lesser:"),
        5: Reading("email_click", "/x", {MAIL: "m"}, None, "mails:"), 6: Reading("form", None, {}, None, "=whole"),
    }  # fmt: skip
    rules = Hygiene(frozenset({"email_open"}), MINUTE, frozenset({"email_click"}), {"lesser": "pages"})

    def did(*what: tuple[int, int]) -> Deeds:
        at, codes = (np.array(column) for column in zip(*((START + s * SECOND, n) for s, n in what), strict=True))
        return Deeds(at, codes, np.arange(len(what)), told)

    cases: list[tuple[Sequence[Activity], int | None]] = [
        (did((0, 1), (120, 1)), 0),  # far apart
        (did((0, 1), (30, 1), (59, 1), (61, 1), (130, 1)), 2),  # within a minute of one that counts
        (did((0, 1), (30, 2)), 0),  # not alike
        (did((0, 3), (30, 2)), 1),  # a kind that is not counted
        (did((0, 4), (300, 4)), 0),  # a lesser source, and no better one
        (did((0, 4), (300, 1)), None),  # both
        (did((0, 5), (4, 5), (8, 5)), None),  # may be a burst
        (did((0, 5), (40, 5), (80, 5)), 1),  # is none; two within a minute
        (did((0, 2), (0, 6)), None),  # which comes first, the numbers do not tell
        ([], 0),
        ([Activity("x", "form", START)], None),  # nothing stored
    ]
    assert [None if one is None else one[1] for one in trusted([c for c, _ in cases], rules)] == [n for _, n in cases]


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

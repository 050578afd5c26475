"""Corners of the columnar engine that invented worlds seldom reach: it says there what the reference says."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from connector.instants import DAY, HOUR, parse_instant
from connector.model import Activity, Lead, Ref, Rejection
from connector.scoring import kernel, lookups
from connector.scoring.columns import columns_of, score_leads
from connector.scoring.compile import compile_card
from connector.scoring.entries import entries_of
from connector.scoring.reference import score_lead
from connector.scoring.scorecard import Count, Did, Rule, Scorecard, Silence
from connector.scoring.verdict import score_chunks, score_columns
from connector.testing.worlds import START, invented


def _card(*rules: Rule, zone: str = "UTC") -> Scorecard:
    card = invented(Random(1)).card
    return replace(card, rules=rules, zone=ZoneInfo(zone), exclude=())


def _rule(deed: Did | Silence, points: int = 5, number: int = 0) -> Rule:
    return Rule(f"r{number}", "fit", {}, points, deed=deed)


def _lead(number: int, *done: tuple[str, int], rejection: Rejection | None = None, created: int | None = None) -> Lead:
    deeds = [Activity(f"a{n:04}", kind, at) for n, (kind, at) in enumerate(done)]
    return Lead(Ref("corner", "lead", str(number)), created, {}, deeds, None, rejection)


def _agree(card: Scorecard, leads: list[Lead], as_of: int = START) -> None:
    assert score_leads(card, leads, as_of) == [score_lead(card, lead, as_of) for lead in leads]


@pytest.mark.parametrize("opens", [0, 1, 11, 12, 13, 40])
def test_the_newest_human_activity_is_found_behind_any_number_of_passive_ones(opens: int) -> None:
    passive = [("email_open", START - n * HOUR) for n in range(opens)]
    late = [("email_open", START + n * HOUR) for n in range(1, 4)]
    leads = [
        _lead(0, ("page_view", START - 30 * DAY), *passive, *late),
        _lead(1, *passive, created=START - 3 * DAY),
        _lead(2, *passive),
        _lead(3, ("page_view", START - 2 * DAY), *passive, rejection=Rejection(START - 3 * DAY, START - DAY, "other")),
    ]
    _agree(_card(_rule(Silence(10 * DAY), -5)), leads)


def test_days_are_told_apart_where_clocks_are_turned_back_over_midnight() -> None:
    """At St. John's, one minute past midnight became one minute past eleven of the day before."""
    instants = ("2010-11-07T02:20:00Z", "2010-11-07T02:30:30Z", "2010-11-07T03:00:00Z", "2010-11-07T03:40:00Z")
    lead = _lead(0, *(("page_view", parse_instant(text)) for text in instants))
    other = replace(lead, ref=Ref("corner", "lead", "1"))
    card = _card(_rule(Did(frozenset({"page_view"}), (), None, Count(None, 1, "day"))), zone="America/St_Johns")
    as_of = parse_instant("2010-11-08T00:00:00Z")
    _agree(card, [lead, other], as_of)
    assert score_lead(card, lead, as_of).ledger[0].occurrences == 2


def test_days_may_lie_centuries_apart() -> None:
    years = ("0300-05-01", "1200-05-01", "1200-05-01", "1999-07-07", "2026-10-30")
    done = [("page_view", parse_instant(f"{day}T0{n}:00:00Z")) for n, day in enumerate(years)]
    card = _card(_rule(Did(frozenset({"page_view"}), (), None, Count(None, 1, "day"))), zone="Asia/Tokyo")
    _agree(card, [_lead(0, *done), _lead(1, *done[2:])])


def test_huge_points_come_in_order_too() -> None:
    rules = [_rule(Did(frozenset({"page_view"})), points, n) for n, points in enumerate((7, -(10**15), 3 * 10**15, 0))]
    _agree(_card(*rules), [_lead(n, ("page_view", START - n * HOUR)) for n in range(2_000)])


def test_the_last_of_each_group_is_found_however_many_groups_there_may_be() -> None:
    random = np.random.default_rng(5)
    lead, group = np.sort(random.integers(0, 9, 500)), random.integers(0, 7, 500)
    few = kernel._newest_of_each(lead, group, 7)
    assert (few == kernel._newest_of_each(lead, group, 1 << 62)).all()
    wanted = {(a, b): place for place, (a, b) in enumerate(zip(lead.tolist(), group.tolist(), strict=True))}
    assert few.tolist() == sorted(wanted.values())


def test_more_things_to_look_for_than_one_word_of_marks_holds() -> None:
    kinds = [f"kind {n}" for n in range(70)]
    rules = [_rule(Did(frozenset({kind}), (), DAY), n + 1, n) for n, kind in enumerate(kinds)]
    leads = [_lead(n, *((kind, START - HOUR) for kind in kinds[n::9])) for n in range(9)]
    _agree(_card(*rules), leads)


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_chunks_side_by_side_say_what_they_say_alone(workers: int) -> None:
    random = Random(11)
    card, as_of = invented(random).card, START
    leads = [lead for _ in range(60) for lead in invented(random, 8).leads]
    compiled = compile_card(card)
    chunks = [columns_of(compiled, leads[n : n + 17]) for n in range(0, len(leads), 17)]
    done = list(score_chunks(compiled, iter(chunks), as_of, workers))
    assert [columns for columns, _ in done] == chunks
    for columns, verdicts in done:
        alone = score_columns(compiled, columns, as_of)
        assert (alone.points == verdicts.points).all()
        assert (alone.next_change == verdicts.next_change).all()
        assert (entries_of(alone).points == entries_of(verdicts).points).all()


def test_what_is_looked_up_for_one_list_is_not_taken_for_another() -> None:
    asked = lookups.Lookups(compile_card(_card(_rule(Silence(DAY)))), START)
    one, two = [1], [1]
    assert asked.once("key", one, lambda: "first") == "first"
    assert asked.once("key", one, lambda: "again") == "first"
    assert asked.once("key", two, lambda: "second") == "second"

"""Invented scorecards and leads: both engines agree on every one, and nothing changes before it is said to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connector.instants import Instant
from connector.model import Lead, Score
from connector.scoring.columns import score_leads, scored
from connector.scoring.conditions import WithinNext
from connector.scoring.reference import score_lead
from connector.scoring.scorecard import Did, Scorecard, Silence, every_test
from connector.scoring.until import hot_until
from connector.testing.worlds import World, invented

WORLDS = st.integers(0, 2**64).map(lambda seed: invented(Random(seed)))
"""A seed rather than Hypothesis' own random numbers: those are mostly small, and small worlds hide differences."""
RELAXED = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


@given(WORLDS)
@settings(max_examples=800, deadline=None, suppress_health_check=RELAXED)
def test_the_columnar_engine_says_what_the_reference_says(world: World) -> None:
    by_columns = score_leads(world.card, world.leads, world.as_of)
    assert by_columns == [score_lead(world.card, lead, world.as_of) for lead in world.leads]


def test_both_engines_agree_on_thousands_of_leads_at_once() -> None:
    random = Random(7)
    card, leads = invented(random).card, []
    while len(leads) < 3_000:
        leads += invented(random, 20).leads
    as_of = invented(random).as_of
    assert score_leads(card, leads, as_of) == [score_lead(card, lead, as_of) for lead in leads]


@given(WORLDS)
@settings(max_examples=800, deadline=None, suppress_health_check=RELAXED)
def test_the_lines_of_the_ledger_sum_to_the_score(world: World) -> None:
    for score in score_leads(world.card, world.leads, world.as_of):
        assert sum(line.points for line in score.ledger) == score.points


@given(WORLDS)
@settings(max_examples=400, deadline=None, suppress_health_check=RELAXED)
def test_nothing_changes_before_next_change_at(world: World) -> None:
    for lead in world.leads:
        score = score_lead(world.card, lead, world.as_of)
        later = replace(lead, before=score.standing)
        for at in critical(world.card, lead, score):
            if score.next_change_at is not None and at >= score.next_change_at:
                break
            assert told(score_lead(world.card, later, at)) == told(score), at


@given(WORLDS)
@settings(max_examples=400, deadline=None, suppress_health_check=RELAXED)
def test_no_line_changes_before_its_own_changes_at(world: World) -> None:
    for lead in world.leads:
        score = score_lead(world.card, lead, world.as_of)
        instants = list(critical(world.card, lead, score))
        for line in (line for line in score.ledger if line.rule is not None):
            before = [at for at in instants if line.changes_at is None or at < line.changes_at]
            for at in before[:: max(1, len(before) // 12)]:
                assert line in score_lead(world.card, lead, at).ledger, at


@given(WORLDS)
@settings(max_examples=300, deadline=None, suppress_health_check=RELAXED)
def test_a_lead_is_hot_until_hot_until_and_not_then(world: World) -> None:
    for lead in world.leads:
        score = score_lead(world.card, lead, world.as_of)
        if not score.standing.state.is_hot:
            continue
        end = hot_until(world.card, lead, score)
        for at in critical(world.card, lead, score):
            if end is not None and at >= end:
                break
            score = score_lead(world.card, replace(lead, before=score.standing), at)
            assert score.standing.state.is_hot, at
        if end is not None:
            assert not score_lead(world.card, replace(lead, before=score.standing), end).standing.state.is_hot


@given(WORLDS)
@settings(max_examples=300, deadline=None, suppress_health_check=RELAXED)
def test_the_end_of_a_heat_is_the_same_in_arrays(world: World) -> None:
    for lead, one in zip(world.leads, scored(world.card, world.leads, world.as_of, ahead=True), strict=True):
        assert one.hot_until == hot_until(world.card, lead, one.score), lead


def told(score: Score) -> tuple[object, ...]:
    """Everything of a score that a record can show."""
    return score.points, score.axes, score.standing, score.ledger


def critical(card: Scorecard, lead: Lead, score: Score) -> Iterator[Instant]:
    """Every instant after the score's at which anything at all could happen, and its neighbours, in order."""
    found = {score.as_of + card.bands.stay, (score.standing.hot_since or score.as_of) + card.bands.stay}
    found |= {a.at for a in lead.activities} | {lead.created_at or score.as_of}
    found |= {lead.rejection.at, lead.rejection.quiet_until} if lead.rejection else set()
    for rule in card.rules:
        match rule.deed:
            case Did():
                within, fade = rule.deed.within, rule.deed.fade
                found |= {a.at + within for a in lead.activities} if within else set()
                steps = range(1, 100 // fade.lose + 3) if fade else ()
                found |= {a.at + k * fade.every for a in lead.activities for k in steps} if fade else set()
            case Silence(duration):
                found |= {i + duration for i in (lead.created_at, *(a.at for a in lead.activities)) if i is not None}
    decides_on = lead.inputs.get("decides_on")
    for _, test in every_test(card):
        if isinstance(test, WithinNext) and isinstance(decides_on, int):
            found |= {decides_on, decides_on - test.duration}
    yield from sorted(i for near in found for i in (near - 1, near, near + 1) if i > score.as_of)

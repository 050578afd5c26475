"""Band and hot: who enters, who stays, who is never hot, and what a rejection ends."""

from __future__ import annotations

import pytest
from sheet import NOW, ago, card, did, lead, score

from connector.instants import DAY, Instant
from connector.model import HotState, Lead, Standing
from connector.scoring.reference import mark_by_change
from connector.scoring.scorecard import Scorecard
from connector.scoring.until import hot_until

BANDS = "{hot: {enter: 50, leave: 40, stay: 3d, requires: [{seniority: {at_least: manager}}]}, warm: 20}"
RULES = """
    - {id: p20, axis: fit, when: {tags: {one_of: [a]}}, points: 20}
    - {id: p25, axis: fit, when: {tags: {one_of: [b]}}, points: 25}
    - {id: p30, axis: fit, when: {tags: {one_of: [c]}}, points: 30}
    - {id: demo, axis: interest, did: demo_request, within: 30d, points: 10, hot: now}
    - {id: jobs, axis: interest, did: page_view, where: {subject: {under: /careers}}, points: -5, blocks_hot: now}
"""
EXCLUDE = "exclude: [{id: customer, label: 顧客, when: {lifecycle: {one_of: [customer]}}}]"
A, B, C = "a", "b", "c"
HOT_BEFORE = Standing(HotState.HOT, ago("1d"), 3, 2)
LONG_HOT = Standing(HotState.HOT_NOW, ago("10d"), 3, 2, by_change=True)
WARM_BEFORE = Standing(HotState.WARM, None, 3, 2)


def the_card() -> Scorecard:
    return card(RULES, bands=BANDS, more=EXCLUDE)


def tagged(*tags: str, seniority: str = "manager", before: Standing | None = None, lifecycle: str = "lead") -> Lead:
    return lead(tags=frozenset(tags), seniority=seniority, before=before, lifecycle=lifecycle)


STATES = [
    ("nothing is cold", tagged(), HotState.COLD),
    ("warm from 20 on", tagged(A), HotState.WARM),
    ("below hot is warm", tagged(A, B), HotState.WARM),
    ("exactly enter is hot", tagged(A, C), HotState.HOT),
    ("what hot requires must hold", tagged(A, C, seniority="staff"), HotState.WARM),
    ("the excluded are never hot", tagged(A, C, lifecycle="Customer"), HotState.EXCLUDED),
    ("hot before stays down to leave", tagged(A, B, before=LONG_HOT), HotState.HOT),
    ("below leave it ends after stay", tagged(C, before=LONG_HOT), HotState.WARM),
    ("below leave it lasts for stay", tagged(before=HOT_BEFORE), HotState.HOT),
    ("not beyond what hot requires", tagged(A, B, before=LONG_HOT, seniority="staff"), HotState.WARM),
    ("exclusion ends hot", tagged(A, C, before=HOT_BEFORE, lifecycle="customer"), HotState.EXCLUDED),
    ("warm before does not stay hot", tagged(A, B, before=WARM_BEFORE), HotState.WARM),
]


@pytest.mark.parametrize(("why", "who", "state"), STATES)
def test_the_state_follows_score_requirements_and_what_was_before(why: str, who: Lead, state: HotState) -> None:
    assert score(the_card(), who).standing.state is state, why


def test_hot_now_needs_no_points_and_no_requirements() -> None:
    told = score(the_card(), lead(did("demo_request", "1d")))
    assert (told.standing.state, told.points, told.band) == (HotState.HOT_NOW, 10, "hot")


def test_blocks_hot_blocks_hot_now_only() -> None:
    jobs = did("page_view", "1d", "/careers/x")
    assert score(the_card(), lead(did("demo_request", "1d"), jobs)).standing.state is HotState.COLD
    by_points = lead(jobs, did("demo_request", "1d"), tags=frozenset((A, C)), seniority="manager")
    assert score(the_card(), by_points).standing.state is HotState.HOT


def test_entering_hot_is_counted_and_dated_and_staying_is_not() -> None:
    assert score(the_card(), tagged(A, C)).standing == Standing(HotState.HOT, NOW, 1, 1)
    assert score(the_card(), tagged(A, C, before=WARM_BEFORE)).standing == Standing(HotState.HOT, NOW, 4, 3)
    assert score(the_card(), tagged(A, C, before=HOT_BEFORE)).standing == HOT_BEFORE
    cooled = score(the_card(), tagged(before=LONG_HOT)).standing
    assert cooled == Standing(HotState.COLD, None, 3, 2)


def test_hot_and_hot_now_are_one_heat() -> None:
    told = score(the_card(), lead(did("demo_request", "1d"), before=HOT_BEFORE)).standing
    assert (told.state, told.hot_since, told.hot_number) == (HotState.HOT_NOW, ago("1d"), 3)
    again = score(the_card(), tagged(A, B, before=LONG_HOT)).standing
    assert (again.hot_since, again.by_change) == (ago("10d"), True)


def test_the_end_of_stay_is_a_next_change() -> None:
    assert score(the_card(), tagged(before=HOT_BEFORE)).next_change_at == ago("1d") + 3 * DAY
    assert score(the_card(), tagged(A, B, before=LONG_HOT)).next_change_at is None


def test_an_entry_that_a_change_of_rules_made_never_hands_off() -> None:
    entered = score(the_card(), tagged(A, C))
    marked = mark_by_change(entered, was_hot_under_previous=False).standing
    assert (marked.by_change, marked.hot_number, marked.handoff_number) == (True, 1, 0)
    assert mark_by_change(entered, was_hot_under_previous=True) == entered


DEMO, OLD_DEMO = did("demo_request", "1d"), did("demo_request", "6d")
QUALIFIED = {"tags": frozenset((A, C)), "seniority": "manager"}
CALL, OPENED = did("call", "1d"), did("email_open", "1d")
REJECTIONS = [
    ("hot ends at once", lead(before=HOT_BEFORE, rejected=("0d", 0), **QUALIFIED), False),
    ("stay does not reach across", lead(before=HOT_BEFORE, rejected=("0d", 0), seniority="manager"), False),
    ("a heat since then is untouched", lead(before=HOT_BEFORE, rejected=("2d", DAY), seniority="manager"), True),
    ("old demos do not count", lead(OLD_DEMO, CALL, rejected=("5d", 0)), False),
    ("nor one at that instant", lead(did("demo_request", "5d"), CALL, rejected=("5d", 0)), False),
    ("a new demo after the quiet period does", lead(DEMO, rejected=("5d", 2 * DAY)), True),
    ("a new demo in the quiet period does not", lead(DEMO, rejected=("5d", 5 * DAY)), False),
    ("at its very end it does not yet", lead(DEMO, rejected=("5d", 4 * DAY)), False),
    ("nor do points alone", lead(rejected=("5d", 0), **QUALIFIED), False),
    ("points and a new human act do", lead(CALL, rejected=("5d", 0), **QUALIFIED), True),
    ("a mail opened is no human act", lead(OPENED, rejected=("5d", 0), **QUALIFIED), False),
    ("one that is still to come ends nothing", lead(OLD_DEMO, before=HOT_BEFORE, rejected=("-1d", 0)), True),
]


@pytest.mark.parametrize(("why", "who", "hot"), REJECTIONS)
def test_a_rejection_ends_hot_and_asks_for_something_new(why: str, who: Lead, hot: bool) -> None:
    assert score(the_card(), who).standing.state.is_hot is hot, why


def test_points_go_on_counting_after_a_rejection() -> None:
    assert score(the_card(), lead(OLD_DEMO, rejected=("5d", 0))).points == 10


def test_a_coming_rejection_and_a_coming_act_after_one_are_next_changes() -> None:
    assert score(the_card(), lead(rejected=("-1d", 0))).next_change_at == ago("-1d")
    silent = score(the_card(), lead(did("call", "-9d"), did("call", "-2d"), rejected=("5d", 10 * DAY)))
    assert silent.next_change_at == ago("-9d")


def test_a_hot_lead_without_a_date_stays_for_its_points_only() -> None:
    undated = Standing(HotState.HOT, None, 1, 1)
    assert score(the_card(), tagged(A, B, before=undated)).standing.state is HotState.HOT
    assert score(the_card(), lead(before=undated, rejected=("1d", 0))).standing.state is HotState.COLD


def end(who: Lead) -> Instant | None:
    return hot_until(the_card(), who, score(the_card(), who))


def test_hot_until_is_when_the_heat_ends_if_nothing_happens() -> None:
    assert end(lead(did("demo_request", "10d"))) == ago("10d") + 30 * DAY
    assert end(lead(DEMO, did("page_view", "-5d", "/careers"))) == ago("-5d")
    assert end(tagged(before=HOT_BEFORE)) == ago("1d") + 3 * DAY
    assert end(tagged(A, C)) is None
    assert end(tagged(A)) is None


def test_hot_until_gives_up_on_a_heat_that_outlives_a_thousand_changes() -> None:
    rules = "- {id: r, axis: fit, did: page_view, within: 30d, count: {up_to: all}, hot: now, points: 1}"
    who = lead(*(did("page_view", f"{n}us", name=f"{n:05}") for n in range(1_010)))
    long = card(rules)
    assert hot_until(long, who, score(long, who)) is None

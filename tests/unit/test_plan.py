"""The difference between what we hold true and what the CRM holds, its sum, and the brake."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from connector.errors import UnsafePlan, UserError
from connector.instants import parse_instant
from connector.model import Change, HotState, Raw, Ref, Score, Standing
from connector.plan import (
    FEW,
    Plan,
    ResultValue,
    diff,
    refuse_dark_fields,
    refuse_if_stale,
    refuse_if_unsafe,
    refuse_vanished,
    same,
    sum_up,
    whole_second,
)
from connector.ports import Scored
from connector.results import BY_NAME

REF = Ref("acme", "contacts", "101")
FIELDS = {name: f"leadheat_{name}" for name in ("score", "band", "hot", "scored_at", "reasons")}
NOON = parse_instant("2026-11-20T12:00:00Z")


@pytest.mark.parametrize(
    ("name", "held", "wanted", "agree"),
    [
        ("score", "65", 65, True),
        ("score", "65.0", 65, True),
        ("score", " 65 ", 65, True),
        ("score", "66", 65, False),
        ("score", "sixty", 65, False),
        ("score", None, 0, False),
        ("score", "", None, True),
        ("score", "65", None, False),
        ("hot", "true", True, True),
        ("hot", "TRUE", True, True),
        ("hot", "false", True, False),
        ("hot", None, False, False),
        ("hot", "", False, False),
        ("scored_at", "2026-11-20T12:00:00Z", NOON, True),
        ("scored_at", "2026-11-20T12:00:00.999+0000", NOON, True),
        ("scored_at", "1795176000000", NOON, True),
        ("scored_at", "2026-11-20T12:00:01Z", NOON, False),
        ("scored_at", "soon", NOON, False),
        ("reasons", "+15 A\r\n+10 B ", "+15 A\n+10 B", True),
        ("reasons", "+15 A\n+10 C", "+15 A\n+10 B", False),
        ("band", "hot", "hot", True),
        ("band", None, "", True),
    ],
)
def test_the_crms_text_means_our_value_or_not(name: str, held: Raw, wanted: ResultValue, agree: bool) -> None:
    assert same(BY_NAME[name], held, wanted) is agree


def test_only_what_differs_is_written() -> None:
    change = diff(
        REF, {"score": 65, "band": "hot", "hot": True}, {"leadheat_score": "65", "leadheat_band": "warm"}, FIELDS
    )
    assert change == Change(
        REF, {"leadheat_band": "warm", "leadheat_hot": None}, {"leadheat_band": "hot", "leadheat_hot": True}
    )


def test_the_time_of_scoring_is_no_difference_by_itself_and_goes_along_with_one() -> None:
    assert diff(REF, {"score": 65, "scored_at": NOON}, {"leadheat_score": "65"}, FIELDS) is None
    change = diff(REF, {"score": 65, "scored_at": NOON}, {"leadheat_score": "64"}, FIELDS)
    assert change is not None
    assert change.after == {"leadheat_score": 65, "leadheat_scored_at": NOON}


def test_a_result_without_a_field_is_not_written() -> None:
    assert diff(REF, {"detail": "{}"}, {}, FIELDS) is None


# ---- the sum ---------------------------------------------------------------------------------------------------------


def scored(n: int, held: Mapping[str, Raw], hot: bool, points: int = 0) -> Scored:
    ref = Ref("acme", "contacts", str(n))
    state = HotState.HOT if hot else HotState.COLD
    score = Score(ref, NOON, points, {}, Standing(state), (), None)
    wanted: dict[str, ResultValue] = {"score": points, "hot": hot}
    return Scored(score, None, diff(ref, wanted, held, FIELDS))


def total(*these: Scored) -> Plan:
    return sum_up(these, {"contacts": "leadheat_hot"}, lambda score: f"{score.points} points")


def test_a_first_fill_becomes_hot_but_turns_nothing() -> None:
    plan = total(scored(1, {}, True, 65), scored(2, {}, False))
    assert (plan.fills, plan.overwrites, plan.turning) == (2, 0, 0)
    assert [(m.ref.id, m.points, m.reason) for m in plan.up] == [("1", 65, "65 points")]
    assert plan.down == ()


def test_a_checkbox_that_was_never_filled_says_false_and_turns_nothing() -> None:
    plan = total(scored(1, {"leadheat_hot": "false"}, True, 65))
    assert (plan.fills, plan.turning, len(plan.up)) == (1, 0, 1)


def test_overwritten_flags_turn_and_the_hottest_come_first() -> None:
    cold, hot = {"leadheat_hot": "false", "leadheat_score": "40"}, {"leadheat_hot": "true", "leadheat_score": "50"}
    plan = total(
        scored(1, cold, True, 55), scored(2, cold, True, 90), scored(3, hot, False, 10), scored(4, hot, True, 51)
    )
    assert [m.ref.id for m in plan.up] == ["2", "1"]
    assert [m.ref.id for m in plan.down] == ["3"]
    assert (plan.overwrites, plan.turning, plan.changes) == (4, 3, 4)


def test_what_already_agrees_is_no_change() -> None:
    plan = total(scored(1, {"leadheat_score": "0", "leadheat_hot": "false"}, False))
    assert (plan.changes, plan.digest) == (0, "")


def test_the_digest_is_of_what_would_be_written() -> None:
    one, other = total(scored(1, {}, True, 65)), total(scored(1, {}, True, 66))
    assert one.digest != other.digest
    assert one.digest == total(scored(1, {}, True, 65)).digest


def test_the_digest_does_not_move_with_the_clock() -> None:
    def plan(at: int) -> Plan:
        wanted: dict[str, ResultValue] = {"score": 65, "scored_at": at}
        score = Score(REF, at, 65, {}, Standing(HotState.HOT), (), None)
        return total(Scored(score, None, diff(REF, wanted, {}, FIELDS)))

    assert plan(NOON).digest == plan(NOON + 60_000_000).digest


# ---- the brake -------------------------------------------------------------------------------------------------------


def test_the_brake_stops_when_too_many_flags_turn_and_says_the_arithmetic() -> None:
    with pytest.raises(UnsafePlan) as stopped:
        refuse_if_unsafe(Plan(turning=FEW, hot_before=50), 0.2)
    assert "20 of 50" in str(stopped.value)
    assert "40%" in str(stopped.value)
    assert "--accept-changes 20" in str(stopped.value)
    assert "accept-changes" in stopped.value.in_("ja")


@pytest.mark.parametrize(
    ("plan", "accepted"),
    [
        (Plan(turning=FEW - 1, hot_before=1), None),
        (Plan(turning=20, hot_before=100), None),
        (Plan(turning=40, hot_before=50), 40),
    ],
    ids=["few turn", "a small share turns", "a person has accepted the number"],
)
def test_the_brake_lets_pass(plan: Plan, accepted: int | None) -> None:
    refuse_if_unsafe(plan, 0.2, accepted)


def test_accepting_fewer_than_turn_does_not_pass_the_brake() -> None:
    with pytest.raises(UnsafePlan):
        refuse_if_unsafe(Plan(turning=41, hot_before=50), 0.2, 40)


def test_a_plan_that_is_not_the_one_looked_at_is_refused() -> None:
    refuse_if_stale(Plan(digest="a"), None)
    refuse_if_stale(Plan(digest="a"), "a")
    with pytest.raises(UserError, match="out of date"):
        refuse_if_stale(Plan(digest="a"), "b")


def test_inputs_gone_dark_are_named_with_their_numbers() -> None:
    refuse_dark_fields({})
    with pytest.raises(UnsafePlan) as stopped:
        refuse_dark_fields({"seniority": (90, 100), "employees": (50, 60)})
    assert "'seniority' was known for 100 leads, now unknown for 90" in str(stopped.value)
    assert "--accept-dark employees" in str(stopped.value)


def test_people_gone_at_once_are_counted_by_object() -> None:
    refuse_vanished({})
    with pytest.raises(UnsafePlan) as stopped:
        refuse_vanished({"Lead": (22, 30)})
    assert "22 of 30 Lead records are gone at once" in str(stopped.value)
    assert "--accept-dark Lead" in str(stopped.value)


def test_instants_are_cut_to_the_second() -> None:
    assert whole_second(NOON + 999_999) == NOON
    assert whole_second(None) is None

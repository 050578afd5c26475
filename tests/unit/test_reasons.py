"""What sales reads on the record: it adds up, it fits, it changes only when the ledger does, in either language."""

from __future__ import annotations

import json
from zoneinfo import ZoneInfo

import pytest

from connector.instants import DAY, parse_instant
from connector.model import HotState, Line, Ref, Rejection, Score, Standing
from connector.reasons import (
    Wording,
    change_in_7_days,
    changes_of_points,
    detail,
    line_text,
    next_week_change,
    reasons_text,
    results,
    top_reason,
)
from connector.results import BY_NAME, RESULTS

NOON = parse_instant("2026-11-22T03:00:00Z")
LABELS = {
    "demo": {"ja": "デモをリクエスト", "en": "Requested a demo"},
    "blog": {"ja": "ブログ記事を閲覧", "en": "Read a blog post"},
    "axis:interest": {"ja": "興味・関心", "en": "Interest"},
}
DEMO = Line("demo", 50, 1, NOON - 2 * DAY, NOON - 2 * DAY, "/demo", NOON + 28 * DAY)
BLOG = Line("blog", 9, 3, NOON - 9 * DAY, NOON - 3 * DAY, "/blog/x", NOON + 5 * DAY)
CUT = Line(None, -4, limit="interest.max")


def wording(lang: str = "ja") -> Wording:
    return Wording(lang, ZoneInfo("Asia/Tokyo"), LABELS, "b2b-saas v3", 50)


def score(*lines: Line, state: HotState = HotState.HOT_NOW, since: int | None = NOON - 2 * DAY) -> Score:
    points = sum(line.points for line in lines)
    return Score(Ref("acme", "contacts", "1"), NOON, points, {"interest": points}, Standing(state, since), lines, None)


@pytest.mark.parametrize(
    ("line", "lang", "text"),
    [
        (DEMO, "ja", "+50 デモをリクエスト(11/20)"),
        (DEMO, "en", "+50 Requested a demo (11/20)"),
        (DEMO, "both", "+50 デモをリクエスト / Requested a demo(11/20)"),
        (BLOG, "ja", "+9 ブログ記事を閲覧 ×3(11/19)"),
        (CUT, "ja", "-4 上限(興味・関心)"),
        (CUT, "en", "-4 Upper limit (Interest)"),
        (Line(None, 3, limit="total.min"), "ja", "+3 下限(合計)"),
        (Line("nameless", 5), "en", "+5 nameless"),
    ],
)
def test_a_line_is_said_with_its_points_count_and_day(line: Line, lang: str, text: str) -> None:
    assert line_text(line, wording(lang)) == text


def test_the_days_are_those_of_the_scorecards_zone() -> None:
    late = Line("demo", 50, 1, last=parse_instant("2026-11-20T16:00:00Z"))
    assert line_text(late, wording()) == "+50 デモをリクエスト(11/21)"


def test_the_reasons_of_a_hot_lead_add_up_and_say_why_now_and_what_comes() -> None:
    assert reasons_text(score(DEMO, BLOG, CUT), wording()).splitlines() == [
        "+50 デモをリクエスト(11/20)",
        "+9 ブログ記事を閲覧 ×3(11/19)",
        "-4 上限(興味・関心)",
        "合計 55",
        "なぜ今: +50 デモをリクエスト(11/20)",
        "次の変化 2026/11/27: ブログ記事を閲覧",
    ]


def test_a_lead_that_is_not_hot_is_told_what_is_missing() -> None:
    text = reasons_text(score(BLOG, state=HotState.COLD, since=None), wording("en"))
    assert "41 points short of hot" in text
    assert "Why now" not in text


def test_a_lead_with_enough_points_that_is_not_hot_is_told_why() -> None:
    warm = score(DEMO, state=HotState.WARM, since=None)
    lost = Rejection(NOON - DAY, NOON + 89 * DAY, "lost")
    assert "2026/11/21に見送り・失注。2027/02/19以降" in reasons_text(warm, wording(), lost)
    assert "必須条件" in reasons_text(warm, wording())
    assert "除外条件" in reasons_text(score(DEMO, state=HotState.EXCLUDED, since=None), wording(), lost)


def test_a_lead_without_reasons_has_a_total_and_no_top_reason() -> None:
    empty = score(state=HotState.COLD, since=None)
    assert reasons_text(empty, wording()).startswith("合計 0")
    assert top_reason(empty, wording()) is None


def test_long_reasons_are_cut_at_a_line_end_and_say_how_many_more() -> None:
    many = [Line("blog", 1, 1, NOON, NOON, changes_at=None) for _ in range(400)]
    text = reasons_text(score(*many), wording())
    lines = text.splitlines()
    assert len(text) <= 4_000
    shown = [line for line in lines if line.startswith("+1 ")]
    assert f"ほか{400 - len(shown)}件" in lines
    assert "合計 400" in lines


def test_every_result_we_write_is_worded_and_fits_its_field() -> None:
    told = results(score(DEMO, BLOG), [(NOON - 8 * DAY, 9)], NOON + 28 * DAY, wording())
    assert set(told) == {r.name for r in RESULTS if not r.by_sales}
    assert told["score"] == 59
    assert told["change_7d"] == 50
    assert told["hot_until"] == NOON + 28 * DAY
    for name, value in told.items():
        room = BY_NAME[name].length
        assert room is None or value is None or len(str(value)) <= room


def test_a_lead_that_is_not_hot_has_no_hot_dates() -> None:
    told = results(score(BLOG, state=HotState.WARM, since=None), [], NOON, wording())
    assert (told["hot"], told["hot_since"], told["hot_until"]) == (False, None, None)


def test_a_change_over_seven_days_needs_something_known_from_then() -> None:
    assert change_in_7_days(score(DEMO), []) is None
    assert change_in_7_days(score(DEMO), [(NOON - DAY, 10)]) is None
    assert change_in_7_days(score(DEMO), [(NOON - 9 * DAY, 10), (NOON - 7 * DAY, 20), (NOON - DAY, 30)]) == 30


def test_the_change_over_seven_days_moves_when_an_earlier_change_turns_a_week_old() -> None:
    assert next_week_change(NOON, [(NOON - 9 * DAY, 10), (NOON - 3 * DAY, 20)]) == NOON + 4 * DAY
    assert next_week_change(NOON, [(NOON - 9 * DAY, 10)]) is None


def test_two_scorings_as_of_one_instant_are_one_step_of_the_trend() -> None:
    before = [(NOON - DAY, 10), (NOON, 20)]
    assert changes_of_points(score(DEMO), before) == [(NOON - DAY, 10), (NOON, 50)]
    assert changes_of_points(score(DEMO), [(NOON - DAY, 50), (NOON, 20)]) == [(NOON - DAY, 50)]


def test_the_detail_is_json_with_axes_lines_and_a_trend_of_twelve() -> None:
    history = [(NOON - n * DAY, n) for n in range(20, 0, -1)]
    told = json.loads(detail(score(DEMO, CUT), history, wording()))
    assert told["points"] == 46
    assert told["axes"] == [["interest", "興味・関心", 46]]
    assert [line["id"] for line in told["lines"]] == ["demo", "interest.max"]
    assert told["lines"][0]["n"] == 1
    assert len(told["trend"]) == 12
    assert told["trend"][-1] == ["2026/11/22", 46]


def test_the_trend_does_not_repeat_an_unchanged_score() -> None:
    told = json.loads(detail(score(DEMO), [(NOON - DAY, 50)], wording()))
    assert told["trend"] == [["2026/11/21", 50]]


def test_a_detail_too_long_for_its_field_loses_lines_and_stays_json() -> None:
    labels = {"demo": {"ja": "長" * 300, "en": "long"}}
    long = Wording("ja", ZoneInfo("Asia/Tokyo"), labels, "c v1", 50)
    text = detail(score(*[DEMO] * 400), [], long)
    assert len(text) <= 32_000
    assert json.loads(text)["lines"]

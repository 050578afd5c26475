"""The scored workbook: their rows and ours, hits by rule, what to check, and hand-offs that people write into."""

from __future__ import annotations

import io
from collections.abc import Sequence
from zoneinfo import ZoneInfo

import pytest
from python_calamine import CalamineWorkbook

from connector.instants import DAY, parse_instant
from connector.model import HotState, Line, Ref, Score, Standing, Vocabulary
from connector.reasons import Wording, reasons_text
from connector.scoring.scorecard import Agreed, Axis, Bands, Rule, Scorecard
from connector.workbook.handoffs import Handoff, handoffs_of, next_handoffs, outcome_of, titles
from connector.workbook.scored import ScoredSheet, ToCheck, histogram, is_ours, rule_hits, scored_workbook

ZONE = ZoneInfo("Asia/Tokyo")
NOON = parse_instant("2026-11-22T03:00:00Z")
LABELS = {
    "demo": {"ja": "デモ", "en": "Demo"},
    "blog": {"ja": "ブログ", "en": "Blog"},
    "axis:a": {"ja": "軸", "en": "Axis"},
}
WORDING = Wording("ja", ZONE, LABELS, "c v1", 50)
CARD = Scorecard(
    "c", 1, ZONE, Agreed(), Bands(50, 50, 20), None, None, (Axis("a", LABELS["axis:a"]),), (),
    (Rule("demo", "a", LABELS["demo"], 50), Rule("blog", "a", LABELS["blog"], 3)), (), Vocabulary({}),
)  # fmt: skip


def score(id_: str, *lines: Line) -> Score:
    points = sum(line.points for line in lines)
    state = HotState.HOT if points >= 50 else HotState.COLD
    since = NOON if state is HotState.HOT else None
    return Score(Ref("file", "leads", id_), NOON, points, {"a": points}, Standing(state, since), lines, None)


HOT = score("L1", Line("demo", 50), Line("blog", 3))
COLD = score("L2", Line("blog", 3))


def sheet(*scores: Score, **more: object) -> ScoredSheet:
    rows = [{"id": s.ref.id, "会社": '=HYPERLINK("http://x")', "郵便番号": "0601234", "訪問": "12"} for s in scores]
    told: dict[str, object] = {"inputs": {"employees": 1}, "lang": "ja"} | more
    reasons = [reasons_text(s, WORDING) for s in scores]
    return ScoredSheet(("id", "会社", "郵便番号", "訪問"), rows, scores, reasons, CARD, WORDING, **told)


def opened(made: ScoredSheet) -> dict[str, list[list[object]]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(scored_workbook(made)))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def test_every_row_is_theirs_after_score_band_and_reasons() -> None:
    pages = opened(sheet(HOT, COLD))
    header, first, second = pages["スコア"]
    assert header == ["Leadheat スコア", "Leadheat 区分", "Leadheat 理由", "id", "会社", "郵便番号", "訪問"]
    assert first[:2] == [53.0, "ホット"]
    assert str(first[2]).startswith("+50 デモ\n+3 ブログ\n合計 53")
    assert second[:2] == [3.0, "コールド"]


def test_text_that_looks_like_a_formula_stays_text_and_numbers_stay_numbers() -> None:
    first = opened(sheet(HOT))["スコア"][1]
    assert first[4:] == ['=HYPERLINK("http://x")', "0601234", 12.0]


def test_it_speaks_english_too() -> None:
    assert list(opened(sheet(HOT, lang="en"))) == ["Scores", "By rule", "To check", "Hand-offs"]


def test_hits_by_rule_count_leads_hot_leads_and_points() -> None:
    assert rule_hits([HOT, COLD]) == {"demo": (1, 1, 50), "blog": (2, 1, 6)}
    rows = opened(sheet(HOT, COLD))["ルール別"]
    assert rows[1][:6] == ["軸", "デモ", 50.0, 1.0, 0.5, 1.0]
    assert rows[2][:6] == ["軸", "ブログ", 3.0, 2.0, 1.0, 1.0]


def test_a_rule_nobody_met_is_shown_with_zero() -> None:
    assert opened(sheet(COLD))["ルール別"][1][:4] == ["軸", "デモ", 50.0, 0.0]


def test_cuts_stand_beneath_the_rules() -> None:
    cut = score("L3", Line("demo", 50), Line(None, -10, limit="a.max"))
    assert opened(sheet(cut))["ルール別"][3][1:4] == ["上限(軸)", "", 1.0]


def test_the_histogram_has_no_gaps() -> None:
    assert histogram([HOT, COLD]) == [(0, 1), (10, 0), (20, 0), (30, 0), (40, 0), (50, 1)]
    assert histogram([]) == []


def test_what_to_check_names_place_problem_and_remedy() -> None:
    rows = opened(sheet(HOT, COLD, to_check=(ToCheck("leads.csv:3", "no", "do"),)))["要確認"]
    assert rows[1][:3] == ["employees", 1.0, 0.5]
    assert ["leads.csv:3", "no", "do"] in rows
    assert any("ありません" in str(cell) for row in opened(sheet(HOT))["要確認"] for cell in row)


# ---- hand-offs -------------------------------------------------------------------------------------------------------


def test_hot_leads_are_put_on_the_record_hottest_first_and_only_once() -> None:
    kept = [Handoff("L0", "2026-11-01", 70, "+50 デモ", "佐藤", "受注", "大口")]
    warmer = score("L4", Line("demo", 50), Line("blog", 30))
    told = next_handoffs(["L1", "L2", "L4"], [HOT, COLD, warmer], kept, WORDING)
    assert [(h.lead, h.points) for h in told] == [("L0", 70), ("L4", 80), ("L1", 53)]
    assert told[0] == kept[0]
    assert next_handoffs(["L1"], [HOT], told, WORDING) == told


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_what_people_wrote_is_read_back(lang: str) -> None:
    record = [Handoff("L1", "2026-11-22", 53, "+50 デモ", "佐藤", "失注", "予算なし")]
    pages = opened(sheet(HOT, handoffs=record, lang=lang))
    name = next(iter(titles() & pages.keys()))
    assert handoffs_of(as_text(pages[name])) == record


def as_text(rows: Sequence[Sequence[object]]) -> list[list[str]]:
    return [[str(int(c)) if isinstance(c, float) else str(c) for c in row] for row in rows]


def test_rows_without_a_lead_and_odd_points_do_no_harm() -> None:
    assert handoffs_of([["リード"], [""], ["L9", "x", "many"]]) == [Handoff("L9", "x", 0, "")]


@pytest.mark.parametrize(
    ("said", "stage", "reason"),
    [
        ("受注", "won", "won"),
        ("Lost", "lost", "lost"),
        ("良い", "accepted", "good"),
        ("too early", "rejected", "too_early"),
    ],
)
def test_an_outcome_is_understood_in_either_language(said: str, stage: str, reason: str) -> None:
    outcome = outcome_of(Handoff("L1", "2026-11-22", 53, "", outcome=said), ZONE)
    assert outcome is not None
    assert (outcome.stage, outcome.reason) == (stage, reason)
    assert NOON < outcome.at < NOON + DAY


@pytest.mark.parametrize(("day", "said"), [("2026-11-22", ""), ("2026-11-22", "検討中"), ("昨日", "失注")])
def test_what_says_no_outcome_is_none(day: str, said: str) -> None:
    assert outcome_of(Handoff("L1", day, 53, "", outcome=said), ZONE) is None


def test_our_columns_are_known_by_their_name() -> None:
    assert is_ours("Leadheat スコア")
    assert not is_ours("Lead Source")

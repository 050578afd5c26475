"""A spreadsheet scored by the real command: their file in, a workbook out, and everything that can be wrong with it."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from python_calamine import CalamineWorkbook

from connector.book import Texts, open_book
from connector.instants import parse_instant
from connector.wiring import open_sheet
from connector.workbook.handoffs import Handoff
from connector.workbook.score import hottest, score_sheet
from tests.journeys.conftest import Told, leadheat

ROOT = Path(__file__).parents[2]
COURSES = ROOT / "examples" / "courses"
HEADER = (
    "Prospect ID,Lead Origin,Lead Source,Do Not Email,TotalVisits,Total Time Spent on Website,"
    "What is your current occupation"
)
ROWS = (
    "a1,API,Reference,No,5,900,Working Professional",
    "a2,API,Olark Chat,No,0,0,Unemployed",
    "a3,Landing Page,Google,Yes,3,700,Student",
    "a4,Landing Page,Google,No,many,-5,=HYPERLINK(1)",
)
NOON = parse_instant("2026-11-24T03:00:00Z")


def written(folder: Path, text: str = "\n".join((HEADER, *ROWS)), encoding: str = "utf-8") -> Path:
    path = folder / "leads.csv"
    path.write_text(text, encoding)
    return path


def scored(path: Path, *more: str, code: int = 0, lang: str = "en") -> Told:
    files = ("--mapping", str(COURSES / "mapping.yaml"), "--scorecard", str(COURSES / "scorecard.yaml"))
    told = leadheat("--lang", lang, "score", str(path), *files, *more)
    assert told.code == code, told.err
    return told


def sheet(path: Path, name: str) -> list[list[object]]:
    return CalamineWorkbook.from_path(path).get_sheet_by_name(name).to_python()


def test_their_rows_come_back_with_score_band_and_reasons(tmp_path: Path) -> None:
    out = tmp_path / "scored.xlsx"
    told = scored(written(tmp_path), "-o", str(out), lang="ja")
    assert "4件のリードを採点しました" in told.out
    rows = sheet(out, "スコア")
    assert [row[:2] + row[3:4] for row in rows[1:]] == [
        [100.0, "ホット", "a1"], [-10.0, "コールド", "a2"], [25.0, "ウォーム", "a3"], [0.0, "コールド", "a4"],
    ]  # fmt: skip
    assert rows[4][9] == "=HYPERLINK(1)"
    assert [row[0] for row in sheet(out, "引き渡し記録")] == ["リード", "a1"]
    assert any("visits" in str(row[0]) and "1個のセル" in str(row[1]) for row in sheet(out, "要確認"))


def test_the_same_answer_as_one_document_for_machines(tmp_path: Path) -> None:
    document = scored(written(tmp_path), "--json").document
    first = document["leads"][0]
    assert (first["id"], first["points"], first["band"]) == ("a1", 100, "hot")
    assert all(sum(line["points"] for line in lead["ledger"]) == lead["points"] for lead in document["leads"])


def test_scoring_again_replaces_our_file_and_keeps_the_record(tmp_path: Path) -> None:
    out = tmp_path / "scored.xlsx"
    for _ in range(2):
        scored(written(tmp_path), "-o", str(out))
    assert [row[0] for row in sheet(out, "Hand-offs")] == ["Lead", "a1"]


def test_our_own_workbook_can_be_scored_again_without_our_columns_piling_up(tmp_path: Path) -> None:
    first, second = tmp_path / "one.xlsx", tmp_path / "two.xlsx"
    scored(written(tmp_path), "-o", str(first))
    scored(first, "-o", str(second))
    assert sheet(second, "Scores")[0] == sheet(first, "Scores")[0]


def test_a_lead_that_sales_declined_is_not_hot_again(tmp_path: Path) -> None:
    card, words = ((COURSES / name).read_text("utf-8") for name in ("scorecard.yaml", "mapping.yaml"))
    book = open_book(Texts("card", card, "map", words), ZoneInfo("Asia/Tokyo"), "en")
    file = open_sheet(written(tmp_path), None, book.mapping.wants, lambda: NOON)
    kept = [Handoff("a1", "2026-11-20", 95, "+30", "Sato", "too early", "next year")]
    told = score_sheet(book, file.crm.pull(None), file.header, file.rows, kept, NOON, "en")
    assert hottest(told, 5) == []
    assert "Not hot: declined on 2026/11/20" in told.reasons[0]
    assert list(told.handoffs) == kept
    fresh = score_sheet(book, file.crm.pull(None), file.header, file.rows, [], NOON, "en")
    assert [score.ref.id for score in hottest(fresh, 5)] == ["a1"]


def test_a_file_in_shift_jis_with_japanese_headers_is_scored_by_the_shipped_rules(tmp_path: Path) -> None:
    text = "リードID,会社名,役職,従業員数,メールアドレス\n1,㈱さくら,営業部長,101-500名,a@sakura.example.co.jp\n"
    told = leadheat("--json", "score", str(written(tmp_path, text, "cp932")))
    assert [lead["points"] for lead in told.document["leads"]] == [25]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        (HEADER, "no rows beneath the header"),
        (f"{HEADER}\n{ROWS[0]}\n{ROWS[0]}", "the same 'Prospect ID' as in line 2"),
        ("name,colour\nx,blue", "none of the mapping's columns"),
        (f"{HEADER}\n{'x' * 1_000_000},API,,,,,", "1000000 characters"),
    ],
    ids=["empty", "only a header", "a lead twice", "somebody else's columns", "a million characters in a cell"],
)
def test_what_is_wrong_with_a_file_is_named_and_nothing_is_written(tmp_path: Path, text: str, says: str) -> None:
    out = tmp_path / "scored.xlsx"
    told = scored(written(tmp_path, text), "-o", str(out), code=3)
    assert says in told.err
    assert not out.exists()


def test_a_users_file_is_never_saved_over(tmp_path: Path) -> None:
    path, theirs = written(tmp_path), tmp_path / "theirs.csv"
    theirs.write_text("a,b\n1,2\n", "utf-8")
    for out in (path, theirs):
        before = out.read_bytes()
        assert "left as it is" in scored(path, "-o", str(out), code=3).err
        assert out.read_bytes() == before
    assert "LH-450" in scored(path, "-o", str(tmp_path / "out.pdf"), code=3).err


def test_csv_out_is_for_excel_and_never_a_formula(tmp_path: Path) -> None:
    out = tmp_path / "scored.csv"
    scored(written(tmp_path), "-o", str(out))
    data = out.read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    assert b"'=HYPERLINK(1)" in data


REAL = ROOT.parent / "shared" / "data" / "x-education" / "Leads.csv"


@pytest.mark.skipif(not REAL.exists(), reason="the public course leads are not part of the project")
def test_the_public_course_leads_are_scored_as_the_readme_says(tmp_path: Path) -> None:
    told = scored(REAL, "-o", str(tmp_path / "scored.xlsx"))
    assert "Hot 2,359  Warm 1,311  Cold 5,570" in told.out

"""A spreadsheet keeps the promises of a CRM, and says plainly what is wrong with a file."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

from adapters.spreadsheet import SpreadsheetConfig, open_spreadsheet
from connector.errors import Unavailable, UserError
from connector.instants import parse_instant
from connector.model import Change, Raw, Ref
from connector.ports import CRM, EventWants, Wants
from connector.results import RESULTS
from connector.testing import CRMContract, CRMWorld, Notebook

NOW = parse_instant("2026-11-24T00:00:00Z")
RESULT_FIELDS = {r.name: f"leadheat_{r.name}" for r in RESULTS}
WANTS = Wants(
    people={"leads": frozenset({"役職", "Email"})},
    results={"leads": RESULT_FIELDS},
    events={"activities": EventWants(frozenset({"kind", "at", "subject"}))},
)
NO_SERVER = "a file has no server that could refuse or limit anybody"


class NoWeather:
    def waited(self) -> float:
        return 0.0


class SheetWorld:
    object, field, setting, several = "leads", "役職", "PATH", 7
    wants: Wants = WANTS
    secrets: Sequence[str] = ()
    personal: Sequence[str] = ("秘密部長",)
    weather = NoWeather()
    lacks: Mapping = {
        "merge": "rows of a file are not merged, only removed",
        "convert": "a file has one kind of person, so nobody is converted",
        "same_instant": "rows carry no modified stamp",
        "poison": "no rule of a file refuses a row",
        **dict.fromkeys(("throttle", "refresh", "revoke"), NO_SERVER),
    }

    def __init__(self, folder: Path, suffix: str, connection: str = "sheet") -> None:
        self.folder, self.suffix, self.connection = folder, suffix, connection
        self.path = folder / f"{connection}.csv"
        self.config = SpreadsheetConfig(connection, self.path, folder / f"{connection}-out{suffix}", page_size=3)
        self.rows: dict[str, dict[str, Raw]] = {}
        self.made = 0
        self._save()

    def _save(self) -> None:
        with self.path.open("w", encoding="utf-8-sig", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["ID", "役職", "Email"])
            rows.writerows([id_, row.get("役職"), ""] for id_, row in self.rows.items())

    def open(self, wants: Wants | None = None) -> CRM:
        return open_spreadsheet(self.config, wants or self.wants, now=lambda: NOW)

    def another(self) -> CRMWorld:
        return SheetWorld(self.folder, self.suffix, "sheet-2")

    def add_person(self, **fields: Raw) -> str:
        self.made += 1
        self.change(f"L{self.made}", **fields)
        return f"L{self.made}"

    def change(self, who: str, **fields: Raw) -> None:
        self.rows.setdefault(who, {}).update(fields)
        self._save()

    def shown(self, who: str) -> Mapping[str, Raw]:
        told = Notebook().read(self.open()).people[Ref(self.connection, "leads", who)]
        return dict(told.fields)

    def delete(self, who: str) -> None:
        del self.rows[who]
        self._save()

    def let_time_pass(self, seconds: float) -> None:
        """Files know no time."""


@pytest.mark.parametrize("suffix", [".xlsx", ".csv"])
class TestSpreadsheet(CRMContract):
    @pytest.fixture
    def crm_world(self, tmp_path: Path, suffix: str) -> CRMWorld:
        return SheetWorld(tmp_path, suffix)

    def test_an_empty_account_yields_no_record_and_no_error(self, crm_world: CRMWorld) -> None:
        """A file without rows is refused instead: it is nearly always a failed export."""
        with pytest.raises(UserError, match="LH-405"):
            Notebook().read(crm_world.open())


# ---- files as people save them ---------------------------------------------------------------------------------------


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Notebook]:
    def told(data: bytes | str, name: str = "leads.csv", **config: object) -> Notebook:
        path = tmp_path / name
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        opened = open_spreadsheet(
            SpreadsheetConfig("sheet", path, tmp_path / "out.xlsx", **config),
            WANTS,
            now=lambda: NOW,
        )
        return Notebook().read(opened)

    return told


def titles(notebook: Notebook) -> dict[str, Raw]:
    return {ref.id: record.fields.get("役職") for ref, record in notebook.people.items()}


TEXT = "ID,役職,Email\r\n1,部長,a@example.com\r\n2,,\r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "utf-16"])
def test_japanese_is_read_in_every_usual_encoding(read: Callable[..., Notebook], encoding: str) -> None:
    assert titles(read(TEXT.encode(encoding))) == {"1": "部長", "2": None}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("leads.tsv", "ID\t役職\n1\t部長, 営業\n"),
        ("leads.csv", "ID;役職\n1;部長, 営業\n"),
        ("leads.csv", 'ID,役職\n1,"部長, 営業"\n'),
    ],
)
def test_separators_are_recognised(read: Callable[..., Notebook], name: str, text: str) -> None:
    assert titles(read(text, name)) == {"1": "部長, 営業"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ID,役職\r1,a\r2,b\r", {"1": "a", "2": "b"}),
        ("ID,役職\r\n1,a\n2,b\r3,c", {"1": "a", "2": "b", "3": "c"}),
        ('ID,役職\n1,"a\r\nb"\n\n,\n2,"😀"\n', {"1": "a\r\nb", "2": "😀"}),
        ("ID,役職\n1\n2,9999-12-31T23:59:59Z\n3,-5\n", {"1": None, "2": "9999-12-31T23:59:59Z", "3": "-5"}),
    ],
)
def test_strange_but_readable_files_are_read(
    read: Callable[..., Notebook], text: str, expected: dict[str, Raw]
) -> None:
    assert titles(read(text)) == expected


@pytest.mark.parametrize(
    ("header", "ids"),
    [
        ("Prospect ID", ["7"]),
        ("リードID", ["7"]),
        ("lead_id", ["7"]),
        ("メールアドレス", ["7"]),
        ("なまえ", ["2"]),
    ],
)
def test_the_id_column_is_recognised_or_rows_are_counted(
    read: Callable[..., Notebook], header: str, ids: list[str]
) -> None:
    assert list(titles(read(f"{header},役職\n7,x\n"))) == ids


def test_counted_rows_are_said_to_be_counted(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("名前\nx\n")
    crm = open_spreadsheet(SpreadsheetConfig("s", tmp_path / "a.csv", tmp_path / "o.csv"), WANTS, now=lambda: NOW)
    assert [m.in_("ja") for m in crm.traits.notices] != [m.in_("en") for m in crm.traits.notices] != []


def test_the_named_id_column_wins(read: Callable[..., Notebook]) -> None:
    assert list(titles(read("ID,番号\n1,n9\n", id_field="番号"))) == ["n9"]


BAD: Sequence[tuple[bytes | str, dict[str, object], list[tuple[str, str]]]] = [
    (b"", {}, [("LH-403", "leads.csv")]),
    ("\n , \n", {}, [("LH-403", "leads.csv")]),
    ("ID,役職\n", {}, [("LH-405", "leads.csv")]),
    (b"ID\n1\n\x81\xff\xfe\n", {}, [("LH-402", "leads.csv:3")]),
    ("ID,x,x\n1,,\n", {}, [("LH-406", "leads.csv:1")]),
    ("ID\n1\n1\n\n2\n2\n", {}, [("LH-412", "leads.csv:3"), ("LH-412", "leads.csv:6")]),
    ("ID,x\n,a\n1,b\n,c\n", {}, [("LH-411", "leads.csv:2"), ("LH-411", "leads.csv:4")]),
    ("ID,x\n1,a\0b\n2,a,b\n", {}, [("LH-404", "leads.csv:2 B"), ("LH-408", "leads.csv:3")]),
    ("ID,x\n1," + "y" * 1_000_000 + "\n", {}, [("LH-404", "leads.csv:2 B")]),
    ("ID\n1\n", {"id_field": "Id"}, [("LH-410", "leads.csv")]),
]


@pytest.mark.parametrize(("data", "config", "expected"), BAD)
def test_what_is_wrong_is_told_with_its_place_all_at_once(
    read: Callable[..., Notebook], data: bytes | str, config: dict[str, object], expected: list[tuple[str, str]]
) -> None:
    with pytest.raises(UserError) as refused:
        read(data, **config)
    problems = refused.value.problems
    assert [(p.code, (p.where or "").rpartition("/")[2]) for p in problems] == expected
    assert "yyyy" not in str(refused.value)


def test_more_than_fifty_problems_are_counted(read: Callable[..., Notebook]) -> None:
    with pytest.raises(UserError) as refused:
        read("ID,x\n" + ",a\n" * 80)
    assert len(refused.value.problems) == 51
    assert "30" in str(refused.value.problems[-1].what)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    config = SpreadsheetConfig("s", tmp_path / "none.csv", tmp_path / "out.csv")
    with pytest.raises(UserError, match=r"none\.csv.*LH-401"):
        open_spreadsheet(config, WANTS, now=lambda: NOW).describe()


@pytest.mark.parametrize("data", [b"not a zip", b"PK\x03\x04 half"])
def test_a_broken_workbook_is_named(read: Callable[..., Notebook], data: bytes) -> None:
    with pytest.raises(UserError, match="LH-407"):
        read(data, "leads.xlsx")


def workbook(path: Path, **sheets: list[list[object]]) -> Path:
    with xlsxwriter.Workbook(path) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for n, row in enumerate(rows):
                sheet.write_row(n, 0, row)
    return path


def test_a_workbook_gives_leads_and_their_activities(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "leads.xlsx",
        リード=[["ID", "役職", "Email"], [660737, "部長", True], [660738.5, None, "x"]],
        activities=[
            ["lead_id", "id", "kind", "at", "other"],
            [660737, "a1", "demo_request", "2026-11-20T09:00:00Z", "x"],
            [660737, None, "page_view", "2026-11-20T09:00:00Z", "x"],
            [999, "a2", "page_view", "2026-11-20T09:00:00Z", "x"],
        ],
    )
    crm = open_spreadsheet(SpreadsheetConfig("s", path, tmp_path / "out.xlsx"), WANTS, now=lambda: NOW)
    told = Notebook().read(crm)
    assert {r.id: dict(p.fields)["Email"] for r, p in told.people.items()} == {"660737": "true", "660738.5": "x"}
    assert sorted(e.fields["kind"] or "" for e in told.events.values()) == ["demo_request", "page_view"]
    assert crm.traits.sources == ("activities",)
    assert crm.describe().events == {"activities": frozenset({"lead_id", "id", "kind", "at", "other"})}


def test_activities_without_a_persons_column_are_refused(tmp_path: Path) -> None:
    (tmp_path / "l.csv").write_text("id\n1\n")
    (tmp_path / "a.csv").write_text("kind\nx\n")
    config = SpreadsheetConfig("s", tmp_path / "l.csv", tmp_path / "o.csv", tmp_path / "a.csv")
    with pytest.raises(UserError, match="LH-416"):
        Notebook().read(open_spreadsheet(config, WANTS, now=lambda: NOW))


# ---- our own file ----------------------------------------------------------------------------------------------------


def written(tmp_path: Path, out: str, **after: str | int | bool | None) -> tuple[CRM, Sequence[str]]:
    (tmp_path / "leads.csv").write_text("id\n1\n")
    crm = open_spreadsheet(SpreadsheetConfig("s", tmp_path / "leads.csv", tmp_path / out), WANTS, now=lambda: NOW)
    change = Change(Ref("s", "leads", "1"), {}, after)
    return crm, [r.status for r in crm.push([change])]


@pytest.mark.parametrize("out", ["out.xlsx", "out.csv"])
def test_text_that_looks_like_a_formula_stays_text(tmp_path: Path, out: str) -> None:
    crm, _ = written(
        tmp_path, out, leadheat_top_reason="=1+1", leadheat_reasons="+15 料金\n-20 無反応", leadheat_score=-20
    )
    fields = next(iter(Notebook().read(crm).people.values())).fields
    told = [fields[f"leadheat_{n}"] for n in ("top_reason", "reasons", "score")]
    assert told == ["=1+1", "+15 料金\n-20 無反応", "-20"]
    if out == "out.csv":
        assert "'=1+1" in (tmp_path / out).read_text("utf-8-sig")


def test_the_users_file_is_never_written_and_nothing_is_left_lying_about(tmp_path: Path) -> None:
    written(tmp_path, "out.xlsx", leadheat_score=1)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["leads.csv", "out.xlsx"]
    assert (tmp_path / "leads.csv").read_text() == "id\n1\n"
    with pytest.raises(UserError, match="LH-413"):
        written(tmp_path, "leads.csv", leadheat_score=1)


def test_a_file_that_is_not_ours_is_left_as_it_is(tmp_path: Path) -> None:
    theirs = workbook(tmp_path / "out.xlsx", plan=[["x"]]).read_bytes()
    with pytest.raises(UserError, match="LH-414"):
        written(tmp_path, "out.xlsx", leadheat_score=1)
    (tmp_path / "out.csv").write_text("theirs\n1\n")
    with pytest.raises(UserError, match="LH-414"):
        written(tmp_path, "out.csv", leadheat_score=1)
    assert (tmp_path / "out.xlsx").read_bytes() == theirs


def test_a_place_that_cannot_be_written_is_said_and_nothing_is_half_done(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(Unavailable, match="LH-415"):
        written(tmp_path, "taken/out.xlsx", leadheat_score=1)


def test_a_field_that_is_not_ours_is_refused(tmp_path: Path) -> None:
    assert written(tmp_path, "out.xlsx", id="2")[1] == ["refused"]
    assert not (tmp_path / "out.xlsx").exists()


def test_a_file_unchanged_since_the_last_pull_is_not_told_again(tmp_path: Path) -> None:
    crm, _ = written(tmp_path, "out.xlsx", leadheat_score=1)
    told = Notebook().read(crm)
    again = Notebook(cursor=told.cursor).read(crm)
    assert (again.people, again.cursor) == ({}, told.cursor)


def test_our_file_holds_one_row_for_each_lead_that_is_still_there(tmp_path: Path) -> None:
    crm, _ = written(tmp_path, "out.xlsx", leadheat_score=1)
    (tmp_path / "leads.csv").write_text("id\n2\n")
    crm.push([Change(Ref("s", "leads", "2"), {}, {"leadheat_score": 5})])
    rows = CalamineWorkbook.from_path(str(tmp_path / "out.xlsx")).get_sheet_by_index(0).to_python()
    assert [row[0] for row in rows] == ["leadheat_id", "2"]

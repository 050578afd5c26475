"""The plain files, to the letter: what other programs judge Leadheat by."""
# ruff: noqa: E501 - tables

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from connector.errors import UserError
from connector.instants import parse_instant
from connector.model import Lead, Value
from connector.plain.document import scores_document
from connector.plain.files import File, is_plain_mapping, read_facts
from connector.plain.mapping import read_plain_mapping
from connector.plain.score import PlainScores, score_plain
from connector.scoring.values import parse_value

NOW = parse_instant("2026-11-22T00:00:00Z")
UTC, TOKYO = ZoneInfo("UTC"), ZoneInfo("Asia/Tokyo")
MAPPING = """\
mapping: plain
levels: {seniority: [staff, manager, department_head, executive]}
inputs: {seniority: level seniority, employees: number, industry: text, trial: truth, decides_on: instant, tags: set}
kinds: [page_view, download, demo_request, email_open]
passive: [email_open]
hygiene: {repeat_within: 10m, set_aside: [email_open]}
"""
CARD = """\
scorecard: b2b-saas
version: 3
timezone: Asia/Tokyo
bands:
  hot: {enter: 50, leave: 40, stay: 3d, requires: []}
  warm: 20
axes:
  fit: {label: {ja: 属性情報, en: Fit}, max: 40, min: -40}
  interest: {label: {ja: 興味・関心, en: Interest}, max: 20}
  activity: {label: {ja: 行動の活性度, en: Activity}}
  special: {label: {ja: 特別アクション, en: Special action}}
rules:
  - {id: senior-title, axis: fit, when: {seniority: {at_least: department_head}}, points: 15}
  - {id: pricing, axis: interest, did: page_view, where: {subject: {like: "/pricing*"}}, within: 90d, count: {up_to: 3}, points: 15}
  - {id: opened, axis: activity, did: email_open, points: 5}
  - {id: demo, axis: special, did: demo_request, within: 30d, points: 50, hot: now}
"""
LEADS = "id,created_at,seniority,employees\nL1,2026-11-01,department_head,100\nL2,,,\n"
ACTIVITIES = """\
lead_id,id,kind,at,subject,campaign
L1,A1,demo_request,2026-11-20T18:00:00.250+09:00,/demo,秋
L2,A1,page_view,2026-11-20T09:00:00Z,/pricing,
L2,A2,page_view,2026-11-20T09:09:59Z,/PRICING,
L2,A3,page_view,2026-11-20T09:10:00Z,/pricing,
L2,A4,email_open,2026-11-21T09:10:00Z,,
"""


def scored(
    leads: str = LEADS, activities: str | None = ACTIVITIES, mapping: str = MAPPING, card: str = CARD
) -> PlainScores:
    doings = None if activities is None else File("activities.csv", activities)
    return score_plain(File("leads.csv", leads), doings, File("plain.yaml", mapping), File("card.yaml", card), UTC, NOW)


def test_the_document_is_the_one_promised() -> None:
    document = scores_document(scored())
    assert json.loads(json.dumps(document)) == {
        "as_of": "2026-11-22T00:00:00Z",
        "scorecard": {"name": "b2b-saas", "version": 3, "digest": document["scorecard"]["digest"]},
        "leads": [
            {
                "id": "L1",
                "points": 65,
                "axes": {"fit": 15, "interest": 0, "activity": 0, "special": 50},
                "band": "hot",
                "state": "hot_now",
                "next_change_at": "2026-12-20T09:00:00.25Z",
                "ledger": [
                    {"rule": "demo", "points": 50, "occurrences": 1, "first": "2026-11-20T09:00:00.25Z", "last": "2026-11-20T09:00:00.25Z", "subject": "/demo", "changes_at": "2026-12-20T09:00:00.25Z"},
                    {"rule": "senior-title", "points": 15, "occurrences": 0, "first": None, "last": None, "subject": None, "changes_at": None},
                ],
            },
            {
                "id": "L2",
                "points": 20,
                "axes": {"fit": 0, "interest": 20, "activity": 0, "special": 0},
                "band": "warm",
                "state": "warm",
                "next_change_at": "2027-02-18T09:00:00Z",
                "ledger": [
                    {"rule": "pricing", "points": 30, "occurrences": 2, "first": "2026-11-20T09:00:00Z", "last": "2026-11-20T09:10:00Z", "subject": "/pricing", "changes_at": "2027-02-18T09:00:00Z"},
                    {"limit": "interest.max", "points": -10},
                ],
            },
        ],
    }  # fmt: skip
    assert [lead["id"] for lead in document["leads"]] == ["L1", "L2"]


def facts(leads: str, activities: str | None = None, mapping: str = MAPPING) -> tuple[list[Lead], list[str], list[str]]:
    doings = None if activities is None else File("activities.csv", activities)
    told, problems = read_facts(File("leads.csv", leads), doings, read_plain_mapping(mapping, "plain.yaml"), TOKYO)
    return list(told.leads), [w.in_("en") for w in told.warnings], [p.in_("en") for p in problems.found]


CELLS: list[tuple[str, str, Value | None, int]] = [
    ("employees", "100", Decimal(100), 0),
    ("employees", " +1.50 ", Decimal("1.5"), 0),
    ("employees", "－１２．５", Decimal("-12.5"), 0),
    ("employees", "1,000", None, 1),
    ("employees", "1e3", None, 1),
    ("employees", ".5", None, 1),
    ("employees", "٣", None, 1),
    ("employees", "　", None, 0),
    ("trial", "TRUE", True, 0),
    ("trial", "ｆａｌｓｅ", False, 0),
    ("trial", "yes", None, 1),
    ("seniority", "Manager", "manager", 0),
    ("seniority", "boss", None, 1),
    ("tags", "a; ;b;", frozenset({"a", "b"}), 0),
    ("tags", ";", None, 0),
    ("industry", " IT ", "IT", 0),
    ("decides_on", "2026-12-01", parse_instant("2026-11-30T15:00:00Z"), 0),
    ("decides_on", "2026-12-01T00:00:00.000001-05:00", parse_instant("2026-12-01T05:00:00.000001Z"), 0),
]


@pytest.mark.parametrize(("column", "cell", "value", "unread"), CELLS)
def test_a_cell_becomes_a_value_or_is_unknown(column: str, cell: str, value: Value | None, unread: int) -> None:
    leads, warnings, problems = facts(csv_of([["id", column, "undeclared"], ["L1", cell, "x"]]))
    assert leads[0].inputs.get(column) == value
    assert (len(warnings), problems) == (unread, [])
    assert all(cell.strip() not in w for w in warnings if cell.strip())


def test_warnings_say_how_many_and_which_column_in_the_readers_language() -> None:
    told, _ = read_facts(File("leads.csv", "id,trial\n1,x\n"), None, read_plain_mapping(MAPPING, "plain.yaml"), TOKYO)
    assert (
        told.warnings[0].in_("ja") == "「trial」の値1件は真偽値（true / false）として読めないため、不明として扱います"
    )


def test_blank_text_is_no_value_of_any_type() -> None:
    assert [
        parse_value(" \u3000", kind, (), UTC) for kind in ("text", "number", "truth", "level", "instant", "set")
    ] == [None] * 6


def csv_of(rows: list[list[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


def test_unreadable_cells_are_counted_by_column() -> None:
    _, warnings, _ = facts("id,employees,seniority\n1,x,boss\n2,y,\n")
    assert warnings == [
        "1 values of 'seniority' are not a level; they count as unknown",
        "2 values of 'employees' are not a number; they count as unknown",
    ]


def test_a_later_row_replaces_the_earlier_and_strangers_are_counted() -> None:
    rows = "lead_id,id,kind,at,subject\nL1,A,page_view,2026-11-01,/a\nL9,A,nonsense,never,\nL1,A,download,2026-11-02,\n"
    leads, warnings, problems = facts("id\nL1\n", rows)
    (activity,) = leads[0].activities
    assert (activity.kind, activity.subject, activity.attributes) == ("download", None, {})
    assert (warnings, problems) == (["1 activities of leads that are not in the file were ignored"], [])


def test_repeats_and_kinds_are_set_aside_and_the_smaller_id_counts() -> None:
    rows = csv_of(
        [["lead_id", "id", "kind", "at", "subject"]]
        + [["L1", i, k, f"2026-11-20T09:{m}Z", s] for i, k, m, s in [
            ("b", "page_view", "00:00", "/a"), ("a", "page_view", "00:00", "/A"), ("c", "page_view", "09:59", "/a"),
            ("d", "page_view", "10:00", "/a"), ("e", "page_view", "00:00", "/b"), ("f", "email_open", "00:00", ""),
        ]]
    )  # fmt: skip
    leads, _, _ = facts("id\nL1\n", rows)
    assert {a.id for a in leads[0].activities if a.set_aside is None} == {"a", "d", "e"}


WRONG = [
    ("id\nL1\nL1\n", None, "leads.csv:3: the lead 'L1' stands here a second time"),
    ("id,employees\n,5\n", None, "leads.csv:2: the row has no id"),
    ("name\nL1\n", None, "leads.csv:1: there is no column 'id'"),
    ("", None, "leads.csv:1: the file is empty"),
    ("id,x,x\nL1,,\n", None, "leads.csv:1: there are two columns 'x'"),
    ("id\nL1,surplus\n", None, "leads.csv:2: the row has 2 cells, the header 1"),
    ('id\n"L1\n', None, "leads.csv:2: the row is not CSV"),
    ('id,industry\n"L1","a\nb"\nL1,\n', None, "leads.csv:4: the lead 'L1' stands here a second time"),
    (
        "id,created_at\nL1,2026-11-01T00:00:00\n",
        None,
        "leads.csv:2: 'created_at' is no date and no instant with its zone",
    ),
    ("id,created_at\nL1,2026-11-01T00:00:00.1234567Z\n", None, "leads.csv:2: 'created_at' is no date"),
    ("id,created_at\nL1,0001-01-01\n", None, "leads.csv:2: 'created_at' is no date"),
    ("id,decides_on\nL1,2026-13-01\n", None, "leads.csv:2: 'decides_on' is no date"),
    ("id\nL1\n", "lead_id,id,kind,at\nL1,A,page_view,soon\n", "activities.csv:2: 'at' is no date"),
    ("id\nL1\n", "lead_id,id,kind,at\nL1,A,page_view,\n", "activities.csv:2: 'at' is no date"),
    (
        "id\nL1\n",
        "lead_id,id,kind,at\nL1,A,sneeze,2026-11-01\n",
        "activities.csv:2: the kind is none of those that the mapping lists",
    ),
    ("id\nL1\n", "lead_id,id,kind,at\nL1,A,,2026-11-01\n", "activities.csv:2: the row has no kind"),
    ("id\nL1\n", "lead_id,id,kind,at\nL1,,page_view,2026-11-01\n", "activities.csv:2: the row has no id"),
    ("id\nL1\n", "lead_id,id,kind\nL1,A,page_view\n", "activities.csv:1: there is no column 'at'"),
]


@pytest.mark.parametrize(("leads", "activities", "sentence"), WRONG)
def test_what_is_wrong_is_told_with_file_and_line(leads: str, activities: str | None, sentence: str) -> None:
    _, _, problems = facts(leads, activities)
    assert any(p.startswith(sentence) for p in problems), problems


def test_problems_of_all_files_are_told_at_once() -> None:
    with pytest.raises(UserError) as error:
        scored(
            leads="id,created_at\nL1,then\nL1,\n",
            activities="lead_id,id,kind,at\nL1,A,sneeze,now\n",
            card=CARD.replace("warm", "worm"),
        )
    assert len(error.value.problems) == 6
    with pytest.raises(UserError) as error:
        scored(leads="id\nL1\nL1\n")
    assert len(error.value.problems) == 1


MAPPINGS = [
    ("input: {}", "unknown key 'input' [LH-430]\n    Did you mean 'inputs'?"),
    ("inputs: [a]", "'inputs' must hold 'key: value' pairs"),
    ("inputs: {a: nubmer}", "the type of 'a' is not one that plain files have [LH-430]\n    Did you mean 'number'?"),
    ("inputs: {a: [number]}", "the type of 'a' is not one"),
    ("inputs: {a: level}", "the type of 'a' is not one"),
    ("inputs: {a: number x}", "the type of 'a' is not one"),
    (
        "levels: {rank: [x, y]}\ninputs: {a: level rnk}",
        "'a' is on the scale 'rnk', which 'levels' does not list [LH-430]\n    Did you mean 'rank'?",
    ),
    ("levels: {rank: [x, X]}", "'X' stands here twice"),
    ("levels: {rank: []}", "'rank' is an empty list"),
    ("kinds: [a, {b: c}]", "'kinds' must be a list of names"),
    ("kinds: []", "'kinds' is an empty list"),
    ("kinds: [a]\npassive: [b]", "'kinds' does not list 'b'"),
    ("kinds: [a]\nhygiene: {set_aside: [b]}", "'kinds' does not list 'b'"),
    ("hygiene: {scanner: [a]}", "unknown key 'scanner'"),
    ("hygiene: 3", "'hygiene' must hold 'key: value' pairs"),
    ("hygiene: {repeat_within: 0m}", "'repeat_within' must be a duration above zero such as 10m"),
    ("hygiene: {repeat_within: soon}", "'repeat_within' must be a duration above zero such as 10m"),
]


@pytest.mark.parametrize(("text", "sentence"), MAPPINGS)
def test_a_declaration_that_cannot_be_meant_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(UserError) as error:
        read_plain_mapping(f"mapping: plain\n{text}\n", "plain.yaml")
    assert sentence in error.value.in_("en")


def test_a_mapping_may_declare_nothing_but_itself() -> None:
    mapping = read_plain_mapping("mapping: plain\npassive:\nhygiene: {set_aside: []}\nlevels:\n", "plain.yaml")
    assert (mapping.vocabulary.kinds, mapping.vocabulary.passive, dict(mapping.vocabulary.inputs)) == (
        None,
        frozenset(),
        {},
    )


@pytest.mark.parametrize(("text", "plain"), [("mapping: plain", True), ("mapping: hubspot", False), ("a: b", False), ("- a", False), ("{", False), ("mapping: [plain]", False)])  # fmt: skip
def test_a_plain_mapping_calls_itself_so(text: str, plain: bool) -> None:
    assert is_plain_mapping(text) is plain


def test_nobody_and_nothing_done_are_scored_too() -> None:
    assert scores_document(scored(leads="id\n", activities=None))["leads"] == []
    assert (
        scores_document(scored(leads="\ufeffid\n\nL1\n", activities="lead_id,id,kind,at\n"))["leads"][0]["points"] == 0
    )


def test_large_and_strange_cells_do_no_harm() -> None:
    huge = "あ" * 1_000_000
    leads = csv_of(
        [
            ["id", "industry", "employees", "tags"],
            ["😀", huge, "9" * 6_000, ";".join("ab" * 9)],
            ["L\u0000", "\ud800", "0", ""],
        ]
    )
    rows = csv_of(
        [
            ["lead_id", "id", "kind", "at", "subject", "note"],
            ["😀", huge, "page_view", "9999-12-31T23:59:59.999999Z", "/pricing" + huge, "\ud83d"],
        ]
    )
    document = scores_document(scored(leads, rows))
    assert [lead["id"] for lead in document["leads"]] == ["😀", "L\u0000"]
    assert document["leads"][0]["next_change_at"] == "9999-12-31T23:59:59.999999Z"

"""Queries: what is found, how it is shown, what is refused, and how pages follow each other."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.salesforce.sandbox import Options
from tests.unit.salesforce_sandbox.far import Far, opened, refusals


@pytest.fixture
def people(far: Far) -> dict[str, str]:
    """Four leads, a minute apart."""
    made: dict[str, str] = {}
    rows: list[dict[str, Any]] = [
        {"LastName": "Abe", "Title": "部長", "NumberOfEmployees": 10, "Email": "a@example.com"},
        {"LastName": "baba", "Title": "課長", "NumberOfEmployees": 200, "LeadSource": "Web"},
        {"LastName": "O'Hara", "Title": "50%_off", "HasOptedOutOfEmail": True},
        {"LastName": "Doi", "Title": "a\\b", "NumberOfEmployees": 5},
    ]
    for row in rows:
        made[str(row["LastName"])] = far.desk.add("Lead", **row)
        far.clock.pass_(60)
    return made


@pytest.mark.parametrize(
    ("where", "names"),
    [
        ("", "Abe baba O'Hara Doi"),
        ("WHERE LastName = 'ABE'", "Abe"),
        ("WHERE LastName != 'abe'", "baba O'Hara Doi"),
        ("WHERE LastName = 'O\\'Hara'", "O'Hara"),
        ("WHERE Title = 'a\\\\b'", "Doi"),
        ("WHERE Title LIKE '50\\%\\_%'", "O'Hara"),
        ("WHERE LastName LIKE '%b%' AND NumberOfEmployees > 10", "baba"),
        ("WHERE NumberOfEmployees = null", "O'Hara"),
        ("WHERE NumberOfEmployees != null AND (Title = '部長' OR Title = '課長')", "Abe baba"),
        ("WHERE NumberOfEmployees IN (5, 10)", "Abe Doi"),
        ("WHERE LeadSource NOT IN ('Web', 'Phone')", "Abe O'Hara Doi"),
        ("WHERE NOT (LastName = 'Abe' OR LastName = 'Doi')", "baba O'Hara"),
        ("WHERE IsConverted = false AND NumberOfEmployees <= 10", "Abe Doi"),
        ("WHERE SystemModstamp >= 2026-11-24T00:01:00Z AND SystemModstamp < 2026-11-24T00:03:00Z", "baba O'Hara"),
        ("WHERE SystemModstamp < 2026-11-24T09:01:00+09:00", "Abe"),
        ("WHERE SystemModstamp > 2026-11-24T00:02:59.500Z", "Doi"),
        ("WHERE CreatedDate = TODAY", "Abe baba O'Hara Doi"),
        ("WHERE CreatedDate < TODAY", ""),
        ("WHERE CreatedDate = LAST_N_DAYS:3 AND Email != null", "Abe"),
        ("WHERE Owner.Name = '営業担当' AND Lead.LastName = 'Doi'", "Doi"),
        ("ORDER BY NumberOfEmployees", "O'Hara Doi Abe baba"),
        ("ORDER BY NumberOfEmployees DESC", "baba Abe Doi O'Hara"),
        ("ORDER BY NumberOfEmployees ASC NULLS LAST LIMIT 3", "Doi Abe baba"),
        ("ORDER BY IsConverted, LastName DESC LIMIT 2 OFFSET 1", "Doi baba"),
        ("where lastname = 'doi' order by id", "Doi"),
    ],
)
def test_a_condition_finds_its_people(far: Far, people: dict[str, str], where: str, names: str) -> None:
    told = [row["LastName"] for row in far.rows(f"SELECT LastName FROM Lead {where}")]
    wanted = names.split()
    assert told == wanted if "order" in where.lower() else sorted(told) == sorted(wanted)


def test_ids_are_taken_with_15_and_18_characters(far: Far, people: dict[str, str]) -> None:
    whole = people["Abe"]
    for given in (whole, whole[:15]):
        assert far.rows(f"SELECT Id FROM Lead WHERE Id = '{given}'") == [{"Id": whole}]
    wrong = whole[:17] + ("A" if whole[17] != "A" else "B")
    assert far.query(f"SELECT Id FROM Lead WHERE Id = '{wrong}'")[0]["errorCode"] == "INVALID_QUERY_FILTER_OPERATOR"


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("SELECT Id, Nope FROM Lead", "INVALID_FIELD", "No such column 'Nope' on entity 'Lead'"),
        ("SELECT Id FROM Lead WHERE Nope__c = 1", "INVALID_FIELD", "ERROR at Row:1:Column:27"),
        ("SELECT HasOptedOutOfEmail FROM Lead", "INVALID_FIELD", "HasOptedOutOfEmail"),
        ("SELECT Nobody.Name FROM Lead", "INVALID_FIELD", "Didn't understand relationship"),
        ("SELECT Id FROM Nothing__c", "INVALID_TYPE", "sObject type 'Nothing__c' is not supported"),
        ("SELECT Id FORM Lead", "MALFORMED_QUERY", "unexpected token: 'FORM'"),
        ("SELECT Id FROM Lead WHERE LastName = ", "MALFORMED_QUERY", "<EOF>"),
        ("SELECT Id FROM Lead WHERE Id='a' AND Id='b' OR Id='c'", "MALFORMED_QUERY", "unexpected token: 'OR'"),
        ("SELECT Id, (SELECT Id FROM Tasks) FROM Lead", "MALFORMED_QUERY", "unexpected token: '('"),
        ("SELECT Id FROM Lead GROUP BY Id", "MALFORMED_QUERY", "GROUP"),
        ("SELECT Id, COUNT(Id) FROM Lead", "MALFORMED_QUERY", "grouped"),
        ("SELECT Id FROM Lead WHERE LastName = Abe", "MALFORMED_QUERY", "unexpected token"),
        ("SELECT Id FROM Lead WHERE LastName = 'a' ; DROP", "MALFORMED_QUERY", "unexpected token"),
        ("SELECT Id FROM Lead WHERE SystemModstamp > '2026-01-01'", "INVALID_FIELD", "must be of type dateTime"),
        ("SELECT Id FROM Lead WHERE SystemModstamp > 2026-01-01", "INVALID_FIELD", "must be of type dateTime"),
        ("SELECT Id FROM Lead WHERE NumberOfEmployees = '5'", "INVALID_FIELD", "should not be enclosed in quotes"),
        ("SELECT Id FROM Lead WHERE Description = 'x'", "INVALID_FIELD", "can not be filtered"),
        ("SELECT Id FROM Lead ORDER BY Description", "INVALID_FIELD", "can not be sorted"),
    ],
)
def test_a_query_is_refused_in_salesforces_words(far: Far, text: str, code: str, words: str) -> None:
    answer = far.get("query", params={"q": text})
    assert refusals(answer) == [(400, code)]
    assert words in answer.json()[0]["message"]


def test_plus_and_percent_20_are_both_a_blank_and_slashes_do_not_matter(far: Far, people: dict[str, str]) -> None:
    for path in ("query?q=SELECT+Id+FROM+Lead", "query/?q=SELECT%20Id%20FROM%20Lead"):
        assert far.get(path).json()["totalSize"] == 4


def test_values_are_shown_as_rest_shows_them(far: Far, people: dict[str, str]) -> None:
    far.desk.define_field("Lead", "Leadheat_Score__c", "Number")
    far.desk.define_field("Lead", "Asked_On__c", "Date")
    far.desk.change("Lead", people["Abe"], Leadheat_Score__c=5, Asked_On__c="2026-11-20")
    fields = (
        "Leadheat_Score__c, Asked_On__c, SystemModstamp, IsConverted, FirstName, NumberOfEmployees, MasterRecord.Name"
    )
    (row,) = far.rows(f"SELECT {fields}, Owner.Name FROM Lead WHERE LastName='Abe'")
    assert row["Leadheat_Score__c"] == 5.0 and isinstance(row["Leadheat_Score__c"], float), "a Number is a double"
    assert row["NumberOfEmployees"] == 10 and isinstance(row["NumberOfEmployees"], int)
    assert row["Asked_On__c"] == "2026-11-20"
    assert row["SystemModstamp"] == "2026-11-24T00:04:00.000+0000"
    assert row["IsConverted"] is False
    assert row["FirstName"] is None
    assert row["MasterRecord"] is None, "an empty lookup is null, not an object of nulls"
    assert row["Owner"]["attributes"]["type"] == "User" and row["Owner"]["Name"] == "営業担当"


def test_counting_gives_a_size_or_a_row(far: Far, people: dict[str, str]) -> None:
    assert far.query("SELECT COUNT() FROM Lead") == {"totalSize": 4, "done": True, "records": []}
    said = far.query("SELECT COUNT(Id), MAX(NumberOfEmployees) most FROM Lead")
    assert said["records"] == [{"attributes": {"type": "AggregateResult"}, "expr0": 4, "most": 200}]


def test_pages_follow_a_relative_address_until_done() -> None:
    with opened(Options(page_size=3)) as far:
        made = {far.desk.add("Lead", LastName=f"v{n}") for n in range(7)}
        first = far.query("SELECT Id FROM Lead ORDER BY Id")
        assert (first["totalSize"], first["done"], len(first["records"])) == (7, False, 3)
        assert first["nextRecordsUrl"].startswith("/services/data/v67.0/query/0r8")
        assert first["nextRecordsUrl"].endswith("-3")
        rows = far.rows("SELECT Id FROM Lead ORDER BY Id")
        assert [r["Id"] for r in rows] == sorted(made), "ids are in order of their characters"
        assert "nextRecordsUrl" not in far.get(first["nextRecordsUrl"].replace("-3", "-6")).json()


def test_a_cursor_keeps_who_was_found_and_shows_them_as_they_are_now() -> None:
    with opened(Options(page_size=2)) as far:
        ids = [far.desk.add("Lead", LastName=f"v{n}") for n in range(4)]
        first = far.query("SELECT Id, LastName FROM Lead WHERE LastName LIKE 'v%' ORDER BY Id")
        far.desk.change("Lead", ids[3], LastName="renamed")
        far.desk.add("Lead", LastName="v9")
        second = far.get(first["nextRecordsUrl"]).json()
        assert [r["LastName"] for r in second["records"]] == ["v2", "renamed"]
        assert second["done"]


def test_a_cursor_is_gone_after_two_days() -> None:
    with opened(Options(page_size=1)) as far:
        for n in range(2):
            far.desk.add("Lead", LastName=f"v{n}")
        path = far.query("SELECT Id FROM Lead")["nextRecordsUrl"]
        assert far.get(path).status_code == 200
        far.clock.pass_(172_801)
        far.sign_in()
        assert refusals(far.get(path)) == [(400, "INVALID_QUERY_LOCATOR")]
        assert refusals(far.get("query/0r8000000000000-2000")) == [(400, "INVALID_QUERY_LOCATOR")]


@pytest.mark.parametrize(
    ("fields", "header", "size"),
    [("Id", None, 450), ("Id", 300, 300), ("Id", 10, 200), ("Id, A__c", None, 450), ("Id, A__c, B__c", None, 200)],
)
def test_a_page_is_smaller_by_wish_or_with_two_long_texts(far: Far, fields: str, header: int | None, size: int) -> None:
    far.desk.define_field("Lead", "A__c", "LongTextArea")
    far.desk.define_field("Lead", "B__c", "LongTextArea")
    for n in range(450):
        far.desk.add("Lead", LastName=f"v{n}")
    headers = {"Sforce-Query-Options": f"batchSize={header}"} if header else {}
    said = far.get("query", params={"q": f"SELECT {fields} FROM Lead"}, headers=headers).json()
    assert len(said["records"]) == size


def test_the_deleted_and_merged_are_found_by_query_all_for_fifteen_days(far: Far, people: dict[str, str]) -> None:
    far.desk.delete("Lead", people["Abe"])
    far.desk.merge("Lead", people["baba"], people["Doi"])
    text = "SELECT Id, IsDeleted, MasterRecordId FROM Lead WHERE IsDeleted = true ORDER BY Id"
    assert far.rows(text) == []
    gone = far.rows(text, "queryAll")
    assert [(r["Id"], r["MasterRecordId"]) for r in gone] == [
        (people["Abe"], None),
        (people["baba"], people["Doi"]),
    ]
    assert len(far.rows("SELECT Id FROM Lead")) == 2
    far.clock.pass_(16 * 86_400)
    far.sign_in()
    assert far.rows(text, "queryAll") == []


def test_old_closed_tasks_and_old_events_are_archived(far: Far, people: dict[str, str]) -> None:
    for year in (2024, 2026):
        far.desk.add_event("Task", people["Abe"], ActivityDate=f"{year}-11-01", Subject=str(year))
        at = f"{year}-11-01T01:00:00Z"
        far.desk.add_event("Event", people["Abe"], ActivityDateTime=at, ActivityDate=at[:10], EndDateTime=at)
    for name in ("Task", "Event"):
        assert len(far.rows(f"SELECT Id FROM {name}")) == 1
        told = far.rows(f"SELECT IsArchived FROM {name} ORDER BY ActivityDate", "queryAll")
        assert [r["IsArchived"] for r in told] == [True, False]


def test_too_long_an_address_is_refused_before_it_is_read(far: Far) -> None:
    ids = ",".join(f"'{'0' * 18}'" for _ in range(900))
    assert far.get("query", params={"q": f"SELECT Id FROM Lead WHERE Id IN ({ids})"}).status_code == 414


def test_columns_are_told_to_the_command_line_client(far: Far, people: dict[str, str]) -> None:
    params = {"q": "SELECT Id, Owner.Name, Owner.Email FROM Lead", "columns": "true"}
    told = far.get("query", params=params).json()["columnMetadata"]
    assert [(c["columnName"], [j["columnName"] for j in c["joinColumns"]]) for c in told] == [
        ("Id", []),
        ("Owner", ["Name", "Email"]),
    ]

"""Bulk 2.0: jobs go on by the clock, results come as CSV in an order of their own."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from adapters.salesforce.sandbox import Options
from adapters.salesforce.sandbox.ids import whole_id
from adapters.salesforce.sandbox.org import QUEUE_ID, REP_ID
from tests.unit.salesforce_sandbox.far import Far, opened, refusals


@pytest.fixture
def far() -> Iterator[Far]:
    with opened(Options(bulk_page=3, bulk_seconds=10)) as one:
        one.desk.define_field("Lead", "Score__c", "Number", precision=5, scale=2)
        yield one


@pytest.fixture
def ids(far: Far) -> list[str]:
    return [far.desk.add("Lead", LastName=f"v{n}", Title='部長, "長"\n二行') for n in range(7)]


def table(answer: requests.Response) -> list[list[str]]:
    assert answer.status_code == 200, answer.text
    return list(csv.reader(io.StringIO(answer.content.decode(), newline="")))


# ---- queries ---------------------------------------------------------------------------------------------------------


def begin_query(far: Far, text: str, operation: str = "query") -> str:
    answer = far.call("POST", "jobs/query", json={"operation": operation, "query": text})
    assert answer.status_code == 200, answer.text
    assert answer.json()["state"] == "UploadComplete"
    return str(answer.json()["id"])


def test_a_query_job_goes_on_by_the_clock(far: Far, ids: list[str]) -> None:
    job = begin_query(far, "SELECT Id FROM Lead")
    assert job.startswith("750") and whole_id(job) == job
    seen = []
    for _ in range(4):
        told = far.get(f"jobs/query/{job}").json()
        seen.append(told["state"])
        if told["state"] != "JobComplete":
            assert refusals(far.get(f"jobs/query/{job}/results")) == [(412, "JOB_NOT_COMPLETE")]
        far.clock.pass_(4)
    assert seen == ["UploadComplete", "InProgress", "InProgress", "JobComplete"]
    assert far.get(f"jobs/query/{job}").json()["numberRecordsProcessed"] == 7


def test_results_come_in_pages_whose_end_is_the_word_null(far: Far, ids: list[str]) -> None:
    job = begin_query(far, "SELECT Id, Title FROM Lead")
    far.clock.pass_(10)
    found, locator, counts = [], None, []
    while locator != "null":
        params = {"maxRecords": "50000", **({"locator": locator} if locator else {})}
        answer = far.get(f"jobs/query/{job}/results", params=params)
        header, *rows = table(answer)
        assert header == ["Id", "Title"]
        found += rows
        locator = answer.headers["Sforce-Locator"]
        counts.append(int(answer.headers["Sforce-NumberOfRecords"]))
    assert counts == [3, 3, 1], "never more than the server likes, whatever is asked for"
    assert sorted(row[0] for row in found) == sorted(ids)
    assert [row[0] for row in found] != ids, "without ORDER BY no order is promised"
    assert found[0][1] == '部長, "長"\n二行'


def test_values_are_text_as_bulk_writes_it(far: Far, ids: list[str]) -> None:
    far.desk.change("Lead", ids[0], Score__c=5, FirstName=None)
    fields = "Id, Score__c, FirstName, IsConverted, CreatedDate, Owner.Name, NumberOfEmployees"
    job = begin_query(far, f"SELECT {fields} FROM Lead WHERE Score__c != null")
    far.clock.pass_(10)
    answer = far.get(f"jobs/query/{job}/results")
    assert answer.content.startswith(b'"Id","Score__c"')
    header, row = table(answer)
    assert header == fields.split(", ")
    assert row == [ids[0], "5.0", "", "false", "2026-11-24T00:00:00.000Z", "営業担当", ""]


def test_who_comes_after_the_job_began_is_not_in_it_and_nobody_is_no_error(far: Far, ids: list[str]) -> None:
    job = begin_query(far, "SELECT Id FROM Lead")
    nobody = begin_query(far, "SELECT Id FROM Lead WHERE LastName = 'nobody'")
    far.desk.add("Lead", LastName="late")
    far.clock.pass_(10)
    assert far.get(f"jobs/query/{job}").json()["numberRecordsProcessed"] == 7
    answer = far.get(f"jobs/query/{nobody}/results")
    assert table(answer) == [["Id"]]
    assert (answer.headers["Sforce-NumberOfRecords"], answer.headers["Sforce-Locator"]) == ("0", "null")


def test_query_all_jobs_find_the_deleted(far: Far, ids: list[str]) -> None:
    far.desk.delete("Lead", ids[0])
    job = begin_query(far, "SELECT Id FROM Lead WHERE IsDeleted = true", "queryAll")
    far.clock.pass_(10)
    assert table(far.get(f"jobs/query/{job}/results"))[1:] == [[ids[0]]]


def test_pages_may_be_read_side_by_side(far: Far, ids: list[str]) -> None:
    job = begin_query(far, "SELECT Id FROM Lead")
    far.clock.pass_(10)
    told = far.get(f"jobs/query/{job}/resultPages").json()
    assert told["done"] is True
    found = [row[0] for page in told["resultPages"] for row in table(far.get(page["resultUrl"]))[1:]]
    assert sorted(found) == sorted(ids)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("SELECT Id, Address FROM Lead", "FUNCTIONALITY_NOT_ENABLED"),
        ("SELECT COUNT(Id) FROM Lead", "FEATURENOTENABLED"),
        ("SELECT Id FROM Lead LIMIT 5 OFFSET 2", "FEATURENOTENABLED"),
        ("SELECT Nope FROM Lead", "API_ERROR"),
        ("SELECT Id FROM Nothing", "API_ERROR"),
    ],
)
def test_what_bulk_does_not_take_is_refused_at_once(far: Far, text: str, code: str) -> None:
    answer = far.call("POST", "jobs/query", json={"operation": "query", "query": text})
    assert refusals(answer) == [(400, code)]


def test_results_need_the_version_the_job_was_made_with_and_jobs_end(far: Far, ids: list[str]) -> None:
    job = begin_query(far, "SELECT Id FROM Lead")
    far.clock.pass_(10)
    assert far.get(f"/services/data/v62.0/jobs/query/{job}/results").status_code == 409
    assert [j["id"] for j in far.get("jobs/query").json()["records"]] == [job]
    far.clock.pass_(8 * 86_400)
    far.sign_in()
    assert far.get(f"jobs/query/{job}").status_code == 404


# ---- ingest ----------------------------------------------------------------------------------------------------------


def ingest(far: Far, text: str, *, start: bool = True, **job: Any) -> str:
    body = {"object": "Lead", "operation": "update", "contentType": "CSV", "lineEnding": "LF", **job}
    told = far.call("POST", "jobs/ingest", json=body).json()
    assert told["state"] == "Open"
    assert told["contentUrl"] == f"services/data/v67.0/jobs/ingest/{told['id']}/batches", "no slash before it"
    assert isinstance(told["apiVersion"], float)
    upload = far.call("PUT", "/" + told["contentUrl"], data=iter([text.encode()]), headers={"Content-Type": "text/csv"})
    assert (upload.status_code, upload.content) == (201, b"")
    if start:
        finish(far, told["id"])
    return str(told["id"])


def finish(far: Far, job: str) -> None:
    assert far.call("PATCH", f"jobs/ingest/{job}", json={"state": "UploadComplete"}).status_code == 200
    far.clock.pass_(10)


def results(far: Far, job: str) -> list[list[list[str]]]:
    names = ("successfulResults", "failedResults", "unprocessedrecords")
    return [table(far.get(f"jobs/ingest/{job}/{name}")) for name in names]


def test_every_row_of_a_job_is_answered_in_one_of_three_files(far: Far, ids: list[str]) -> None:
    far.weather.poison(ids[2])
    rows = "".join(f"{i},{n}.5\n" for n, i in enumerate(ids))
    job = ingest(far, f"Id,Score__c\n{rows}")
    told = far.get(f"jobs/ingest/{job}").json()
    assert (told["state"], told["numberRecordsProcessed"], told["numberRecordsFailed"]) == ("JobComplete", 7, 1)
    good, bad, left = results(far, job)
    assert good[0] == ["sf__Id", "sf__Created", "Id", "Score__c"]
    assert bad[0] == ["sf__Id", "sf__Error", "Id", "Score__c"]
    assert left == [["Id", "Score__c"]]
    assert [r[0] for r in good[1:]] != [i for i in ids if i != ids[2]], "rows come in another order"
    assert {r[0]: r[3] for r in good[1:]} == {i: f"{n}.5" for n, i in enumerate(ids) if n != 2}
    assert bad[1][0] == ids[2]
    assert bad[1][1].startswith("FIELD_CUSTOM_VALIDATION_EXCEPTION:") and bad[1][1].endswith("--")
    assert far.desk.shown("Lead", ids[6])["Score__c"] == "6.5"


def test_our_headers_are_quoted_the_others_are_not_and_values_are(far: Far, ids: list[str]) -> None:
    job = ingest(far, f"Id,Score__c\n{ids[0]},1\n")
    lines = far.get(f"jobs/ingest/{job}/SUCCESSFULRESULTS").content.decode().split("\n")
    assert lines[0] == '"sf__Id","sf__Created",Id,Score__c'
    assert lines[1] == f'"{ids[0]}","false","{ids[0]}","1"'


@pytest.mark.parametrize("charset", [True, False])
def test_whether_results_name_their_charset_varies(charset: bool) -> None:
    with opened(Options(charset=charset, bulk_seconds=1)) as far:
        job = begin_query(far, "SELECT Id FROM Lead")
        far.clock.pass_(1)
        kind = far.get(f"jobs/query/{job}/results").headers["Content-Type"]
        assert kind == ("text/csv; charset=UTF-8" if charset else "text/csv")


def test_an_empty_cell_leaves_a_field_and_na_blanks_it(far: Far, ids: list[str]) -> None:
    ingest(far, f"Id,Score__c,Title\n{ids[0]},1,\n{ids[1]},,#N/A\n")
    assert (far.desk.shown("Lead", ids[0])["Title"] or "").startswith("部長")
    assert far.desk.shown("Lead", ids[1])["Title"] is None
    assert far.desk.shown("Lead", ids[1])["Score__c"] is None


def test_nothing_runs_before_it_is_told_to(far: Far, ids: list[str]) -> None:
    job = ingest(far, f"Id,Score__c\n{ids[0]},1\n", start=False)
    far.clock.pass_(3_600)
    assert far.get(f"jobs/ingest/{job}").json()["state"] == "Open"
    assert far.desk.shown("Lead", ids[0])["Score__c"] is None
    finish(far, job)
    far.get("limits")
    assert far.desk.shown("Lead", ids[0])["Score__c"] == "1", "a job runs whether or not somebody polls it"


@pytest.mark.parametrize(
    ("text", "job", "message"),
    [
        ("Id,Nope__c\n{id},1\n", {}, "InvalidBatch : Field name not found : Nope__c"),
        ("\ufeffId,Score__c\n{id},1\n", {}, "InvalidBatch : Field name not found : \ufeffId"),
        ("Id,Score__c\r\n{id},1\r\n", {}, "InvalidBatch : LineEnding is invalid on user data"),
        ("Id,Score__c\n{id},1\n", {"lineEnding": "CRLF"}, "InvalidBatch : LineEnding is invalid on user data"),
        ("Id,Score__c\n{id}\n", {}, "InvalidBatch : The number of columns"),
    ],
)
def test_a_bad_file_fails_the_job(far: Far, ids: list[str], text: str, job: dict[str, str], message: str) -> None:
    made = ingest(far, text.format(id=ids[0]), **job)
    told = far.get(f"jobs/ingest/{made}").json()
    assert told["state"] == "Failed"
    assert told["errorMessage"].startswith(message)
    assert len(results(far, made)[2]) == 2, "the row stands among the unprocessed"
    assert far.desk.shown("Lead", ids[0])["Score__c"] is None


def test_a_failed_job_is_not_rolled_back(far: Far, ids: list[str]) -> None:
    far.weather.stop_bulk_after(2)
    job = ingest(far, "Id,Score__c\n" + "".join(f"{i},1\n" for i in ids))
    told = far.get(f"jobs/ingest/{job}").json()
    assert (told["state"], told["numberRecordsProcessed"]) == ("Failed", 2)
    good, bad, left = results(far, job)
    assert (len(good) - 1, len(bad) - 1, len(left) - 1) == (2, 0, 5)
    assert [far.desk.shown("Lead", i)["Score__c"] for i in ids[:3]] == ["1", "1", None]


def test_delimiters_endings_and_operations_are_the_jobs_own(far: Far, ids: list[str]) -> None:
    text = f"Id;Score__c\r\n{ids[0]};2\r\n"
    job = ingest(far, text, columnDelimiter="SEMICOLON", lineEnding="CRLF")
    assert far.get(f"jobs/ingest/{job}/successfulResults").content.decode().endswith('"2"\r\n')
    made = ingest(far, "LastName,Company,OwnerId\nnew,C,\n,C,\n", operation="insert")
    good, bad, _ = results(far, made)
    assert good[1][1] == "true" and far.desk.shown("Lead", good[1][0])["LastName"] == "new"
    assert bad[1][1].startswith("REQUIRED_FIELD_MISSING:")
    ingest(far, f"Id\n{ids[3]}\n", operation="delete")
    assert far.desk.shown("Lead", ids[3])["IsDeleted"] == "true"


def test_errors_of_rows_are_the_same_as_by_rest(far: Far, ids: list[str]) -> None:
    far.desk.delete("Lead", ids[0])
    far.desk.convert(ids[1])
    rows = f"{ids[0]},1\n{ids[1]},1\n{ids[2]},2026\nnonsense,1\n,1\n"
    _, bad, _ = results(far, ingest(far, f"Id,Score__c\n{rows}"))
    assert sorted(r[1].partition(":")[0] for r in bad[1:]) == [
        "CANNOT_UPDATE_CONVERTED_LEAD", "ENTITY_IS_DELETED", "MALFORMED_ID", "MISSING_ARGUMENT",
        "NUMBER_OUTSIDE_VALID_RANGE",
    ]  # fmt: skip


def test_the_assignment_rule_runs_only_when_the_job_names_it(far: Far, ids: list[str]) -> None:
    ingest(far, f"Id,Score__c\n{ids[0]},1\n")
    ingest(far, f"Id,Score__c\n{ids[1]},1\n", assignmentRuleId="01Q000000000001AAA")
    assert [far.desk.shown("Lead", i)["OwnerId"] for i in ids[:2]] == [REP_ID, QUEUE_ID]


def test_one_form_creates_uploads_and_starts(far: Far, ids: list[str]) -> None:
    job = '{"object":"Lead","operation":"update","contentType":"CSV"}'
    files = {
        "job": (None, job, "application/json"),
        "content": ("content", f"Id,Score__c\n{ids[0]},3\n", "text/csv"),
    }
    told = far.call("POST", "jobs/ingest", files=files).json()
    assert told["state"] == "UploadComplete"
    far.clock.pass_(10)
    assert far.get(f"jobs/ingest/{told['id']}").json()["numberRecordsProcessed"] == 1


def test_a_job_is_moved_only_where_it_may_go(far: Far, ids: list[str]) -> None:
    job = ingest(far, f"Id,Score__c\n{ids[0]},1\n", start=False)
    again = far.call("PUT", f"jobs/ingest/{job}/batches", data=b"Id\n")
    assert refusals(again) == [(400, "CLIENTINPUTERROR")]
    assert far.call("PATCH", f"jobs/ingest/{job}", json={"state": "Aborted"}).json()["state"] == "Aborted"
    stopped = far.call("PATCH", f"jobs/ingest/{job}", json={"state": "UploadComplete"})
    assert refusals(stopped) == [(400, "INVALIDJOBSTATE")]
    answer = far.call("DELETE", f"jobs/ingest/{job}")
    assert (answer.status_code, answer.content) == (204, b"")
    assert far.get(f"jobs/ingest/{job}").status_code == 404
    for wrong in ({"object": "Nothing"}, {"operation": "explode"}, {"columnDelimiter": "SPACE"}):
        body = {"object": "Lead", "operation": "update", **wrong}
        assert far.call("POST", "jobs/ingest", json=body).status_code == 400

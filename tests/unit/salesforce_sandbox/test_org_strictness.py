"""What Salesforce refuses or does without being asked, where a kinder sandbox would hide a fault of ours."""

from __future__ import annotations

import csv
import io

from adapters.salesforce.sandbox import Options
from tests.unit.salesforce_sandbox.far import Far, opened, refusals


def begun(far: Far, data: bytes, **more: object) -> str:
    """An update job of leads, uploaded."""
    job = far.call("POST", "jobs/ingest", json={"object": "Lead", "operation": "update", **more}).json()["id"]
    assert far.call("PUT", f"jobs/ingest/{job}/batches", data=data).status_code == 201
    return str(job)


def release(far: Far, job: str, state: str = "UploadComplete") -> None:
    assert far.call("PATCH", f"jobs/ingest/{job}", json={"state": state}).status_code == 200


def rows(far: Far, job: str, name: str) -> list[list[str]]:
    answer = far.get(f"jobs/ingest/{job}/{name}")
    return list(csv.reader(io.StringIO(answer.content.decode(), newline="")))


def test_an_address_is_refused_by_its_length_and_headers_count_too(far: Far) -> None:
    assert refusals(far.get("query?q=" + "x" * 17_000)) == [(414, "URI_TOO_LONG")]
    answer = far.get("limits", headers={"X-Long": "x" * 17_000})
    assert refusals(answer) == [(431, "REQUEST_HEADER_FIELDS_TOO_LARGE")]


def test_a_session_may_be_good_and_not_for_rest(far: Far) -> None:
    far.weather.bar_sessions()
    answer = far.get("limits")
    assert refusals(answer) == [(401, "INVALID_SESSION_ID")]
    assert answer.json()[0]["message"] == "This session is not valid for use with the REST API"
    assert "Sforce-Limit-Info" not in answer.headers


def test_an_assignment_rule_mails_people_besides(far: Far) -> None:
    who = far.desk.add("Lead", LastName="山田")
    far.patch({"id": who, "Title": "部長"})
    assert far.sandbox.org.memory.mails == []
    far.patch({"id": who, "Title": "課長"}, quiet=False)
    assert far.sandbox.org.memory.mails == [who]


def test_rows_of_a_stopped_job_are_unprocessed_and_untouched(far: Far) -> None:
    who = far.desk.add("Lead", LastName="山田", Title="前")
    job = begun(far, f'"Id","Title"\n"{who}","後"\n'.encode())
    release(far, job)
    release(far, job, "Aborted")
    far.clock.pass_(1_000)
    assert rows(far, job, "unprocessedrecords") == [["Id", "Title"], [who, "後"]]
    assert rows(far, job, "successfulResults")[1:] == rows(far, job, "failedResults")[1:] == []
    assert far.desk.shown("Lead", who)["Title"] == "前"


def test_a_job_that_is_not_released_never_runs(far: Far) -> None:
    who = far.desk.add("Lead", LastName="山田", Title="前")
    job = begun(far, f'"Id","Title"\n"{who}","後"\n'.encode())
    far.clock.pass_(7_000)
    assert far.get(f"jobs/ingest/{job}").json()["state"] == "Open"
    assert far.desk.shown("Lead", who)["Title"] == "前"


def test_a_cell_of_more_than_32000_characters_fails_the_job(far: Far) -> None:
    who = far.desk.add("Lead", LastName="山田")
    job = begun(far, f'"Id","Description"\n"{who}","{"x" * 32_001}"\n'.encode())
    release(far, job)
    far.clock.pass_(60)
    assert far.get(f"jobs/ingest/{job}").json()["state"] == "Failed"


def test_an_upload_that_is_too_large_is_refused() -> None:
    with opened(Options(bulk_upload_bytes=100)) as far:
        job = far.call("POST", "jobs/ingest", json={"object": "Lead", "operation": "update"}).json()["id"]
        answer = far.call("PUT", f"jobs/ingest/{job}/batches", data=b"x" * 101)
        assert refusals(answer) == [(413, "REQUEST_ENTITY_TOO_LARGE")]


def test_rough_results_have_capitals_nul_bytes_and_no_file_where_it_would_be_empty() -> None:
    with opened(Options(rough_results=True)) as far:
        who = far.desk.add("Lead", LastName="山田")
        job = begun(far, f'"Id","Title"\n"{who}","部長"\n'.encode())
        release(far, job)
        read = far.call("POST", "jobs/query", json={"operation": "query", "query": "SELECT Id, Title FROM Lead"})
        far.clock.pass_(60)
        assert far.get(f"jobs/ingest/{job}/failedResults").status_code == 204
        assert rows(far, job, "successfulResults")[0][:2] == ["SF__ID", "SF__CREATED"]
        assert far.get(f"jobs/query/{read.json()['id']}/results").content.count(b"\0") == 2


def test_records_that_sharing_hides_are_neither_found_nor_told_as_deleted(far: Far) -> None:
    seen, hidden = (far.desk.add("Lead", LastName="山田") for _ in range(2))
    far.weather.lose_sight(hidden)
    assert far.rows("SELECT Id FROM Lead") == far.rows("SELECT Id FROM Lead", "queryAll") == [{"Id": seen}]
    assert far.get(f"sobjects/Lead/{hidden}").status_code == 404
    (told,) = far.patch({"id": hidden, "Title": "部長"}).json()
    assert told["errors"][0]["statusCode"] == "INVALID_CROSS_REFERENCE_KEY"
    far.weather.lose_sight()
    assert len(far.rows("SELECT Id FROM Lead")) == 2

"""Bulk jobs: the same rows and answers as by pages and calls, whatever breaks on the way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from adapters.salesforce import bulk
from adapters.salesforce.sandbox.options import Options
from adapters.salesforce.session import Link
from adapters.sandbox.server import Tls
from connector.errors import Unavailable
from connector.model import Change, Ref
from connector.testing import Notebook
from connector.testing.reading import SETTLED
from connector.testing.writing import change_of, shows
from tests.contracts.salesforce.world import SalesforceWorld, opened

JOBS = {"bulk_read_from": 4, "bulk_write_from": 4}


@pytest.fixture
def org(salesforce_tls: Tls) -> Iterator[SalesforceWorld]:
    with opened(salesforce_tls, options=Options(bulk_page=3, page_size=3, smallest_page=1, long_text_page=3)) as world:
        yield world


def crowd(org: SalesforceWorld, count: int = 8, **fields: Any) -> list[str]:
    made = [org.add_person(Title=f"v{n}", NumberOfEmployees=n, **fields) for n in range(count)]
    org.let_time_pass(SETTLED)
    return made


class Died(BaseException):
    """The process is killed."""


def dying(crm: Any) -> None:
    """The next time this adapter waits, its process dies."""

    def die(seconds: float) -> None:
        raise Died

    crm.link.sleep = die


def records(told: Notebook) -> dict[str, dict[str, str | None]]:
    return {ref.id: dict(r.fields) for ref, r in told.people.items()}


def test_a_job_tells_the_same_rows_as_pages(org: SalesforceWorld) -> None:
    ids = crowd(org, LastName='say "x",\nand 改行')
    org.desk.change("Lead", ids[0], Title=None, Leadheat_Hot__c=True, Leadheat_Reasons__c='一行目\n二行目, "引用"')
    for id_ in ids:
        org.desk.add_event("CampaignMember", id_)
    org.let_time_pass(SETTLED)
    told = []
    for settings in ({}, JOBS):
        crm = org.open(**settings)
        told.append(Notebook().read(crm))
        assert ("bulk" in crm.calls()) is bool(settings)
        crm.close()
    assert records(told[0]) == records(told[1])
    assert len(told[0].people) == 8
    assert told[0].events == told[1].events


def test_stopping_after_any_page_of_a_job_and_resuming_loses_nothing(org: SalesforceWorld) -> None:
    made = set(crowd(org))
    pages = Notebook().read(org.open(**JOBS)).pages
    for stop in range(1, pages + 1):
        told = Notebook().read(org.open(**JOBS), pages=stop)
        told.read(org.open(**JOBS))
        assert {ref.id for ref in told.people} == made, f"stopped after page {stop}"


def test_a_crash_while_a_job_runs_does_not_begin_another(org: SalesforceWorld) -> None:
    crowd(org)
    told = Notebook().read(org.open(**JOBS), pages=1)
    crm = org.open(**JOBS)
    told.read(crm)
    crm.close()
    assert len(told.people) == 8
    assert len(org.sandbox.org.state.all("job") or org.sandbox.org.state.all("Job")) <= 1


def test_a_job_that_salesforce_dropped_is_begun_again(org: SalesforceWorld) -> None:
    made = set(crowd(org))
    told = Notebook().read(org.open(**JOBS), pages=1)
    told.cursor = (told.cursor or "").replace('"job":"750', '"job":"75x')
    told.read(org.open(**JOBS))
    assert {ref.id for ref in told.people} == made


def test_a_job_that_is_never_done_ends_the_pass_and_is_waited_for_by_the_next(salesforce_tls: Tls) -> None:
    with opened(salesforce_tls, options=replace(Options(page_size=3, smallest_page=1), bulk_seconds=1_000)) as org:
        crowd(org)
        told = Notebook()
        with pytest.raises(Unavailable):
            told.read(org.open(job_patience=60.0, **JOBS))
        org.let_time_pass(1_000)
        told.read(org.open(**JOBS))
        assert len(told.people) == 8


def test_a_large_result_is_told_in_parts_and_taken_up_in_the_middle(
    org: SalesforceWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "CHUNK", 2)
    made = set(crowd(org))
    pages = Notebook().read(org.open(**JOBS)).pages
    assert pages >= 5
    for stop in range(1, pages + 1):
        told = Notebook().read(org.open(**JOBS), pages=stop)
        told.read(org.open(**JOBS))
        assert {ref.id for ref in told.people} == made, f"stopped after page {stop}"


# ---- writing -------------------------------------------------------------------------------------------------------


def test_many_changes_are_written_by_one_job_and_answered_in_order(org: SalesforceWorld) -> None:
    ids = crowd(org)
    org.weather.poison(ids[1])
    org.desk.delete("Lead", ids[2])
    crm = org.open(**JOBS)
    changes = [change_of(org, i, score=n, hot=n > 3, top_reason='料金, "ページ"\n二行目') for n, i in enumerate(ids)]
    receipts = crm.push(changes)
    assert crm.calls()["bulk_write"] <= 12 and "write" not in crm.calls()
    crm.close()
    assert [r.ref for r in receipts] == [c.ref for c in changes]
    assert [r.status for r in receipts] == ["written", "refused", "gone", *["written"] * 5]
    assert receipts[1].code == "FIELD_CUSTOM_VALIDATION_EXCEPTION"
    assert all(shows(org, i, score=n, hot=n > 3) for n, i in enumerate(ids) if n not in {1, 2})


def test_a_job_blanks_what_is_none_and_leaves_the_rest(org: SalesforceWorld) -> None:
    ids = crowd(org)
    org.open().push([change_of(org, i, score=1, top_reason="x") for i in ids])
    crm = org.open(**JOBS)
    changes = [change_of(org, i, top_reason=None) if n % 2 else change_of(org, i, score=5) for n, i in enumerate(ids)]
    assert {r.status for r in crm.push(changes)} == {"written"}
    crm.close()
    assert all(shows(org, i, score=5, top_reason="x") for i in ids[::2])
    assert all(shows(org, i, score=1, top_reason=None) for i in ids[1::2])


def test_rows_of_a_job_that_never_ran_are_told_so(org: SalesforceWorld) -> None:
    ids = crowd(org)
    org.sandbox.weather.stop_bulk_after(3)
    crm = org.open(**JOBS)
    receipts = crm.push([change_of(org, i, score=9) for i in ids])
    crm.close()
    assert [r.status for r in receipts].count("written") == 3
    assert {r.code for r in receipts if r.status != "written"} == {"NOT_PROCESSED"}


def test_a_job_never_fires_the_assignment_rule(org: SalesforceWorld) -> None:
    ids = crowd(org)
    owners = [org.shown(i)["OwnerId"] for i in ids]
    org.open(**JOBS).push([change_of(org, i, score=9) for i in ids])
    assert [org.shown(i)["OwnerId"] for i in ids] == owners


def test_a_job_for_contacts_is_their_own(org: SalesforceWorld) -> None:
    ids = [org.desk.add("Contact", LastName="山田") for _ in range(6)]
    crm = org.open(**JOBS)
    changes = [Change(Ref(org.connection, "Contact", i), {}, {"Leadheat_Score__c": 4}) for i in ids]
    assert {r.status for r in crm.push(changes)} == {"written"}
    crm.close()
    assert {org.desk.shown("Contact", i)["Leadheat_Score__c"] for i in ids} == {"4"}


def test_more_than_an_upload_may_hold_goes_by_several_jobs(
    org: SalesforceWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "UPLOAD", 200)
    ids = crowd(org)
    crm = org.open(**JOBS)
    assert {r.status for r in crm.push([change_of(org, i, score=n) for n, i in enumerate(ids)])} == {"written"}
    crm.close()
    assert all(shows(org, i, score=n) for n, i in enumerate(ids))
    assert len(org.sandbox.org.state.all("upload")) > 1


@pytest.mark.parametrize("charset", [True, False])
def test_results_as_rough_as_they_have_been_seen_are_read_the_same(salesforce_tls: Tls, charset: bool) -> None:
    options = Options(bulk_page=3, page_size=3, smallest_page=1, rough_results=True, charset=charset)
    with opened(salesforce_tls, options=options) as org:
        ids = crowd(org, LastName="改\r\n行")
        assert records(Notebook().read(org.open(**JOBS))) == records(Notebook().read(org.open()))
        crm = org.open(**JOBS)
        assert {r.status for r in crm.push([change_of(org, i, score=9) for i in ids])} == {"written"}
        crm.close()


def test_a_job_that_takes_too_long_is_stopped_and_its_rows_are_told_so(salesforce_tls: Tls) -> None:
    with opened(salesforce_tls, options=Options(bulk_seconds=1_000)) as org:
        ids = crowd(org)
        crm = org.open(job_patience=60.0, **JOBS)
        receipts = crm.push([change_of(org, i, score=9) for i in ids])
        crm.close()
        org.let_time_pass(2_000)
        assert all(shows(org, i, score=None) for i in ids)
    assert [(r.status, r.code) for r in receipts] == [("refused", "NOT_PROCESSED")] * len(ids)


def test_what_a_dead_run_left_running_is_waited_for_before_anything_is_read(salesforce_tls: Tls) -> None:
    with opened(salesforce_tls, options=Options(bulk_seconds=60)) as org:
        ids = crowd(org)
        dead = org.open(**JOBS)
        dying(dead)
        with pytest.raises(Died):
            dead.push([change_of(org, i, score=9) for i in ids])
        dead.close()
        crm = org.open(**JOBS)
        told = Notebook().read(crm)
        assert {one["Leadheat_Score__c"] for one in records(told).values()} == {"9"}
        assert {r.status for r in crm.push([change_of(org, i, score=10) for i in ids])} == {"written"}
        org.let_time_pass(1_000)
        crm.close()
        assert all(shows(org, i, score=10) for i in ids)


def test_a_job_of_somebody_else_is_not_waited_for(salesforce_tls: Tls, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(salesforce_tls, options=Options(bulk_seconds=1_000)) as org:
        ids = crowd(org)
        dead = org.open(**JOBS)
        dying(dead)
        with pytest.raises(Died):
            dead.push([change_of(org, i, score=9) for i in ids])
        dead.close()
        monkeypatch.setattr(Link, "who", lambda link: {"user_id": "005000000000001"})
        slept = org.clock.slept
        crm = org.open()
        assert {one["Leadheat_Score__c"] for one in records(Notebook().read(crm)).values()} == {None}
        crm.close()
        assert org.clock.slept == slept


def test_a_job_left_behind_that_does_not_end_ends_the_pass(salesforce_tls: Tls) -> None:
    with opened(salesforce_tls, options=Options(bulk_seconds=1_000)) as org:
        ids = crowd(org)
        dead = org.open(**JOBS)
        dying(dead)
        with pytest.raises(Died):
            dead.push([change_of(org, i, score=9) for i in ids])
        dead.close()
        crm = org.open(job_patience=60.0, **JOBS)
        with pytest.raises(Unavailable):
            Notebook().read(crm)
        crm.close()


def test_a_user_without_bulk_writes_by_calls(org: SalesforceWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = crowd(org)
    monkeypatch.setattr(bulk, "INGEST", "jobs/nowhere")
    crm = org.open(**JOBS)
    assert {r.status for r in crm.push([change_of(org, i, score=9) for i in ids])} == {"written"}
    assert crm.calls()["write"] == 1
    crm.close()

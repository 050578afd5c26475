"""Writing to Salesforce: rows that are locked, refused, converted or named twice, and calls that fail as a whole."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.salesforce.bulk import to_csv
from adapters.salesforce.push import _cell
from connector.errors import AccessDenied, QuotaSpent
from connector.model import Change, Receipt
from connector.testing.reading import SETTLED
from connector.testing.writing import change_of, shows
from tests.contracts.salesforce.world import START, SalesforceWorld


def push(org: SalesforceWorld, changes: list[Change], **settings: Any) -> list[Receipt]:
    crm = org.open(**settings)
    try:
        return list(crm.push(changes))
    finally:
        crm.close()


def test_a_locked_row_is_tried_again_by_itself(org: SalesforceWorld) -> None:
    free, locked = org.add_person(), org.add_person()
    org.sandbox.weather.lock(locked, 2)
    before = org.clock.slept
    receipts = push(org, [change_of(org, free, score=1), change_of(org, locked, score=2)])
    assert [r.status for r in receipts] == ["written", "written"]
    assert org.clock.slept > before


def test_a_row_locked_for_good_is_refused_in_the_end(org: SalesforceWorld) -> None:
    locked = org.add_person()
    org.sandbox.weather.lock(locked, 1_000)
    (receipt,) = push(org, [change_of(org, locked, score=2)])
    assert (receipt.status, receipt.code) == ("refused", "UNABLE_TO_LOCK_ROW")


def test_a_lead_that_was_converted_meanwhile_is_gone(org: SalesforceWorld) -> None:
    who = org.add_person()
    org.convert(who)
    (receipt,) = push(org, [change_of(org, who, score=2)])
    assert (receipt.status, receipt.code) == ("gone", "CANNOT_UPDATE_CONVERTED_LEAD")


def test_a_row_that_spoils_its_call_stands_alone_in_the_end(org: SalesforceWorld) -> None:
    ids = [org.add_person() for _ in range(5)]
    changes = [change_of(org, i, score=3) for i in ids]
    changes[2] = change_of(org, "not-an-id", score=3)
    receipts = push(org, changes)
    assert [r.status == "written" for r in receipts] == [True, True, False, True, True]


def test_a_record_named_twice_gets_both_changes(org: SalesforceWorld) -> None:
    who = org.add_person()
    receipts = push(org, [change_of(org, who, score=1, band="cold"), change_of(org, who, score=2)])
    assert [r.status for r in receipts] == ["written", "written"]
    assert shows(org, who, score=2, band="cold")


def test_a_field_that_is_not_ours_or_is_hidden_is_refused_and_nothing_sent(org: SalesforceWorld) -> None:
    who = org.add_person(Title="theirs")
    org.desk.hide_field("Lead", "Leadheat_Score__c")
    ref = change_of(org, who).ref
    receipts = push(org, [Change(ref, {}, {"Title": "ours"}), Change(ref, {}, {"Leadheat_Score__c": 1})])
    assert [(r.status, r.code) for r in receipts] == [("refused", "INVALID_FIELD")] * 2
    assert org.shown(who)["Title"] == "theirs"


def test_an_instant_is_written_as_an_instant(org: SalesforceWorld) -> None:
    who = org.add_person()
    push(org, [change_of(org, who, scored_at=START, hot_since=START)])
    assert (org.shown(who)["Leadheat_Scored_At__c"] or "").startswith("2026-11-24T00:00:00")


def test_a_score_never_fires_the_assignment_rule(org: SalesforceWorld) -> None:
    who = org.add_person()
    owner = org.shown(who)["OwnerId"]
    push(org, [change_of(org, who, score=1)])
    assert org.shown(who)["OwnerId"] == owner
    assert org.sandbox.org.memory.mails == []


def test_a_session_that_rest_does_not_take_is_not_renewed_in_vain(org: SalesforceWorld) -> None:
    who = org.add_person()
    org.sandbox.weather.bar_sessions()
    crm = org.open()
    with pytest.raises(AccessDenied):
        crm.push([change_of(org, who, score=1)])
    assert crm.calls()["login"] == 1
    crm.close()


def test_an_expired_session_does_not_lose_the_headers(org: SalesforceWorld) -> None:
    who = org.add_person()
    owner = org.shown(who)["OwnerId"]
    crm = org.open()
    crm.push([change_of(org, who, score=1)])
    org.weather.expire_token()
    assert [r.status for r in crm.push([change_of(org, who, score=2)])] == ["written"]
    crm.close()
    assert org.shown(who)["OwnerId"] == owner


def test_two_hundred_rows_are_one_call(org: SalesforceWorld) -> None:
    ids = [org.add_person() for _ in range(201)]
    crm = org.open()
    receipts = crm.push([change_of(org, i, score=n) for n, i in enumerate(ids)])
    assert {r.status for r in receipts} == {"written"}
    assert crm.calls()["write"] == 2
    crm.close()


def test_a_spent_day_stops_before_anything_is_written(org: SalesforceWorld) -> None:
    who = org.add_person()
    org.sandbox.weather.spend_the_day()
    with pytest.raises(QuotaSpent):
        push(org, [change_of(org, who, score=1)])


def test_crowding_is_waited_out(org: SalesforceWorld) -> None:
    who = org.add_person()
    org.sandbox.weather.crowd(2)
    assert [r.status for r in push(org, [change_of(org, who, score=1)])] == ["written"]


def test_a_refusal_says_code_and_fields_and_nothing_of_the_record(org: SalesforceWorld) -> None:
    who = org.add_person()
    org.weather.poison(who)
    (receipt,) = push(org, [change_of(org, who, score=1)])
    assert receipt.why is not None
    told = receipt.why.in_("en") + receipt.why.in_("ja")
    assert "FIELD_CUSTOM_VALIDATION_EXCEPTION" in told
    assert "この商談" not in told


def test_our_own_writes_come_back_and_say_the_same(org: SalesforceWorld) -> None:
    who = org.add_person()
    org.let_time_pass(SETTLED)
    push(org, [change_of(org, who, score=1, reasons="+50 デモ\n合計 50", detail="{}")])
    org.let_time_pass(SETTLED)
    crm = org.open()
    (record,) = [r for page in crm.pull(None) for r in page.records]
    crm.close()
    assert record.fields["Leadheat_Reasons__c"] == "+50 デモ\n合計 50"
    assert (record.fields["Leadheat_Score__c"], record.fields["Leadheat_Detail__c"]) == ("1", "{}")


# ---- bulk files ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "cell"), [(None, "#N/A"), ("", "#N/A"), (True, "true"), (False, "false"), (7, "7"), ("#N/A", "#N/A ")]
)
def test_a_bulk_cell_says_blank_aloud(value: str | int | bool | None, cell: str) -> None:
    assert _cell(value) == cell


def test_a_bulk_file_has_one_header_and_leaves_out_what_a_row_does_not_name() -> None:
    rows = [{"Id": "1", "B": 'say "x"\nand y'}, {"Id": "2", "A": "#N/A"}]
    assert to_csv(rows).decode() == '"Id","A","B"\n"1","","say ""x""\nand y"\n"2","#N/A",""\n'

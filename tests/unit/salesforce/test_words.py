"""SOQL out, text in, and what Salesforce's refusals mean."""

from __future__ import annotations

import json

import pytest

from adapters.http import Answer, answered
from adapters.salesforce.answers import Trouble, decide, row_trouble, troubles, used
from adapters.salesforce.config import SalesforceConfig
from adapters.salesforce.cursor import Cursor, Place, Reading, Stream, read_cursor
from adapters.salesforce.soql import Query, flat, id18, is_name, literal, number, object_of, quoted, text
from connector.errors import UserError
from connector.instants import parse_instant

AT = parse_instant("2026-11-24T00:00:00Z")
CONFIG = SalesforceConfig("acme", "https://acme.my.salesforce.com", client_id="id", client_secret="s3cr3t-value")


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("plain", "'plain'"),
        ("O'Brien", "'O\\'Brien'"),
        ("back\\slash", "'back\\\\slash'"),
        ("' OR Name != '", "'\\' OR Name != \\''"),
        ("two\nlines", "'two\\nlines'"),
    ],
)
def test_a_quoted_text_cannot_end_early(raw: str, shown: str) -> None:
    assert quoted(raw) == shown


@pytest.mark.parametrize(
    ("name", "ok"),
    [("Name", True), ("Account.Name", True), ("Lead__c", True), ("Name FROM", False), ("", False), ("1a", False)],
)
def test_only_names_get_into_a_query(name: str, ok: bool) -> None:
    assert is_name(name) is ok


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("001D000000IqhSL", "001D000000IqhSLIAZ"),  # the vendor's own example
        ("00Q000000000001", "00Q000000000001EAA"),
        ("001D000000IqhSLIAZ", "001D000000IqhSLIAZ"),
    ],
)
def test_ids_are_lengthened_by_their_checksum(short: str, long: str) -> None:
    assert id18(short) == long


def test_an_id_says_whose_it_is() -> None:
    assert [object_of(i) for i in ("00Q000000000001EAA", "003000000000001AAA", "0015000000VALDtAAO")] == [
        "Lead",
        "Contact",
        None,
    ]


@pytest.mark.parametrize(
    ("said", "told"), [("5.0", "5"), ("5", "5"), ("81.50", "81.5"), ("1E+3", "1000"), ("-0.0", "0")]
)
def test_a_number_is_the_same_text_whichever_way_it_came(said: str, told: str) -> None:
    assert number(said) == told


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (None, None),
        ("", None),
        (True, "true"),
        (7, "7"),
        ("2026-01-02T03:04:05.000+0000", "2026-01-02T03:04:05Z"),
        ("2026-01-02T03:04:05.000Z", "2026-01-02T03:04:05Z"),
        ("2026-01-02", "2026-01-02"),
        ("部長", "部長"),
    ],
)
def test_values_become_text(value: object, told: str | None) -> None:
    assert text(value) == told


def test_an_empty_lookup_makes_all_behind_it_blank() -> None:
    row = {"Id": "1", "Account": None, "Campaign": {"attributes": {}, "Type": "Webinar"}}
    told = {"Id": "1", "Account.Name": None, "Campaign.Type": "Webinar"}
    assert flat([row, {}], ["Id", "Account.Name", "Campaign.Type"]) == [told, dict.fromkeys(told)]


@pytest.mark.parametrize("end", [".000+0000", ".000Z", "Z", ".25Z"])
@pytest.mark.parametrize("day", ["2026-02-30", "2026-13-01", "0000-01-01"])
def test_a_day_that_there_is_not_is_not_passed_on(day: str, end: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        text(f"{day}T00:00:00{end}")


@pytest.mark.parametrize("said", ["2026-W48-2T00:00:00.000Z", "2026-11-24T0:00:00.000Z", "2026/11/24T00:00:00.000Z"])
def test_what_only_looks_like_a_stamp_is_left_as_it_is(said: str) -> None:
    assert text(said) == said


def test_a_query_goes_on_after_the_last_row_of_its_window() -> None:
    query = Query("Lead", ("Id", "Email"), ("IsConverted = false",), "SystemModstamp").between(AT, AT + 1_000_000)
    assert query.after("2026-11-24T00:00:00Z", "00Q1").soql() == (
        "SELECT Id, Email FROM Lead WHERE IsConverted = false"
        " AND SystemModstamp >= 2026-11-24T00:00:00Z AND SystemModstamp < 2026-11-24T00:00:01Z"
        " AND (SystemModstamp > 2026-11-24T00:00:00Z OR (SystemModstamp = 2026-11-24T00:00:00Z AND Id > '00Q1'))"
        " ORDER BY SystemModstamp, Id"
    )
    assert literal(AT) == "2026-11-24T00:00:00Z"


def test_a_cursor_is_read_as_it_was_written() -> None:
    reading = Reading("all", 7, None, AT, ("Id",), Place(job="750x", locator="L", skip=4000))
    cursor = Cursor({"Lead": Stream(AT, ("Id", "Email"), AT, reading), "Task": Stream()})
    assert read_cursor(str(cursor)) == cursor


@pytest.mark.parametrize("said", [None, '{"v":0,"streams":{"Lead":{}}}'])
def test_without_a_cursor_we_understand_everything_is_read(said: str | None) -> None:
    assert read_cursor(said) == Cursor()


# ---- refusals ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "codes"),
    [
        ([{"message": "x", "errorCode": "INVALID_FIELD"}], ["INVALID_FIELD"]),
        ({"error": "invalid_grant", "error_description": "x"}, ["invalid_grant"]),
        ({"error": "invalid_client_id"}, ["invalid_client_id"]),
        ([{"statusCode": "UNABLE_TO_LOCK_ROW", "message": "x", "fields": []}], ["UNABLE_TO_LOCK_ROW"]),
        ({"exceptionCode": "InvalidSessionId", "exceptionMessage": "x"}, ["InvalidSessionId"]),
        ("<html>maintenance</html>", []),
        ([], []),
        ([{"errorCode": "鈴木 太郎"}], ["UNKNOWN_ERROR"]),
    ],
)
def test_every_shape_of_error_is_read(body: object, codes: list[str]) -> None:
    raw = body if isinstance(body, str) else json.dumps(body)
    assert [t.code for t in troubles(raw)] == codes


def test_a_failed_bulk_row_may_hold_colons() -> None:
    trouble = row_trouble("FIELD_CUSTOM_VALIDATION_EXCEPTION:鈴木: no: really:Leadheat_Score__c,Leadheat_Hot__c--")
    assert (trouble.code, trouble.fields) == (
        "FIELD_CUSTOM_VALIDATION_EXCEPTION",
        ("Leadheat_Score__c", "Leadheat_Hot__c"),
    )
    assert "鈴木" not in repr(trouble) + str(trouble.why())


def test_a_hidden_field_is_named() -> None:
    said = "ERROR at Row:1:Column:8\nNo such column 'Secret__c' on entity 'Lead'."
    assert troubles([{"errorCode": "INVALID_FIELD", "message": said}]) == [
        Trouble("INVALID_FIELD", said, ("Secret__c",))
    ]


def answer(status: int, body: object) -> Answer:
    return answered(status, {"X-Request-Id": "r1"}, json.dumps(body).encode())


def error(code: str, message: str = "") -> list[dict[str, str]]:
    return [{"errorCode": code, "message": message}]


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (200, {}, "ok"),
        (400, error("INVALID_FIELD"), "refused"),
        (400, error("UNABLE_TO_LOCK_ROW"), "retry"),
        (400, error("SOME_NEW_CODE"), "refused"),
        (400, {"error": "invalid_grant"}, "denied"),
        (401, error("INVALID_SESSION_ID", "Session expired or invalid"), "refresh"),
        (401, error("INVALID_SESSION_ID", "This session is not valid for use with the REST API"), "denied"),
        (401, error("INVALID_AUTH_HEADER"), "denied"),
        (403, error("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."), "quota"),
        (403, error("REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded."), "retry"),
        (403, error("API_DISABLED_FOR_ORG"), "denied"),
        (403, error("SOMETHING_ELSE"), "denied"),
        (404, error("NOT_FOUND"), "refused"),
        (406, "<html>", "retry"),
        (420, "<html>", "retry"),
        (429, "<html>", "retry"),
        (500, error("UNKNOWN_EXCEPTION"), "retry"),
        (503, error("SERVER_UNAVAILABLE"), "retry"),
    ],
)
def test_salesforces_code_decides_before_the_status(status: int, body: object, kind: str) -> None:
    assert decide(CONFIG, answer(status, body)).kind == kind


def test_a_denial_names_the_setting_and_never_the_secret() -> None:
    problem = decide(CONFIG, answer(400, {"error": "invalid_client", "error_description": "s3cr3t-value"})).problem
    assert problem is not None
    told = problem.in_("en") + problem.in_("ja")
    assert "LEADHEAT_CONNECTIONS__ACME__CLIENT_SECRET" in told
    assert "invalid_client" in told
    assert "s3cr3t-value" not in told + repr(CONFIG)


@pytest.mark.parametrize(
    ("header", "share"),
    [
        ("api-usage=18/5000", 0.0036),
        ("api-usage=80/100; per-app-api-usage=17/250(appName=x)", 0.8),
        ("per-app-api-usage=17/250(appName=x)", None),
        ("api-usage=1/0", None),
        ("", None),
    ],
)
def test_the_orgs_usage_is_read_from_each_answer(header: str, share: float | None) -> None:
    assert used(Answer(200, {"sforce-limit-info": header})) == share


# ---- settings ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"instance_url": "http://acme.my.salesforce.com", "access_token": "t"}, "LH-540"),
        ({"instance_url": "", "access_token": "t"}, "LH-540"),
        ({"instance_url": "https://acme.lightning.force.com", "access_token": "t"}, "LH-541"),
        ({"instance_url": "https://login.salesforce.com", "client_id": "i", "client_secret": "s"}, "LH-542"),
        ({"instance_url": "https://acme.my.salesforce.com"}, "LH-543"),
        ({"instance_url": "https://acme.my.salesforce.com", "client_id": "i"}, "LH-543"),
    ],
)
def test_settings_that_cannot_work_are_refused_before_any_call(settings: dict[str, str], code: str) -> None:
    with pytest.raises(UserError) as refused:
        SalesforceConfig("acme", **settings).check()
    assert [p.code for p in refused.value.problems] == [code]


@pytest.mark.parametrize(
    ("settings", "way"),
    [
        ({"client_id": "i", "client_secret": "s", "access_token": "t"}, "client_secret"),
        ({"client_id": "i", "username": "u", "private_key": "k", "access_token": "t"}, "private_key"),
        ({"client_id": "i", "access_token": "t"}, "access_token"),
    ],
)
def test_the_first_complete_way_in_is_taken(settings: dict[str, str], way: str) -> None:
    config = SalesforceConfig("acme", "https://acme.my.salesforce.com", **settings)
    config.check()
    assert config.way == way

"""Writing one record or two hundred: what is stored, what is refused, and in which words."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.salesforce.sandbox import Options
from adapters.salesforce.sandbox.ids import numbered_id
from adapters.salesforce.sandbox.org import QUEUE_ID, REP_ID, USER_ID
from tests.unit.salesforce_sandbox.far import Far, opened, refusals


@pytest.fixture
def lead(far: Far) -> str:
    far.desk.define_field("Lead", "Score__c", "Number", precision=5, scale=2)
    far.desk.define_field("Lead", "Hot__c", "Checkbox")
    far.desk.define_field("Lead", "Reason__c", "Text", length=10)
    far.desk.define_field("Lead", "At__c", "DateTime")
    far.desk.define_field("Lead", "Day__c", "Date")
    far.desk.define_field("Lead", "Band__c", "Picklist", values=["hot", "cold"], restricted=True)
    return str(far.desk.add("Lead", LastName="x"))


@pytest.mark.parametrize(
    ("name", "value", "stored"),
    [
        ("Score__c", 81.555, "81.56"),
        ("Score__c", "7", "7"),
        ("Score__c", -999.99, "-999.99"),
        ("Hot__c", True, "true"),
        ("Hot__c", "false", "false"),
        ("Reason__c", "料金ページを見ました", "料金ページを見ました"),
        ("Reason__c", None, None),
        ("Reason__c", "", None),
        ("At__c", "2026-11-24T09:00:00.750+09:00", "2026-11-24T00:00:00.000+0000"),
        ("Day__c", "2026-11-24", "2026-11-24"),
        ("Band__c", "hot", "hot"),
        ("score__C", 5, "5"),
    ],
)
def test_a_value_is_stored(far: Far, lead: str, name: str, value: object, stored: str | None) -> None:
    assert far.patch({"Id": lead, name: value}).json() == [{"id": lead, "success": True, "errors": []}]
    known = {"score__C": "Score__c"}.get(name, name)
    assert far.desk.shown("Lead", lead)[known] == stored


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("Score__c", 1000, "NUMBER_OUTSIDE_VALID_RANGE"),
        ("Score__c", 999.999, "NUMBER_OUTSIDE_VALID_RANGE"),
        ("Score__c", 1e300, "NUMBER_OUTSIDE_VALID_RANGE"),
        ("Score__c", "many", "INVALID_TYPE_ON_FIELD_IN_RECORD"),
        ("Score__c", True, "INVALID_TYPE_ON_FIELD_IN_RECORD"),
        ("Hot__c", None, "INVALID_TYPE_ON_FIELD_IN_RECORD"),
        ("Hot__c", "perhaps", "INVALID_TYPE_ON_FIELD_IN_RECORD"),
        ("Reason__c", "12345678901", "STRING_TOO_LONG"),
        ("Reason__c", ["x"], "INVALID_TYPE_ON_FIELD_IN_RECORD"),
        ("At__c", "2026-11-24 09:00:00", "INVALID_TYPE_ON_FIELD_IN_RECORD"),
        ("At__c", "2026-11-24T09:00:00", "INVALID_TYPE_ON_FIELD_IN_RECORD"),
        ("Day__c", "24.11.2026", "INVALID_TYPE_ON_FIELD_IN_RECORD"),
        ("Band__c", "lukewarm", "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
        ("Email", "no address", "INVALID_EMAIL_ADDRESS"),
        ("NumberOfEmployees", 5.5, "INVALID_TYPE_ON_FIELD_IN_RECORD"),
        ("LastName", None, "REQUIRED_FIELD_MISSING"),
        ("OwnerId", "005x", "MALFORMED_ID"),
        ("OwnerId", numbered_id("005", 77), "INVALID_CROSS_REFERENCE_KEY"),
        ("CreatedDate", "2026-11-24T00:00:00Z", "INVALID_FIELD_FOR_INSERT_UPDATE"),
    ],
)
def test_a_value_is_refused_and_nothing_is_stored(far: Far, lead: str, name: str, value: object, code: str) -> None:
    before = far.desk.shown("Lead", lead)
    (told,) = far.patch({"Id": lead, name: value}).json()
    assert told["success"] is False
    assert [e["statusCode"] for e in told["errors"]] == [code]
    assert told["errors"][0]["fields"] == [name]
    assert far.desk.shown("Lead", lead) == before


def test_each_record_of_a_collection_is_answered_in_its_place(far: Far, lead: str) -> None:
    others = [far.desk.add("Lead", LastName=f"v{n}") for n in range(6)]
    far.desk.delete("Lead", others[0])
    far.desk.convert(others[1])
    far.weather.poison(others[2])
    far.weather.lock(others[3])
    ids = [*others, "nonsense", numbered_id("00Q", 99), lead, None]
    answer = far.patch(*({"id": i, "Score__c": n} for n, i in enumerate(ids)))
    codes = [row["errors"][0]["statusCode"] if row["errors"] else None for row in answer.json()]
    assert answer.status_code == 200
    assert codes == [
        "ENTITY_IS_DELETED", "CANNOT_UPDATE_CONVERTED_LEAD", "FIELD_CUSTOM_VALIDATION_EXCEPTION", "UNABLE_TO_LOCK_ROW",
        None, None, "MALFORMED_ID", "INVALID_CROSS_REFERENCE_KEY", None, "MISSING_ARGUMENT",
    ]  # fmt: skip
    assert [row.get("id") for row in answer.json()] == [*[None] * 4, others[4], others[5], None, None, lead, None]
    assert far.patch({"id": others[3], "Score__c": 1}).json()[0]["success"] is True, "a lock passes"


def test_a_collection_is_200_even_when_every_record_fails(far: Far, lead: str) -> None:
    answer = far.patch({"id": lead, "Score__c": "x"}, {"id": "y"})
    assert answer.status_code == 200
    assert [row["success"] for row in answer.json()] == [False, False]


def test_all_or_none_rolls_the_others_back(far: Far, lead: str) -> None:
    other = far.desk.add("Lead", LastName="y")
    rows = ({"id": lead, "Score__c": 1}, {"id": other, "Score__c": "x"})
    told = far.patch(*rows, allOrNone=True).json()
    codes = [row["errors"][0]["statusCode"] for row in told]
    assert codes == ["ALL_OR_NONE_OPERATION_ROLLED_BACK", "INVALID_TYPE_ON_FIELD_IN_RECORD"]
    assert far.desk.shown("Lead", lead)["Score__c"] is None


def test_the_same_id_twice_is_refused_the_second_time(far: Far, lead: str) -> None:
    told = far.patch({"id": lead, "Score__c": 1}, {"id": lead[:15], "Score__c": 2}).json()
    assert [row["success"] for row in told] == [True, False]
    assert told[1]["errors"][0]["statusCode"] == "DUPLICATE_VALUE"


def mixed(far: Far, runs: int) -> Any:
    names = ["Lead" if n % 2 else "Contact" for n in range(runs)]
    records = [{"attributes": {"type": n}, "id": far.desk.add(n, LastName="x")} for n in names]
    return far.call("PATCH", "composite/sobjects", json={"records": records})


def test_a_malformed_collection_is_refused_whole(far: Far, lead: str) -> None:
    assert refusals(far.patch(*({"id": lead} for _ in range(201)))) == [(400, "EXCEEDED_ID_LIMIT")]
    assert refusals(far.patch({"id": lead, "attributes": {"type": "Nothing"}})) == [(400, "INVALID_TYPE")]
    assert refusals(far.patch({"id": lead, "attributes": {}})) == [(400, "INVALID_FIELD")]
    assert refusals(far.patch({"id": "nonsense", "Nope__c": 1})) == [(400, "INVALID_FIELD")], "names before ids"
    assert refusals(far.call("PATCH", "composite/sobjects", data=b"{")) == [(400, "JSON_PARSER_ERROR")]
    assert mixed(far, 10).status_code == 200
    assert refusals(mixed(far, 11)) == [(400, "LIMIT_EXCEEDED")]


def test_an_unknown_field_may_refuse_its_record_only() -> None:
    with opened(Options(bad_field="record")) as far:
        ids = [far.desk.add("Lead", LastName="x") for _ in range(2)]
        answer = far.patch({"id": ids[0], "Nope__c": 1}, {"id": ids[1], "Title": "y"})
        assert answer.status_code == 200
        assert [row["success"] for row in answer.json()] == [False, True]
        assert answer.json()[0]["errors"][0]["statusCode"] == "INVALID_FIELD"


def test_one_record_is_patched_without_an_answers_body(far: Far, lead: str) -> None:
    answer = far.call("PATCH", f"sobjects/Lead/{lead}", json={"Score__c": "7"})
    assert (answer.status_code, answer.content) == (204, b"")
    assert far.get(f"sobjects/Lead/{lead}").json()["Score__c"] == 7.0
    assert far.get(f"sobjects/Lead/{lead[:15]}?fields=Id,Score__c").json()["Id"] == lead


def test_one_record_is_refused_with_an_array(far: Far, lead: str) -> None:
    def patch(id_: str, **fields: object) -> Any:
        return far.call("PATCH", f"sobjects/Lead/{id_}", json=fields)

    answer = patch(lead, Reason__c="x" * 11)
    assert refusals(answer) == [(400, "STRING_TOO_LONG")]
    assert answer.json()[0]["fields"] == ["Reason__c"]
    assert refusals(patch(lead, Nope=1)) == [(400, "INVALID_FIELD")]
    assert patch(lead, Nope=1).json()[0]["message"] == "No such column 'Nope' on sobject of type Lead"
    assert refusals(patch(numbered_id("00Q", 99), Title="x")) == [(404, "NOT_FOUND")]
    assert refusals(patch(lead[:17] + "Z", Title="x")) == [(400, "MALFORMED_ID")]
    far.desk.delete("Lead", lead)
    assert refusals(patch(lead, Title="x")) == [(404, "ENTITY_IS_DELETED")]


def test_keys_of_errors_come_in_any_order(far: Far, lead: str) -> None:
    texts = [far.query(f"SELECT Nope{n} FROM Lead") for n in range(12)]
    assert len({tuple(one[0]) for one in texts}) > 1


def test_records_are_created_and_deleted(far: Far) -> None:
    answer = far.call("POST", "sobjects/Lead", json={"LastName": "新", "Company": "C"})
    assert answer.status_code == 201
    id_ = answer.json()["id"]
    told = far.get(f"sobjects/Lead/{id_}").json()
    assert (told["Status"], told["CreatedById"]) == ("Open - Not Contacted", USER_ID)
    lacking = far.call("POST", "sobjects/Lead", json={"FirstName": "x"})
    assert refusals(lacking) == [(400, "REQUIRED_FIELD_MISSING")]
    assert set(lacking.json()[0]["fields"]) == {"LastName", "Company"}
    assert far.call("DELETE", f"sobjects/Lead/{id_}").status_code == 204
    assert refusals(far.get(f"sobjects/Lead/{id_}")) == [(404, "ENTITY_IS_DELETED")]


def test_a_write_moves_the_stamps_even_when_it_changes_nothing(far: Far, lead: str) -> None:
    text = "SELECT SystemModstamp, LastModifiedById FROM Lead"
    (before,) = far.rows(text)
    for _ in range(2):
        far.clock.pass_(60)
        far.patch({"id": lead, "Score__c": 5})
        (after,) = far.rows(text)
        assert after["SystemModstamp"] > before["SystemModstamp"]
        assert after["LastModifiedById"] == USER_ID != before["LastModifiedById"]
        before = {**after, "LastModifiedById": None}


def test_without_the_header_the_assignment_rule_takes_the_lead_away(far: Far, lead: str) -> None:
    far.patch({"id": lead, "Score__c": 1})
    assert far.desk.shown("Lead", lead)["OwnerId"] == REP_ID
    far.patch({"id": lead, "Score__c": 2}, quiet=False)
    assert far.desk.shown("Lead", lead)["OwnerId"] == QUEUE_ID
    contact = far.desk.add("Contact", LastName="x", OwnerId=REP_ID)
    far.call("PATCH", f"sobjects/Contact/{contact}", json={"Title": "x"})
    assert far.desk.shown("Contact", contact)["OwnerId"] != REP_ID


@pytest.mark.parametrize(
    ("rule", "header", "passes"), [("alert", True, True), ("alert", False, False), ("block", True, False)]
)
def test_a_duplicate_rule_stops_an_update(rule: Any, header: bool, passes: bool) -> None:
    with opened(Options(duplicate_rule=rule)) as far:
        first, second = (far.desk.add("Lead", LastName=n, Email="same@example.com") for n in "ab")
        headers = {"Sforce-Duplicate-Rule-Header": "allowSave=true"} if header else {}
        answer = far.call("PATCH", f"sobjects/Lead/{second}", json={"Title": "x"}, headers=headers)
        assert answer.status_code == (204 if passes else 400)
        if not passes:
            told = answer.json()[0]
            assert told["errorCode"] == "DUPLICATES_DETECTED"
            assert told["duplicateResult"]["allowSave"] is (rule == "alert")
            matches = told["duplicateResult"]["matchResults"][0]["matchRecords"]
            assert [m["record"]["Id"] for m in matches] == [first]


def test_updated_and_deleted_tell_ids_and_how_far_they_looked(far: Far, lead: str) -> None:
    other = far.desk.add("Lead", LastName="y")
    far.clock.pass_(120)
    far.desk.delete("Lead", other)
    far.clock.pass_(60)
    window = {"start": "2026-11-24T00:00:00+00:00", "end": "2026-11-24T01:00:00+00:00"}
    updated = far.get("sobjects/Lead/updated", params=window).json()
    assert updated["ids"] == [lead]
    assert updated["latestDateCovered"] < "2026-11-24T00:03:00.000+0000", "not the end asked for"
    deleted = far.get("sobjects/Lead/deleted/", params=window).json()
    assert deleted["deletedRecords"] == [{"id": other, "deletedDate": "2026-11-24T00:02:00.000+0000"}]
    assert {"earliestDateAvailable", "latestDateCovered"} <= set(deleted)
    for start in ("2026-10-01T00:00:00+00:00", "2026-11-25T00:00:00+00:00", "yesterday"):
        answer = far.get("sobjects/Lead/updated", params={**window, "start": start})
        assert refusals(answer) == [(400, "INVALID_REPLICATION_DATE")]


def test_an_envelope_answers_each_call_in_it(far: Far, lead: str) -> None:
    base = "/services/data/v67.0"
    create = {"method": "POST", "url": f"{base}/sobjects/Lead", "referenceId": "new"}
    body = {"LastName": "新", "Company": "C"}
    calls = [
        {**create, "body": body},
        {"method": "GET", "url": f"{base}/sobjects/Lead/@{{new.id}}?fields=LastName", "referenceId": "read"},
        {"method": "GET", "url": f"{base}/query?q=SELECT+Nope+FROM+Lead", "referenceId": "bad"},
    ]
    before = far.get("limits").json()["DailyApiRequests"]["Remaining"]
    told = far.call("POST", "composite", json={"compositeRequest": calls}).json()["compositeResponse"]
    assert [one["httpStatusCode"] for one in told] == [201, 200, 400]
    assert told[1]["body"]["LastName"] == "新"
    assert far.get("limits").json()["DailyApiRequests"]["Remaining"] == before - 2, "an envelope is one call"
    batch = {
        "batchRequests": [{"method": "GET", "url": f"v67.0/sobjects/Lead/{lead}"}, {"method": "GET", "url": "v67.0/x"}]
    }
    said = far.call("POST", "composite/batch", json=batch).json()
    assert (said["hasErrors"], [r["statusCode"] for r in said["results"]]) == (True, [200, 404])
    assert far.call("POST", "composite", json={"compositeRequest": calls * 9}).status_code == 400

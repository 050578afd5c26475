"""What an org tells of itself, and what it keeps from a user."""

from __future__ import annotations

import pytest
import requests

from adapters.salesforce.sandbox import Options
from adapters.salesforce.sandbox.ids import numbered_id, whole_id
from tests.unit.salesforce_sandbox.far import Far, opened, refusals


def test_versions_are_told_without_a_session(far: Far) -> None:
    told = requests.get(f"{far.running.url}/services/data", timeout=5).json()
    assert told[-1] == {"version": "67.0", "label": "Summer '26", "url": "/services/data/v67.0"}
    assert told[0]["version"] == "31.0"


@pytest.mark.parametrize("version", ["30.0", "68.0", "67.5", "x"])
def test_a_version_that_does_not_exist_is_not_found(far: Far, version: str) -> None:
    far.version = version
    assert refusals(far.get("limits")) == [(404, "NOT_FOUND")]


@pytest.mark.parametrize(("name", "count"), [("Lead", 54), ("Contact", 59)])
def test_a_plain_user_sees_the_fields_of_a_fresh_org(far: Far, name: str, count: int) -> None:
    fields = far.get(f"sobjects/{name}/describe").json()["fields"]
    names = {f["name"] for f in fields}
    assert len(names) == len(fields) == count
    assert not names & {"HasOptedOutOfEmail", "DoNotCall", "IsPersonAccount", "CurrencyIsoCode"}


def test_an_option_shows_what_the_permission_set_grants() -> None:
    with opened(Options(sees=frozenset({"Lead.HasOptedOutOfEmail"}))) as far:
        id_ = far.desk.add("Lead", LastName="x", HasOptedOutOfEmail=True)
        assert far.rows("SELECT HasOptedOutOfEmail FROM Lead") == [{"HasOptedOutOfEmail": True}]
        assert far.patch({"Id": id_, "HasOptedOutOfEmail": False}).json()[0]["success"] is True


def test_a_field_tells_its_type_size_and_whether_it_may_be_written(far: Far) -> None:
    far.desk.define_field("Lead", "Leadheat_Score__c", "Number", precision=5, scale=2)
    far.desk.define_field("Lead", "Leadheat_Reasons__c", "LongTextArea", length=4000)
    told = {f["name"]: f for f in far.get("sobjects/Lead/describe").json()["fields"]}
    score, reasons = told["Leadheat_Score__c"], told["Leadheat_Reasons__c"]
    assert (score["type"], score["precision"], score["scale"], score["updateable"]) == ("double", 5, 2, True)
    assert (reasons["type"], reasons["length"], reasons["filterable"]) == ("textarea", 4000, False)
    assert told["Owner" + "Id"]["referenceTo"] == ["Group", "User"]
    assert told["LeadSource"]["restrictedPicklist"] is False
    assert told["Street"]["compoundFieldName"] == "Address"
    assert not told["SystemModstamp"]["updateable"]
    assert not told["IsConverted"]["nillable"]


def test_a_hidden_field_is_as_if_it_were_not_there(far: Far) -> None:
    id_ = far.desk.add("Lead", LastName="x", Title="部長")
    far.desk.hide_field("Lead", "Title")
    assert "Title" not in {f["name"] for f in far.get("sobjects/Lead/describe").json()["fields"]}
    assert far.query("SELECT Title FROM Lead")[0]["errorCode"] == "INVALID_FIELD"
    assert refusals(far.patch({"Id": id_, "Title": "x"})) == [(400, "INVALID_FIELD")]
    assert "Title" not in far.get(f"sobjects/Lead/{id_}").json()
    far.desk.hide_field("Lead", "Title", hidden=False)
    assert far.rows("SELECT Title FROM Lead") == [{"Title": "部長"}]


def test_describe_answers_304_until_a_field_is_made(far: Far) -> None:
    told = far.get("sobjects/Lead/describe")
    since = {"If-Modified-Since": told.headers["Last-Modified"]}
    answer = far.get("sobjects/Lead/describe", headers=since)
    assert (answer.status_code, answer.content) == (304, b"")
    far.clock.pass_(5)
    far.desk.define_field("Lead", "New__c", "Text")
    assert far.get("sobjects/Lead/describe", headers=since).status_code == 200


def test_an_object_the_org_has_not_is_not_found() -> None:
    with opened(Options(without=frozenset({"Web_Activity__c", "Campaign"}))) as far:
        assert refusals(far.get("sobjects/Campaign/describe")) == [(404, "NOT_FOUND")]
        assert far.query("SELECT Id FROM Web_Activity__c")[0]["errorCode"] == "INVALID_TYPE"
        names = {s["name"] for s in far.get("sobjects").json()["sobjects"]}
        assert "Lead" in names and not names & {"Campaign", "Web_Activity__c"}
        lookup = next(
            f for f in far.get("sobjects/CampaignMember/describe").json()["fields"] if f["name"] == "CampaignId"
        )
        assert lookup["referenceTo"] == []


def test_every_object_describes_itself(far: Far) -> None:
    for one in far.get("sobjects").json()["sobjects"]:
        fields = far.get(f"sobjects/{one['name']}/describe").json()["fields"]
        assert {"Id", "SystemModstamp"} <= {f["name"] for f in fields}
        selected = ", ".join(f["name"] for f in fields)
        assert "records" in far.query(f"SELECT {selected} FROM {one['name']}")


def test_ids_say_by_three_more_characters_which_are_capitals() -> None:
    # a well-known example of the rule
    assert whole_id("0015000000Gv7qJ") == "0015000000Gv7qJAAR"
    assert whole_id("0015000000Gv7qJAAR") == "0015000000Gv7qJAAR"
    for wrong in ("0015000000Gv7qJAAS", "0015000000gv7qjAAR", "0015000000Gv7q", "", "0015000000Gv7q-"):
        assert whole_id(wrong) is None
    assert whole_id(numbered_id("00Q", 10**6)) == numbered_id("00Q", 10**6)

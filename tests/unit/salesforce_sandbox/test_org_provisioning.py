"""A field made by the Tooling API exists, and nobody sees it until a permission set shows it."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.salesforce.sandbox import Options
from tests.unit.salesforce_sandbox.far import Far, opened, refusals

NUMBER = {"label": "Lead score", "type": "Number", "precision": 5, "scale": 2}


def make(far: Far, name: str = "Lead.Score__c", metadata: Any = NUMBER) -> Any:
    return far.call("POST", "tooling/sobjects/CustomField", json={"FullName": name, "Metadata": metadata})


def create(far: Far, name: str, **fields: object) -> Any:
    return far.call("POST", f"sobjects/{name}", json=fields)


def names(far: Far) -> set[str]:
    return {f["name"] for f in far.get("sobjects/Lead/describe").json()["fields"]}


def test_a_new_field_is_shown_by_a_permission_set_that_is_assigned(far: Far) -> None:
    lead = far.desk.add("Lead", LastName="x")
    answer = make(far)
    assert answer.status_code == 201
    assert answer.json()["id"].startswith("00N")
    assert "Score__c" not in names(far)
    assert far.query("SELECT Score__c FROM Lead")[0]["errorCode"] == "INVALID_FIELD"
    assert refusals(far.patch({"id": lead, "Score__c": 1})) == [(400, "INVALID_FIELD")]

    parent = create(far, "PermissionSet", Name="Lead_Score_Writer", Label="Lead score").json()["id"]
    grant = {"ParentId": parent, "SobjectType": "Lead", "Field": "Lead.Score__c"}
    made = create(far, "FieldPermissions", **grant, PermissionsRead=True, PermissionsEdit=False)
    assert made.status_code == 201
    assert "Score__c" not in names(far), "granted, but to nobody yet"
    user = far.get("/services/oauth2/userinfo").json()["user_id"]
    assert create(far, "PermissionSetAssignment", AssigneeId=user, PermissionSetId=parent).status_code == 201
    told = {f["name"]: f for f in far.get("sobjects/Lead/describe").json()["fields"]}["Score__c"]
    assert (told["precision"], told["scale"], told["updateable"]) == (5, 2, False)
    refused = far.patch({"id": lead, "Score__c": 1}).json()[0]
    assert refused["errors"][0]["statusCode"] == "INVALID_FIELD_FOR_INSERT_UPDATE"

    edit = far.call("PATCH", f"sobjects/FieldPermissions/{made.json()['id']}", json={"PermissionsEdit": True})
    assert edit.status_code == 204
    assert far.patch({"id": lead, "Score__c": 1}).json()[0]["success"] is True
    far.call("DELETE", f"sobjects/FieldPermissions/{made.json()['id']}")
    assert "Score__c" not in names(far)


def test_permissions_are_found_by_query_and_not_made_twice(far: Far) -> None:
    make(far)
    (found,) = far.rows("SELECT Id FROM PermissionSet WHERE Name = 'Integration_Base'")
    grant = {"ParentId": found["Id"], "SobjectType": "Lead", "Field": "Lead.Score__c", "PermissionsRead": True}
    assert create(far, "FieldPermissions", **grant).status_code == 201
    assert refusals(create(far, "FieldPermissions", **grant)) == [(400, "DUPLICATE_VALUE")]
    text = (
        f"SELECT Field, PermissionsEdit FROM FieldPermissions WHERE ParentId = '{found['Id']}' AND SobjectType = 'Lead'"
    )
    assert far.rows(text) == [{"Field": "Lead.Score__c", "PermissionsEdit": False}]
    again = create(far, "PermissionSet", Name="Integration_Base", Label="x")
    assert refusals(again) == [(400, "DUPLICATE_DEVELOPER_NAME")]
    for field in ("Lead.Nope__c", "Lead.LastName", "Contact.Score__c"):
        wrong = create(far, "FieldPermissions", **{**grant, "Field": field})
        assert refusals(wrong) == [(400, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST")]


def test_required_fields_cannot_be_granted(far: Far) -> None:
    make(far, metadata={**NUMBER, "required": True})
    (found,) = far.rows("SELECT Id FROM PermissionSet")
    grant = {"ParentId": found["Id"], "SobjectType": "Lead", "Field": "Lead.Score__c", "PermissionsRead": True}
    assert refusals(create(far, "FieldPermissions", **grant)) == [(400, "FIELD_INTEGRITY_EXCEPTION")]


@pytest.mark.parametrize(
    ("name", "metadata", "code"),
    [
        ("Lead.Score__c", {**NUMBER, "label": None}, "REQUIRED_FIELD_MISSING"),
        ("Lead.Score__c", {"label": "x", "type": "Number"}, "FIELD_INTEGRITY_EXCEPTION"),
        ("Lead.Score__c", {"label": "x", "type": "Checkbox"}, "FIELD_INTEGRITY_EXCEPTION"),
        ("Lead.Score__c", {"label": "x", "type": "LongTextArea", "length": 4000}, "FIELD_INTEGRITY_EXCEPTION"),
        ("Lead.Score__c", {"label": "x", "type": "Rumour"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
        ("Nothing.Score__c", NUMBER, "INVALID_CROSS_REFERENCE_KEY"),
        ("Lead.Score", NUMBER, "INVALID_FIELD"),
        ("Lead.1st__c", NUMBER, "INVALID_FIELD"),
        (f"Lead.{'x' * 41}__c", NUMBER, "INVALID_FIELD"),
    ],
)
def test_a_definition_that_lacks_something_is_refused(far: Far, name: str, metadata: Any, code: str) -> None:
    assert refusals(make(far, name, metadata)) == [(400, code)]


def test_a_field_is_made_once_whoever_sees_it(far: Far) -> None:
    assert make(far).status_code == 201
    assert refusals(make(far, "Lead.SCORE__c")) == [(400, "DUPLICATE_DEVELOPER_NAME")]
    assert make(far, "Contact.Score__c").status_code == 201


def test_fields_are_found_by_tooling_queries_and_deleted(far: Far) -> None:
    id_ = make(far).json()["id"]
    where = "TableEnumOrId = 'Lead' AND DeveloperName IN ('Score', 'Other')"
    told = far.query(f"SELECT Id, FullName FROM CustomField WHERE {where}", "tooling/query")
    assert [(r["Id"], r["FullName"]) for r in told["records"]] == [(id_, "Lead.Score__c")]
    where = "EntityDefinition.QualifiedApiName = 'Lead' AND QualifiedApiName LIKE 'Score%'"
    text = f"SELECT QualifiedApiName, EntityDefinition.QualifiedApiName FROM FieldDefinition WHERE {where}"
    (record,) = far.query(text, "tooling/query/")["records"]
    assert record["EntityDefinition"]["QualifiedApiName"] == "Lead"
    assert far.get(f"tooling/sobjects/CustomField/{id_}").json()["Metadata"]["precision"] == 5
    assert far.call("DELETE", f"tooling/sobjects/CustomField/{id_}").status_code == 204
    assert far.get(f"tooling/sobjects/CustomField/{id_}").status_code == 404
    assert make(far).status_code == 201, "the name is free again"


def test_who_may_not_customise_makes_no_field() -> None:
    with opened(Options(tooling=False)) as far:
        assert refusals(make(far)) == [(403, "INSUFFICIENT_ACCESS")]

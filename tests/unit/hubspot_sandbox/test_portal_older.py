"""The older paths that other people's clients still ask."""

from __future__ import annotations

import pytest

from tests.unit.hubspot_sandbox.portal import Portal


@pytest.fixture
def one(portal: Portal) -> str:
    return portal.add(email="taro@example.co.jp")


def test_v3_associations_tell_ids_and_names(portal: Portal, one: str) -> None:
    company = portal.sandbox.desk.add("companies", name="さくら商事")
    portal.sandbox.desk.associate("contacts", one, "companies", company)
    path = "/crm/v3/associations/contacts/companies"
    answer = portal.post(f"{path}/batch/read", {"inputs": [{"id": one}, {"id": "9999"}]})
    assert answer.status_code == 207
    assert {t["id"] for t in answer.json()["results"][0]["to"]} == {company}
    assert "contact_to_company" in {t["name"] for t in portal.get(f"{path}/types").json()["results"]}


def test_a_forms_fields_name_their_type_and_mailings_are_listed(portal: Portal, one: str) -> None:
    portal.sandbox.desk.add_event("form_submissions", one, form_name="デモ")
    portal.sandbox.desk.add_event("email_events", one, action="OPEN", campaign="x")
    form = portal.get("/marketing/v3/forms").json()["results"][0]
    assert all(field["fieldType"] for group in form["fieldGroups"] for field in group["fields"])
    assert len(portal.get("/email/public/v1/campaigns").json()["campaigns"]) == 1


def test_definitions_of_old_are_a_bare_list(portal: Portal) -> None:
    for path in ("/properties/v1/contacts/properties", "/properties/v2/contacts/properties"):
        told = {row["name"]: row for row in portal.get(path).json()}
        assert told["lastmodifieddate"]["readOnlyValue"] is True
        assert told["jobtitle"]["deleted"] is False


def test_companies_and_deals_of_old_are_paged_by_the_last_id(portal: Portal, one: str) -> None:
    made = [portal.sandbox.desk.add("companies", name=n) for n in "abc"]
    first = portal.get("/companies/v2/companies/paged", limit=2, properties="name").json()
    assert ([str(c["companyId"]) for c in first["companies"]], first["has-more"]) == (made[:2], True)
    rest = portal.get("/companies/v2/companies/paged", limit=2, offset=first["offset"]).json()
    assert ([str(c["companyId"]) for c in rest["companies"]], rest["has-more"]) == (made[2:], False)
    portal.sandbox.desk.add_event("deals", one, dealname="商談")
    deals = portal.get("/deals/v1/deal/paged", includeAllProperties="true").json()["deals"]
    assert [d["properties"]["dealname"]["value"] for d in deals] == ["商談"]


def test_activities_of_old_are_told_together(portal: Portal, one: str) -> None:
    portal.sandbox.desk.add_event("calls", one, hs_call_status="COMPLETED")
    portal.sandbox.desk.add_event("meetings", one)
    told = portal.get("/engagements/v1/engagements/paged").json()["results"]
    assert sorted(row["engagement"]["type"] for row in told) == ["CALL", "MEETING"]
    assert all(row["associations"]["contactIds"] == [int(one)] for row in told)

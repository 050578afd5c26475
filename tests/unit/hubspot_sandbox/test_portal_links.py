"""Associations, owners and pipelines."""

from __future__ import annotations

import pytest

from tests.unit.hubspot_sandbox.portal import CONTACTS, Portal, V

LINKS = f"/crm/associations/{V}/contacts"


@pytest.fixture
def one(portal: Portal) -> str:
    return portal.add()


def read(portal: Portal, to: str, *ids: str, **more: str) -> tuple[int, dict]:
    answer = portal.post(f"{LINKS}/{to}/batch/read", {"inputs": [{"id": i, **more} for i in ids]})
    return answer.status_code, answer.json()


def test_a_primary_company_has_two_types_on_one_entry(portal: Portal, one: str) -> None:
    first, second = (portal.sandbox.desk.add("companies", name=n) for n in "ab")
    for company in (first, second):
        portal.sandbox.desk.associate("contacts", one, "companies", company)
    status, told = read(portal, "companies", one)
    row = told["results"][0]
    assert (status, row["from"]) == (200, {"id": one})
    assert [(t["toObjectId"], [a["typeId"] for a in t["associationTypes"]]) for t in row["to"]] == [
        (int(first), [1, 279]),
        (int(second), [279]),
    ], "the far id is a JSON number"
    assert portal.shown(one, "associatedcompanyid")["associatedcompanyid"] == first


def test_none_is_a_207_with_an_error_for_each(portal: Portal, one: str) -> None:
    status, told = read(portal, "calls", one, "9999")
    assert (status, told["results"], told["numErrors"]) == (207, [], 2)
    error = told["errors"][0]
    assert (error["category"], error["subCategory"]) == ("OBJECT_NOT_FOUND", "crm.associations.NO_ASSOCIATIONS_FOUND")
    assert [e["context"]["fromObjectId"] for e in told["errors"]] == [[one], ["9999"]]


def test_a_long_list_is_paged_within_its_input(portal: Portal, one: str) -> None:
    made = [portal.sandbox.desk.add("notes", hs_note_body="x") for _ in range(501)]
    for note in made:
        portal.sandbox.desk.associate("contacts", one, "notes", note)
    _, told = read(portal, "notes", one)
    row = told["results"][0]
    assert len(row["to"]) == 500
    _, rest = read(portal, "notes", one, after=row["paging"]["next"]["after"].replace("%3D", "="))
    assert [t["toObjectId"] for t in rest["results"][0]["to"]] == [int(made[-1])]
    assert "paging" not in rest["results"][0]


def test_both_ends_know_and_the_deleted_are_left_out(portal: Portal, one: str) -> None:
    call = portal.sandbox.desk.add_event("calls", one, hs_call_status="COMPLETED")
    back = portal.post(f"/crm/associations/{V}/calls/contacts/batch/read", {"inputs": [{"id": call}]}).json()
    assert [(t["toObjectId"], t["associationTypes"][0]["typeId"]) for t in back["results"][0]["to"]] == [
        (int(one), 194)
    ]
    portal.sandbox.desk.delete("calls", call)
    assert read(portal, "calls", one)[0] == 207


@pytest.mark.parametrize("base", ["/crm/v4/objects", "/crm/objects/2026-03"])
def test_one_records_associations_are_listed(portal: Portal, one: str, base: str) -> None:
    deal = portal.sandbox.desk.add_event("deals", one)
    told = portal.get(f"{base}/contacts/{one}/associations/deals").json()["results"]
    assert [(t["toObjectId"], t["associationTypes"][0]["typeId"]) for t in told] == [(int(deal), 4)]
    assert portal.get(f"{base}/contacts/{one}/associations/calls").json()["results"] == []
    assert portal.get(f"{base}/contacts/9999/associations/calls").status_code == 404


def test_the_newest_paths_have_no_such_list(portal: Portal, one: str) -> None:
    assert portal.get(f"/crm/objects/2026-09/contacts/{one}/associations/deals").status_code in {404, 405}


def test_clients_make_and_undo_associations(portal: Portal, one: str) -> None:
    company = portal.sandbox.desk.add("companies", name="x")
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 279}]
    pair = {"from": {"id": one}, "to": {"id": company}, "types": types}
    assert portal.post(f"{LINKS}/companies/batch/create", {"inputs": [pair]}).status_code == 201
    assert read(portal, "companies", one)[0] == 200
    gone = {"inputs": [{"from": {"id": one}, "to": [{"id": company}]}]}
    assert portal.post(f"{LINKS}/companies/batch/archive", gone).status_code == 204
    assert read(portal, "companies", one)[0] == 207
    path = f"/crm/v4/objects/contacts/{one}/associations"
    assert portal.ask("PUT", f"{path}/default/companies/{company}").status_code == 200
    assert portal.ask("DELETE", f"{path}/companies/{company}").status_code == 204
    assert portal.ask("PUT", f"{path}/companies/{company}", types).status_code == 201
    wrong = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 4}]
    assert portal.ask("PUT", f"{path}/companies/{company}", wrong).status_code == 400


def test_a_new_record_may_come_with_its_associations(portal: Portal, one: str) -> None:
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 194}]
    body = {
        "properties": {"hs_timestamp": "2026-11-24T00:00:00Z"},
        "associations": [{"to": {"id": one}, "types": types}],
    }
    call = portal.post(f"/crm/objects/{V}/calls", body).json()["id"]
    assert read(portal, "calls", one)[1]["results"][0]["to"][0]["toObjectId"] == int(call)


def test_a_list_of_records_can_show_them(portal: Portal, one: str) -> None:
    company = portal.sandbox.desk.add("companies", name="x")
    portal.sandbox.desk.associate("contacts", one, "companies", company)
    row = portal.get(CONTACTS, associations="companies,deals").json()["results"][0]
    kinds = [r["type"] for r in row["associations"]["companies"]["results"]]
    assert kinds == ["contact_to_company", "contact_to_company_unlabeled"]
    assert "deals" not in row["associations"]


def test_a_merge_takes_the_associations_along(portal: Portal, one: str) -> None:
    deal = portal.sandbox.desk.add_event("deals", one, amount="100")
    portal.sandbox.desk.change("deals", deal, dealstage="closedwon", closedate="2026-11-24T00:00:00Z")
    kept = portal.sandbox.desk.merge("contacts", one, portal.add())
    assert read(portal, "deals", kept)[1]["results"][0]["to"][0]["toObjectId"] == int(deal)
    told = portal.shown(kept, "num_associated_deals", "total_revenue", "recent_deal_amount")
    assert (told["num_associated_deals"], told["total_revenue"], told["recent_deal_amount"]) == ("1", "100", "100")


def test_a_stage_tells_whether_a_deal_is_closed_and_how(portal: Portal, one: str) -> None:
    path = f"/crm/objects/{V}/deals"
    pipeline = portal.get(f"/crm/pipelines/{V}/deals").json()["results"][0]
    assert pipeline["id"] == "default"
    for stage in pipeline["stages"]:
        body = {"properties": {"dealname": "x", "pipeline": "default", "dealstage": stage["id"]}}
        deal = portal.post(path, body).json()["id"]
        told = portal.get(f"{path}/{deal}", properties="hs_is_closed,hs_is_closed_won").json()["properties"]
        assert told["hs_is_closed"] == stage["metadata"]["isClosed"]
        assert (told["hs_is_closed_won"] == "true") is (stage["id"] == "closedwon")
    assert portal.post(path, {"properties": {"dealstage": "no_such_stage"}}).status_code == 400
    assert portal.get(f"/crm/pipelines/{V}/deals/default/stages").json()["results"] == pipeline["stages"]

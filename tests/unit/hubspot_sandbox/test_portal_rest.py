"""The endpoints that few clients need, each answering as its specification says."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.hubspot.sandbox import Options
from tests.unit.hubspot_sandbox.portal import CONTACTS, LISTS, PROPERTIES, SCORE, Portal, V, eq, ids, opened

LINKS = f"/crm/associations/{V}/contacts"


@pytest.fixture
def one(portal: Portal) -> str:
    return portal.add(email="taro@example.co.jp")


def test_somebody_deleted_is_read_from_the_recycle_bin(portal: Portal, one: str) -> None:
    assert portal.get(f"{CONTACTS}/{one}", archived="true").status_code == 404
    portal.sandbox.desk.delete("contacts", one)
    assert portal.get(f"{CONTACTS}/{one}", archived="true").json()["archived"] is True


def test_a_record_is_found_by_a_unique_property_of_ones_own(portal: Portal, one: str) -> None:
    portal.sandbox.desk.define_field("contacts", "code", hasUniqueValue=True)
    portal.sandbox.desk.change("contacts", one, code="A1")
    assert portal.get(f"{CONTACTS}/A1", idProperty="code").json()["id"] == one
    changed = portal.ask("PATCH", f"{CONTACTS}/A1", {"properties": {"jobtitle": "部長"}}, params={"idProperty": "code"})
    assert changed.json()["id"] == one
    assert portal.ask("PATCH", f"{CONTACTS}/B2", {"properties": {}}, params={"idProperty": "code"}).status_code == 404


def test_no_more_unique_properties_than_ten(portal: Portal) -> None:
    made = [portal.post(PROPERTIES, {**SCORE, "name": f"u{n}", "hasUniqueValue": True}).status_code for n in range(11)]
    assert made == [201] * 10 + [400]


def test_a_record_is_not_merged_with_itself_or_nobody(portal: Portal, one: str) -> None:
    for other in (one, "9999"):
        body = {"primaryObjectId": one, "objectIdToMerge": other}
        assert portal.post(f"{CONTACTS}/merge", body).status_code == 400


def test_another_object_is_refused_for_the_desk_too(portal: Portal, one: str) -> None:
    deal = portal.sandbox.desk.add_event("deals", one)
    portal.sandbox.desk.refuse_writes("deals", deal)
    path = f"/crm/objects/{V}/deals/{deal}"
    assert portal.ask("PATCH", path, {"properties": {"dealname": "x"}}).status_code == 400
    assert portal.get("/crm/objects/2026-09/spaceships").status_code == 400


# ---- definitions ---------------------------------------------------------------------------------------------------


def test_properties_are_read_and_archived_in_batches(portal: Portal) -> None:
    portal.post(PROPERTIES, SCORE)
    body = {"inputs": [{"name": "score"}, {"name": "email"}, {"name": "nope"}], "archived": False}
    told = portal.post(f"{PROPERTIES}/batch/read", body)
    assert (told.status_code, sorted(p["name"] for p in told.json()["results"])) == (207, ["email", "score"])
    assert portal.post(f"{PROPERTIES}/batch/archive", {"inputs": [{"name": "score"}]}).status_code == 204
    assert portal.get(f"{PROPERTIES}/score", archived="true").json()["archived"] is True
    assert portal.ask("DELETE", f"{PROPERTIES}/score").status_code == 404
    assert portal.ask("DELETE", f"{PROPERTIES}/email").status_code == 400
    assert portal.ask("PATCH", f"{PROPERTIES}/nope", {"label": "x"}).status_code == 404


def test_groups_are_listed_and_renamed(portal: Portal) -> None:
    group = f"{PROPERTIES}/groups"
    assert portal.post(group, {"name": "mine"}).status_code == 400
    portal.post(group, {"name": "mine", "label": "Mine"})
    assert portal.ask("PATCH", f"{group}/mine", {"label": "Ours"}).json()["label"] == "Ours"
    assert {"mine", "contactinformation"} <= {g["name"] for g in portal.get(group).json()["results"]}
    assert portal.ask("PATCH", f"{group}/nope", {"label": "x"}).status_code == 404
    assert portal.ask("DELETE", f"{group}/nope").status_code == 404


# ---- associations --------------------------------------------------------------------------------------------------


def test_default_associations_are_made_in_batches(portal: Portal, one: str) -> None:
    company = portal.sandbox.desk.add("companies", name="x")
    pairs = {"inputs": [{"from": {"id": one}, "to": {"id": i}} for i in (company, "9999")]}
    told = portal.post(f"{LINKS}/companies/batch/associate/default", pairs)
    assert (told.status_code, [r["toObjectId"] for r in told.json()["results"]]) == (207, [int(company)])
    v3 = portal.get(f"/crm/v3/objects/contacts/{one}/associations/companies").json()["results"]
    assert {r["id"] for r in v3} == {company}
    assert portal.get("/crm/v3/objects/contacts/9999/associations/companies").status_code == 404
    assert (
        portal.ask("PUT", f"/crm/v4/objects/contacts/9999/associations/default/companies/{company}").status_code == 404
    )


def test_the_types_between_two_objects_are_told(portal: Portal) -> None:
    told = portal.get(f"{LINKS}/companies/labels").json()["results"]
    assert [(t["typeId"], t["label"]) for t in told] == [(1, "Contact with Primary Company"), (279, None)]
    assert portal.get(f"{LINKS}/products/labels").status_code == 400
    wrong = {"inputs": [{"from": {"id": "1"}, "to": {"id": "2"}, "types": []}]}
    assert portal.post(f"{LINKS}/companies/batch/create", wrong).status_code == 400
    body = {"properties": {}, "associations": [{"to": {"id": "9999"}, "types": [{"associationTypeId": 279}]}]}
    assert portal.post(CONTACTS, body).status_code == 400


@pytest.mark.parametrize(
    ("filter_", "status"),
    [
        ({"operator": "IN", "values": ["1"]}, 200), ({"operator": "GT", "value": "1"}, 400),
        ({"operator": "EQ", "value": "1"}, 200),
    ],
)  # fmt: skip
def test_associations_are_filtered_by_identity_only(portal: Portal, filter_: dict, status: int) -> None:
    told = {"propertyName": "associations.company", **filter_}
    assert portal.post(f"{CONTACTS}/search", {"filterGroups": [{"filters": [told]}]}).status_code == status


# ---- lists ---------------------------------------------------------------------------------------------------------


def filtered(operator: str, **more: Any) -> dict[str, Any]:
    operation = {"operationType": "X", "operator": operator, "includeObjectsWithNoValueSet": False, **more}
    one = {"filterType": "PROPERTY", "property": "jobtitle", "operation": operation}
    both = {"filterBranchType": "AND", "filterBranchOperator": "AND", "filters": [one], "filterBranches": []}
    return {"filterBranchType": "OR", "filterBranchOperator": "OR", "filters": [], "filterBranches": [both]}


@pytest.mark.parametrize(
    ("branch", "found"),
    [
        (filtered("IS_EQUAL_TO", value="部長"), "a"), (filtered("IS_NOT_EQUAL_TO", value="部長"), "b"),
        (filtered("IS_ANY_OF", values=["部長", "x"]), "a"), (filtered("IS_NONE_OF", values=["部長"]), "b"),
        (filtered("IS_KNOWN"), "ab"), (filtered("IS_UNKNOWN"), "c"),
        (filtered("IS_EQUAL_TO", value="部長", includeObjectsWithNoValueSet=True), "ac"),
        (filtered("LIKE", value="x"), ""),
    ],
)  # fmt: skip
def test_a_lists_filters_choose(portal: Portal, branch: dict, found: str) -> None:
    people = {"a": portal.add(jobtitle="部長"), "b": portal.add(jobtitle="課長"), "c": portal.add()}
    wanted = {"name": "x", "objectTypeId": "0-1", "processingType": "DYNAMIC", "filterBranch": branch}
    id_ = portal.post(LISTS, wanted).json()["list"]["listId"]
    told = portal.get(f"{LISTS}/{id_}/memberships").json()["results"]
    assert {m["recordId"] for m in told} == {people[name] for name in found}


def test_a_snapshot_keeps_who_was_there(portal: Portal) -> None:
    one, other = portal.add(jobtitle="部長"), portal.add()
    wanted = {"name": "s", "objectTypeId": "0-1", "processingType": "SNAPSHOT"}
    branch = filtered("IS_EQUAL_TO", value="部長")
    id_ = portal.post(LISTS, {**wanted, "filterBranch": branch}).json()["list"]["listId"]
    portal.sandbox.desk.change("contacts", other, jobtitle="部長")
    assert [m["recordId"] for m in portal.get(f"{LISTS}/{id_}/memberships").json()["results"]] == [one]
    swap = {"recordIdsToAdd": [other], "recordIdsToRemove": [one]}
    told = portal.ask("PUT", f"{LISTS}/{id_}/memberships/add-and-remove", swap).json()
    assert (told["recordsIdsAdded"], told["recordIdsRemoved"]) == ([other], [one])
    asked = {"inputs": [{"objectTypeId": "0-1", "recordId": i} for i in (one, other)]}
    rows = portal.post(f"{LISTS}/records/memberships/batch/read", asked).json()["results"]
    assert {r["recordId"]: len(r["recordListMemberships"]) for r in rows} == {one: 0, other: 1}
    assert portal.ask("PUT", f"{LISTS}/{id_}/memberships/add", {"a": 1}).status_code == 400


def test_a_manual_list_has_no_filters_to_change(portal: Portal) -> None:
    wanted = {"name": "m", "objectTypeId": "0-1", "processingType": "MANUAL"}
    id_ = portal.post(LISTS, wanted).json()["list"]["listId"]
    body = {"filterBranch": filtered("IS_KNOWN")}
    assert portal.ask("PUT", f"{LISTS}/{id_}/update-list-filters", body).status_code == 400
    assert portal.ask("PUT", f"{LISTS}/{id_}/update-list-name", params={"listName": "M"}).status_code == 400
    assert portal.ask("PUT", f"{LISTS}/9999/restore").status_code == 404


# ---- what people do ------------------------------------------------------------------------------------------------


def test_events_are_asked_for_by_kind_object_or_id() -> None:
    path = f"/events/event-occurrences/{V}"
    with opened(Options(rate_limits=False, tier="enterprise")) as portal:
        one = portal.add()
        event = portal.sandbox.desk.add_event("page_views", one, path="/pricing")
        assert portal.get(path).status_code == 400
        assert portal.get(path, objectType="contact", occurredAfter="yesterday").status_code == 400
        assert ids(portal.get(path, id=event).json()["results"]) == [event]
        assert portal.get(path, eventType="e_deal_closed").json()["results"] == []
        portal.sandbox.desk.delete("contacts", one)
        assert portal.get(path, eventType="e_visited_page").json()["results"] == []


@pytest.mark.parametrize(
    "params", [{"eventType": "SNEEZE"}, {"offset": "x"}, {"limit": 1_001}, {"startTimestamp": "x"}]
)
def test_mail_events_are_not_told_for_nonsense(portal: Portal, params: dict) -> None:
    assert portal.get("/email/public/v1/events", **params).status_code == 400


@pytest.mark.parametrize(
    "path",
    [
        "/email/public/v1/campaigns/9999", "/marketing/v3/forms/x", f"/marketing/marketing-events/{V}/9999",
        f"/crm/owners/{V}/9999", f"/crm/pipelines/{V}/deals/x", "/oauth/v1/access-tokens/x",
    ],
)  # fmt: skip
def test_what_is_not_there_is_404(portal: Portal, path: str) -> None:
    assert portal.get(path).status_code == 404


def test_one_form_and_one_event_are_read_by_their_ids(portal: Portal, one: str) -> None:
    portal.sandbox.desk.add_event("form_submissions", one, form_name="デモ")
    portal.sandbox.desk.add_event("marketing_events", one, name="ウェビナー")
    form = portal.get("/marketing/v3/forms").json()["results"][0]
    assert portal.get(f"/marketing/v3/forms/{form['id']}").json() == form
    event = portal.get(f"/marketing/marketing-events/{V}").json()["results"][0]
    assert portal.get(f"/marketing/marketing-events/{V}/{event['objectId']}").json() == event


# ---- the account ---------------------------------------------------------------------------------------------------


def test_how_full_the_account_is(portal: Portal, one: str) -> None:
    rows = portal.get(f"/crm/limits/{V}/records").json()["hubspotDefinedObjectTypes"]
    assert next(r["usage"] for r in rows if r["objectTypeId"] == "0-1") == 1
    assert portal.get(f"/crm-object-schemas/{V}/schemas").json() == {"results": []}
    assert portal.get(f"/crm/owners/{V}", archived="true").json()["results"] == []
    assert ids(portal.get(f"/crm/pipelines/{V}/deals").json()["results"]) == ["default"]
    assert portal.get(f"/crm/pipelines/{V}/deals/default").json()["label"] == "Sales Pipeline"


def test_a_tokens_holder_can_ask_what_it_is_good_for(portal: Portal) -> None:
    from adapters.hubspot.sandbox.oauth import issue

    access = issue(portal.sandbox.account)
    url = f"{portal.server.url}/oauth/{V}/token/introspect"
    told = portal.session.post(url, data={"token": access}, timeout=10).json()
    assert (told["active"], told["expires_in"], told["hub_id"]) == (
        True,
        1_800,
        portal.sandbox.account.options.portal_id,
    )
    assert portal.session.post(url, data={"token": "x"}, timeout=10).json() == {"active": False}


def test_a_write_before_the_index_saw_the_last_one_still_shows_what_came_between(portal: Portal, one: str) -> None:
    portal.later(60)
    for n in range(3):
        portal.update({"id": one, "properties": {"jobtitle": f"t{n}"}})
        portal.later(2)
    assert portal.found(eq("jobtitle", "t0")) == [one]
    portal.later(2)
    assert portal.found(eq("jobtitle", "t1")) == [one]
    portal.later(2)
    assert portal.found(eq("jobtitle", "t2")) == [one]

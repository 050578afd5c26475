"""Lists: made once, filled by their filters or by hand, read by record and by list."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.hubspot_sandbox.portal import LISTS, Portal


def branch(property_: str = "hot", **operation: Any) -> dict[str, Any]:
    usual = {"operationType": "BOOL", "operator": "IS_EQUAL_TO", "value": True, "includeObjectsWithNoValueSet": False}
    told = {"filterType": "PROPERTY", "property": property_, "operation": {**usual, **operation}}
    both = {"filterBranchType": "AND", "filterBranchOperator": "AND", "filterBranches": [], "filters": [told]}
    return {"filterBranchType": "OR", "filterBranchOperator": "OR", "filters": [], "filterBranches": [both]}


def body(**more: Any) -> dict[str, Any]:
    usual = {"name": "ホットリード", "objectTypeId": "0-1", "processingType": "DYNAMIC", "filterBranch": branch()}
    return {**usual, **more}


@pytest.fixture
def ready(portal: Portal) -> Portal:
    portal.sandbox.desk.define_field("contacts", "hot", "bool")
    return portal


def test_a_list_is_looked_up_by_its_name_and_made_once(ready: Portal) -> None:
    path = f"{LISTS}/object-type-id/0-1/name/ホットリード"
    assert ready.get(path).status_code == 404
    made = ready.post(LISTS, body())
    assert made.status_code == 200
    assert ready.get(path).json()["list"]["listId"] == made.json()["list"]["listId"]
    assert ready.post(LISTS, body()).status_code == 400


def test_it_fills_by_and_by_and_follows_the_field(ready: Portal) -> None:
    one, two, _ = ready.add(hot=True), ready.add(hot=False), ready.add()
    id_ = ready.post(LISTS, body()).json()["list"]["listId"]
    assert ready.get(f"{LISTS}/{id_}").json()["list"]["processingStatus"] == "PROCESSING"
    ready.later(60)
    told = ready.get(f"{LISTS}/{id_}").json()["list"]
    assert (told["processingStatus"], told["size"]) == ("COMPLETE", 1)
    assert [m["recordId"] for m in ready.get(f"{LISTS}/{id_}/memberships").json()["results"]] == [one]
    ready.update({"id": two, "properties": {"hot": "true"}}, {"id": one, "properties": {"hot": "false"}})
    assert [
        (m["recordId"], m["membershipTimestamp"]) for m in ready.get(f"{LISTS}/{id_}/memberships").json()["results"]
    ] == [(two, "2026-11-24T00:01:00Z")]
    told = ready.get(f"{LISTS}/records/0-1/{two}/memberships").json()["results"]
    assert [(m["listId"], m["firstAddedTimestamp"]) for m in told] == [(id_, "2026-11-24T00:01:00Z")]
    assert ready.get(f"{LISTS}/records/0-1/{one}/memberships").json()["results"] == []


def test_nobody_is_put_on_a_list_that_fills_itself(ready: Portal) -> None:
    one = ready.add()
    id_ = ready.post(LISTS, body()).json()["list"]["listId"]
    assert ready.ask("PUT", f"{LISTS}/{id_}/memberships/add", [one]).status_code == 400


def test_a_manual_list_is_written_and_read_in_both_orders(ready: Portal) -> None:
    first, second = ready.add(), ready.add()
    id_ = ready.post(LISTS, body(name="m", processingType="MANUAL", filterBranch=None)).json()["list"]["listId"]
    for one in (second, first):
        told = ready.ask("PUT", f"{LISTS}/{id_}/memberships/add", [one, "9999"]).json()
        assert (told["recordsIdsAdded"], told["recordIdsMissing"]) == ([one], ["9999"])
        ready.later(10)
    by_id = [m["recordId"] for m in ready.get(f"{LISTS}/{id_}/memberships").json()["results"]]
    by_time = [m["recordId"] for m in ready.get(f"{LISTS}/{id_}/memberships/join-order").json()["results"]]
    assert (by_id, by_time) == ([first, second], [second, first])
    assert ready.ask("PUT", f"{LISTS}/{id_}/memberships/remove", [first]).json()["recordIdsRemoved"] == [first]


@pytest.mark.parametrize(
    "wrong",
    [
        {"filterBranch": None}, {"processingType": "LIVE"}, {"filterBranch": branch("no_such_property")},
        {"filterBranch": branch(value="true")}, {"filterBranch": branch()["filterBranches"][0]},
        {"filterBranch": {"filterBranchType": "OR", "filterBranches": []}},
    ],
)  # fmt: skip
def test_filters_that_mean_nothing_are_refused(ready: Portal, wrong: dict) -> None:
    assert ready.post(LISTS, body(**wrong)).status_code == 400


@pytest.mark.parametrize("part", ["operationType", "operator", "includeObjectsWithNoValueSet"])
def test_every_part_of_an_operation_is_needed(ready: Portal, part: str) -> None:
    told = branch()
    del told["filterBranches"][0]["filters"][0]["operation"][part]
    assert ready.post(LISTS, body(filterBranch=told)).status_code == 400


def test_a_property_in_use_is_not_deleted(ready: Portal) -> None:
    ready.post(LISTS, body())
    answer = ready.ask("DELETE", "/crm/properties/2026-09/contacts/hot")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "CANNOT_DELETE_PROPERTY_IN_USE")


def test_lists_are_read_by_id_found_by_a_part_of_the_name_renamed_and_deleted(ready: Portal) -> None:
    id_ = ready.post(LISTS, body()).json()["list"]["listId"]
    assert [r["name"] for r in ready.get(LISTS, listIds=[id_, "9999"]).json()["lists"]] == ["ホットリード"]
    assert ready.post(f"{LISTS}/search", {"query": "リード"}).json()["total"] == 1
    assert (
        ready.ask("PUT", f"{LISTS}/{id_}/update-list-name", params={"listName": "x"}).json()["updatedList"]["name"]
        == "x"
    )
    changed = ready.ask("PUT", f"{LISTS}/{id_}/update-list-filters", {"filterBranch": branch(value=False)})
    assert changed.json()["updatedList"]["listVersion"] == 3
    assert ready.ask("DELETE", f"{LISTS}/{id_}").status_code == 204
    assert ready.get(f"{LISTS}/{id_}").status_code == 404
    assert ready.ask("PUT", f"{LISTS}/{id_}/restore").status_code == 204
    assert ready.get(f"{LISTS}/{id_}").status_code == 200

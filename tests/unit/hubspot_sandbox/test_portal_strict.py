"""Where HubSpot is stricter than a friendly copy would be: locks, moves, long URLs, an account's own rules."""

from __future__ import annotations

from typing import Any

import pytest

from connector.instants import DAY, SECOND
from tests.unit.hubspot_sandbox.portal import CONTACTS, LISTS, Portal, ids

V3 = "/crm/v3/objects/contacts"


@pytest.fixture
def one(portal: Portal) -> str:
    portal.sandbox.desk.define_field("contacts", "score", "number")
    portal.sandbox.desk.define_field("contacts", "day", "date")
    return portal.add(email="taro@example.co.jp")


def score(id_: str, value: str = "1") -> dict[str, Any]:
    return {"id": id_, "properties": {"score": value}}


# ---- at the edge ---------------------------------------------------------------------------------------------------


def test_a_url_that_is_too_long_is_turned_away_by_the_edge_before_the_token_is_looked_at(portal: Portal) -> None:
    answer = portal.ask("GET", CONTACTS, headers={"Authorization": ""}, params={"properties": "p" * 17_000})
    assert (answer.status_code, answer.headers["Content-Type"].partition(";")[0]) == (414, "text/html")
    assert portal.get(CONTACTS, properties="p" * 15_000).status_code == 200


def test_an_account_that_moves_lets_nobody_in_and_says_for_how_long(portal: Portal, one: str) -> None:
    portal.sandbox.weather.move(7_200)
    told = [portal.get(CONTACTS), portal.update(score(one))]
    portal.later(7_199.5)
    told.append(portal.get(CONTACTS))
    assert [(a.status_code, a.headers["Retry-After"]) for a in told] == [(477, "7200"), (477, "7200"), (477, "1")]
    portal.later(0.5)
    assert portal.get(CONTACTS).status_code == 200
    assert portal.shown(one, "score")["score"] is None


# ---- records that cannot be written --------------------------------------------------------------------------------


def test_a_lock_holds_a_record_for_two_seconds_and_all_that_is_written_with_it(portal: Portal, one: str) -> None:
    other = portal.add()
    portal.sandbox.weather.lock(one)
    assert portal.update(score(one), score(other)).status_code == 423
    assert portal.ask("PATCH", f"{CONTACTS}/{one}", {"properties": {"score": "1"}}).status_code == 423
    assert portal.update(score(other)).status_code == 200, "the others are free"
    assert portal.get(f"{CONTACTS}/{one}").status_code == 200, "reading is free"
    portal.later(1.9)
    assert portal.update(score(one)).status_code == 423
    portal.later(0.1)
    assert portal.update(score(one)).status_code == 200


def test_a_rule_that_requires_a_property_sinks_the_batch_on_the_newest_paths_alone(portal: Portal, one: str) -> None:
    other = portal.add(lifecyclestage="lead")
    portal.sandbox.desk.change("contacts", one, lifecyclestage="customer")
    portal.sandbox.weather.require("phone", "lifecyclestage", "customer")
    refused = portal.update(score(one), score(other))
    told = refused.json()["errors"][0]
    assert (refused.status_code, told["code"]) == (400, "MISSING_CONDITIONAL_REQUIRED_PROPERTY")
    assert (told["context"], one in refused.text) == ({"propertyName": ["phone"]}, False)
    assert portal.shown(other, "score")["score"] is None
    assert portal.update(score(other)).status_code == 200, "its condition does not hold"
    assert portal.update(score(one), path=V3).status_code == 200
    assert portal.update(score(one), path="/crm/objects/2026-03/contacts").status_code == 200
    with_it = {"id": one, "properties": {"score": "2", "phone": "03-0000-0000"}}
    assert portal.update(with_it).status_code == 200
    assert portal.update(score(one, "3")).status_code == 200, "now it has one"


@pytest.mark.parametrize("way", ["", "/batch/create", "/batch/upsert"])
def test_a_new_record_is_held_to_the_rule_too(portal: Portal, one: str, way: str) -> None:
    portal.sandbox.weather.require("phone", "lifecyclestage", "customer")
    body: Any = {"properties": {"email": "new@example.co.jp", "lifecyclestage": "customer"}}
    if way:
        body = {"inputs": [{**body, "id": "new@example.co.jp", "idProperty": "email"}]}
    assert portal.post(CONTACTS + way, body).status_code == 400
    assert ids(portal.get(CONTACTS).json()["results"]) == [one]


# ---- values, lists, the recycle bin --------------------------------------------------------------------------------


@pytest.mark.parametrize("value", ["2026-11-24T09:00:00Z", "2026/11/24", "24 Nov 2026", "1763769600001"])
def test_a_date_is_a_day_or_midnight_and_nothing_else(portal: Portal, one: str, value: str) -> None:
    assert portal.update({"id": one, "properties": {"day": value}}).status_code == 400


def test_the_root_of_a_lists_filters_holds_and_branches_only(portal: Portal) -> None:
    def branch(kind: str, *inner: Any) -> dict[str, Any]:
        told = {"filterBranchType": kind, "filterBranchOperator": kind}
        return {**told, "filters": [], "filterBranches": list(inner)}

    for inner, status in (("OR", 400), ("AND", 200)):
        body = {"name": inner, "objectTypeId": "0-1", "processingType": "DYNAMIC"}
        assert portal.post(LISTS, {**body, "filterBranch": branch("OR", branch(inner))}).status_code == status


def test_the_recycle_bin_is_emptied_after_ninety_days(portal: Portal, one: str) -> None:
    portal.sandbox.desk.delete("contacts", one)
    asked = {"properties": [], "inputs": [{"id": one}]}
    portal.later(90 * DAY / SECOND - 1)
    assert ids(portal.get(CONTACTS, archived="true").json()["results"]) == [one]
    assert portal.post(f"{CONTACTS}/batch/read?archived=true", asked).status_code == 200
    portal.later(1)
    assert portal.get(CONTACTS, archived="true").json()["results"] == []
    assert portal.get(f"{CONTACTS}/{one}", archived="true").status_code == 404
    assert portal.post(f"{CONTACTS}/batch/read?archived=true", asked).status_code == 207

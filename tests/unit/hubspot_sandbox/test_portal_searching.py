"""Search: its filters, its limits, and the copy it reads, which is late."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connector.instants import parse_instant
from tests.unit.hubspot_sandbox.portal import CONTACTS, Portal, eq, ids

NOW = parse_instant("2026-11-24T00:00:00Z") // 1_000


@pytest.fixture
def people(portal: Portal) -> dict[str, str]:
    portal.sandbox.desk.define_field("contacts", "score", "number")
    made = {
        "taro": portal.add(firstname="Taro", email="taro@example.co.jp", score=5, lifecyclestage="lead"),
        "hanako": portal.add(firstname="Hanako", email="hanako@sub.example.com", score=100, lifecyclestage="customer"),
        "nobody": portal.add(lastname="no one"),
    }
    portal.later(60)
    return made


def f(name: str, operator: str, **more: Any) -> dict[str, Any]:
    return {"propertyName": name, "operator": operator, **more}


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ([eq("firstname", "taro")], {"taro"}),
        ([f("firstname", "NEQ", value="taro")], {"hanako", "nobody"}),
        ([f("score", "GT", value="20")], {"hanako"}),
        ([f("score", "LTE", value="5.0")], {"taro"}),
        ([f("score", "BETWEEN", value="5", highValue="100")], {"taro", "hanako"}),
        ([f("firstname", "IN", values=["taro", "hanako"])], {"taro", "hanako"}),
        ([f("firstname", "IN", values=["Taro"])], set()),  # texts must be in lower case here
        ([f("firstname", "NOT_IN", values=["taro"])], {"hanako", "nobody"}),
        ([f("lifecyclestage", "EQ", value="LEAD")], set()),  # enumerations mind their case
        ([f("lifecyclestage", "EQ", value="lead")], {"taro"}),
        ([f("email", "HAS_PROPERTY")], {"taro", "hanako"}),
        ([f("email", "NOT_HAS_PROPERTY")], {"nobody"}),
        ([f("email", "CONTAINS_TOKEN", value="*@example.co.jp")], {"taro"}),
        ([f("email", "NOT_CONTAINS_TOKEN", value="example")], {"nobody"}),
        ([f("lastmodifieddate", "GTE", value=str(NOW))], {"taro", "hanako", "nobody"}),
        ([f("lastmodifieddate", "GTE", value="2026-11-24T00:00:00Z")], {"taro", "hanako", "nobody"}),
        ([f("lastmodifieddate", "GT", value=str(NOW))], set()),
        ([f("hs_lastmodifieddate", "GTE", value="0")], set()),  # there, and of no use on contacts
        ([eq("firstname", "taro"), f("score", "GT", value="20")], set()),
    ],
)  # fmt: skip
def test_filters_find(portal: Portal, people: dict[str, str], filters: list, found: set[str]) -> None:
    assert set(portal.found(*filters)) == {people[name] for name in found}


def test_groups_are_alternatives(portal: Portal, people: dict[str, str]) -> None:
    groups = [{"filters": [eq("firstname", "taro")]}, {"filters": [eq("firstname", "hanako")]}]
    told = portal.post(f"{CONTACTS}/search", {"filterGroups": groups}).json()
    assert set(ids(told["results"])) == {people["taro"], people["hanako"]}
    assert told["total"] == 2


def test_filters_outside_of_any_group_are_one(portal: Portal, people: dict[str, str]) -> None:
    told = portal.search(filters=[f("score", "GT", value="1"), f("score", "LT", value="20")])
    assert (told["total"], ids(told["results"])) == (1, [people["taro"]])


def test_free_text_is_looked_for(portal: Portal, people: dict[str, str]) -> None:
    assert portal.found(query="hanako") == [people["hanako"]]


def test_the_oldest_comes_first_unless_sorted(portal: Portal, people: dict[str, str]) -> None:
    made = list(people.values())
    assert portal.found() == made
    down = [{"propertyName": "hs_object_id", "direction": "DESCENDING"}]
    assert portal.found(sorts=down) == made[::-1]
    up = [{"propertyName": "score", "direction": "ASCENDING"}]
    assert portal.found(sorts=up) == [people["taro"], people["hanako"], people["nobody"]]


def test_only_the_named_properties_come(portal: Portal, people: dict[str, str]) -> None:
    told = portal.search(eq("firstname", "taro"), properties=["score", "nope"])["results"][0]["properties"]
    assert told["score"] == "5"
    assert "firstname" not in told
    assert "nope" not in told


def test_associations_work_as_a_property(portal: Portal, people: dict[str, str]) -> None:
    company = portal.sandbox.desk.add("companies", name="さくら商事")
    portal.sandbox.desk.associate("contacts", people["taro"], "companies", company)
    portal.later(60)
    assert portal.found(eq("associations.company", company)) == [people["taro"]]


def test_pages_follow_by_number_and_the_last_has_no_paging(portal: Portal) -> None:
    made = [portal.add() for _ in range(5)]
    portal.later(60)
    first = portal.search(limit=3)
    assert (first["total"], ids(first["results"]), first["paging"]["next"]["after"]) == (5, made[:3], "3")
    rest = portal.search(limit=3, after="3")
    assert ids(rest["results"]) == made[3:]
    assert "paging" not in rest


MANY = [eq("firstname", "x")]


@pytest.mark.parametrize(
    "body",
    [
        {"limit": 201},
        {"limit": 0},
        {"limit": 100, "after": "9901"},
        {"filterGroups": [{"filters": MANY}] * 6},
        {"filterGroups": [{"filters": MANY * 7}]},
        {"filterGroups": [{"filters": MANY * 5}] * 4},
        {"filterGroups": [{"filters": [f("no_such_property", "EQ", value="1")]}]},
        {"filterGroups": [{"filters": [f("firstname", "LIKE", value="1")]}]},
        {"filterGroups": [{"filters": [f("firstname", "EQ")]}]},
        {"filterGroups": [{"filters": [f("firstname", "IN", value="1")]}]},
        {"filterGroups": [{"filters": [f("lastmodifieddate", "GT", value="yesterday")]}]},
        {"filterGroups": [{"filters": [f("createdate", "BETWEEN", value="1")]}]},
        {"filterGroups": "x"},
        {"sorts": [{"propertyName": "email"}, {"propertyName": "firstname"}]},
        {"sorts": [{"propertyName": "email", "direction": "UP"}]},
        {"sorts": [{"propertyName": "no_such_property"}]},
        {"properties": ["p" * 3_000]},
    ],
)
def test_what_hubspot_does_not_search_for_is_refused(portal: Portal, body: dict) -> None:
    answer = portal.post(f"{CONTACTS}/search", body)
    assert (answer.status_code, answer.json()["category"]) == (400, "VALIDATION_ERROR")


def test_three_thousand_characters_are_not_too_many(portal: Portal) -> None:
    room = 3_000 - len(json.dumps({"properties": [""]}))
    assert portal.post(f"{CONTACTS}/search", {"properties": ["p" * room]}).status_code == 200
    assert portal.post(f"{CONTACTS}/search", {"properties": ["p" * (room + 1)]}).status_code == 400


def test_somebody_new_is_missing_until_the_index_has_caught_up(portal: Portal) -> None:
    one = portal.add(firstname="new")
    portal.later(4.4)
    assert portal.found(eq("firstname", "new")) == []
    assert ids(portal.get(CONTACTS).json()["results"]) == [one], "the list is not late"
    portal.later(0.1)
    assert portal.found(eq("firstname", "new")) == [one]


def test_a_late_index_matches_the_old_value_and_shows_the_new(portal: Portal) -> None:
    one = portal.add(firstname="old")
    portal.later(60)
    portal.update({"id": one, "properties": {"firstname": "new"}})
    told = portal.search(eq("firstname", "old"), properties=["firstname"])["results"]
    assert [(r["id"], r["properties"]["firstname"]) for r in told] == [(one, "new")]
    assert portal.found(eq("firstname", "new")) == []
    portal.later(5)
    assert portal.found(eq("firstname", "old")) == []
    assert portal.found(eq("firstname", "new")) == [one]


def test_the_deleted_are_never_found(portal: Portal) -> None:
    one = portal.add()
    portal.later(60)
    portal.sandbox.desk.delete("contacts", one)
    assert portal.search()["total"] == 0


def test_a_bulk_edit_gives_one_stamp_that_search_can_walk_by_id(portal: Portal) -> None:
    made = [portal.add() for _ in range(7)]
    portal.later(60)
    portal.sandbox.desk.same_instant("contacts", made)
    portal.later(60)
    stamp = {r["properties"]["lastmodifieddate"] for r in portal.search(limit=100)["results"]}
    assert len(stamp) == 1
    window = f("lastmodifieddate", "GTE", value=str(NOW))
    last, seen = "0", []
    by_id = [{"propertyName": "hs_object_id", "direction": "ASCENDING"}]
    while page := portal.found(window, f("hs_object_id", "GT", value=last), sorts=by_id, limit=3):
        last, seen = page[-1], seen + page
    assert seen == made


def test_twenty_thousand_are_searched_in_no_time(portal: Portal) -> None:
    from time import perf_counter

    rows = [
        {"id": str(n), "created": NOW, "updated": NOW + n, "values": {"firstname": f"n{n}"}}
        for n in range(1_000, 21_000)
    ]
    portal.sandbox.account.save("contacts", rows)
    window = f("lastmodifieddate", "GTE", value=str(NOW + 15_000))
    by_id = [{"propertyName": "hs_object_id", "direction": "ASCENDING"}]
    began = perf_counter()
    last, seen = "0", 0
    for _ in range(10):
        page = portal.found(window, f("hs_object_id", "GT", value=last), sorts=by_id, limit=200)
        last, seen = page[-1], seen + len(page)
    for _ in range(10):
        portal.get(CONTACTS, limit=100, after="15000")
    assert seen == 2_000
    assert perf_counter() - began < 5

"""How our fields come into HubSpot: only where they are missing, and nothing at all where one clashes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hubspot_farside import OURS, THEIR_DEFINITIONS, Far, V, definition, error

from adapters.hubspot.provision import GROUP, list_body, property_body
from connector.ports import FieldChange
from connector.results import BY_NAME, RESULTS

PROPERTIES = f"/crm/properties/{V}/contacts"
LISTS = f"/crm/lists/{V}"
BY_LIST_NAME = f"{LISTS}/object-type-id/0-1/name/ホットリード"
WANTED = {"contacts": [(r.hubspot, r) for r in RESULTS]}


@pytest.fixture
def bare(far: Far) -> Iterator[Far]:
    """An account without any of our fields."""
    far.definitions = list(THEIR_DEFINITIONS)
    far.on("POST", f"{PROPERTIES}/groups", {"name": GROUP})
    far.on("POST", PROPERTIES, {"name": "x"})
    far.on("POST", LISTS, {"list": {"listId": "1"}})
    return far


def made(far: Far) -> list[str]:
    return [body["name"] for body in far.asked_of(PROPERTIES) if "name" in body]


def steps(far: Far, *, apply: bool) -> list[FieldChange]:
    return list(far.open().provision(WANTED, apply=apply))


def test_a_plan_makes_nothing(bare: Far) -> None:
    told = steps(bare, apply=False)
    assert {s.action for s in told} == {"create"}
    assert not any(s.done for s in told)
    assert not any(method == "POST" for method, *_ in bare.asked)


def test_what_is_missing_is_made_with_its_group_and_the_list_of_hot_leads(bare: Far) -> None:
    told = steps(bare, apply=True)
    assert all(s.done for s in told)
    assert made(bare) == [r.hubspot for r in RESULTS]
    assert bare.asked_of(f"{PROPERTIES}/groups") == [{"name": GROUP, "label": "Leadheat", "displayOrder": -1}]
    assert [body["name"] for body in bare.asked_of(LISTS)] == ["ホットリード"]
    assert told[-1].field == "ホットリード"


def test_what_is_there_is_left_alone(far: Far) -> None:
    bands = [{"value": v} for v, _, _ in BY_NAME["band"].choices]
    verdicts = [{"value": v} for v, _, _ in BY_NAME["verdict"].choices]
    options = {OURS["band"]: bands, OURS["verdict"]: verdicts}
    far.definitions = [{**d, "options": options.get(d["name"], [])} for d in far.definitions]
    far.on("GET", BY_LIST_NAME, {"list": {"listId": "1"}})
    assert {s.action for s in steps(far, apply=True)} == {"exists"}
    assert not any(method == "POST" for method, *_ in far.asked)


@pytest.mark.parametrize(
    "clash",
    [
        definition(OURS["score"], "string"),
        definition(OURS["score"], "number", "calculation_equation", calculated=True),
        definition(OURS["score"], "number", "number", modificationMetadata={"readOnlyValue": True}),
        definition(OURS["band"], "enumeration", "select", options=[{"value": "hot"}]),
    ],
    ids=["type", "calculated", "read-only", "choices"],
)
def test_nothing_is_made_when_one_field_clashes(bare: Far, clash: dict[str, object]) -> None:
    bare.definitions = [*bare.definitions, clash]
    told = steps(bare, apply=True)
    assert [s.field for s in told if s.action == "clash"] == [clash["name"]]
    assert not any(s.done for s in told)
    assert not any(method == "POST" for method, *_ in bare.asked)


def test_a_field_that_another_run_made_meanwhile_is_looked_at_again(bare: Far) -> None:
    taken = error(409, "OBJECT_ALREADY_EXISTS", subCategory="Properties.PROPERTY_WITH_NAME_EXISTS")
    bare.on("POST", PROPERTIES, taken)
    bare.on("GET", f"{PROPERTIES}/{OURS['score']}", definition(OURS["score"], "number", "number"))
    wanted = {"contacts": [(OURS["score"], BY_NAME["score"])]}
    assert [(s.action, s.done) for s in bare.open().provision(wanted, apply=True)] == [("exists", False)]


def test_an_account_without_room_is_told_before_anything_is_made(bare: Far) -> None:
    limits = {"byObjectType": [{"objectTypeId": "0-1", "limit": 10, "usage": 8}]}
    bare.on("GET", f"/crm/limits/{V}/custom-properties", limits)
    told = steps(bare, apply=True)
    assert {s.action for s in told[:-1]} == {"clash"}
    assert "2" in str(told[0].what)
    assert made(bare) == []


@pytest.mark.parametrize("status", [403, 404])
def test_an_account_that_does_not_tell_its_room_is_tried(bare: Far, status: int) -> None:
    bare.on("GET", f"/crm/limits/{V}/custom-properties", error(status, "MISSING_SCOPES"))
    assert len(made(bare)) == 0
    steps(bare, apply=True)
    assert len(made(bare)) == len(RESULTS)


def test_without_the_scope_for_lists_the_fields_are_made_all_the_same(bare: Far) -> None:
    bare.on("GET", BY_LIST_NAME, error(403, "MISSING_SCOPES"))
    told = steps(bare, apply=True)
    assert [s.done for s in told] == [True] * len(RESULTS) + [False]
    assert "crm.lists.write" in str(told[-1].what)


def test_a_yes_or_no_has_both_choices_as_hubspot_spells_them() -> None:
    body = property_body("x", BY_NAME["hot"], "both")
    assert (body["type"], body["fieldType"]) == ("bool", "booleancheckbox")
    assert [(o["value"], o["label"], o["displayOrder"], o["hidden"]) for o in body["options"]] == [
        ("true", "はい / Yes", 0, False), ("false", "いいえ / No", 1, False),
    ]  # fmt: skip


@pytest.mark.parametrize("result", RESULTS, ids=lambda r: r.name)
@pytest.mark.parametrize("lang", ["ja", "en", "both"])
def test_every_definition_has_what_hubspot_requires(result, lang: str) -> None:
    body = property_body(result.hubspot, result, lang)
    assert {"name", "label", "type", "fieldType", "groupName"} <= set(body)
    assert body["fieldType"] != "datetime"
    assert all(set(o) == {"label", "value", "displayOrder", "hidden"} for o in body.get("options", ()))
    assert ("options" in body) is (result.type in {"choice", "truth"})


def test_the_list_is_or_over_and_with_a_real_truth() -> None:
    root = list_body("Hot leads", OURS["hot"])["filterBranch"]
    assert (root["filterBranchType"], root["filters"]) == ("OR", [])
    (both,) = root["filterBranches"]
    assert (both["filterBranchType"], both["filterBranches"]) == ("AND", [])
    assert both["filters"][0]["operation"]["value"] is True

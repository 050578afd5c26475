"""Property definitions and their groups: made once, brought back, refused."""

from __future__ import annotations

import pytest

from tests.unit.hubspot_sandbox.portal import PROPERTIES, SCORE, Portal

GROUP = {"name": "scoring", "label": "Lead scoring", "displayOrder": -1}


def test_a_group_and_a_property_are_made_once(portal: Portal) -> None:
    assert portal.get(f"{PROPERTIES}/groups/scoring").status_code == 404
    assert [portal.post(f"{PROPERTIES}/groups", GROUP).status_code for _ in range(2)] == [201, 409]
    body = {**SCORE, "groupName": "scoring"}
    assert portal.get(f"{PROPERTIES}/score").status_code == 404
    first, again = portal.post(PROPERTIES, body), portal.post(PROPERTIES, body)
    assert (first.status_code, again.status_code) == (201, 409)
    assert again.json()["subCategory"] == "Properties.PROPERTY_WITH_NAME_EXISTS"
    told = portal.get(f"{PROPERTIES}/score").json()
    assert (told["type"], told["groupName"], told["modificationMetadata"]["readOnlyValue"]) == (
        "number",
        "scoring",
        False,
    )
    assert "score" in {row["name"] for row in portal.get(PROPERTIES).json()["results"]}


YES_NO = [{"label": v, "value": v, "displayOrder": 0, "hidden": False} for v in ("true", "false")]


@pytest.mark.parametrize(
    "more",
    [
        {"groupName": "no_such_group"}, {"label": ""}, {"name": "Score"}, {"name": "1st"}, {"type": "integer"},
        {"type": "datetime", "fieldType": "datetime"}, {"type": "bool", "fieldType": "booleancheckbox"},
        {"type": "bool", "fieldType": "booleancheckbox", "options": YES_NO[:1]},
        {"type": "enumeration", "fieldType": "select", "options": [{"label": "x", "value": "x"}]},
        {"type": "enumeration", "fieldType": "select", "options": [YES_NO[0], YES_NO[0]]},
    ],
)  # fmt: skip
def test_a_definition_that_cannot_be_is_refused(portal: Portal, more: dict) -> None:
    assert portal.post(PROPERTIES, {**SCORE, **more}).status_code == 400


def test_a_truth_needs_both_its_options(portal: Portal) -> None:
    body = {**SCORE, "type": "bool", "fieldType": "booleancheckbox", "options": YES_NO}
    assert portal.post(PROPERTIES, body).status_code == 201


def test_an_archived_property_comes_back_by_the_same_post(portal: Portal) -> None:
    portal.post(PROPERTIES, SCORE)
    one = portal.add(score=5)
    assert portal.ask("DELETE", f"{PROPERTIES}/score").status_code == 204
    assert portal.get(f"{PROPERTIES}/score").status_code == 404
    assert "score" not in portal.shown(one, "score")
    assert portal.get(PROPERTIES, archived="true").json()["results"][0]["name"] == "score"
    assert portal.post(PROPERTIES, SCORE).status_code == 201
    assert portal.shown(one, "score")["score"] == "5"


def test_options_are_replaced_as_a_whole(portal: Portal) -> None:
    body = {**SCORE, "type": "enumeration", "fieldType": "select", "options": [{**YES_NO[0], "value": v} for v in "ab"]}
    portal.post(PROPERTIES, body)
    told = portal.ask("PATCH", f"{PROPERTIES}/score", {"options": [{**YES_NO[0], "value": "c"}]}).json()
    assert [o["value"] for o in told["options"]] == ["c"]
    assert portal.ask("PATCH", f"{PROPERTIES}/jobtitle", {"label": "x"}).status_code == 400


def test_a_group_with_live_properties_stays(portal: Portal) -> None:
    portal.post(f"{PROPERTIES}/groups", GROUP)
    portal.post(PROPERTIES, {**SCORE, "groupName": "scoring"})
    assert portal.ask("DELETE", f"{PROPERTIES}/groups/scoring").status_code == 400
    portal.ask("DELETE", f"{PROPERTIES}/score")
    assert portal.ask("DELETE", f"{PROPERTIES}/groups/scoring").status_code == 204


def test_a_batch_of_properties_fails_in_part(portal: Portal) -> None:
    portal.post(PROPERTIES, SCORE)
    answer = portal.post(f"{PROPERTIES}/batch/create", {"inputs": [SCORE, {**SCORE, "name": "other"}]})
    told = answer.json()
    assert (answer.status_code, [r["name"] for r in told["results"]]) == (207, ["other"])
    assert told["errors"][0]["category"] == "OBJECT_ALREADY_EXISTS"


def test_what_an_admin_hides_is_neither_listed_nor_read(portal: Portal) -> None:
    portal.post(PROPERTIES, SCORE)
    one = portal.add(score=5)
    portal.sandbox.desk.hide_field("contacts", "score")
    assert "score" not in portal.shown(one, "score")
    assert portal.get(f"{PROPERTIES}/score").status_code == 404


def test_the_room_for_more_properties_is_told(portal: Portal) -> None:
    portal.post(PROPERTIES, SCORE)
    rows = portal.get("/crm/limits/2026-09/custom-properties").json()["byObjectType"]
    assert next((r["usage"], r["limit"]) for r in rows if r["objectTypeId"] == "0-1") == (1, 1_000)

"""The main job through the real command, over real HTTP, on both CRMs: plan, apply, run again, react, recover."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from adapters.sandbox.state import State
from connector.instants import parse_instant
from tests.journeys.conftest import Place

pytestmark = pytest.mark.slow
SETTLED = 6.0
"""Seconds after which HubSpot's search index shows a change."""


def records(place: Place) -> dict[str, Mapping[str, Any]]:
    """Every row both CRMs hold, but for what counts calls."""
    held: dict[str, Mapping[str, Any]] = {}
    for name in ("hubspot", "salesforce"):
        state = State(place.folder / f"{name}.db")
        held |= {f"{name}/{kind}/{id_}": row for kind in PEOPLE[name] for id_, row in state.all(kind).items()}
        state.close()
    return held


PEOPLE = {"hubspot": ("contacts",), "salesforce": ("Lead", "Contact")}


def written(document: Any) -> dict[str, int]:
    return {run["connection"]: run["counts"]["written"] for run in document["runs"]}


def test_the_first_pass_writes_everybody_and_the_second_nobody(found_town: Callable[..., Place]) -> None:
    place = found_town()
    before = records(place)
    plan = place.json("plan")
    assert all(c["changes"] > 0 and c["become_hot"] for c in plan["connections"])
    assert {f["action"] for c in plan["connections"] for f in c["fields"]} == {"create"}
    assert records(place) == before, "a plan writes nothing to the CRM"

    first = place.json("apply")
    assert written(first) == {c["connection"]: c["changes"] for c in plan["connections"]}
    time.sleep(SETTLED)
    after = records(place)
    second = place.json("sync")
    assert written(second) == {"hubspot": 0, "salesforce": 0}
    assert records(place) == after


def test_a_demo_request_makes_a_lead_hot_and_only_that_lead_is_written(found_town: Callable[..., Place]) -> None:
    place = found_town()
    place.run("apply")
    time.sleep(SETTLED)
    place.run("sync")
    for crm, field in (("hubspot", "leadheat_hot"), ("salesforce", "Leadheat_Hot__c")):
        who = cold_lead(place, crm)
        place.poke(crm, who, "did", kind="demo_request")
        time.sleep(SETTLED)
        assert written(place.json("sync", "--connection", crm)) == {crm: 1}
        told = place.json("explain", f"{crm}:{OBJECT[crm]}/{who}")
        assert told["state"] == "hot_now"
        assert sum(line["points"] for line in told["ledger"]) == told["points"]
        assert field


OBJECT = {"hubspot": "contacts", "salesforce": "Lead"}


def cold_lead(place: Place, crm: str) -> str:
    """Somebody our fields say is cold."""
    state = State(place.folder / f"{crm}.db")
    try:
        for id_, row in state.all(OBJECT[crm]).items():
            if "cold" in str(row) and "employee" not in str(row).lower() and not row.get("archived"):
                told = place.run("--json", "explain", f"{crm}:{OBJECT[crm]}/{id_}", code=None)
                if told.code == 0 and told.document["state"] == "cold":
                    return id_
    finally:
        state.close()
    raise AssertionError("nobody is cold")


def test_a_dry_run_writes_nothing(found_town: Callable[..., Place]) -> None:
    place = found_town()
    place.run("apply", "--only", "fields")
    before = records(place)
    place.run("sync", "--dry-run")
    assert records(place) == before


def test_a_wrong_token_is_named_with_its_setting_and_never_shown(found_town: Callable[..., Place]) -> None:
    place = found_town()
    wrong = "pat-na1-" + "w" * 36
    told = place.run("plan", "--connection", "hubspot", env={"LEADHEAT_CONNECTIONS__HUBSPOT__TOKEN": wrong}, code=4)
    assert "LEADHEAT_CONNECTIONS__HUBSPOT__TOKEN" in told.err
    assert wrong not in told.out + told.err


def test_bad_weather_ends_in_the_same_state_as_fair(found_town: Callable[..., Place]) -> None:
    until = parse_instant("2026-11-24T00:00:00Z")
    fair, foul = found_town(until=until), found_town(until=until, faults="503:4%,reset:3%,truncated:2%,html:2%")
    for place in (fair, foul):
        place.run("apply", env={"LEADHEAT_CLOCK": "2026-11-25T03:00:00Z"})
    assert results(fair) == results(foul)


def results(place: Place) -> dict[str, Any]:
    return {key: {k: v for k, v in flat(row).items() if "leadheat" in k.lower()} for key, row in records(place).items()}


def flat(row: Mapping[str, Any]) -> dict[str, Any]:
    inner = row.get("properties", row.get("fields", row))
    return dict(inner)


def test_the_command_leaves_its_database_to_its_owner_only(found_town: Callable[..., Place]) -> None:
    place = found_town(leads=20)
    place.run("plan", "--connection", "salesforce")
    assert (Path(place.folder) / "leadheat.db").stat().st_mode & 0o077 == 0


def test_check_is_content_before_our_fields_exist_and_after(found_town: Callable[..., Place]) -> None:
    place = found_town(leads=20)
    told = place.run("check")
    assert "'leadheat apply' creates them" in told.err
    place.run("apply", "--only", "fields")
    assert "apply" not in place.run("check").err

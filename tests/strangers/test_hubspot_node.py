"""HubSpot's own Node client (@hubspot/api-client 14.0.1, Apache-2.0) lists, reads, searches, writes and sets up on the
HubSpot sandbox."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.strangers.hubspot_town import Town, open_town
from tests.strangers.installs import have, node, node_stranger, run

SCRIPT = Path(__file__).with_name("hubspot_client.mjs")


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with open_town(tmp_path_factory.mktemp("town")) as opened:
        yield opened


@pytest.fixture(scope="module")
def told(town: Town, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    modules = have(lambda: node_stranger("hubspot-api-client"), quick=True) / "node_modules"
    home = tmp_path_factory.mktemp("node")
    (home / "node_modules").symlink_to(modules)
    shutil.copy(SCRIPT, home)
    done = run([have(node, quick=True), home / SCRIPT.name, town.door.url, town.sandbox.token], home=home, env=town.env)
    assert done.returncode == 0, done.stderr[-3_000:]
    return dict(json.loads(done.stdout))


def ids(rows: list[dict[str, Any]]) -> set[str]:
    return {str(row["id"]) for row in rows}


@pytest.mark.parametrize("way", ["all", "paged", "found"])
def test_it_lists_and_searches_to_the_end(town: Town, told: dict[str, Any], way: str) -> None:
    assert len(told[way]) == len(town.ids("contacts"))
    emails = {i: town.sandbox.desk.shown("contacts", i).get("email") for i in town.ids("contacts")}
    assert {r["id"]: r["properties"]["email"] for r in told[way]} == emails


def test_it_reads_a_batch_and_is_told_who_is_missing(told: dict[str, Any]) -> None:
    read = told["read"]
    assert ids(read["results"]) == ids(told["all"][:3])
    assert (read["numErrors"], read["errors"][0]["context"]) == (1, {"ids": ["999999"]})
    assert all(r["propertiesWithHistory"]["email"][0]["value"] == r["properties"]["email"] for r in read["results"])


def test_it_defines_a_property_once(told: dict[str, Any]) -> None:
    assert (told["group"]["name"], told["defined"]["type"]) == ("stranger", "number")
    assert (told["again"]["status"], told["again"]["body"]["category"]) == (409, "OBJECT_ALREADY_EXISTS")
    assert told["definition"]["groupName"] == "stranger"
    assert {"node_score", "email"} <= {row["name"] for row in told["definitions"]["results"]}


def test_it_writes_a_batch_whole_in_part_or_not_at_all(told: dict[str, Any]) -> None:
    three = ids(told["all"][:3])
    assert (told["updated"]["status"], ids(told["updated"]["results"])) == ("COMPLETE", three)
    assert "errors" not in told["updated"]
    assert (ids(told["partly"]["results"]), told["partly"]["errors"][0]["context"]) == (three, {"ids": ["999999"]})
    assert (told["refused"]["status"], told["refused"]["body"]["errors"][0]["code"]) == (400, "PROPERTY_DOESNT_EXIST")
    assert told["held"]["properties"]["node_score"] == "87"
    assert [h["sourceType"] for h in told["held"]["propertiesWithHistory"]["node_score"]] == ["INTEGRATION"]


def test_it_follows_associations_on_both_paths(town: Town, told: dict[str, Any]) -> None:
    assert ids(told["deals"]) == town.ids("deals")
    real = town.links("contacts", "deals")
    v4 = {
        (r["_from"]["id"], str(to["toObjectId"]), type_["typeId"])
        for r in told["links"]["results"] for to in r["to"] for type_ in to["associationTypes"]
    }  # fmt: skip
    v3 = {(r["_from"]["id"], to["id"], to["type"]) for r in told["links_v3"]["results"] for to in r["to"]}
    assert v4 == real
    assert v3 == {(near, far, "contact_to_deal") for near, far, _ in real}
    assert [row["typeId"] for row in told["labels"]["results"]] == [1, 279]


def test_it_makes_a_list_that_fills_itself(told: dict[str, Any]) -> None:
    assert {row["recordId"] for row in told["members"]} == ids(told["all"][:3])
    assert [row["listId"] for row in told["lists"]["lists"]] == [told["list"]["list"]["listId"]]


def test_it_reads_who_works_there_and_how_they_sell(town: Town, told: dict[str, Any]) -> None:
    assert ids(told["owners"]) == set(town.rows("owners"))
    stages = [stage["id"] for stage in told["pipelines"]["results"][0]["stages"]]
    assert {"closedwon", "closedlost"} <= set(stages)
    assert ids(told["forms"]) == set(town.rows("forms"))
    assert told["schemas"] == {"results": []}
    assert told["account"]["portalId"] == town.sandbox.account.options.portal_id


def test_it_meets_an_error_it_understands(told: dict[str, Any]) -> None:
    assert (told["nobody"]["status"], told["nobody"]["body"]["category"]) == (404, "OBJECT_NOT_FOUND")

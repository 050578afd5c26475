"""HubSpot's next Python client (hubspot-sdk 0.1.0a9, Apache-2.0) works on the sandbox's paths of 2026-03."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.strangers.hubspot_town import Town, open_town
from tests.strangers.installs import have, python_stranger, run

SCRIPT = Path(__file__).with_name("sdk_client.py")


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with open_town(tmp_path_factory.mktemp("town")) as opened:
        yield opened


@pytest.fixture(scope="module")
def told(town: Town, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    python = have(lambda: python_stranger("hubspot-sdk"), quick=True) / "python"
    home = tmp_path_factory.mktemp("sdk")
    done = run([python, SCRIPT, town.sandbox.token], home=home, env=town.env)
    assert done.returncode == 0, done.stderr[-3_000:]
    return dict(json.loads(done.stdout))


@pytest.mark.parametrize("way", ["listed", "found"])
def test_it_lists_and_searches_to_the_end(town: Town, told: dict[str, Any], way: str) -> None:
    assert told[way] == {i: town.sandbox.desk.shown("contacts", i).get("email") for i in town.ids("contacts")}


def test_it_reads_and_writes_batches_and_is_told_who_is_missing(told: dict[str, Any]) -> None:
    three = set(list(told["listed"])[:3])
    for deed in ("read", "updated"):
        assert {row["id"] for row in told[deed]["results"]} == three
        assert told[deed]["errors"][0]["context"] == {"ids": ["999999"]}
    assert told["read_back"] == "87"
    assert told["refused"] == {"status": 400, "code": "PROPERTY_DOESNT_EXIST"}


def test_it_defines_properties_and_makes_lists(told: dict[str, Any]) -> None:
    assert (told["made"], told["held"]) == ("number", "sdk")
    assert told["members"] == list(told["listed"])[:3]


def test_it_reads_associations_users_and_stages(town: Town, told: dict[str, Any]) -> None:
    assert {tuple(row) for row in told["links"]} == town.links("contacts", "deals") != set()
    assert set(told["owners"]) == set(town.rows("owners"))
    assert {"closedwon", "closedlost"} <= set(told["stages"])

"""Meltano's Singer tap (meltano-tap-hubspot 0.10.1, Apache-2.0) reads the whole HubSpot sandbox.

Not asked of it: users, teams, mail subscriptions, and pipelines of v1, which HubSpot ends on 4 Dec 2026.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.strangers.hubspot_town import Town, open_town
from tests.strangers.installs import have, python_stranger, run

Records = dict[str, list[dict[str, Any]]]
LEFT_OUT = {"users", "teams", "email_subscriptions", "ticket_pipelines", "deal_pipelines"}
FAR = {"contact": ["company", "deal", "call", "meeting", "note"], "deal": ["contact", "company"]}
PLURAL = {
    "contact": "contacts", "company": "companies", "deal": "deals", "call": "calls", "meeting": "meetings",
    "note": "notes",
}  # fmt: skip
KINDS = ("contacts", "companies", "deals", "calls", "meetings", "notes", "tasks", "emails")


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with open_town(tmp_path_factory.mktemp("town")) as opened:
        yield opened


@pytest.fixture(scope="module")
def told(town: Town, tmp_path_factory: pytest.TempPathFactory) -> Records:
    tap = have(lambda: python_stranger("meltano-tap-hubspot"), quick=True) / "tap-hubspot"
    home = tmp_path_factory.mktemp("meltano")
    config = home / "config.json"
    config.write_text(json.dumps({"access_token": town.sandbox.token, "associations": FAR}))
    catalogue = _run(town, home, [tap, "--config", config, "--discover"])
    chosen = json.loads(catalogue)
    for stream in chosen["streams"]:
        for part in stream["metadata"]:
            if part["breadcrumb"] == []:
                part["metadata"]["selected"] = stream["tap_stream_id"] not in LEFT_OUT
    (home / "catalogue.json").write_text(json.dumps(chosen))
    return _records(_run(town, home, [tap, "--config", config, "--catalog", home / "catalogue.json"]))


def _run(town: Town, home: Path, words: Sequence[str | Path]) -> str:
    done = run(words, home=home, env=town.env)
    assert done.returncode == 0, done.stderr[-3_000:]
    return done.stdout


def _records(text: str) -> Records:
    found: Records = defaultdict(list)
    for line in text.splitlines():
        message = json.loads(line)
        if message["type"] == "RECORD":
            found[message["stream"]].append(message["record"])
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_it_gets_every_record_with_every_value(town: Town, told: Records, kind: str) -> None:
    assert len(told[kind]) == len(town.ids(kind)) > 0
    assert town.faults(kind, {r["id"]: r["properties"] for r in told[kind]}) == []


@pytest.mark.parametrize(("near", "far"), [(near, far) for near, fars in FAR.items() for far in fars])
def test_it_gets_every_association(town: Town, told: Records, near: str, far: str) -> None:
    rows = told[f"{near}_{far}_associations"]
    found = {(r["from_id"], r["to_id"], r["association_type_id"]) for r in rows}
    assert found == town.links(PLURAL[near], PLURAL[far]) != set()


def test_it_gets_the_users(town: Town, told: Records) -> None:
    assert {r["id"]: r["email"] for r in told["owners"]} == {i: o["email"] for i, o in town.rows("owners").items()}


def test_nobody_else_is_asked(town: Town, told: Records) -> None:
    assert town.door.refused == []

"""Other people's extractors read the whole local Salesforce: every object, every record, every field they can."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.strangers.installs import have, python_stranger, run
from tests.strangers.salesforce_org import REFRESH, Org, standing, unlike

LONG_AGO = "2020-01-01T00:00:00Z"


@pytest.fixture(scope="module")
def org(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Org]:
    with standing(tmp_path_factory.mktemp("org")) as one:
        yield one


def _app(org: Org) -> dict[str, Any]:
    keys = {"client_id": org.sandbox.client_id, "client_secret": org.sandbox.client_secret}
    return {**keys, "refresh_token": REFRESH, "start_date": LONG_AGO}


def _messages(text: str) -> list[Any]:
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def _everything_equals(org: Org, read: dict[str, list[dict[str, Any]]]) -> None:
    """Each record once, the deleted among them; each value as the org holds it."""
    held = {name: org.held(name, everything=True) for name in org.objects}
    assert {n: len(read.get(n, [])) for n in held} == {n: len(rows) for n, rows in held.items()}
    for name, rows in held.items():
        assert (name, unlike(org.told(name, read.get(name, [])), rows)) == (name, [])
    assert sum(map(len, held.values())) > 2_000
    assert any(r["IsDeleted"] for r in held["Lead"].values())


# ---- Singer ----------------------------------------------------------------------------------------------------------


def test_the_singer_tap_reads_everything_by_rest(org: Org, home: Path) -> None:
    """Its other mode is Bulk v1, which the sandbox has not (NOTES 83)."""
    tap = have(lambda: python_stranger("tap-salesforce"), quick=True) / "tap-salesforce"
    home.mkdir()
    config = {**_app(org), "api_type": "REST", "select_fields_by_default": True}
    (home / "config.json").write_text(json.dumps(config))
    found = run([tap, "--config", "config.json", "--discover"], home=home, env=org.door.env)
    assert found.returncode == 0, found.stderr[-3000:]
    catalog = json.loads(found.stdout)
    assert {s["stream"] for s in catalog["streams"]} == set(org.objects)
    for stream in catalog["streams"]:
        _select(stream)
    (home / "catalog.json").write_text(json.dumps(catalog))
    told = run([tap, "--config", "config.json", "--properties", "catalog.json"], home=home, env=org.door.env)
    assert told.returncode == 0, told.stderr[-3000:]
    read: dict[str, list[dict[str, Any]]] = {}
    for message in _messages(told.stdout):
        if message["type"] == "RECORD":
            read.setdefault(message["stream"], []).append(message["record"])
    _everything_equals(org, read)
    assert "login.salesforce.com" in org.door.led


def _select(stream: dict[str, Any]) -> None:
    whole = next(m["metadata"] for m in stream["metadata"] if not m["breadcrumb"])
    whole |= {"selected": True}
    if keys := whole.get("valid-replication-keys"):
        whole |= {"replication-method": "INCREMENTAL", "replication-key": keys[0]}


# ---- Airbyte ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bulk", [False, True], ids=["rest where it must", "bulk 2.0"])
def test_airbytes_source_reads_everything(org: Org, home: Path, bulk: bool) -> None:
    source = have(lambda: python_stranger("airbyte-source-salesforce")) / "source-salesforce"
    home.mkdir()
    config = {
        **_app(org),
        "force_use_bulk_api": bulk,
        "stream_slice_step": "P2000D",
        "preserve_na_values": True,
        "num_workers": 4,
    }
    (home / "config.json").write_text(json.dumps(config))
    found = run([source, "discover", "--config", "config.json"], home=home, env=org.door.env)
    streams = next(m["catalog"]["streams"] for m in _messages(found.stdout) if m["type"] == "CATALOG")
    assert {s["name"] for s in streams} - {"Describe"} == set(org.objects)
    chosen = [_chosen(stream) for stream in streams if stream["name"] != "Describe"]
    (home / "catalog.json").write_text(json.dumps({"streams": chosen}))
    words = [source, "read", "--config", "config.json", "--catalog", "catalog.json"]
    told = run(words, home=home, env=org.door.env, timeout=550)
    said = _messages(told.stdout)
    assert told.returncode == 0, [m for m in said if m["type"] == "TRACE"][-3:]
    read: dict[str, list[dict[str, Any]]] = {}
    for message in said:
        if message["type"] == "RECORD":
            read.setdefault(message["record"]["stream"], []).append(message["record"]["data"])
    _everything_equals(org, read)


def _chosen(stream: dict[str, Any]) -> dict[str, Any]:
    mode = "incremental" if "incremental" in stream["supported_sync_modes"] else "full_refresh"
    return {"stream": stream, "sync_mode": mode, "destination_sync_mode": "append"}

"""`check --live` against both sandboxes, which stand for what the documents say: every fact comes out as documented."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from adapters.sandbox.state import State
from tests.journeys.conftest import Place
from tests.watch import MARKS

pytestmark = pytest.mark.slow
PEOPLE = {"hubspot": "contacts", "salesforce": "Lead"}


def row(place: Place, crm: str, id_: str) -> Mapping[str, Any]:
    state = State(place.folder / f"{crm}.db")
    found = state.all(PEOPLE[crm])[id_]
    state.close()
    values = found.get("values", found).items()
    return {k: v for k, v in values if k.lower().startswith("leadheat") and v not in (None, "", False)}


def somebody(place: Place, crm: str) -> str:
    state = State(place.folder / f"{crm}.db")
    found = [i for i, r in sorted(state.all(PEOPLE[crm]).items()) if row_is_scored(r.get("values", r))]
    state.close()
    return found[-1]


def row_is_scored(values: Mapping[str, Any]) -> bool:
    return any(values.get(name) not in (None, "") for name in ("leadheat_score", "Leadheat_Score__c"))


def test_every_fact_comes_out_as_documented(found_town: Callable[..., Place], tmp_path: Path) -> None:
    place = found_town(320)
    place.run("apply")
    told = place.json("check", "--live", code=None)
    facts = {f["id"]: f for c in told["connections"] for f in c["facts"]}
    assert {c["connection"] for c in told["connections"]} == set(PEOPLE)
    assert [f for f in facts.values() if f["verdict"] == "differs"] == []
    assert {f["seen"] for f in facts.values() if f["verdict"] == "not tried"} <= {"needs --write", "200, one page only"}
    for crm, people in PEOPLE.items():
        who = somebody(place, crm)
        before = row(place, crm, who)
        report = tmp_path / f"{crm}.md"
        name = f"{crm}:{people}/{who}"
        told = place.json("check", "--live", "--write", name, "--report", str(report), code=None)
        found = told["connections"][0]["facts"]
        assert [f for f in found if f["verdict"] != "as documented" and f["seen"] != "200, one page only"] == []
        assert row(place, crm, who) == before
        text = report.read_text("utf-8")
        assert text.count("as documented") == sum(1 for f in found if f["verdict"] == "as documented")
        assert who not in json.dumps([f["seen"] for f in found])
        assert MARKS.search(text) is None


def test_a_record_that_is_not_named_in_full_is_refused_before_anything_is_asked(
    found_town: Callable[..., Place],
) -> None:
    place = found_town(12)
    assert "LH-711" in place.run("check", "--live", "--write", "101", code=3).err
    assert place.run("check", "--live", "--write", "hubspot:contacts/101", code=3).err  # our fields are not there yet

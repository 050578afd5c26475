"""`purge` through the real command on both CRMs: shown, asked, removed, proved, kept out, and the CRM left clean."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from adapters.sandbox.state import State
from tests.journeys.conftest import Place

pytestmark = pytest.mark.slow
PEOPLE = {"hubspot": "contacts", "salesforce": "Lead"}
MAIL = {"hubspot": "email", "salesforce": "Email"}


@pytest.fixture
def place(found_town: Callable[..., Place]) -> Place:
    place = found_town(16)
    place.run("apply")
    time.sleep(6.0)  # until HubSpot's index shows our own writes
    place.run("sync")
    return place


def held(place: Place, crm: str) -> Mapping[str, Mapping[str, Any]]:
    state = State(place.folder / f"{crm}.db")
    found = state.all(PEOPLE[crm])
    state.close()
    return found


def somebody(place: Place, crm: str) -> tuple[str, Mapping[str, Any]]:
    """A record that we have scored, with what the CRM says of it."""
    scored = ("leadheat_score", "Leadheat_Score__c")
    rows = ((i, r.get("values", r)) for i, r in held(place, crm).items())
    return next((i, r) for i, r in rows if r.get(MAIL[crm]) and any(r.get(name) not in (None, "") for name in scored))


def on_disk(place: Place, *traces: str) -> list[str]:
    told = b"".join(p.read_bytes() for p in place.folder.rglob("leadheat.db*") if not p.name.endswith("-shm"))
    return [t for t in traces if t.encode() in told]


@pytest.mark.parametrize("crm", ["hubspot", "salesforce"])
def test_a_person_is_shown_removed_proved_and_kept_out(place: Place, crm: str) -> None:
    who, row = somebody(place, crm)
    name, mail = f"{crm}:{PEOPLE[crm]}/{who}", str(row[MAIL[crm]])
    assert place.run("purge", name, code=130).out.count(name) == 1  # nobody is there to type the word
    assert mail in on_disk(place, mail)
    told = place.json("--yes", "purge", name)["purged"]
    assert told["proof"]["holds"], told
    assert told["removed"]["lead"] >= 1 and told["removed"]["score"] >= 1
    assert on_disk(place, mail) == []
    assert all(trace not in str(told) for trace in (mail, name))
    assert "LH-705" in place.run("explain", name, code=3).err
    again = place.json("sync", "--full", "--connection", crm)
    assert again["runs"][0]["status"] == "succeeded"
    assert on_disk(place, mail) == []
    assert place.json("--yes", "purge", name)["purged"]["removed"].get("lead", 0) == 0


def test_an_address_finds_the_person_and_the_crm_is_cleared_first(place: Place) -> None:
    who, row = somebody(place, "hubspot")
    out = place.run("--lang", "ja", "--yes", "purge", "--clear-crm", str(row["email"])).out
    assert "どのバイトにも残っていません" in out
    now = held(place, "hubspot")[who]["values"]
    ours = {
        k: v for k, v in now.get("properties", now).items() if k.startswith("leadheat_") and k != "leadheat_verdict"
    }
    assert {v for v in ours.values() if v not in (None, "")} <= {"false"}
    assert now.get("properties", now)["email"] == row["email"]


def test_nobody_is_purged_for_a_name_that_is_unknown_or_two_peoples(place: Place) -> None:
    for name in ("999999999999", "hubspot:contacts/999999999999", "nobody@planted.example", "nosuch:contacts/1"):
        told = place.run("--yes", "purge", name, code=3)
        assert "LH-705" in told.err
        assert told.out == ""

"""The facts in the table of calls that are no times, at a tiny size."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil
from pathlib import Path
from typing import Any

import pytest

from benchmarks import calls
from benchmarks.shared import towns

PEOPLE = 120


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Mapping[tuple[str, str], Mapping[str, Any]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(towns, "CACHE", Path(tmp_path_factory.mktemp("bench")))
        (sheet,) = calls.measured(PEOPLE)
    assert sheet.notes[0] == "0 requests were refused as too many."
    return {(str(row["crm"]), str(row["what"])): row for row in sheet.rows}


def test_contacts_alone_cost_their_pages(rows: Mapping[tuple[str, str], Mapping[str, Any]]) -> None:
    first = rows["HubSpot", "first pull, contacts"]
    assert first["least"] == ceil(first["people"] / 100)
    assert first["calls"] == first["least"] + 1, "the count for the progress bar"
    assert rows["HubSpot", "nothing new, contacts"]["calls"] == 1
    assert rows["HubSpot", "pass after our write, contacts"]["ratio"] == 1


def test_writing_costs_its_batches(rows: Mapping[tuple[str, str], Mapping[str, Any]]) -> None:
    for what, size in (("HubSpot", "write"), 100), (("Salesforce", "write 2,000 at once, collections"), 200):
        assert rows[what]["calls"] == ceil(rows[what]["people"] / size)


def test_our_own_echo_costs_no_call_for_each_contact(rows: Mapping[tuple[str, str], Mapping[str, Any]]) -> None:
    echo = rows["HubSpot", "pass after our write, all of the shipped mapping, and lists"]
    assert echo["people"] > 100
    assert echo["calls"] <= echo["least"] + 3


def test_a_pass_over_an_org_where_nothing_is_new_costs_a_query_for_each_stream(
    rows: Mapping[tuple[str, str], Mapping[str, Any]],
) -> None:
    for what in ("nothing new, leads", f"nothing new, {calls.EVERYTHING}"):
        assert rows["Salesforce", what]["ratio"] == 1


def test_nothing_costs_much_more_than_the_least(rows: Mapping[tuple[str, str], Mapping[str, Any]]) -> None:
    assert {what: row for what, row in rows.items() if row["calls"] > row["least"] + 5} == {}

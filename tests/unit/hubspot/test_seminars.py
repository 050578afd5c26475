"""Marketing events: read by event, and only those whose counts have moved."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hubspot_farside import Far, V, error, wants

from connector.instants import DAY
from connector.model import Raw
from connector.ports import Wants
from connector.testing import Notebook

MARKETING = f"/marketing/marketing-events/{V}"


def told(far: Far, wanted: Wants, notebook: Notebook | None = None) -> Notebook:
    return (notebook or Notebook()).read(far.open(wanted))


def events(notebook: Notebook) -> dict[str, Mapping[str, Raw]]:
    return {id_: event.fields for (_, _, id_), event in notebook.events.items()}


def with_event(far: Far, id_: str = "55", attendees: int | None = 1, at: str | int = "2026-11-20T00:00:00Z") -> None:
    """A marketing event that contact 1 attended, the only one in the account."""
    row = {
        "id": "p-1", "properties": {"attendanceState": "ATTENDED", "occurredAt": at},
        "associations": {
            "contact": {"contactId": "1"}, "marketingEvent": {"name": "導入セミナー", "marketingEventId": id_},
        },
    }  # fmt: skip
    far.on("GET", MARKETING, {"results": [{"objectId": id_, "registrants": 3, "attendees": attendees}]})
    far.on("GET", f"{MARKETING}/participations/{id_}/breakdown", {"results": [row]})


@pytest.mark.parametrize("at", ["2026-11-20T00:00:00Z", 1_795_132_800_000])
def test_marketing_events_are_told_once_for_each_person_and_event(far: Far, at: str | int) -> None:
    far.add("1")
    with_event(far, at=at)
    found = events(told(far, wants(marketing_events="name state occurred_at")))
    assert found == {"55": {"name": "導入セミナー", "state": "ATTENDED", "occurred_at": "2026-11-20T00:00:00Z"}}


@pytest.mark.parametrize(
    ("attendees", "later", "read"),
    [(1, 1, 1), (1, 2, 2), (None, None, 2)],
    ids=["as it was", "somebody came", "not counted"],
)
def test_a_marketing_event_is_read_again_when_its_counts_moved(
    far: Far, attendees: int | None, later: int | None, read: int
) -> None:
    far.add("1")
    with_event(far, attendees=attendees)
    if attendees is None:
        far.on("GET", MARKETING, {"results": [{"objectId": "55"}]})
    wanted = wants(marketing_events="state")
    notebook = told(far, wanted)
    if later is not None:
        with_event(far, attendees=later)
    far.add("1", "2026-11-23T00:00:00Z")
    told(far, wanted, notebook)
    assert len(far.asked_of(f"{MARKETING}/participations/55/breakdown")) == read


def test_the_daily_full_reading_reads_every_marketing_event(far: Far) -> None:
    far.add("1")
    with_event(far)
    notebook = told(far, wants(marketing_events="state"))
    far.now += DAY
    told(far, wants(marketing_events="state"), notebook)
    assert len(far.asked_of(f"{MARKETING}/participations/55/breakdown")) == 2


def test_marketing_events_are_gone_on_with_where_a_pull_was_left(far: Far) -> None:
    far.add("1")
    with_event(far, "56")
    with_event(far, "55")
    far.on("GET", MARKETING, {"results": [{"objectId": "55"}, {"objectId": "56"}]})
    wanted, notebook = wants(marketing_events="state"), Notebook()
    pages = far.open(wanted).pull(None)
    notebook.cursor = next(page.cursor for page in pages if page.events)
    pages.close()
    far.asked.clear()
    assert set(events(told(far, wanted, notebook))) == {"55", "56"}
    asked = [path for _, path, _, _ in far.asked if path.endswith("/breakdown")]
    assert [path.split("/")[-2] for path in asked] == ["56", "55", "56"], "then the walk that brings the rest"


def test_an_event_that_is_gone_meanwhile_has_no_participants(far: Far) -> None:
    far.add("1")
    with_event(far)
    far.on("GET", f"{MARKETING}/participations/55/breakdown", error(404, "OBJECT_NOT_FOUND"))
    assert events(told(far, wants(marketing_events="state"))) == {}


def test_taking_part_in_marketing_events_costs_no_call_for_a_contact_that_something_moved(far: Far) -> None:
    for n in range(1, 6):
        far.add(str(n))
    with_event(far)
    wanted = wants(marketing_events="state")
    notebook = told(far, wanted)
    for n in range(1, 6):
        far.add(str(n), "2026-11-23T00:00:00Z")
    crm = far.open(wanted)
    notebook.read(crm)
    assert crm.calls()["marketing_events"] == 1

"""A seeded account tells the same as the world it was seeded from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

import pytest

from adapters.hubspot.sandbox import Options, open_hubspot_sandbox
from adapters.hubspot.sandbox.seed import property_name
from adapters.sandbox.state import State
from adapters.sandbox.world import World, done_by_person, make_world, world_from_csv
from connector.errors import UserError
from connector.instants import DAY, iso
from tests.unit.hubspot_sandbox.portal import CONTACTS, START, Portal, V, ids, opened


@pytest.fixture(scope="module")
def world() -> World:
    return make_world(300, 7, START)


@pytest.fixture(scope="module")
def town(world: World) -> Iterator[Portal]:
    with opened(Options(rate_limits=False, tier="enterprise")) as portal:
        portal.sandbox.seed(world)
        yield portal


def everybody(town: Portal, path: str = CONTACTS, **params: str) -> list[dict]:
    found, after = [], None
    while True:
        page = town.get(path, limit=100, after=after, **params).json()
        found += page["results"]
        if "paging" not in page:
            return found
        after = page["paging"]["next"]["after"]


def test_lead_twin_and_contact_are_all_contacts(town: Portal, world: World) -> None:
    alive = [p for p in world.people if not p.gone]
    assert len(everybody(town)) == len(alive)
    deleted = [p for p in world.people if p.deleted_at is not None and START - p.deleted_at < 90 * DAY]
    assert len(everybody(town, archived="true")) == len(deleted)
    told = Counter(r["properties"]["lifecyclestage"] for r in everybody(town, properties="lifecyclestage"))
    assert told["customer"] == sum(p.lifecycle == "customer" for p in alive)
    assert told["marketingqualifiedlead"] == sum(p.lifecycle == "mql" for p in alive)


def test_search_sees_them_at_once(town: Portal) -> None:
    assert town.search()["total"] == len(everybody(town))


def test_the_merged_lead_to_who_carries_on(town: Portal, world: World) -> None:
    rows = everybody(town, properties="hs_merged_object_ids,hs_additional_emails")
    merged = {loser for r in rows for loser in (r["properties"]["hs_merged_object_ids"] or "").split(";") if loser}
    assert len(merged) == sum(p.merged_into is not None for p in world.people) > 0
    assert merged.isdisjoint(ids(rows))
    assert {town.get(f"{CONTACTS}/{loser}").status_code for loser in merged} == {200}


def test_summaries_agree_with_what_was_done(town: Portal, world: World) -> None:
    doings = done_by_person(world)
    names = "hs_analytics_num_page_views,num_conversion_events,hs_email_delivered,hs_analytics_last_timestamp,email"
    rows = {r["properties"]["email"]: r["properties"] for r in everybody(town, properties=names)}
    plain = [
        p for p in world.people if not p.gone and p.email and not any(q.merged_into == p.key for q in world.people)
    ]
    assert len(plain) > 200
    for person in plain:
        done = Counter(d.kind for d in doings.get(person.key, ()))
        told = rows[person.email.lower()]
        assert int(told["hs_analytics_num_page_views"] or 0) == done["page_view"] + done["download"]
        assert int(told["num_conversion_events"] or 0) == done["form_submission"] + done["demo_request"]
        assert int(told["hs_email_delivered"] or 0) == done["email_delivered"]


def test_events_are_where_hubspot_keeps_them(town: Portal, world: World) -> None:
    kinds = Counter(d.kind for d in world.done)
    forms = town.get("/marketing/v3/forms", limit=100).json()["results"]
    assert {f["name"] for f in forms} == {f.name for f in world.forms}
    state = town.sandbox.state
    submitted = sum(len(state.all(f"submissions:{f['id']}")) for f in forms)
    senders = {p.key for p in world.people if p.email}
    sent = [d for d in world.done if d.kind in {"form_submission", "demo_request"} and d.person_key in senders]
    assert submitted == len(sent)
    mails = Counter(e["type"] for e in state.all("mail_events").values())
    assert mails == {
        "DELIVERED": kinds["email_delivered"],
        "OPEN": kinds["email_open"],
        "CLICK": kinds["email_click"],
    }
    assert len(everybody(town, f"/crm/objects/{V}/calls")) == kinds["call"]
    assert len(everybody(town, f"/crm/objects/{V}/meetings")) == kinds["meeting"]
    assert sum(len(v["all"]) for v in state.all("visits").values()) == kinds["page_view"] + kinds["download"]


def test_a_scanners_clicks_follow_the_delivery_within_seconds(town: Portal) -> None:
    events = town.get("/email/public/v1/events", eventType="CLICK", limit=1_000).json()["events"]
    quick = [e for e in events if e["created"] - e["sentBy"]["created"] < 5_000]
    assert quick
    assert len(quick) < len(events)


def test_deals_belong_to_people_and_companies(town: Portal, world: World) -> None:
    rows = everybody(
        town, f"/crm/objects/{V}/deals", properties="hs_is_closed_won,amount", associations="contacts,companies"
    )
    assert len(rows) == len(world.deals) > 0
    assert sum(r["properties"]["hs_is_closed_won"] == "true" for r in rows) == sum(
        d.stage == "won" for d in world.deals
    )
    assert all(r["associations"]["contacts"]["results"] for r in rows)
    won = town.found({"propertyName": "total_revenue", "operator": "GT", "value": "0"}, limit=200)
    assert won


def test_companies_are_linked_and_hold_the_head_count(town: Portal, world: World) -> None:
    known = {c.name: c.employees for c in world.companies}
    rows = everybody(town, f"/crm/objects/{V}/companies", properties="name,numberofemployees")
    assert {r["properties"]["name"] for r in rows} == set(known)
    linked = everybody(town, associations="companies")
    with_company = sum(p.company_key is not None and not p.gone for p in world.people)
    assert sum("associations" in r and bool(r["associations"]) for r in linked) == with_company


def test_staff_are_owners_and_contacts_too(town: Portal, world: World) -> None:
    staff = {p.email.lower() for p in world.people if p.staff}
    assert {o["email"] for o in town.get(f"/crm/owners/{V}").json()["results"]} == staff
    assert staff <= {r["properties"]["email"] for r in everybody(town)}


def test_nothing_was_done_after_the_end(town: Portal) -> None:
    assert max(r["updatedAt"] for r in everybody(town)) <= iso(START)


def test_an_account_with_people_is_not_seeded_again(town: Portal, world: World) -> None:
    with pytest.raises(UserError, match="LH-905"):
        town.sandbox.seed(world)


def test_the_same_world_makes_the_same_account(world: World) -> None:
    states = [State(), State()]
    for state in states:
        open_hubspot_sandbox(state, lambda: START).seed(world)
    for kind in ("contacts", "visits", "mail_events", "deals", "links"):
        assert dict(states[0].all(kind)) == dict(states[1].all(kind))


# ---- a CSV ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "name"),
    [("Lead Source", "lead_source"), ("What is your  occupation?", "what_is_your_occupation"),
     ("2nd call", "x_2nd_call"),
     ("資料", "x"), ("a" * 200, "a" * 100)],
)  # fmt: skip
def test_a_columns_header_becomes_a_propertys_name(header: str, name: str) -> None:
    assert property_name(header).strip("_") == name


def test_a_csv_of_ones_own_keeps_every_column(tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    path.write_text("Email,Total Visits,資料,請求,Country\na@example.co.jp,5,x,y,India\nA@example.co.jp,,,,\n", "utf-8")
    with opened() as portal:
        portal.sandbox.seed(world_from_csv(path, START))
        first, second = everybody(portal, properties="email,total_visits,x,x_2,country")
        told = first["properties"]
        assert (told["email"], told["total_visits"], told["x"], told["x_2"]) == ("a@example.co.jp", "5", "x", "y")
        assert told["country"] == "India"
        assert second["properties"]["email"] is None, "HubSpot keeps an address once"
        assert portal.get(f"/crm/properties/{V}/contacts/total_visits").json()["label"] == "Total Visits"


def test_seeding_takes_seconds(tmp_path: Path) -> None:
    big = make_world(1_000, 1, START)
    header = ",".join(f"Column {n}" for n in range(37))
    rows = "\n".join(f"{n}@example.co.jp" + ",value" * 36 for n in range(9_240))
    path = tmp_path / "big.csv"
    path.write_text(f"{header}\n{rows}\n", "utf-8")
    for world, most in ((big, 3), (world_from_csv(path, START), 15)):
        began = perf_counter()
        open_hubspot_sandbox(State(tmp_path / f"{most}.db"), lambda: START).seed(world)
        assert perf_counter() - began < most

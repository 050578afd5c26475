"""HubSpot, over a real socket against its sandbox, keeps every promise."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from adapters.hubspot.sandbox.options import EVERY_SCOPE, Options, Tier
from adapters.sandbox.world import make_world
from connector.model import Change, Ref
from connector.results import RESULTS
from connector.testing import CRMContract, Notebook
from tests.contracts.hubspot.world import OURS, START, HubSpotWorld


class TestHubSpot(CRMContract):
    @pytest.fixture
    def crm_world(self, account: HubSpotWorld) -> HubSpotWorld:
        return account


def events(world: HubSpotWorld, told: Notebook) -> Counter[str]:
    return Counter(source for _, source, _ in told.events)


def read(world: HubSpotWorld, told: Notebook | None = None, **settings: Any) -> Notebook:
    crm = world.open(**settings)
    try:
        return (told or Notebook()).read(crm)
    finally:
        crm.close()


@pytest.mark.parametrize("tier", ["professional", "enterprise"])
def test_a_seeded_account_is_read_whole(tier: Tier) -> None:
    """Everybody who is there, and what they did; page views by address only where the plan has them."""
    world = HubSpotWorld(options=Options(tier=tier, rate_limits=False))
    facts = make_world(120, 7, START)
    world.sandbox.seed(facts)
    told = read(world, page_size=100, search_size=200)
    there = {p.key for p in facts.people if not p.gone}
    assert len(told.people) == len(there)
    assert all("company.name" in r.fields for r in told.people.values())
    found = events(world, told)
    assert ("page_views" in found) is (tier == "enterprise")
    assert ("last_page" in found) is (tier != "enterprise")
    assert {"form_submissions", "email_events", "calls", "meetings", "marketing_events", "deals"} <= set(found)
    assert {e.person for e in told.events.values()} <= set(told.people)
    world.close()


def test_the_limits_of_the_smallest_plan_are_kept_without_being_told(caplog: pytest.LogCaptureFixture) -> None:
    """No answer of 429: the limiter waits by itself, in the far side's time."""
    caplog.set_level("INFO", "adapters.http")
    world = HubSpotWorld(options=Options(tier="free"))
    for _ in range(60):
        world.add_person()
    world.let_time_pass(900)
    crm = world.open(page_size=1)
    Notebook().read(crm)
    Notebook().read(crm)
    asked = sum(crm.calls().values())
    crm.close()
    world.close()
    assert asked > 120
    assert 0 < world.clock.slept <= asked / 9
    assert "waiting" not in caplog.text, "nothing was refused"


def test_a_bare_account_is_provisioned_once() -> None:
    world = HubSpotWorld(ready=False)
    wanted = {"contacts": [(r.hubspot, r) for r in RESULTS]}
    crm = world.open()
    planned = list(crm.provision(wanted, apply=False))
    made = list(crm.provision(wanted, apply=True))
    again = list(crm.provision(wanted, apply=True))
    writable = {n for n, f in crm.describe().objects["contacts"].items() if f.writable}
    crm.close()
    world.close()
    assert [(s.action, s.done) for s in planned] == [("create", False)] * (len(RESULTS) + 1)
    assert [(s.action, s.done) for s in made] == [("create", True)] * (len(RESULTS) + 1)
    assert [(s.action, s.done) for s in again] == [("exists", False)] * (len(RESULTS) + 1)
    assert {r.hubspot for r in RESULTS} <= writable


def test_a_write_is_not_seen_as_a_change_twice(account: HubSpotWorld) -> None:
    """Our own write moves the stamp: the next pull tells the contact once more, and then it is quiet."""
    one = account.add_person()
    account.let_time_pass(900)
    told = read(account)
    crm = account.open()
    crm.push([Change(Ref(account.connection, "contacts", one), {}, {OURS["score"]: 60})])
    crm.close()
    account.let_time_pass(900)
    counts = []
    for _ in range(3):
        before = sum(told.times.values())
        told = read(account, told)
        counts.append(sum(told.times.values()) - before)
    assert counts == [1, 0, 0]


def test_a_change_that_the_index_does_not_show_yet_is_found_by_the_next_pull(account: HubSpotWorld) -> None:
    one = account.add_person()
    account.let_time_pass(900)
    other = account.add_person()
    account.let_time_pass(900)
    told = read(account)
    account.change(one, jobtitle="部長")
    account.let_time_pass(1)
    told = read(account, told)
    assert told.people[Ref(account.connection, "contacts", one)].fields["jobtitle"] is None, "the index was late"
    account.change(other, jobtitle="課長")
    account.let_time_pass(60)
    told = read(account, told)
    titles = {r.fields["jobtitle"] for r in told.people.values()}
    assert titles == {"部長", "課長"}


@pytest.mark.parametrize("scope", ["forms", "content", "crm.objects.deals.read", "crm.objects.marketing_events.read"])
def test_a_scope_that_lacks_is_a_notice_and_all_else_is_read(scope: str) -> None:
    lacking = {scope, "crm.schemas.deals.read"} if "deals" in scope else {scope}
    world = HubSpotWorld(options=Options(scopes=EVERY_SCOPE - lacking))
    world.add_person()
    world.let_time_pass(900)
    crm = world.open()
    assert len(Notebook().read(crm).people) == 1
    assert any(scope in str(notice) for notice in crm.traits.notices)
    crm.close()
    world.close()

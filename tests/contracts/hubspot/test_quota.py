"""HubSpot's limits, used nearly whole and never overrun: the sandbox counts, and time is the clock's."""

from __future__ import annotations

import pytest

from adapters.hubspot import HubSpotConfig, open_hubspot
from adapters.hubspot.adapter import HubSpotCRM
from adapters.hubspot.sandbox import Options
from connector.errors import QuotaSpent
from tests.contracts.hubspot.world import WANTS, HubSpotWorld

SECONDS = 60


def opened(world: HubSpotWorld, name: str = "one", **more: float) -> HubSpotCRM:
    config = HubSpotConfig(name, str(world.sandbox.token), base_url=world.server.url, **more)
    crm = open_hubspot(config, WANTS, now=world.clock.now, sleep=world.clock.sleep)
    assert isinstance(crm, HubSpotCRM)
    return crm


def ask(crm: HubSpotCRM, kind: str = "list") -> None:
    if kind == "search":
        crm.api.search("contacts", {"filterGroups": [], "properties": [], "limit": 1})
    elif kind == "associations":
        crm.api.associated("contacts", "companies", ["1"])
    else:
        crm.api.get(kind, crm.api.path("objects"), [("limit", "1")])


@pytest.mark.parametrize(
    ("tier", "kind", "allowed"),
    [
        ("starter", "list", 100 / 10),
        ("professional", "list", 190 / 10),
        ("enterprise", "associations", 200 / 10),
        ("professional", "search", 4),  # of five, one is left to other tools: no answer says how many are free
    ],
)
def test_a_rate_limit_is_used_to_nine_tenths_and_never_overrun(tier: str, kind: str, allowed: float) -> None:
    world = HubSpotWorld(options=Options(tier=tier))
    try:
        crm, begun, asked = opened(world), world.clock.at, 0
        while world.clock.at < begun + SECONDS * 1_000_000:
            ask(crm, kind)
            asked += 1
        assert asked >= 0.9 * allowed * SECONDS
        assert crm.calls() == {kind: asked}, "a refused request is made again and counts twice"
        crm.close()
    finally:
        world.close()


def test_two_connections_to_one_account_share_its_limit() -> None:
    world = HubSpotWorld(options=Options(tier="starter"))
    try:
        both, begun, asked = [opened(world, "one"), opened(world, "two")], world.clock.at, 0
        while world.clock.at < begun + SECONDS * 1_000_000:
            ask(both[asked % 2])
            asked += 1
        assert 0.9 * 10 * SECONDS <= asked <= 10 * SECONDS + 100
        assert sum(crm.calls()["list"] for crm in both) == asked
        for crm in both:
            crm.close()
    finally:
        world.close()


def test_the_day_is_used_to_the_last_call_of_a_budget_of_one_and_no_further() -> None:
    world = HubSpotWorld(options=Options(daily_limit=300))
    try:
        crm = opened(world, api_budget=1.0)
        with pytest.raises(QuotaSpent, match="stops at 95%"):
            while True:
                ask(crm)
        read = crm.calls()["list"]
        assert 0.9 * 300 <= read <= 0.96 * 300
        with pytest.raises(QuotaSpent, match="stops at 100%"):
            while True:
                ask(crm, "write")
        assert read + crm.calls()["write"] == 300
        crm.close()
    finally:
        world.close()

"""What HubSpot is strict about is met in time: locks, moves, rules of the account, names too long for one URL."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adapters.hubspot.sandbox.kinds import kind_of
from adapters.hubspot.sandbox.lists import put_list
from connector.errors import Unavailable
from connector.model import Change, Receipt, Ref
from connector.ports import EventWants
from connector.testing import Notebook
from tests.contracts.hubspot.world import OURS, WANTS, HubSpotWorld


def push(world: HubSpotWorld, *ids: str, score: int = 60) -> list[Receipt]:
    crm = world.open()
    try:
        return list(crm.push([Change(Ref(world.connection, "contacts", i), {}, {OURS["score"]: score}) for i in ids]))
    finally:
        crm.close()


def test_a_lock_is_waited_out(account: HubSpotWorld) -> None:
    one = account.add_person()
    account.sandbox.weather.lock(one)
    assert [r.status for r in push(account, one)] == ["written"]
    assert 2 <= account.clock.slept < 10


def test_a_rule_of_the_account_refuses_one_contact_and_names_the_field(account: HubSpotWorld) -> None:
    ruled, free = account.add_person(lifecyclestage="customer"), account.add_person()
    account.sandbox.weather.require("phone", "lifecyclestage", "customer")
    first, second = push(account, ruled, free)
    assert (first.status, first.code) == ("refused", "MISSING_CONDITIONAL_REQUIRED_PROPERTY")
    assert "phone" in str(first.why)
    assert second.status == "written"
    account.change(ruled, phone="03-0000-0000")
    assert [r.status for r in push(account, ruled)] == ["written"]


def test_an_account_that_moves_is_not_waited_for_and_says_when(account: HubSpotWorld) -> None:
    one = account.add_person()
    account.sandbox.weather.move(7_200)
    with pytest.raises(Unavailable) as told:
        push(account, one)
    assert told.value.retry_after == 7_200
    assert account.clock.slept == 0
    account.let_time_pass(7_200)
    assert [r.status for r in push(account, one)] == ["written"]


def test_somebody_on_very_many_lists_is_read_without_a_url_that_is_too_long(account: HubSpotWorld) -> None:
    one = account.add_person()
    with account.sandbox.state as state:
        for n in range(1_500):
            row = put_list(account.sandbox.account, kind_of("contacts"), f"list {n}", "MANUAL", None)
            state.put("lists", row["id"], {**row, "members": {one: account.sandbox.account.now}})
    wants = replace(WANTS, events={"lists": EventWants(frozenset({"list_id", "list_name"}))})
    crm = account.open(wants)
    told = Notebook().read(crm)
    crm.close()
    assert {e.fields["list_name"] for e in told.events.values()} == {f"list {n}" for n in range(1_500)}

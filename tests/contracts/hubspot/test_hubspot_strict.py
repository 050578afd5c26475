"""What HubSpot is strict about is met in time: locks, moves, rules of the account, names too long for one URL."""

from __future__ import annotations

import pytest

from connector.errors import Unavailable
from connector.model import Change, Receipt, Ref
from tests.contracts.hubspot.world import OURS, HubSpotWorld


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

"""Administrators at work: a field of the mapping, or one of ours, is renamed, retyped, deleted, hidden or closed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from connector.errors import UnsafePlan, UserError
from connector.results import BY_NAME
from tests.faults.hands.account import (
    Account,
    Twist,
    change,
    field_of,
    go,
    make_result,
    ours,
    person,
    score,
    settled,
    several,
    well,
)

MANY = 24
"""More than the brake calls a few."""


def hide(account: Account, name: str) -> None:
    for object_ in account.words.people:
        account.desk.hide_field(object_, name)


def show(account: Account, name: str) -> None:
    """Give a hidden field back."""
    for object_ in account.words.people:
        if account.words.crm == "salesforce":
            account.desk.hide_field(object_, name, hidden=False)
        else:
            _define(account, name, dataSensitivity="non_sensitive")


def drop(account: Account, name: str) -> None:
    for object_ in account.words.people:
        account.desk.drop_field(object_, name)


def revive(account: Account, name: str) -> None:
    """Undelete a field, values and all."""
    if account.words.crm == "hubspot":
        _define(account, name, archived=False)
        return
    state = account.sandbox.state
    for id_, row in list(state.all("CustomField").items()):
        if row["DeveloperName"] + "__c" == name:
            state.put("CustomField", id_, {**row, "IsDeleted": False})


def _define(account: Account, name: str, **more: Any) -> None:
    state = account.sandbox.state
    state.put("definitions:contacts", name, {**state.all("definitions:contacts")[name], **more})


LOSE = {"hidden": (hide, show), "deleted": (drop, revive)}
Hand = Callable[[Account, str], None]


@pytest.fixture(params=LOSE.values(), ids=LOSE.keys())
def hands(request: pytest.FixtureRequest) -> tuple[Hand, Hand]:
    told: tuple[Hand, Hand] = request.param
    return told


def optional(account: Account) -> None:
    """The mapping can do without the field."""
    old = f"tier: {{field: {account.words.tier}}}"
    assert old in account.mapping
    account.mapping = account.mapping.replace(old, old.replace("}", ", optional: true}"))


# ---- fields of the mapping -----------------------------------------------------------------------------------------


def test_a_field_lost_stops_the_pass_before_anything_is_read_and_names_it(
    account: Account, hands: tuple[Hand, Hand]
) -> None:
    lose, regain = hands
    ids = several(account, tier="gold")
    before = [ours(account, one) for one in ids]
    lose(account, account.words.tier)
    change(account, ids[0], title="部長")
    told = go(account)
    assert isinstance(told.error, UserError)
    assert account.words.tier in told.words
    assert [ours(account, one) for one in ids] == before
    regain(account, account.words.tier)
    assert well(account).run.counts.written == 1
    assert score(account, ids[0]) == 75


def test_a_field_renamed_is_named_and_the_mapping_that_follows_it_changes_nothing(account: Account) -> None:
    ids = several(account, tier="gold")
    before = [ours(account, one) for one in ids]
    old, new = account.words.tier, account.words.tier.replace("ier", "ier2")
    for object_ in account.words.people:
        account.desk.define_field(object_, new, account.words.text)
    for one in ids:
        account.desk.change(account.people, one, **{new: "gold"})
    drop(account, old)
    assert isinstance(go(account).error, UserError)
    account.mapping = account.mapping.replace(old, new)
    told = well(account)
    assert told.run.counts.written == 0
    assert [ours(account, one) for one in ids] == before


def test_an_optional_field_that_goes_dark_brakes_and_names_the_input(
    account: Account, hands: tuple[Hand, Hand]
) -> None:
    lose, regain = hands
    optional(account)
    ids = settled(account, MANY, tier="gold")
    before = [ours(account, one) for one in ids]
    lose(account, account.words.tier)
    change(account, ids[0], title="部長")
    for _ in range(2):
        told = go(account)
        assert isinstance(told.error, UnsafePlan), told.words
        assert "'tier'" in told.words
        assert told.run.status == "stopped"
        assert [ours(account, one) for one in ids] == before
    regain(account, account.words.tier)
    assert well(account).run.counts.written == 1
    assert score(account, ids[0]) == 75


def test_an_optional_field_that_goes_dark_in_a_small_account_is_unknown_for_everybody(
    account: Account, hands: tuple[Hand, Hand]
) -> None:
    lose, regain = hands
    optional(account)
    ids = settled(account, tier="gold")
    lose(account, account.words.tier)
    change(account, ids[0], title="部長")
    well(account)
    assert score(account, ids[1]) == 60
    regain(account, account.words.tier)
    well(account)
    assert score(account, ids[1]) == 75


def test_darkness_that_is_meant_can_be_accepted(account: Account) -> None:
    optional(account)
    ids = settled(account, MANY, tier="gold")
    hide(account, account.words.tier)
    change(account, ids[0], title="部長")
    told = well(account, accept_dark=frozenset({"tier"}))
    assert (told.run.counts.written, score(account, ids[1])) == (MANY, 60)


@pytest.mark.parametrize("full", [False, True], ids=["changed", "all"])
def test_a_field_lost_after_the_check_ends_the_pass_with_nothing_written(
    account: Account, hands: tuple[Hand, Hand], full: bool
) -> None:
    lose, regain = hands
    ids = several(account, tier="gold")
    before = [ours(account, one) for one in ids]
    change(account, ids[0], title="部長")
    account.checked = lambda: lose(account, account.words.tier)
    told = go(account, full=full)
    account.checked = lambda: None
    assert told.error is not None
    assert (told.run.status, account.words.tier in told.words) == ("failed", True), told.words
    assert [ours(account, one) for one in ids] == before
    assert isinstance(go(account).error, UserError)
    regain(account, account.words.tier)
    assert well(account).run.counts.written == 1
    assert score(account, ids[0]) == 75


def test_a_field_retyped_is_read_as_what_it_is_now(account: Account) -> None:
    ids = several(account, MANY, tier="gold")
    before = [ours(account, one) for one in ids]
    retype(account, account.words.tier, account.words.number)
    for one in ids:
        account.desk.change(account.people, one, **{account.words.tier: "7"})
    told = go(account)
    assert told.error is None, "a number can be read as text"
    well(account)
    assert before != [ours(account, one) for one in ids]


def test_a_field_retyped_to_what_cannot_be_read_is_named(account: Account) -> None:
    account.mapping = account.mapping.replace("{field: " + account.words.tier + "}", "{field: GONE, as: truth}")
    account.mapping = account.mapping.replace("GONE", account.words.tier)
    account.card = account.card.replace("tier: {one_of: [gold]}", "tier: {is: true}")
    ids = several(account, tier="true")
    retype(account, account.words.tier, account.words.number)
    told = go(account)
    assert isinstance(told.error, UserError)
    assert account.words.tier in told.words
    assert score(account, ids[1]) == 75


def retype(account: Account, name: str, kind: str) -> None:
    """Another field under the old one's name; what the old one held is gone."""
    for object_ in account.words.people:
        for one in list(account.sandbox.state.all(object_)):
            account.desk.change(object_, one, **{name: None})
    drop(account, name)
    for object_ in account.words.people:
        account.desk.define_field(object_, name, kind)


# ---- our fields ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["score", "detail", "hot"])
def test_our_field_lost_stops_the_pass_and_names_it(account: Account, hands: tuple[Hand, Hand], name: str) -> None:
    lose, regain = hands
    ids = several(account)
    lose(account, field_of(account, name))
    change(account, ids[0], title="部長")
    told = go(account)
    assert isinstance(told.error, UserError)
    assert field_of(account, name) in told.words
    regain(account, field_of(account, name))
    assert well(account).run.counts.written == 1


def test_our_field_made_anew_is_filled_again(account: Account) -> None:
    ids = several(account)
    name = field_of(account, "score")
    for one in ids:
        account.desk.change(account.people, one, **{name: None})
    drop(account, name)
    assert isinstance(go(account).error, UserError)
    for object_ in account.words.people:
        make_result(account, object_, BY_NAME["score"])
    assert well(account).run.counts.written == 8
    assert score(account, ids[1]) == 60


def test_our_field_lost_between_check_and_push_refuses_the_rows_and_says_which(
    account: Account, hands: tuple[Hand, Hand]
) -> None:
    lose, regain = hands
    ids = [person(account, n) for n in range(8)]
    account.checked = lambda: account.line.twists.append(_at_push(account, lambda: lose(account, name)))
    name = field_of(account, "score")
    told = go(account)
    account.checked = lambda: None
    assert told.error is None, told.words
    assert (told.run.status, set(told.refused)) == ("partly", set(ids))
    assert name in told.words
    regain(account, name)
    assert well(account).run.counts.written == 8


def _at_push(account: Account, act: Callable[[], None]) -> Any:
    return Twist(*account.words.written, act)


def test_our_field_retyped_stops_the_pass_and_names_it(account: Account) -> None:
    several(account)
    retype(account, field_of(account, "score"), account.words.text)
    told = go(account)
    assert isinstance(told.error, UserError)
    assert field_of(account, "score") in told.words


def test_our_field_made_read_only_stops_the_pass_and_names_it(account: Account) -> None:
    ids = several(account)
    name = field_of(account, "band")
    read_only(account, name, True)
    change(account, ids[0], title="部長")
    told = go(account)
    assert isinstance(told.error, UserError)
    assert name in told.words
    read_only(account, name, False)
    assert well(account).run.counts.written == 1


def test_our_field_made_read_only_between_check_and_push_refuses_the_rows_and_says_which(account: Account) -> None:
    ids = [person(account, n) for n in range(8)]
    name = field_of(account, "band")
    account.line.twists.append(_at_push(account, lambda: read_only(account, name, True)))
    told = go(account)
    assert (told.error, told.run.status, set(told.refused)) == (None, "partly", set(ids))
    assert name in told.words
    read_only(account, name, False)
    assert well(account).run.counts.written == 8


def read_only(account: Account, name: str, fixed: bool) -> None:
    state = account.sandbox.state
    if account.words.crm == "hubspot":
        rules = state.all("definitions:contacts")[name]["modificationMetadata"]
        _define(account, name, modificationMetadata={**rules, "readOnlyValue": fixed})
        return
    for id_, row in list(state.all("FieldPermissions").items()):
        if row["Field"].endswith(f".{name}"):
            state.put("FieldPermissions", id_, {**row, "PermissionsEdit": not fixed})


def test_the_band_made_a_closed_list_without_our_words_stops_the_pass_and_names_what_lacks(account: Account) -> None:
    ids = several(account)
    close_band(account, ("hot", "warm"))
    change(account, ids[0], title="部長", size="5")
    told = go(account)
    assert isinstance(told.error, UserError)
    assert "cold" in told.words
    assert field_of(account, "band") in told.words
    close_band(account, ("hot", "warm", "cold", "excluded"))
    assert well(account).run.counts.written == 1


def test_the_band_closed_between_check_and_push_refuses_only_the_rows_it_cannot_hold(account: Account) -> None:
    ids = [person(account, n, size="5") for n in range(8)]  # every second one warm, the others cold
    account.line.twists.append(_at_push(account, lambda: close_band(account, ("hot", "warm"))))
    told = go(account)
    assert (told.error, told.run.status, set(told.refused)) == (None, "partly", set(ids[::2]))
    close_band(account, ("hot", "warm", "cold", "excluded"))
    assert well(account).run.counts.written == 4


def close_band(account: Account, values: tuple[str, ...]) -> None:
    name, state = field_of(account, "band"), account.sandbox.state
    if account.words.crm == "hubspot":
        options = [{"label": v, "value": v, "displayOrder": n, "hidden": False} for n, v in enumerate(values)]
        _define(account, name, options=options)
        return
    listed = {"sorted": False, "value": [{"fullName": v, "label": v, "default": False} for v in values]}
    closed = {"type": "Picklist", "label": "区分", "valueSet": {"restricted": True, "valueSetDefinition": listed}}
    for id_, row in list(state.all("CustomField").items()):
        if row["DeveloperName"] + "__c" == name:
            state.put("CustomField", id_, {**row, "Metadata": closed})

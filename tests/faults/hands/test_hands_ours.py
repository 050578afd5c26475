"""People and other programs write our fields: whatever they put there, the next pass puts right, and hands off once."""

from __future__ import annotations

from typing import Any

import pytest

from connector.instants import HOUR
from connector.results import RESULTS
from tests.faults.hands.account import (
    Account,
    between,
    change,
    go,
    ours,
    person,
    score,
    set_ours,
    several,
    well,
)

MINE = [r for r in RESULTS if not r.by_sales]
TYPED = {"number": "-7", "truth": None, "instant": "2020-01-01T00:00:00Z", "text": "手で", "long_text": "手\nで😀"}
"""What a hand writes into a field, by its type; a flag is turned, a choice is chosen."""


def typed(account: Account, who: str, name: str, kind: str) -> Any:
    if kind == "truth":
        return "false" if ours(account, who)[name] == "true" else "true"
    if kind == "choice":
        return "excluded"
    if kind == "instant" and account.words.crm == "hubspot":
        return "1577836800000"
    return TYPED[kind]


def test_each_field_edited_by_hand_is_put_right(account: Account) -> None:
    """On every person another field."""
    ids = several(account, len(MINE), title="部長")
    before = [ours(account, one) for one in ids]
    for one, result in zip(ids, MINE, strict=True):
        set_ours(account, one, **{result.name: typed(account, one, result.name, result.type)})
        assert result.name == "scored_at" or ours(account, one) != before[ids.index(one)]
    # when it was last scored moves with every write and is none by itself
    assert well(account).run.counts.written == len(MINE) - 1
    assert [ours(account, one) for one in ids] == before


@pytest.mark.parametrize("how", ["garbage", "cleared", "stale"])
def test_all_fields_of_all_records_edited_by_hand_are_put_right(account: Account, how: str) -> None:
    ids = several(account)
    before = [ours(account, one) for one in ids]
    told: dict[str, Any] = {r.name: typed(account, ids[1], r.name, r.type) for r in MINE}
    if how == "cleared":
        told = {r.name: ("false" if r.type == "truth" else None) for r in MINE}
    elif how == "stale":
        told = {"score": "1", "band": "cold", "hot": "false"}
    for one in ids:
        set_ours(account, one, **told)
    assert well(account).run.counts.written == 8
    assert [ours(account, one) for one in ids] == before
    assert well(account).run.counts.written == 0


def test_a_hot_flag_turned_by_hand_neither_hands_off_nor_loses_since_when(account: Account) -> None:
    ids = several(account)
    before = ours(account, ids[1])
    assert before["hot"] == "true"
    account.clock.pass_(HOUR // 1_000_000)
    set_ours(account, ids[1], hot="false", hot_since=None)
    told = well(account)
    assert (told.run.counts.newly_hot, told.run.counts.cooled) == (0, 0)
    assert ours(account, ids[1]) == before


def test_another_program_that_writes_our_fields_while_we_do_loses_at_the_next_pass(account: Account) -> None:
    ids = several(account)
    before = ours(account, ids[1])
    change(account, ids[0], title="部長")
    between(account, lambda: set_ours(account, ids[1], score="3", reasons="別の連携が書いた"))
    told = go(account)
    assert told.run.counts.written == 1
    assert well(account).run.counts.written == 1
    assert ours(account, ids[1]) == before


def test_another_program_that_overwrites_what_we_have_just_written_loses_at_the_next_pass(account: Account) -> None:
    ids = several(account)
    change(account, ids[0], title="部長")
    go(account)
    set_ours(account, ids[0], score="0", band="cold")  # in the very second of our own write
    assert well(account).run.counts.written == 1
    assert score(account, ids[0]) == 60


def test_another_program_that_writes_every_time_is_outwritten_every_time(account: Account) -> None:
    ids = several(account)
    for n in range(4):
        set_ours(account, ids[1], score=str(n))
        assert well(account).run.counts.written == 1
        assert score(account, ids[1]) == 60


def test_the_verdict_of_sales_is_never_written(account: Account) -> None:
    ids = several(account)
    set_ours(account, ids[1], verdict="too_early")
    go(account)
    change(account, ids[1], size="5")
    go(account)
    assert ours(account, ids[1])["verdict"] == "too_early"


def test_somebody_elses_edit_beside_ours_in_the_same_batch_survives(account: Account) -> None:
    ids = [person(account, n) for n in range(8)]
    between(account, lambda: change(account, ids[6], name="佐藤", tier="gold"))
    go(account, others=True)
    shown = account.desk.shown(account.people, ids[6])
    assert (shown[account.words.name], shown[account.words.tier]) == ("佐藤", "gold")
    well(account)
    assert score(account, ids[6]) == 45

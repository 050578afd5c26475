"""Records that cannot be written: refused by a rule, gone, merged or converted while we look away."""

from __future__ import annotations

import pytest

from tests.faults.hands.account import (
    Account,
    between,
    call,
    change,
    go,
    known,
    ours,
    person,
    ref,
    score,
    several,
    well,
)

SECRET = "秘密の部長"
CODES = {"hubspot": "MISSING_CONDITIONAL_REQUIRED_PROPERTY", "salesforce": "FIELD_CUSTOM_VALIDATION_EXCEPTION"}


def mend(account: Account, *ids: str) -> None:
    """The rule that refused these is withdrawn."""
    kind = "rule" if account.words.crm == "salesforce" else f"ruled:{account.people}"
    for one in ids:
        account.sandbox.state.drop(kind, one)


@pytest.mark.parametrize("bad", [[3], [0, 3, 7], [0, 1, 2, 3], list(range(8))], ids=["one", "three", "half", "all"])
def test_poison_rows_are_refused_alone_tried_by_each_pass_and_written_once_mended(
    account: Account, bad: list[int]
) -> None:
    ids = [person(account, n, title=f"{SECRET}{n}") for n in range(8)]
    poisoned = {ids[n] for n in bad}
    for one in poisoned:
        account.sandbox.weather.poison(one)
    for _ in range(2):
        told = go(account)
        assert told.error is None
        assert (told.run.status, set(told.refused)) == ("partly", poisoned)
        assert set(told.refused.values()) == {CODES[account.words.crm]}
        assert told.run.counts.rejected == len(bad)
        assert SECRET not in told.words
    assert all((score(account, one) is None) == (one in poisoned) for one in ids)
    mend(account, *poisoned)
    mended = well(account)
    assert mended.run.counts.written == len(bad)
    assert well(account).run.counts.written == 0


def test_a_pass_after_the_poison_does_not_write_the_good_ones_again(account: Account) -> None:
    ids = [person(account, n) for n in range(8)]
    account.sandbox.weather.poison(ids[2])
    go(account)
    again = go(account)
    assert (again.run.counts.written, set(again.refused)) == (0, {ids[2]})
    account.desk.delete(account.people, ids[2])
    account.clock.pass_(90_000)
    assert go(account).run.status == "succeeded", "who is gone is refused no more"


def test_somebody_deleted_between_pull_and_push_is_gone_and_no_failure(account: Account) -> None:
    ids = [person(account, n) for n in range(8)]
    between(account, lambda: account.desk.delete(account.people, ids[4]))
    told = go(account, others=True)
    assert (told.error, told.run.status, told.run.counts.written, told.run.counts.gone) == (None, "succeeded", 7, 1)
    assert str(ref(account, ids[4])) not in known(account.store)
    well(account)


def test_somebody_deleted_between_passes_is_gone_after_the_next_full_reading(account: Account) -> None:
    ids = several(account)
    account.desk.delete(account.people, ids[4])
    go(account)
    well(account, after=90_000)
    assert str(ref(account, ids[4])) not in known(account.store)


@pytest.mark.parametrize("when", ["between passes", "between pull and push"])
def test_of_two_merged_one_carries_on_with_the_deeds_of_both(account: Account, when: str) -> None:
    ids = [person(account, n, title="部長") for n in range(8)]
    calls = [call(account, ids[2]), call(account, ids[5])]
    kept: list[str] = []

    def merge() -> None:
        kept.append(account.desk.merge(account.people, ids[2], ids[5]))

    if when == "between passes":
        well(account)
        merge()
    else:
        between(account, merge)
        told = go(account, others=True)
        assert told.error is None, told.words
        assert told.run.counts.written == (6 if account.words.crm == "hubspot" else 7)
    well(account)
    deeds = known(account.store)[str(ref(account, kept[0]))]["deeds"]
    assert (len(deeds), score(account, kept[0])) == (len(calls), 68)
    everybody = known(account.store)
    left = {ids[2], ids[5]} - set(kept)
    assert not any(str(ref(account, one)) in everybody for one in left)
    assert well(account).run.counts.written == 0


def test_the_hot_one_that_lives_on_under_a_new_id_is_not_newly_hot(account: Account) -> None:
    ids = several(account, 8, title="部長")
    before = ours(account, ids[5])
    kept = account.desk.merge(account.people, ids[2], ids[5])
    told = well(account)
    assert told.run.counts.newly_hot == 0
    assert {n: ours(account, kept)[n] for n in ("hot_since", "handoff_no")} == {
        n: before[n] for n in ("hot_since", "handoff_no")
    }


@pytest.mark.parametrize("when", ["between passes", "between pull and push"])
def test_a_converted_lead_carries_on_as_its_contact(salesforce: Account, when: str) -> None:
    account = salesforce
    ids = [person(account, n, title="部長") for n in range(8)]
    call(account, ids[2])
    made: list[str] = []

    def convert() -> None:
        made.append(account.desk.convert(ids[2]))

    if when == "between passes":
        well(account)
        convert()
    else:
        between(account, convert)
        told = go(account, others=True)
        assert told.error is None, told.words
        assert (told.run.status, told.run.counts.gone) == ("succeeded", 1)
    told = well(account)
    assert score(account, made[0], "Contact") == 64
    everybody = known(account.store)
    assert str(ref(account, ids[2])) not in everybody
    assert len(everybody[str(ref(account, made[0], "Contact"))]["deeds"]) == 1
    assert well(account).run.counts.written == 0


def test_a_chain_of_merges_ends_with_the_last_one(account: Account) -> None:
    ids = several(account, 8, title="部長")
    for n in (1, 2, 3):
        call(account, ids[n])
    one = account.desk.merge(account.people, ids[1], ids[2])
    last = account.desk.merge(account.people, one, ids[3])
    well(account)
    assert score(account, last) == 72


def test_whoever_is_restored_from_the_bin_is_scored_again(account: Account) -> None:
    ids = several(account)
    account.desk.delete(account.people, ids[3])
    well(account, after=90_000)
    change(account, ids[4], title="部長")
    restore(account, ids[3])
    well(account, after=90_000)
    assert str(ref(account, ids[3])) in known(account.store)
    assert score(account, ids[3]) == 60


def restore(account: Account, who: str) -> None:
    """Out of the recycle bin again, as the CRM's own page does it."""
    if account.words.crm == "salesforce":
        account.desk.change(account.people, who, IsDeleted=False)
        return
    held = account.sandbox.desk.account
    row = {k: v for k, v in held.state.all("contacts")[who].items() if k != "archived"}
    held.save("contacts", [{**row, "touched": held.now}])


def test_a_record_changed_while_we_write_it_is_scored_on_what_it_says_now(account: Account) -> None:
    ids = [person(account, n) for n in range(8)]
    between(account, lambda: change(account, ids[0], title="部長"))
    told = go(account, others=True)
    assert (told.error, told.run.counts.written) == (None, 8)
    again = well(account)
    assert (again.run.counts.written, score(account, ids[0])) == (1, 60)

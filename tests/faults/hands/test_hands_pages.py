"""Pages and clocks that misbehave: rows told twice, pages repeated or empty, cursors expired, stamps that lie."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from connector.instants import SECOND
from tests.faults.hands.account import (
    Account,
    Twist,
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

EARLIER = 3_600.0


def rows_of(document: dict[str, Any]) -> list[Any]:
    """The rows of a page of either CRM."""
    found: list[Any] = document["results"] if "results" in document else document["records"]
    return found


def pages(account: Account) -> tuple[str, str]:
    """The requests for pages of people in a full reading."""
    if account.words.crm == "hubspot":
        return account.words.listed
    return "GET", r"/(queryAll/?\?q=.*FROM(\+|%20)Lead|query[^?]*/01g|query(All)?/0r8)"


def twist(account: Account, bend: Any, **more: Any) -> Twist:
    made = Twist(*pages(account), bend=bend, **more)
    account.line.twists.append(made)
    return made


# ---- pages ---------------------------------------------------------------------------------------------------------


def test_a_row_told_twice_in_a_page_counts_once(account: Account) -> None:
    ids = [person(account, n) for n in range(8)]

    def doubled(page: dict[str, Any]) -> dict[str, Any]:
        rows_of(page).append(copy.deepcopy(rows_of(page)[0]))
        return page

    made = twist(account, doubled, times=9)
    told = well(account)
    assert made.met > 0
    assert (told.run.counts.written, len(known(account.store))) == (8, 8)
    assert score(account, ids[1]) == 60


def test_a_page_told_twice_counts_once(account: Account) -> None:
    [person(account, n) for n in range(8)]
    kept: list[Any] = []

    def repeated(page: dict[str, Any]) -> dict[str, Any]:
        """The second page brings the first one's rows again, before its own."""
        before = [copy.deepcopy(one) for one in rows_of(kept[0])] if kept else []
        kept.append(page)
        rows_of(page)[:0] = before
        return page

    made = twist(account, repeated, times=2)
    told = well(account)
    assert len(kept) == 2 == min(made.met, 2)
    assert (told.run.counts.written, len(known(account.store))) == (8, 8)


def test_an_empty_page_in_the_middle_ends_nothing(hubspot: Account) -> None:
    """HubSpot's list may give a page with nothing in it that has a next one. Its rows come in the next reading."""
    account = hubspot
    [person(account, n) for n in range(9)]
    rows: list[Any] = []

    def emptied(page: dict[str, Any]) -> dict[str, Any]:
        rows[:] = rows_of(page)
        return {**page, "results": []}

    def filled(page: dict[str, Any]) -> dict[str, Any]:
        return {**page, "results": [*rows, *rows_of(page)]}

    twist(account, emptied, skip=1)
    twist(account, filled, skip=2)
    told = well(account)
    assert (told.run.counts.written, len(known(account.store))) == (9, 9)


def test_a_cursor_that_expired_between_pages_costs_nothing_but_time(account: Account) -> None:
    [person(account, n) for n in range(9)]
    method, path = pages(account)
    account.line.twists.append(Twist(method, path, lambda: expire(account), skip=1))
    assert well(account).run.counts.written == 9


def expire(account: Account) -> None:
    account.clock.pass_(4 * 86_400)
    account.sandbox.weather.expire_token() if account.words.crm == "salesforce" else None


def test_a_pull_left_in_the_middle_for_days_goes_on(account: Account) -> None:
    ids = [person(account, n) for n in range(9)]
    cut_off(account, skip=2)
    assert go(account).error is not None
    account.line.twists.clear()
    change(account, ids[0], title="部長")
    account.desk.delete(account.people, ids[1])
    account.clock.pass_(20 * 86_400)
    well(account)
    assert well(account).run.counts.written == 0


def cut_off(account: Account, skip: int) -> None:
    """The reading breaks off at a page."""

    def spoil(page: dict[str, Any]) -> dict[str, Any]:
        raise ConnectionResetError

    twist(account, spoil, skip=skip, times=20)


# ---- clocks --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("minutes", [-10, 10, -600, 600])
def test_a_clock_that_is_wrong_misses_nobody(account: Account, minutes: int) -> None:
    """Behind the CRM's, it is late by the difference: what lies ahead of our now has not happened yet."""
    account.clock.skew = 60.0 * minutes
    late = max(0, -60 * minutes)
    ids = several(account)
    for n, one in enumerate(ids[:4]):
        change(account, one, title="部長" if n % 2 == 0 else "担当")
        call(account, one)
        assert go(account, after=late + 60).error is None
    well(account, after=late + 60)
    assert [score(account, one) for one in ids[:4]] == [64, 34, 64, 34]
    assert well(account, after=700).run.counts.written == 0


@pytest.mark.parametrize("minutes", [-10, 10])
def test_a_clock_put_right_between_passes_misses_nobody(account: Account, minutes: int) -> None:
    account.clock.skew = 60.0 * minutes
    ids = several(account)
    account.clock.skew = 0.0
    change(account, ids[0], title="部長")
    well(account, after=30)
    assert score(account, ids[0]) == 60
    account.clock.skew = -60.0 * minutes
    change(account, ids[2], title="部長")
    well(account, after=30 + max(0, 60 * minutes))
    assert score(account, ids[2]) == 60


def restamp(account: Account, who: str, back: float) -> None:
    """Give a record a modified stamp so many seconds ago, as an import that keeps stamps does."""
    state, at = account.sandbox.state, account.clock.at - int(back * SECOND)
    row = state.all(account.people)[who]
    if account.words.crm == "hubspot":
        account.sandbox.desk.account.save("contacts", [{**row, "updated": at // 1_000}])
        return
    from adapters.salesforce.sandbox.stamps import stamp

    state.put(account.people, who, {**row, "SystemModstamp": stamp(at), "LastModifiedDate": stamp(at)})


def test_a_stamp_that_goes_back_a_little_is_still_read(account: Account) -> None:
    ids = several(account)
    well(account, after=600)
    change(account, ids[0], title="部長")
    restamp(account, ids[0], back=120)
    well(account, after=30)
    assert score(account, ids[0]) == 60


def test_a_stamp_that_goes_back_far_is_read_by_the_next_full_reading(account: Account) -> None:
    ids = several(account)
    well(account, after=3_600)
    change(account, ids[0], title="部長")
    restamp(account, ids[0], back=86_400)
    go(account)
    assert go(account, full=True).error is None
    well(account)
    assert score(account, ids[0]) == 60


def test_more_records_of_one_stamp_than_a_page_holds_are_all_read(account: Account) -> None:
    ids = several(account, 25)
    well(account, after=3_600)
    for one in ids:
        change(account, one, title="部長")
    account.desk.same_instant(account.people, ids)
    told = well(account, after=600)
    assert told.run.counts.written == 13
    assert {score(account, one) for one in ids} == {60}


def test_what_becomes_visible_late_behind_the_cursor_is_read(salesforce: Account) -> None:
    account = salesforce
    ids = several(account)
    well(account, after=600)
    account.sandbox.weather.delay_commits(200)
    change(account, ids[0], title="部長")
    account.sandbox.weather.delay_commits(0)
    change(account, ids[2], title="部長")
    well(account, after=30)
    assert (score(account, ids[0]), score(account, ids[2])) == (30, 60)
    well(account, after=200)
    assert score(account, ids[0]) == 60


def test_what_the_index_tells_late_is_read(opening: Any) -> None:
    from tests.faults.hands.words import HUBSPOT

    account = opening(HUBSPOT, search_lag=200.0)
    ids = several(account)
    for n in range(2):
        change(account, ids[7], name=f"鈴木{n}")
        well(account, after=900)
    change(account, ids[0], title="部長")
    go(account)  # the index does not know yet
    assert score(account, ids[0]) == 30
    change(account, ids[2], title="部長")
    well(account, after=250)
    assert (score(account, ids[0]), score(account, ids[2])) == (60, 60)


def test_what_happened_while_a_long_pull_was_under_way_is_read_by_the_next(account: Account) -> None:
    ids = [person(account, n) for n in range(9)]
    method, path = pages(account)
    account.line.twists.append(Twist(method, path, lambda: change(account, ids[0], title="部長"), skip=2))
    told = go(account, others=True)
    assert told.error is None
    well(account)
    assert (score(account, ids[0]), ours(account, ids[0])["hot"]) == (60, "true")
    assert str(ref(account, ids[0])) in known(account.store)

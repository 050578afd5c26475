"""What command line and console ask, and a lead as it was known on a past date."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from connector.errors import UserError
from connector.instants import DAY, HOUR
from connector.model import Counts, HotState, Reject, Standing
from connector.ports import Facts, Page
from connector.store import SqlStore, book_text, open_store, remember_book
from connector.testing.shelf import BOOK, NAME, T0, Shelf, became, did, gone, hot, lead, ref, scored, won
from connector.views import (
    dossier,
    find_lead,
    hot_leads,
    last_runs,
    list_runs,
    nearly_hot,
    rejects_of,
    show_run_of,
)  # fmt: skip
from connector.words import say

A, B = ref("1"), ref("2")


@dataclass
class World:
    store: SqlStore
    now: int = T0

    def open(self) -> SqlStore:
        return self.store


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with open_store(f"sqlite:///{tmp_path / 'x.db'}", now=lambda: T0) as store:
        yield World(store)


# ---- who is meant ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1", ["contacts", "companies"]),
        ("shelf:contacts/1", ["contacts"]),
        (" shelf:contacts/1 ", ["contacts"]),
        ("other:contacts/1", []),
        ("shelf:Lead/00Q5e00000AbCdE", ["Lead"]),
        ("00Q5e00000AbCdE", ["Lead"]),
        ("00Q5e00000AbCdEEAV", ["Lead"]),
        ("00Q5e00000AbCdf", []),
        ("a:b/c", ["sheet"]),
        ("3", []),
        ("%", []),
        ("", []),
    ],
)
def test_a_lead_is_found_by_every_name_it_has(world: World, text: str, found: list[str]) -> None:
    shelf = Shelf(world)
    shelf.keep(
        lead(A), lead(ref("1", "companies")), lead(ref("00Q5e00000AbCdEEAV", "Lead")), lead(ref("a:b/c", "sheet"))
    )
    shelf.keep(did(ref("3"), "x", T0))
    assert {r.object for r in find_lead(world.store, text)} == set(found)


def test_a_long_salesforce_id_finds_the_short_one(world: World) -> None:
    Shelf(world).keep(lead(ref("00Q5e00000AbCdE", "Lead")))
    assert len(find_lead(world.store, "00Q5e00000AbCdEEAV")) == 1


def test_somebody_unknown_has_no_dossier(world: World) -> None:
    with pytest.raises(UserError, match="LH-705"):
        dossier(world.store, A, None)


# ---- the past --------------------------------------------------------------------------------------------------------


def test_a_past_date_shows_what_was_known_then(world: World) -> None:
    shelf = Shelf(world)
    shelf.keep(lead(A, title="old"), did(A, "1", T0 - DAY), did(A, "2", T0 - HOUR), became(A, "d1", won(amount="1")))
    shelf.score(scored(shelf.run, A, hot(60)))
    shelf.next_pass(DAY)
    shelf.keep(lead(A, title="new"), did(A, "2", T0 - HOUR, "/blog"), did(A, "3", T0 + HOUR), became(A, "d1", won()))
    shelf.score(scored(shelf.run, A, hot(80)))
    shelf.next_pass(DAY)
    shelf.keep(replace(did(A, "1", T0), gone=True), became(A, "d1", None))
    shelf.score(scored(shelf.run, A, (5, Standing(HotState.COLD, None, 1, 1))))

    def known(at: int) -> tuple[object, ...]:
        one = dossier(world.store, A, at)
        doings = [(a.at, a.subject) for a in one.lead.activities]
        amounts = [str(o.amount) for o in one.outcomes]
        return one.lead.inputs["title"], doings, amounts, [p for _, p in one.history], one.lead.before and one.book

    first = ("old", [(T0 - DAY, "/pricing"), (T0 - HOUR, "/pricing")], ["1"])
    second = (
        "new",
        [(T0 - DAY, "/pricing"), (T0 - HOUR, "/blog"), (T0 + HOUR, "/pricing")],
        ["1200000.50"],
    )
    third = ("new", [(T0 - HOUR, "/blog"), (T0 + HOUR, "/pricing")], [])
    assert known(T0 - DAY) == (*first, [], None), "what was heard first stands for the time before"
    assert known(T0) == (*first, [], None), "the pass at this very instant has not scored yet"
    assert known(T0 + 1) == (*first, [60], BOOK)
    assert known(T0 + DAY) == (*second, [60], BOOK)
    assert known(T0 + DAY + 1) == (*second, [60, 80], BOOK)
    assert known(T0 + 2 * DAY) == (*third, [60, 80], BOOK)
    assert known(T0 + 3 * DAY) == (*third, [60, 80, 5], BOOK)
    assert dossier(world.store, A, None).lead.activities == dossier(world.store, A, T0 + 3 * DAY).lead.activities


def test_before_a_merge_each_has_their_own(world: World) -> None:
    shelf = Shelf(world)
    shelf.keep(lead(A), lead(B), did(A, "1", T0), did(B, "2", T0))
    shelf.next_pass(DAY)
    shelf.keep(gone(A, B))
    assert [len(dossier(world.store, B, at).lead.activities) for at in (T0, T0 + DAY)] == [1, 2]


# ---- who stands out --------------------------------------------------------------------------------------------------


def test_the_hottest_come_first_with_their_reasons(world: World) -> None:
    shelf = Shelf(world)
    people = [ref(str(n)) for n in range(5)]
    shelf.keep(*(lead(who) for who in people))
    excluded = (99, Standing(HotState.EXCLUDED))
    told = [hot(60), hot(90), (45, Standing(HotState.WARM)), (10, Standing(HotState.COLD)), excluded]
    shelf.score(*(scored(shelf.run, who, one) for who, one in zip(people, told, strict=True)))
    assert [(s.ref.id, s.points, s.hot_since) for s in hot_leads(world.store, NAME, 9)] == [
        ("1", 90, T0),
        ("0", 60, T0),
    ]
    assert [s.ref.id for s in hot_leads(world.store, NAME, 1)] == ["1"]
    assert hot_leads(world.store, NAME, 1)[0].ledger[0].points == 90
    assert [(s.ref.id, s.hot_since) for s in nearly_hot(world.store, NAME, 9)] == [("2", None), ("3", None)]
    assert hot_leads(world.store, "other", 9) == []
    shelf.keep(gone(people[1]))
    assert [s.ref.id for s in hot_leads(world.store, NAME, 9)] == ["0"]


# ---- runs ------------------------------------------------------------------------------------------------------------


def test_runs_are_listed_newest_first_and_the_dead_are_closed(world: World) -> None:
    shelf = Shelf(world)
    shelf.finish()
    other = world.store.begin("other", T0, "plan", T0)
    world.store.finish(other, "planned", Counts(), {}, T0, None)
    dead = shelf.start(DAY)
    shelf.start(DAY)
    assert [(r.connection, r.status) for r in list_runs(world.store, None, 9)] == [
        (NAME, "running"), (NAME, "failed"), ("other", "planned"), (NAME, "succeeded"),
    ]  # fmt: skip
    assert [r.connection for r in list_runs(world.store, "other", 9)] == ["other"]
    assert len(list_runs(world.store, None, 2)) == 2
    assert show_run_of(world.store, dead.id).problem == "the process ended before the run did"
    assert show_run_of(world.store, None).status == "running"
    assert {name: r.status for name, r in last_runs(world.store).items()} == {NAME: "failed", "other": "planned"}


def test_a_run_that_is_not_there_is_named(world: World) -> None:
    with pytest.raises(UserError, match="LH-611"):
        show_run_of(world.store, None)
    Shelf(world)
    with pytest.raises(UserError, match="LH-612"):
        rejects_of(world.store, 99)


def test_rejects_are_told_once_with_cause_and_remedy(world: World) -> None:
    shelf = Shelf(world)
    shelf.keep(lead(A, {"score": None}), lead(B, {"score": None}))
    unread = Reject(A, "LH-210", say("{source} {id}: no instant can be read", source="x", id=say("{n} more", n=1)))
    for _ in range(2):
        world.store.keep(shelf.run, Page(rejects=[unread]), Facts())
    shelf.score(*(scored(shelf.run, who, hot(), {"score": 60}) for who in (A, B)))
    shelf.settle("refused", size=1)
    found = rejects_of(world.store, None)
    assert [(r.ref, r.code) for r in found] == [(A, "LH-210"), (A, "LH-609"), (B, "LH-609")]
    assert (found[0], found[0].fix) == (unread, None)
    assert found[1].fix is not None
    shelf.next_pass()
    assert rejects_of(world.store, None) == []


def test_an_answer_never_heard_is_shown_among_the_rejects(world: World) -> None:
    shelf = Shelf(world)
    shelf.keep(lead(A, {"score": None}))
    shelf.score(scored(shelf.run, A, hot(), {"score": 60}))
    shelf.settle("unknown")
    assert [r.code for r in rejects_of(world.store, None)] == ["LH-610"]


def test_a_book_is_remembered_by_its_digest(world: World) -> None:
    Shelf(world).due("b1")
    assert book_text(world.store, "b1") is None
    for text in ("old", "new"):
        remember_book(world.store, "b1", text)
        assert book_text(world.store, "b1") == text
    assert book_text(world.store, "b2") is None

"""Several are done at once: in order, no more than allowed, and with what came of those under way when one fails."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from adapters.memory import Account, MemoryConfig, MemoryCRM
from connector.abreast import abreast
from connector.book import Texts, open_book
from connector.errors import Unavailable
from connector.instants import HOUR, parse_instant
from connector.model import Change, Receipt, Run
from connector.ports import Traits
from connector.store import SqlStore, open_store
from connector.sync import Orders, Rim, Stopped, sync
from connector.views import list_runs

MOST = 3


def wait_for(those: threading.Barrier) -> None:
    """Until all are here: alone, nobody gets on."""
    those.wait(10)


def test_as_many_as_allowed_are_done_at_once_and_told_in_order() -> None:
    all_here = threading.Barrier(MOST)

    def double(n: int) -> int:
        wait_for(all_here)
        return 2 * n

    assert list(abreast(double, range(4 * MOST), MOST)) == [(n, 2 * n) for n in range(4 * MOST)]


@pytest.mark.parametrize("most", [1, 2, MOST])
def test_no_more_than_allowed_are_begun_before_the_oldest_was_dealt_with(most: int) -> None:
    begun = list[int]()

    def these() -> Iterator[int]:
        for n in range(9):
            begun.append(n)
            yield n

    told = abreast(lambda n: n, these(), most)
    for n in range(9):
        assert next(told) == (n, n)
        assert len(begun) <= n + most
    assert next(told, None) is None


@pytest.mark.parametrize("bad", range(5))
@pytest.mark.parametrize("most", [1, 2, MOST])
def test_after_an_error_all_that_was_done_is_told_and_little_more_is_begun(bad: int, most: int) -> None:
    done, told = list[int](), list[int]()

    def do(n: int) -> int:
        if n == bad:
            raise LookupError
        done.append(n)
        return n

    def take() -> None:
        for n, _ in abreast(do, range(9), most):
            told.append(n)

    with pytest.raises(LookupError):
        take()
    assert told == sorted(done)
    assert set(range(bad)) <= set(told) <= set(range(bad + most))


def test_those_beside_one_that_fails_are_told() -> None:
    done, told = list[int](), list[int]()
    all_here = threading.Barrier(MOST)

    def do(n: int) -> int:
        wait_for(all_here)
        if n == 0:
            raise LookupError
        done.append(n)
        return n

    def take() -> None:
        for n, _ in abreast(do, range(9), MOST):
            told.append(n)

    with pytest.raises(LookupError):
        take()
    assert sorted(done) == told == [1, 2], "the first failed, the two beside it were done, nothing else was begun"


def test_an_error_of_what_is_to_be_done_is_raised_after_what_was_under_way() -> None:
    def these() -> Iterator[int]:
        yield 1
        raise LookupError

    told = abreast(lambda n: n, these(), MOST)
    assert next(told) == (1, 1)
    with pytest.raises(LookupError):
        next(told)


def test_whoever_wants_no_more_leaves_no_thread_behind() -> None:
    before = threading.active_count()
    told = abreast(lambda n: n, range(9), MOST)
    next(told)
    told.close()
    assert threading.active_count() == before


# ---- a pass ----------------------------------------------------------------------------------------------------------

START = parse_instant("2026-11-20T00:00:00Z")
MAPPING = "mapping: hubspot\ninputs:\n  title: {field: jobtitle}\nresults: {profile: minimal}\n"
CARD = """
scorecard: test
version: 1
timezone: Asia/Tokyo
bands: {hot: {enter: 50}, warm: 20}
axes: {fit: {label: {ja: 属性, en: Fit}}}
rules:
  - {id: head, axis: fit, label: {ja: 部長, en: Head}, when: {title: {one_of: [head]}}, points: 60}
"""
BOOK = open_book(Texts("card", CARD, "mapping", MAPPING), ZoneInfo("Asia/Tokyo"), "ja")


class Slow(MemoryCRM):
    """Writes batches of two, three abreast. Each write waits until `MOST` are under way, and `down` are lost."""

    __slots__ = ("down", "here", "lock", "pushed", "stop")

    @property
    def traits(self) -> Traits:
        return replace(super().traits, abreast=MOST)

    def push(self, changes: Sequence[Change]) -> Sequence[Receipt]:
        with self.lock:
            self.pushed += 1
            mine = self.pushed
        wait_for(self.here)
        self.stop.set()
        if mine in self.down:
            raise Unavailable
        with self.lock:
            return super().push(changes)


class World:
    def __init__(self, store: SqlStore) -> None:
        ours = {f"leadheat_{n}": "text" for n in ("score", "band", "hot", "top_reason", "reasons", "scored_at")}
        self.store, self.at = store, START
        self.account = Account(START, {"contacts": {"jobtitle": "text", **ours}})

    def sync(self, *down: int, heeds_stop: bool = False) -> Run:
        crm = Slow(MemoryConfig("m", batch_size=2), self.account, BOOK.mapping.wants)
        crm.down, crm.pushed, crm.lock = down, 0, threading.Lock()
        crm.here, crm.stop = threading.Barrier(MOST), threading.Event()
        rim = Rim(lambda: self.at, stopping=lambda: heeds_stop and crm.stop.is_set())
        self.at += HOUR
        return sync("m", crm, self.store, BOOK, lambda _: BOOK, Orders(), rim)[0]

    def written(self) -> int:
        return sum("leadheat_score" in row.fields for row in self.account.rows.values())


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with open_store(f"sqlite:///{tmp_path / 'l.db'}", now=lambda: START) as store:
        yield World(store)


def some(world: World, batches: int) -> None:
    for _ in range(2 * batches):
        world.account.add("contacts", jobtitle="head")


def test_a_pass_writes_batches_side_by_side(world: World) -> None:
    some(world, 2 * MOST)
    assert (world.sync().counts.written, world.written()) == (4 * MOST, 4 * MOST)


def test_when_a_batch_is_lost_those_beside_it_are_settled_and_the_next_pass_writes_the_rest(world: World) -> None:
    some(world, 2 * MOST)
    with pytest.raises(Unavailable):
        world.sync(1)
    run = list_runs(world.store, "m", 1)[0]
    assert (run.status, run.counts.written, world.written()) == ("failed", 4, 4)
    rest = 2 * MOST - 2
    some(world, MOST * -(-rest // MOST) - rest)  # a full row of them, so that none waits for ever
    run = world.sync()
    assert (run.status, run.counts.written) == ("succeeded", len(world.account.rows) - 4)
    assert world.written() == len(world.account.rows)


def test_a_pass_told_to_stop_settles_the_batches_under_way_and_begins_no_more(world: World) -> None:
    some(world, 2 * MOST)
    with pytest.raises(Stopped):
        world.sync(heeds_stop=True)
    run = list_runs(world.store, "m", 1)[0]
    assert (run.status, run.counts.written, world.written()) == ("stopped", 2 * MOST, 2 * MOST)
    assert world.sync().counts.written == 2 * MOST

"""Pages that have nothing to tell but how far the reading has come: the last is kept, the others cost nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from adapters.memory import Account, MemoryConfig, MemoryCRM
from connector.errors import QuotaSpent, Unavailable
from connector.instants import HOUR
from connector.model import Record, Ref, Run
from connector.ports import Facts, Page
from connector.store import SqlStore, open_store
from connector.sync import Orders, Rim, sync
from connector.views import list_runs
from tests.crash.ledger import BOOKS, START, book

BOOK = book(0, 0)


class Telling(MemoryCRM):
    """Tells the pages it is given, then what is wrong."""

    __slots__ = ("pages", "wrong")

    def pull(self, cursor: str | None) -> Iterator[Page]:
        del cursor
        yield from self.pages
        if self.wrong:
            raise self.wrong


class Counting(SqlStore):
    """Remembers which pages it was given to keep."""

    __slots__ = ()

    def keep(self, run: Run, page: Page, facts: Facts) -> None:
        KEPT.append(page.cursor)
        super().keep(run, page, facts)


KEPT: list[str] = []


@dataclass
class Quiet:
    store: SqlStore
    at: int = START
    cursors: list[str | None] = field(default_factory=list)

    def sync(self, *pages: Page, wrong: Exception | None = None) -> Run:
        """A pass over these pages; returns the run as it was remembered."""
        crm = Telling(MemoryConfig("m"), Account(START, {"contacts": {}}), BOOK.mapping.wants)
        crm.pages, crm.wrong = pages, wrong
        self.at += HOUR
        KEPT.clear()
        try:
            sync("m", crm, self.store, BOOK, BOOKS.get, Orders(apply=False), Rim(lambda: self.at))
        finally:
            self.cursors.append(list_runs(self.store, "m", 1)[0].cursor)
        return list_runs(self.store, "m", 1)[0]


@pytest.fixture
def quiet(tmp_path: Path) -> Iterator[Quiet]:
    with open_store(f"sqlite:///{tmp_path / 'l.db'}", now=lambda: START) as store:
        yield Quiet(Counting(store.engine, store.now))


SOMEBODY = (Record(Ref("m", "contacts", "1"), {}, START),)


def test_of_empty_pages_the_last_is_kept(quiet: Quiet) -> None:
    quiet.sync(Page(cursor="1"), Page(cursor="2"), Page(cursor="3"))
    assert (KEPT, quiet.cursors) == (["3"], ["3"])


def test_an_empty_page_before_a_full_one_needs_no_keeping(quiet: Quiet) -> None:
    run = quiet.sync(Page(cursor="1"), Page(SOMEBODY, cursor="2"), Page(cursor="3"), Page(cursor="4"))
    assert (KEPT, quiet.cursors, run.counts.read) == (["2", "4"], ["4"], 1)


@pytest.mark.parametrize("wrong", [Unavailable(), QuotaSpent()])
def test_how_far_the_reading_came_before_it_broke_off_is_kept(quiet: Quiet, wrong: Exception) -> None:
    with pytest.raises(type(wrong)):
        quiet.sync(Page(cursor="1"), Page(cursor="2"), wrong=wrong)
    assert (KEPT, quiet.cursors) == (["2"], ["2"])


def test_what_broke_off_with_nothing_read_keeps_nothing(quiet: Quiet) -> None:
    with pytest.raises(Unavailable):
        quiet.sync(wrong=Unavailable())
    assert (KEPT, quiet.cursors) == ([], [None])

"""The Store of `ports.py` on a SQL database: each method's matter stands in the module of its name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Literal

from connector.clock import clock
from connector.deeds import NOBODY, Ints
from connector.instants import Instant
from connector.model import Change, Counts, Event, Receipt, Record, Run
from connector.ports import Ask, Baseline, Dossier, Facts, Page, Scored, Unchanged, nobody
from connector.store import due, keep, reread, runs, staging
from connector.store.darkness import vanished, went_dark
from connector.store.database import Database, bring_up_to_date, open_engine


class SqlStore(Database):
    """An open store. Use it in a `with`, or close it."""

    __slots__ = ()

    def begin(self, connection: str, as_of: Instant, kind: Literal["sync", "plan"], started: Instant) -> Run:
        return runs.begin(self, connection, as_of, kind, started)

    def complete(self, run: Run, page: Page) -> Page:
        return keep.complete(self, run, page)

    def keep(self, run: Run, page: Page, facts: Facts) -> None:
        keep.keep(self, run, page, facts)

    def reread(
        self, run: Run, mapping: str, read: Callable[[Sequence[Record], Sequence[Event]], Facts]
    ) -> Iterator[int]:
        return reread.reread(self, run, mapping, read)

    def due(self, run: Run, ask: Ask, unchanged: Unchanged = nobody) -> Iterator[Sequence[Dossier]]:
        return due.due(self, run, ask, unchanged)

    def baseline(self, run: Run, hot_fields: Mapping[str, str]) -> Baseline:
        return Baseline(due.hot_held(self, run, hot_fields), went_dark(self, run), vanished(self, run))

    def stage(self, run: Run, scored: Sequence[Scored]) -> None:
        staging.stage(self, run, scored)

    def commit(self, run: Run, unchanged: Ints = NOBODY) -> None:
        staging.commit(self, run, unchanged)

    def batches(self, run: Run, size: int) -> Iterator[Sequence[Change]]:
        return staging.batches(self, run, size)

    def settle(self, run: Run, receipts: Sequence[tuple[Change, Receipt]]) -> None:
        staging.settle(self, run, receipts)

    def finish(
        self, run: Run, status: str, counts: Counts, calls: Mapping[str, int], ended: Instant, problem: str | None
    ) -> Run:
        return runs.finish(self, run, status, counts, calls, ended, problem)


def open_store(url: str, *, migrate: bool = True, now: Callable[[], Instant] | None = None) -> SqlStore:
    """Open the database at `url` (`sqlite:///leadheat.db`, `postgresql://…`) and bring it up to date.

    `now` tells when a pass gives a sign of life; without it, the clock does. With `migrate` false an older database is
    left as it is. Raises UserError for an address that cannot be read or a driver that is missing, StoreError when the
    database cannot be reached, or is newer than this program.
    """
    return _up_to_date(SqlStore(open_engine(url), now or clock()), migrate=migrate)


def reopen_store(url: str, now: Callable[[], Instant]) -> SqlStore:
    """The same for whoever opens it before each pass: what was compiled to SQL for one is used by the next. Nothing is
    held open between."""
    return _up_to_date(SqlStore(_engine(url), now), migrate=True)


_engine = lru_cache(maxsize=4)(open_engine)


def _up_to_date(store: SqlStore, *, migrate: bool) -> SqlStore:
    try:
        bring_up_to_date(store, migrate=migrate)
    except BaseException:
        store.close()
        raise
    return store

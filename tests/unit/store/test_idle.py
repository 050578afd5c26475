"""A pass with nothing to do looks at nobody: every statement that it makes finds its rows by an index of its own."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, event

from adapters.memory import Account, MemoryConfig, MemoryCRM
from connector.book import Texts, open_book
from connector.instants import HOUR, Instant, parse_instant
from connector.shipped import shipped
from connector.store import SqlStore, open_store, reopen_store
from connector.sync import Orders, Rim, sync

START = parse_instant("2026-11-20T00:00:00Z")
BOOK = open_book(
    Texts("card", shipped("scorecard.yaml"), "mapping", shipped("hubspot.yaml")), ZoneInfo("Asia/Tokyo"), "ja"
)
GROWS = ("lead", "lead_past", "seen", "held", "activity", "activity_past", "outcome", "outcome_past", "score",
    "history", "wording")  # fmt: skip
"""Tables that have more rows where there are more people."""
WALK = re.compile(rf"SCAN ({'|'.join(GROWS)})\b|SEARCH ({'|'.join(GROWS)}) USING [A-Z ]+\w+ \(connection=\?\)$")
"""Going through such a table, or through all rows of it that a connection has."""


def one_pass(store: SqlStore, account: Account, at: Instant) -> int:
    crm = MemoryCRM(MemoryConfig("m"), account, BOOK.mapping.wants)
    return sync("m", crm, store, BOOK, lambda _: BOOK, Orders(), Rim(lambda: at))[0].counts.scored


@pytest.fixture
def quiet(tmp_path: Path) -> Iterator[tuple[Path, list[tuple[str, Any]]]]:
    """A database after some passes, and all statements of one that had nothing to do."""
    file, said = tmp_path / "l.db", list[tuple[str, Any]]()
    wants = BOOK.mapping.wants
    names = [*wants.people["contacts"], *wants.results["contacts"].values()]
    account = Account(START, {"contacts": dict.fromkeys(names, "text")})
    for _ in range(5):
        account.add("contacts", jobtitle="部長")

    def hear(*told: Any) -> None:
        said.append((told[2], told[3]))

    with open_store(f"sqlite:///{file}", now=lambda: START) as store:
        one_pass(store, account, START)
        one_pass(store, account, START + HOUR)
        event.listen(Engine, "before_cursor_execute", hear)
        try:
            assert one_pass(store, account, START + 2 * HOUR) == 0
        finally:
            event.remove(Engine, "before_cursor_execute", hear)
    yield file, said


def test_no_statement_goes_through_all_people(quiet: tuple[Path, list[tuple[str, Any]]]) -> None:
    file, said = quiet
    with closing(sqlite3.connect(file)) as conn:
        plans = {
            text: [row[3] for row in conn.execute(f"EXPLAIN QUERY PLAN {text}", values)]
            for text, values in said
            if text.lstrip().upper().startswith(("SELECT", "UPDATE", "DELETE", "INSERT"))
        }
    assert len(plans) > 10
    walks = {text: steps for text, plan in plans.items() if (steps := [step for step in plan if WALK.search(step)])}
    assert walks == {}


def test_a_store_opened_again_holds_nothing_open_between(tmp_path: Path) -> None:
    """So that somebody who forgets a person, or puts a backup in place, meets nobody."""
    url = f"sqlite:///{tmp_path / 'l.db'}"
    for _ in range(2):
        with reopen_store(url, lambda: START) as store:
            assert (tmp_path / "l.db").exists()
            engine = store.engine
        assert engine.pool.checkedin() == 0
        for left in tmp_path.iterdir():
            left.unlink()
        with reopen_store(url, lambda: START) as store, store.reading() as conn:
            assert conn.exec_driver_sql("SELECT count(*) FROM lead").scalar() == 0
            assert (tmp_path / "l.db").stat().st_mode & 0o777 == 0o600

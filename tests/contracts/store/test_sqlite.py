"""SQLite keeps every promise."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from connector.store import SqlStore, open_store
from connector.testing import StoreContract
from connector.testing.shelf import T0


class SqliteWorld:
    def __init__(self, path: Path) -> None:
        self.url = f"sqlite:///{path}"
        self.now = T0
        self.opened: list[SqlStore] = []

    def open(self) -> SqlStore:
        self.opened.append(open_store(self.url, now=lambda: self.now))
        return self.opened[-1]


class TestSqlite(StoreContract):
    @pytest.fixture
    def store_world(self, tmp_path: Path) -> Iterator[SqliteWorld]:
        world = SqliteWorld(tmp_path / "leadheat.db")
        yield world
        for store in world.opened:
            store.close()

"""PostgreSQL keeps every promise. Needs `LEADHEAT_TEST_POSTGRES`, the address of a database that may be emptied."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from connector.errors import StoreError
from connector.model import Ref, Value
from connector.store import SqlStore, open_store
from connector.store.bulk import COPY_FROM
from connector.store.database import open_engine
from connector.store.inputs import places_of
from connector.testing import StoreContract
from connector.testing.shelf import T0, Shelf, lead, page, ref

ADDRESS = os.environ.get("LEADHEAT_TEST_POSTGRES", "")

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(not ADDRESS, reason="LEADHEAT_TEST_POSTGRES names no database that may be emptied"),
]


class PostgresWorld:
    def __init__(self) -> None:
        self.now = T0
        self.opened: list[SqlStore] = []

    def open(self) -> SqlStore:
        self.opened.append(open_store(ADDRESS, now=lambda: self.now))
        return self.opened[-1]


class TestPostgres(StoreContract):
    @pytest.fixture
    def store_world(self) -> Iterator[PostgresWorld]:
        engine = open_engine(ADDRESS)
        with engine.begin() as conn:
            conn.execute(text("DROP SCHEMA public CASCADE"))
            conn.execute(text("CREATE SCHEMA public"))
        engine.dispose()
        world = PostgresWorld()
        yield world
        for store in world.opened:
            store.close()

    def test_what_copy_refuses_is_trouble_without_the_values(self, store_world: PostgresWorld) -> None:
        shelf = Shelf(store_world)
        people = [lead(ref(f"geheim{n}\0")) for n in range(COPY_FROM)]
        with pytest.raises(StoreError, match="LH-602") as caught:
            shelf.keep(*people)
        assert "geheim" not in f"{caught.value!r} {caught.value}"
        shelf.keep(*(lead(ref(str(n))) for n in range(COPY_FROM)))
        assert len(shelf.due()) == COPY_FROM

    def test_passes_that_keep_new_inputs_at_once_do_not_bar_each_other(self, store_world: PostgresWorld) -> None:
        stores = [store_world.open() for _ in range(6)]

        def keep(number: int) -> None:
            run = stores[number].begin(f"shelf {number}", T0, "sync", T0)
            for n in range(6):
                inputs: dict[str, Value] = {f"input {k}": "x" for k in range(3 * n, 3 * n + 6)}
                people = [lead(Ref(run.connection, "contacts", str(who)), **inputs) for who in range(3)]
                stores[number].keep(run, *page(*people))

        with ThreadPoolExecutor() as pool:
            list(pool.map(keep, range(6)))
        with stores[0].reading() as conn:
            assert len(places_of(conn)) == 21

"""What every test has around it: somebody who listens for personal values and secrets (`watch.py` says how)."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine, make_url, text

from tests.watch import Watch, begin

POSTGRES = "LEADHEAT_TEST_POSTGRES"


def database_of_my_own() -> None:
    """Tests empty the database: workers that run side by side must not share one."""
    address, worker = os.environ.get(POSTGRES), os.environ.get("PYTEST_XDIST_WORKER")
    if not address or not worker or address.endswith(f"_{worker}"):
        return
    url = make_url(address)
    mine = url.set(database=f"{url.database}_{worker}")
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as conn:
        conn.execute(text(f'DROP DATABASE IF EXISTS "{mine.database}" WITH (FORCE)'))
        conn.execute(text(f'CREATE DATABASE "{mine.database}"'))
    engine.dispose()
    os.environ[POSTGRES] = mine.render_as_string(hide_password=False)


database_of_my_own()
WATCH = Watch()
_end = begin(WATCH)


@pytest.fixture(autouse=True)
def nothing_personal_is_said(request: pytest.FixtureRequest) -> Iterator[Watch]:
    """Fails the test during which a personal value or a secret was said anywhere. One that lets something leak on
    purpose carries the mark `leaks`, with the reason, and empties the watch itself."""
    WATCH.drain()
    yield WATCH
    heard = WATCH.drain()
    if request.node.get_closest_marker("leaks") is None:
        assert not heard, "personal values or secrets were said:\n" + "\n".join(heard)


def pytest_unconfigure() -> None:
    _end()

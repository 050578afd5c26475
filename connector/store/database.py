"""The database: opened, brought up to date, and used in short transactions.

SQLite is the default: one file that only its owner may read, in WAL mode, so that looking never waits for writing.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, TypeVar

from sqlalchemy import Connection, Engine, Table, create_engine, event, exc, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.pool import StaticPool

from connector.errors import Problem, StoreError, user_error
from connector.instants import Instant
from connector.store import bulk
from connector.store.steps import STEPS, statements
from connector.words import Message, say

T = TypeVar("T")
Row = Mapping[str, Any]
IN_CHUNK = 5_000
"""How many values one IN list holds: SQLite takes at most 32,766 parameters in one statement."""


@dataclass(frozen=True, slots=True)
class Database:
    """An open database. `now` tells when a pass last gave a sign of life; nothing else here needs the time."""

    engine: Engine
    now: Callable[[], Instant]

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent look. Raises StoreError when the database does not answer."""
        options = {"isolation_level": "REPEATABLE READ"} if self.engine.dialect.name == "postgresql" else {}
        with _named_errors(), self.engine.connect().execution_options(**options) as conn, conn.begin():
            yield conn

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction that has the right to write from its first statement on: all of it is saved, or nothing."""
        with _named_errors(), self.engine.connect().execution_options(writes=True) as conn, conn.begin():
            yield conn

    def close(self) -> None:
        self.engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@contextmanager
def _named_errors() -> Iterator[None]:
    """The driver's errors as ours, without the values of the statement."""
    try:
        yield
    except exc.DBAPIError as error:
        reason = (
            str(error.orig).strip().splitlines()[0] if error.orig and isinstance(error, exc.OperationalError) else ""
        )
        name = type(error.orig).__name__
        what = say("the database does not answer as it should ({name})", name=name)
        raise trouble("LH-602", what, _remedy(reason)) from None


def _remedy(reason: str) -> Message:
    if "locked" in reason:
        return say("Another program holds the database for longer than 10 seconds. Try again when it is done.")
    return say("Check that the database is there, reachable and has room, then try again.")


def trouble(code: str, what: Message, fix: Message | None = None) -> StoreError:
    """A StoreError with a single problem."""
    return StoreError(Problem(code, what, fix=fix))


def open_engine(url: str) -> Engine:
    """Connect lazily. Raises UserError for an address that cannot be read or whose driver is not installed."""
    address = _address(url)
    if address.get_backend_name() == "sqlite":
        return _sqlite(address)
    try:
        return create_engine(address, hide_parameters=True, pool_pre_ping=True)
    except ImportError:
        raise user_error(
            "LH-603",
            say("the driver for PostgreSQL is not installed"),
            fix=say("Run: pip install 'leadheat[postgres]'"),
        ) from None


def _address(url: str) -> URL:
    fix = say("Write sqlite:///leadheat.db or postgresql://user@host/name.")
    try:
        address = make_url(url)
        backend = address.get_backend_name()
    except (exc.ArgumentError, ValueError):
        raise user_error(
            "LH-601", say("the address of the database cannot be read"), "LEADHEAT_DATABASE_URL", fix
        ) from None
    drivers = {"sqlite": "sqlite+pysqlite", "postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}
    if backend not in drivers:
        what = say("there is no store for the database '{name}'", name=backend)
        raise user_error("LH-601", what, "LEADHEAT_DATABASE_URL", fix)
    return address.set(drivername=drivers[backend])


def _sqlite(address: URL) -> Engine:
    in_memory = address.database in {None, "", ":memory:"}
    options: dict[str, Any] = {"poolclass": StaticPool} if in_memory else {}
    engine = create_engine(address, hide_parameters=True, connect_args={"check_same_thread": False}, **options)
    if not in_memory:
        event.listen(engine, "do_connect", lambda *_: _private_file(Path(address.database or "")))
    event.listen(engine, "connect", _settle_in)
    event.listen(engine, "begin", _begin)
    return engine


def _private_file(path: Path) -> None:
    """Make the file for its owner only, before SQLite makes it for everybody."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        what = say("the database file cannot be opened ({reason})", reason=str(error.strerror))
        raise StoreError(Problem("LH-604", what, str(path), say("Check the folder and its permissions."))) from None


def _settle_in(raw: Any, _: object) -> None:
    raw.isolation_level = None  # the driver's own BEGIN comes too late and would not be IMMEDIATE
    for pragma in ("busy_timeout=10000", "journal_mode=WAL", "synchronous=NORMAL", "temp_store=MEMORY"):
        raw.execute(f"PRAGMA {pragma}")


def _begin(conn: Connection) -> None:
    writes = conn.get_execution_options().get("writes")
    conn.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


# ---- versions --------------------------------------------------------------------------------------------------------


def bring_up_to_date(database: Database, *, migrate: bool) -> None:
    """Take the steps the database still lacks. Raises StoreError when it is newer than this program, or older and
    `migrate` is false."""
    with database.reading() as conn:
        version = _version(conn)
    _refuse_newer(version)
    if version == len(STEPS):
        return
    if not migrate:
        what = say(
            "the database is at version {version}, this program needs {needed}", version=version, needed=len(STEPS)
        )
        raise trouble("LH-606", what, say("Any command that writes, such as 'leadheat sync', brings it up to date."))
    with database.writing() as conn:
        if conn.dialect.name == "postgresql":
            conn.execute(text("SELECT pg_advisory_xact_lock(5355608)"))  # one migration at a time
        _take_steps(conn, _version(conn))


def _take_steps(conn: Connection, version: int) -> None:
    if version == 0:
        conn.exec_driver_sql("CREATE TABLE schema_version (version BIGINT NOT NULL)")
        conn.exec_driver_sql("INSERT INTO schema_version VALUES (0)")
    for step in STEPS[version:]:
        for statement in statements(step, conn.dialect.name):
            conn.exec_driver_sql(statement)
    conn.execute(text("UPDATE schema_version SET version = :version"), {"version": len(STEPS)})


def _version(conn: Connection) -> int:
    if not inspect(conn).has_table("schema_version"):
        return 0
    return int(conn.execute(text("SELECT version FROM schema_version")).scalar_one())


def _refuse_newer(version: int) -> None:
    if version > len(STEPS):
        what = say(
            "the database is at version {version}, newer than this program, which knows {known}",
            version=version, known=len(STEPS),
        )  # fmt: skip
        raise trouble("LH-605", what, say("Use the newer program, or the database's backup from before."))


# ---- statements ------------------------------------------------------------------------------------------------------


def insert_one(conn: Connection, table: Table, **values: object) -> int:
    """Insert a row that numbers itself; returns its number."""
    key = conn.execute(table.insert().values(values)).inserted_primary_key
    return int(key[0]) if key else 0


def upsert(conn: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert rows, or replace what stands under the same primary key; no key may come twice."""
    if rows:
        names = tuple(rows[0])
        bulk.upsert(conn, table, names, [tuple(row[name] for name in names) for row in rows])


def chunks(items: Sequence[T], size: int = IN_CHUNK) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]

"""Rows into a table as fast as its database takes them, without the checks that a pass makes."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import Table, text

from connector.store import SqlStore
from connector.store.inputs import Place, add_column, facts_with
from connector.store.tables import METADATA, activity, facts

ROWS = 200_000
Columns = Mapping[str, Any]
"""A table's columns by name: arrays of whole numbers, or sequences of anything."""
Put = Callable[[Table, Columns], None]


@contextmanager
def filling(store: SqlStore) -> Iterator[Put]:
    """What puts rows into tables; all of it is saved at the end."""
    raw = store.engine.raw_connection()
    try:
        if store.engine.dialect.name == "postgresql":
            with raw.cursor() as cursor:
                yield lambda table, columns: _copy(cursor, table, columns)
        else:
            raw.execute("PRAGMA synchronous=OFF")
            raw.execute("BEGIN IMMEDIATE")
            yield lambda table, columns: _insert(raw, table, columns)
        raw.commit()
    finally:
        raw.close()
    if store.engine.dialect.name == "postgresql":
        _settle(store)


def _insert(raw: Any, table: Table, columns: Columns) -> None:
    marks = ",".join("?" * len(columns))
    rows = zip(*(_plain(column) for column in columns.values()), strict=True)
    raw.executemany(f"INSERT INTO {table.name} ({','.join(columns)}) VALUES ({marks})", rows)


def _plain(column: Any) -> Sequence[Any]:
    return column.tolist() if isinstance(column, np.ndarray) else column


def _copy(cursor: Any, table: Table, columns: Columns) -> None:
    numbers = all(isinstance(column, np.ndarray) for column in columns.values())
    into = f"COPY {table.name} ({','.join(columns)}) FROM STDIN{' BINARY' if numbers else ''}"
    with cursor.copy(into) as copy:
        if numbers:
            copy.write(_binary(list(columns.values())))
        else:
            for row in zip(*(_plain(column) for column in columns.values()), strict=True):
                copy.write_row(row)


def _binary(columns: Sequence[Any]) -> bytes:
    """PostgreSQL's binary rows: a count of fields, then length and value of each."""
    layout = [("fields", ">i2"), *((f"{kind}{n}", size) for n in range(len(columns)) for kind, size in CELL)]
    rows = np.zeros(len(columns[0]), np.dtype(layout))
    rows["fields"] = len(columns)
    for n, column in enumerate(columns):
        rows[f"length{n}"], rows[f"value{n}"] = 8, column
    return b"PGCOPY\n\xff\r\n\0" + bytes(8) + rows.tobytes() + b"\xff\xff"


CELL = (("length", ">i4"), ("value", ">i8"))


def transfer(file: Path, store: SqlStore) -> None:
    """All rows of a SQLite database of ours into an empty one."""
    with closing(sqlite3.connect(file)) as told:
        places = tuple(Place(*row) for row in told.execute("SELECT id, name, kind FROM input ORDER BY id"))
    with store.writing() as conn:
        for place in places:
            add_column(conn, place)
    with closing(sqlite3.connect(file)) as told, filling(store) as put:
        for table in (*(t for t in METADATA.tables.values() if t is not facts), facts_with(places)):
            names = [column.name for column in table.c]
            rows = told.execute(f"SELECT {','.join(names)} FROM {table.name}")
            while some := rows.fetchmany(ROWS):
                columns = np.array(some).T if table is activity else zip(*some, strict=True)
                put(table, dict(zip(names, columns, strict=True)))


def _settle(store: SqlStore) -> None:
    """Go on counting after the numbers given by hand, and let the server look at what it has, as it does by itself."""
    with store.writing() as conn:
        for name in conn.execute(text(COUNTING)).scalars().all():
            conn.execute(text(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), max(id)) FROM {name}"))
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.execute(text("VACUUM ANALYZE"))


COUNTING = """
SELECT table_name FROM information_schema.columns WHERE is_identity = 'YES' AND table_schema = current_schema()
"""

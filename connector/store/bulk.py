"""Many rows at once, as tuples: what a pass saves comes by the thousand, and a statement put together for each row
costs more than the row.

SQLite takes one prepared statement and all the rows. PostgreSQL takes rows that are known to be new by COPY, and all
others as one array for each column: from a handful of rows on both cost less than a statement by row. Statements name
the table's own columns; the values go beside them.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, TypeAlias

from sqlalchemy import Boolean, Connection, Table, Text, exc

Names: TypeAlias = tuple[str, ...]
Rows: TypeAlias = Sequence[tuple[Any, ...]]
COPY_FROM = 10
"""From so many new rows on COPY costs PostgreSQL less than arrays do."""


def insert(conn: Connection, table: Table, names: Names, rows: Rows) -> None:
    """Insert rows that are new; `names` are the columns that are given."""
    if _on_postgres(conn) and len(rows) >= COPY_FROM:
        _copy(conn, table, names, rows)
    else:
        _run(conn, _insert_text(table, names, _on_postgres(conn)), rows)


def upsert(conn: Connection, table: Table, names: Names, rows: Rows) -> None:
    """Insert rows, or replace what stands under the same primary key; no key may come twice."""
    _run(conn, _upsert_text(table, names, _on_postgres(conn)), rows)


def update(conn: Connection, table: Table, names: Names, rows: Rows) -> None:
    """Update rows by their primary key, which must be among the columns named."""
    _run(conn, _update_text(table, names, _on_postgres(conn)), rows)


def delete(conn: Connection, table: Table, names: Names, rows: Rows) -> None:
    """Delete the rows in which all the columns named are as told."""
    _run(conn, _delete_text(table, names, _on_postgres(conn)), rows)


def free_numbers(conn: Connection, table: Table, count: int) -> Sequence[int]:
    """Numbers that new rows of a table which numbers itself may take, in rising order. On SQLite nobody else can take
    them meanwhile, because this transaction alone has the right to write."""
    if not count:
        return ()
    if _on_postgres(conn):
        each = f"SELECT nextval(pg_get_serial_sequence('{table.name}', 'id')) FROM generate_series(1, %s)"
        return sorted(conn.exec_driver_sql(each, (count,)).scalars())
    last = conn.exec_driver_sql(f"SELECT coalesce(max(id), 0) FROM {table.name}").scalar_one()
    return range(last + 1, last + 1 + count)


def _on_postgres(conn: Connection) -> bool:
    return conn.dialect.name == "postgresql"


def _run(conn: Connection, text: str, rows: Rows) -> None:
    if not rows:
        return
    if _on_postgres(conn):
        conn.exec_driver_sql(text, tuple(map(list, zip(*rows, strict=True))))
    else:
        conn.exec_driver_sql(text, list(rows))


def _copy(conn: Connection, table: Table, names: Names, rows: Rows) -> None:
    """COPY is the driver's own; what it raises becomes SQLAlchemy's, without the values."""
    driver: Any = conn.connection.driver_connection
    text = f"COPY {table.name} ({', '.join(names)}) FROM STDIN (FORMAT BINARY)"
    errors: Any = conn.dialect.loaded_dbapi.Error
    try:
        with driver.cursor() as cursor, cursor.copy(text) as copy:
            copy.set_types([_type(table, name) for name in names])
            for row in rows:
                copy.write_row(row)
    except errors as error:
        raise exc.DBAPIError.instance(text, None, error, errors, hide_parameters=True) from error


# ---- statements, each made once --------------------------------------------------------------------------------------


@lru_cache
def _insert_text(table: Table, names: Names, postgres: bool) -> str:
    return f"INSERT INTO {table.name} ({', '.join(names)}) {_given(table, names, postgres)}"


@lru_cache
def _upsert_text(table: Table, names: Names, postgres: bool) -> str:
    keys = [c.name for c in table.primary_key]
    news = ", ".join(f"{name} = excluded.{name}" for name in names if name not in keys)
    what = f"UPDATE SET {news}" if news else "NOTHING"
    return f"{_insert_text(table, names, postgres)} ON CONFLICT ({', '.join(keys)}) DO {what}"


@lru_cache
def _update_text(table: Table, names: Names, postgres: bool) -> str:
    keys = [c.name for c in table.primary_key]
    if postgres:
        news = ", ".join(f"{name} = news.{name}" for name in names if name not in keys)
        rows, match = _arrays(table, names, "news"), _same(table, keys, "news")
        return f"UPDATE {table.name} SET {news} FROM {rows} WHERE {match}"
    news = ", ".join(f"{name} = ?{place}" for place, name in enumerate(names, 1) if name not in keys)
    match = " AND ".join(f"{name} = ?{place}" for place, name in enumerate(names, 1) if name in keys)
    return f"UPDATE {table.name} SET {news} WHERE {match}"


@lru_cache
def _delete_text(table: Table, names: Names, postgres: bool) -> str:
    if postgres:
        return f"DELETE FROM {table.name} USING {_arrays(table, names, 'old')} WHERE {_same(table, names, 'old')}"
    return f"DELETE FROM {table.name} WHERE {' AND '.join(f'{name} = ?' for name in names)}"


def _given(table: Table, names: Names, postgres: bool) -> str:
    if postgres:
        return f"SELECT * FROM {_arrays(table, names, 'news')}"
    return f"VALUES ({', '.join('?' for _ in names)})"


def _arrays(table: Table, names: Names, alias: str) -> str:
    """Rows out of an array for each column."""
    each = ", ".join(f"%b::{_type(table, name)}[]" for name in names)
    return f"unnest({each}) AS {alias} ({', '.join(names)})"


def _same(table: Table, names: Sequence[str], alias: str) -> str:
    return " AND ".join(f"{table.name}.{name} = {alias}.{name}" for name in names)


def _type(table: Table, name: str) -> str:
    kind = table.c[name].type
    return "text" if isinstance(kind, Text) else "bool" if isinstance(kind, Boolean) else "int8"

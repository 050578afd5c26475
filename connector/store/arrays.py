"""Columns out of the database at once: millions of rows never become objects of their own."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from itertools import chain
from typing import Any

import numpy as np
from sqlalchemy import CompoundSelect, Connection, Select, Text, cast, func, literal, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from connector.deeds import Ints
from connector.store.finding import among, bound
from connector.store.tables import activity


def numbers(conn: Connection, statement: Select[Any] | CompoundSelect[Any]) -> Ints:
    """The numbers that a statement of one column selects."""
    rows: Any = conn.execute(statement).cursor  # the driver's own, not wrapped one by one
    return np.fromiter(chain.from_iterable(rows), np.int64)


def columns(conn: Connection, rows: Select[Any]) -> list[Sequence[Any]]:
    """The columns of some rows, in the rows' order, each of which the database joins to one JSON text: a third of the
    time that the rows take. None are no columns."""
    told = rows.subquery().c
    listed = func.json_group_array if conn.dialect.name == "sqlite" else func.json_agg
    texts = conn.execute(select(*(cast(listed(column), Text) for column in told))).one()
    return [json.loads(text) for text in texts if text not in (None, "[]")]


def strips(conn: Connection, where: Sequence[Any], names: Sequence[str]) -> list[Ints]:
    """These columns of some leads' activities, by lead, instant and number of the event. The database joins each
    column to one text: a quarter of the time that a row for each takes."""
    return _parted(conn, _joined(conn.dialect.name, tuple(names)).where(*where), {})


def strips_of(conn: Connection, leads: Collection[int], names: Sequence[str]) -> list[Ints]:
    """The same of the leads with these numbers."""
    return _parted(conn, _of_leads(conn.dialect.name, tuple(names)), bound(conn, leads))


@cache
def _of_leads(dialect: str, names: tuple[str, ...]) -> Select[Any]:
    return _joined(dialect, names).where(among(activity.c.lead, dialect))


def _parted(conn: Connection, statement: Select[Any], values: Mapping[str, Any]) -> list[Ints]:
    return [np.fromstring(text or "", np.int64, sep=",") for text in conn.execute(statement, values).one()]


def _joined(dialect: str, names: Sequence[str]) -> Select[Any]:
    return select(*(_joined_column(dialect, activity.c[name]) for name in names))


def _joined_column(dialect: str, column: Any) -> Any:
    """SQLite joins in the order in which it reads, and reads the table as it lies; a test holds it to that."""
    a = activity.c
    if dialect == "postgresql":
        return func.string_agg(cast(column, Text), aggregate_order_by(literal(","), a.lead, a.occurred_at, a.key))
    return func.group_concat(column)

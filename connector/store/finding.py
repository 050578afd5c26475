"""Rows found by numbers in a column, however many there are, by statements that are put together once: putting one
together costs more than finding one lead's rows does."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable
from functools import cache
from typing import Any, TypeAlias

from sqlalchemy import ARRAY, BigInteger, ColumnElement, Connection, Select, any_, bindparam, func, select

Find: TypeAlias = Callable[[Connection, Iterable[int]], list[Any]]


def finder(statement: Select[Any], column: ColumnElement[int]) -> Find:
    """Finds the rows of a statement whose column is among the numbers given."""

    @cache
    def whole(dialect: str) -> Select[Any]:
        return statement.where(among(column, dialect))

    def find(conn: Connection, numbers: Iterable[int]) -> list[Any]:
        wanted = set(numbers)
        return list(conn.execute(whole(conn.dialect.name), bound(conn, wanted))) if wanted else []

    return find


def among(column: ColumnElement[int], dialect: str) -> ColumnElement[bool]:
    """That a column is among the numbers bound by `bound`: all of them are one parameter."""
    if dialect == "postgresql":
        return column == any_(bindparam("among", type_=ARRAY(BigInteger)))
    return column.in_(select(func.json_each(bindparam("among")).table_valued("value").c.value))


def bound(conn: Connection, numbers: Collection[int]) -> dict[str, Any]:
    wanted = sorted(numbers)
    return {"among": wanted if conn.dialect.name == "postgresql" else json.dumps(wanted)}

"""What the mapping read of each lead, in columns that follow it: one for each input and type of value.

The table `input` says which column holds what. A column is added when a value first needs it, so that a new entry of
the mapping costs no migration, and a pass reads the few inputs that its scorecard asks about and no others. A change
of mapping reads everybody anew; what it no longer reads is blank from then on.

Equal values have equal cells. A Decimal is its text, a set a sorted list in JSON.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias

from sqlalchemy import BigInteger, Boolean, Column, Connection, MetaData, Table, Text, select

from connector.instants import Instant
from connector.model import Value
from connector.ports import LeadFacts
from connector.store.codec import dumps, loads
from connector.store.database import Database, insert_one
from connector.store.finding import Find, finder
from connector.store.tables import facts, input_

Cell: TypeAlias = str | int | bool | None
Cells: TypeAlias = tuple[Cell, ...]


class Kind(NamedTuple):
    """A type of values as a column: its name, type, and how a value becomes a cell and back."""

    name: str
    column: type[Text] | type[BigInteger] | type[Boolean]
    cell: Callable[[Any], Cell]
    value: Callable[[Any], Value]


ESCAPE = "\x1b"
"""Begins a text that no database takes as it is, put in JSON."""


def _text_cell(text: str) -> str:
    if text.isprintable() or not (text.startswith(ESCAPE) or _refused(text)):
        return text
    return ESCAPE + json.dumps(text)


def _refused(text: str) -> bool:
    """PostgreSQL takes no zeros, and no database takes halves of surrogate pairs."""
    return "\0" in text or any("\ud800" <= c <= "\udfff" for c in text)


def _text_value(cell: str) -> str:
    return str(json.loads(cell[1:])) if cell.startswith(ESCAPE) else cell


KINDS = {
    str: Kind("text", Text, _text_cell, _text_value),
    Decimal: Kind("number", Text, str, Decimal),
    bool: Kind("truth", Boolean, bool, bool),
    int: Kind("instant", BigInteger, int, int),
    frozenset: Kind("set", Text, lambda texts: dumps(sorted(texts)), lambda cell: frozenset(loads(cell))),
}
BY_NAME = {kind.name: kind for kind in KINDS.values()}
CREATED = {Text: "TEXT", BigInteger: "BIGINT", Boolean: "BOOLEAN"}


class Place(NamedTuple):
    """A column, by the number in its name: of which input, and its values' kind."""

    number: int
    name: str
    kind: str

    @property
    def column(self) -> str:
        return f"i{self.number}"


Places: TypeAlias = tuple[Place, ...]


def places_of(conn: Connection) -> Places:
    """The columns there are."""
    return tuple(Place(*row) for row in conn.execute(select(input_).order_by(input_.c.id)))


def make_room(db: Database, read: Iterable[LeadFacts]) -> None:
    """Add the columns that these inputs need, in a transaction of its own: so nobody waits for a table that a longer
    one has read, while that one waits for them."""
    shapes = {(tuple(one.inputs), tuple(map(type, one.inputs.values()))) for one in read}  # few, though many are read
    needed = {(name, KINDS[kind].name) for names, types in shapes for name, kind in zip(names, types, strict=True)}
    if not needed:
        return
    with db.reading() as conn:
        missing = needed - {(place.name, place.kind) for place in places_of(conn)}
    if missing:
        _add(db, missing)


def _add(db: Database, missing: set[tuple[str, str]]) -> None:
    with db.writing() as conn:
        if conn.dialect.name == "postgresql":
            conn.exec_driver_sql("LOCK TABLE input IN SHARE ROW EXCLUSIVE MODE")  # nobody adds the same meanwhile
        there = {(place.name, place.kind) for place in places_of(conn)}
        for name, kind in sorted(missing - there):
            add_column(conn, Place(insert_one(conn, input_, name=name, kind=kind), name, kind))


def add_column(conn: Connection, place: Place) -> None:
    conn.exec_driver_sql(f"ALTER TABLE facts ADD COLUMN {place.column} {CREATED[BY_NAME[place.kind].column]}")


@lru_cache(maxsize=64)
def facts_with(places: Places) -> Table:
    """The table with these of its columns."""
    own = [Column(c.name, c.type, primary_key=c.primary_key) for c in facts.c]
    return Table("facts", MetaData(), *own, *(Column(p.column, BY_NAME[p.kind].column) for p in places))


class Known(NamedTuple):
    """What stands of a lead: the run that learnt it, and the cells; both None while nobody could read it."""

    learnt: int | None
    created_at: Instant | None
    cells: Cells | None


UNREAD = Known(None, None, None)


def known_of(conn: Connection, places: Places, leads: Iterable[int]) -> dict[int, Known]:
    """By lead; of whom no record came, nothing."""
    rows = _finder(places)(conn, leads)
    return {row[0]: Known(row[1], row[2], None if row[1] is None else tuple(row[3:])) for row in rows}


@lru_cache(maxsize=64)
def _finder(places: Places) -> Find:
    table = facts_with(places)
    return finder(select(table), table.c.lead)


@lru_cache(maxsize=64)
def _at(places: Places) -> Mapping[tuple[str, type], tuple[int, Callable[[Any], Cell]]]:
    types = {kind.name: type_ for type_, kind in KINDS.items()}
    return {(p.name, types[p.kind]): (at, BY_NAME[p.kind].cell) for at, p in enumerate(places)}


def cells_of(places: Places, inputs: Mapping[str, Value]) -> Cells:
    """A lead's inputs as the cells of these columns, which have room for all of them."""
    at, cells = _at(places), list[Cell]([None]) * len(places)
    for name, value in inputs.items():
        place, cell = at[name, type(value)]
        cells[place] = cell(value)
    return tuple(cells)


def inputs_in(places: Places, cells: Sequence[Any]) -> dict[str, Value]:
    """The inputs that a lead's cells hold; no cells are a lead's that nobody could read."""
    told = zip(places, cells, strict=True) if cells else ()
    return {place.name: BY_NAME[place.kind].value(cell) for place, cell in told if cell is not None}

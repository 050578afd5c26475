"""SOQL read into a tree: one object, parent fields, conditions, order, limit (NOTES 22-26).

Not read, and refused as malformed: child subqueries, GROUP BY, TYPEOF, polymorphic and geographic functions.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, NoReturn

from adapters.salesforce.sandbox.answers import Refused, refused

Kind = Literal["null", "boolean", "number", "string", "date", "datetime", "day"]
LONGEST_QUERY = 100_000
LONGEST_STRING = 4_000


@dataclass(frozen=True, slots=True)
class Constant:
    """A value as written. `day` is a word such as TODAY or LAST_N_DAYS:30, with its number."""

    kind: Kind
    value: Any


@dataclass(frozen=True, slots=True)
class Item:
    """Something selected: a field's path, or a function of one (of none: COUNT())."""

    path: str
    at: int
    function: str | None = None
    alias: str | None = None


@dataclass(frozen=True, slots=True)
class Test:
    path: str
    at: int
    operator: str
    values: tuple[Constant, ...]


@dataclass(frozen=True, slots=True)
class Not:
    node: Node


@dataclass(frozen=True, slots=True)
class Many:
    """Conditions of which all, or any, must hold."""

    word: Literal["AND", "OR"]
    nodes: tuple[Node, ...]


Node = Test | Not | Many


@dataclass(frozen=True, slots=True)
class Order:
    path: str
    at: int
    descending: bool
    nulls_last: bool


@dataclass(frozen=True, slots=True)
class Query:
    text: str
    items: tuple[Item, ...]
    object: str
    object_at: int
    where: Node | None
    order: tuple[Order, ...]
    limit: int | None
    offset: int


class _Token:
    __slots__ = ("at", "kind", "text")

    def __init__(self, kind: str, text: str, at: int) -> None:
        self.kind, self.text, self.at = kind, text, at

    @property
    def word(self) -> str:
        return self.text.upper() if self.kind == "name" else self.text


_TOKENS = re.compile(
    r"""\s*(?:(?P<string>'(?:\\.|[^'\\])*')
    |(?P<datetime>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d))
    |(?P<date>\d{4}-\d\d-\d\d)(?![\dT])
    |(?P<number>[+-]?\d+(?:\.\d+)?)(?![\w-])
    |(?P<name>[A-Za-z_][\w.]*(?::\d+)?)
    |(?P<sign><=|>=|!=|<>|=|<|>|\(|\)|,))""",
    re.VERBOSE | re.IGNORECASE,
)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "'": "'", '"': '"', "\\": "\\"}
_OPERATORS = {"=": "=", "!=": "!=", "<>": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">=", "LIKE": "LIKE", "IN": "IN"}
_FUNCTIONS = {"COUNT", "COUNT_DISTINCT", "MIN", "MAX", "SUM", "AVG"}
_DAYS = re.compile(r"(TODAY|YESTERDAY|TOMORROW|LAST_N_DAYS:(\d+)|NEXT_N_DAYS:(\d+)|LAST_90_DAYS)", re.IGNORECASE)


def parse(text: str) -> Query:
    """The query. Raises Refused: MALFORMED_QUERY, in the API's words."""
    if len(text) > LONGEST_QUERY:
        raise malformed("SOQL statements cannot be longer than 100000 characters.")
    return _query(_Cursor(text, _tokens(text)))


def malformed(message: str) -> Refused:
    return refused(400, "MALFORMED_QUERY", message)


def _tokens(text: str) -> list[_Token]:
    found: list[_Token] = []
    at, end = 0, len(text.rstrip())
    while at < end:
        match = _TOKENS.match(text, at)
        if match is None or match.lastgroup is None:
            raise malformed(f"unexpected token: '{text[at:].split(maxsplit=1)[0][:40]}'")
        found.append(_Token(match.lastgroup, match[match.lastgroup], match.start(match.lastgroup)))
        at = match.end()
    return found


class _Cursor:
    """Where we are among the tokens."""

    def __init__(self, text: str, tokens: Sequence[_Token]) -> None:
        self.text, self.tokens, self.next = text, tokens, 0

    def peek(self) -> str:
        return self.tokens[self.next].word if self.next < len(self.tokens) else ""

    def take(self) -> _Token:
        if self.next >= len(self.tokens):
            raise malformed("unexpected token: '<EOF>'")
        self.next += 1
        return self.tokens[self.next - 1]

    def takes(self, word: str) -> bool:
        if self.peek() != word:
            return False
        self.next += 1
        return True

    def expect(self, word: str) -> None:
        if not self.takes(word):
            self.fail()

    def fail(self) -> NoReturn:
        raise malformed(f"unexpected token: '{self.take().text}'")

    def name(self) -> _Token:
        token = self.take()
        if token.kind != "name":
            raise malformed(f"unexpected token: '{token.text}'")
        return token

    def number(self) -> int:
        token = self.take()
        if not token.text.isdigit():
            raise malformed(f"unexpected token: '{token.text}'")
        return int(token.text)


_AFTER_OBJECT = frozenset({"", "WHERE", "ORDER", "LIMIT", "OFFSET", "ALL", "FOR", "WITH", "USING", "GROUP", "HAVING"})


def _query(cursor: _Cursor) -> Query:
    cursor.expect("SELECT")
    items = [_item(cursor)]
    while cursor.takes(","):
        items.append(_item(cursor))
    cursor.expect("FROM")
    named = cursor.name()
    if cursor.peek() not in _AFTER_OBJECT:
        cursor.name()  # an alias, which nothing else here uses
    where = _conditions(cursor) if cursor.takes("WHERE") else None
    order = _orders(cursor) if cursor.takes("ORDER") else []
    limit = cursor.number() if cursor.takes("LIMIT") else None
    offset = cursor.number() if cursor.takes("OFFSET") else 0
    if cursor.peek():
        cursor.fail()
    return Query(cursor.text, tuple(items), named.text, named.at, where, tuple(order), limit, offset)


def _item(cursor: _Cursor) -> Item:
    first = cursor.name()
    if not cursor.takes("("):
        return Item(first.text, first.at)
    if first.word not in _FUNCTIONS:
        raise malformed(f"unexpected token: '{first.text}'")
    inner = cursor.name() if cursor.peek() != ")" else _Token("name", "", first.at)
    cursor.expect(")")
    alias = cursor.name().text if cursor.peek() not in {",", "FROM", ""} else None
    return Item(inner.text, inner.at, first.word, alias)


def _conditions(cursor: _Cursor) -> Node:
    nodes = [_condition(cursor)]
    word = cursor.peek()
    if word not in {"AND", "OR"}:
        return nodes[0]
    while cursor.takes(word):
        nodes.append(_condition(cursor))
    if cursor.peek() in {"AND", "OR"}:
        cursor.fail()  # the two may not be mixed without parentheses (NOTES 24)
    return Many("AND" if word == "AND" else "OR", tuple(nodes))


def _condition(cursor: _Cursor) -> Node:
    if cursor.takes("NOT"):
        return Not(_condition(cursor))
    if cursor.takes("("):
        node = _conditions(cursor)
        cursor.expect(")")
        return node
    field = cursor.name()
    operator = _operator(cursor)
    if operator not in {"IN", "NOT IN"}:
        return Test(field.text, field.at, operator, (literal(cursor.take()),))
    cursor.expect("(")
    values = [literal(cursor.take())]
    while cursor.takes(","):
        values.append(literal(cursor.take()))
    cursor.expect(")")
    return Test(field.text, field.at, operator, tuple(values))


def _operator(cursor: _Cursor) -> str:
    token = cursor.take()
    if token.word == "NOT":
        cursor.expect("IN")
        return "NOT IN"
    if token.word not in _OPERATORS:
        raise malformed(f"unexpected token: '{token.text}'")
    return _OPERATORS[token.word]


def _orders(cursor: _Cursor) -> list[Order]:
    cursor.expect("BY")
    found = [_order(cursor)]
    while cursor.takes(","):
        found.append(_order(cursor))
    return found


def _order(cursor: _Cursor) -> Order:
    field = cursor.name()
    descending = not cursor.takes("ASC") and cursor.takes("DESC")
    nulls_last = descending
    if cursor.takes("NULLS"):
        nulls_last = cursor.peek() == "LAST"
        cursor.name()
    return Order(field.text, field.at, descending, nulls_last)


def literal(token: _Token) -> Constant:
    """A value. Raises Refused for what is none."""
    if token.kind == "string":
        return _string(token)
    if token.kind in {"datetime", "date"}:
        return Constant("datetime" if token.kind == "datetime" else "date", token.text)
    if token.kind == "number":
        return Constant("number", float(token.text))
    if token.word in {"NULL", "TRUE", "FALSE"}:
        return Constant("null", None) if token.word == "NULL" else Constant("boolean", token.word == "TRUE")
    found = _DAYS.fullmatch(token.text)
    if found is None:
        raise malformed(f"unexpected token: '{token.text}'")
    return Constant("day", _days(found))


def _string(token: _Token) -> Constant:
    inner = token.text[1:-1]
    value = re.sub(r"\\(.)", lambda m: _ESCAPES.get(m[1], m[0]), inner, flags=re.DOTALL)
    if len(value) > LONGEST_STRING:
        raise malformed("maximum length of a string in a WHERE clause is 4000 characters")
    return Constant("string", (value, inner))


def _days(found: re.Match[str]) -> tuple[int, int]:
    """First and last day meant, counted from today."""
    word = found[1].upper()
    simple = {"TODAY": (0, 0), "YESTERDAY": (-1, -1), "TOMORROW": (1, 1), "LAST_90_DAYS": (-90, 0)}
    if word in simple:
        return simple[word]
    return (-int(found[2]), 0) if found[2] else (1, int(found[3]))

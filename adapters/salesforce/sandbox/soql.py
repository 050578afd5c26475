"""A query bound to the schema and run: which rows, in which order, showing what (NOTES 22-26, 31)."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from adapters.salesforce.sandbox.answers import Refused, refused
from adapters.salesforce.sandbox.ids import whole_id
from adapters.salesforce.sandbox.org import Org
from adapters.salesforce.sandbox.rows import anything, visible
from adapters.salesforce.sandbox.schema import NUMBERS, TEXTS, Field, Schema
from adapters.salesforce.sandbox.soql_parse import Constant, Node, Not, Order, Query, Test, malformed, parse
from adapters.salesforce.sandbox.stamps import day, instant, stamp
from adapters.sandbox.state import Row
from connector.instants import DAY, HOUR

JST = 9 * HOUR
"""The org's zone: days begin by it."""

Getter = Callable[[Row], Any]
Holds = Callable[[Row], bool]


@dataclass(frozen=True, slots=True)
class Path:
    """A field reached from an object, over lookups."""

    steps: tuple[Field, ...]
    field: Field
    names: tuple[str, ...]

    @property
    def text(self) -> str:
        return ".".join(self.names)


@dataclass(frozen=True, slots=True)
class Bound:
    """A query whose every name has been found."""

    query: Query
    object: str
    paths: tuple[Path, ...]
    holds: Holds
    order: tuple[tuple[Order, Getter], ...]


def bind(org: Org, text: str) -> Bound:
    """Parse a query and find its names. Raises Refused in the API's words."""
    query = parse(text)
    schema = org.schema
    name = schema.object(query.object)
    if name is None:
        raise unknown_object(query.text, query.object, query.object_at)
    paths = tuple(_path(schema, name, item.path, item.at, query.text) for item in query.items if item.path)
    holds = _holds(org, name, query.where, query.text) if query.where else _always
    order = tuple((o, _ordered(org, name, o, query.text)) for o in query.order)
    return Bound(query, name, paths, holds, order)


def ids_of(org: Org, bound: Bound, *, everything: bool) -> list[str]:
    """The ids the query finds, in its order: what a cursor keeps."""
    rows = [row for row in visible(org, bound.object, everything=everything) if bound.holds(row)]
    for order, get in reversed(bound.order):
        present = [row for row in rows if get(row) is not None]
        absent = [row for row in rows if get(row) is None]
        present.sort(key=get, reverse=order.descending)
        rows = present + absent if order.nulls_last else absent + present
    query = bound.query
    rows = rows[query.offset :] if query.limit is None else rows[query.offset : query.offset + query.limit]
    return [row["Id"] for row in rows]


def unknown_object(text: str, name: str, at: int) -> Refused:
    message = (
        f"sObject type '{name}' is not supported. If you are attempting to use a custom object, be sure to append the "
        "'__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names."
    )
    return refused(400, "INVALID_TYPE", _pointed(text, at, len(name), message))


def unknown_field(text: str, object: str, name: str, at: int) -> Refused:
    message = (
        f"No such column '{name}' on entity '{object}'. If you are attempting to use a custom field, be sure to append "
        "the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate "
        "names."
    )
    return refused(400, "INVALID_FIELD", _pointed(text, at, len(name), message))


def _pointed(text: str, at: int, length: int, message: str) -> str:
    """The API shows the place: the text around it, a caret, row and column, then what is wrong (NOTES 47)."""
    begin = max(0, at - 40)
    shown = text[begin : at + length + 40].replace("\n", " ")
    row = text.count("\n", 0, at) + 1
    column = at - text.rfind("\n", 0, at)
    return f"\n{shown}\n{' ' * (at - begin)}^\nERROR at Row:{row}:Column:{column}\n{message}"


# ---- names -----------------------------------------------------------------------------------------------------------


def _path(schema: Schema, object: str, text: str, at: int, query: str) -> Path:
    *lookups, last = text.split(".")
    if lookups and lookups[0].lower() == object.lower():
        lookups = lookups[1:]
    steps: list[Field] = []
    names: list[str] = []
    for word in lookups:
        step = _lookup(schema, object, word)
        if step is None or step.relationship is None:
            message = f"Didn't understand relationship '{word}' in field path. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name. Please reference your WSDL or the describe call for the appropriate names."  # noqa: E501 - the vendor's sentence
            raise refused(400, "INVALID_FIELD", _pointed(query, at, len(text), message))
        steps.append(step)
        names.append(step.relationship)
        object = next((t for t in reversed(step.targets) if t in schema.all), "User")
    found = schema.find(object, last)
    if found is None:
        raise unknown_field(query, object, last, at)
    return Path(tuple(steps), found, (*names, found.name))


def _lookup(schema: Schema, object: str, word: str) -> Field | None:
    fields = schema.seen[object].values()
    return next((f for f in fields if f.relationship and f.relationship.lower() == word.lower()), None)


def getter(org: Org, path: Path) -> Getter:
    """Reads a path's value from a row."""
    name, blank = path.field.name, path.field.blank
    if not path.steps:
        return lambda row: row.get(name, blank)
    return lambda row: _follow(org, row, path)


def parent(org: Org, row: Row, steps: tuple[Field, ...]) -> tuple[str, Row] | None:
    """The row that lookups lead to, with its object."""
    found: tuple[str, Row] | None = None
    for step in steps:
        found = anything(org, row.get(step.name))
        if found is None:
            return None
        row = found[1]
    return found


def _follow(org: Org, row: Row, path: Path) -> Any:
    found = parent(org, row, path.steps)
    return found[1].get(path.field.name, path.field.blank) if found else None


# ---- conditions ------------------------------------------------------------------------------------------------------


def _always(row: Row) -> bool:
    return True


def _holds(org: Org, object: str, node: Node, text: str) -> Holds:
    if isinstance(node, Test):
        return _test(org, object, node, text)
    if isinstance(node, Not):
        inner = _holds(org, object, node.node, text)
        return lambda row: not inner(row)
    parts = [_holds(org, object, n, text) for n in node.nodes]
    if node.word == "AND":
        return lambda row: all(part(row) for part in parts)
    return lambda row: any(part(row) for part in parts)


def _test(org: Org, object: str, test: Test, text: str) -> Holds:
    path = _path(org.schema, object, test.path, test.at, text)
    field = path.field
    if not field.filterable or field.type == "address":
        message = f"field '{field.name}' can not be filtered in a query call"
        raise refused(400, "INVALID_FIELD", _pointed(text, test.at, len(test.path), message))
    if test.operator == "LIKE":
        return _like(field, getter(org, path), test.values[0])
    get = _folded(getter(org, path), field)
    if test.values[0].kind == "day" and field.type in {"date", "datetime"}:
        return _within(get, test.operator, *_bounds(org, field, test.values[0].value))
    values = [_literal(field, one, test, text) for one in test.values]
    if test.operator in {"IN", "NOT IN"}:
        wanted, inside = set(values), test.operator == "IN"
        return lambda row: (get(row) in wanted) == inside
    return _compare(get, test.operator, values[0])


_ORDER: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def _compare(get: Getter, sign: str, wanted: Any) -> Holds:
    if sign == "=":
        return lambda row: get(row) == wanted
    if sign == "!=":
        return lambda row: get(row) != wanted
    than = _ORDER[sign]

    def holds(row: Row) -> bool:
        value = get(row)
        return value is not None and wanted is not None and than(value, wanted)

    return holds


def _within(get: Getter, sign: str, low: str, high: str) -> Holds:
    """A comparison with days: a first one, and the one after the last."""
    if sign in {"=", "!="}:
        return lambda row: (low <= (get(row) or "") < high) == (sign == "=")
    return _compare(get, *{"<": ("<", low), "<=": ("<", high), ">": (">=", high), ">=": (">=", low)}[sign])


def _bounds(org: Org, field: Field, days: tuple[int, int]) -> tuple[str, str]:
    if field.type == "datetime":
        today = (org.now() + JST) // DAY * DAY - JST
        return stamp(today + days[0] * DAY), stamp(today + (days[1] + 1) * DAY)
    return day(org.now() + days[0] * DAY), day(org.now() + (days[1] + 1) * DAY)


def _folded(get: Getter, field: Field) -> Getter:
    """Text is compared whatever its case, ids are not (NOTES 24, 30)."""
    return (lambda row: (get(row) or "").lower() or None) if field.type in TEXTS else get


def _like(field: Field, get: Getter, wanted: Constant) -> Holds:
    if wanted.kind != "string" or field.type not in TEXTS:
        raise refused(400, "INVALID_FIELD", f"invalid operator on {field.type} field")
    pattern = _pattern(wanted.value[1])
    return lambda row: bool(pattern.fullmatch(get(row) or ""))


def _pattern(raw: str) -> re.Pattern[str]:
    """`%` is any text and `_` any character, unless escaped."""
    parts = re.findall(r"\\.|.", raw, re.DOTALL)
    wild = {"%": ".*", "_": "."}
    return re.compile("".join(wild.get(p) or re.escape(p[-1]) for p in parts), re.IGNORECASE | re.DOTALL)


def _literal(field: Field, literal: Constant, test: Test, text: str) -> Any:
    """What a row's value is compared with. Raises Refused when the literal is of another type than the field."""
    kind = literal.kind
    if kind == "null":
        return None
    if field.type in {"id", "reference"} and kind == "string":
        return _id_literal(literal.value[0], text, test)
    if field.type in TEXTS and kind == "string":
        return literal.value[0].lower() or None
    if (field.type == "boolean" and kind == "boolean") or (field.type in NUMBERS and kind == "number"):
        return literal.value
    if field.type == "date" and kind == "date":
        return literal.value
    if field.type == "datetime" and kind == "datetime":
        return _instant_literal(literal.value)
    raise _wrong_kind(field, test, text)


def _instant_literal(written: str) -> str:
    try:
        at = instant(written)
    except ValueError:
        raise malformed(f"unexpected token: '{written}'") from None
    # a part of a second in a literal must not lose the order: stamps have none
    return stamp(at).replace(".000", f".{at // 1_000 % 1_000:03d}")


def _id_literal(written: str, text: str, test: Test) -> str | None:
    if not written:
        return None
    whole = whole_id(written)
    if whole is None:
        message = f"invalid ID field: {written}"
        raise refused(400, "INVALID_QUERY_FILTER_OPERATOR", _pointed(text, test.at, len(test.path), message))
    return whole


def _wrong_kind(field: Field, test: Test, text: str) -> Refused:
    named = {"datetime": "dateTime", "currency": "double", "percent": "double", "id": "ID", "reference": "reference"}
    quotes = "should be enclosed in quotes" if field.type in TEXTS else "should not be enclosed in quotes"
    kind = "string" if field.type in TEXTS else named.get(field.type, field.type)
    message = f"value of filter criterion for field '{field.name}' must be of type {kind} and {quotes}"
    return refused(400, "INVALID_FIELD", _pointed(text, test.at, len(test.path), message))


def _ordered(org: Org, object: str, order: Order, text: str) -> Getter:
    path = _path(org.schema, object, order.path, order.at, text)
    if not path.field.filterable or path.field.type == "address":
        message = f"field '{path.field.name}' can not be sorted in a query call"
        raise refused(400, "INVALID_FIELD", _pointed(text, order.at, len(order.path), message))
    return _folded(getter(org, path), path.field)

"""The filters of a search, each made a test of one record (NOTES 45)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from adapters.hubspot.sandbox.account import Account
from adapters.hubspot.sandbox.answers import Refusal, bad_json, invalid
from adapters.hubspot.sandbox.definitions import definition
from adapters.hubspot.sandbox.kinds import Kind, kind_of
from adapters.hubspot.sandbox.links import links_of
from adapters.hubspot.sandbox.rendering import value_of
from adapters.hubspot.sandbox.values import comparable
from adapters.sandbox.state import Row

Test: TypeAlias = Callable[[Row], bool]
Read: TypeAlias = Callable[[Row], Any]

OPERATORS = frozenset((
    "EQ", "NEQ", "LT", "LTE", "GT", "GTE", "BETWEEN", "IN", "NOT_IN", "HAS_PROPERTY", "NOT_HAS_PROPERTY",
    "CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN",
))  # fmt: skip
_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "EQ": lambda a, b: a == b, "LT": lambda a, b: a < b, "LTE": lambda a, b: a <= b, "GT": lambda a, b: a > b,
    "GTE": lambda a, b: a >= b,
}  # fmt: skip
_NEGATED = {"NEQ": "EQ", "NOT_IN": "IN", "NOT_HAS_PROPERTY": "HAS_PROPERTY", "NOT_CONTAINS_TOKEN": "CONTAINS_TOKEN"}


def filter_test(account: Account, kind: Kind, told: Mapping[str, Any]) -> Test:
    """What a record must be like. Raises Refusal for a filter that means nothing."""
    name, operator = told.get("propertyName"), told.get("operator")
    if not isinstance(name, str) or operator not in OPERATORS:
        raise bad_json("a filter needs a `propertyName` and a known `operator`")
    if name.startswith("associations."):
        return _linked(account, kind, name.removeprefix("associations."), told)
    row = definition(account, kind, name)
    if row is None:
        raise invalid(f"Property {name} does not exist")
    if operator in _NEGATED:
        # nothing there is neither equal nor among them, so the opposite holds
        test = _test(kind, row, _NEGATED[operator], told)
        return lambda record: not test(record)
    return _test(kind, row, operator, told)


def _test(kind: Kind, row: Row, operator: str, told: Mapping[str, Any]) -> Test:
    read = _reader(kind, row)
    if operator == "HAS_PROPERTY":
        return lambda record: read(record) is not None
    if operator == "CONTAINS_TOKEN":
        token = _token(_text(told, "value"))
        return lambda record: (text := value_of(kind, record, row["name"])) is not None and token(text)
    if operator == "IN":
        allowed = _allowed(row, told)
        return lambda record: read(record) in allowed
    if operator == "BETWEEN":
        low, high = _asked(row, _text(told, "value")), _asked(row, _text(told, "highValue"))
        return lambda record: (held := read(record)) is not None and low <= held <= high
    compare, value = _COMPARE[operator], _asked(row, _text(told, "value"))
    return lambda record: (held := read(record)) is not None and compare(held, value)


def _reader(kind: Kind, row: Row) -> Read:
    """The record's value in the order of comparison; None when unset. Stamps and ids are numbers already."""
    name, type_ = row["name"], row["type"]
    if name == "hs_object_id":
        return lambda record: int(record["id"])
    if name == kind.modified:
        return lambda record: record["updated"]

    def read(record: Row) -> Any:
        text = value_of(kind, record, name)
        return None if text is None else comparable(type_, text)

    return read


def ordering(kind: Kind, row: Row) -> Callable[[Row], Any]:
    """The sort key of a property: records without a value come last, equal ones by id."""
    read = _reader(kind, row)

    def key(record: Row) -> tuple[bool, Any, int]:
        held = read(record)
        return (held is None, 0 if held is None else held, int(record["id"]))

    return key


def _text(told: Mapping[str, Any], name: str) -> str:
    """What to compare with: a text, or more kindly than we know of HubSpot, a number (NOTES 54)."""
    text = told.get(name)
    if isinstance(text, bool) or not isinstance(text, (str, int)):
        raise invalid(f"A filter needs a `{name}`")
    return str(text)


def _asked(row: Row, text: str) -> Any:
    try:
        return comparable(row["type"], text)
    except ValueError:
        raise _not_of_type(row) from None


def _not_of_type(row: Row) -> Refusal:
    return invalid(f"The value to compare {row['name']} with is not a {row['type']}")


def _allowed(row: Row, told: Mapping[str, Any]) -> frozenset[Any]:
    """`values`, which for texts must be in lower case: they are compared as given with the lower-cased value."""
    values = told.get("values")
    if not isinstance(values, list) or not all(isinstance(v, str) for v in values):
        raise invalid("The operators IN and NOT_IN need `values`")
    if row["type"] in {"string", "phone_number"}:
        return frozenset(values)
    return frozenset(_asked(row, v) for v in values)


def _token(asked: str) -> Callable[[str], bool]:
    """Whole words, `*` stands for any letters; with an `@` or a dot the whole text counts."""
    pattern = re.compile(".*".join(re.escape(part) for part in asked.lower().split("*")))
    return lambda text: any(pattern.fullmatch(word) for word in [text.lower(), *re.findall(r"\w+", text.lower())])


def _linked(account: Account, kind: Kind, word: str, told: Mapping[str, Any]) -> Test:
    """`associations.company`: a pseudo-property that holds ids (NOTES 45)."""
    to = kind_of(word)
    if told["operator"] == "EQ":
        wanted = {_text(told, "value")}
    elif told["operator"] == "IN" and isinstance(told.get("values"), list):
        wanted = {str(v) for v in told["values"]}
    else:
        raise invalid("Associations can be filtered with EQ and IN only")
    return lambda record: not wanted.isdisjoint(links_of(account, kind, record["id"], to))

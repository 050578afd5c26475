"""`query`, `queryAll` and the cursors between their pages (NOTES 17-21)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

from werkzeug.wrappers import Request, Response

from adapters.salesforce.sandbox.answers import json_answer, refused
from adapters.salesforce.sandbox.ids import new_ids
from adapters.salesforce.sandbox.org import Org
from adapters.salesforce.sandbox.rows import current
from adapters.salesforce.sandbox.schema import Field
from adapters.salesforce.sandbox.soql import Bound, Path, bind, getter, ids_of, parent
from adapters.salesforce.sandbox.soql_parse import Item, malformed
from adapters.sandbox.state import Row
from connector.instants import SECOND, Instant


@dataclass(frozen=True, slots=True)
class Cursor:
    """What a query found, by id, and the size of its pages. It shows each row as it is when its page is read."""

    bound: Bound
    ids: Sequence[str]
    page: int
    opened: Instant
    everything: bool


def query(org: Org, request: Request, version: str, *, everything: bool = False) -> Response:
    """`GET query?q=…` and `GET queryAll?q=…`"""
    text = text_of(request)
    if request.args.get("columns"):
        return json_answer({"columnMetadata": columns(org, text)})
    return json_answer(answer(org, text, version, everything=everything, size=_size(request)))


def answer(org: Org, text: str, version: str, *, everything: bool = False, size: int | None = None) -> dict[str, Any]:
    """What a query says: the first page, a count, or aggregates."""
    bound = bind(org, text)
    found = ids_of(org, bound, everything=everything)
    functions = [item for item in bound.query.items if item.function]
    if functions:
        return _aggregated(org, bound, found, functions)
    cursor = Cursor(bound, found, _page_size(org, bound, size), org.now(), everything)
    return _page(org, cursor, "", 0, version)


def text_of(request: Request) -> str:
    """The query; `+` and `%20` are both a blank."""
    raw = re.search(r"(?:^|&)q=([^&]*)", request.environ.get("QUERY_STRING", ""))
    if raw is None:
        raise malformed("unexpected token: '<EOF>'")
    return unquote_plus(raw[1])


def _size(request: Request) -> int | None:
    found = re.search(r"batchSize=(\d+)", request.headers.get("Sforce-Query-Options", ""))
    return int(found[1]) if found else None


def _page_size(org: Org, bound: Bound, wanted: int | None) -> int:
    """Never more than asked for, and at most 200 where two custom long texts are selected (NOTES 19)."""
    options = org.options
    size = min(options.page_size, max(wanted or options.page_size, options.smallest_page))
    long = sum(1 for path in bound.paths if path.field.custom and path.field.long_text)
    return min(size, options.long_text_page) if long >= 2 else size


def more(org: Org, request: Request, version: str, locator: str) -> Response:
    """`GET query/{locator}`: the page that begins there."""
    key, _, start = locator.rpartition("-")
    cursor: Cursor | None = org.memory.cursors.get(key)
    lives = org.options.cursor_seconds * SECOND
    if cursor is None or not start.isdigit() or org.now() - cursor.opened > lives:
        raise refused(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
    return json_answer(_page(org, cursor, key, int(start), version))


def _page(org: Org, cursor: Cursor, key: str, start: int, version: str) -> dict[str, Any]:
    end = start + cursor.page
    done = end >= len(cursor.ids)
    document: dict[str, Any] = {"totalSize": len(cursor.ids), "done": done}
    if not done:
        if not key:
            key = new_ids(org.state, "cursor")[0][:15] + "QAY"
            org.memory.cursors[key] = cursor
        document["nextRecordsUrl"] = f"/services/data/v{version}/query/{key}-{end}"
    rows = (current(org, cursor.bound.object, id_) for id_ in cursor.ids[start:end])
    document["records"] = _records(org, cursor.bound, [row for row in rows if row], version)
    return document


def _records(org: Org, bound: Bound, rows: Sequence[Row], version: str) -> list[dict[str, Any]]:
    getters = [(path, getter(org, path)) for path in bound.paths]
    return [_record(org, bound.object, row, getters, version) for row in rows]


def _record(org: Org, object: str, row: Row, getters: Sequence[tuple[Path, Any]], version: str) -> dict[str, Any]:
    record: dict[str, Any] = {"attributes": attributes(object, row["Id"], version)}
    for path, get in getters:
        if not path.steps:
            record[path.names[0]] = shown(path.field, get(row), row)
            continue
        _nest(org, record, row, path, version)
    return record


def _nest(org: Org, record: dict[str, Any], row: Row, path: Path, version: str) -> None:
    """A parent's field, in an object under the lookup's name; null when the lookup is empty (NOTES 22)."""
    for depth, name in enumerate(path.names[:-1], 1):
        found = parent(org, row, path.steps[:depth])
        if found is None:
            record[name] = None
            return
        inside = record.get(name) or {"attributes": attributes(found[0], found[1]["Id"], version)}
        record[name] = record = inside
        above = found[1]
    record[path.names[-1]] = shown(path.field, above.get(path.field.name, path.field.blank), above)


def attributes(object: str, id_: str, version: str) -> dict[str, str]:
    return {"type": object, "url": f"/services/data/v{version}/sobjects/{object}/{id_}"}


def shown(field: Field, value: Any, row: Row) -> Any:
    """A value as REST shows it: a Number is a double also when it is whole (NOTES 27)."""
    if field.type in {"double", "currency", "percent"} and value is not None:
        return float(value)
    if field.type == "address":
        prefix = field.name.removesuffix("Address")
        parts = {part[0].lower() + part[1:]: row.get(prefix + part) for part in _ADDRESS}
        return parts if any(parts.values()) else None
    return value


_ADDRESS = ("City", "Country", "GeocodeAccuracy", "Latitude", "Longitude", "PostalCode", "State", "Street")


def _aggregated(org: Org, bound: Bound, found: Sequence[str], functions: Sequence[Item]) -> dict[str, Any]:
    """`COUNT()` is a size without rows; any other function a row of results (NOTES 23)."""
    if len(functions) != len(bound.query.items):
        name = next(i.path for i in bound.query.items if not i.function)
        raise malformed(f"Field must be grouped or aggregated: {name}")
    if len(functions) == 1 and not functions[0].path:
        return {"totalSize": len(found), "done": True, "records": []}
    rows = [row for row in (current(org, bound.object, id_) for id_ in found) if row]
    record: dict[str, Any] = {"attributes": {"type": "AggregateResult"}}
    for n, (item, path) in enumerate(zip(functions, bound.paths, strict=True)):
        values = [value for value in map(getter(org, path), rows) if value is not None]
        record[item.alias or f"expr{n}"] = _aggregate(item.function or "", values)
    return {"totalSize": 1, "done": True, "records": [record]}


def _aggregate(function: str, values: Sequence[Any]) -> Any:
    if function == "COUNT":
        return len(values)
    if function == "COUNT_DISTINCT":
        return len(set(values))
    if not values:
        return None
    if function in {"MIN", "MAX"}:
        return min(values) if function == "MIN" else max(values)
    return float(sum(values)) / (len(values) if function == "AVG" else 1)


def columns(org: Org, text: str) -> list[dict[str, Any]]:
    """What `columns=true` says, which the Salesforce CLI asks after each query (NOTES 104)."""
    bound = bind(org, text)
    told: list[dict[str, Any]] = []
    for item in (i for i in bound.query.items if i.function):
        told.append(_column(item.alias or f"expr{len(told)}", "Integer", []) | {"aggregate": True})
    for path in () if told else bound.paths:
        joined = [_column(path.field.name, path.field.type, [])]
        for name in reversed(path.names[:-1]):
            joined = [_column(name, "Reference", joined)]
        told += joined
    return _merged(told)


def _column(name: str, type_: str, joined: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "aggregate": False,  # a parent is none: the CLI takes true for a child subquery
        "apexType": type_.capitalize(),
        "booleanType": type_ == "boolean",
        "columnName": name,
        "custom": name.endswith("__c"),
        "displayName": name,
        "foreignKeyName": name if joined else None,
        "insertable": True,
        "joinColumns": joined,
        "numberType": type_ in {"double", "int", "currency", "percent"},
        "textType": type_ not in {"double", "int", "currency", "percent", "boolean"},
        "updatable": True,
    }


def _merged(told: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Fields of one parent stand together."""
    by_name: dict[str, dict[str, Any]] = {}
    for column in told:
        known = by_name.setdefault(column["columnName"], column)
        if known is not column:
            known["joinColumns"] = _merged([*known["joinColumns"], *column["joinColumns"]])
    return list(by_name.values())

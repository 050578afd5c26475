"""Bulk 2.0 query jobs and their pages of CSV (NOTES 94-99)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from werkzeug.wrappers import Request, Response

from adapters.salesforce.sandbox.answers import Refused, json_answer, object_body, refused
from adapters.salesforce.sandbox.jobs import (
    begin,
    check_done,
    csv_answer,
    csv_lines,
    find,
    info,
    keep,
    locator_of,
    place_of,
)  # fmt: skip
from adapters.salesforce.sandbox.org import Org
from adapters.salesforce.sandbox.query import shown
from adapters.salesforce.sandbox.rows import current
from adapters.salesforce.sandbox.schema import Field
from adapters.salesforce.sandbox.soql import Bound, Path, bind, getter, ids_of
from adapters.salesforce.sandbox.stamps import csv_stamp
from adapters.sandbox.state import Row

PARALLEL_PAGES = 5


@dataclass(frozen=True, slots=True)
class Result:
    bound: Bound
    ids: Sequence[str]


def create(org: Org, request: Request, version: str) -> Response:
    """`POST jobs/query`"""
    body = object_body(request)
    operation, text = body.get("operation"), str(body.get("query", ""))
    if operation not in {"query", "queryAll"}:
        raise refused(400, "INVALIDJOB", "operation must be query or queryAll")
    bound = _bound(org, text)
    row = begin(org, "query", version, body) | {"operation": operation, "object": bound.object, "query": text}
    row = keep(org, row, state="UploadComplete", queuedAt=org.now())
    return json_answer(info(org, keep(org, row, found=len(_result(org, row).ids))))


def _bound(org: Org, text: str) -> Bound:
    """The query, which Bulk may refuse although REST would take it (NOTES 97)."""
    try:
        bound = bind(org, text)
    except Refused as error:
        raise refused(400, "API_ERROR", f"{error.troubles[0].code}: {error.troubles[0].message}") from None
    if bound.object in {"TaskWhoRelation", "EventWhoRelation"}:
        raise refused(400, "INVALIDENTITY", f"Entity '{bound.object}' is not supported by the Bulk API.")
    if any(path.field.type == "address" for path in bound.paths):
        message = "Selecting compound data not supported in Bulk Query"
        raise refused(400, "FUNCTIONALITY_NOT_ENABLED", message)
    if bound.query.offset or any(item.function for item in bound.query.items):
        raise refused(400, "FEATURENOTENABLED", "Aggregates and OFFSET are not supported in Bulk Query")
    return bound


def _result(org: Org, row: Row) -> Result:
    """What the job found, once: rows that come later are not in it. Without ORDER BY the order is nobody's promise, so
    here it is the newest first (NOTES 98)."""
    known: Result | None = org.memory.results.get(row["id"])
    if known is None:
        bound = bind(org, row["query"])
        ids = ids_of(org, bound, everything=row["operation"] == "queryAll")
        known = Result(bound, ids if bound.order else ids[::-1])
        org.memory.results[row["id"]] = known
    return known


def results(org: Org, request: Request, version: str, id_: str) -> Response:
    """`GET jobs/query/{id}/results`"""
    row = find(org, "query", id_)
    check_done(org, row, version)
    found = _result(org, row)
    start, size = place_of(request.args.get("locator")), _size(org, request)
    end = min(len(found.ids), start + size)
    headers = {
        "Sforce-NumberOfRecords": str(end - start),
        "Sforce-Locator": "null" if end >= len(found.ids) else locator_of(end),
    }
    rows = _cells(org, found, found.ids[start:end])
    return csv_answer(org, csv_lines(rows, row, nul=org.options.rough_results), headers)


def _size(org: Org, request: Request) -> int:
    given = request.args.get("maxRecords", "")
    return min(org.options.bulk_page, int(given)) if given.isdigit() and int(given) else org.options.bulk_page


def _cells(org: Org, found: Result, ids: Sequence[str]) -> Iterator[Sequence[str]]:
    yield [path.text for path in found.bound.paths]
    getters = [(path, getter(org, path)) for path in found.bound.paths]
    for id_ in ids:
        row = current(org, found.bound.object, id_) or {"Id": id_}
        yield [cell(path.field, _value(path, get(row), row)) for path, get in getters]


def _value(path: Path, value: Any, row: Row) -> Any:
    return shown(path.field, value, row)


def cell(field: Field, value: Any) -> str:
    """A value as text: blank is an empty cell, datetimes end in Z (NOTES 98)."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if field.type == "datetime":
        return csv_stamp(str(value))
    return (
        format(value, "f").rstrip("0") + ("0" if value.is_integer() else "") if isinstance(value, float) else str(value)
    )


def result_pages(org: Org, request: Request, version: str, id_: str) -> Response:
    """`GET jobs/query/{id}/resultPages`: up to five pages' addresses at once (NOTES 99)."""
    row = find(org, "query", id_)
    check_done(org, row, version)
    start, size, total = place_of(request.args.get("locator")), org.options.bulk_page, len(_result(org, row).ids)
    places = range(start, max(total, start + 1), size)[:PARALLEL_PAGES]
    base, after = f"/services/data/v{version}/jobs/query/{row['id']}/", places[-1] + size
    document: dict[str, Any] = {
        "resultPages": [{"resultUrl": f"{base}results?locator={locator_of(place)}"} for place in places],
        "done": after >= total,
    }
    if after < total:
        document["nextRecordsUrl"] = f"{base}resultPages?locator={locator_of(after)}"
    return json_answer(document)

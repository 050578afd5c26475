"""One query read to its end, by pages over REST or by a bulk job, from any place where it was left.

What it costs: over REST a page holds 2,000 rows and is one call, so 10,000 rows are 5. A page that has two or more of
an org's own long text fields holds only 200, and 10,000 rows would be 50. Our `reasons` and `detail` are two such
fields, and both must be read back, because what a person overwrote is put right. So the second is fetched for each page
by a call of its own, and 2,000 rows are 2 calls in place of 10. A bulk job (5 to 8 calls, whatever the number of rows)
takes over from 10,000 rows, or from 5,000 where two long texts are read. The first page over REST says how many rows
there are, so that nothing is counted beforehand.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from adapters.http import Refused
from connector.errors import AccessDenied
from connector.model import Raw

from .answers import ABSENT, codes_of
from .bulk import rows_of, start_query, wait
from .cursor import Place
from .session import Link
from .soql import Query, flat, number, text

Row = Mapping[str, Raw]


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows, by path, and where to go on after them. `total` is of the whole reading, where known. A row that
    changed between two calls lacks what the second was to tell; it has a new stamp and is told again."""

    rows: Sequence[Row]
    place: Place
    done: bool
    total: int | None = None


def read(link: Link, query: Query, place: Place, numbers: frozenset[str]) -> Iterator[Batch]:
    """Every row from `place` on. `numbers` are the paths whose cells are numbers: a bulk result is text only."""
    if place.job:
        yield from _by_job(link, query, place, numbers)
    else:
        yield from _by_pages(link, query, place, numbers)


def _by_pages(link: Link, query: Query, place: Place, numbers: frozenset[str]) -> Iterator[Batch]:
    said = _ask(link, query, place)
    total = int(said["totalSize"])
    job = _job(link, query, total) if place == Place() else None
    if job:
        # told before the job is waited for, so that a crash does not begin a second one
        yield Batch((), Place(job=job), False, total)
        yield from _by_job(link, query, Place(job=job), numbers)
        return
    yield from _pages(link, query, place, said)


def _pages(link: Link, query: Query, place: Place, said: Mapping[str, Any]) -> Iterator[Batch]:
    while True:
        rows = _rows(link, query, said["records"])
        place = _after(query, rows, place)
        yield Batch(rows, place, bool(said["done"]), int(said["totalSize"]))
        if said["done"]:
            return
        try:
            said = link.more(said["nextRecordsUrl"])
        except Refused as error:
            if "INVALID_QUERY_LOCATOR" not in codes_of(error):
                raise
            said = _ask(link, query, place)


def _ask(link: Link, query: Query, place: Place) -> Mapping[str, Any]:
    query = query.without_aside()
    left = query.after(place.stamp, place.id) if place.id else query
    return link.query(left.soql(), all_rows=query.all_rows)


def _rows(link: Link, query: Query, records: Sequence[Mapping[str, Any]]) -> list[Row]:
    """A page's rows, with the long texts that were not in it."""
    rows: list[Row] = [*flat(records, query.without_aside().paths)]
    for path in query.aside if rows else ():
        told = dict(_told_aside(link, query.from_to(rows[0], rows[-1]), path))
        rows = [{**row, path: told[row[query.id]]} if row[query.id] in told else row for row in rows]
    return rows


def _told_aside(link: Link, query: Query, path: str) -> Iterator[tuple[Raw, Raw]]:
    """One path of the rows of a page, by id."""
    query = replace(query, paths=(query.id, path))
    said = link.query(query.soql(), all_rows=query.all_rows)
    while True:
        yield from ((row[query.id], row[path]) for row in flat(said["records"], query.paths))
        if said["done"]:
            return
        said = link.more(said["nextRecordsUrl"])


def _after(query: Query, rows: Sequence[Row], place: Place) -> Place:
    if not rows:
        return place
    last = rows[-1]
    return Place(last[query.stamp] if query.stamp else None, last[query.id])


def _job(link: Link, query: Query, total: int) -> str | None:
    """A bulk job for the query, or None when pages are cheaper or this object has no bulk."""
    calls_a_page = 1 + len(query.aside)
    if total <= link.config.bulk_read_from // calls_a_page:
        return None
    try:
        return start_query(link, query.soql(ordered=False), all_rows=query.all_rows)
    except (Refused, AccessDenied):
        return None


def _by_job(link: Link, query: Query, place: Place, numbers: frozenset[str]) -> Iterator[Batch]:
    """The rows of a job; when it failed, or Salesforce has dropped it, the reading begins again over REST."""
    total = _finished(link, place)
    if total is None:
        yield from _pages(link, query, Place(), _ask(link, query, Place()))
        return
    for chunk in rows_of(link, len(query.paths), place):
        rows = [_typed(dict(zip(query.paths, cells, strict=True)), numbers) for cells in chunk.rows]
        yield Batch(rows, chunk.place, chunk.done, total)


def _finished(link: Link, place: Place) -> int | None:
    try:
        said = wait(link, f"jobs/query/{place.job}")
    except Refused as error:
        if not codes_of(error) & ABSENT:
            raise
        return None
    return int(said.get("numberRecordsProcessed") or 0) if said["state"] == "JobComplete" else None


def _typed(cells: Mapping[str, str], numbers: frozenset[str]) -> Row:
    return {path: number(cell) if cell and path in numbers else text(cell) for path, cell in cells.items()}


__all__ = ["Batch", "Row", "read"]

"""Bulk API 2.0, the little of it we need: query results read as a stream, and one update job.

simple-salesforce's own handler leaves blanks unwritten, breaks values with line ends in them, and holds whole results
in memory; ours follows the vendor's guide.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Container, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

import requests
import urllib3

from adapters.http import Refused
from connector.errors import AccessDenied, CRMError, Unavailable
from connector.instants import SECOND

from .answers import job_takes_long, unreadable
from .cursor import Place
from .session import Link
from .soql import id18

INGEST = "jobs/ingest"
WRITE = "bulk_write"
"""What calls of an update job are counted as: they go before reading."""
PAGE = 50_000
"""Rows of a result page: one call each."""
CHUNK = 2_000
"""Rows that become one page of ours."""
UPLOAD = 100_000_000
"""Bytes of one upload: Salesforce takes 150 MB as it encodes them."""
TRIES = 4
POLL_FIRST, POLL_LAST = 2.0, 30.0
"""Seconds between two looks at a job, growing by half each time."""
OVER = frozenset({"JobComplete", "Failed", "Aborted"})
UNDER_WAY = frozenset({"UploadComplete", "InProgress"})


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some rows of a query job, as cells in the order asked for, and where to go on after them."""

    rows: Sequence[Sequence[str]]
    place: Place
    done: bool


def start_query(link: Link, soql: str, *, all_rows: bool) -> str:
    """Begin a query job; returns its id. Salesforce keeps the results for seven days."""
    said = link.call("POST", "jobs/query", "bulk", {"operation": "queryAll" if all_rows else "query", "query": soql})
    return str(said["id"])


def wait(link: Link, path: str, kind: str = "bulk") -> Mapping[str, Any]:
    """Look at a job until it is over; returns what it says then. Raises Unavailable when that takes too long."""
    pause, waited = POLL_FIRST, 0.0
    while True:
        said: Mapping[str, Any] = link.call("GET", path, kind)
        if said["state"] in OVER:
            return said
        if waited >= link.config.job_patience:
            raise job_takes_long(link.config)
        link.sleep(pause)
        waited += pause
        pause = min(POLL_LAST, pause * 1.5)


BROKEN = (requests.RequestException, urllib3.exceptions.HTTPError, EOFError, UnicodeDecodeError, csv.Error)
"""What a file raises that did not come whole."""


def rows_of(link: Link, width: int, place: Place) -> Iterator[Chunk]:
    """The results of a finished query job from `place` on. A connection that breaks is taken up where it broke."""
    failed = 0
    while True:
        try:
            for chunk in _page(link, width, place):
                place, failed = chunk.place, 0
                yield chunk
                if chunk.done:
                    return
        except BROKEN as error:
            failed += 1
            if failed >= TRIES:
                raise job_takes_long(link.config) from error
            link.sleep(POLL_FIRST * failed)


def _page(link: Link, width: int, place: Place) -> Iterator[Chunk]:
    """One page of results; its last chunk leads to the next page, or is the last."""
    where = f"&locator={place.locator}" if place.locator else ""
    answer = link.stream(f"jobs/query/{place.job}/results?maxRecords={PAGE}{where}", "bulk")
    with answer:
        following = answer.headers.get("Sforce-Locator")
        cells = _cells(answer)
        header = next(cells, [])
        if header and len(header) != width:
            raise unreadable(link.config, "GET jobs/query/results")
        told, rows = 0, list[Sequence[str]]()
        for told, row in enumerate(cells, 1):
            rows.append(_of_width(row, width))
            if told <= place.skip:
                rows.clear()
            elif len(rows) == CHUNK:
                yield Chunk(rows, Place(job=place.job, locator=place.locator, skip=told), done=False)
                rows = []
    if not header or told < int(answer.headers.get("Sforce-NumberOfRecords", told)):
        raise EOFError("fewer rows than announced")
    last = following in {None, "", "null"}  # the end is the word `null`
    yield Chunk(rows, Place(job=place.job, locator=None if last else following), done=last)


def _of_width(row: Sequence[str], width: int) -> Sequence[str]:
    if len(row) != width:
        raise EOFError("a row was cut")
    return row


def _cells(answer: requests.Response) -> Iterator[list[str]]:
    """Rows of a CSV that is still arriving. Salesforce does not always say that it is UTF-8; it always is."""
    answer.raw.decode_content = True
    answer.raw.auto_close = False
    lines = io.TextIOWrapper(cast("BinaryIO", answer.raw), encoding="utf-8", newline="")
    return csv.reader(line.replace("\0", "") for line in lines)


# ---- what an earlier run left behind ---------------------------------------------------------------------------------


def wait_for_ours(link: Link, objects: Container[str]) -> None:
    """Wait until no update job of our user on these objects is under way any more.

    A run that died while its job was running leaves it behind, and Salesforce carries it out: read before, and the
    job's older values would come to stand over what this run writes. Salesforce itself keeps the list of jobs, so none
    can be forgotten; a job that was never released to run never will be. Raises Unavailable when that takes too long.
    """
    while ours := _ours(link, objects):
        for job in ours:
            wait(link, f"{INGEST}/{job['id']}")
        # what was written last must be older than the end of the window that is read next
        link.sleep(link.config.settle / SECOND + 1)


def _ours(link: Link, objects: Container[str]) -> list[Mapping[str, Any]]:
    """The update jobs under way that this user began."""
    running = [job for job in _jobs(link) if job.get("operation") == "update" and job.get("object") in objects]
    me = id18(str(link.who()["user_id"])) if running else ""
    return [job for job in running if id18(str(job["createdById"])) == me]


def _jobs(link: Link) -> Iterator[Mapping[str, Any]]:
    """The org's ingest jobs that are queued or running; none when our user may not use Bulk."""
    try:
        said = link.call("GET", f"{INGEST}?jobType=V2Ingest", "jobs")
    except (Refused, AccessDenied):
        return
    while True:
        yield from (job for job in said["records"] if job["state"] in UNDER_WAY)
        if said["done"] or not said.get("nextRecordsUrl"):
            return
        said = link.more(said["nextRecordsUrl"])


# ---- one update job --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Told:
    """What an update job says of each row, by id: None when it was written, else the row's error. Of an id that is
    not here nobody knows."""

    answers: Mapping[str, str | None]


def update(link: Link, object_: str, rows: Sequence[Mapping[str, str]]) -> Told:
    """Write rows by one job and read back what became of each.

    A job that takes longer than patience allows is stopped; its rows already written stay written and are told so.
    More than one upload may hold goes by two jobs.
    """
    data = to_csv(rows)
    if len(data) > UPLOAD and len(rows) > 1:
        half = len(rows) // 2
        return Told({**update(link, object_, rows[:half]).answers, **update(link, object_, rows[half:]).answers})
    wanted = {"object": object_, "operation": "update", "contentType": "CSV", "lineEnding": "LF"}
    path = f"{INGEST}/{link.call('POST', INGEST, WRITE, wanted)['id']}"
    link.upload(f"{path}/batches", data, WRITE)
    _release(link, path)
    try:
        said = _wait_or_stop(link, path)
        answers = dict(_results(link, path, said))
        if len(answers) < len(rows):
            answers |= dict.fromkeys(_never_run(link, path), "NOT_PROCESSED:")
    except CRMError:
        # the job runs on without us, so nothing is known of any row
        return Told({})
    return Told(answers)


def _release(link: Link, path: str) -> None:
    """Let the job run. When the answer to that was lost, the repeated call is refused although it runs."""
    try:
        link.call("PATCH", path, WRITE, {"state": "UploadComplete"})
    except Refused:
        if link.call("GET", path, WRITE)["state"] == "Open":
            raise


def _wait_or_stop(link: Link, path: str) -> Mapping[str, Any]:
    """What the job says when it is over; nothing when it had to be stopped."""
    try:
        return wait(link, path, WRITE)
    except Unavailable:
        with suppress(Refused):  # it ended at the last moment
            link.call("PATCH", path, WRITE, {"state": "Aborted"})
        return {}


def _results(link: Link, path: str, said: Mapping[str, Any]) -> Iterator[tuple[str, str | None]]:
    """What was written and what was refused. Rows come in any order and are joined by id."""
    refused = said.get("numberRecordsFailed")
    written = said["numberRecordsProcessed"] - refused if refused is not None else None
    for name, failed, least in (("successfulResults", False, written), ("failedResults", True, refused)):
        for row in _table(link, f"{path}/{name}", least or 0):
            id_ = row.get("sf__id") or row.get("id") or ""
            yield id_, (row.get("sf__error") or "UNKNOWN_ERROR") if failed else None


def _never_run(link: Link, path: str) -> Iterator[str]:
    """Rows of internal batches that never ran stand in a third file, which is worth its call only when rows lack."""
    return (row["id"] for row in _table(link, f"{path}/unprocessedrecords") if row.get("id"))


def _table(link: Link, path: str, least: int = 0) -> list[Mapping[str, str]]:
    """A result file by column. One that breaks, or has fewer rows than the job says (`least`), is asked for again; in
    the end what came of it counts, and of the other rows nobody knows."""
    rows: list[Mapping[str, str]] = []
    for failed in range(1, TRIES + 1):
        rows = []
        with suppress(*BROKEN):
            rows.extend(_table_rows(link, path))
            if len(rows) >= least:
                break
        link.sleep(POLL_FIRST * failed)
    return rows


def _table_rows(link: Link, path: str) -> Iterator[Mapping[str, str]]:
    """The case of the headers has varied. A file may be empty, or no answer at all."""
    with link.stream(path, WRITE) as answer:
        if answer.status_code == 204:
            return
        cells = _cells(answer)
        header = [name.lower() for name in next(cells, [])]
        for row in cells:
            yield dict(zip(header, _of_width(row, len(header)), strict=True))


def to_csv(rows: Sequence[Mapping[str, str]]) -> bytes:
    """Rows under one header of all their columns, in UTF-8 without a mark. A column that a row does not have is left
    empty, which leaves the field as it is."""
    columns = ["Id", *sorted({name for row in rows for name in row} - {"Id"})]
    out = io.StringIO(newline="")
    table = csv.DictWriter(out, columns, restval="", lineterminator="\n", quoting=csv.QUOTE_ALL)
    table.writeheader()
    table.writerows(rows)
    return out.getvalue().encode()

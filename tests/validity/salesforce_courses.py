"""What Salesforce asks of requests in their course: pages followed as told, jobs released and read to the end."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.validity.salesforce_rules import Asked

OVER = frozenset({"JobComplete", "Failed", "Aborted"})


def pages_as_told(asked: Sequence[Asked]) -> Iterator[str]:
    """A next page is asked for at the address that was told, never at one put together."""
    told: set[str] = set()
    for one in asked:
        if one.kind == "more" and one.path not in told:
            yield f"nobody told of {one.path}"
        if one.kind in {"query", "more"} and one.status == 200 and not one.answer["done"]:
            told.add(one.answer["nextRecordsUrl"])


def jobs_of(asked: Sequence[Asked], kind: str) -> dict[str, list[Asked]]:
    """By job, its requests in order, the one that made it included."""
    made = {one.answer["id"]: [one] for one in asked if one.kind == kind and one.status == 200}
    for one in asked:
        if one.job in made and one.kind != kind:
            made[one.job].append(one)
    return made


def update_jobs_run(asked: Sequence[Asked]) -> Iterator[str]:
    """Uploaded once, then released once; looked at until it is over; nothing is uploaded after."""
    for job, life in jobs_of(asked, "update job").items():
        kinds = [one.kind for one in life]
        states = [one.document["state"] for one in life if one.kind == "update job, state"]
        if kinds[:3] != ["update job", "update job, upload", "update job, state"] or states[0] != "UploadComplete":
            yield f"{job}: made, uploaded and released, in this order, or it never runs"
        if kinds.count("update job, upload") > 1 or states.count("UploadComplete") > 1:
            yield f"{job}: a second upload or release is refused"
        ends = [one.answer["state"] for one in life if one.kind == "update job, look"]
        if not ends or (ends[-1] not in OVER and "Aborted" not in states):
            yield f"{job}: left without knowing its end"


@dataclass(frozen=True, slots=True)
class _Read:
    uploaded: set[str]
    answered: set[str]


def _ids(one: Asked, data: bytes) -> set[str]:
    rows = csv.DictReader(io.StringIO(data.decode("utf-8"), newline=""))
    return {row.get("Id") or row.get("sf__Id") or "" for row in rows}


def update_jobs_read(asked: Sequence[Asked], dead: int = 0) -> Iterator[str]:
    """Both result files are read, and the third whenever these two leave rows without an answer. `dead` jobs are those
    whose run was killed."""
    unread = 0
    for job, life in jobs_of(asked, "update job").items():
        by_kind = {one.kind: one for one in life}
        two = [by_kind.get(k) for k in ("update job, written", "update job, refused")]
        if None in two:
            unread += 1
            continue
        uploaded = _ids(by_kind["update job, upload"], by_kind["update job, upload"].body)
        answered = {i for one in two if one for i in _ids(one, one.told)}
        if uploaded - answered and "update job, never run" not in by_kind:
            yield f"{job}: rows without an answer, and the third file not read"
    if unread > dead:
        yield f"{unread} jobs without their results read"


def query_jobs_read(asked: Sequence[Asked]) -> Iterator[str]:
    """Results are read after the end, page by page from the first, each place as it was told, up to the word null."""
    for job, life in jobs_of(asked, "query job").items():
        over, places = False, {None}
        for one in life:
            over = over or (one.kind == "query job, look" and one.answer["state"] == "JobComplete")
            if one.kind == "query job, results":
                place = next((p[8:] for p in one.search.split("&") if p.startswith("locator=")), None)
                if not over:
                    yield f"{job}: results before its end"
                if place not in places:
                    yield f"{job}: a place nobody told of: {place}"
                places.add(one.told_headers.get("sforce-locator"))
        if over and "null" not in places:
            yield f"{job}: not read to its last page"


COURSES = (pages_as_told, update_jobs_run, update_jobs_read, query_jobs_read)

"""Bulk 2.0 ingest jobs: create, upload, let run, read what became of each row (NOTES 84-93)."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from werkzeug.wrappers import Request, Response

from adapters.salesforce.sandbox.answers import Trouble, json_answer, object_body, refused
from adapters.salesforce.sandbox.jobs import (
    DELIMITERS,
    ENDINGS,
    begin,
    check_done,
    csv_answer,
    csv_lines,
    due_state,
    find,
    info,
    keep,
)  # fmt: skip
from adapters.salesforce.sandbox.org import USER_ID, Org
from adapters.salesforce.sandbox.rows import delete, insert, update
from adapters.salesforce.sandbox.write import Call, changed, created, target
from adapters.sandbox.state import Row

BLANK = "#N/A"
LONGEST_FORM = 100_000
LONGEST_CELL = 32_000
OPERATIONS = frozenset({"insert", "update", "delete", "hardDelete"})


class Spoilt(Exception):
    """The whole upload cannot be used; the job fails with this message."""


def create(org: Org, request: Request, version: str) -> Response:
    """`POST jobs/ingest`, as JSON or as one form with the CSV (NOTES 85)."""
    form = request.mimetype == "multipart/form-data"
    body = _form_job(request) if form else object_body(request)
    name = org.schema.object(str(body.get("object", "")))
    if name is None:
        raise refused(400, "INVALIDENTITY", f"Entity '{body.get('object')}' is not supported by the Bulk API.")
    if body.get("operation") not in OPERATIONS:
        raise refused(400, "INVALIDJOB", f"Operation not supported here: {body.get('operation')}")
    row = begin(org, "ingest", version, body) | {"operation": body["operation"], "object": name}
    row = keep(org, row, assignmentRuleId=body.get("assignmentRuleId"))
    if form:
        _keep_upload(org, row, _form_part(request, "content"))
        row = keep(org, row, state="UploadComplete", queuedAt=org.now())
    return json_answer(info(org, row))


def _form_job(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(_form_part(request, "job"))
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise refused(400, "JSON_PARSER_ERROR", "The part named job must be a JSON object")
    return body


def _form_part(request: Request, name: str) -> bytes:
    part = request.files.get(name)
    data: bytes = part.read() if part else request.form.get(name, "").encode()
    if part:
        part.close()
    if len(data) > LONGEST_FORM:
        raise refused(400, "INVALIDJOB", "The request is longer than 100000 characters")
    return data


def upload(org: Org, request: Request, version: str, id_: str) -> Response:
    """`PUT jobs/ingest/{id}/batches`: the whole CSV, once; 201 and no body."""
    row = find(org, "ingest", id_)
    if len(request.get_data()) > org.options.bulk_upload_bytes:
        raise refused(413, "REQUEST_ENTITY_TOO_LARGE", "The upload is larger than 150 MB")
    if row["state"] != "Open":
        raise refused(400, "INVALIDJOBSTATE", f"Job is not open: {row['state']}")
    if org.state.get("upload", row["id"]) is not None:
        message = (
            f"Found multiple contents for job: <{row['id']}>, please 'Close' / 'Abort' / 'Delete' the current Job then "
            "create a new Job and make sure you only do 'PUT' once on a given Job."
        )
        raise refused(400, "CLIENTINPUTERROR", message)
    _keep_upload(org, row, request.get_data())
    return Response(status=201)


def _keep_upload(org: Org, row: Row, data: bytes) -> None:
    org.state.put("upload", row["id"], {"csv": data.decode("utf-8", "replace")})


# ---- running ---------------------------------------------------------------------------------------------------------


def run_due(org: Org) -> None:
    """Run the jobs whose time has come. Asked before each call and by the desk, so
    that a job goes on whoever looks."""
    for row in list(org.state.all("job").values()):
        if row["kind"] == "ingest" and row["state"] == "UploadComplete" and due_state(org, row) == "JobComplete":
            with org.state:
                _run(org, row)


@dataclass(frozen=True, slots=True)
class Table:
    header: str
    names: Sequence[str]
    rows: Sequence[Sequence[str]]


def _run(org: Org, row: Row) -> None:
    text = (org.state.get("upload", row["id"]) or {"csv": ""})["csv"]
    try:
        table = _table(org, row, text)
    except Spoilt as spoilt:
        rows = list(csv.reader(io.StringIO(text, newline="")))[1:]
        org.state.put("outcome", row["id"], {"header": text.partition("\n")[0].rstrip("\r"), "rows": [], "left": rows})
        keep(org, row, state="Failed", errorMessage=str(spoilt), numberRecordsProcessed=0, numberRecordsFailed=0)
        return
    most = org.memory.bulk_stops_after
    call = Call(assign=bool(row.get("assignmentRuleId")))
    done = [[*_one(org, call, row, table.names, cells), *cells] for cells in table.rows[:most]]
    left = [list(cells) for cells in table.rows[len(done) :]]
    org.state.put("outcome", row["id"], {"header": table.header, "rows": done, "left": left})
    counts = {"numberRecordsProcessed": len(done), "numberRecordsFailed": sum(1 for one in done if one[2])}
    if left:
        message = "TooManyLockFailure : Too many lock failure 20 Trying again later."
        keep(org, row, state="Failed", errorMessage=message, **counts)
    else:
        keep(org, row, state="JobComplete", **counts)


def _table(org: Org, row: Row, text: str) -> Table:
    """The upload under its header. Raises Spoilt for what fails the whole job (NOTES 88)."""
    header = text.partition("\n")[0]
    if header.endswith("\r") != (row["lineEnding"] == "CRLF"):
        setting = row["lineEnding"]
        raise Spoilt(f"InvalidBatch : LineEnding is invalid on user data. Current LineEnding setting is {setting}")
    rows = [r for r in csv.reader(io.StringIO(text, newline=""), delimiter=DELIMITERS[row["columnDelimiter"]]) if r]
    names = rows[0] if rows else []
    for name in names:
        if name.lower() != "id" and org.schema.find(row["object"], name) is None:
            raise Spoilt(f"InvalidBatch : Field name not found : {name}")
    if any(len(cell) > LONGEST_CELL for cells in rows for cell in cells):
        raise Spoilt(f"InvalidBatch : Field value exceeds {LONGEST_CELL} characters")
    if any(len(cells) != len(names) for cells in rows):
        raise Spoilt("InvalidBatch : The number of columns of a row differs from the header's")
    return Table(header.rstrip("\r"), names, rows[1:])


def _one(org: Org, call: Call, row: Row, names: Sequence[str], cells: Sequence[str]) -> tuple[str, bool, str]:
    """Write one row: its id, whether it was created, and the error if any."""
    name, given = row["object"], next((c for n, c in zip(names, cells, strict=True) if n.lower() == "id"), "")
    fields = _fields(names, cells)
    if row["operation"] == "insert":
        outcome = created(org, call, name, {k: v for k, v in fields.items() if v is not None})
        if isinstance(outcome, Trouble):
            return "", False, outcome.text()
        return insert(org, name, outcome, USER_ID), True, ""
    id_ = target(org, name, given)
    if isinstance(id_, Trouble):
        return given, False, id_.text()
    if row["operation"] in {"delete", "hardDelete"}:
        delete(org, name, id_, USER_ID)
        return id_, False, ""
    outcome = changed(org, call, name, id_, fields)
    if isinstance(outcome, Trouble):
        return id_, False, outcome.text()
    update(org, name, [(id_, outcome)], USER_ID)
    return id_, False, ""


def _fields(names: Sequence[str], cells: Sequence[str]) -> Mapping[str, str | None]:
    """An empty cell leaves a field as it is; `#N/A` blanks it (NOTES 87)."""
    pairs = zip(names, cells, strict=True)
    return {n: None if c == BLANK else c for n, c in pairs if c != "" and n.lower() != "id"}


# ---- results ---------------------------------------------------------------------------------------------------------


def successful(org: Org, request: Request, version: str, id_: str) -> Response:
    """`GET jobs/ingest/{id}/successfulResults`"""
    row, told = _outcome(org, version, id_)
    rows = [[r[0], "true" if r[1] else "false", *r[3:]] for r in told["rows"] if not r[2]]
    return csv_answer(org, _file(row, told["header"], _cased(org, "sf__Id", "sf__Created"), rows))


def failed(org: Org, request: Request, version: str, id_: str) -> Response:
    """`GET jobs/ingest/{id}/failedResults`"""
    row, told = _outcome(org, version, id_)
    rows = [[r[0], r[2], *r[3:]] for r in told["rows"] if r[2]]
    if org.options.rough_results and not rows:
        return Response(status=204)
    return csv_answer(org, _file(row, told["header"], _cased(org, "sf__Id", "sf__Error"), rows))


def unprocessed(org: Org, request: Request, version: str, id_: str) -> Response:
    """`GET jobs/ingest/{id}/unprocessedrecords`"""
    row, told = _outcome(org, version, id_)
    return csv_answer(org, _file(row, told["header"], (), told["left"]))


def _outcome(org: Org, version: str, id_: str) -> tuple[Row, Row]:
    row = find(org, "ingest", id_)
    check_done(org, row, version)
    return row, org.state.get("outcome", row["id"]) or {"header": "", "rows": [], "left": []}


def _cased(org: Org, *names: str) -> Sequence[str]:
    """Our columns' names, whose case has varied (NOTES 106)."""
    return [name.upper() for name in names] if org.options.rough_results else names


def _file(row: Row, header: str, more: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[bytes]:
    """Our columns' names in quotes, the others as they came; the rows in another order than they came (NOTES 91)."""
    ours = DELIMITERS[row["columnDelimiter"]].join([*(f'"{name}"' for name in more), header])
    yield (ours + ENDINGS[row["lineEnding"]]).encode()
    yield from csv_lines(rows[::-1], row)

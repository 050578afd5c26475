"""What both kinds of Bulk 2.0 job share: how they are told, how they go on by the clock (NOTES 79-83)."""

from __future__ import annotations

import base64
import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

from werkzeug.wrappers import Request, Response

from adapters.salesforce.sandbox.answers import json_answer, no_content, object_body, refused
from adapters.salesforce.sandbox.ids import new_ids, whole_id
from adapters.salesforce.sandbox.org import USER_ID, Org
from adapters.salesforce.sandbox.stamps import stamp
from adapters.sandbox.state import Row
from connector.instants import DAY, SECOND

DELIMITERS: Mapping[str, str] = {
    "BACKQUOTE": "`", "CARET": "^", "COMMA": ",", "PIPE": "|", "SEMICOLON": ";", "TAB": "\t",
}  # fmt: skip
ENDINGS: Mapping[str, str] = {"LF": "\n", "CRLF": "\r\n"}
KEPT_DAYS = 7
Kind = Literal["query", "ingest"]


def begin(org: Org, kind: Kind, version: str, told: Mapping[str, Any]) -> Row:
    """A new job. Raises Refused for a delimiter or line ending that does not exist."""
    row: Row = {
        "id": new_ids(org.state, "job")[0],
        "kind": kind,
        "version": version,
        "createdAt": org.now(),
        "queuedAt": None,
        "state": "Open",
        "columnDelimiter": told.get("columnDelimiter") or "COMMA",
        "lineEnding": told.get("lineEnding") or "LF",
    }
    if row["columnDelimiter"] not in DELIMITERS or row["lineEnding"] not in ENDINGS:
        raise refused(400, "INVALIDJOB", "columnDelimiter or lineEnding is not supported")
    return row


def keep(org: Org, row: Row, **more: Any) -> Row:
    row = row | more
    org.state.put("job", row["id"], row)
    return row


def find(org: Org, kind: Kind, given: str) -> Row:
    """A job by its id. Raises Refused when there is none, or none any more."""
    row = org.state.get("job", whole_id(given) or "")
    if row is None or row["kind"] != kind or org.now() - row["createdAt"] > KEPT_DAYS * DAY:
        raise refused(404, "NOT_FOUND", "The requested resource does not exist")
    return row


def due_state(org: Org, row: Row) -> str:
    """Where a job stands that has been queued: nothing but time moves it (NOTES 81)."""
    if row["state"] not in {"UploadComplete", "InProgress"}:
        return str(row["state"])
    waited, needed = org.now() - row["queuedAt"], org.options.bulk_seconds * SECOND
    return "UploadComplete" if waited < needed / 4 else "InProgress" if waited < needed else "JobComplete"


def info(org: Org, row: Row) -> dict[str, Any]:
    """A job as the API tells it."""
    told: dict[str, Any] = {
        "id": row["id"],
        "operation": row["operation"],
        "object": row["object"],
        "createdById": USER_ID,
        "createdDate": stamp(row["createdAt"]),
        "systemModstamp": stamp(row["createdAt"]),
        "state": due_state(org, row),
        "concurrencyMode": "Parallel",
        "contentType": "CSV",
        "apiVersion": float(row["version"]),
        "lineEnding": row["lineEnding"],
        "columnDelimiter": row["columnDelimiter"],
    }
    if row["kind"] == "ingest" and row["state"] == "Open":
        # without a slash before it (NOTES 84)
        told["contentUrl"] = f"services/data/v{row['version']}/jobs/ingest/{row['id']}/batches"
    for name in ("numberRecordsProcessed", "numberRecordsFailed", "errorMessage", "assignmentRuleId"):
        if row.get(name) is not None:
            told[name] = row[name]
    if row["kind"] == "query" and told["state"] == "JobComplete":
        told |= {"numberRecordsProcessed": row["found"], "retries": 0, "totalProcessingTime": 100}
    return told | {"jobType": "V2Ingest" if row["kind"] == "ingest" else "V2Query"}


def listed(org: Org, request: Request, version: str, *, kind: Kind) -> Response:
    """`GET jobs/query` and `GET jobs/ingest`"""
    rows = [row for row in list(org.state.all("job").values()) if row["kind"] == kind]
    return json_answer({"done": True, "records": [info(org, row) for row in rows], "nextRecordsUrl": None})


def told(org: Org, request: Request, version: str, id_: str, *, kind: Kind) -> Response:
    """`GET jobs/{kind}/{id}`"""
    return json_answer(info(org, find(org, kind, id_)))


def change(org: Org, request: Request, version: str, id_: str, *, kind: Kind) -> Response:
    """`PATCH jobs/{kind}/{id}`: let it run, or stop it."""
    row = find(org, kind, id_)
    wanted, stands = object_body(request).get("state"), due_state(org, row)
    if wanted == "UploadComplete" and kind == "ingest" and stands == "Open":
        return json_answer(info(org, keep(org, row, state="UploadComplete", queuedAt=org.now())))
    if wanted == "Aborted" and stands in {"Open", "UploadComplete", "InProgress"}:
        _leave_all(org, row)
        return json_answer(info(org, keep(org, row, state="Aborted")))
    raise refused(400, "INVALIDJOBSTATE", f"Job state changes from {stands} to {wanted} are not allowed")


def _leave_all(org: Org, row: Row) -> None:
    """Nothing of a stopped job was run, so that all of it is unprocessed (NOTES 89)."""
    upload = org.state.get("upload", row["id"])
    if upload:
        header, *rows = csv.reader(io.StringIO(upload["csv"], newline=""), delimiter=DELIMITERS[row["columnDelimiter"]])
        told = DELIMITERS[row["columnDelimiter"]].join(header)
        org.state.put("outcome", row["id"], {"header": told, "rows": [], "left": rows})


def drop(org: Org, request: Request, version: str, id_: str, *, kind: Kind) -> Response:
    """`DELETE jobs/{kind}/{id}`: 204 and no body."""
    row = find(org, kind, id_)
    if due_state(org, row) in {"UploadComplete", "InProgress"}:
        raise refused(400, "INVALIDJOBSTATE", "Job is in progress and cannot be deleted")
    org.state.drop("job", row["id"])
    return no_content()


def check_done(org: Org, row: Row, version: str) -> None:
    """Raises Refused while there are no results, or for another version than the job was made with (NOTES 96)."""
    if float(row["version"]) != float(version):
        raise refused(409, "INVALIDVERSION", "Operation not allowed with an API version other than the job's")
    if due_state(org, row) != "JobComplete" and row["state"] not in {"JobComplete", "Failed", "Aborted"}:
        raise refused(412, "JOB_NOT_COMPLETE", "The job has not completed yet")


def csv_answer(org: Org, lines: Iterable[bytes], headers: Mapping[str, str] | None = None) -> Response:
    """A CSV, sent as it is made. Whether its type names the charset has varied (NOTES 93)."""
    kind = "text/csv; charset=UTF-8" if org.options.charset else "text/csv"
    return Response(lines, 200, headers=dict(headers or {}), content_type=kind)


def csv_lines(rows: Iterable[Sequence[str]], row: Row, *, nul: bool = False) -> Iterator[bytes]:
    """Rows with every value in quotes, some hundreds at a time. With `nul` values begin with a NUL byte, which has
    been seen in data (NOTES 106)."""
    out = io.StringIO(newline="")
    delimiter, ending = DELIMITERS[row["columnDelimiter"]], ENDINGS[row["lineEnding"]]
    table = csv.writer(out, delimiter=delimiter, lineterminator=ending, quoting=csv.QUOTE_ALL)
    for n, cells in enumerate(rows, 1):
        table.writerow([f"\0{cell}" if nul and n > 1 and cell else cell for cell in cells])
        if n % 500 == 0:
            yield out.getvalue().encode()
            out.seek(0)
            out.truncate()
    yield out.getvalue().encode()


def locator_of(place: int) -> str:
    return base64.urlsafe_b64encode(str(place).encode()).decode().rstrip("=")


def place_of(locator: str | None) -> int:
    """Raises Refused for what is no locator of ours."""
    if not locator:
        return 0
    try:
        return int(base64.urlsafe_b64decode(locator + "=" * (-len(locator) % 4)))
    except ValueError:
        raise refused(400, "INVALID_QUERY_LOCATOR", "invalid query locator") from None

"""What fits a field of Salesforce's, as JSON and as a cell of a bulk file."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from adapters.salesforce.sandbox.schema import Field

_PREFIX = {"Lead": "00Q", "Contact": "003"}
_CASES = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?(Z|[+-]\d\d:?\d\d)")
OURS = "Leadheat_"


def id_of(text: object, object_: str | None = None) -> str | None:
    """The id, if it has 18 characters and the right checksum, and is one of the object."""
    if not isinstance(text, str) or not re.fullmatch(r"[0-9A-Za-z]{18}", text):
        return None
    fives = (text[0:5], text[5:10], text[10:15])
    sums = "".join(_CASES[sum(2**k for k, c in enumerate(five) if c in _CASES[:26])] for five in fives)
    right = sums == text[15:] and text.startswith(_PREFIX.get(object_ or "", ""))
    return text if right else None


def misfits(fields: Mapping[str, Field], name: str, value: Any) -> Iterator[str]:
    """What is wrong with writing a JSON value into a field."""
    found = _ours(fields, name)
    if isinstance(found, str):
        yield found
    elif value is None:
        if found.type == "boolean":
            yield f"{name}: a checkbox is never null"
    elif not _fits(found, value):
        yield f"{name}: does not fit a {found.type}"


def _ours(fields: Mapping[str, Field], name: str) -> Field | str:
    found = fields.get(name)
    if not name.startswith(OURS):
        return f"{name}: not a field of ours"
    return found if found and found.writable else f"{name}: there is no such field that this user may write"


def _fits(found: Field, value: Any) -> bool:
    if found.type == "boolean":
        return isinstance(value, bool)
    if found.type == "double":
        return isinstance(value, (int, float)) and not isinstance(value, bool) and _digits(found, float(value))
    if found.type == "datetime":
        return isinstance(value, str) and _INSTANT.fullmatch(value) is not None
    return isinstance(value, str) and value != "" and len(value) <= found.length


def _digits(found: Field, value: float) -> bool:
    return abs(value) < 10 ** (found.precision - found.scale)


# ---- files ---------------------------------------------------------------------------------------------------------


def ill_made(fields: Mapping[str, Field], object_: str, data: bytes) -> Iterator[str]:
    """What is wrong with the CSV of an update job."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        yield "not UTF-8"
        return
    if data.startswith(b"\xef\xbb\xbf"):
        yield "a mark (BOM) before the header fails the job"
    if len(data) > 100_000_000:
        yield "a file holds at most 100 MB"
    if "\r" in text:
        yield "another line ending than LF, which the job was told"
    header, *rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    if not text.endswith("\n") or len(text.partition("\n")[0]) > 32_000:
        yield "every row ends in LF, and a header has at most 32,000 characters"
    if header[0] != "Id" or len(set(header)) < len(header):
        yield "results come in another order: the id goes along, and each column once"
    if not rows:
        yield "a file without rows"
    yield from _rows_ill_made(fields, object_, header, rows)


def _rows_ill_made(
    fields: Mapping[str, Field], object_: str, header: Sequence[str], rows: Sequence[Sequence[str]]
) -> Iterator[str]:
    if len({row[0] for row in rows if row}) < len(rows):
        yield "a record twice in a file is written in no known order"
    for row in rows:
        if len(row) != len(header):
            yield "each row has the header's columns"
            continue
        if id_of(row[0], object_) is None:
            yield "each row has an id of 18 characters, of its object"
        if sum(map(len, row)) > 400_000:
            yield "a row holds at most 400,000 characters"
        for name, cell in zip(header[1:], row[1:], strict=True):
            yield from _cell_misfits(fields, name, cell)


def _cell_misfits(fields: Mapping[str, Field], name: str, cell: str) -> Iterator[str]:
    found = _ours(fields, name)
    if isinstance(found, str):
        yield found
    elif cell == "#N/A":
        if found.type == "boolean":
            yield f"{name}: a checkbox is never null"
    elif len(cell) > 32_000:
        yield f"{name}: a cell holds at most 32,000 characters"
    elif cell and not _cell_fits(found, cell):
        yield f"{name}: does not fit a {found.type}"


def _cell_fits(found: Field, cell: str) -> bool:
    if found.type == "boolean":
        return cell in {"true", "false"}
    if found.type == "double":
        return re.fullmatch(r"-?\d+(\.\d+)?", cell) is not None and _digits(found, float(cell))
    if found.type == "datetime":
        return _INSTANT.fullmatch(cell) is not None
    return len(cell) <= found.length

"""The workbook (or CSV) of ours beside the user's file: an id and our result fields for each lead, as text."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from adapters.spreadsheet.table import read_table, sheet_names
from connector.cells import as_written, csv_bytes
from connector.errors import Problem, Unavailable, user_error
from connector.model import Raw
from connector.words import say

SHEET = "leadheat"
ID = "leadheat_id"
Held = dict[str, dict[str, Raw]]


def read_out(path: Path) -> Held:
    """What our file holds, by id; nothing when there is none yet. Raises UserError when the file is not ours."""
    if not path.exists() or path.stat().st_size == 0:
        return {}
    if path.suffix.lower() == ".xlsx" and SHEET not in sheet_names(path):
        raise _not_ours(path)
    table = read_table(path, SHEET)
    if ID not in table.header:
        raise _not_ours(path)
    plain = as_written if path.suffix.lower() != ".xlsx" else lambda cell: cell
    told = [{n: plain(v) for n, v in row.cells.items()} for row in table.rows]
    return {row.pop(ID) or "": row for row in told}


def _not_ours(path: Path) -> Exception:
    fix = say("Name another output file; this one is left as it is.")
    return user_error("LH-414", say("the output file was not written by Leadheat"), str(path), fix)


def write_out(path: Path, held: Held, fields: Sequence[str]) -> None:
    """Replace our file whole: readers see the old one or the new one. Raises Unavailable when it cannot be written."""
    rows: list[list[str]] = [[ID, *fields]]
    rows += [[id_, *(values.get(name) or "" for name in fields)] for id_, values in held.items()]
    data = _xlsx(rows) if path.suffix.lower() == ".xlsx" else csv_bytes(rows)
    beside = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(data)
        beside.replace(path)
    except OSError as error:
        with suppress(OSError):
            beside.unlink()
        what = say("the output file cannot be written ({reason})", reason=str(error.strerror))
        raise Unavailable(Problem("LH-415", what, str(path), say("Close it in Excel, and run again."))) from None


def _xlsx(rows: Sequence[Sequence[str]]) -> bytes:
    from xlsxwriter import Workbook  # only a push to a workbook needs it

    made = io.BytesIO()
    with Workbook(made, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet(SHEET)
        for n, row in enumerate(rows):
            for m, cell in enumerate(row):
                sheet.write_string(n, m, cell)
        sheet.freeze_panes(1, 1)
    return made.getvalue()


def texts(values: Mapping[str, str | int | bool | None]) -> dict[str, Raw]:
    """Our values as the file holds them."""
    return {n: str(v).lower() if isinstance(v, bool) else None if v is None else str(v) for n, v in values.items()}

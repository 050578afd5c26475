"""Text as spreadsheets take it: CSV that Excel reads as UTF-8, and in which no text is ever a formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

_RISKY = re.compile(r"[=+\-@\t\r]")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")


def csv_bytes(rows: Iterable[Sequence[str]]) -> bytes:
    """The rows as CSV: UTF-8 with BOM, each text made harmless."""
    made = io.StringIO(newline="")
    csv.writer(made).writerows([harmless(cell) for cell in row] for row in rows)
    return made.getvalue().encode("utf-8-sig", "replace")


def harmless(cell: str) -> str:
    """Text that a spreadsheet would take for a formula gets an apostrophe (OWASP, "CSV Injection"); numbers do not."""
    return f"'{cell}" if _RISKY.match(cell) and not _NUMBER.fullmatch(cell) else cell


def as_written(cell: str | None) -> str | None:
    """The text that `harmless` was given."""
    return cell[1:] if cell and cell[0] == "'" and _RISKY.match(cell[1:]) else cell

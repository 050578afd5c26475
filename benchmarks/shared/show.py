"""How results are shown: a table for people, one JSON document for machines, progress on a terminal."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

Cell = str | int | float | None
Row = Mapping[str, Cell]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A titled table, and what must be known to read it."""

    title: str
    rows: Sequence[Row]
    notes: Sequence[str] = ()


def show(sheets: Sequence[Sheet], *, as_json: bool) -> None:
    """Print the sheets: each a table, or all as one JSON document."""
    if as_json:
        told = [{"title": s.title, "rows": list(s.rows), "notes": list(s.notes)} for s in sheets]
        print(json.dumps({"schema_version": 1, "sheets": told}, ensure_ascii=False, indent=2))
        return
    console = Console(width=None if sys.stdout.isatty() else 150, highlight=False)
    for sheet in sheets:
        console.print(_table(sheet))
        for note in sheet.notes:
            console.print(f"  {note}", markup=False)


def _table(sheet: Sheet) -> Table:
    names = list(dict.fromkeys(name for row in sheet.rows for name in row))
    table = Table(title=sheet.title, title_justify="left")
    for name in names:
        words = all(isinstance(row.get(name), str) for row in sheet.rows)
        table.add_column(name, justify="left" if words else "right")
    for row in sheet.rows:
        table.add_row(*(_cell(row.get(name)) for name in names))
    return table


def _cell(value: Cell) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:,.0f}" if value >= 1_000 else f"{value:.3g}" if value < 1 else f"{value:.2f}"
    return f"{value:,}" if isinstance(value, int) else value


def progress(text: str) -> None:
    """One line on a terminal, written over by the next; nothing where nobody looks."""
    if sys.stderr.isatty():
        print(f"\r\x1b[2K{text}", end="", file=sys.stderr, flush=True)

"""CSV as rows with their lines and cells by column name."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from connector.words import say
from connector.yamlread import Problems

LONGEST_CELL = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Row:
    """Where a row begins (`leads.csv:17`), and its cells by column; trimmed, a missing one is blank."""

    where: str
    cells: Mapping[str, str]

    def get(self, column: str) -> str:
        return self.cells.get(column, "")


@dataclass(frozen=True, slots=True)
class Table:
    """A header and what stands beneath."""

    columns: Sequence[str]
    rows: Sequence[Row]


def read_table(text: str, file: str, needed: Sequence[str], problems: Problems) -> Table:
    """The file as a table. Reports columns that are missing or there twice, rows that are too long, broken quotes."""
    lines = _lines(text, file, problems)
    first = next(lines, None)
    if first is None:
        problems.add(f"{file}:1", say("the file is empty"))
        return Table((), ())
    where, header = first
    columns = [name.strip() for name in header]
    for name in needed:
        if name not in columns:
            problems.add(where, say("there is no column '{name}'", name=name))
    for name in dict.fromkeys(name for name in columns if name and columns.count(name) > 1):
        problems.add(where, say("there are two columns '{name}'", name=name))
    rows = [Row(at, _cells(columns, cells, at, problems)) for at, cells in lines]
    return Table(columns, rows) if set(needed) <= set(columns) else Table(columns, ())


def _cells(columns: Sequence[str], cells: Sequence[str], where: str, problems: Problems) -> Mapping[str, str]:
    if any(cell.strip() for cell in cells[len(columns) :]):
        what = say("the row has {n} cells, the header {m}", n=len(cells), m=len(columns))
        problems.add(where, what, say("Put cells that contain the separator in quotes."))
    return {name: cell.strip() for name, cell in zip(columns, cells, strict=False) if name}


def _lines(text: str, file: str, problems: Problems) -> Iterator[tuple[str, list[str]]]:
    """Rows that are not empty, and the line on which each begins."""
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    while True:
        where = f"{file}:{reader.line_num + 1}"
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            problems.add(where, say("the row is not CSV: a quote is not closed, or text follows one"))
            return
        if cells:
            yield where, cells

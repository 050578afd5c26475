"""A table as somebody saved it: CSV or TSV in the encodings Excel and Japanese tools write, or a workbook's sheet.

Everything becomes text, every row keeps its line, and all that is wrong is told at once. Nothing here writes.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from connector.errors import Problem, UserError, user_error
from connector.words import Message, say

LONGEST_CELL = 32_767
"""Characters a cell may hold: Excel's own limit (Microsoft, "Excel specifications and limits")."""
SHOWN = 50


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its line in the file (or row of the sheet) and its cells by header; None is a blank cell."""

    line: int
    cells: dict[str, str | None] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Table:
    """A header and the rows beneath it. `where` names the file, and the sheet where there is one."""

    where: str
    header: tuple[str, ...]
    rows: tuple[Row, ...] = field(repr=False)


def read_table(path: Path, sheet: str | None = None) -> Table:
    """The table in `path`; of a workbook the named sheet, or the first. Raises UserError with every problem found."""
    if path.suffix.lower() in {".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"}:
        where, lines = _sheet(path, sheet)
    else:
        where, lines = str(path), _lines(_text(path), path)
    return _table(where, lines)


def read_rows(path: Path, sheet: str) -> list[list[str]]:
    """A sheet's cells as they stand, its header first; nothing is checked."""
    return [cells for _, cells in _sheet(path, sheet)[1]]


def sheet_names(path: Path) -> Sequence[str]:
    """The sheets of a workbook, in order; none for other files."""
    if path.suffix.lower() != ".xlsx" or not path.exists():
        return ()
    return list(_workbook(path).sheet_names)


def refuse_all(problems: Sequence[Problem]) -> None:
    """Raise one UserError with the problems; beyond fifty it says how many more there are."""
    if not problems:
        return
    more = len(problems) - SHOWN
    rest = (Problem("LH-499", say("and {n} more problems of this kind", n=more)),) if more > 0 else ()
    raise UserError(*problems[:SHOWN], *rest)


# ---- from bytes to cells ---------------------------------------------------------------------------------------------


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise user_error(
            "LH-401", say("the file cannot be read ({reason})", reason=str(error.strerror)), str(path)
        ) from None


def _text(path: Path) -> str:
    """UTF-8 with or without BOM, UTF-16 with one, or CP932 (what Excel in Japan saves as CSV)."""
    data = _bytes(path)
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "cp932")
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError as error:
            line = data[: error.start].count(b"\n") + 1
    fix = say("Save it as 'CSV UTF-8'.")
    raise user_error("LH-402", say("the file is neither UTF-8 nor CP932 text"), f"{path}:{line}", fix)


def _lines(text: str, path: Path) -> Iterator[tuple[int, list[str]]]:
    delimiter = "\t" if path.suffix.lower() in {".tsv", ".tab"} else _delimiter(text)
    usual = csv.field_size_limit(max(len(text), 1))  # our own check names the cell; the module's names nothing
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        before = 0
        for cells in reader:
            yield before + 1, cells
            before = reader.line_num
    finally:
        csv.field_size_limit(usual)


def _delimiter(text: str) -> str:
    """The one of comma, tab and semicolon that the header has most of."""
    header = text.partition("\n")[0]
    return max(",\t;", key=header.count)


def _workbook(path: Path):  # type: ignore[no-untyped-def]  # calamine's class, imported only when needed
    from python_calamine import CalamineError, CalamineWorkbook

    data = _bytes(path)
    try:
        return CalamineWorkbook.from_filelike(io.BytesIO(data))
    except (CalamineError, ValueError, OSError):
        fix = say("Open it in Excel, save it again as xlsx, and remove any password.")
        raise user_error("LH-407", say("the workbook cannot be read"), str(path), fix) from None


def _sheet(path: Path, name: str | None) -> tuple[str, Iterator[tuple[int, list[str]]]]:
    book = _workbook(path)
    if not book.sheet_names:
        raise user_error("LH-403", say("the file is empty"), str(path))
    name = name or book.sheet_names[0]
    rows: list[list[object]] = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    return f"{path} {name}", ((n, [_cell(value) for value in row]) for n, row in enumerate(rows, 1))


def _cell(value: object) -> str:
    """A cell as text: whole numbers without `.0`, truth in lower case, dates as ISO without a zone (Excel has none)."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


# ---- from cells to a table -------------------------------------------------------------------------------------------


def _table(where: str, lines: Iterable[tuple[int, list[str]]]) -> Table:
    told = [(line, cells) for line, cells in lines if any(cell.strip() for cell in cells)]
    if not told:
        raise user_error("LH-403", say("the file is empty"), where)
    (top, first), *beneath = told
    header = [name.strip() for name in first]
    problems = [*_header_problems(where, top, header)]
    problems += [p for line, cells in beneath for p in _row_problems(where, line, cells, header)]
    if not beneath:
        problems.append(Problem("LH-405", say("there are no rows beneath the header"), where))
    refuse_all(problems)
    rows = tuple(Row(line, _by_header(header, cells)) for line, cells in beneath)
    return Table(where, tuple(name for name in header if name), rows)


def _by_header(header: Sequence[str], cells: Sequence[str]) -> dict[str, str | None]:
    """Blank is None; a short row's missing cells are blank; columns without a name are nobody's."""
    padded = [*cells, *[""] * (len(header) - len(cells))]
    return {name: cell if cell.strip() else None for name, cell in zip(header, padded, strict=False) if name}


def _header_problems(where: str, line: int, header: Sequence[str]) -> Iterator[Problem]:
    fix = say("Give each column a name of its own.")
    for name in sorted({n for n in header if n and header.count(n) > 1}):
        columns = ", ".join(column(i) for i, n in enumerate(header) if n == name)
        what = say("columns {columns} have the same header", columns=columns)
        yield Problem("LH-406", what, f"{where}:{line}", fix)
    for i, name in enumerate(header):
        if wrong := _wrong(name):
            yield Problem("LH-404", wrong, f"{where}:{line} {column(i)}")


def _row_problems(where: str, line: int, cells: Sequence[str], header: Sequence[str]) -> Iterator[Problem]:
    for i, cell in enumerate(cells):
        if wrong := _wrong(cell):
            yield Problem("LH-404", wrong, f"{where}:{line} {column(i)}")
    if any(cell.strip() for cell in cells[len(header) :]):
        what = say("the row has {n} cells, the header {m}", n=len(cells), m=len(header))
        yield Problem("LH-408", what, f"{where}:{line}", say("Put cells that contain the separator in quotes."))


def _wrong(cell: str) -> Message | None:
    if len(cell) > LONGEST_CELL:
        return say("the cell holds {n} characters; {most} are the most", n=len(cell), most=LONGEST_CELL)
    if "\0" in cell:
        return say("the cell holds a NUL character")
    if not cell.isascii() and any("\ud800" <= c <= "\udfff" for c in cell):
        return say("the cell holds half a character (a lone surrogate)")
    return None


def column(index: int) -> str:
    """The spreadsheet's letters for a column counted from 0: A, B, …, Z, AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters

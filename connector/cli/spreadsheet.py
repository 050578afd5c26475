"""`score` on a spreadsheet: their rows in, a workbook of their rows with score, band and reasons out."""

from __future__ import annotations

import os
from collections import Counter
from contextlib import suppress
from pathlib import Path

from connector.book import Book, Texts, open_book
from connector.cells import csv_bytes
from connector.cli.context import Context
from connector.errors import Problem, UserError, user_error
from connector.instants import Instant, iso
from connector.plain.document import lead_document
from connector.reasons import top_reason
from connector.results import BANDS
from connector.scoring.examples import play_examples
from connector.shipped import shipped
from connector.wiring import SheetFile, open_sheet, read_handoffs, read_text
from connector.words import say
from connector.workbook.score import hottest, score_sheet
from connector.workbook.scored import ScoredSheet, band_word, our_cells, our_headers, rule_rows, scored_workbook

SHOWN = 5


def score_spreadsheet(
    context: Context,
    leads: Path,
    activities: Path | None,
    mapping: Path | None,
    scorecard: Path | None,
    as_of: Instant,
    out: Path | None,
) -> None:
    """Score the file as of an instant, write `out` if asked, and show what came of it."""
    book = _book(context, mapping, scorecard)
    _refuse_own_input(out, leads, activities)
    for problem in play_examples(book.card, as_of):
        context.tell(say("warning: {problem}", problem=problem.in_(context.look.lang)))
    file = open_sheet(leads, activities, book.mapping.wants, lambda: as_of)
    sheet = _scored(context, book, file, out, as_of)
    if out is not None:
        write_whole(out, scored_workbook(sheet) if out.suffix.lower() == ".xlsx" else _csv(sheet))
    _show(context, sheet, out)
    context.document(_document(sheet, as_of))


def _book(context: Context, mapping: Path | None, scorecard: Path | None) -> Book:
    problems: list[Problem] = []
    texts = []
    for path, name in ((scorecard, "scorecard.yaml"), (mapping, "spreadsheet.yaml")):
        text, problem = read_text(path) if path else (shipped(name), None)
        texts += [str(path or name), text]
        problems += [problem] if problem else []
    if problems:
        raise UserError(*problems)
    return open_book(Texts(*texts), context.zone, context.look.lang)


def _refuse_own_input(out: Path | None, leads: Path, activities: Path | None) -> None:
    """A user's file is never saved over."""
    if out is None:
        return
    if out.suffix.lower() not in {".xlsx", ".csv"}:
        raise user_error("LH-450", say("the output must end in .xlsx or .csv"), str(out))
    if any(p and p.resolve() == out.resolve() for p in (leads, activities)):
        fix = say("Name another output file; this one is left as it is.")
        raise user_error("LH-413", say("the output file is the input file"), str(out), fix)


def _scored(context: Context, book: Book, file: SheetFile, out: Path | None, as_of: Instant) -> ScoredSheet:
    kept = read_handoffs(out) if out is not None else []
    for notice in file.crm.traits.notices:
        context.tell(notice)
    _refuse_strangers(book, file)
    with context.bar() as progress:
        pages = []
        for page in file.crm.pull(None):
            pages.append(page)
            progress("pull", sum(len(p.records) for p in pages), page.total)
        return score_sheet(book, pages, file.header, file.rows, kept, as_of, context.look.lang)


def _refuse_strangers(book: Book, file: SheetFile) -> None:
    """A file that has none of the columns the mapping reads would score everybody alike, which helps nobody."""
    wanted = {name for fields in book.mapping.wants.people.values() for name in fields}
    if not wanted & set(file.header):
        fix = say("Look at 'leadheat fields suggest {file}', and give --mapping.", file=file.path.name)
        raise user_error("LH-451", say("none of the mapping's columns is in the file"), str(file.path), fix)


def write_whole(path: Path, data: bytes) -> None:
    """Replace the file whole, or leave it as it was. Raises UserError when it cannot be written."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        beside.write_bytes(data)
        beside.replace(path)
    except OSError as error:
        with suppress(OSError):
            beside.unlink()
        what = say("the output file cannot be written ({reason})", reason=str(error.strerror))
        raise user_error("LH-452", what, str(path), say("Close it in Excel, and run again.")) from None


def _csv(sheet: ScoredSheet) -> bytes:
    header = (*our_headers(sheet), *sheet.header)
    theirs = ([cells.get(name) or "" for name in sheet.header] for cells in sheet.rows)
    ours = ((str(points), band, reasons) for points, band, reasons in our_cells(sheet))
    return csv_bytes([header, *((*mine, *yours) for mine, yours in zip(ours, theirs, strict=True))])


def _show(context: Context, sheet: ScoredSheet, out: Path | None) -> None:
    bands = Counter(score.band for score in sheet.scores)
    told = "  ".join(f"{band_word(name, context.look.lang)} {bands[name]:,}" for name, _, _ in BANDS)
    context.show(say("{n} leads scored", n=f"{len(sheet.scores):,}"))
    context.show(f"  {told}")
    for axis, item, points, leads, _, _ in rule_rows(sheet):
        if leads:
            context.show(f"  {leads:>7,}  {'' if points is None else f'{points:+d}':>4}  {item}  {axis}")
    for score in hottest(sheet, SHOWN):
        context.show(f"  {score.ref.id}  {score.points}  {top_reason(score, sheet.wording) or ''}")
    if out is not None:
        context.show(say("→ {file}", file=str(out)))


def _document(sheet: ScoredSheet, as_of: Instant) -> dict[str, object]:
    card = {"name": sheet.card.name, "version": sheet.card.version, "digest": sheet.card.digest}
    return {"as_of": iso(as_of), "scorecard": card, "leads": [lead_document(score) for score in sheet.scores]}

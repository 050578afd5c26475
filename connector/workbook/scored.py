"""The scored workbook for teams without a CRM: their rows with score, band and reasons, hits by rule, what to check,
and a record of hand-offs that people fill in and the next scoring reads back.

Everything here is a value in, bytes out; who reads and writes files is somebody else.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connector.model import Raw, Score
from connector.reasons import Wording, limit_text
from connector.results import BANDS
from connector.scoring.scorecard import Scorecard
from connector.words import Lang, Message, say
from connector.workbook.handoffs import OUTCOMES, TITLE, Handoff

OURS = "Leadheat "
"""What the headers of our own columns begin with; such columns are left out when the file is scored again."""
PLAIN_NUMBER = re.compile(r"-?(0|[1-9]\d{0,14})(\.\d{1,10})?")
BIN = 10


@dataclass(frozen=True, slots=True)
class ToCheck:
    """Something a person should look at: where in the file, what, and the remedy."""

    where: str
    what: str
    fix: str = ""


@dataclass(frozen=True, slots=True)
class ScoredSheet:
    """All that the workbook shows. `rows` are the user's own cells by header, in file order, one per score; `inputs`
    says for how many leads each input is known."""

    header: tuple[str, ...]
    rows: Sequence[Mapping[str, Raw]] = field(repr=False)
    scores: Sequence[Score]
    reasons: Sequence[str]
    card: Scorecard
    wording: Wording
    lang: Lang
    inputs: Mapping[str, int]
    to_check: Sequence[ToCheck] = ()
    handoffs: Sequence[Handoff] = field(default=(), repr=False)

    def told(self, message: Message) -> str:
        return message.in_(self.lang)


def band_word(band: str, lang: Lang) -> str:
    """hot, warm, cold, excluded as people say it."""
    return next((ja if lang == "ja" else en for name, ja, en in BANDS if name == band), band)


def is_ours(header: str) -> bool:
    """Whether the column was added by an earlier scoring."""
    return header.startswith(OURS)


def rule_hits(scores: Sequence[Score]) -> Mapping[str, tuple[int, int, int]]:
    """By rule or cut: leads it touched, hot leads among them, points in all."""
    leads: Counter[str] = Counter()
    hot: Counter[str] = Counter()
    points: Counter[str] = Counter()
    for score in scores:
        for line in score.ledger:
            name = line.rule or line.limit or ""
            leads[name] += 1
            hot[name] += score.standing.state.is_hot
            points[name] += line.points
    return {name: (leads[name], hot[name], points[name]) for name in leads}


def histogram(scores: Sequence[Score]) -> list[tuple[int, int]]:
    """(lowest points of the bin, leads in it), ten points a bin, without gaps."""
    bins = Counter(score.points // BIN * BIN for score in scores)
    return [(low, bins[low]) for low in range(min(bins), max(bins) + BIN, BIN)] if bins else []


# ---- the workbook ----------------------------------------------------------------------------------------------------


def scored_workbook(sheet: ScoredSheet) -> bytes:
    """The xlsx. Text is never a formula or a link, whatever it looks like."""
    from xlsxwriter import Workbook  # only who asks for a workbook waits for it

    made = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with Workbook(made, options) as book:
        looks = _formats(book)
        _scores_sheet(book, looks, sheet)
        _rules_sheet(book, looks, sheet)
        _check_sheet(book, looks, sheet)
        _handoff_sheet(book, looks, sheet)
    return made.getvalue()


COLOURS = {"hot": "#F8C9C0", "warm": "#FBE6B3", "cold": "#D6E6F5", "excluded": "#E3E3E3"}


def _formats(book: Any) -> dict[str, Any]:
    made = {name: book.add_format({"bg_color": colour}) for name, colour in COLOURS.items()}
    made["head"] = book.add_format({"bold": True, "bottom": 1, "valign": "top"})
    made["wrap"] = book.add_format({"text_wrap": True, "valign": "top"})
    made["share"] = book.add_format({"num_format": "0.0%"})
    made["signed"] = book.add_format({"num_format": "+0;-0;0"})
    return made


def _page(book: Any, title: str) -> Any:
    """A sheet that also prints on one page's width."""
    page = book.add_worksheet(title)
    page.set_landscape()
    page.set_paper(9)  # A4
    page.fit_to_pages(1, 0)
    return page


def our_headers(sheet: ScoredSheet) -> tuple[str, ...]:
    return tuple(OURS + sheet.told(m) for m in (say("score"), say("band"), say("reasons")))


def our_cells(sheet: ScoredSheet) -> Iterator[tuple[int, str, str]]:
    """Score, band and reasons of each row."""
    for score, reasons in zip(sheet.scores, sheet.reasons, strict=True):
        yield score.points, band_word(score.band, sheet.lang), reasons


def _scores_sheet(book: Any, looks: Mapping[str, Any], sheet: ScoredSheet) -> None:
    """Ours first, so that nobody scrolls past thirty columns to find the score; then theirs, as they were."""
    page = _page(book, sheet.told(say("Scores")))
    header = (*our_headers(sheet), *sheet.header)
    for column, name in enumerate(header):
        page.write_string(0, column, name, looks["head"])
    ours = zip(sheet.rows, sheet.scores, our_cells(sheet), strict=True)
    for row, (cells, score, (points, band, reasons)) in enumerate(ours, 1):
        page.write_number(row, 0, points)
        page.write_string(row, 1, band, looks[score.band])
        page.write_string(row, 2, reasons)
        for column, name in enumerate(sheet.header, 3):
            _write(page, row, column, cells.get(name))
    last = max(len(sheet.rows), 1)
    page.conditional_format(1, 0, last, 0, {"type": "data_bar", "bar_color": "#E8957F", "bar_solid": True})
    page.autofilter(0, 0, last, len(header) - 1)
    page.freeze_panes(1, 3)
    page.set_column(0, 0, 14)
    page.set_column(1, 1, 14)
    page.set_column(2, 2, 48)
    page.set_column(3, len(header), 16)


def _write(page: Any, row: int, column: int, cell: Raw) -> None:
    """A plain number stays a number, so that it sorts; ids with leading zeros or too many digits stay text."""
    if cell is None:
        return
    if PLAIN_NUMBER.fullmatch(cell):
        page.write_number(row, column, float(cell))
    else:
        page.write_string(row, column, cell)


RULE_HEADINGS = (
    say("Axis"), say("Item"), say("Points"), say("Leads"), say("Share"), say("Hot leads"), say("Points in all"),
)  # fmt: skip


def _rules_sheet(book: Any, looks: Mapping[str, Any], sheet: ScoredSheet) -> None:
    page = _page(book, sheet.told(say("By rule")))
    headings = (
        say("Axis"),
        say("Item"),
        say("Points"),
        say("Leads"),
        say("Share"),
        say("Hot leads"),
        say("Points in all"),
    )
    for column, heading in enumerate(headings):
        page.write_string(0, column, sheet.told(heading), looks["head"])
    rows = rule_rows(sheet)
    for at, (axis, item, points, leads, hot, total) in enumerate(rows, 1):
        page.write_string(at, 0, axis)
        page.write_string(at, 1, item)
        if points is not None:
            page.write_number(at, 2, points, looks["signed"])
        page.write_number(at, 3, leads)
        page.write_number(at, 4, leads / max(len(sheet.scores), 1), looks["share"])
        page.write_number(at, 5, hot)
        page.write_number(at, 6, total, looks["signed"])
    page.conditional_format(1, 3, max(len(rows), 1), 3, {"type": "data_bar", "bar_color": "#9CC3E6", "bar_solid": True})
    page.set_column(0, 0, 18)
    page.set_column(1, 1, 44)
    page.freeze_panes(1, 0)
    _distribution(book, page, looks, sheet, len(rows) + 3)


def rule_rows(sheet: ScoredSheet) -> list[tuple[str, str, int | None, int, int, int]]:
    """Every rule in the scorecard's order, those nobody met included, then the cuts that bit."""
    hits = rule_hits(sheet.scores)
    rows: list[tuple[str, str, int | None, int, int, int]] = [
        (sheet.wording.label(f"axis:{r.axis}"), sheet.wording.label(r.id), r.points, *hits.get(r.id, (0, 0, 0)))
        for r in sheet.card.rules
    ]
    rules = {r.id for r in sheet.card.rules}
    return rows + [("", limit_text(n, sheet.wording), None, *hits[n]) for n in sorted(hits) if n not in rules]


def _distribution(book: Any, page: Any, looks: Mapping[str, Any], sheet: ScoredSheet, top: int) -> None:
    """How many leads in each band and each ten points, with a chart beside."""
    bands = Counter(score.band for score in sheet.scores)
    page.write_string(top, 0, sheet.told(say("Band")), looks["head"])
    page.write_string(top, 1, sheet.told(say("Leads")), looks["head"])
    for at, (name, _, _) in enumerate(BANDS, top + 1):
        page.write_string(at, 0, band_word(name, sheet.lang), looks[name])
        page.write_number(at, 1, bands[name])
    start = top + len(BANDS) + 2
    page.write_string(start, 0, sheet.told(say("Points from")), looks["head"])
    page.write_string(start, 1, sheet.told(say("Leads")), looks["head"])
    bins = histogram(sheet.scores)
    for at, (low, leads) in enumerate(bins, start + 1):
        page.write_number(at, 0, low)
        page.write_number(at, 1, leads)
    if bins:
        page.insert_chart(top, 3, _chart(book, page, sheet, start + 1, start + len(bins)))


def _chart(book: Any, page: Any, sheet: ScoredSheet, first: int, last: int) -> Any:
    chart = book.add_chart({"type": "column"})
    name = page.get_name()
    where = {"categories": [name, first, 0, last, 0], "values": [name, first, 1, last, 1]}
    chart.add_series({**where, "gap": 20, "fill": {"color": "#9CC3E6"}})
    title = sheet.told(
        say("Leads by points (n = {n}, hot from {enter})", n=len(sheet.scores), enter=sheet.card.bands.enter)
    )
    chart.set_title({"name": title, "name_font": {"size": 11}})
    chart.set_legend({"none": True})
    chart.set_size({"width": 560, "height": 300})
    return chart


def _check_sheet(book: Any, looks: Mapping[str, Any], sheet: ScoredSheet) -> None:
    """What could not be read, and how much is known of each input: an input nobody fills gives nobody points."""
    page = _page(book, sheet.told(say("To check")))
    for column, heading in enumerate((say("Input"), say("Known"), say("Share"))):
        page.write_string(0, column, sheet.told(heading), looks["head"])
    for at, (name, known) in enumerate(sheet.inputs.items(), 1):
        page.write_string(at, 0, name)
        page.write_number(at, 1, known)
        page.write_number(at, 2, known / max(len(sheet.scores), 1), looks["share"])
    top = len(sheet.inputs) + 3
    for column, heading in enumerate((say("Where"), say("What"), say("Remedy"))):
        page.write_string(top, column, sheet.told(heading), looks["head"])
    for at, one in enumerate(sheet.to_check, top + 1):
        for column, text in enumerate((one.where, one.what, one.fix)):
            page.write_string(at, column, text)
    if not sheet.to_check:
        page.write_string(top + 1, 0, sheet.told(say("Nothing to check")))
    page.set_column(0, 0, 28)
    page.set_column(1, 2, 48)


HANDOFF_HEADINGS = (
    say("Lead"), say("Hot on"), say("Score"), say("Top reason"), say("Owner"), say("Outcome"), say("Note"),
)  # fmt: skip


def _handoff_sheet(book: Any, looks: Mapping[str, Any], sheet: ScoredSheet) -> None:
    """People write owner, outcome and note; the outcome is chosen from a list, so that it can be read back."""
    page = _page(book, sheet.told(TITLE))
    for column, heading in enumerate(HANDOFF_HEADINGS):
        page.write_string(0, column, sheet.told(heading), looks["head"])
    for at, one in enumerate(sheet.handoffs, 1):
        page.write_string(at, 0, one.lead)
        page.write_string(at, 1, one.hot_on)
        page.write_number(at, 2, one.points)
        for column, text in enumerate((one.reason, one.owner, one.outcome, one.note), 3):
            page.write_string(at, column, text)
    rows = len(sheet.handoffs) + 200
    choices = [sheet.told(word) for _, _, word in OUTCOMES]
    page.data_validation(1, 5, rows, 5, {"validate": "list", "source": choices})
    page.freeze_panes(1, 1)
    page.set_column(0, 0, 24)
    page.set_column(1, 2, 12)
    page.set_column(3, 6, 28)

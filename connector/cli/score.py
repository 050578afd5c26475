"""`score`: score a spreadsheet or the plain files; no CRM, no database."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from connector.book import wording_of
from connector.cli.context import Context, of, told
from connector.cli.explain import moment
from connector.cli.spreadsheet import score_spreadsheet
from connector.errors import Problem, refuse, user_error
from connector.instants import Instant
from connector.plain.document import scores_document
from connector.plain.files import File, is_plain_mapping
from connector.plain.score import PlainScores, score_plain
from connector.reasons import top_reason
from connector.scoring.examples import play_examples
from connector.shipped import shipped
from connector.wiring import read_text
from connector.words import say


def register(app: typer.Typer) -> None:
    app.command("score", help=told(say("Score a CSV or Excel file; no CRM needed.")))(score)


def score(
    ctx: typer.Context,
    leads: Annotated[Path, typer.Argument(help=told(say("CSV, TSV or xlsx with a lead per row.")))],
    activities: Annotated[
        Path | None, typer.Option("--activities", help=told(say("CSV with an activity per row.")))
    ] = None,
    mapping: Annotated[
        Path | None, typer.Option("--mapping", help=told(say("Mapping; the shipped one if left out.")))
    ] = None,
    scorecard: Annotated[
        Path | None, typer.Option("--scorecard", help=told(say("Scorecard; the shipped one if left out.")))
    ] = None,
    at: Annotated[str | None, typer.Option("--at", help=told(say("Score as of this instant.")))] = None,
    out: Annotated[Path | None, typer.Option("-o", "--out", help=told(say("Scored xlsx or csv to write.")))] = None,
) -> None:
    context = of(ctx)
    as_of = context.now() if at is None else moment(context, at)
    if mapping is not None and is_plain_mapping(read_text(mapping)[0]):
        if out is not None:
            raise user_error("LH-449", say("the plain files have no workbook to write; use --json"), "--out")
        _plain(context, leads, activities, mapping, scorecard, as_of)
    else:
        score_spreadsheet(context, leads, activities, mapping, scorecard, as_of, out)


def _plain(
    context: Context, leads: Path, activities: Path | None, mapping: Path, scorecard: Path | None, as_of: Instant
) -> None:
    """The plain files in, one JSON document or a table out."""
    problems: list[Problem] = []
    doings = None if activities is None else _file(activities, problems)
    people, declared = _file(leads, problems), _file(mapping, problems)
    card = File("scorecard.yaml", shipped("scorecard.yaml")) if scorecard is None else _file(scorecard, problems)
    refuse(problems)
    scored = score_plain(people, doings, declared, card, context.zone, as_of)
    for warning in scored.warnings:
        context.tell(say("warning: {problem}", problem=warning))
    for problem in play_examples(scored.card, as_of):
        context.tell(say("warning: {problem}", problem=problem.in_(context.look.lang)))
    context.show(_table(context, scored))
    context.document(scores_document(scored))


def _file(path: Path, problems: list[Problem]) -> File:
    text, problem = read_text(path)
    problems += [problem] if problem else []
    return File(str(path), text)


def _table(context: Context, scored: PlainScores) -> Table:
    wording = wording_of(scored.card, context.look.lang)
    table = Table(box=None, pad_edge=False)
    table.add_column(context.word(say("Lead")))
    table.add_column(context.word(say("Points")), justify="right")
    table.add_column(context.word(say("Band")))
    table.add_column(context.word(say("Because")))
    for score in scored.scores:
        table.add_row(score.ref.id, str(score.points), score.band, top_reason(score, wording) or "")
    return table

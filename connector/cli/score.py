"""`score`: score a spreadsheet or the plain files; no CRM, no database."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from connector.cli.context import Context, of, told
from connector.cli.explain import moment
from connector.cli.spreadsheet import score_spreadsheet
from connector.errors import UserError, user_error
from connector.plain.files import is_plain_mapping
from connector.plain.score import score_plain
from connector.wiring import read_text
from connector.words import say


def register(app: typer.Typer) -> None:
    app.command("score", help=told(say("Score a CSV or Excel file; no CRM needed.")))(score)


def score(
    ctx: typer.Context,
    leads: Annotated[Path, typer.Argument(help=told(say("CSV, TSV or xlsx with a lead per row.")))],
    activities: Annotated[Path | None, typer.Option("--activities", help=told(say("CSV with an activity per row.")))] = None,
    mapping: Annotated[Path | None, typer.Option("--mapping", help=told(say("Mapping; the shipped one if left out.")))] = None,
    scorecard: Annotated[Path | None, typer.Option("--scorecard", help=told(say("Scorecard; the shipped one if left out.")))] = None,
    at: Annotated[str | None, typer.Option("--at", help=told(say("Score as of this instant.")))] = None,
    out: Annotated[Path | None, typer.Option("-o", "--out", help=told(say("Scored xlsx or csv to write.")))] = None,
) -> None:
    context = of(ctx)
    as_of = context.now() if at is None else moment(context, at)
    if mapping is not None and is_plain_mapping(_text(mapping)):
        _plain(context, leads, activities, mapping, scorecard, as_of, out)
    else:
        score_spreadsheet(context, leads, activities, mapping, scorecard, as_of, out)

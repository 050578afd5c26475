"""`scorecard show|test`: the agreed rules as people read them, and its worked examples played."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from connector.book import wording_of
from connector.cli.context import Context, of, told
from connector.errors import UserError
from connector.mapping.document import read_mapping
from connector.model import Vocabulary
from connector.scoring.document import read_scorecard
from connector.scoring.examples import play_examples
from connector.scoring.scorecard import Scorecard
from connector.wiring import read_text
from connector.words import say

MAPPING = typer.Option("--connection", help=told(say("Check inputs and kinds against this connection's mapping.")))


def register(app: typer.Typer) -> None:
    card = typer.Typer(help=told(say("The agreed rules.")), no_args_is_help=True)
    card.command("show", help=told(say("Rules by axis, thresholds, who agreed.")))(show)
    card.command("test", help=told(say("Play the worked examples.")))(test)
    app.add_typer(card, name="scorecard")


def show(ctx: typer.Context, connection: Annotated[str | None, MAPPING] = None) -> None:
    context = of(ctx)
    card = _card(context, connection)
    context.show(
        say("{name} v{version}, hot from {enter} points", name=card.name, version=card.version, enter=card.bands.enter)
    )
    context.show(_rules_table(context, card))
    document = {"name": card.name, "version": card.version, "digest": card.digest}
    rules = [{"id": r.id, "axis": r.axis, "points": r.points, "label": dict(r.label)} for r in card.rules]
    context.document({"scorecard": document, "rules": rules})


def test(ctx: typer.Context, connection: Annotated[str | None, MAPPING] = None) -> None:
    context = of(ctx)
    card = _card(context, connection)
    problems = play_examples(card, context.now())
    if problems:
        raise UserError(*problems)
    context.show(say("{n} examples come out as agreed", n=len(card.examples)))
    context.document({"examples": len(card.examples), "failed": 0})


def _card(context: Context, connection: str | None) -> Scorecard:
    settings = context.settings
    text, problem = read_text(settings.scorecard)
    if problem:
        raise UserError(problem)
    return read_scorecard(text, str(settings.scorecard), _vocabulary(context, connection), settings.zone)


def _vocabulary(context: Context, connection: str | None) -> Vocabulary | None:
    settings = context.settings
    name = connection or next(iter(sorted(settings.connections)), None)
    if name is None or name not in settings.connections:
        return None
    path = settings.connections[name].mapping
    text, problem = read_text(path)
    if problem:
        raise UserError(problem)
    return read_mapping(text, str(path)).vocabulary


def _rules_table(context: Context, card: Scorecard) -> Table:
    wording = wording_of(card, context.look.lang)
    table = Table(box=None, pad_edge=False)
    for heading, justify in (
        (say("Axis"), "left"),
        (say("Item"), "left"),
        (say("Points"), "right"),
        (say("Because"), "left"),
    ):
        table.add_column(context.word(heading), justify=justify, overflow="fold")  # type: ignore[arg-type]  # left or right
    before = None
    for rule in sorted(card.rules, key=lambda r: [a.id for a in card.axes].index(r.axis)):
        axis = wording.label(f"axis:{rule.axis}") if rule.axis != before else ""
        before = rule.axis
        table.add_row(axis, wording.label(rule.id), f"{rule.points:+d}", rule.because or "")
    return table

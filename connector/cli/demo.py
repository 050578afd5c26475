"""`demo`: the whole job on two CRMs of our own, in a minute, with nothing to sign up for.

It does what a new user would do, by the same commands: look at the plan, apply it, see who is hot and why, run again.
"""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import Annotated

import typer

from connector.cli.context import Context, of, told, with_look
from connector.cli.passes import run_pass
from connector.cli.show import show_fields, show_plan, show_run
from connector.cli.town import Ground, open_town, poke_one, write_settings
from connector.errors import user_error
from connector.model import Run
from connector.reasons import line_text
from connector.sync import Orders
from connector.views import HotLead, hot_leads
from connector.wiring import Wired, refuse_clash, wired
from connector.words import Message, say

NAMES = ("hubspot", "salesforce")
SETTLED = 6.0
"""Seconds until the sandbox's search index has caught up, as the real one needs a few (HubSpot, CRM search)."""


def register(app: typer.Typer) -> None:
    app.command("demo", help=told(say("Run the whole job on a local HubSpot and Salesforce.")))(demo)


def demo(
    ctx: typer.Context,
    folder: Annotated[Path, typer.Option("--dir", help=told(say("Folder for the demo; made anew each time.")))] = Path(
        "leadheat-demo"
    ),
    leads: Annotated[int, typer.Option("--leads", min=10, help=told(say("How many leads to invent.")))] = 300,
    seed: Annotated[int, typer.Option("--seed", help=told(say("The same number invents the same world.")))] = 1,
) -> None:
    context = of(ctx)
    _fresh(folder)
    ground = Ground(folder, leads, seed, hubspot_port=0, salesforce_port=0)
    _head(context, say("1  A HubSpot and a Salesforce of our own, with {n} invented leads each", n=leads))
    with open_town(ground, context.clock) as town:
        write_settings(folder, town.env)
        context.show(f"   {town.hubspot_url}   {town.salesforce_url}")
        inner = with_look(context, config=folder)
        runs = _story(inner, folder)
    _head(context, say("What to try next"))
    for message in _next(folder):
        context.show(message)
    context.document({"command": "demo", "folder": str(folder), "runs": runs})


def _fresh(folder: Path) -> None:
    """An empty folder; one that an earlier demo made is emptied, any other is left alone."""
    if folder.exists() and any(folder.iterdir()):
        if not (folder / "hubspot.db").exists():
            fix = say("Name another with --dir.")
            raise user_error("LH-945", say("the folder is not a demo's and is left as it is"), str(folder), fix)
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)


def _story(context: Context, folder: Path) -> list[dict[str, object]]:
    _head(context, say("2  The plan: what would change (nothing is written yet)"))
    _each(context, _plan)
    _head(context, say("3  Apply: create our fields, write score, band, hot flag and reasons"))
    first = _each(context, _apply)
    _head(context, say("4  Who is hot, and why"))
    hot = {name: _show_hot(context, name) for name in NAMES}
    _head(context, say("5  Run again: nothing has changed, so nothing is written"))
    second = _each(context, _sync)
    _head(context, say("6  Somebody asks for a demo"))
    third = _ask_for_a_demo(context, folder, {lead.ref.id for lead in hot["hubspot"]})
    return [{"run": r.id, "connection": r.connection, "written": r.counts.written} for r in (*first, *second, *third)]

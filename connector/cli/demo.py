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
from connector.cli.explain import explained
from connector.cli.passes import companies_of, run_pass
from connector.cli.show import run_document, show_plan, show_run, show_score
from connector.cli.town import Ground, open_town, poke_one, write_settings
from connector.errors import user_error
from connector.model import Run
from connector.reasons import line_text
from connector.sync import Orders
from connector.views import dossier, hot_leads, nearly_hot
from connector.wiring import refuse_clash, wired
from connector.words import Message, say

NAMES = ("hubspot", "salesforce")
SHOWN = 3
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
        write_settings(folder, town.env, context.look.lang)
        context.show(f"   {town.hubspot_url}   {town.salesforce_url}")
        inner = with_look(context, config=folder)
        runs = _story(inner, folder)
    _head(context, say("What to try next"))
    for command, purpose in _next(folder):
        context.show(f"   {command}")
        context.show(f"       {context.word(purpose)}")
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
    """What a new user would do, command by command."""
    _head(context, say("2  The plan: what would change; nothing is written yet"))
    for name in NAMES:
        _plan(context, name)
    _head(context, say("3  Apply: create our fields, then write score, band, hot flag and reasons"))
    first = [_apply(context, name) for name in NAMES]
    _head(context, say("4  Who is hot, and why"))
    for name in NAMES:
        _show_hot(context, name)
    _head(context, say("5  Run again: nothing has changed, so nothing is written"))
    _settle(context)
    second = [_sync(context, name) for name in NAMES]
    _head(context, say("6  Somebody asks for a demo"))
    third = _ask_for_a_demo(context, folder)
    return [run_document(run) for run in (*first, *second, third)]


def _plan(context: Context, name: str) -> None:
    with wired(context.settings, name, context.now) as wire:
        fields = tuple(wire.crm.provision(wire.wanted, apply=False))
        _, plan = run_pass(context, wire, Orders(apply=False), fields_ready=False)
        show_plan(context, name, plan, fields, 3, companies_of(wire, plan, 3))


def _apply(context: Context, name: str) -> Run:
    with wired(context.settings, name, context.now) as wire:
        fields = tuple(wire.crm.provision(wire.wanted, apply=True))
        refuse_clash(fields)
        run, _ = run_pass(context, wire, Orders())
    show_run(context, run)
    return run


def _sync(context: Context, name: str) -> Run:
    with wired(context.settings, name, context.now) as wire:
        run, _ = run_pass(context, wire, Orders())
    show_run(context, run)
    return run


def _show_hot(context: Context, name: str) -> None:
    """The three hottest with the reasons that stand on their records, line by line."""
    with wired(context.settings, name, context.now) as wire:
        hot = hot_leads(wire.store, name, SHOWN)
        for lead in hot:
            context.show(say("{ref}  {points} points", ref=str(lead.ref), points=lead.points))
            for line in lead.ledger:
                context.show(f"    {line_text(line, wire.book.wording)}")


def _settle(context: Context) -> None:
    context.tell(say("   (waiting {n} seconds: HubSpot's search shows a change only after a moment)", n=round(SETTLED)))
    time.sleep(SETTLED)


def _ask_for_a_demo(context: Context, folder: Path) -> Run:
    """The warmest lead that is not hot asks for a demo; the next pass writes that one lead."""
    with wired(context.settings, "hubspot", context.now) as wire:
        near = nearly_hot(wire.store, "hubspot", 50)
        lead = next(one for one in near if not dossier(wire.store, one.ref, None).outcomes)
    context.show(poke_one(folder, "hubspot", lead.ref.id, "did", {"kind": "demo_request"}, context.clock))
    _settle(context)
    run = _sync(context, "hubspot")
    with wired(context.settings, "hubspot", context.now) as wire:
        score, _ = explained(wire.book, dossier(wire.store, lead.ref, None), context.now())
        show_score(context, score, wire.book.wording)
    return run


def _head(context: Context, message: Message) -> None:
    context.show("")
    context.show(message)


def _next(folder: Path) -> tuple[tuple[str, Message], ...]:
    """Commands to try, and what each is for."""
    poke = f"leadheat sandbox poke --dir {folder} hubspot ID set jobtitle=部長"
    return (
        (f"leadheat sandbox --dir {folder}", say("both CRMs again, as they are now; leave it running, and elsewhere:")),
        (poke, say("change a record as its users would")),
        (f"leadheat -c {folder} sync", say("see the next pass react")),
        (f"leadheat -c {folder} explain ID", say("one lead's ledger, now or with --at on a past day")),
        (
            f"leadheat -c {folder} plan",
            say("after editing {folder}/scorecard.yaml: who would move", folder=str(folder)),
        ),
        ("leadheat init my-crm --crm hubspot", say("your own CRM, in ten minutes")),
    )

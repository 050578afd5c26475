"""`sandbox`: a HubSpot and a Salesforce of one's own, on this machine, to rehearse on; `poke` changes a record there.

Whatever is rehearsed here goes over real HTTP and through the CRMs' own clients; only the far side is ours.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from connector.cli.context import Context, of, told
from connector.cli.town import HUBSPOT_PORT, SALESFORCE_PORT, TIERS, Ground, Town, open_town, poke_one, write_settings
from connector.errors import did_you_mean, user_error
from connector.words import say

FOLDER = typer.Option("--dir", help=told(say("Folder with the sandbox's state.")))
PORT = told(say("Port; 0 takes a free one."))
DEEDS = ("set", "did", "delete", "merge", "convert", "win", "lose")


def register(app: typer.Typer) -> None:
    sandbox = typer.Typer(help=told(say("A local HubSpot and Salesforce to rehearse on.")), invoke_without_command=True)
    sandbox.callback(invoke_without_command=True)(run)
    sandbox.command("poke", help=told(say("Change a record in the sandbox, as its users would.")))(poke)
    app.add_typer(sandbox, name="sandbox")


def run(
    ctx: typer.Context,
    folder: Annotated[Path, FOLDER] = Path("sandbox"),
    leads: Annotated[
        int, typer.Option("--leads", min=1, max=200_000, help=told(say("How many leads to invent.")))
    ] = 300,
    seed: Annotated[int, typer.Option("--seed", help=told(say("The same number invents the same world.")))] = 1,
    seed_csv: Annotated[
        Path | None, typer.Option("--seed-csv", help=told(say("Fill it from a CSV of your own: a lead per row.")))
    ] = None,
    hubspot_port: Annotated[
        int, typer.Option("--hubspot-port", help=told(say("Port; 0 takes a free one.")))
    ] = HUBSPOT_PORT,
    salesforce_port: Annotated[
        int, typer.Option("--salesforce-port", help=told(say("Port; 0 takes a free one.")))
    ] = SALESFORCE_PORT,
    tier: Annotated[
        str, typer.Option("--tier", help=told(say("HubSpot's plan: free, starter, professional or enterprise.")))
    ] = "professional",
    faults: Annotated[
        str | None,
        typer.Option("--faults", help=told(say("What goes wrong, and how often: 'reset:2%,503:5%,hang:1%,html:1%'."))),
    ] = None,
) -> None:
    if ctx.invoked_subcommand is not None:
        return
    context = of(ctx)
    plan = next((known for known in TIERS if known == tier), None)
    if plan is None:
        raise typer.BadParameter(" | ".join(TIERS), param_hint="--tier")
    ground = Ground(folder, leads, seed, seed_csv, hubspot_port, salesforce_port, plan, faults)
    with open_town(ground, context.clock, log=context.err.print if context.look.verbose else None) as town:
        _tell(context, town, folder)
        wait_for_end()


def _tell(context: Context, town: Town, folder: Path) -> None:
    told_ = str(folder)
    for path in write_settings(folder, town.env, context.look.lang):
        context.tell(say("+ {file}", file=str(path)))
    urls = say("HubSpot answers at {url}, Salesforce at {other}", url=town.hubspot_url, other=town.salesforce_url)
    example = say("A demo request: leadheat sandbox poke --dir {folder} hubspot ID did kind=demo_request", folder=told_)
    for message in (
        urls,
        say("First look: leadheat -c {folder} plan", folder=told_),
        example,
        say("Ctrl-C ends; the state stays in {folder}.", folder=told_),
    ):
        context.show(message)
    context.document({"hubspot": town.hubspot_url, "salesforce": town.salesforce_url, "folder": told_})


def wait_for_end() -> None:
    """Until SIGINT or SIGTERM."""
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    ended.wait()


def poke(
    ctx: typer.Context,
    crm: Annotated[str, typer.Argument(help=told(say("hubspot or salesforce.")))],
    who: Annotated[str, typer.Argument(help=told(say("The record's id in the sandbox.")))],
    deed: Annotated[str, typer.Argument(help=told(say("set, did, delete, merge, convert, win or lose.")))],
    words: Annotated[
        list[str] | None,
        typer.Argument(help=told(say("name=value …: 'set jobtitle=部長'; 'did kind=demo_request'; 'merge into=102'."))),
    ] = None,
    folder: Annotated[Path, FOLDER] = Path("sandbox"),
) -> None:
    context = of(ctx)
    if crm not in ("hubspot", "salesforce"):
        raise typer.BadParameter("hubspot | salesforce", param_hint="CRM")
    if deed not in DEEDS:
        fix = did_you_mean(deed, DEEDS) or say("One of: {deeds}", deeds=", ".join(DEEDS))
        raise user_error("LH-940", say("nobody can '{deed}' a record", deed=deed), fix=fix)
    done = poke_one(folder, crm, who, deed, _words(words or []), context.clock)
    context.show(done)
    context.tell(say("Now: leadheat -c {folder} sync", folder=str(folder)))
    context.document({"poked": who, "deed": deed})


def _words(words: Sequence[str]) -> dict[str, str]:
    """`name=value` each. Raises UserError for what is not."""
    wrong = [word for word in words if "=" not in word]
    if wrong:
        raise user_error(
            "LH-941", say("'{word}' is not name=value", word=wrong[0]), fix=say("Write such as kind=demo_request.")
        )
    return {name.strip(): value for name, _, value in (word.partition("=") for word in words)}

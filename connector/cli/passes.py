"""`plan`, `apply`, `sync`: look at what would change, do it, do it on and on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer

from connector.cli.context import Context, of, told
from connector.cli.show import plan_document, run_document, show_fields, show_plan, show_run
from connector.cli.stopping import listening
from connector.errors import user_error
from connector.model import Ref, Run
from connector.plan import Plan
from connector.ports import FieldChange
from connector.sync import Orders, Rim, Stopped
from connector.views import dossier
from connector.wiring import Wired, connections, refuse_clash, wired
from connector.words import say

CONNECTION = typer.Option("--connection", help=told(say("Only this connection; may be repeated.")))
PERCENT = typer.Option("--max-changes", help=told(say("Share of hot flags that may turn, such as 20%.")))
_GONE = say("Go on although this input, or most of this object, is gone; may be repeated.")
DARK = typer.Option("--accept-dark", help=told(_GONE))
ACCEPT = typer.Option("--accept-changes", help=told(say("Pass the brake for up to this many turning hot flags.")))


@dataclass(frozen=True, slots=True)
class Passed:
    """What one pass gave, for showing."""

    name: str
    run: Run | None
    plan: Plan
    fields: tuple[FieldChange, ...] = ()
    companies: Mapping[Ref, str] = field(default_factory=dict, repr=False)


def register(app: typer.Typer) -> None:
    app.command("plan", help=told(say("Show what would change; write nothing to the CRM.")))(plan)
    app.command("apply", help=told(say("Create missing fields and write what the plan shows.")))(apply)
    app.command("sync", help=told(say("One pass: pull, score, write back.")))(sync_command)


def plan(
    ctx: typer.Context,
    connection: Annotated[list[str] | None, CONNECTION] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help=told(say("Keep the plan for 'leadheat apply FILE'.")))
    ] = None,
    only: Annotated[str | None, typer.Option("--only", help=told(say("fields or scorecard.")))] = None,
    show: Annotated[int, typer.Option("--show", help=told(say("How many movers to name.")))] = 10,
    detailed_exitcode: Annotated[
        bool, typer.Option("--detailed-exitcode", help=told(say("Exit 10 when there are changes.")))
    ] = False,
) -> None:
    context = of(ctx)
    part = _part(only)
    passed = [_plan_one(context, name, part, show) for name in connections(context.settings, connection)]
    for one in passed:
        show_plan(context, one.name, one.plan, one.fields, show, one.companies)
    context.document({"command": "plan", "connections": [plan_document(p.name, p.plan, p.fields) for p in passed]})
    if out is not None:
        out.write_text(json.dumps(_kept(passed), ensure_ascii=False, indent=2) + "\n", "utf-8")
        context.tell(say("Plan kept. To carry it out: leadheat apply {file}", file=str(out)))
    if detailed_exitcode and any(_has_changes(p) for p in passed):
        raise typer.Exit(10)


def apply(
    ctx: typer.Context,
    plan_file: Annotated[Path | None, typer.Argument(help=told(say("A plan kept by 'leadheat plan --out'.")))] = None,
    connection: Annotated[list[str] | None, CONNECTION] = None,
    only: Annotated[str | None, typer.Option("--only", help=told(say("fields or scorecard.")))] = None,
    max_changes: Annotated[str | None, PERCENT] = None,
    accept_changes: Annotated[int | None, ACCEPT] = None,
    accept_dark: Annotated[list[str] | None, DARK] = None,
) -> None:
    context = of(ctx)
    part = _part(only)
    kept = _read_kept(plan_file) if plan_file else {}
    names = connections(context.settings, connection or list(kept) or None)
    orders = {
        n: Orders(
            accept_changes=accept_changes,
            max_share=_share(max_changes),
            expect=kept.get(n),
            accept_dark=frozenset(accept_dark or ()),
        )
        for n in names
    }
    _finish(context, "apply", [_apply_one(context, name, part, orders[name]) for name in names])


def sync_command(
    ctx: typer.Context,
    connection: Annotated[list[str] | None, CONNECTION] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=told(say("Write nothing to the CRM.")))] = False,
    full: Annotated[bool, typer.Option("--full", help=told(say("Read everything again and score everyone.")))] = False,
    lead: Annotated[str | None, typer.Option("--lead", help=told(say("Only this lead (its id in the CRM).")))] = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help=told(say("Score at most so many leads.")))] = None,
    max_changes: Annotated[str | None, PERCENT] = None,
    accept_changes: Annotated[int | None, ACCEPT] = None,
    accept_dark: Annotated[list[str] | None, DARK] = None,
) -> None:
    context = of(ctx)
    share = _share(max_changes)
    passed = []
    for name in connections(context.settings, connection):
        with wired(context.settings, name, context.now) as wire:
            orders = Orders(
                apply=not dry_run, full=full, only=wire.find(lead), limit=limit, max_share=share,
                accept_changes=accept_changes, accept_dark=frozenset(accept_dark or ()),
            )  # fmt: skip
            passed.append(Passed(name, *run_pass(context, wire, orders)))
    if dry_run:
        for one in passed:
            show_plan(context, one.name, one.plan, (), 10)
    _finish(context, "sync", passed)


def _plan_one(context: Context, name: str, part: str | None, shown: int) -> Passed:
    with wired(context.settings, name, context.now) as wire:
        fields = () if part == "scorecard" else tuple(wire.crm.provision(wire.wanted, apply=False))
        if part == "fields":
            return Passed(name, None, Plan(), fields)
        run, plan = run_pass(context, wire, Orders(apply=False), fields_ready=False)
        return Passed(name, run, plan, fields, companies_of(wire, plan, shown))


def companies_of(wire: Wired, plan: Plan, shown: int) -> dict[Ref, str]:
    """The companies of the movers that will be shown: an id alone tells nobody who becomes hot."""
    refs = [mover.ref for mover in (*plan.up[:shown], *plan.down[:shown])]
    named = {ref: dossier(wire.store, ref, None).lead.inputs.get("company") for ref in refs}
    return {ref: str(company) for ref, company in named.items() if company is not None}


def _apply_one(context: Context, name: str, part: str | None, orders: Orders) -> Passed:
    with wired(context.settings, name, context.now) as wire:
        fields = () if part == "scorecard" else tuple(wire.crm.provision(wire.wanted, apply=True))
        show_fields(context, name, [f for f in fields if f.action != "exists"])
        refuse_clash(fields)
        if part == "fields":
            return Passed(name, None, Plan(), fields)
        run, plan = run_pass(context, wire, orders)
        return Passed(name, run, plan, fields)


def run_pass(context: Context, wire: Wired, orders: Orders, *, fields_ready: bool = True) -> tuple[Run, Plan]:
    """Check the files against the CRM as it is now, then make the pass, with a progress bar."""
    notices = wire.check(context.now(), fields_ready=fields_ready)
    if notices and orders.apply and not context.look.verbose:
        # a pass that runs every quarter of an hour need not say the same each time
        context.tell(say("{name}: {n} notices; 'leadheat check' shows them", name=wire.name, n=len(notices)))
    else:
        for notice in notices:
            context.tell(notice)
    try:
        with context.bar() as progress, listening() as stop:
            return wire.sync(orders, Rim(context.now, progress, context.tell, stop.is_set))
    except Stopped:
        context.tell(say("{name}: stopped after the page or batch at hand", name=wire.name))
        raise typer.Exit(130) from None


def _finish(context: Context, command: str, passed: list[Passed]) -> None:
    runs = [one.run for one in passed if one.run is not None]
    for run in runs:
        show_run(context, run)
    context.document({"command": command, "runs": [run_document(run) for run in runs]})
    if any(run.counts.rejected for run in runs):
        raise typer.Exit(5)


def _part(only: str | None) -> str | None:
    if only not in (None, "fields", "scorecard"):
        raise typer.BadParameter("fields | scorecard", param_hint="--only")
    return only


def _share(text: str | None) -> float | None:
    """The brake's share from the command line; None: as the connection's settings say."""
    if text is None:
        return None
    number = text.strip().removesuffix("%")
    try:
        return float(number) / (100 if text.strip().endswith("%") else 1)
    except ValueError:
        raise typer.BadParameter("20% | 0.2", param_hint="--max-changes") from None


def _kept(passed: list[Passed]) -> dict[str, object]:
    return {"schema_version": 1, "plans": {p.name: p.plan.digest for p in passed}}


def _read_kept(path: Path) -> dict[str, str]:
    try:
        plans = json.loads(path.read_text("utf-8"))["plans"]
        return {str(name): str(digest) for name, digest in plans.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise user_error(
            "LH-704", say("this is not a plan"), str(path), say("Make one: leadheat plan --out FILE")
        ) from None


def _has_changes(one: Passed) -> bool:
    return bool(one.plan.changes) or any(f.action == "create" for f in one.fields)

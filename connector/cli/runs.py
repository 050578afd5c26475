"""`runs`: what the passes did, and which rows were refused."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from connector.cli.context import Context, of, told
from connector.cli.show import STATUS, run_document, show_run
from connector.store import SqlStore, open_store
from connector.views import list_runs, rejects_of, show_run_of
from connector.words import Message, say

RUN = typer.Argument(help=told(say("Number of the run; the latest if left out.")))


def register(app: typer.Typer) -> None:
    runs = typer.Typer(help=told(say("What the passes did.")), no_args_is_help=True)
    runs.command("list", help=told(say("The latest runs.")))(list_)
    runs.command("show", help=told(say("One run: counts, calls by kind, what went wrong.")))(show)
    runs.command("rejected", help=told(say("Rows that could not be read or written, with cause and remedy.")))(rejected)
    app.add_typer(runs, name="runs")


def list_(
    ctx: typer.Context,
    connection: Annotated[str | None, typer.Option("--connection", help=told(say("Only this connection.")))] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help=told(say("How many.")))] = 20,
) -> None:
    context = of(ctx)
    with _store(context) as store:
        found = list_runs(store, connection, limit)
    table = _table(
        context,
        say("Run"),
        say("Connection"),
        say("As of"),
        say("Status"),
        say("Scored"),
        say("Written"),
        say("Rejected"),
    )
    for run in found:
        n = run.counts
        cells = (
            run.id,
            run.connection,
            context.date(run.as_of),
            context.word(STATUS[run.status]),
            n.scored,
            n.written,
            n.rejected,
        )
        table.add_row(*map(str, cells))
    context.show(table if found else say("No runs yet."))
    context.document({"runs": [run_document(run) for run in found]})


def show(ctx: typer.Context, run: Annotated[int | None, RUN] = None) -> None:
    context = of(ctx)
    with _store(context) as store:
        found = show_run_of(store, run)
    show_run(context, found)
    for kind, calls in sorted(found.calls.items()):
        context.show(f"  {kind}: {calls}")
    if found.book:
        context.show(say("  book {digest}", digest=found.book))
    if found.problem:
        context.show(f"  {found.problem}")
    context.document({"run": run_document(found)})


def rejected(ctx: typer.Context, run: Annotated[int | None, RUN] = None) -> None:
    context = of(ctx)
    with _store(context) as store:
        found = rejects_of(store, run)
    for reject in found:
        context.show(f"{reject.ref}: {context.word(reject.why)} [{reject.code}]")
        if reject.fix:
            context.show(f"    {context.word(reject.fix)}")
    if not found:
        context.show(say("No rejected rows."))
    rows = [{"ref": str(r.ref), "code": r.code, "why": context.word(r.why)} for r in found]
    context.document({"rejected": rows})


def _store(context: Context) -> SqlStore:
    return open_store(context.settings.database_url)


def _table(context: Context, *headings: Message) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in headings:
        table.add_column(context.word(heading), overflow="fold")
    return table

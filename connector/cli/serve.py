"""`serve`: passes of every connection by its schedule, until SIGTERM or SIGINT."""

from __future__ import annotations

import threading
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer

from connector.cli.context import Context, of, told
from connector.cli.show import STATUS, run_document
from connector.cli.stopping import listen
from connector.errors import AccessDenied, LeadheatError, Problem, Unavailable
from connector.instants import SECOND, Instant
from connector.model import Run
from connector.schedule import Ended, Job, Watch, serve_on_schedule
from connector.store import open_store
from connector.sync import Orders, Rim, Stopped
from connector.views import list_runs
from connector.wiring import connections, wired
from connector.words import Message, say


@dataclass(slots=True)
class Service:
    """One `leadheat serve`: what it was told to do, and what its passes gave."""

    context: Context
    stop: threading.Event = field(default_factory=threading.Event)
    said: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Passed:
    """What one pass came to: for the schedule, for the exit code, and the run if it was finished."""

    ended: Ended = field(default_factory=Ended)
    code: int = 0
    run: Run | None = None


def register(app: typer.Typer) -> None:
    app.command("serve", help=told(say("Make passes by schedule until it is told to end.")))(serve)


def serve(
    ctx: typer.Context,
    connection: Annotated[
        list[str] | None, typer.Option("--connection", help=told(say("Only this connection; may be repeated.")))
    ] = None,
    once: Annotated[bool, typer.Option("--once", help=told(say("One pass of each connection, then end.")))] = False,
) -> None:
    service = Service(of(ctx))
    names = connections(service.context.settings, connection)
    listen(service.stop)
    if once:
        _each_once(service, names)
    else:
        serve_on_schedule([_job(service, name) for name in names], _watch(service))
        service.context.tell(say("Ended in good order."))


def _each_once(service: Service, names: list[str]) -> None:
    passed = [make_pass(service, name) for name in names if not service.stop.is_set()]
    runs = [one.run for one in passed if one.run is not None]
    service.context.document({"command": "serve", "runs": [run_document(run) for run in runs]})
    rejected = 5 if any(run.counts.rejected for run in runs) else 0
    code = next((one.code for one in passed if one.code), rejected)
    code = 130 if service.stop.is_set() else code
    if code:
        raise typer.Exit(code)


def _job(service: Service, name: str) -> Job:
    connection = service.context.settings.connections[name]
    return Job(name, connection.schedule, connection.jitter)


def _watch(service: Service) -> Watch:
    context = service.context
    return Watch(
        lambda name: make_pass(service, name).ended, lambda name: _last_start(context, name),
        lambda name, at, denied: _tell_next(context, name, at, denied), service.stop, context.now, context.zone,
    )  # fmt: skip


def _last_start(context: Context, name: str) -> Instant | None:
    store = open_store(context.settings.database_url)
    try:
        started = [run.started for run in list_runs(store, name, 20) if run.kind == "sync"]
    finally:
        store.close()
    return started[0] if started else None


def _tell_next(context: Context, name: str, at: Instant, denied: bool) -> None:
    if at <= context.now():
        context.tell(say("{name}: next pass now", name=name))
    elif denied:
        context.tell(say("{name}: paused until {date}, then looked at again", name=name, date=context.date(at)))
    else:
        context.tell(say("{name}: next pass {date}", name=name, date=context.date(at)))


def make_pass(service: Service, name: str) -> Passed:
    """One pass of one connection. Never raises: another connection's pass is no worse for it."""
    try:
        return Passed(run=_pass(service, name))
    except Stopped:
        service.context.tell(say("{name}: stopped after the page or batch at hand", name=name))
        return Passed()
    except LeadheatError as error:
        _tell_error(service.context, name, error)
        return Passed(_ended(error), error.exit_code)
    except Exception as error:
        if service.context.look.verbose > 1:
            traceback.print_exc()
        _tell_error(service.context, name, LeadheatError(_fault(error)))
        return Passed(code=1)


def _pass(service: Service, name: str) -> Run:
    context = service.context
    begun = context.now()
    with wired(context.settings, name, context.now) as wire:
        for notice in wire.check(begun):
            _tell_once(service, notice)
        rim = Rim(context.now, notice=lambda n: _tell_once(service, n), stopping=service.stop.is_set)
        run, _ = wire.sync(Orders(), rim)
    n = run.counts
    took = round((context.now() - begun) / SECOND, 1)
    done = say(
        "{name}: run {id} {status} in {seconds} s: {read} read, {scored} scored, {hot} hot, {written} written, "
        "{rejected} rejected",
        name=name, id=run.id, status=STATUS[run.status], seconds=took, read=n.read, scored=n.scored, hot=n.hot,
        written=n.written, rejected=n.rejected,
    )  # fmt: skip
    context.tell(done)
    return run


def _tell_once(service: Service, notice: Message) -> None:
    """What an account's plan lacks is worth saying at the start, not in every pass."""
    if str(notice) not in service.said:
        service.said.add(str(notice))
        service.context.tell(notice)


def _tell_error(context: Context, name: str, error: LeadheatError) -> None:
    text = f"{name}: {error.in_(context.look.lang)}"
    context.err.print(text, highlight=False, markup=False, soft_wrap=True)


def _ended(error: LeadheatError) -> Ended:
    wait = error.retry_after if isinstance(error, Unavailable) else None
    return Ended(isinstance(error, AccessDenied), None if wait is None else int(wait * SECOND))


def _fault(error: Exception) -> Problem:
    """A fault of ours: its kind and place, never its text, which might hold somebody's data."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    what = say(
        "something unexpected happened ({kind} at {file}:{line})",
        kind=type(error).__name__, file=Path(place.filename).name, line=place.lineno,
    )  # fmt: skip
    return Problem("LH-100", what)

"""`init`, `connect`, `check`: from an empty folder to a connection that answers."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from connector.cli.context import Context, of, told
from connector.cli.live import LIVE, REPORT, WRITE, check_live
from connector.errors import LeadheatError, Problem, UserError, user_error
from connector.settings import ConnectionSettings
from connector.shipped import shipped
from connector.wiring import connections, refuse_clash, wired
from connector.words import Message, say

FILES = {"hubspot": "hubspot.yaml", "salesforce": "salesforce.yaml", "spreadsheet": "spreadsheet.yaml"}
SECRETS: dict[str, tuple[str, ...]] = {
    "hubspot": ("TOKEN",),
    "salesforce": ("INSTANCE_URL", "CLIENT_ID", "CLIENT_SECRET"),
    "spreadsheet": ("PATH",),
}
HIDDEN = ("TOKEN", "CLIENT_SECRET")


def register(app: typer.Typer) -> None:
    app.command("init", help=told(say("Write a configuration to begin with.")))(init)
    app.command("connect", help=told(say("Store a connection's address and secret, and test it.")))(connect)
    app.command("check", help=told(say("Check files, scorecard examples, access and fields; name each remedy.")))(check)


def init(
    ctx: typer.Context,
    folder: Annotated[Path, typer.Argument(help=told(say("Folder to write into.")))] = Path(),
    crm: Annotated[str, typer.Option("--crm", help=told(say("hubspot, salesforce or spreadsheet.")))] = "hubspot",
    name: Annotated[str, typer.Option("--name", help=told(say("Name of the connection.")))] = "crm",
) -> None:
    context = of(ctx)
    crm = "spreadsheet" if crm == "file" else crm
    if crm not in FILES:
        raise typer.BadParameter("hubspot | salesforce | spreadsheet", param_hint="--crm")
    texts = {
        folder / "scorecard.yaml": shipped("scorecard.yaml"),
        folder / "mappings" / FILES[crm]: shipped(FILES[crm]),
        folder / ".env": env_text(crm, name),
    }
    write_new(texts)
    for path in texts:
        context.show(f"+ {path}")
    context.tell(say("Next: leadheat -c {folder} connect {name}", folder=str(folder), name=name))
    context.document({"written": [str(path) for path in texts]})


def env_text(crm: str, name: str) -> str:
    """The `.env` of a new installation: everything but the secrets."""
    prefix = f"LEADHEAT_CONNECTIONS__{name.upper()}__"
    lines = ["LEADHEAT_SCORECARD=scorecard.yaml", f"{prefix}CRM={crm}", f"{prefix}MAPPING=mappings/{FILES[crm]}"]
    return "\n".join([*lines, f"{prefix}SCHEDULE=15m", ""])


def write_new(texts: dict[Path, str]) -> None:
    """Write all files, or none when one of them exists. Files with settings are for their owner only."""
    problems = [
        Problem("LH-126", say("the file exists and is left as it is"), str(p), OTHER) for p in texts if p.exists()
    ]
    if problems:
        raise UserError(*problems)
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        write_private(path, text) if path.name == ".env" else path.write_text(text, "utf-8")


OTHER = say("Choose another folder, or move the file away.")


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, from its first byte on."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)


def connect(
    ctx: typer.Context, name: Annotated[str, typer.Argument(help=told(say("Name of the connection.")))]
) -> None:
    context = of(ctx)
    settings = context.raw_connections()
    crm = settings.get(name)
    if crm is None:
        raise user_error(
            "LH-124", say("there is no connection '{name}'", name=name), fix=say("'leadheat init' begins.")
        )
    for part in SECRETS[crm]:
        _store_secret(context, name, part)
    context.forget()
    _check_access(context, name)


def _store_secret(context: Context, name: str, part: str) -> None:
    """Ask for one value and keep it: secrets in a file of their own, the rest in `.env`."""
    value = typer.prompt(f"{name} {part}", hide_input=part in HIDDEN, err=True).strip()
    variable = f"LEADHEAT_CONNECTIONS__{name.upper()}__{part}"
    if part in HIDDEN:
        path = context.folder / "secrets" / variable
        write_private(path, value)
        variable, value = f"{variable}_FILE", str(Path("secrets") / variable)
    env = context.folder / ".env"
    kept = [line for line in env.read_text("utf-8").splitlines() if not line.startswith(f"{variable}=")]
    write_private(env, "\n".join([*kept, f"{variable}={value}", ""]))


def check(
    ctx: typer.Context,
    connection: Annotated[
        list[str] | None, typer.Option("--connection", help=told(say("Only this connection; may be repeated.")))
    ] = None,
    live: Annotated[bool, LIVE] = False,
    write: Annotated[str | None, WRITE] = None,
    report: Annotated[Path | None, REPORT] = None,
) -> None:
    context = of(ctx)
    if live or write or report:
        check_live(context, connection, write, report)
        return
    found = {name: _checked(context, name) for name in connections(context.settings, connection)}
    context.document({"connections": [_document(context, n, errors) for n, errors in found.items()]})
    worst = max((e.exit_code for errors in found.values() for e in errors), default=0)
    if worst:
        raise typer.Exit(worst)


def _checked(context: Context, name: str) -> list[LeadheatError]:
    """Every error of one connection, told as it is found; a connection without any says so."""
    try:
        notices = _look(context, name)
    except LeadheatError as error:
        context.err.print(f"✗ {name}", highlight=False, markup=False)
        context.err.print(error.in_(context.look.lang), highlight=False, markup=False, soft_wrap=True)
        return [error]
    context.show(f"✓ {name}: " + context.word(say("files, examples, access and fields are in order")))
    for notice in notices:
        context.tell(notice)
    return []


def _look(context: Context, name: str) -> list[Message]:
    """Everything but our fields must be in order; that these are not there yet is how every installation begins."""
    with wired(context.settings, name, context.now) as wire:
        fields = tuple(wire.crm.provision(wire.wanted, apply=False))
        refuse_clash(fields)
        new = bool(fields) and all(step.action == "create" for step in fields)
        notices = list(wire.check(context.now(), fields_ready=not new))
        told_ = say("our {n} fields are not in the CRM yet; 'leadheat apply' creates them", n=len(fields))
        return [*notices, told_] if new else notices


def _check_access(context: Context, name: str) -> None:
    with wired(context.settings, name, context.now) as wire:
        objects = wire.crm.describe().objects
    n = sum(len(fields) for fields in objects.values())
    context.show(say("{name}: connected, {n} fields visible", name=name, n=n))
    context.tell(say("Next: leadheat plan"))


def _document(context: Context, name: str, errors: list[LeadheatError]) -> dict[str, object]:
    problems = [p for e in errors for p in e.problems]
    told_ = [{"code": p.code, "where": p.where, "what": context.word(p.what)} for p in problems]
    return {"connection": name, "ok": not errors, "problems": told_}


__all__ = ["ConnectionSettings", "env_text", "register", "write_new", "write_private"]

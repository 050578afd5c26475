"""`leadheat`: the command line. Each command reads settings, calls the inside, and words the answer."""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer
from typer.exceptions import TyperException

from connector.cli import demo, explain, fields, passes, purge, runs, sandbox, score, scorecard, serve, setup
from connector.cli.context import HELP_LANG, Context, Look, told
from connector.cli.order import globals_first
from connector.errors import LeadheatError, Problem
from connector.garbage import collect_seldom
from connector.words import Lang, say

app = typer.Typer(
    name="leadheat",
    help=told(say("Scores leads by the agreed scorecard and writes score, hot flag and reasons back to the CRM.")),
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"leadheat {version('leadheat')}\n")
        raise typer.Exit


@app.callback()
def main(
    ctx: typer.Context,
    config: Annotated[
        Path | None, typer.Option("--config", "-c", help=told(say("Folder with .env, or the .env file itself.")))
    ] = None,
    lang: Annotated[str, typer.Option(help=told(say("Language: ja or en.")))] = HELP_LANG,
    json: Annotated[bool, typer.Option("--json", help=told(say("One JSON document on stdout.")))] = False,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help=told(say("Only data and errors.")))] = False,
    verbose: Annotated[
        int, typer.Option("-v", "--verbose", count=True, help=told(say("Say more; twice: tracebacks.")))
    ] = 0,
    color: Annotated[str, typer.Option(help=told(say("auto, always or never.")))] = "auto",
    no_progress: Annotated[bool, typer.Option("--no-progress", help=told(say("No progress bars.")))] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help=told(say("Do not ask; never passes the brake.")))] = False,
    _show_version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help=told(say("Show the version.")))
    ] = False,
) -> None:
    if lang not in ("ja", "en"):
        raise typer.BadParameter("ja | en", param_hint="--lang")
    if color not in ("auto", "always", "never"):
        raise typer.BadParameter("auto | always | never", param_hint="--color")
    spoken: Lang = "ja" if lang == "ja" else "en"
    ctx.obj = Context(Look(config, spoken, json, quiet, verbose, color, not no_progress, yes))
    logging.basicConfig(
        level=logging.INFO if verbose else logging.WARNING, format="%(levelname)s %(name)s: %(message)s"
    )


for part in (demo, setup, fields, scorecard, passes, score, explain, runs, purge, serve, sandbox):
    part.register(app)


def run() -> None:
    """The console script: every error becomes its message and its exit code; a traceback only with -vv."""
    collect_seldom()
    try:
        code = app(args=globals_first(sys.argv[1:]), standalone_mode=False)
    except LeadheatError as error:
        code = _told_error(error)
    except TyperException as error:
        code = _told_usage(error)
    except (KeyboardInterrupt, typer.Abort):
        code = 130
    except BrokenPipeError:
        code = 1
    except Exception as error:
        code = _unexpected(error)
    sys.exit(code if isinstance(code, int) else 0)


def _told_error(error: LeadheatError) -> int:
    _traceback_if_asked(error)
    sys.stderr.write(_printable(error.in_(_lang())) + "\n")
    return error.exit_code


def _told_usage(error: TyperException) -> int:
    """What is wrong with the command line, in Typer's words; most of its errors show the usage along with it."""
    show = getattr(error, "show", None)
    if show is None:
        sys.stderr.write(error.format_message() + "\n")
    else:
        show()
    return error.exit_code


def _unexpected(error: Exception) -> int:
    """A fault of ours: its kind and place, never its text, which might hold somebody's data."""
    _traceback_if_asked(error)
    place = traceback.extract_tb(error.__traceback__)[-1]
    what = say(
        "something unexpected happened ({kind} at {file}:{line})",
        kind=type(error).__name__, file=Path(place.filename).name, line=place.lineno,
    )  # fmt: skip
    fix = say("Nothing half-done was kept. Please report it with the output of -vv.")
    sys.stderr.write(_printable(Problem("LH-100", what, fix=fix).in_(_lang())) + "\n")
    return 1


def _traceback_if_asked(error: BaseException) -> None:
    """Where it happened and what led to it. The texts of errors that are not ours stay untold: they quote values."""
    if "-vv" in sys.argv or sys.argv.count("-v") + sys.argv.count("--verbose") > 1:
        sys.stderr.write(_printable("".join(_places(error))))


def _places(error: BaseException) -> Iterator[str]:
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None:
        yield from _places(before)
    yield from traceback.format_tb(error.__traceback__)
    yield f"{type(error).__module__}.{type(error).__qualname__}\n"


def _lang() -> Lang:
    return HELP_LANG


def _printable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()

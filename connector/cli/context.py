"""What every command shares: the global options, where things are printed, and settings read once.

Data goes to stdout, messages to stderr; progress bars appear only on a terminal. With `--json` stdout holds exactly one
document with a `schema_version`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from connector.clock import clock
from connector.instants import Instant, datetime_of
from connector.settings import Settings, config_folder, fixed_clock, load_settings, raw_connections, start_lang
from connector.words import Lang, Message, say


@dataclass(frozen=True, slots=True)
class Look:
    """How this invocation speaks: language, JSON or tables, loudness, colour, progress bars, whether to ask."""

    config: Path | None = None
    lang: Lang = "en"
    json: bool = False
    quiet: bool = False
    verbose: int = 0
    color: str = "auto"
    progress: bool = True
    yes: bool = False


@dataclass(slots=True)
class Context:
    """One invocation. Settings are read on first use, so that `--help` and `init` need none."""

    look: Look = field(default_factory=Look)
    _settings: Settings | None = None

    @property
    def settings(self) -> Settings:
        if self._settings is None:
            self._settings = load_settings(self.look.config)
        return self._settings

    @property
    def folder(self) -> Path:
        """Where the settings lie."""
        return config_folder(self.look.config)

    def raw_connections(self) -> Mapping[str, str]:
        """Connections by name with their CRM, even while their secrets are missing."""
        return raw_connections(self.look.config)

    def forget(self) -> None:
        """Read the settings again at next use: they have been written to."""
        self._settings = None

    @property
    def clock(self) -> Callable[[], Instant]:
        """The time for commands that need no settings: sandbox and demo."""
        return clock(fixed_clock())

    @property
    def now(self) -> Callable[[], Instant]:
        return clock(self.settings.clock)

    @property
    def zone(self) -> ZoneInfo:
        return self.settings.zone

    @property
    def out(self) -> Console:
        return _console(self.look, stderr=False)

    @property
    def err(self) -> Console:
        return _console(self.look, stderr=True)

    def tell(self, message: Message) -> None:
        """A message to the person: stderr, silent with --quiet."""
        if not self.look.quiet:
            self.err.print(message.in_(self.look.lang), highlight=False, markup=False, soft_wrap=True)

    def show(self, text: str | Message | Table) -> None:
        """Data for the person: stdout; nothing when JSON was asked for."""
        if self.look.json:
            return
        told = text.in_(self.look.lang) if isinstance(text, Message) else text
        if isinstance(told, str):
            self.out.print(told, highlight=False, markup=False, soft_wrap=True)
        else:
            self.out.print(told)

    def document(self, document: Mapping[str, object]) -> None:
        """The one JSON document of this command; nothing unless JSON was asked for."""
        if self.look.json:
            text = json.dumps({"schema_version": 1, **document}, ensure_ascii=False, indent=2)
            sys.stdout.write(text.encode("utf-8", "replace").decode() + "\n")

    def word(self, message: Message) -> str:
        return message.in_(self.look.lang)

    def date(self, instant: Instant | None) -> str:
        """`2026/11/22(日) 06:30` or `22 Nov 2026, 06:30`, in the installation's zone."""
        if instant is None:
            return "—"
        moment = datetime_of(instant, self.zone)
        if self.look.lang == "ja":
            return f"{moment:%Y/%m/%d}({'月火水木金土日'[moment.weekday()]}) {moment:%H:%M}"
        return f"{moment.day} {moment:%b %Y, %H:%M}"

    @contextmanager
    def bar(self) -> Iterator[Callable[[str, int, int | None], None]]:
        """A progress bar per phase while on a terminal, else nothing."""
        wanted = self.look.progress and not self.look.quiet and not self.look.json and sys.stderr.isatty()
        if not wanted:
            yield lambda *_: None
            return
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=self.err, transient=True) as progress:
            yield _advance(progress, self)


PHASES = {
    "reread": say("Reading the stored anew"),
    "pull": say("Pulling"),
    "score": say("Scoring"),
    "write": say("Writing back"),
}


def _advance(progress: Progress, context: Context) -> Callable[[str, int, int | None], None]:
    tasks: dict[str, object] = {}

    def advance(phase: str, done: int, total: int | None) -> None:
        if phase not in tasks:
            name = context.word(PHASES[phase]) if phase in PHASES else phase
            tasks[phase] = progress.add_task(name, total=total)
        progress.update(tasks[phase], completed=done, total=total)  # type: ignore[arg-type]  # rich's TaskID

    return advance


def _console(look: Look, *, stderr: bool) -> Console:
    force = {"always": True, "never": False}.get(look.color)
    return Console(stderr=stderr, force_terminal=force, no_color=look.color == "never" or None, highlight=False)


def of(ctx: typer.Context) -> Context:
    """The invocation's Context out of Typer's."""
    found = ctx.find_object(Context)
    if found is None:  # pragma: no cover - the callback always sets it
        raise RuntimeError("no context")
    return found


HELP_LANG: Lang = start_lang(sys.argv)


def told(message: Message) -> str:
    """A help text, in the language the process starts in."""
    return message.in_(HELP_LANG)


def with_look(context: Context, **changes: object) -> Context:
    return Context(replace(context.look, **changes))  # type: ignore[arg-type]  # names are checked by replace

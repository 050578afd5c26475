"""Both sandboxes in the test's own process, whose state can be put back, and the real command beside them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from adapters.hubspot.sandbox import HubSpotSandbox, open_hubspot_sandbox
from adapters.salesforce.sandbox import SalesforceSandbox, open_salesforce_sandbox
from adapters.sandbox.server import Running, certificate, serve
from adapters.sandbox.state import State
from adapters.sandbox.world import make_world
from connector.cli.town import _env, write_settings
from connector.instants import MINUTE, SECOND, Instant, iso, parse_instant
from tests.crash.story import all_rows, crm_story, put_rows, store_story

START = parse_instant("2026-11-24T03:00:00Z")
CRMS = ("hubspot", "salesforce")


@dataclass
class Ground:
    """A folder with settings, two sandboxes behind fixed addresses, and a clock that both sides go by.

    `keep` and `put_back` copy the whole state aside and back: of the sandboxes, the database, and the clock."""

    folder: Path
    database: str | None = None
    leads: int = 6
    ahead: Instant = 0
    sandboxes: dict[str, Any] = field(default_factory=dict)
    servers: list[Running] = field(default_factory=list)
    rows: dict[str, Any] = field(default_factory=dict)
    clocks: dict[str, Instant] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.began = time.monotonic()
        self.folder.mkdir(parents=True)
        self._open()
        world = make_world(self.leads, 7, START - MINUTE)
        for sandbox in self.sandboxes.values():
            sandbox.seed(world)
        tls = certificate(self.folder)
        self.servers = [serve(self._app("hubspot")), serve(self._app("salesforce"), tls=tls)]
        env = _env(*(s.url for s in self.servers), tls.ca_file, *self.sandboxes.values())
        write_settings(self.folder, env)
        if self.database:
            put_rows(self.database, None)
            with (self.folder / ".env").open("a") as settings:
                settings.write(f"LEADHEAT_DATABASE_URL={self.database}\n")

    @property
    def url(self) -> str:
        """The address of the database that the command keeps."""
        return self.database or f"sqlite:///{self.folder / 'leadheat.db'}"

    def now(self) -> Instant:
        """Moves on as the world does, so that limits and jobs of the sandboxes do too."""
        return START + self.ahead + int((time.monotonic() - self.began) * SECOND)

    def keep(self, name: str) -> None:
        self._close()
        shutil.copytree(self.folder, self._kept(name), ignore=shutil.ignore_patterns("*.pem", "*.key"))
        self.rows[name] = all_rows(self.database) if self.database else None
        self.clocks[name] = self.now() - START
        self._open()

    def put_back(self, name: str) -> None:
        self._close()
        for file in self.folder.glob("*.db*"):
            file.unlink()
        shutil.copytree(self._kept(name), self.folder, dirs_exist_ok=True)
        if self.database:
            put_rows(self.database, self.rows[name])
        self.ahead, self.began = self.clocks[name], time.monotonic()
        self._open()

    def story(self, crm: str) -> dict[str, Any]:
        """What is held on both sides."""
        return {"crm": crm_story(self.sandboxes[crm].state), "store": store_story(self.url)}

    def close(self) -> None:
        for server in self.servers:
            server.stop()
        self._close()

    def _kept(self, name: str) -> Path:
        return self.folder.with_name(f"{self.folder.name}-{name}")

    def _open(self) -> None:
        openers: Mapping[str, Callable[..., HubSpotSandbox | SalesforceSandbox]] = {
            "hubspot": open_hubspot_sandbox, "salesforce": open_salesforce_sandbox,
        }  # fmt: skip
        self.sandboxes = {n: opened(State(self.folder / f"{n}.db"), self.now) for n, opened in openers.items()}

    def _close(self) -> None:
        for sandbox in self.sandboxes.values():
            sandbox.state.close()

    def _app(self, name: str) -> Any:
        def app(environ: Any, start: Any) -> Any:
            return self.sandboxes[name].app(environ, start)  # of the sandbox as it is now

        return app


@dataclass
class Ended:
    """How a command ended: negative codes are signals."""

    code: int
    out: str
    counts: Mapping[str, int]


@dataclass
class Runner:
    """The process that forks the commands."""

    ground: Ground
    env: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("LEADHEAT_")}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.crash.mortal"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={**kept, "LEADHEAT_LANG": "en", **self.env}, cwd=Path(__file__).parents[2],
        )  # fmt: skip

    def run(
        self, *words: str, die: str | None = None, bulk: bool = False, meanwhile: Callable[[int], None] | None = None
    ) -> Ended:
        """The command, now, by the ground's clock; `meanwhile` is told its process id."""
        out, counts = self.ground.folder.with_suffix(".out"), self.ground.folder.with_suffix(".counts")
        counts.unlink(missing_ok=True)
        order = {
            "words": ["-c", str(self.ground.folder), *words], "die": die, "bulk": bulk, "out": str(out),
            "counts": str(counts), "env": {"LEADHEAT_CLOCK": iso(self.ground.now())},
        }  # fmt: skip
        pipe_in, pipe_out = self._pipes()
        pipe_in.write(json.dumps(order) + "\n")
        pipe_in.flush()
        child = int(pipe_out.readline())
        if meanwhile:
            meanwhile(child)
        code = int(pipe_out.readline())
        told = json.loads(counts.read_text()) if counts.exists() else {}
        return Ended(code, out.read_text("utf-8"), told)

    def close(self) -> None:
        for pipe in self._pipes():
            pipe.close()
        self.process.wait()

    def _pipes(self) -> tuple[IO[str], IO[str]]:
        assert self.process.stdin
        assert self.process.stdout
        return self.process.stdin, self.process.stdout

"""A town of both CRMs and the real command, as a user runs it: another process, settings in a folder, real HTTP."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from connector.cli.town import Ground, Town, open_town, poke_one, write_settings
from connector.clock import clock

COMMAND = Path(sys.executable).with_name("leadheat")


@dataclass(frozen=True, slots=True)
class Told:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        return json.loads(self.out)


@dataclass(frozen=True, slots=True)
class Place:
    """A folder with settings that lead to the town."""

    folder: Path
    town: Town

    def run(self, *words: str, code: int | None = 0, env: Mapping[str, str] | None = None) -> Told:
        told = leadheat("-c", str(self.folder), *words, env=env)
        assert code is None or told.code == code, f"exit {told.code}\n{told.out}\n{told.err}"
        return told

    def json(self, *words: str, code: int | None = 0, env: Mapping[str, str] | None = None) -> Any:
        return self.run("--json", *words, code=code, env=env).document

    def poke(self, crm: str, who: str, deed: str, **words: str) -> None:
        poke_one(self.folder, crm, who, deed, words, clock(None))


def leadheat(*words: str, env: Mapping[str, str] | None = None, cwd: Path | None = None) -> Told:
    """Run the installed command. Its environment has nothing of ours but what a test gives it."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("LEADHEAT_")}
    told = subprocess.run(
        [str(COMMAND), *words],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=170,
        env={**kept, "LEADHEAT_LANG": "en", **(env or {})},
        cwd=cwd,
        check=False,
    )
    return Told(told.returncode, told.stdout, told.stderr)


@pytest.fixture
def found_town(tmp_path: Path) -> Iterator[Callable[..., Place]]:
    """Towns as a test wants them; all are closed when it ends."""
    opened: list[Any] = []

    def found(leads: int = 40, **more: Any) -> Place:
        folder = tmp_path / f"town{len(opened)}"
        ground = Ground(folder, leads, 7, hubspot_port=0, salesforce_port=0, **more)
        town = open_town(ground, clock(None))
        place = Place(folder, town.__enter__())
        opened.append(town)
        write_settings(folder, place.town.env)
        return place

    yield found
    for town in reversed(opened):
        town.__exit__(None, None, None)

"""Contenders side by side: installs the strangers into a cache of its own, starts each contender as a process, lets
them score in turns, and holds their answers against ours."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import venv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from study.world import CACHE, Study

BENCHMARKS = Path(__file__).parents[1]
ROOT = BENCHMARKS.parent
PINS = BENCHMARKS / "requirements.txt"
STRANGERS = frozenset({"polars", "duckdb", "pandas", "zen"})
"""Contenders that live in the cache; the others run where this runs."""


@dataclass
class Contender:
    """A running contender, how many of the leads it scores, and what its rounds took; `also` is the time
    for keeping the ledgers in order, which only ours does."""

    name: str
    leads: int
    process: subprocess.Popen[str] = field(repr=False)
    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    also: list[float] = field(default_factory=list)
    peak: int = 0

    def ask(self, order: str) -> dict[str, Any]:
        """Send a line, wait for its answer. Raises RuntimeError when the contender has died."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        if order:
            self.process.stdin.write(order + "\n")
            self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.name} ended before it answered")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def score(self) -> None:
        """One more round."""
        took = self.ask("score")
        self.wall.append(took["wall"])
        self.cpu.append(took["cpu"])
        self.also.append(took.get("also", 0))
        self.peak = max(self.peak, took["peak"])

    def seconds(self, leads: int, of: Sequence[float] | None = None) -> float:
        """The median round; for a contender that scored a sample, as if it had gone on like that."""
        return median(self.wall if of is None else of) * leads / self.leads


def strangers_python() -> Path:
    """A Python that has the contenders' packages. Installs them the first time; needs a package index then."""
    digest = hashlib.sha256(PINS.read_bytes()).hexdigest()[:12]
    home = CACHE / f"contenders-{digest}"
    python = home / "bin" / "python"
    if not (home / "whole").exists():
        venv.create(home, clear=True, with_pip=True)
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", PINS]
        subprocess.run([str(p) for p in pip], check=True)
        (home / "whole").touch()
    return python


@contextmanager
def running(study: Study, words: Mapping[str, Any], samples: Mapping[str, int]) -> Iterator[list[Contender]]:
    """The contenders, loaded one after the other; `samples` says how many leads each scores."""
    file = study.home / "card.json"
    file.write_text(json.dumps(words), "utf-8")
    with ExitStack() as open_ones:
        contenders = []
        for name, leads in samples.items():
            python = strangers_python() if name in STRANGERS else Path(sys.executable)
            path = [str(BENCHMARKS), *([] if name in STRANGERS else [str(ROOT)])]
            process = subprocess.Popen(
                [str(python), "-m", "study.child", name, str(study.home), str(file), str(leads)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(path)},
            )
            open_ones.enter_context(process)
            open_ones.callback(process.kill)
            contender = Contender(name, leads, process)
            contender.ask("")
            contenders.append(contender)
        yield contenders


def differences(study: Study, contenders: Sequence[Contender], ours: Contender) -> dict[str, int]:
    """How many leads each contender sees otherwise than ours, by points or state; and where all leads were scored,
    rules whose points, counts or last instants differ count as a difference each."""
    answers = {c.name: (_answer(study, c), c) for c in contenders}
    ours_points, ours_states, ours_rules = answers[ours.name][0]
    found = {}
    for name, ((points, states, rules), contender) in answers.items():
        unlike = (points != ours_points[: len(points)]) | (states != ours_states[: len(states)])
        whole = contender.leads == ours.leads and rules
        found[name] = int(unlike.sum()) + (sum(a != b for a, b in zip(rules, ours_rules, strict=True)) if whole else 0)
    return found


def _answer(study: Study, contender: Contender) -> tuple[Any, Any, list[Any]]:
    file = study.home / f"answer-{contender.name}.npz"
    rules = contender.ask(f"tell {file}")["rules"]
    with np.load(file) as told:
        return told["points"], told["states"], rules

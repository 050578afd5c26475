"""Passes out of the database: everybody scored again, and only those who changed, beside scoring in memory.

    python benchmarks/store.py [--full] [--leads N] [--rounds N] [--page]

Without options 100,000 leads and 2,000,000 activities; with --full 1,000,000 and 20,000,000. The company is that of
engine.py, in a database of Leadheat's: filled and scored once, kept in `.bench/`. SQLite, and with
LEADHEAT_BENCH_POSTGRES (the address of a database of a server on which databases may be made) PostgreSQL. Every
measurement is a process of its own on a copy; they take turns, and medians count. A CRM that says nothing and takes
everything stands for the real one.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from stored.changes import touch
from stored.grounds import Ground, postgres, sqlite
from stored.sizes import Sizes, sizes_of
from study.page import machine, table, write
from study.world import NOW

from connector.store import open_store

BENCHMARKS = Path(__file__).parent
POSTGRES = "LEADHEAT_BENCH_POSTGRES"
EDITED = 100_000
"""In a larger company nobody changes a rule here: it takes ten times as long and tells the same."""
MIB = 2**20
MOST_MIB = 200
MARKED = 1_000_000
"""From this size on 10,000 changed leads are held against everybody: they are a hundredth."""
TIMES_THE_KERNEL, SHARE_OF_FULL, MILLISECONDS = 15, 0.1, 5


@dataclass(frozen=True, slots=True)
class Case:
    """A measurement: what the child is asked, how many leads are made due before, what it is called."""

    ask: str
    touched: int
    name: str


@dataclass(frozen=True, slots=True)
class Found:
    """What the rounds of one case told."""

    case: Case
    rounds: list[Mapping[str, Any]] = field(default_factory=list)

    def __getitem__(self, name: str) -> float:
        """The median round."""
        return median(told[name] for told in self.rounds)

    @property
    def peak(self) -> int:
        return max(told["peak"] for told in self.rounds)


def main(words: Sequence[str]) -> int:
    told = _arguments(words)
    leads = 1_000_000 if told.full else told.leads
    grounds = [sqlite(leads, 20 * leads)]
    if address := os.environ.get(POSTGRES):
        grounds.append(postgres(address, leads, 20 * leads))
    parts = []
    for ground in grounds:
        found, sizes = measured(ground, leads, told.rounds)
        text = page(ground, leads, found, sizes, told.rounds)
        print(f"{ground.name}: {text}\n")
        parts.append(text)
    if told.page:
        write(f"store {leads}", "\n\n".join([*parts, machine()]))
    return 0


def _arguments(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--leads", type=int, default=100_000, help="each with 20 activities on average")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--page", action="store_true", help="write the tables into docs/performance.md")
    return parser.parse_args(words)


def cases_of(leads: int) -> list[Case]:
    touched = [n for n in (1_000, 10_000, 100_000) if n < leads]
    return [
        Case("kernel", 0, "in memory, one worker"),
        Case("full", 0, "everybody again, nothing has changed"),
        *(Case("due", n, f"{n:,} leads changed") for n in touched),
        Case("idle", 0, "nobody is due"),
        *([Case("edited", 0, "everybody again, a rule's points have changed")] if leads <= EDITED else []),
        Case("explain", 0, "explain"),
    ]


def measured(ground: Ground, leads: int, rounds: int) -> tuple[dict[str, Found], Sizes]:
    found = {case.name: Found(case) for case in cases_of(leads)}
    for number in range(rounds):
        for one in found.values():
            one.rounds.append(child(ground, one.case, leads, number))
    with ground.copy() as address, open_store(address, now=lambda: NOW) as store:
        return found, sizes_of(store)


def child(ground: Ground, case: Case, leads: int, number: int) -> dict[str, Any]:
    """One measurement on a copy, in a process of its own."""
    with ground.copy() as address:
        if case.touched:
            with open_store(address, now=lambda: NOW) as store:
                touch(store, case.touched, number)
        told = subprocess.run(
            [sys.executable, "-m", "stored.child", case.ask, address, str(leads), str(20 * leads)],
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(BENCHMARKS), str(BENCHMARKS.parent)])},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    answer: dict[str, Any] = json.loads(told.stdout)
    print(f"{ground.name} {case.name}:", {k: v for k, v in answer.items() if k not in {"drawn", "busiest"}})
    return answer


# ---- the page --------------------------------------------------------------------------------------------------------


def page(ground: Ground, leads: int, found: Mapping[str, Found], sizes: Sizes, rounds: int) -> str:
    kernel, full, *others, explain = found.values()
    head = [ground.name, "scored", "changed", "wall s", "CPU s", "times", "mark", "peak MiB"]
    cells = [
        _cells(kernel, "1", ""),
        _cells(full, f"{full['cpu'] / kernel['cpu']:.1f} × in memory", _mark(full, kernel, leads)),
        *(_cells(one, f"{one['cpu'] / full['cpu']:.3f} of everybody", _mark(one, full, leads)) for one in others),
    ]
    about = f"{leads:,} leads, {20 * leads:,} activities in {sizes.version}, {_rounds(rounds)}."
    return "\n".join([about, "", table(head, cells), "", _memory([full, *others]), _explained(explain), str(sizes)])


def _rounds(rounds: int) -> str:
    return "measured once" if rounds == 1 else f"median of {rounds} rounds by turns"


def _cells(one: Found, times: str, mark: str) -> list[str]:
    told = one.rounds[0]
    changed = f"{told['changed']:,}" if "changed" in told else ""
    memory = f"{one.peak / MIB:,.0f}"
    return [
        one.case.name,
        f"{told['scored']:,}",
        changed,
        f"{one['wall']:.2f}",
        f"{one['cpu']:.2f}",
        times,
        mark,
        memory,
    ]


def _mark(one: Found, other: Found, leads: int) -> str:
    if one.case.ask == "full":
        met = one["cpu"] <= TIMES_THE_KERNEL * other["cpu"]
        return f"≤ {TIMES_THE_KERNEL} ×: {'met' if met else 'missed'}"
    if one.case.touched != 10_000 or leads < MARKED:
        return ""
    return f"≤ {SHARE_OF_FULL}: {'met' if one['cpu'] <= SHARE_OF_FULL * other['cpu'] else 'missed'}"


def _memory(passes: Sequence[Found]) -> str:
    most = max(one.peak for one in passes) / MIB
    return f"The most memory of a pass: {most:,.0f} MiB. ≤ {MOST_MIB} MiB: {'met' if most <= MOST_MIB else 'missed'}."


def _explained(one: Found) -> str:
    """The median of the rounds' percentiles, wall and processor."""
    words = []
    for who, name in (("drawn", "1,000 leads at random"), ("busiest", "the 100 with most activities")):
        for percent in (50, 99):
            ms = [np.percentile(np.array(told[who]), percent, axis=0) for told in one.rounds]
            wall, cpu = np.median(ms, axis=0).tolist()
            words.append(f"{name}: p{percent} {wall:.1f} ms, {cpu:.1f} ms of processor")
    met = np.median([np.percentile(np.array(told["drawn"])[:, 1], 99) for told in one.rounds]) <= MILLISECONDS
    mark = f"≤ {MILLISECONDS} ms: {'met' if met else 'missed'}"
    return f"Explain one lead, warm. {'; '.join(words)}. The most activities of one: {one.rounds[0]['most']:,}. {mark}."


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

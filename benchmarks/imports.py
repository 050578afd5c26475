"""The first import: how fast activities are saved, ours beside the naive design, by turns in the same run.

    python benchmarks/imports.py [--full] [--activities N] [--rounds N] [--page]

Without options 200,000 activities of 10,000 people; with --full 5,000,000 of 250,000. SQLite, and with
LEADHEAT_BENCH_POSTGRES (the address of a database of a server on which databases may be made) PostgreSQL, whose
server's processor time is counted where it can be seen. People come with all they did, as a CRM's first pull brings
them; then comes what happened in the last five days, in the order of time, a tenth of it told twice. Pages are read
beforehand: neither the CRM nor the mapping is in any figure. Every import is a process of its own into an empty
database.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from study.page import machine, table, write
from study.world import CACHE, study

BENCHMARKS = Path(__file__).parent
POSTGRES = "LEADHEAT_BENCH_POSTGRES"
NAMES = {
    "ours": "ours, out of facts", "naive": "naive design, out of facts", "our rows": "ours, rows ready",
    "naive rows": "naive design, rows ready",
}  # fmt: skip
BESIDE = {"ours": "naive", "our rows": "naive rows"}
PARTS = (("first", "activities", "cpu"), ("first", "last", "last cpu"), ("later", "activities", "cpu"))
"""What is shown of an import: everything, its last tenth, what came since."""
Told = dict[str, Any]


def main(words: Sequence[str]) -> int:
    told = _arguments(words)
    activities = 5_000_000 if told.full else told.activities
    study(activities // 20, activities)
    parts = [
        f"{place}: {_page(measured(place, activities, told.rounds), activities, told.rounds)}"
        for place in ("SQLite", *(["PostgreSQL"] if os.environ.get(POSTGRES) else []))
    ]
    print("\n\n".join(parts))
    if told.page:
        write(f"imports {activities}", "\n\n".join([*parts, machine()]))
    return 0


def _arguments(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--activities", type=int, default=200_000, help="20 for each lead on average")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--page", action="store_true", help="write the tables into docs/performance.md")
    return parser.parse_args(words)


def measured(place: str, activities: int, rounds: int) -> Mapping[str, Sequence[Told]]:
    found: dict[str, list[Told]] = {name: [] for name in NAMES}
    for _ in range(rounds):
        for name, mine in found.items():
            with _sqlite() if place == "SQLite" else _postgres(os.environ[POSTGRES]) as address:
                mine.append(child(name, address, activities))
    return found


def child(name: str, address: str, activities: int) -> Told:
    words = [sys.executable, "-m", "importing.child", name, address, str(activities // 20), str(activities)]
    env = {**os.environ, "PYTHONPATH": f"{BENCHMARKS}{os.pathsep}{BENCHMARKS.parent}", "PYTHONHASHSEED": "0"}
    done = subprocess.run(words, cwd=BENCHMARKS, env=env, stdout=subprocess.PIPE, check=True, text=True)
    told: Told = json.loads(done.stdout)
    return told


@contextmanager
def _sqlite() -> Iterator[str]:
    with TemporaryDirectory(prefix="import-", dir=CACHE) as folder:
        yield f"sqlite:///{folder}/town.db"


@contextmanager
def _postgres(address: str) -> Iterator[str]:
    """An empty database beside the one at the address, thrown away after use."""
    url, name = make_url(address).set(drivername="postgresql+psycopg"), f"leadheat_import_{os.getpid()}"
    server = create_engine(url, isolation_level="AUTOCOMMIT")
    with server.connect() as conn:
        conn.execute(text(f"CREATE DATABASE {name}"))
        try:
            yield url.set(database=name).render_as_string(hide_password=False)
        finally:
            conn.execute(text(f"DROP DATABASE {name}"))
    server.dispose()


# ---- the table -------------------------------------------------------------------------------------------------------


def _page(found: Mapping[str, Sequence[Told]], activities: int, rounds: int) -> str:
    stored = {told[0]["in the end"] for told in found.values()}
    if len(stored) > 1:
        raise RuntimeError(f"the contenders stored {stored} activities")
    head = ["", "first import", "× naive", "its last tenth", "× naive", "since", "× naive", "MB per million", "peak MB"]
    rows = [_row(name, found) for name in NAMES]
    return "\n".join(
        [f"{activities:,} activities; saved per CPU second, median of {rounds} round(s) by turns.", "", table(head, rows)]
    )


def _row(name: str, found: Mapping[str, Sequence[Told]]) -> list[str]:
    mine, other = found[name], found.get(BESIDE.get(name, ""))
    cells = [NAMES[name]]
    for part, many, cpu in PARTS:
        rates = [told[part][many] / told[part][cpu] for told in mine]
        times = median(r / (t[part][many] / t[part][cpu]) for r, t in zip(rates, other, strict=True)) if other else None
        cells += [f"{median(rates):,.0f}", "" if times is None else f"{times:.1f}"]
    return [*cells, f"{mine[0]['bytes'] / mine[0]['stored']:.0f}", f"{max(told['peak'] for told in mine) / 1e6:.0f}"]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Scoring in memory: our kernel beside polars, DuckDB, pandas, plain Python and a rule engine, in the same run.

    python benchmarks/engine.py [--full] [--leads N --activities N] [--rounds N] [--only ours,polars] [--page]

Without options 100,000 leads and 2,000,000 activities; with --full 1,000,000 and 20,000,000. The data is drawn once
from a seed and kept in `.bench/`; so are the contenders' packages (benchmarks/requirements.txt). Everybody scores the
same world by turns, in a process of its own; medians count. Plain Python and the rule engine score a sample, and their
figures are as if they had gone on like that. Exits 1 if anybody comes to other points or states.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from statistics import median
from typing import Any

from study.card import Source, card_of, plain_words
from study.children import Contender, differences, running
from study.page import machine, table, write
from study.world import study

ALL = ("ours", "polars", "duckdb", "pandas", "reference", "zen")
SAMPLES = {"reference": 3_000, "zen": 2_000}
NAMES = {
    "ours": "our kernel",
    "polars": "polars",
    "duckdb": "DuckDB",
    "pandas": "pandas",
    "reference": "plain Python (the reference engine)",
    "zen": "zen-engine, what rules look for counted beforehand",
}
MARKED = 1_000_000
"""The size that the marks are for."""
MARKS = {"polars": 4, "duckdb": 4, "reference": 50}


def main(words: Sequence[str]) -> int:
    told = _arguments(words)
    leads, activities = (1_000_000, 20_000_000) if told.full else (told.leads, told.activities)
    world, card = study(leads, activities), card_of()
    samples = {name: min(SAMPLES.get(name, leads), leads) for name in told.only.split(",")}
    with running(world, plain_words(card, Source(world)), samples) as contenders:
        for _ in range(told.rounds):
            for contender in contenders:
                contender.score()
        ours = next(c for c in contenders if c.name == "ours")
        unlike = differences(world, contenders, ours)
    rows = [_row(c, ours, leads, unlike[c.name]) for c in contenders]
    print(f"{leads:,} leads, {activities:,} activities, {len(card.rules)} rules, median of {told.rounds} rounds")
    _print(rows)
    if told.page:
        write(f"engine {leads}", _page(rows, leads, activities, told.rounds))
    return 1 if any(unlike.values()) else 0


def _arguments(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--leads", type=int, default=100_000)
    parser.add_argument("--activities", type=int, default=2_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default=",".join(ALL))
    parser.add_argument("--page", action="store_true", help="write the tables into docs/performance.md")
    return parser.parse_args(words)


def _row(contender: Contender, ours: Contender, leads: int, unlike: int) -> dict[str, Any]:
    wall, cpu = contender.seconds(leads), contender.seconds(leads, contender.cpu)
    return {
        "name": contender.name,
        "sample": contender.leads if contender.leads < leads else None,
        "wall": wall,
        "cpu": cpu,
        "times": median(w / o for w, o in zip(contender.wall, ours.wall, strict=True)) * leads / contender.leads,
        "also": median(contender.also),
        "peak": contender.peak,
        "unlike": unlike,
    }


def _print(rows: Sequence[dict[str, Any]]) -> None:
    print(f"{'':12}{'wall s':>10}{'CPU s':>10}{'× ours':>9}{'mark':>7}{'peak MB':>9}  answers")
    for row in rows:
        mark = f"≥ {MARKS[row['name']]}" if row["name"] in MARKS else ""
        sample = f" of {row['sample']:,}" if row["sample"] else ""
        alike = "equal" if not row["unlike"] else f"{row['unlike']} differ"
        print(
            f"{row['name']:12}{row['wall']:10.3f}{row['cpu']:10.3f}{row['times']:9.1f}{mark:>7}"
            f"{row['peak'] / 1e6:9.0f}  {alike}{sample}"
        )
    for row in rows:
        if row["also"]:
            print(f"{row['name']}, every lead's whole ledger put in order: {row['also']:.3f} s more")


def _page(rows: Sequence[dict[str, Any]], leads: int, activities: int, rounds: int) -> str:
    head = ["", "wall s", "CPU s", "× ours", "mark", "peak MB", "answers"]
    cells = []
    for row in rows:
        mark = MARKS.get(row["name"]) if leads >= MARKED else None
        met = "" if mark is None else f"≥ {mark}: {'met' if row['times'] >= mark else 'missed'}"
        answers = "equal" if not row["unlike"] else f"{row['unlike']} differ"
        answers += f", {row['sample']:,} leads, extrapolated" if row["sample"] else ""
        numbers = [f"{row['wall']:.2f}", f"{row['cpu']:.2f}", f"{row['times']:.1f}", met, f"{row['peak'] / 1e6:,.0f}"]
        cells.append([NAMES[row["name"]], *numbers, answers])
    also = next(row["also"] for row in rows if row["name"] == "ours")
    return "\n".join(
        [
            f"{leads:,} leads, {activities:,} activities, median of {rounds} rounds by turns. {machine()}",
            "",
            table(head, cells),
            "",
            f"Every lead's whole ledger put in the order in which it is shown: {also:.2f} s more.",
        ]
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

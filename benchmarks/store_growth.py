"""Growth curves of passes out of the database: what they cost as leads and the share of changed leads grow.

    python benchmarks/store_growth.py [--leads N] [--rounds N] [--page]

Each curve changes one thing and leaves the others; medians of processor seconds on SQLite, beside scoring in memory.
The databases are filled and scored once and kept in `.bench/`. `--page` writes the curves into docs/performance.md and
docs/img/.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from statistics import median

from store import Case, child
from stored.grounds import Ground, sqlite
from study.page import IMAGES, machine, table, write
from study.plot import plot

PARTS = (8, 4, 2, 1)
SHARES = (1, 5, 20, 50, 100)
Curves = dict[str, list[tuple[float, float]]]


def main(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--leads", type=int, default=100_000, help="of the largest company")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--page", action="store_true")
    told = parser.parse_args(words)
    leads = by_leads([told.leads // part for part in PARTS], told.rounds)
    changed = by_share(told.leads, told.rounds)
    if told.page:
        across = f"% of {told.leads:,} leads changed"
        parts = [_publish("leads", "leads, 20 activities each", leads), _publish("changed", across, changed)]
        write("store growth", "\n\n".join([f"Processor time on SQLite. {machine()}", *parts]))
    return 0


def by_leads(sizes: Sequence[int], rounds: int) -> Curves:
    cases = {
        "everybody again": Case("full", 0, "everybody again"),
        "1 % changed": Case("due", 0, "1 % changed"),
        "in memory": Case("kernel", 0, "in memory"),
    }
    curves: Curves = {name: [] for name in cases}
    for size in sizes:
        ground = sqlite(size, 20 * size)
        for name, case in cases.items():
            touched = size // 100 if case.ask == "due" else 0
            curves[name].append((size, _seconds(ground, Case(case.ask, touched, name), size, rounds)))
    return curves


def by_share(leads: int, rounds: int) -> Curves:
    ground = sqlite(leads, 20 * leads)
    cases = [(share, Case("due", leads * share // 100, f"{share} % changed")) for share in SHARES]
    return {"those who changed": [(share, _seconds(ground, case, leads, rounds)) for share, case in cases]}


def _seconds(ground: Ground, case: Case, leads: int, rounds: int) -> float:
    return median(child(ground, case, leads, number)["cpu"] for number in range(rounds))


def _publish(name: str, across: str, curves: Curves) -> str:
    """The drawing in its file, and the same numbers as a table."""
    IMAGES.mkdir(exist_ok=True)
    title = f"Passes out of the database as {name} grow"
    (IMAGES / f"store-{name}.svg").write_text(plot(title, across, "seconds", curves), "utf-8")
    first = next(iter(curves.values()))
    head = [f"{across}; seconds", *(f"{x:,.0f}" for x, _ in first)]
    cells = [[series, *(f"{y:,.2f}" for _, y in points)] for series, points in curves.items()]
    return f"![{title}](img/store-{name}.svg)\n\n{table(head, cells)}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

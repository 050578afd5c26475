"""Wake-ups: how many leads 24 hourly runs wake because their next change has come, and how many of these really change.

    python benchmarks/wakeups.py [--leads N --activities N] [--hours N] [--page]

Nothing new arrives in these hours; only time goes by. Each run scores the leads whose `next_change_at` has come, and
beside it all leads are scored: one that changes without having been woken is missed, and none may be. A lead changes
when its points, an axis, its state, or anything in its ledger does; "seen" counts the points, state and band alone.
Exits 1 if a change was missed, or fewer than 85 % of the woken changed.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from study.card import Source, card_of
from study.page import table, write
from study.world import NOW, study

from connector.instants import HOUR
from connector.scoring.arrays import NEVER, Standings, Verdicts
from connector.scoring.compile import compile_card
from connector.scoring.entries import entries_of
from connector.scoring.scorecard import Scorecard
from connector.scoring.verdict import score_chunks

CHUNK = 16_000
MARK = 85


@dataclass
class Tally:
    """One run's woken leads, and those of them, or beside them, that changed."""

    woken: int = 0
    changed: int = 0
    seen: int = 0
    missed: int = 0


def main(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--leads", type=int, default=100_000)
    parser.add_argument("--activities", type=int, default=2_000_000)
    parser.add_argument("--hours", type=int, default=24)
    parser.add_argument("--page", action="store_true", help="write the tables into docs/performance.md")
    told = parser.parse_args(words)
    tallies = list(replay(Source(study(told.leads, told.activities)), card_of(), told.hours))
    woken, changed, seen, missed = (sum(getattr(t, n) for t in tallies) for n in ("woken", "changed", "seen", "missed"))
    precise = 100 * changed / max(woken, 1)
    print(f"{told.leads:,} leads, {told.activities:,} activities, {told.hours} hourly runs")
    print(f"woken    {woken:10,}  (all leads each hour: {told.leads * told.hours:,})")
    print(f"changed  {changed:10,}  {precise:.1f} % of the woken, mark ≥ {MARK} %")
    print(f"seen     {seen:10,}  {100 * seen / max(woken, 1):.1f} % of the woken: points, state or band")
    print(f"missed   {missed:10,}  mark 0")
    if told.page:
        head = ["", "leads", "of the woken", "mark"]
        met = [f"≥ {MARK} %: {'met' if precise >= MARK else 'missed'}", f"0: {'missed' if missed else 'met'}"]
        rows = [
            ["all leads, every hour", f"{told.leads * told.hours:,}", "", ""],
            ["woken", f"{woken:,}", "100 %", ""],
            ["changed: points, axes, state or a line of the ledger", f"{changed:,}", f"{precise:.1f} %", met[0]],
            ["of these, changed in points, state or band", f"{seen:,}", f"{100 * seen / max(woken, 1):.1f} %", ""],
            ["changed without being woken", f"{missed:,}", "", met[1]],
        ]
        size = f"{told.leads:,} leads, {told.activities:,} activities, {told.hours} hourly runs."
        write("wakeups", f"{size}\n\n{table(head, rows)}")
    return 1 if missed or precise < MARK else 0


def replay(source: Source, card: Scorecard, hours: int) -> Iterator[Tally]:
    """Hour after hour: who is woken, and who changes. A lead that is not woken keeps its standing and its next change,
    as in a store; its full scoring is for comparison."""
    compiled = compile_card(card)
    leads = source.study.leads
    edges = [*range(0, leads, CHUNK), leads]
    before: list[tuple[Verdicts, Any]] = []
    for hour in range(hours + 1):
        as_of, tally = NOW + hour * HOUR, Tally()
        standings: list[Standings | None] = [v.now for v, _ in before] or [None] * (len(edges) - 1)
        parts = zip(pairwise(edges), standings, strict=True)
        chunks = (source.columns(start, end, compiled.inputs, now) for (start, end), now in parts)
        after = [(v, _told(v)) for _, v in score_chunks(compiled, chunks, as_of, os.cpu_count() or 1)]
        for (old, old_told), (new, new_told) in zip(before, after, strict=False):
            _compare(tally, old, old_told, new, new_told, as_of)
        before = after
        if hour:
            yield tally


def _compare(tally: Tally, old: Verdicts, old_told: Any, new: Verdicts, new_told: Any, as_of: int) -> None:
    woken = (old.next_change <= as_of) & (old.next_change != NEVER)
    seen = (old.points != new.points) | (old.now.state != new.now.state)
    changed = seen | (old_told != new_told)
    tally.woken += int(woken.sum())
    tally.changed += int((changed & woken).sum())
    tally.seen += int((seen & woken).sum())
    tally.missed += int((changed & ~woken).sum())


def _told(verdicts: Verdicts) -> Any:
    """One number for all that a lead's ledger and standing say."""
    entries = entries_of(verdicts)
    parts = (entries.what, entries.points, entries.occurrences, entries.first, entries.last, entries.subject)
    mixed = np.zeros(len(entries.what), np.uint64)
    for part in parts:
        mixed = (mixed ^ part.astype(np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(29)
    totals = np.concatenate(([np.uint64(0)], np.cumsum(mixed)))[np.concatenate(([0], entries.ends))]
    axes = sum(axis.astype(np.uint64) << np.uint64(8 * n) for n, axis in enumerate(verdicts.axes))
    return np.diff(totals) ^ axes ^ verdicts.now.hot_since.astype(np.uint64)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Growth curves: what scoring in memory costs as leads, activities, rules and the share of changed leads grow.

    python benchmarks/growth.py [--leads N] [--rounds N] [--page]

Each curve changes one thing and leaves the others; medians of processor seconds, one worker. `--page` writes the
curves into docs/performance.md and docs/img/.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from statistics import median

import numpy as np
from study.card import Source, card_of
from study.page import IMAGES, machine, table, write
from study.plot import plot
from study.world import NOW, study

from connector.instants import DAY
from connector.scoring.arrays import Columns
from connector.scoring.compile import compile_card
from connector.scoring.scorecard import Did, Rule, Scorecard, Silence
from connector.scoring.verdict import score_chunks

CHUNK = 16_000
Curve = list[tuple[float, float]]


def main(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--leads", type=int, default=100_000, help="of the middle of each curve")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--page", action="store_true")
    told = parser.parse_args(words)
    curves = list(_curves(told.leads, told.rounds))
    for name, across, curve in curves:
        print(f"{name} ({across}):", "  ".join(f"{x:g}: {y * 1000:.0f} ms" for x, y in curve))
    if told.page:
        _publish(curves)
    return 0


def _curves(leads: int, rounds: int) -> Iterable[tuple[str, str, Curve]]:
    card, middle = card_of(), Source(study(leads, 20 * leads))
    sizes = [leads // 4, leads // 2, leads, 2 * leads, 4 * leads]
    sources = ((n, Source(study(n, 20 * n))) for n in sizes)
    yield "leads", "leads, 20 activities each", [(n, _seconds(card, _all(s, card), rounds)) for n, s in sources]
    sources = ((n, Source(study(leads, n * leads))) for n in (2, 5, 20, 50))
    each = [(n, _seconds(card, _all(s, card), rounds)) for n, s in sources]
    yield "activities", f"activities per lead, {leads:,} leads", each
    cards = [_with_rules(card, n) for n in (5, 11, 22, 44, 88)]
    yield "rules", f"rules, {leads:,} leads", [(len(c.rules), _seconds(c, _all(middle, c), rounds)) for c in cards]
    shares = (1, 5, 20, 50, 100)
    changed = [(n, _seconds(card, _some(middle, card, n), rounds)) for n in shares]
    yield "changed", f"% of {leads:,} leads changed", changed


def _seconds(card: Scorecard, chunks: Callable[[], Iterable[Columns]], rounds: int) -> float:
    compiled, took = compile_card(card), []
    for _ in range(rounds + 1):
        began = time.process_time()
        for _ in score_chunks(compiled, chunks(), NOW):
            pass
        took.append(time.process_time() - began)
    return median(took[1:])


def _all(source: Source, card: Scorecard) -> Callable[[], Iterable[Columns]]:
    inputs, leads = compile_card(card).inputs, source.study.leads
    return lambda: (source.columns(start, min(start + CHUNK, leads), inputs) for start in range(0, leads, CHUNK))


def _some(source: Source, card: Scorecard, percent: int) -> Callable[[], Iterable[Columns]]:
    """Leads here and there; picking theirs out of the rest is part of the cost."""
    inputs, leads = compile_card(card).inputs, source.study.leads
    chosen = np.flatnonzero(np.random.default_rng(3).random(leads) < percent / 100)
    return lambda: (source.picked(chosen[start : start + CHUNK], inputs) for start in range(0, len(chosen), CHUNK))


def _with_rules(card: Scorecard, many: int) -> Scorecard:
    """The first rules, or more of them: copies that look a little further back, so that nothing is shared."""
    rules = [_further(card.rules[n % len(card.rules)], n // len(card.rules)) for n in range(many)]
    return replace(card, rules=tuple(rules))


def _further(rule: Rule, times: int) -> Rule:
    deed = rule.deed
    if isinstance(deed, Did) and deed.within is not None:
        deed = replace(deed, within=deed.within + times * DAY)
    elif isinstance(deed, Silence):
        deed = replace(deed, duration=deed.duration + times * DAY)
    return replace(rule, id=f"{rule.id}-{times}", deed=deed)


def _publish(curves: Sequence[tuple[str, str, Curve]]) -> None:
    IMAGES.mkdir(exist_ok=True)
    parts = [f"Processor time of one worker. {machine()}", ""]
    for name, across, curve in curves:
        drawing = plot(f"Scoring in memory: {name}", across, "seconds", {"our kernel": curve})
        (IMAGES / f"growth-{name}.svg").write_text(drawing, "utf-8")
        head, cells = [across, *(f"{x:,.0f}" for x, _ in curve)], ["ms", *(f"{y * 1000:,.0f}" for _, y in curve)]
        parts += [f"![Scoring in memory as {name} grow](img/growth-{name}.svg)", "", table(head, [cells]), ""]
    write("growth", "\n".join(parts))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

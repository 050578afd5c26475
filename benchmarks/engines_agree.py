"""Both engines on N invented scorecards (default 10,000), with a few leads each: how many answers differ.

    python benchmarks/engines_agree.py [100000] [first seed]

Every world has a seed, so a difference can be looked at alone. Exits 1 if there was one.
"""

from __future__ import annotations

import sys
import time
from random import Random

from connector.scoring.columns import score_leads
from connector.scoring.reference import score_lead
from connector.testing.worlds import invented


def main(worlds: int = 10_000, first: int = 0) -> int:
    began, leads, different = time.perf_counter(), 0, []
    for seed in range(first, first + worlds):
        world = invented(Random(seed))
        leads += len(world.leads)
        scores = [score_lead(world.card, lead, world.as_of) for lead in world.leads]
        if score_leads(world.card, world.leads, world.as_of) != scores:
            different.append(seed)
    took = time.perf_counter() - began
    print(f"{worlds} scorecards, {leads} leads, {len(different)} differ ({took:.0f} s)")
    if different:
        print("seeds:", *different[:20])
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))

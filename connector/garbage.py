"""How often Python looks for reference cycles. A pass makes millions of small objects that are gone by themselves, and
next to no cycles; looking through all that is alive after every 700 of them costs a tenth of its time."""

from __future__ import annotations

import gc


def collect_seldom() -> None:
    """For a process that makes passes. What is in cycles stays in memory a little longer: some megabytes at most."""
    gc.set_threshold(100_000, 20, 20)

"""The only reader of time. Everything else is told what time it is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from connector.instants import Instant, instant_of


def clock(fixed: Instant | None = None) -> Callable[[], Instant]:
    """A reader of the present instant; with `fixed` (LEADHEAT_CLOCK) it stands still, so that a pass can be repeated
    exactly."""
    if fixed is not None:
        return lambda: fixed
    return lambda: instant_of(datetime.now(UTC))

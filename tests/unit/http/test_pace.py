"""One pace for an account, also from one pass to the next."""

from __future__ import annotations

from adapters.pace import Pace, limiter_for


def test_the_next_pass_counts_what_the_last_one_asked() -> None:
    limiter_for(("t", "3"), 1, 10.0).wait(Pace(clock=lambda: 0.0))
    slept: list[float] = []
    limiter_for(("t", "3"), 1, 10.0).wait(Pace(clock=lambda: sum(slept), sleep=slept.append))
    assert slept == [10.0], "a limiter outlives its connections"

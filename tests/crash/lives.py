"""Short histories that leave no point out: a death at each transaction, each trouble at each request, and one life for
each thing that a pass must get right. Quick, where `histories.py` is wide."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from typing import TypeAlias, get_args

from connector.instants import DAY, HOUR, MINUTE
from tests.crash.histories import HANDS, Histories
from tests.crash.strikes import Kind

Life: TypeAlias = Callable[[Histories], None]
TRANSACTIONS, REQUESTS = 16, 6


def dies(number: int, side: str) -> Life:
    def life(state: Histories) -> None:
        state.a_pass_dies_at_a_transaction((number, side), full=False)
        state.good_pass()
        somebody_is_hot_and_somebody_new(state)
        state.a_pass_dies_at_a_transaction((number, side), full=False)
        state.dry_while_barred()

    return life


def is_struck(at: int, kind: Kind) -> Life:
    def life(state: Histories) -> None:
        for _ in range(2):
            state.a_pass_is_struck(at, kind, full=False)
            state.good_pass()
            somebody_is_hot_and_somebody_new(state)

    return life


def somebody_is_hot_and_somebody_new(state: Histories) -> None:
    state.time_passes(HOUR)
    state.a_form_is_told(0, 0, -MINUTE, "demo", gone=False)
    state.somebody_comes("部長", "500")
    state.somebody_changes(1, None, "5")


def a_row_is_poisoned_and_healed(state: Histories) -> None:
    state.a_row_is_poisoned_or_healed(1)
    state.good_pass()
    state.time_passes(DAY)
    state.good_pass()
    state.a_row_is_poisoned_or_healed(1)


def hands_are_everywhere(state: Histories) -> None:
    state.good_pass()
    for field, values in HANDS.items():
        for n in range(2 * len(values)):
            state.a_hand_edits_our_field(n % 2, field, n // 2)  # somebody warm, somebody hot
            state.good_pass()


def a_plan_is_refused(state: Histories) -> None:
    state.good_pass()
    somebody_is_hot_and_somebody_new(state)
    state.a_plan_that_nobody_looked_at_is_refused()
    state.a_dry_run(full=True)


def a_sleeper_is_overtaken(state: Histories) -> None:
    for at in range(1, REQUESTS + 2):
        somebody_is_hot_and_somebody_new(state)
        state.a_pass_sleeps_and_is_overtaken(at, 0, "主任" if at % 2 else "部長")
        state.good_pass()


def rules_change(state: Histories) -> None:
    state.a_form_is_told(0, 0, -MINUTE, "paper", gone=False)
    state.somebody_changes(1, "部長", "many")
    state.a_page_view_is_told(1, 0, -HOUR, "/pricing", gone=False)
    state.somebody_comes("部長", "500")
    for card, mapping in ((1, 0), (0, 0), (1, 0), (2, 1), (0, 2), (0, 1)):
        state.another_book_is_agreed(card, mapping)
        state.a_pass_dies_at_a_transaction((2, "after"), full=False)
        state.good_pass()


def time_alone_passes(state: Histories) -> None:
    somebody_is_hot_and_somebody_new(state)
    for days in (0, 1, 3, 3, 8, 8, 31):
        state.time_passes(days * DAY)
        state.good_pass()


def the_hot_are_merged(state: Histories) -> None:
    somebody_is_hot_and_somebody_new(state)
    state.good_pass()
    state.time_passes(HOUR)
    state.somebody_comes("主任", None)
    state.somebody_goes_or_comes_back(0, len(state.account.rows) - 1, "merged")
    state.good_pass()


def the_clock_goes_back(state: Histories) -> None:
    state.good_pass()
    state.the_clock_is_set_back(2 * DAY)
    somebody_is_hot_and_somebody_new(state)
    state.good_pass()


LIVES: Mapping[str, Life] = {
    life.__name__: life
    for life in (
        a_row_is_poisoned_and_healed, hands_are_everywhere, a_plan_is_refused, a_sleeper_is_overtaken, rules_change,
        time_alone_passes, the_hot_are_merged, the_clock_goes_back,
    )
} | {f"{kind} at {n}": is_struck(n, kind) for kind in get_args(Kind) if kind != "meanwhile"
     for n in range(1, REQUESTS + 1)
} | {f"dies {side} {n}": dies(n, side) for n in range(1, TRANSACTIONS + 1) for side in ("before", "after")}  # fmt: skip


def live(life: Life) -> None:
    """A life among three people, and then the end that must be good."""
    state = Histories()
    with closing(state.store):
        state.some_are_there(3)
        life(state)
        state.the_end()

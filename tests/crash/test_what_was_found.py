"""Histories that once ended wrongly, in few steps. Each step that is a good pass checks every field of every record."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from connector.instants import DAY, HOUR
from tests.crash.histories import Histories


@pytest.fixture
def life() -> Iterator[Histories]:
    state = Histories()
    with closing(state.store):
        state.some_are_there(n=1)
        state.good_pass()
        yield state


def test_a_week_after_a_jump_the_change_in_seven_days_is_told_anew_without_new_data(life: Histories) -> None:
    for title, told in (("部長", "30"), ("部長", "0")):
        life.time_passes(7 * DAY)
        life.somebody_changes(0, title, "500")
        life.good_pass()
        assert life.account.rows[life.someone(0)].fields["leadheat_change_7d"] == told
    life.nothing_is_left_to_do()


def test_two_scorings_as_of_one_instant_are_one_step_of_the_trend(life: Histories) -> None:
    life.somebody_changes(0, "部長", "5")
    life.good_pass()
    assert life.account.rows[life.someone(0)].fields["leadheat_detail"].count("2026/11/20") == 1


def test_a_deal_taken_back_before_it_was_read_does_not_come_back_with_another_mapping(life: Histories) -> None:
    for gone in (False, True):
        life.a_deal_is_told(0, -HOUR, "lost", gone)
    life.good_pass()
    life.another_book_is_agreed(0, 1)
    life.good_pass()
    life.nothing_is_left_to_do()

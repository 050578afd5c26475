"""Whatever happens, one good pass later the CRM is right. `LEADHEAT_TEST_HISTORIES` lives so many histories."""

from __future__ import annotations

import os

from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from tests.crash.histories import Histories

MANY = int(os.environ.get("LEADHEAT_TEST_HISTORIES", "0"))


def test_after_any_history_one_good_pass_makes_the_crm_right() -> None:
    run_state_machine_as_test(
        Histories,
        settings=settings(
            max_examples=MANY or 40, stateful_step_count=25, deadline=None, derandomize=not MANY, database=None,
        ),
    )  # fmt: skip

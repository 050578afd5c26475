"""A CRM that has had enough is left alone as long as it asks, and in the end nothing is missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.cases import by_id, play
from tests.faults.limits import CASES

NAMED = by_id(CASES)


@pytest.mark.parametrize("name", NAMED)
def test_it_ends_as_if_nothing_had_been(name: str, tmp_path: Path) -> None:
    play(NAMED[name], tmp_path)

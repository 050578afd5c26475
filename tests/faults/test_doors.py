"""Whoever is not let in, or not let through, is told what to do, and is not knocked at again."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.cases import by_id, play
from tests.faults.doors import CASES

NAMED = by_id(CASES)


@pytest.mark.parametrize("name", NAMED)
def test_it_ends_as_if_nothing_had_been(name: str, tmp_path: Path) -> None:
    play(NAMED[name], tmp_path)

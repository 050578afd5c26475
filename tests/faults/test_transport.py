"""Whatever goes wrong on the way ends, after the next good run, as if it had not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.cases import by_id, play
from tests.faults.transport import CASES

NAMED = by_id(CASES)


@pytest.mark.parametrize("name", NAMED)
def test_it_ends_as_if_nothing_had_been(name: str, tmp_path: Path) -> None:
    play(NAMED[name], tmp_path)

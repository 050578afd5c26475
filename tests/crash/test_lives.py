"""Every transaction and every request, in memory: see `lives.py`."""

from __future__ import annotations

import pytest

from tests.crash.lives import LIVES, live


@pytest.mark.parametrize("name", LIVES)
def test_all_is_well_in_the_end(name: str) -> None:
    live(LIVES[name])

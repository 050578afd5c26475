"""The benchmark of the first import: whoever saves the pages, the same activities are there afterwards."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from importing.child import imported
from importing.contenders import CONTENDERS
from importing.pages import SINCE, first, later
from sqlalchemy import text
from study.world import study


@pytest.mark.parametrize("name", CONTENDERS)
def test_every_contender_ends_with_every_activity_once(name: str, tmp_path: Path) -> None:
    town = study(400, 8_000)
    contender = CONTENDERS[name](f"sqlite:///{tmp_path / 'town.db'}")
    begun, since = imported(contender, first(town)), imported(contender, later(town))
    with contender.engine.connect() as conn:
        stored = conn.execute(text("SELECT count(*) FROM activity")).scalar_one()
    contender.engine.dispose()
    assert stored == 8_000
    assert begun["activities"] == int((np.asarray(town.at) <= SINCE).sum())
    assert begun["activities"] + since["activities"] >= 8_000
    assert 0 < begun["last cpu"] <= begun["cpu"]


def test_a_later_page_begins_with_what_the_one_before_ended_with(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importing.pages.EVENTS", 20)
    monkeypatch.setattr("importing.pages.AGAIN", 2)
    pages = [[f.id for f in facts.activities] for _, facts in later(study(400, 8_000))]
    assert len(pages) > 2
    assert all(a[-2:] == b[:2] for a, b in pairwise(pages) if len(a) == 20)

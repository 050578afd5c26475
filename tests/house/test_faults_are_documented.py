"""The page of faults says what the tests play, and every row of it is played."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.faults import doors, limits, transport

ROOT = Path(__file__).parents[2]
PARTS = (transport, limits, doors)


def test_the_page_of_faults_is_up_to_date() -> None:
    made = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "faults")], capture_output=True, text=True, check=True
    )
    assert (ROOT / "docs" / "faults.md").read_text("utf-8") == made.stdout, "run scripts/docs"


def test_every_row_is_played_and_every_case_has_its_row() -> None:
    played = {case.fault for part in PARTS for case in part.CASES}
    told = [row.fault for part in PARTS for row in part.ROWS]
    assert set(told) == played
    assert len(told) == len(set(told))

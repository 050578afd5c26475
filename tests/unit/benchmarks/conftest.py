"""The benchmarks' own modules, and a place of its own for what they draw."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[3] / "benchmarks"))


@pytest.fixture(autouse=True)
def drawn_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tiny worlds are drawn into the test's folder. The contenders' packages stay where `make bench` keeps them."""
    monkeypatch.setattr("study.world.CACHE", tmp_path)

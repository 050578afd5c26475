"""A place for each stranger to leave its files."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A stranger's own home: nothing of this machine's settings is in it."""
    return tmp_path / "home"

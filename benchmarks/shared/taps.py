"""Other people's extractors, installed from the registry: what they read of a local CRM, and what that costs them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

Told = dict[str, Any]
Names = Callable[[str], Sequence[str]]
"""The fields of an object that the clients read."""


@dataclass(frozen=True, slots=True)
class Tap:
    """A Singer tap: its package and program, the option that takes a catalogue, its settings, and the streams and
    fields to be read: what the clients read too."""

    package: str
    program: str
    option: str
    settings: Callable[[Told], Told]
    wanted: Callable[[Names], Mapping[str, Sequence[str]]]


LONG_AGO = "2015-01-01T00:00:00Z"


def _contacts(names: Names) -> Mapping[str, Sequence[str]]:
    return {"contacts": [*names("contacts"), "properties", "lastmodifieddate"]}


def _people_of_an_org(names: Names) -> Mapping[str, Sequence[str]]:
    return {o: [*names(o), "Id", "SystemModstamp"] for o in ("Lead", "Contact")}


def _app(far: Told) -> Told:
    keys = {"client_id": far["id"], "client_secret": far["secret"], "refresh_token": far["refresh"]}
    return {**keys, "start_date": LONG_AGO, "api_type": "REST", "select_fields_by_default": False}


TAPS: Mapping[str, Sequence[Tap]] = {
    "hubspot": (
        Tap("tap-hubspot", "tap-hubspot", "--properties",
            lambda far: {"api_key": far["token"], "start_date": LONG_AGO}, _contacts),
        Tap("meltano-tap-hubspot", "tap-hubspot", "--catalog", lambda far: {"access_token": far["token"]}, _contacts),
    ),
    "salesforce": (Tap("tap-salesforce", "tap-salesforce", "--properties", _app, _people_of_an_org),),
}  # fmt: skip


def extractors(crm: str, far: Told, folder: Path, names: Names) -> dict[str, Callable[[], Told]]:
    """Extractors that install from the registry, each reading people into a file of JSON lines, and then a Singer
    target keeping that in a database. `far` tells where the CRM is."""
    from tests.strangers.installs import NotInstalled, python_stranger

    found: dict[str, Callable[[], Told]] = {}
    for tap in TAPS[crm]:
        try:
            program = python_stranger(tap.package) / tap.program
            python_stranger("target-duckdb")
        except NotInstalled as missing:
            print(missing, file=sys.stderr)
            continue
        home = folder / tap.package
        home.mkdir()
        (home / "config.json").write_text(json.dumps(tap.settings(far)))
        found[f"{tap.package}, to a file"] = partial(_tapped, tap, program, home, far, tap.wanted(names))
        found[f"{tap.package}, its file into DuckDB"] = partial(_stored, home, found[f"{tap.package}, to a file"])
    return found


def _stored(home: Path, tap: Callable[[], Told]) -> Told:
    """The same, kept in a database by a Singer target: what both take."""
    from tests.strangers.installs import python_stranger

    read, file = tap(), home / "leads.duckdb"
    file.unlink(missing_ok=True)
    (home / "target.json").write_text(json.dumps({"path": str(file), "default_target_schema": "main"}))
    words = [str(python_stranger("target-duckdb") / "target-duckdb"), "--config", str(home / "target.json")]
    kept = _measured(words, {**os.environ, "HOME": str(home)}, home / "out.jsonl", home / "state.json")
    return {**read, "cpu": read["cpu"] + kept["cpu"], "peak": max(read["peak"], kept["peak"])}


def _tapped(tap: Tap, program: Path, home: Path, far: Told, wanted: Mapping[str, Sequence[str]]) -> Told:
    package = home / "certifi"
    package.mkdir(exist_ok=True)
    (package / "__init__.py").write_text(f"def where():\n    return {far['ca']!r}\n")
    env = {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8", "PYTHONPATH": str(home), **far["env"]}
    words = [str(program), "--config", str(home / "config.json")]
    catalogue = json.loads(subprocess.run([*words, "--discover"], capture_output=True, check=True, env=env).stdout)
    for stream in catalogue["streams"]:
        _choose(stream, wanted.get(stream["tap_stream_id"]))
    (home / "catalogue.json").write_text(json.dumps(catalogue))
    used = _measured([*words, tap.option, str(home / "catalogue.json")], env, Path(os.devnull), home / "out.jsonl")
    with (home / "out.jsonl").open(encoding="utf-8") as lines:
        records = sum(json.loads(line)["type"] == "RECORD" for line in lines)
    return {"records": records, **used}


def _choose(stream: Any, names: Sequence[str] | None) -> None:
    """Read of a stream what is named, and nothing of others."""
    for part in stream["metadata"]:
        crumb, about = part["breadcrumb"], part["metadata"]
        named = names is not None and (len(crumb) < 2 or crumb[-1].removeprefix("property_") in names)
        about["selected"] = named
        if named and not crumb and (keys := about.get("valid-replication-keys")):
            about |= {"replication-method": "INCREMENTAL", "replication-key": keys[0]}


def _measured(words: Sequence[str], env: Mapping[str, str], given: Path, told: Path) -> Told:
    """A program's processor time and peak memory; it reads from one file and writes to another."""
    with given.open("rb") as source, told.open("wb") as out, tempfile.TemporaryFile() as said:
        with subprocess.Popen(words, stdin=source, stdout=out, stderr=said, env=env) as running:
            _, status, used = os.wait4(running.pid, 0)
            running.returncode = os.waitstatus_to_exitcode(status)
        if running.returncode:
            said.seek(0)
            raise RuntimeError(said.read().decode()[-2_000:])
    return {"cpu": used.ru_utime + used.ru_stime, "peak": used.ru_maxrss / 1_024}

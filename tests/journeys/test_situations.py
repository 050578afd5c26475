"""The real command in fair and foul situations, on people whose every field is planted: nothing of them is printed, nor
any secret, however much it is asked to say; and nothing of it stays in what the database remembers of runs."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from adapters.sandbox.state import State
from tests.journeys.conftest import Place, leadheat
from tests.watch import MARKS, PLANTED, Watch

pytestmark = pytest.mark.slow
MAIL = f"hanako.{PLANTED}@planted.example".lower()
KEY = "pat-na1-deadbeef-0000-4000-8000-000000000666"
FIELDS = {
    "hubspot": {"email": MAIL, "firstname": f"{PLANTED} Hanako", "phone": "+81-90-7777-1234", "jobtitle": PLANTED},
    "salesforce": {"Email": MAIL, "LastName": PLANTED, "Phone": "+81-90-7777-1234", "Title": f"{PLANTED}部長"},
}
PEOPLE = {"hubspot": "contacts", "salesforce": "Lead"}
TOKEN = {"LEADHEAT_CONNECTIONS__HUBSPOT__TOKEN": KEY}
SECRET = {"LEADHEAT_CONNECTIONS__SALESFORCE__CLIENT_SECRET": "hunter2-hunter2"}


def planted(place: Place) -> dict[str, str]:
    """One person in each CRM whose fields are all planted, who then looks at a page with their address in its query."""
    found = {}
    for crm, fields in FIELDS.items():
        state = State(place.folder / f"{crm}.db")
        found[crm] = sorted(state.all(PEOPLE[crm]))[0]
        state.close()
        place.poke(crm, found[crm], "set", **fields)
    place.poke("hubspot", found["hubspot"], "did", kind="form_submission", subject=f"/x?mail={MAIL}&n={PLANTED}")
    return found


def test_nothing_planted_is_printed_in_any_situation(
    found_town: Callable[..., Place], tmp_path: Path, nothing_personal_is_said: Watch
) -> None:
    place = found_town(12)
    who = planted(place)
    nothing_personal_is_said.drain()  # the pokes are the sandbox's own
    place.run("plan")
    assert MAIL.encode() in b"".join(p.read_bytes() for p in place.folder.glob("leadheat.db*"))  # it was read
    names = {crm: f"{crm}:{PEOPLE[crm]}/{id_}" for crm, id_ in who.items()}
    said = [
        place.run("-vv", "check", code=0),
        place.run("-vv", "plan", code=0),
        place.run("-vv", "apply", code=0),
        place.run("-vv", "sync", "--dry-run", code=0),
        place.run("-vv", "runs", "show", code=0),
        *(place.run("-vv", "explain", name, code=0) for name in names.values()),
        *(place.run("-vv", word, env=env, code=None) for word in ("check", "sync") for env in (TOKEN, SECRET)),
        place.run("-vv", "sync", env={"LEADHEAT_CONNECTIONS__HUBSPOT__BASE_URL": "http://127.0.0.1:1"}, code=None),
        place.run("-vv", "sync", env={"LEADHEAT_SCORECRAD": KEY}, code=3),
        place.run("-vv", "runs", "list", env={"LEADHEAT_DATABASE_URL": "postgresql://u:hunter2@127.0.0.1:1/x"}, code=1),
        place.run("-vv", "explain", "nobody-of-that-id", code=3),
        place.run("-vv", "sync", "--full", code=0),
        place.run("-vv", "--json", "runs", "rejected", code=0),
        place.run("-vv", "--json", "--yes", "purge", names["hubspot"], code=0),
    ]
    told = "\n".join(one.out + one.err for one in said)
    assert "Traceback" not in told  # frames and kinds, not Python's own page with texts
    assert " in _places" not in told and "connector/" in told  # -vv did say where
    for mark in (PLANTED, MAIL, KEY, "hunter2", "7777-1234"):
        assert mark.lower() not in told.lower(), mark
    assert MARKS.search(told) is None
    assert remembered(place.folder / "leadheat.db") == []


def remembered(path: Path) -> list[str]:
    """What the database keeps of runs and rejects, for people to read."""
    with sqlite3.connect(path) as base:
        rows = [*base.execute("SELECT problem, cursor FROM run"), *base.execute("SELECT why, fix FROM reject")]
    return [str(row) for row in rows if MARKS.search(str(row)) or MAIL in str(row)]


def test_an_unexpected_fault_shows_its_place_and_never_its_text(tmp_path: Path) -> None:
    """A fault of ours that quotes a person, with a cause that does too, under the loudest switch."""
    code = f"""
        import sys
        from connector.cli import runs, main
        def list_runs(*_):
            try:
                {{}}["{MAIL}"]
            except KeyError as error:
                raise ValueError("cannot read {PLANTED}") from error
        runs.list_runs = list_runs
        sys.argv = ["leadheat", "-c", {str(tmp_path)!r}, "-vv", "runs", "list"]
        main.run()
    """
    (tmp_path / ".env").write_text("", "utf-8")
    told = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=False, timeout=60,
        env={**os.environ, "LEADHEAT_LANG": "en"},
    )  # fmt: skip
    assert told.returncode == 1
    assert "LH-100" in told.stderr and "builtins.KeyError" in told.stderr and "in list_runs" in told.stderr
    assert MARKS.search(told.stdout + told.stderr) is None


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_a_wrong_spreadsheet_is_told_by_line_and_column(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"leads{suffix}"
    path.write_text(f"email,title\n{MAIL},{PLANTED}\n{MAIL},x\n", "utf-8")
    told = leadheat("-vv", "score", str(path), "-o", str(tmp_path / "out.xlsx"))
    assert told.code == 3
    assert MARKS.search(told.out + told.err) is None

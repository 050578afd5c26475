"""What NOTES.md says of the sandbox is so: each fact is done in the file it names, held by the test it names, or left
out for a reason."""

from __future__ import annotations

import re
from pathlib import Path

from adapters.hubspot import sandbox

HOME, TESTS = Path(sandbox.__file__).parent, Path(__file__).parent
TEXT, _, REGISTER = (HOME.parent / "NOTES.md").read_text("utf-8").partition("## Where each stands")
FACTS = {int(n): mark for n, mark in re.findall(r"^\| (\d+) \|.*\| ([●◐○])[^|]*\|$", TEXT, re.MULTILINE)}
ROWS = {
    int(n): (where, test) for n, where, test in re.findall(r"^\| (\d+) \| (\S+) \| (.+) \|$", REGISTER, re.MULTILINE)
}
CITATION = re.compile(r"NOTES\s+((?:\d+|, | and | to )+)")


def cited(path: Path) -> set[int]:
    """The facts that a file says it stands for; `40 to 43, 70` are five."""
    found: set[int] = set()
    for told in CITATION.findall(path.read_text("utf-8")):
        for part in re.split(r", | and ", told):
            ends = [int(n) for n in re.findall(r"\d+", part)]
            found |= set(range(ends[0], ends[-1] + 1)) if ends else set()
    return found


def test_every_fact_has_its_row_and_every_row_its_fact() -> None:
    assert len(FACTS) > 80
    assert set(ROWS) == set(FACTS)


def test_what_is_left_out_says_why_and_nothing_else_does() -> None:
    left_out = {
        n for n, (where, test) in ROWS.items() if where == "–" and re.fullmatch(r"not implemented: \w.{15,}", test)
    }
    assert left_out == {n for n, mark in FACTS.items() if mark == "○"}


def test_the_file_that_does_it_cites_it() -> None:
    done = {n: where.strip("`") for n, (where, _) in ROWS.items() if where != "–"}
    assert {n: file for n, file in done.items() if not (HOME / file).exists() or n not in cited(HOME / file)} == {}


def test_the_test_that_holds_it_exists() -> None:
    held = {n: test.partition(": ") for n, (where, test) in ROWS.items() if where != "–"}
    texts = {p.stem: p.read_text("utf-8") for p in TESTS.glob("test_portal_*.py")}
    missing = {
        n: name
        for n, (file, _, name) in held.items()
        if f"def test_{name}(" not in texts.get(f"test_portal_{file}", "")
    }
    assert missing == {}


def test_nothing_cites_a_fact_that_is_not_there() -> None:
    written = {
        p.name: {int(n) for told in CITATION.findall(p.read_text("utf-8")) for n in re.findall(r"\d+", told)}
        for p in HOME.glob("*.py")
    }
    assert {name: ns - set(FACTS) for name, ns in written.items() if ns - set(FACTS)} == {}

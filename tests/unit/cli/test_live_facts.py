"""The facts that `check --live` tries: each has a line of NOTES.md, and an answer that is otherwise comes out so."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from adapters.hubspot import live as hubspot
from adapters.salesforce import live as salesforce
from connector.errors import Problem, Unavailable
from connector.live import Fact, Seen, examine
from connector.words import say

ROOT = Path(__file__).parents[3]
TABLES: dict[str, Any] = {"hubspot": hubspot.FACTS, "salesforce": salesforce.FACTS}


@pytest.mark.parametrize("crm", TABLES)
def test_every_fact_has_a_number_of_its_own_and_a_line_of_notes(crm: str) -> None:
    notes = (ROOT / "adapters" / crm / "NOTES.md").read_text("utf-8")
    lines = {*re.findall(r"^\| (\d+) \|", notes, re.MULTILINE), "lengths"}
    ids = [fact.id for fact in TABLES[crm]]
    assert len(ids) == len(set(ids))
    assert {fact.source for fact in TABLES[crm]} <= lines


def _unavailable(_: None) -> Seen:
    raise Unavailable(Problem("LH-500", say("no")))


def _odd(_: None) -> Seen:
    raise KeyError("results")


def test_each_fact_is_tried_by_itself_and_told_as_it_came_out() -> None:
    tries = {
        "a": lambda _: Seen(True, "200"), "b": lambda _: Seen(False, "409"), "c": _unavailable, "d": _odd,
        "e": lambda _: Seen(None, "none"),
    }  # fmt: skip
    facts: list[Fact[None]] = [Fact(name, say("x"), "1", attempt) for name, attempt in tries.items()]
    facts.append(Fact("f", say("x"), "1", _odd, writes=True))
    found = {f.id: (f.verdict, f.seen) for f in examine(facts, None, write=False)}
    assert found == {
        "a": ("as documented", "200"), "b": ("differs", "409"), "c": ("not tried", "LH-500"),
        "d": ("differs", "unforeseen answer (KeyError)"), "e": ("not tried", "none"),
        "f": ("not tried", "needs --write"),
    }  # fmt: skip

"""`docs/cli.md` is made from the commands themselves, and both READMEs use only commands that exist."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from house import ROOT

COMMAND = re.compile(r"leadheat(?: -c \S+)*((?: [a-z][a-z-]*)+)")


def test_the_reference_of_commands_is_up_to_date() -> None:
    script = ROOT / "scripts" / "cli-reference"
    made = subprocess.run([sys.executable, script], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert (ROOT / "docs" / "cli.md").read_text("utf-8") == made, "run: scripts/docs"


@pytest.mark.parametrize(
    "page", ["README.md", "README.ja.md", "docs/operating.md", "docs/architecture.md", "mappings/README.md"]
)
def test_a_page_names_only_commands_that_exist(page: str) -> None:
    reference = (ROOT / "docs" / "cli.md").read_text("utf-8")
    known = set(re.findall(r"^## leadheat (.+)$", reference, re.MULTILINE))
    text = (ROOT / page).read_text("utf-8")
    blocks = [*re.findall(r"`(leadheat[^`\n]*)`", text), *re.findall(r"^\$? ?(leadheat .*)$", text, re.MULTILINE)]
    named = [found[1].strip() for block in blocks if (found := COMMAND.match(block))]
    assert [name for name in named if not _exists(name, known)] == []


def _exists(name: str, known: set[str]) -> bool:
    """`plan`, `scorecard show`, `connect acme`: the words up to the first that is an argument."""
    words = name.split()
    return words[0] in {k.split()[0] for k in known} and any(" ".join(words[:n]) in known for n in (1, 2))

"""Every error has a number, a number means one thing, and the documentation lists it."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections import defaultdict

from house import ROOT, coded, literal, nodes

RANGES = {
    "connector/settings": (100, 199), "connector/misconfigured": (100, 199), "connector/mapping": (200, 299),
    "connector/scoring": (300, 399), "connector/plain": (400, 499), "connector/workbook": (400, 499),
    "adapters/spreadsheet": (400, 499), "adapters/http": (500, 539), "adapters/hubspot/": (500, 539),
    "adapters/salesforce/": (540, 579), "connector/store": (600, 699), "connector/plan": (700, 799),
    "adapters/sandbox": (900, 999),
}  # fmt: skip
SANDBOXES = ("adapters/hubspot/sandbox", "adapters/salesforce/sandbox")


def test_a_number_means_one_thing() -> None:
    """The same fault may be found in several places; then its number comes with few sentences of one area."""
    areas: dict[str, set[str]] = defaultdict(set)
    for one in coded():
        areas[one.code].add("/".join(one.where.split("/")[:2]).partition(":")[0])
    assert {code: sorted(a) for code, a in areas.items() if len({x.removesuffix(".py") for x in a}) > 2} == {}


def test_numbers_are_taken_from_the_area_they_belong_to() -> None:
    wrong = []
    for one in coded():
        number = int(one.code.removeprefix("LH-"))
        area = next((r for prefix, r in RANGES.items() if one.where.startswith(prefix)), (100, 999))
        area = (900, 999) if one.where.startswith(SANDBOXES) else area
        if not area[0] <= number <= area[1]:
            wrong.append((one.code, one.where))
    assert wrong == []


def test_every_number_has_three_digits() -> None:
    numbers = [(w, t) for w, n in nodes("connector", "adapters") if (t := literal(n)) and re.match(r"LH-\d", t)]
    assert numbers
    assert [(where, text) for where, text in numbers if not re.match(r"LH-\d{3}(\D|$)", text)] == []


def test_the_list_of_errors_is_up_to_date() -> None:
    script = ROOT / "scripts" / "error-codes"
    made = subprocess.run([sys.executable, script], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert (ROOT / "docs" / "error-codes.md").read_text("utf-8") == made, "run: scripts/docs"


def test_errors_are_raised_as_values_of_our_tree() -> None:
    """A bare Exception says nobody's turn it is."""
    bare = [w for w, n in nodes("connector", "adapters") if isinstance(n, ast.Raise) and _is_bare(n)]
    assert bare == []


def _is_bare(node: ast.Raise) -> bool:
    raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
    return isinstance(raised, ast.Name) and raised.id in ("Exception", "BaseException")

"""Small enough to be read at one sitting."""

from __future__ import annotations

import ast
import re
import tomllib

from house import ROOT, nodes, tracked

FUNCTION, METHODS, FILE = 50, 12, 400


def test_no_function_has_more_than_fifty_lines() -> None:
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    long = {w: n.end_lineno - n.lineno + 1 for w, n in nodes("connector", "adapters") if isinstance(n, functions)}
    assert {where: lines for where, lines in long.items() if lines > FUNCTION} == {}


def test_no_class_has_more_than_twelve_methods() -> None:
    """A property is a value and does not count."""
    counts = {
        f"{where} {node.name}": sum(map(_is_method, node.body))
        for where, node in nodes("connector", "adapters")
        if isinstance(node, ast.ClassDef)
    }
    assert {where: n for where, n in counts.items() if n > METHODS} == {}


def _is_method(part: ast.stmt) -> bool:
    function = isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef)
    return function and not any(isinstance(d, ast.Name) and d.id == "property" for d in part.decorator_list)


def test_no_file_has_more_than_four_hundred_lines() -> None:
    files = [p for p in tracked() if p.suffix == ".py"]
    lines = {str(p.relative_to(ROOT)): len(p.read_text("utf-8").splitlines()) for p in files}
    assert {path: n for path, n in lines.items() if n > FILE} == {}


def test_every_test_file_has_a_name_of_its_own() -> None:
    """Two test files of one name in folders that are no packages cannot be collected together."""
    names = [p.name for p in tracked() if p.name.startswith("test_") and p.suffix == ".py"]
    assert sorted({n for n in names if names.count(n) > 1}) == []


def test_a_warning_is_an_error_but_for_a_socket_that_the_interpreter_forgets() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    first, *others = settings["tool"]["pytest"]["ini_options"]["filterwarnings"]
    assert first == "error"
    assert [rule.partition(" [^>]*laddr")[0] for rule in others] == [r"ignore:unclosed <ssl\.SSLSocket"]


def test_every_exemption_says_why() -> None:
    """Where a reason holds for many places it stands once, in pyproject.toml."""
    mark = re.compile(r"# (?:ruff: )?(noqa|type: ignore|pragma: no)")
    reason = re.compile(r"# (?:ruff: )?(noqa: [A-Z0-9, ]+|type: ignore\[[a-z-]+\]|pragma: no cover) +[-#] \w")
    lines = [
        (p, n, line)
        for p in tracked()
        if p.suffix == ".py"
        for n, line in enumerate(p.read_text("utf-8").splitlines(), 1)
    ]
    assert [f"{p}:{n}" for p, n, line in lines if mark.search(line) and not reason.search(line)] == []


def test_types_are_strict_everywhere() -> None:
    mypy = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["mypy"]
    assert (mypy["strict"], mypy["packages"]) == (True, ["connector", "adapters"])

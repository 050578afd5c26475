"""The project's files, as the tests of the house read them."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Formatter

ROOT = Path(__file__).parents[2]


@cache
def sources(*folders: str) -> tuple[tuple[str, ast.Module], ...]:
    """Every Python file under these folders: its path from the root, and its tree."""
    files = sorted(p for folder in folders for p in (ROOT / folder).rglob("*.py"))
    return tuple((str(p.relative_to(ROOT)), ast.parse(p.read_text("utf-8"), str(p))) for p in files)


def nodes(*folders: str) -> Iterator[tuple[str, ast.AST]]:
    """Every node of every file, with `path:line`."""
    for path, tree in sources(*folders):
        for node in ast.walk(tree):
            yield f"{path}:{getattr(node, 'lineno', 0)}", node


def tracked() -> list[Path]:
    """The files that git knows, or every file where there is no git."""
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    names = listing.stdout.decode().split("\0") if listing.returncode == 0 else []
    return [ROOT / name for name in names if name and (ROOT / name).is_file()]


def dotted(node: ast.AST) -> str:
    """`datetime.now` for an attribute chain of names, else nothing."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        before = dotted(node.value)
        return f"{before}.{node.attr}" if before else ""
    return ""


def literal(node: ast.AST | None) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def said(node: ast.AST | None) -> str | None:
    """The English text of `say("…")`, or None."""
    if isinstance(node, ast.Call) and dotted(node.func) == "say" and node.args:
        return literal(node.args[0])
    return None


def holes(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


@dataclass(frozen=True)
class Coded:
    """An error as the code has it: its number, its sentence, its remedy if that is a literal."""

    code: str
    what: str
    fix: str | None
    where: str


def coded() -> list[Coded]:
    """Every `"LH-nnn", say("…")` in a call or a tuple."""
    found = []
    for where, node in nodes("connector", "adapters"):
        parts = node.args if isinstance(node, ast.Call) else node.elts if isinstance(node, ast.Tuple) else []
        code = literal(parts[0]) if parts else None
        texts = [t for t in map(said, parts[1:]) if t is not None]
        if isinstance(node, ast.Call):
            texts += [t for t in (said(k.value) for k in node.keywords if k.arg == "fix") if t is not None]
        if code is not None and code.startswith("LH-") and texts:
            found.append(Coded(code, texts[0], texts[1] if len(texts) > 1 else None, where))
    return found

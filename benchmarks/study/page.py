"""`docs/performance.md`: each benchmark writes its own part of it, between its marks, and leaves the rest alone."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "performance.md"
IMAGES = ROOT / "docs" / "img"


def write(part: str, text: str, page: Path = PAGE) -> None:
    """Put the text where the page has `<!-- part -->`. Raises ValueError if it has not."""
    before = page.read_text("utf-8")
    marks = re.compile(rf"(<!-- {part} -->\n).*?(<!-- /{part} -->)", re.DOTALL)
    if not marks.search(before):
        raise ValueError(f"{page.name} has no part {part}")
    page.write_text(marks.sub(lambda found: f"{found[1]}{text.strip()}\n{found[2]}", before), "utf-8")


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown; the first column is words, the others are numbers."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def machine() -> str:
    """The machine of this run, in one line."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = os.getloadavg()[0]
    return (
        f"{_processor()}, {os.cpu_count()} cores, {memory:.0f} GiB of memory, {platform.system()} "
        f"{platform.release().split('-')[0]}, Python {platform.python_version()}, numpy {version('numpy')}; "
        f"load {load:.1f} when the run ended."
    )


def _processor() -> str:
    told = Path("/proc/cpuinfo")
    names = re.findall(r"^model name\s*: (.+)$", told.read_text("utf-8"), re.MULTILINE) if told.exists() else []
    return names[0] if names else platform.processor() or platform.machine()

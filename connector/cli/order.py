"""Global options may stand after the command, too: `leadheat score leads.csv --json` is what people type."""

from __future__ import annotations

from collections.abc import Sequence

FLAGS = frozenset({"--json", "-q", "--quiet", "-v", "-vv", "--verbose", "--no-progress", "-y", "--yes"})
VALUED = frozenset({"--lang", "--color"})


def globals_first(arguments: Sequence[str]) -> list[str]:
    """The arguments with the global options in front, where Typer looks for them. What follows `--` stays."""
    front: list[str] = []
    rest: list[str] = []
    left = iter(arguments)
    for argument in left:
        if argument == "--":
            rest += [argument, *left]
        elif argument in FLAGS or (argument.partition("=")[0] in VALUED and "=" in argument):
            front.append(argument)
        elif argument in VALUED:
            front += [argument, *([value] if (value := next(left, None)) is not None else [])]
        else:
            rest.append(argument)
    return front + rest

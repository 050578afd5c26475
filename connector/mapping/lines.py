"""Writes one input into a mapping file's text, and leaves every other character, comments above all, as it is."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from connector.errors import user_error
from connector.words import say
from connector.yamlread import Block, Problems, read_yaml

_PLAIN = re.compile(r"[A-Za-z_][\w.]*")
_NOT_TEXT = frozenset({"true", "false", "yes", "no", "on", "off", "null"})


def input_line(name: str, field: str | Mapping[str, str], as_: str = "text") -> str:
    """`seniority: {field: jobtitle, as: seniority}`. `field` may differ by object."""
    if isinstance(field, str):
        told = _quoted(field)
    else:
        told = "{" + ", ".join(f"{object_}: {_quoted(one)}" for object_, one in field.items()) + "}"
    read = "" if as_ == "text" else f", as: {as_}"
    return f"{_quoted(name)}: {{field: {told}{read}}}"


def _quoted(text: str) -> str:
    plain = _PLAIN.fullmatch(text) and text.casefold() not in _NOT_TEXT
    return text if plain else json.dumps(text, ensure_ascii=False)


def with_input(text: str, file: str, name: str, field: str | Mapping[str, str], as_: str = "text") -> str:
    """The file's text with the input mapped so: in place of what it said of this input, or after the last input.

    Raises UserError when the file is no YAML, or has its inputs on one line."""
    problems = Problems("LH-200")
    top = read_yaml(text, file, problems)
    lines = text.splitlines(keepends=True)
    inputs = top.get("inputs")
    if inputs is None:
        lines = [*_ended(lines), "\ninputs:\n", f"  {input_line(name, field, as_)}\n"]
    elif isinstance(inputs, Block) and not _on_one_line(top, inputs):
        lines = _placed(lines, inputs, name, input_line(name, field, as_))
    else:
        fix = say("Write each input on a line of its own beneath 'inputs:'.")
        raise user_error("LH-211", say("the inputs stand on one line"), top.key_lines["inputs"], fix)
    changed = "".join(lines)
    read_yaml(changed, file, problems)
    return changed


def _on_one_line(top: Block, inputs: Block) -> bool:
    return top.key_lines["inputs"] == inputs.where


def _placed(lines: list[str], inputs: Block, name: str, line: str) -> list[str]:
    starts = sorted(_number(where) for where in inputs.key_lines.values())
    indent = lines[starts[0]][: len(lines[starts[0]]) - len(lines[starts[0]].lstrip())]
    if name in inputs:
        start = _number(inputs.key_lines[name])
        end = _end(lines, start, len(indent))
        return [*lines[:start], f"{indent}{line}{_comment(lines[start:end])}\n", *lines[end:]]
    end = _end(lines, starts[-1], len(indent))
    return [*_ended(lines[:end]), f"{indent}{line}\n", *lines[end:]]


def _number(where: str) -> int:
    """The line's index."""
    return int(where.rpartition(":")[2]) - 1


def _end(lines: list[str], start: int, indent: int) -> int:
    """The index after an entry: its continuation lines are indented deeper, or close its brackets."""
    last = start
    for n in range(start + 1, len(lines)):
        told = lines[n].strip()
        if not told or told.startswith("#"):
            continue
        if len(lines[n]) - len(lines[n].lstrip()) <= indent and told[0] not in "}]":
            break
        last = n
    return last + 1


def _comment(old: list[str]) -> str:
    """A comment behind an entry of one line stays behind it."""
    found = re.search(r"\s+#[^'\"}\]]*$", old[0].rstrip("\r\n")) if len(old) == 1 else None
    return found[0] if found else ""


def _ended(lines: list[str]) -> list[str]:
    return [*lines[:-1], lines[-1] if lines[-1].endswith("\n") else lines[-1] + "\n"]

"""YAML as its author wrote it: every scalar is text with a line, until the key that holds it says what it is.

YAML's own guesses (`no` is false, `0123` is 83, `1:30` is 90) are never made. Anchors, aliases, tags, merge keys
and repeated keys are refused, because a scorecard must mean what it says on paper.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import yaml

from connector.errors import Problem, did_you_mean, refuse
from connector.words import Message, say


@dataclass(frozen=True, slots=True)
class Text:
    """A scalar: its text, whether it was quoted, and where it stands. An empty plain scalar has text ''."""

    text: str
    quoted: bool
    where: str


@dataclass(frozen=True, slots=True)
class Many:
    """A sequence and where it starts."""

    items: tuple[Node, ...]
    where: str


@dataclass(frozen=True, slots=True)
class Block:
    """A mapping: its entries in order, and the line of each key."""

    entries: Mapping[str, Node]
    key_lines: Mapping[str, str]
    where: str

    def __contains__(self, key: str) -> bool:
        return key in self.entries

    def get(self, key: str) -> Node | None:
        return self.entries.get(key)


Node: TypeAlias = Text | Many | Block


class Problems:
    """Collects what is wrong in a file, so that all of it is told at once."""

    def __init__(self, code: str) -> None:
        self.found: list[Problem] = []
        self._code = code

    def add(self, where: str, what: Message, fix: Message | None = None, *, code: str | None = None) -> None:
        self.found.append(Problem(code or self._code, what, where, fix))

    def refuse(self) -> None:
        """Raise UserError if anything was found."""
        refuse(sorted(self.found, key=lambda p: _line(p.where)))


def _line(where: str | None) -> tuple[str, int]:
    file, _, line = (where or "").rpartition(":")
    return (file, int(line)) if line.isdigit() else (where or "", 0)


def read_yaml(text: str, file: str, problems: Problems) -> Block:
    """The file's top mapping. What YAML itself refuses, and every construct we refuse, raises UserError at once:
    a file that cannot be read as intended has no further meaning to check."""
    node = _composed(text, file, problems)
    problems.refuse()
    if not isinstance(node, yaml.MappingNode):
        problems.add(f"{file}:1", say("the file must be a list of 'key: value' lines"))
        problems.refuse()
    block = _block(node, file, problems)  # type: ignore[arg-type]  # refuse() above has left for anything else
    problems.refuse()
    return block


def _composed(text: str, file: str, problems: Problems) -> yaml.Node | None:
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            _refuse_event(event, file, problems)
        return yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError) as error:
        problems.add(_error_place(error, file), say("this is not YAML: {reason}", reason=_reason(error)))
        return None


def _refuse_event(event: yaml.Event, file: str, problems: Problems) -> None:
    where = f"{file}:{event.start_mark.line + 1}" if event.start_mark else file
    if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
        problems.add(where, say("anchors and aliases are not supported"), say("Write the value out where it is used."))
    if isinstance(event, (yaml.ScalarEvent, yaml.CollectionStartEvent)) and event.tag:
        problems.add(where, say("tags such as '{tag}' are not supported", tag=event.tag), say("Remove the tag."))


def _error_place(error: Exception, file: str) -> str:
    mark = getattr(error, "problem_mark", None)
    return f"{file}:{mark.line + 1}" if mark else f"{file}:1"


def _reason(error: Exception) -> str:
    return str(getattr(error, "problem", None) or getattr(error, "reason", None) or "it is nested too deeply")


def _node(node: yaml.Node, file: str, problems: Problems) -> Node:
    if isinstance(node, yaml.MappingNode):
        return _block(node, file, problems)
    where = f"{file}:{node.start_mark.line + 1}"
    if isinstance(node, yaml.SequenceNode):
        return Many(tuple(_node(n, file, problems) for n in node.value), where)
    return Text(node.value, getattr(node, "style", None) is not None, where)


def _block(node: yaml.MappingNode, file: str, problems: Problems) -> Block:
    entries: dict[str, Node] = {}
    lines: dict[str, str] = {}
    for key, value in node.value:
        where = f"{file}:{key.start_mark.line + 1}"
        if not isinstance(key, yaml.ScalarNode):
            problems.add(where, say("a key must be a single word"))
        elif key.value == "<<":
            problems.add(where, say("merge keys are not supported"), say("Write the values out."))
        elif key.value in entries:
            problems.add(where, say("'{key}' stands here twice", key=key.value), say("Keep one of them."))
        else:
            entries[key.value] = _node(value, file, problems)
            lines[key.value] = where
    return Block(entries, lines, f"{file}:{node.start_mark.line + 1}")


def unknown_keys(block: Block, known: Sequence[str], problems: Problems) -> None:
    """Report every key that is not in the closed vocabulary, with the nearest that is."""
    for key in block.entries:
        if key not in known:
            problems.add(block.key_lines[key], say("unknown key '{key}'", key=key), did_you_mean(key, known))


def members(node: Node) -> Iterator[Node]:
    """The items of a sequence, or the single node itself."""
    yield from node.items if isinstance(node, Many) else (node,)

"""The mapping of the plain files: it only declares what the columns hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from connector.errors import UserError, did_you_mean
from connector.instants import Duration, parse_duration
from connector.mapping.nodes import Hygiene
from connector.model import InputType, Vocabulary
from connector.scoring.conditions import fold
from connector.words import Message, say
from connector.yamlread import Block, Many, Node, Problems, Text, members, read_yaml, unknown_keys

CODE = "LH-430"
KEYS = ("mapping", "levels", "inputs", "kinds", "passive", "hygiene")
TYPES: Mapping[str, InputType] = {
    "text": "text",
    "number": "number",
    "truth": "truth",
    "level": "level",
    "instant": "instant",
    "set": "set",
}


@dataclass(frozen=True, slots=True)
class PlainMapping:
    """What the files provide to a scorecard, and which activities are not to be counted."""

    vocabulary: Vocabulary
    hygiene: Hygiene


def is_plain_mapping(text: str) -> bool:
    """Whether the text is a mapping that calls itself `plain`; false for what is no YAML."""
    try:
        node = read_yaml(text, "", Problems(CODE)).get("mapping")
    except UserError:
        return False
    return isinstance(node, Text) and node.text.strip() == "plain"


def read_plain_mapping(text: str, file: str) -> PlainMapping:
    """The declarations of the file. Raises UserError with every problem."""
    problems = Problems(CODE)
    top = read_yaml(text, file, problems)
    unknown_keys(top, KEYS, problems)
    scales = {name: _names(problems, node, name) for name, node in _entries(problems, top, "levels").items()}
    inputs, levels = _inputs(problems, top, scales)
    kinds = _names(problems, top.entries["kinds"], "kinds") if "kinds" in top else None
    passive = _kinds(problems, top, "passive", kinds)
    hygiene = _hygiene(problems, top, kinds)
    problems.refuse()
    return PlainMapping(Vocabulary(inputs, levels, None if kinds is None else frozenset(kinds), passive), hygiene)


def _entries(problems: Problems, block: Block, key: str) -> Mapping[str, Node]:
    node = block.get(key)
    if isinstance(node, Block):
        return node.entries
    if node is not None and not _blank(node):
        problems.add(node.where, say("'{key}' must hold 'key: value' pairs", key=key))
    return {}


def _blank(node: Node) -> bool:
    return isinstance(node, Text) and not fold(node.text)


def _names(problems: Problems, node: Node, key: str) -> tuple[str, ...]:
    """Names, none of them blank, each once."""
    found: list[str] = []
    if isinstance(node, Many) and not node.items:
        problems.add(node.where, say("'{key}' is an empty list", key=key))
    for member in members(node):
        if not isinstance(member, Text) or _blank(member):
            problems.add(member.where, say("'{key}' must be a list of names", key=key))
        elif fold(member.text) in map(fold, found):
            problems.add(member.where, say("'{name}' stands here twice", name=member.text.strip()))
        else:
            found.append(member.text.strip())
    return tuple(found)


def _inputs(
    problems: Problems, top: Block, scales: Mapping[str, tuple[str, ...]]
) -> tuple[dict[str, InputType], dict[str, tuple[str, ...]]]:
    """Types by input, and levels by input."""
    inputs: dict[str, InputType] = {}
    levels: dict[str, tuple[str, ...]] = {}
    for name, node in _entries(problems, top, "inputs").items():
        kind, scale = _type(problems, node, name, scales)
        if kind is not None:
            inputs[name] = kind
        if kind == "level":
            levels[name] = scales.get(scale, ())
    return inputs, levels


def _type(
    problems: Problems, node: Node, name: str, scales: Mapping[str, tuple[str, ...]]
) -> tuple[InputType | None, str]:
    """`number`, or `level seniority`."""
    word, _, scale = node.text.strip().partition(" ") if isinstance(node, Text) else ("", "", "")
    scale = scale.strip()
    if word not in TYPES or bool(scale) != (word == "level"):
        fix = did_you_mean(word, list(TYPES)) or _types()
        problems.add(node.where, say("the type of '{input}' is not one that plain files have", input=name), fix)
        return None, ""
    if word == "level" and scale not in scales:
        what = say("'{input}' is on the scale '{scale}', which 'levels' does not list", input=name, scale=scale)
        problems.add(node.where, what, did_you_mean(scale, list(scales)))
    return TYPES[word], scale


def _types() -> Message:
    return say("Write text, number, truth, instant, set, or level and the name of a scale.")


def _kinds(problems: Problems, block: Block, key: str, kinds: tuple[str, ...] | None) -> frozenset[str]:
    """Kinds of activity, which `kinds` must list if it is there."""
    node = block.get(key)
    if node is None or _blank(node) or (isinstance(node, Many) and not node.items):
        return frozenset()
    found = _names(problems, node, key)
    for kind in found:
        if kinds is not None and kind not in kinds:
            problems.add(node.where, say("'kinds' does not list '{kind}'", kind=kind), did_you_mean(kind, kinds))
    return frozenset(found)


def _hygiene(problems: Problems, top: Block, kinds: tuple[str, ...] | None) -> Hygiene:
    node = top.get("hygiene")
    _entries(problems, top, "hygiene")
    if not isinstance(node, Block):
        return Hygiene()
    unknown_keys(node, ("repeat_within", "set_aside"), problems)
    return Hygiene(_kinds(problems, node, "set_aside", kinds), _repeat_within(problems, node.get("repeat_within")))


def _repeat_within(problems: Problems, node: Node | None) -> Duration | None:
    if node is None:
        return None
    try:
        found = parse_duration(node.text) if isinstance(node, Text) else 0
    except ValueError:
        found = 0
    if not found:
        problems.add(node.where, say("'repeat_within' must be a duration above zero such as 10m"))
    return found or None

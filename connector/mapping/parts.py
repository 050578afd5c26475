"""Small pieces of a mapping file: names, lists, yes and no, durations, and sources with their fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from connector.errors import did_you_mean
from connector.instants import Duration, parse_duration
from connector.mapping.converts import Own, read_convert
from connector.mapping.nodes import Source
from connector.words import say
from connector.yamlread import Block, Many, Node, Problems, Text, members, unknown_keys

EVENT = ("",)
"""The only "object" of an event's fields."""
_SOURCE_KEYS = ("field", "first_of", "constant", "as", "values", "levels", "gives", "optional")


@dataclass(frozen=True, slots=True)
class Reader:
    """What every part of a file is read with: where problems go, the mapping's own lists, its people objects."""

    problems: Problems
    own: Own
    objects: tuple[str, ...]


def name_of(node: Node | None, problems: Problems) -> str:
    """A single word; '' after a complaint."""
    if isinstance(node, Text) and node.text.strip():
        return node.text.strip()
    if node is not None:
        problems.add(node.where, say("here a name is expected"))
    return ""


def names_of(node: Node | None, problems: Problems) -> tuple[str, ...]:
    """A word or a list of words; () when there is none."""
    if node is None:
        return ()
    found = tuple(one.text.strip() for one in members(node) if isinstance(one, Text) and one.text.strip())
    if not found or (isinstance(node, Many) and len(found) < len(node.items)):
        problems.add(node.where, say("here a name or a list of names is expected"))
    return found


def truth_of(node: Node | None, problems: Problems) -> bool:
    """`true` or `false`; false when it is left out."""
    told = node.text.strip().casefold() if isinstance(node, Text) else None
    if node is not None and told not in {"true", "false"}:
        problems.add(node.where, say("here true or false is expected"))
    return told == "true"


def duration_of(node: Node, problems: Problems) -> Duration:
    """`90d`, `12h`, `30m`; 0 after a complaint."""
    try:
        return parse_duration(node.text if isinstance(node, Text) else "")
    except ValueError:
        problems.add(node.where, say("here a duration such as 90d, 12h or 30m is expected"))
        return 0


def block_of(node: Node | None, problems: Problems) -> Block | None:
    """A block of `key: value` lines, or None after a complaint."""
    if node is not None and not isinstance(node, Block):
        problems.add(node.where, say("here lines of 'key: value' are expected"))
    return node if isinstance(node, Block) else None


def one_among(name: str, known: Sequence[str], where: str, problems: Problems) -> None:
    """Complain of a name that is not known, with the nearest that is."""
    if name not in known:
        problems.add(
            where, say("'{name}' is none of: {known}", name=name, known=", ".join(known)), did_you_mean(name, known)
        )


def read_source(
    node: Node, where: str, reader: Reader, objects: tuple[str, ...], default: str = "text"
) -> Source | None:
    """A field's name, a list of them, or a block with `field`, `first_of` or `constant` and `as`. None after a
    complaint."""
    problems = reader.problems
    if not isinstance(node, Block):
        node = Block({"first_of": node}, {"first_of": where}, where)
    unknown_keys(node, _SOURCE_KEYS, problems)
    origins = [key for key in ("field", "first_of", "constant") if key in node]
    if len(origins) != 1:
        problems.add(where, say("exactly one of 'field', 'first_of' and 'constant' is needed"))
        return None
    convert = read_convert(node, reader.own, problems, default)
    optional = truth_of(node.get("optional"), problems)
    source = Source({}, convert, None, optional, where)
    if origins == ["constant"]:
        return _constant(source, node, problems)
    return replace(source, fields=_by_object(node.entries[origins[0]], objects, problems))


def _constant(source: Source, node: Block, problems: Problems) -> Source:
    text = name_of(node.get("constant"), problems)
    if text and source.convert.function(source.convert.values.get(text, text)) is None:
        problems.add(source.where, say("the constant cannot be read as '{kind}'", kind=source.convert.name))
    return replace(source, constant=text)


def _by_object(node: Node, objects: tuple[str, ...], problems: Problems) -> Mapping[str, tuple[str, ...]]:
    if not isinstance(node, Block):
        told = names_of(node, problems)
        return dict.fromkeys(objects, told)
    for name in node.entries:
        one_among(name, objects, node.key_lines[name], problems)
    return {name: names_of(value, problems) for name, value in node.entries.items()}

"""Reading the worked examples: given these inputs and deeds, expect these points, this band."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from connector.scoring.document_rules import refuse_unknown_kind
from connector.scoring.document_tests import TYPE_NAMES
from connector.scoring.scalars import (
    Reader,
    block_of,
    duration,
    entries_of,
    is_blank,
    known_keys,
    line_of,
    parsed,
    required,
    text_of,
    unknown_name,
    whole,
    words,
)
from connector.scoring.scorecard import Example, ExampleDeed
from connector.scoring.values import parse_value
from connector.words import Message, say
from connector.yamlread import Block, Many, Node

BANDS = ("hot", "warm", "cold", "excluded")


def read_examples(r: Reader, node: Node | None) -> tuple[Example, ...]:
    """Every example of the scorecard, in order."""
    entries = entries_of(r, node, "examples", may_be_empty=True)
    return tuple(_example(r, block) for entry in entries if (block := block_of(r, entry, "examples")) is not None)


def _example(r: Reader, block: Block) -> Example:
    known_keys(r, block, ("name", "given", "did", "expect"))
    name = text_of(r, required(r, block, "name"), "name") or ""
    did = entries_of(r, block.get("did"), "did", may_be_empty=True)
    deeds = tuple(deed for entry in did if (deed := _deed(r, entry)) is not None)
    expect = block_of(r, required(r, block, "expect"), "expect")
    points = band = None
    if expect is not None:
        known_keys(r, expect, ("points", "band"))
        points, band = whole(r, expect, "points"), parsed(r, expect.get("band"), "band", _band, _bands())
    return Example(name, block.where, _given(r, block.get("given")), deeds, points, band)


def _bands() -> Message:
    return say("one of hot, warm, cold, excluded")


def _band(text: str) -> str:
    if text not in BANDS:
        raise ValueError("not a band")
    return text


def _given(r: Reader, node: Node | None) -> Mapping[str, str]:
    """The inputs as text; a list is a set."""
    if node is None or (isinstance(node, Block) and not node.entries):
        return MappingProxyType({})
    block = block_of(r, node, "given")
    if block is None:
        return MappingProxyType({})
    given = {name: _input(r, block, name) for name in block.entries}
    return MappingProxyType({name: text for name, text in given.items() if text is not None})


def _input(r: Reader, block: Block, name: str) -> str | None:
    node = block.entries[name]
    if is_blank(node):
        return None
    text = ";".join(words(r, node, name)) if isinstance(node, Many) else text_of(r, node, name)
    if r.vocabulary is None or text is None:
        return text
    if name not in r.vocabulary.inputs:
        what = say("the example gives '{input}', which the mapping does not provide", input=name)
        unknown_name(r, line_of(block, name), what, name, sorted(r.vocabulary.inputs))
        return None
    kind, levels = r.vocabulary.inputs[name], r.vocabulary.levels.get(name, ())
    try:
        parse_value(text, kind, levels, r.zone)
    except ValueError:
        what = say("'{value}' does not fit '{input}', which is {type}", value=text, input=name, type=TYPE_NAMES[kind])
        r.tell("LH-302", node.where, what)
    return text


def _deed(r: Reader, node: Node) -> ExampleDeed | None:
    """`{demo_request: 2d}`, with `subject` and `attributes` beside it if they matter."""
    block = block_of(r, node, "did")
    if block is None:
        return None
    kinds = [key for key in block.entries if key not in ("subject", "attributes")]
    if len(kinds) != 1:
        r.tell("LH-300", block.where, say("a deed is one kind and how long ago, such as demo_request: 2d"))
        return None
    refuse_unknown_kind(r, block.key_lines[kinds[0]], kinds[0])
    ago = duration(r, block.entries[kinds[0]], kinds[0])
    subject = text_of(r, block.get("subject"), "subject")
    return None if ago is None else ExampleDeed(kinds[0], ago, subject, _attributes(r, block.get("attributes")))


def _attributes(r: Reader, node: Node | None) -> Mapping[str, str]:
    block = block_of(r, node, "attributes")
    entries = block.entries if block is not None else {}
    texts = {name: text_of(r, entry, name) for name, entry in entries.items()}
    return MappingProxyType({name: text for name, text in texts.items() if text is not None})

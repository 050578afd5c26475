"""`activities:` and `outcomes:` of a mapping file, entry by entry."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from connector.mapping.nodes import ActivityEntry, KindField, Lookup, OutcomeEntry, Source
from connector.mapping.parts import (
    EVENT,
    Reader,
    block_of,
    name_of,
    names_of,
    one_among,
    read_source,
    truth_of,
)
from connector.mapping.texts import fold
from connector.mapping.where import read_tests
from connector.words import say
from connector.yamlread import Block, Many, Node, Problems, Text, unknown_keys

_ACTIVITY = (
    "from", "kind", "at", "subject", "attributes", "delivered", "where", "passive", "optional", "person", "modified",
)  # fmt: skip
_OUTCOME = ("from", "won", "lost", "opened", "closed", "amount", "reason", "optional", "person", "modified")


@dataclass(frozen=True, slots=True)
class Entries:
    """Everything the entries say together: kinds, those that are passive, lookups by source, first lines by source."""

    activities: tuple[ActivityEntry, ...]
    outcomes: tuple[OutcomeEntry, ...]
    kinds: frozenset[str]
    passive: frozenset[str]
    lookups: Mapping[str, Lookup]


def read_entries(top: Block, reader: Reader) -> Entries:
    """Both lists. Kinds are those the entries name and those under `kinds:`."""
    problems = reader.problems
    listed = names_of(top.get("kinds"), problems)
    doings = [(block, _activity(block, listed, reader)) for block in _blocks(top.get("activities"), problems)]
    deals = [(block, _outcome(block, reader)) for block in _blocks(top.get("outcomes"), problems)]
    passive = frozenset(k for block, entry in doings for k in _passive(block, entry, problems))
    kinds = frozenset(k for _, entry in doings for k in _kinds(entry)) | frozenset(listed)
    lookups: dict[str, Lookup] = {}
    for block, source in [*((b, a.source) for b, a in doings), *((b, o.source) for b, o in deals)]:
        if "person" in block or "modified" in block:
            modified = name_of(block.get("modified"), problems) or None
            lookups[source] = Lookup(names_of(block.get("person"), problems), modified)
    return Entries(tuple(a for _, a in doings), tuple(o for _, o in deals), kinds, passive, lookups)


def _blocks(node: Node | None, problems: Problems) -> Iterator[Block]:
    if node is None:
        return
    if not isinstance(node, Many):
        problems.add(node.where, say("here a list of entries is expected, each beginning with '- from:'"))
        return
    for one in node.items:
        if block := block_of(one, problems):
            yield block


def _needed(block: Block, keys: tuple[str, ...], problems: Problems) -> None:
    for key in keys:
        if key not in block:
            problems.add(block.where, say("the entry has no '{key}'", key=key))


def _activity(block: Block, listed: tuple[str, ...], reader: Reader) -> ActivityEntry:
    problems = reader.problems
    unknown_keys(block, _ACTIVITY, problems)
    _needed(block, ("from", "kind", "at"), problems)
    entry = ActivityEntry(
        name_of(block.get("from"), problems),
        _kind(block.get("kind"), listed, problems),
        names_of(block.get("at"), problems),
        _field(block, "subject", "path", reader),
        _attributes(block, reader),
        name_of(block.get("delivered"), problems) or None,
        read_tests(block.get("where"), problems),
        truth_of(block.get("optional"), problems),
    )
    return replace(entry, where=block.key_lines.get("from", block.where))


def _kind(node: Node | None, listed: tuple[str, ...], problems: Problems) -> str | KindField:
    if not isinstance(node, Block):
        return name_of(node, problems)
    unknown_keys(node, ("field", "first_of", "values"), problems)
    field = names_of(node.get("field") or node.get("first_of"), problems)
    values = block_of(node.get("values"), problems)
    told = {fold(k): v.text for k, v in values.entries.items() if isinstance(v, Text)} if values else {}
    kinds = {fold(kind): kind for kind in (*listed, *told.values())} | told
    if not field or not kinds:
        problems.add(
            node.where, say("a kind that the event names needs its 'field', and 'values' or the file's 'kinds'")
        )
    return KindField(field, kinds)


def _kinds(entry: ActivityEntry) -> frozenset[str]:
    if isinstance(entry.kind, KindField):
        return frozenset(entry.kind.kinds.values())
    return frozenset({entry.kind} if entry.kind else ())


def _passive(block: Block, entry: ActivityEntry, problems: Problems) -> frozenset[str]:
    node = block.get("passive")
    if node is None or isinstance(entry.kind, str):
        return _kinds(entry) if truth_of(node, problems) else frozenset()
    named = names_of(node, problems)
    for kind in named:
        one_among(kind, sorted(_kinds(entry)), node.where, problems)
    return frozenset(named)


def _field(block: Block, key: str, default: str, reader: Reader) -> Source | None:
    node = block.get(key)
    return read_source(node, block.key_lines[key], reader, EVENT, default) if node is not None else None


def _attributes(block: Block, reader: Reader) -> dict[str, Source]:
    attributes = block_of(block.get("attributes"), reader.problems)
    if attributes is None:
        return {}
    read = {name: _field(attributes, name, "text", reader) for name in attributes.entries}
    return {name: source for name, source in read.items() if source}


def _outcome(block: Block, reader: Reader) -> OutcomeEntry:
    problems = reader.problems
    unknown_keys(block, _OUTCOME, problems)
    _needed(block, ("from", "won", "lost", "opened", "closed"), problems)
    return OutcomeEntry(
        name_of(block.get("from"), problems),
        read_tests(block.get("won"), problems),
        read_tests(block.get("lost"), problems),
        names_of(block.get("opened"), problems),
        names_of(block.get("closed"), problems),
        name_of(block.get("amount"), problems) or None,
        name_of(block.get("reason"), problems) or None,
        truth_of(block.get("optional"), problems),
        block.key_lines.get("from", block.where),
    )

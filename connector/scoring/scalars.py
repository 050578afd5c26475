"""What every part of a scorecard's reading shares: the problems found so far, and single values by the kind their key
declares. Whatever cannot be read is reported and left out, so that one reading tells everything.

Codes: 300 not the shape a scorecard has; 301 a key is missing; 302 a value is not of its kind; 303 an unknown name;
304 a test that does not fit its input; 305 a repeated id; 306 keys that do not go together; 307 limits in the wrong
order; 308 hot out of reach; 309 a worked example that comes out otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar
from zoneinfo import ZoneInfo

from connector.errors import did_you_mean
from connector.instants import Duration, Instant, parse_duration, parse_moment
from connector.model import Vocabulary
from connector.scoring.conditions import fold
from connector.words import Lang, Message, say
from connector.yamlread import Block, Many, Node, Problems, Text, members

_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Reader:
    """One reading: what was wrong so far, what the mapping provides (None: not known), the scorecard's zone."""

    problems: Problems
    vocabulary: Vocabulary | None
    zone: ZoneInfo

    def tell(self, code: str, where: str, what: Message, fix: Message | None = None) -> None:
        self.problems.add(where, what, fix, code=code)


def line_of(block: Block, key: str) -> str:
    """Where a key stands; for a missing one, where its block begins."""
    return block.key_lines.get(key, block.where)


def required(r: Reader, block: Block, key: str) -> Node | None:
    """The node of a key that must be there."""
    if key not in block:
        r.tell("LH-301", block.where, say("'{key}' is missing", key=key))
    return block.get(key)


def is_blank(node: Node | None) -> bool:
    """A key with nothing behind it."""
    return isinstance(node, Text) and not node.text and not node.quoted


def block_of(r: Reader, node: Node | None, name: str) -> Block | None:
    """A list of `key: value` pairs that is not empty."""
    if isinstance(node, Block) and node.entries:
        return node
    if node is not None:
        r.tell("LH-300", node.where, say("'{key}' must hold 'key: value' pairs", key=name))
    return None


def entries_of(r: Reader, node: Node | None, name: str, *, may_be_empty: bool = False) -> Iterator[Node]:
    """The entries of a list; an empty one is a problem unless allowed."""
    if node is None:
        return
    if not isinstance(node, Many):
        r.tell("LH-300", node.where, say("'{key}' must be a list", key=name))
    elif not node.items and not may_be_empty:
        r.tell("LH-300", node.where, say("'{key}' is an empty list", key=name))
    else:
        yield from node.items


def text_of(r: Reader, node: Node | None, name: str) -> str | None:
    """A text that is not blank."""
    if node is None:
        return None
    if not isinstance(node, Text):
        r.tell("LH-300", node.where, say("'{key}' must be a single value", key=name))
    elif not fold(node.text):
        r.tell("LH-302", node.where, say("'{key}' is empty", key=name))
    else:
        return node.text.strip()
    return None


def parsed(r: Reader, node: Node | None, name: str, parse: Callable[[str], T], kind: Message) -> T | None:
    """A single value by `parse`, which raises ValueError for what is not `kind`."""
    text = text_of(r, node, name)
    if text is None or node is None:
        return None
    try:
        return parse(text)
    except ValueError:
        r.tell("LH-302", node.where, say("'{key}' must be {kind}, not '{value}'", key=name, kind=kind, value=text))
        return None


def whole(r: Reader, block: Block, key: str, least: int | None = None) -> int | None:
    """A whole number, and one not below `least`."""
    kind = say("a whole number") if least is None else say("a whole number from {least}", least=least)
    return parsed(r, block.get(key), key, lambda text: parse_whole(text, least), kind)


def parse_whole(text: str, least: int | None = None) -> int:
    """Read `15`, `+15` or `-20`. Raises ValueError for anything else, or below `least`."""
    if _WHOLE.fullmatch(text) is None or (least is not None and int(text) < least):
        raise ValueError("not a whole number")
    return int(text)


def duration(r: Reader, node: Node | None, name: str) -> Duration | None:
    """A duration above zero."""
    return parsed(r, node, name, _positive_duration, say("a duration above zero such as 90d, 12h or 30m"))


def _positive_duration(text: str) -> Duration:
    found = parse_duration(text)
    if not found:
        raise ValueError("nothing long")
    return found


def moment(r: Reader, node: Node, name: str) -> Instant | None:
    """An instant with its zone, or a date, which is midnight in the scorecard's zone."""
    kind = say("a date or an instant with its zone")
    return parsed(r, node, name, lambda text: parse_moment(text, r.zone), kind)


def words(r: Reader, node: Node, name: str) -> tuple[str, ...]:
    """One text or a list of texts, none of them blank, in order and each once."""
    if isinstance(node, Many) and not node.items:
        r.tell("LH-300", node.where, say("'{key}' is an empty list", key=name))
    found = (text_of(r, member, name) for member in members(node))
    return tuple(dict.fromkeys(text for text in found if text is not None))


def label(r: Reader, node: Node | None, otherwise: str) -> Mapping[Lang, str]:
    """A text in both languages; a missing one falls back to the other, and both to the id."""
    if node is None:
        return {"ja": otherwise, "en": otherwise}
    if isinstance(node, Text):
        both = text_of(r, node, "label") or otherwise
        return {"ja": both, "en": both}
    block = block_of(r, node, "label")
    if block is None:
        return {"ja": otherwise, "en": otherwise}
    known_keys(r, block, ("ja", "en"))
    said = {key: text_of(r, block.get(key), key) for key in ("ja", "en")}
    ja, en = said["ja"] or said["en"] or otherwise, said["en"] or said["ja"] or otherwise
    return {"ja": ja, "en": en}


def known_keys(r: Reader, block: Block, known: Sequence[str]) -> None:
    """Report every key that is not in the closed vocabulary, with the nearest that is."""
    for key in block.entries:
        if key not in known:
            r.tell("LH-300", block.key_lines[key], say("unknown key '{key}'", key=key), did_you_mean(key, known))


def unknown_name(r: Reader, where: str, what: Message, name: str, known: Sequence[str]) -> None:
    """Report a name that nothing provides, with the nearest that something does, or all of them."""
    listed = say("Known here: {names}.", names=", ".join(known)) if known else None
    r.tell("LH-303", where, what, did_you_mean(name, known) or listed)

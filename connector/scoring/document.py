"""Reading a scorecard: a closed vocabulary, every problem at once, each with its line.

Scalars are read as the kind their key declares, so nothing depends on what YAML would guess.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo, available_timezones

from connector.errors import did_you_mean
from connector.instants import parse_date
from connector.model import Vocabulary
from connector.scoring.digest import digest_of
from connector.scoring.document_examples import read_examples
from connector.scoring.document_rules import read_rules, refuse_repeated_ids
from connector.scoring.document_tests import read_condition, read_requires
from connector.scoring.reach import hot_is_in_reach
from connector.scoring.scalars import (
    Reader,
    block_of,
    duration,
    entries_of,
    is_blank,
    known_keys,
    label,
    line_of,
    parsed,
    required,
    text_of,
    whole,
)
from connector.scoring.scorecard import Agreed, Axis, Bands, Exclude, Scorecard
from connector.words import say
from connector.yamlread import Block, Node, Problems, Text, read_yaml

TOP_KEYS = ("scorecard", "version", "timezone", "agreed", "bands", "limits", "axes", "exclude", "rules", "examples")


def read_scorecard(text: str, file: str, vocabulary: Vocabulary | None, zone: ZoneInfo) -> Scorecard:
    """The scorecard of a file, bound to what a mapping provides. With None, inputs, kinds and levels go unchecked.
    `zone` is the installation's, for a scorecard that names none. Raises UserError with every problem of the file."""
    problems = Problems("LH-300")
    top = read_yaml(text, file, problems)
    r = Reader(problems, vocabulary, _zone(problems, top, zone))
    known_keys(r, top, TOP_KEYS)
    card = _scorecard(r, top)
    problems.refuse()
    return replace(card, digest=digest_of(card))


def _scorecard(r: Reader, top: Block) -> Scorecard:
    name = text_of(r, required(r, top, "scorecard"), "scorecard") or ""
    required(r, top, "version")
    version = whole(r, top, "version", 0) or 0
    axes, bands = _axes(r, required(r, top, "axes")), _bands(r, required(r, top, "bands"))
    low, high = _limits(r, top.get("limits"))
    nodes = tuple(entries_of(r, required(r, top, "rules"), "rules"))
    rules = read_rules(r, nodes, [axis.id for axis in axes])
    exclude, examples = _exclude(r, top.get("exclude")), read_examples(r, top.get("examples"))
    if bands and nodes and len(rules) == len(nodes) and not hot_is_in_reach(bands, axes, rules, low, high):
        what = say("hot ({enter} points) is out of reach of every combination of rules", enter=bands.enter)
        r.tell("LH-308", _enter_line(top), what, say("Lower 'enter', or raise points or limits."))
    vocabulary = r.vocabulary or Vocabulary({})
    agreed, bands = _agreed(r, top.get("agreed")), bands or Bands(0, 0, 0)
    return Scorecard(name, version, r.zone, agreed, bands, low, high, axes, exclude, tuple(rules), examples, vocabulary)


def _enter_line(top: Block) -> str:
    bands = top.get("bands")
    hot = bands.get("hot") if isinstance(bands, Block) else None
    return line_of(hot, "enter") if isinstance(hot, Block) else line_of(top, "bands")


def _zone(problems: Problems, top: Block, otherwise: ZoneInfo) -> ZoneInfo:
    node = top.get("timezone")
    if node is None:
        return otherwise
    key = node.text.strip() if isinstance(node, Text) else ""
    try:
        return ZoneInfo(key)
    except (KeyError, ValueError, OSError):
        fix = did_you_mean(key, sorted(available_timezones())) or say("Write it like Asia/Tokyo.")
        problems.add(node.where, say("there is no time zone '{zone}'", zone=key), fix, code="LH-303")
        return otherwise


def _axes(r: Reader, node: Node | None) -> tuple[Axis, ...]:
    block = block_of(r, node, "axes")
    if block is None:
        return ()
    return tuple(_axis(r, block, name) for name in block.entries)


def _axis(r: Reader, axes: Block, name: str) -> Axis:
    node = axes.entries[name]
    if name == "total":
        r.tell("LH-303", axes.key_lines[name], say("'total' names the sum of all axes; call the axis something else"))
    empty = is_blank(node) or (isinstance(node, Block) and not node.entries)
    block = None if empty else block_of(r, node, name)
    if block is None:
        return Axis(name, label(r, None, name))
    known_keys(r, block, ("label", "max", "min"))
    high, low = whole(r, block, "max"), whole(r, block, "min")
    if high is not None and high < 0:
        r.tell("LH-307", line_of(block, "max"), say("'max' of axis '{axis}' is below 0", axis=name))
    if low is not None and low > 0:
        r.tell("LH-307", line_of(block, "min"), say("'min' of axis '{axis}' is above 0", axis=name))
    return Axis(name, label(r, block.get("label"), name), high, low)


def _bands(r: Reader, node: Node | None) -> Bands | None:
    """Hot and warm; None when they cannot be read."""
    block = block_of(r, node, "bands")
    if block is None:
        return None
    known_keys(r, block, ("hot", "warm"))
    required(r, block, "warm")
    warm, hot = whole(r, block, "warm"), block_of(r, required(r, block, "hot"), "hot")
    if hot is None:
        return None
    known_keys(r, hot, ("enter", "leave", "stay", "requires"))
    required(r, hot, "enter")
    enter, leave = whole(r, hot, "enter"), whole(r, hot, "leave")
    stay, requires = duration(r, hot.get("stay"), "stay") or 0, read_requires(r, hot.get("requires"))
    if enter is None:
        return None
    for key, place, value in (("leave", hot, leave), ("warm", block, warm)):
        if value is not None and value > enter:
            what = say("'{key}' ({value}) is above 'enter' ({enter})", key=key, value=value, enter=enter)
            r.tell("LH-307", line_of(place, key), what)
    return Bands(enter, enter if leave is None else leave, warm or 0, stay, requires)


def _limits(r: Reader, node: Node | None) -> tuple[int | None, int | None]:
    block = block_of(r, node, "limits")
    if block is None:
        return None, None
    known_keys(r, block, ("min", "max"))
    low, high = whole(r, block, "min"), whole(r, block, "max")
    if low is not None and high is not None and low > high:
        r.tell("LH-307", line_of(block, "min"), say("'min' ({min}) is above 'max' ({max})", min=low, max=high))
    return low, high


def _exclude(r: Reader, node: Node | None) -> tuple[Exclude, ...]:
    entries = entries_of(r, node, "exclude", may_be_empty=True)
    blocks = [block for entry in entries if (block := block_of(r, entry, "exclude")) is not None]
    refuse_repeated_ids(r, blocks)
    return tuple(_exclusion(r, block) for block in blocks)


def _exclusion(r: Reader, block: Block) -> Exclude:
    known_keys(r, block, ("id", "label", "when", "any"))
    name = text_of(r, required(r, block, "id"), "id") or ""
    if not ("when" in block or "any" in block):
        r.tell("LH-301", block.where, say("the exclusion '{id}' does not say who is meant", id=name))
    condition = read_condition(r, block, say("exclusion '{id}'", id=name))
    return Exclude(name, label(r, block.get("label"), name), condition)


def _agreed(r: Reader, node: Node | None) -> Agreed:
    """Who agreed and when. Blank is not agreed yet; dates are dates."""
    block = block_of(r, node, "agreed")
    if block is None:
        return Agreed()
    keys: Sequence[str] = ("marketing", "sales", "on", "review_by", "because")
    known_keys(r, block, keys)
    said = {key: _remark(r, block.get(key), key) for key in keys}
    return Agreed(**said)


def _remark(r: Reader, node: Node | None, key: str) -> str:
    if isinstance(node, Text) and not node.text.strip():
        return ""
    if key in ("on", "review_by"):
        day = parsed(r, node, key, parse_date, say("a date such as 2026-11-22"))
        return "" if day is None else day.isoformat()
    return text_of(r, node, key) or ""

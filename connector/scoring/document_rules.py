"""Reading the rules: what fires them, what they count, what they give."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from connector.scoring.document_tests import read_condition, read_where
from connector.scoring.scalars import (
    Reader,
    block_of,
    duration,
    known_keys,
    label,
    line_of,
    parse_whole,
    parsed,
    required,
    text_of,
    unknown_name,
    whole,
    words,
)
from connector.scoring.scorecard import Count, Did, Fade, Rule, Silence
from connector.words import Message, say
from connector.yamlread import Block, Node

OCCURRENCE_KEYS = ("where", "within", "count", "fade")
RULE_KEYS = (
    *("id", "axis", "label", "when", "any", "did", "silent_for", *OCCURRENCE_KEYS),
    *("points", "hot", "blocks_hot", "because"),
)


def read_rules(r: Reader, nodes: Sequence[Node], axes: Sequence[str]) -> list[Rule]:
    """The rules in order. One that lacks its id, axis or points is left out, and reported."""
    blocks = [block for node in nodes if (block := block_of(r, node, "rules")) is not None]
    refuse_repeated_ids(r, blocks)
    return [rule for block in blocks if (rule := _rule(r, block, axes)) is not None]


def refuse_repeated_ids(r: Reader, blocks: Sequence[Block]) -> None:
    """Report every id that stands twice in one list."""
    seen: set[str] = set()
    for block in blocks:
        name = getattr(block.get("id"), "text", "").strip()
        if name and name in seen:
            r.tell("LH-305", line_of(block, "id"), say("the id '{id}' stands here twice", id=name))
        seen.add(name)


def _rule(r: Reader, block: Block, axes: Sequence[str]) -> Rule | None:
    known_keys(r, block, RULE_KEYS)
    name = text_of(r, required(r, block, "id"), "id")
    asker = say("rule '{id}'", id=name or "?")
    _refuse_combinations(r, block, asker)
    hot_now, blocks_hot = _effect(r, block, "hot"), _effect(r, block, "blocks_hot")
    axis, points = _axis(r, block, axes), _points(r, block, hot_now=hot_now)
    condition, deed = read_condition(r, block, asker), _deed(r, block)
    because = text_of(r, block.get("because"), "because")
    said = label(r, block.get("label"), name or "")
    if name is None or axis is None or points is None:
        return None
    return Rule(name, axis, said, points, condition, deed, hot_now, blocks_hot, because)


def _refuse_combinations(r: Reader, block: Block, asker: Message) -> None:
    """Keys that say nothing without another, or contradict it."""
    if not any(key in block for key in ("when", "any", "did", "silent_for")):
        what = say("{asker} does not say what fires it", asker=asker)
        r.tell("LH-301", block.where, what, say("Give it one of: when, any, did, silent_for."))
    for key in OCCURRENCE_KEYS:
        if key in block and "silent_for" in block:
            r.tell("LH-306", line_of(block, key), say("'{key}' does not go with 'silent_for'", key=key))
        elif key in block and "did" not in block:
            r.tell("LH-306", line_of(block, key), say("'{key}' needs 'did' beside it", key=key))
    if "hot" in block and "blocks_hot" in block:
        r.tell("LH-306", line_of(block, "blocks_hot"), say("'hot' and 'blocks_hot' contradict each other"))


def _effect(r: Reader, block: Block, key: str) -> bool:
    return bool(parsed(r, block.get(key), key, _now, say("the word now")))


def _now(text: str) -> bool:
    if text != "now":
        raise ValueError("only 'now' has a meaning here")
    return True


def _axis(r: Reader, block: Block, axes: Sequence[str]) -> str | None:
    axis = text_of(r, required(r, block, "axis"), "axis")
    if axis is None or axis in axes:
        return axis
    unknown_name(r, line_of(block, "axis"), say("there is no axis '{axis}'", axis=axis), axis, axes)
    return None


def _points(r: Reader, block: Block, *, hot_now: bool) -> int | None:
    if "points" not in block and hot_now:
        return 0
    required(r, block, "points")
    return whole(r, block, "points")


def _deed(r: Reader, block: Block) -> Did | Silence | None:
    kinds = read_kinds(r, block)
    if "silent_for" in block:
        silence = duration(r, block.get("silent_for"), "silent_for")
        return None if silence is None else Silence(silence, kinds)
    where, within = read_where(r, block.get("where")), duration(r, block.get("within"), "within")
    count, fade = _count(r, block.get("count")), _fade(r, block.get("fade"))
    return None if kinds is None else Did(kinds, where, within, count, fade)


def read_kinds(r: Reader, block: Block) -> frozenset[str] | None:
    """The kinds of `did`, one or several; None when it is not there."""
    node = block.get("did")
    if node is None:
        return None
    kinds = words(r, node, "did")
    for kind in kinds:
        refuse_unknown_kind(r, node.where, kind)
    return frozenset(kinds)


def refuse_unknown_kind(r: Reader, where: str, kind: str) -> None:
    """Report a kind of activity that the mapping does not list, if it lists any."""
    known = r.vocabulary.kinds if r.vocabulary else None
    if known is not None and kind not in known:
        what = say("'{kind}' is no kind of activity that the mapping provides", kind=kind)
        unknown_name(r, where, what, kind, sorted(known))


def _count(r: Reader, node: Node | None) -> Count:
    block = block_of(r, node, "count")
    if block is None:
        return Count()
    known_keys(r, block, ("up_to", "at_least", "per"))
    kind = say("a whole number from 1, or all")
    most = parsed(r, block.get("up_to"), "up_to", _up_to, kind) if "up_to" in block else 1
    at_least = whole(r, block, "at_least", 1)
    return Count(most or None, at_least or 1, _per(r, block.get("per")))


def _up_to(text: str) -> int:
    """A limit, or 0 for none."""
    return 0 if text == "all" else parse_whole(text, 1)


def _per(r: Reader, node: Node | None) -> Literal["day", "subject"] | None:
    text = text_of(r, node, "per")
    if node is None or text is None:
        return None
    if text == "day":
        return "day"
    if text == "subject":
        return "subject"
    r.tell("LH-303", node.where, say("'per' is either 'day' or 'subject', not '{value}'", value=text))
    return None


def _fade(r: Reader, node: Node | None) -> Fade | None:
    block = block_of(r, node, "fade")
    if block is None:
        return None
    known_keys(r, block, ("lose", "every"))
    kind = say("a whole percent from 1% to 100%")
    lose = parsed(r, required(r, block, "lose"), "lose", _percent, kind)
    every = duration(r, required(r, block, "every"), "every")
    return None if lose is None or every is None else Fade(lose, every)


def _percent(text: str) -> int:
    if not text.endswith("%") or parse_whole(text[:-1], 1) > 100:
        raise ValueError("not a percentage")
    return int(text[:-1])

"""Reading `when`, `any`, `where` and `requires`: each test against the type of what it asks about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from connector.model import InputType
from connector.scoring.conditions import (
    After,
    AtLeast,
    AtMost,
    Before,
    Condition,
    Conjunction,
    Contains,
    Is,
    Like,
    NoneOf,
    OneOf,
    Reaches,
    Test,
    Under,
    Unknown,
    WithinNext,
    fold,
)
from connector.scoring.scalars import (
    Reader,
    block_of,
    duration,
    entries_of,
    moment,
    parsed,
    text_of,
    unknown_name,
    words,
)
from connector.scoring.values import parse_number, parse_truth
from connector.words import Message, say
from connector.yamlread import Block, Node

TEXT_TESTS = ("one_of", "none_of", "contains", "like", "under", "unknown")
FITTING: Mapping[InputType, Sequence[str]] = {
    "text": TEXT_TESTS,
    "set": TEXT_TESTS,
    "number": ("at_least", "at_most", "unknown"),
    "level": ("at_least", "at_most", "one_of", "none_of", "unknown"),
    "truth": ("is", "unknown"),
    "instant": ("after", "before", "within_next", "unknown"),
}
EVERY_TEST = tuple(dict.fromkeys(test for tests in FITTING.values() for test in tests))
TYPE_NAMES: Mapping[InputType, Message] = {
    "text": say("a text"),
    "set": say("a set of texts"),
    "number": say("a number"),
    "level": say("a level"),
    "truth": say("true or false"),
    "instant": say("an instant"),
}


def read_condition(r: Reader, block: Block, asker: Message) -> Condition:
    """`when` and `any` of a rule or an exclusion. `asker` names it in messages."""
    when = read_conjunction(r, block.get("when"), asker, "when")
    alternatives = entries_of(r, block.get("any"), "any")
    return Condition(when, tuple(read_conjunction(r, node, asker, "any") for node in alternatives))


def read_conjunction(r: Reader, node: Node | None, asker: Message, key: str) -> Conjunction:
    """Tests on inputs, all of which must hold."""
    block = block_of(r, node, key)
    if block is None:
        return ()
    return tuple(
        (name, test)
        for name, tests in block.entries.items()
        if _is_provided(r, block, name, asker)
        for test in _tests(r, name, tests, _type(r, name))
    )


def read_where(r: Reader, node: Node | None) -> Conjunction:
    """Text tests on the subject and on attributes."""
    block = block_of(r, node, "where")
    if block is None:
        return ()
    return tuple((name, test) for name, tests in block.entries.items() for test in _tests(r, name, tests, "text"))


def _is_provided(r: Reader, block: Block, name: str, asker: Message) -> bool:
    if r.vocabulary is None or name in r.vocabulary.inputs:
        return True
    what = say("{asker} asks about '{input}', which the mapping does not provide", asker=asker, input=name)
    unknown_name(r, block.key_lines[name], what, name, sorted(r.vocabulary.inputs))
    return False


def _type(r: Reader, name: str) -> InputType | None:
    return None if r.vocabulary is None else r.vocabulary.inputs[name]


def _tests(r: Reader, name: str, node: Node, kind: InputType | None) -> list[Test]:
    """All tests on one input."""
    block = block_of(r, node, name)
    if block is None:
        return []
    read = (_test(r, name, block, key, kind) for key in block.entries)
    return [test for test in read if test is not None]


def _test(r: Reader, name: str, block: Block, key: str, kind: InputType | None) -> Test | None:
    where, node = block.key_lines[key], block.entries[key]
    if key not in EVERY_TEST:
        unknown_name(r, where, say("unknown test '{key}'", key=key), key, EVERY_TEST)
    elif kind is not None and key not in FITTING[kind]:
        what = say("'{key}' does not fit '{input}', which is {type}", key=key, input=name, type=TYPE_NAMES[kind])
        r.tell("LH-304", where, what, say("Use one of: {names}.", names=", ".join(FITTING[kind])))
    elif key in ("at_least", "at_most"):
        return _bound(r, name, node, key, kind)
    elif key in ("one_of", "none_of"):
        return _options(r, name, node, key, kind)
    elif key in ("contains", "like", "under"):
        return _text_test(r, node, key)
    else:
        return _plain_test(r, node, key)
    return None


def _bound(r: Reader, name: str, node: Node, key: str, kind: InputType | None) -> Test | None:
    """`at_least` or `at_most`: a number, or a level by the mapping's order. Without a mapping the order is not known:
    then a level reaches itself only."""
    if kind == "number" or (kind is None and _is_number(node)):
        limit = parsed(r, node, key, parse_number, say("a number"))
        if limit is None:
            return None
        return AtLeast(limit) if key == "at_least" else AtMost(limit)
    level = text_of(r, node, key)
    if level is None:
        return None
    order = _levels(r, name) if kind == "level" else (fold(level),)
    if not _is_level(r, node, name, level, order):
        return None
    at = order.index(fold(level))
    if key == "at_least":
        return Reaches("at_least", order[at], frozenset(order[at:]))
    return Reaches("at_most", order[at], frozenset(order[: at + 1]))


def _is_number(node: Node) -> bool:
    try:
        parse_number(getattr(node, "text", ""))
    except ValueError:
        return False
    return True


def _levels(r: Reader, name: str) -> tuple[str, ...]:
    levels = r.vocabulary.levels.get(name, ()) if r.vocabulary else ()
    return tuple(fold(level) for level in levels)


def _is_level(r: Reader, node: Node, name: str, level: str, order: Sequence[str]) -> bool:
    if fold(level) in order:
        return True
    unknown_name(r, node.where, say("'{level}' is no level of '{input}'", level=level, input=name), fold(level), order)
    return False


def _options(r: Reader, name: str, node: Node, key: str, kind: InputType | None) -> Test:
    options = words(r, node, key)
    if kind == "level":
        order = _levels(r, name)
        options = tuple(option for option in options if _is_level(r, node, name, option, order))
    folded = frozenset(map(fold, options))
    return OneOf(folded) if key == "one_of" else NoneOf(folded)


def _text_test(r: Reader, node: Node, key: str) -> Test | None:
    if key == "contains":
        return Contains(tuple(dict.fromkeys(map(fold, words(r, node, key)))))
    text = text_of(r, node, key)
    if text is None:
        return None
    return Like(fold(text)) if key == "like" else Under(fold(text).rstrip("/"))


def _plain_test(r: Reader, node: Node, key: str) -> Test | None:
    match key:
        case "is":
            truth = parsed(r, node, key, parse_truth, say("true or false"))
            return None if truth is None else Is(truth)
        case "unknown":
            return Unknown() if parsed(r, node, key, _only_true, say("true")) else None
        case "within_next":
            ahead = duration(r, node, key)
            return None if ahead is None else WithinNext(ahead)
        case _:
            instant = moment(r, node, key)
            if instant is None:
                return None
            return After(instant) if key == "after" else Before(instant)


def _only_true(text: str) -> bool:
    if fold(text) != "true":
        raise ValueError("only 'true' has a meaning here")
    return True


def read_requires(r: Reader, node: Node | None) -> tuple[Conjunction, ...]:
    """Conjunctions, all of which a hot lead must satisfy; none at all is fine."""
    entries = entries_of(r, node, "requires", may_be_empty=True)
    return tuple(read_conjunction(r, entry, say("'requires'"), "requires") for entry in entries)

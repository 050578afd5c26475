"""The tests of a `where`: read from YAML, and held against an event's fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import get_args, get_type_hints

from connector.errors import did_you_mean
from connector.mapping.nodes import Test
from connector.mapping.paths import path_of
from connector.mapping.texts import LONGEST, fold, matches
from connector.model import Raw
from connector.words import say
from connector.yamlread import Block, Node, Problems, Text, members

VERBS: tuple[str, ...] = get_args(get_type_hints(Test)["verb"])


def read_tests(node: Node | None, problems: Problems) -> tuple[Test, ...]:
    """`where:` as tests, all of which must hold: `{field: value}`, `{field: [values]}` or `{field: {verb: values}}`."""
    if node is None:
        return ()
    if not isinstance(node, Block) or not node.entries:
        problems.add(node.where, say("'where' must list fields with what they must say"))
        return ()
    return tuple(test for name, value in node.entries.items() for test in _field_tests(name, value, problems))


def _field_tests(name: str, value: Node, problems: Problems) -> Sequence[Test]:
    if not isinstance(value, Block):
        return [Test(name, "one_of", _words(value, problems))]
    known = [(verb, node) for verb, node in value.entries.items() if verb in VERBS]
    for verb in value.entries:
        if verb not in VERBS:
            what = say("unknown test '{verb}'", verb=verb)
            problems.add(value.key_lines[verb], what, did_you_mean(verb, VERBS))
    return [_verb_test(name, verb, node, problems) for verb, node in known]


def _verb_test(name: str, verb: str, node: Node, problems: Problems) -> Test:
    told = _words(node, problems)
    if verb == "unknown":
        if told != ("true",):
            problems.add(node.where, say("'unknown' can only be true"))
        return Test(name, "unknown")
    if verb == "under":
        told = tuple(fold(path_of(word) or "") for word in told)
    return Test(name, verb, told)  # type: ignore[arg-type]  # one of VERBS, which are read off the type


def _words(node: Node, problems: Problems) -> tuple[str, ...]:
    found = tuple(fold(one.text) for one in members(node) if isinstance(one, Text) and fold(one.text))
    if not found:
        problems.add(node.where, say("here a word or a list of words is expected"))
    return found


def all_hold(tests: Sequence[Test], fields: Mapping[str, Raw]) -> bool:
    """Whether the event passes every test. A blank or missing field passes none but `unknown`."""
    for test in tests:
        told = fields.get(test.field)
        if not _holds(test, fold(told[:LONGEST]) if told else ""):
            return False
    return True


def _holds(test: Test, text: str) -> bool:
    if not text or test.verb == "unknown":
        return not text and test.verb == "unknown"
    if test.verb == "one_of":
        return text in test.words
    if test.verb == "none_of":
        return text not in test.words
    if test.verb == "under":
        text = fold(path_of(text) or "")
    return any(_fits(test.verb, word, text) for word in test.words)


def _fits(verb: str, word: str, text: str) -> bool:
    if verb == "contains":
        return word in text
    if verb == "like":
        return matches(word, text)
    return text == word or text.startswith(word.rstrip("/") + "/")

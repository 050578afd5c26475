"""Every sentence for people is a literal, has its Japanese, and the same holes in both languages."""

from __future__ import annotations

import ast
from collections import defaultdict
from functools import cache

import polib
from house import ROOT, dotted, holes, literal, nodes

CATALOGUES = ROOT / "connector" / "lang" / "ja"


@cache
def _calls() -> tuple[tuple[str, ast.Call], ...]:
    found = [(w, n) for w, n in nodes("connector", "adapters") if isinstance(n, ast.Call) and dotted(n.func) == "say"]
    return tuple(found)


def _spoken() -> dict[str, str]:
    """Each English text and a place where it is said."""
    texts = {literal(call.args[0]): where for where, call in _calls() if call.args}
    return {text: where for text, where in texts.items() if text is not None}


@cache
def _written() -> dict[str, list[tuple[str, str]]]:
    """Each msgid with every (catalogue, msgstr)."""
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for page in sorted(CATALOGUES.glob("*.po")):
        for entry in polib.pofile(str(page)):
            found[entry.msgid].append((page.name, entry.msgstr))
    return found


def test_every_sentence_is_a_literal() -> None:
    assert [where for where, call in _calls() if not call.args or literal(call.args[0]) is None] == []


def test_every_hole_is_filled_and_nothing_else_is_given() -> None:
    wrong = []
    for where, call in _calls():
        text = literal(call.args[0]) if call.args else None
        given = {k.arg for k in call.keywords}
        if text is not None and None not in given and given != holes(text):
            wrong.append((where, sorted(given ^ holes(text))))
    assert wrong == []


def test_every_sentence_has_its_japanese() -> None:
    missing = {text: where for text, where in _spoken().items() if not any(s for _, s in _written().get(text, []))}
    assert missing == {}


def test_no_catalogue_has_a_sentence_that_nobody_says() -> None:
    spoken = _spoken()
    assert {text: pages[0][0] for text, pages in _written().items() if text not in spoken} == {}


def test_both_languages_have_the_same_holes() -> None:
    unlike = [text for text, pages in _written().items() for _, told in pages if told and holes(text) != holes(told)]
    assert unlike == []


def test_a_sentence_is_translated_once() -> None:
    assert {text: [p for p, _ in pages] for text, pages in _written().items() if len(pages) > 1} == {}

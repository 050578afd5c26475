"""Sentences for people, in English and Japanese.

A Message keeps its English text and its values apart until somebody is there to read it. The Japanese stands in
`connector/lang/ja/*.po` under the English text, as gettext has it; a test holds both to the same named holes.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Literal, TypeAlias

Lang: TypeAlias = Literal["ja", "en"]


@dataclass(frozen=True, slots=True)
class Message:
    """One sentence: English text with {named} holes, and what fills them. Values are ids, names, counts; never
    secrets and never what a person's fields hold."""

    text: str
    values: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.text.format_map(self.values)

    def in_(self, lang: Lang) -> str:
        """The sentence in `lang`; a Message among the values is said in the same language."""
        told = {k: v.in_(lang) if isinstance(v, Message) else v for k, v in self.values.items()}
        return translated(self.text, lang).format_map(told)


def say(text: str, **values: object) -> Message:
    """A Message. `text` must be a literal, so that the test of the catalogue finds it."""
    return Message(text, values)


def translated(text: str, lang: Lang) -> str:
    """The catalogue's sentence for `text`, or `text` itself."""
    return text if lang == "en" else _catalogue(lang).get(text, text)


@cache
def _catalogue(lang: Lang) -> Mapping[str, str]:
    # polib is imported here because English users never need it
    import polib

    folder = files("connector").joinpath("lang", lang)
    pages = sorted((p for p in folder.iterdir() if p.name.endswith(".po")), key=lambda p: p.name)
    entries = (e for p in pages for e in polib.pofile(os.fspath(str(p))))
    return {e.msgid: e.msgstr for e in entries if e.msgstr}

"""SOQL as Salesforce's reference has it, read by a grammar that neither the adapter nor the sandbox knows of."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

_TOKEN = re.compile(
    r"""(?P<string>'(?:\\[\\'"nrtbfNRTBF]|[^'\\\n\r])*')
    |(?P<datetime>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,3})?(?:Z|[+-]\d\d:\d\d))
    |(?P<date>\d{4}-\d\d-\d\d)|(?P<number>-?\d+(?:\.\d+)?)
    |(?P<name>[A-Za-z]\w*(?:\.[A-Za-z]\w*)*)|(?P<sign><=|>=|!=|=|<|>|[(),])""",
    re.VERBOSE,
)
_SIGNS = {"=", "!=", "<", "<=", ">", ">="}
_TAIL = ("LIMIT", "OFFSET", "GROUP", "HAVING", "FOR", "ALL", "TYPEOF")
LONGEST, LONGEST_STRING = 100_000, 4_000


class NotSoql(Exception):
    """The text is no query."""


@dataclass(frozen=True, slots=True)
class Test:
    """A condition: a path compared with literals, each as (kind, text)."""

    path: str
    sign: str
    literals: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class Soql:
    """What a query names. `more` holds words such as LIMIT that stand after its conditions."""

    object: str = ""
    select: list[str] = field(default_factory=list)
    tests: list[Test] = field(default_factory=list)
    order: list[str] = field(default_factory=list)
    more: list[str] = field(default_factory=list)
    nested: bool = False


def read_soql(text: str) -> Soql:
    """The query. Raises NotSoql, saying where it ends to be one."""
    if len(text) > LONGEST:
        raise NotSoql("longer than 100,000 characters")
    return _Reader(_tokens(text)).query()


def _tokens(text: str) -> list[tuple[str, str]]:
    found, at = [], 0
    while at < len(text):
        if text[at] == " ":
            at += 1
            continue
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise NotSoql(f"no word of SOQL at {text[at : at + 30]!r}")
        found.append((match.lastgroup, match[0]))
        at = match.end()
    return found


class _Reader:
    def __init__(self, tokens: Sequence[tuple[str, str]]) -> None:
        self.tokens, self.at, self.told = tokens, 0, Soql()

    def word(self) -> str:
        return self.tokens[self.at][1].upper() if self.at < len(self.tokens) else ""

    def takes(self, word: str) -> bool:
        self.at += (met := self.word() == word)
        return met

    def expect(self, word: str) -> None:
        if not self.takes(word):
            raise NotSoql(f"{word} is due, not {self.word() or 'the end'!r}")

    def name(self) -> str:
        kind, text = self.tokens[self.at] if self.at < len(self.tokens) else ("", "the end")
        if kind != "name":
            raise NotSoql(f"a name is due, not {text!r}")
        self.at += 1
        return text

    def query(self) -> Soql:
        self.expect("SELECT")
        self.item()
        while self.takes(","):
            self.item()
        self.expect("FROM")
        self.told.object = self.name()
        if self.takes("WHERE"):
            self.conditions()
        if self.takes("ORDER"):
            self.expect("BY")
            self.told.order.append(self.name())
            while self.takes(","):
                self.told.order.append(self.name())
        while self.word() in _TAIL:
            self.told.more.append(self.word())
            self.at += 2
        if self.word():
            raise NotSoql(f"nothing is due, not {self.word()!r}")
        return self.told

    def item(self) -> None:
        if self.takes("("):
            self.told.nested = True
            raise NotSoql("a subquery of relations")
        self.told.select.append(self.name())
        if self.word() == "(":
            raise NotSoql("a function among the fields")

    def conditions(self) -> None:
        self.condition()
        joined = self.word()
        while joined in {"AND", "OR"} and self.takes(joined):
            self.condition()
        if self.word() in {"AND", "OR"}:
            raise NotSoql("AND and OR mixed without parentheses")

    def condition(self) -> None:
        if self.takes("("):
            self.conditions()
            self.expect(")")
            return
        path, sign = self.name(), self.word()
        self.at += 1
        if sign == "IN":
            self.told.tests.append(Test(path, sign, self.listed()))
            return
        if sign not in _SIGNS:
            raise NotSoql(f"no comparison: {sign!r}")
        self.told.tests.append(Test(path, sign, (self.literal(),)))

    def listed(self) -> tuple[tuple[str, str], ...]:
        self.expect("(")
        found = [self.literal()]
        while self.takes(","):
            found.append(self.literal())
        self.expect(")")
        return tuple(found)

    def literal(self) -> tuple[str, str]:
        if self.at >= len(self.tokens):
            raise NotSoql("a value is due, not the end")
        kind, text = self.tokens[self.at]
        self.at += 1
        if kind == "name" and text.upper() in {"TRUE", "FALSE", "NULL"}:
            return ("null" if text.upper() == "NULL" else "boolean"), text
        if kind in {"name", "sign"}:
            raise NotSoql(f"a value is due, not {text!r}")
        if kind == "string" and len(text) - 2 > LONGEST_STRING:
            raise NotSoql("a string of more than 4,000 characters")
        return kind, text[1:-1] if kind == "string" else text

"""The names after `as:`, and the functions behind them: our own, and those of the customer's by their Python name."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from hashlib import sha256
from importlib import import_module
from zoneinfo import ZoneInfo

from connector.errors import did_you_mean
from connector.mapping.companies import company_name
from connector.mapping.lists import grouped, shipped_print
from connector.mapping.mail import CLASSES, mail_class, mail_domain
from connector.mapping.mail import LIST as DOMAINS
from connector.mapping.nodes import Convert
from connector.mapping.paths import path_of
from connector.mapping.sizes import size_of
from connector.mapping.texts import clean, fold
from connector.mapping.titles import LEVELS, NONE, function, seniority
from connector.mapping.titles import LIST as TITLES
from connector.mapping.values import to_instant, to_number, to_set, to_text, to_truth
from connector.model import InputType, Value
from connector.words import say
from connector.yamlread import Block, Node, Problems, Text, members

AS = ("text", "number", "truth", "instant", "set", "level", "size", "seniority", "function", "mail_class",
      "mail_domain", "company_name", "path")  # fmt: skip
"""Everything that may stand after `as:`, besides the dotted name of a Python function."""
GIVES: tuple[InputType, ...] = ("text", "number", "truth", "instant", "set", "level")
_PLAIN: Mapping[str, tuple[InputType, Callable[[str], Value | None]]] = {
    "text": ("text", to_text),
    "number": ("number", to_number),
    "truth": ("truth", to_truth),
    "set": ("set", to_set),
    "size": ("number", size_of),
    "mail_domain": ("text", mail_domain),
    "company_name": ("text", company_name),
    "path": ("text", path_of),
}


@dataclass(frozen=True, slots=True)
class Own:
    """What a mapping adds to the shipped lists, and its time zone for dates without one."""

    zone: ZoneInfo
    titles: Mapping[str, str] = field(default_factory=dict)
    domains: Mapping[str, str] = field(default_factory=dict)


def read_own_list(node: Node | None, groups: tuple[str, ...], problems: Problems) -> dict[str, str]:
    """`titles:` or `mail_domains:` of a mapping: {group: [words]} turned round."""
    if node is None:
        return {}
    if not isinstance(node, Block):
        problems.add(node.where, say("here groups with lists of words are expected"))
        return {}
    for group in node.entries:
        if group not in groups:
            what = say("unknown group '{group}'", group=group)
            problems.add(node.key_lines[group], what, did_you_mean(group, groups))
    return {fold(word): group for word, group in grouped(node).items()}


TITLE_GROUPS = (*LEVELS, NONE)
DOMAIN_GROUPS = CLASSES


def read_convert(block: Block, own: Own, problems: Problems, default: str = "text") -> Convert:
    """The `as:`, `values:`, `levels:` and `gives:` of an input, subject or attribute."""
    named = block.get("as")
    name = named.text if isinstance(named, Text) else default
    where = named.where if named else block.where
    values = _values(block.get("values"), problems)
    levels = _levels(block.get("levels"), problems)
    if (name == "level" or _told(block.get("gives")) == "level") != bool(levels):
        problems.add(where, say("'level' and 'levels' go together: list the levels from lowest to highest"))
    if name == "level":
        return Convert("level", "level", partial(_level, levels), levels, values)
    if "." in name:
        return _python(name, where, block, levels, values, problems)
    if "gives" in block:
        problems.add(block.key_lines["gives"], say("'gives' is only for functions of your own"))
    return _ours(name, where, own, values, problems)


def _ours(name: str, where: str, own: Own, values: Mapping[str, str], problems: Problems) -> Convert:
    if name in _PLAIN:
        return Convert(name, *_PLAIN[name], values=values)
    if name == "instant":
        return Convert(name, "instant", partial(to_instant, zone=own.zone), values=values)
    if name == "seniority":
        titles = tuple(sorted(own.titles.items()))
        read = partial(_titled, titles)
        return Convert(name, "level", read, LEVELS, values, _print(shipped_print(TITLES), titles))
    if name == "function":
        return Convert(name, "text", function, values=values, fingerprint=shipped_print(TITLES))
    if name == "mail_class":
        domains = tuple(sorted(own.domains.items()))
        read = partial(mail_class, more=dict(own.domains))
        return Convert(name, "text", read, values=values, fingerprint=_print(shipped_print(DOMAINS), domains))
    problems.add(where, say("unknown 'as: {name}'", name=name), did_you_mean(name, AS))
    return Convert("text", *_PLAIN["text"])


def _titled(titles: tuple[tuple[str, str], ...], text: str) -> str | None:
    return seniority(text[:200], titles)


def _level(levels: tuple[str, ...], text: str) -> str | None:
    folded = fold(text[:200])
    return next((level for level in levels if fold(level) == folded), None)


def _print(*parts: object) -> str:
    return sha256(repr(parts).encode()).hexdigest()[:16]


def _levels(node: Node | None, problems: Problems) -> tuple[str, ...]:
    found = tuple(one.text for one in members(node) if isinstance(one, Text) and one.text) if node else ()
    if node is not None and (len(found) < 2 or len({fold(level) for level in found}) < len(found)):
        problems.add(node.where, say("'levels' must list two or more different names"))
    return found


def _values(node: Node | None, problems: Problems) -> dict[str, str]:
    if node is None:
        return {}
    pairs = node.entries.items() if isinstance(node, Block) else ()
    found = {fold(theirs): ours.text for theirs, ours in pairs if isinstance(ours, Text) and ours.text}
    if len(found) < len(pairs) or not found:
        problems.add(node.where, say("'values' must be lines of 'what the CRM says: what we say'"))
    return found


def _told(node: Node | None) -> str | None:
    return node.text if isinstance(node, Text) else None


# ---- functions of the customer's own ---------------------------------------------------------------------------------


def _python(
    name: str, where: str, block: Block, levels: tuple[str, ...], values: Mapping[str, str], problems: Problems
) -> Convert:
    gives = _told(block.get("gives")) or "text"
    type_ = next((t for t in GIVES if t == gives), None)
    if type_ is None:
        problems.add(block.key_lines["gives"], say("unknown type '{name}'", name=gives), did_you_mean(gives, GIVES))
    found = _import(name, where, problems)
    read = partial(_called, found, type_ or "text", levels)
    return Convert(name, type_ or "text", read, levels, values, _print(_source(found)))


def _import(name: str, where: str, problems: Problems) -> Callable[[str], object]:
    module, _, attribute = name.rpartition(".")
    try:
        found: Callable[[str], object] = getattr(import_module(module), attribute)
    except Exception as error:  # whatever the customer's module does when it is imported
        reason = type(error).__name__
        what = say("the Python function '{name}' cannot be loaded ({reason})", name=name, reason=reason)
        problems.add(where, what, say("Is its package installed beside Leadheat?"), code="LH-207")
        return str
    if not callable(found):
        problems.add(where, say("'{name}' is not a Python function", name=name), code="LH-207")
    return found


def _source(function: Callable[[str], object]) -> str:
    """The function's text, so that editing it reads anew; of built-in ones there is none."""
    try:
        return inspect.getsource(function)
    except (OSError, TypeError):
        return ""


def _called(function: Callable[[str], object], type_: InputType, levels: tuple[str, ...], text: str) -> Value | None:
    """What the function makes of the text; None when it fails or gives something of another type."""
    try:
        return _typed(function(text), type_, levels)
    except Exception:  # a customer's function may fail on one text; that value is unreadable, the pass goes on
        return None


def _typed(found: object, type_: InputType, levels: tuple[str, ...]) -> Value | None:
    if type_ == "truth":
        return found if isinstance(found, bool) else None
    if isinstance(found, (int, float, Decimal)) and not isinstance(found, bool):
        return _numeric(Decimal(str(found)), type_)
    if type_ == "set":
        return frozenset(clean(str(one)) for one in found) if isinstance(found, (set, frozenset, list, tuple)) else None
    if not isinstance(found, str) or type_ in {"number", "instant"}:
        return None
    return _level(levels, found) if type_ == "level" else clean(found) or None


def _numeric(number: Decimal, type_: InputType) -> Value | None:
    if not number.is_finite():
        return None
    return number if type_ == "number" else int(number) if type_ == "instant" else None

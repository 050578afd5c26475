"""Titles, Japanese and English, as a level of seniority and a business function. The words stand in titles.yaml.

A Japanese title counts where a part of the text ends with it, the longest first: 営業部長 is a 部長, 部長代理 is not,
and 営業部長谷川 is Mr Hasegawa of 営業部. An English title counts as whole words, and not when somebody serves its
holder (Assistant to the Director). Of several parts the highest counts (取締役 兼 営業部長).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TypeAlias

from connector.mapping.lists import grouped, shipped_list, words
from connector.mapping.texts import first
from connector.yamlread import Block

LEVELS = ("staff", "supervisor", "manager", "deputy_head", "department_head", "executive", "president")
"""Levels of seniority, lowest first."""
LIST = "titles.yaml"
NONE = "none"
SHORT = 200
"""Characters of a title that are looked at."""
Titles: TypeAlias = tuple[tuple[str, str], ...]
"""A mapping's own titles, each with its level."""

_SEPARATORS = re.compile(r"[/\\,;:|+&→>、。,・‧•()「」『』【】\[\]{}<\n\r]|兼務|兼任|兼|\s-\s")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff々]")
_LATIN_TAIL = re.compile(r"[a-z][a-z.]*$")
_SINGLES = re.compile(r"(?<!\S)([\u3040-\u30ff\u3400-\u9fff])\s+(?=[\u3040-\u30ff\u3400-\u9fff](?!\S))")


@dataclass(frozen=True, slots=True)
class _Lists:
    """titles.yaml, folded and ready: Japanese endings, whole parts, English phrases in words, and the small words."""

    japanese: Mapping[str, str]
    whole: Mapping[str, str]
    english: Mapping[tuple[str, ...], str]
    former: tuple[str, ...]
    left: frozenset[str]
    deputies: tuple[str, ...]
    vices: tuple[str, ...]
    attached: tuple[str, ...]
    honorifics: tuple[str, ...]
    helpers: frozenset[str]
    functions: tuple[tuple[str, tuple[str, ...]], ...]


@lru_cache(maxsize=16_384)
def seniority(text: str, more: Titles = ()) -> str | None:
    """The level of a title, or None when it names no rank (or one no longer held). `more` goes before the list."""
    lists = _lists(more)
    told = _folded(text[:SHORT])
    if _has_left(told, lists):
        return None
    parts = [part for part in _parts(told) if part]
    if parts and _serves(parts[0], lists):
        return "staff"
    levels = [level for part in _joined(parts, lists) if (level := _level(part, lists)) in LEVELS]
    return max(levels, key=LEVELS.index, default=None)


@lru_cache(maxsize=16_384)
def function(text: str) -> str | None:
    """The business function that a title or a department names (`営業部` -> sales), or None."""
    told = _folded(text[:SHORT])
    spoken = f" {' '.join(_english_words(told))} "
    for name, listed in _lists(()).functions:
        for word in listed:
            if word in told if _CJK.search(word) else f" {word} " in spoken:
                return name
    return None


def _level(part: str, lists: _Lists) -> str | None:
    whole = lists.whole.get(_shortened(part))
    if whole or not _CJK.search(part):
        return whole or _english(part, lists)
    tail = _LATIN_TAIL.search(part)
    return _japanese(part, lists) or (_level(tail[0], lists) if tail else None)


# ---- parts -----------------------------------------------------------------------------------------------------------


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().casefold()


def _parts(told: str) -> Iterable[str]:
    """The text cut at separators, and Japanese parts at blanks too: `営業部 部長`."""
    for part in _SEPARATORS.split(told):
        if _CJK.search(part):
            yield from _SINGLES.sub(r"\1", part.strip()).split()  # 部　長 is 部長 set wide
        else:
            yield part.strip(" .-_*'\"")


def _joined(parts: Sequence[str], lists: _Lists) -> list[str]:
    """Small words put back to what they qualify: 部長(代理), 元 部長, 副 部長."""
    found: list[str] = []
    before = ""
    for part in parts:
        if part in lists.former or part in lists.vices[:2]:
            before = part
        elif found and (part in lists.deputies or part in lists.attached[:2]):
            found[-1] += part
        else:
            found.append(before + part)
            before = ""
    return found


def _has_left(told: str, lists: _Lists) -> bool:
    english = _english_words(told)
    return any(word in told if _CJK.search(word) else word in english for word in lists.left)


# ---- Japanese --------------------------------------------------------------------------------------------------------


def _japanese(part: str, lists: _Lists) -> str | None:
    part = _less_ending(part, lists.honorifics)
    if _is_former(part, lists):
        return NONE
    if found := _ending(part, lists):
        title, level = found
        vice = any(part[: -len(title)].endswith(v) for v in lists.vices)
        return _below(level) if vice and level in LEVELS else level
    if (served := _less_ending(part, lists.attached)) != part and _ending(served, lists):
        return "staff"
    if (principal := _less_ending(part, lists.deputies)) != part and (found := _ending(principal, lists)):
        return _below(found[1])
    return None


def _ending(part: str, lists: _Lists) -> tuple[str, str] | None:
    """The longest title that the part ends with, and its level."""
    short = _shortened(part)
    endings = (short[start:] for start in range(len(short)))
    return first((end, lists.japanese[end]) if end in lists.japanese else None for end in endings)


def _is_former(part: str, lists: _Lists) -> bool:
    """元部長 and 元営業部長 are; 前橋支店長 is the head of a branch in Maebashi."""
    rest = part[1:]
    if part[:1] not in lists.former:
        return False
    named = any(rest.startswith(w) for _, listed in lists.functions for w in listed if _CJK.search(w))
    return _shortened(rest) in lists.japanese or named or rest.startswith(("株式会社", "取締役", "執行役員"))


def _below(level: str) -> str:
    return LEVELS[max(0, LEVELS.index(level) - 1)] if level in LEVELS else level


def _less_ending(part: str, endings: Sequence[str]) -> str:
    return first(part[: -len(e)] for e in endings if part.endswith(e) and part != e) or part


def _shortened(title: str) -> str:
    """マネージャー and マネージャ are one word."""
    return title.rstrip("ー")


# ---- English ---------------------------------------------------------------------------------------------------------


def _english_words(part: str) -> list[str]:
    """`C.E.O.` is one word, `director's` two."""
    return re.findall(r"[a-z0-9]+", part.replace(".", "").replace("'s", " s "))


def _serves(part: str, lists: _Lists) -> bool:
    """Whether the first part is somebody's helper: `executive assistant`, `秘書`. `assistant director` is not."""
    told = _english_words(part)
    if any(part.endswith(word) for word in lists.attached[2:] if len(part) >= len(word)):
        return True
    at = next((n for n, word in enumerate(told) if word in lists.helpers), None)
    return at is not None and (at == len(told) - 1 or told[at + 1] in {"to", "for", "of"})


def _english(part: str, lists: _Lists) -> str | None:
    """The highest level that the part names; a longer phrase hides the shorter ones within it."""
    told = _spoken(_english_words(part))
    levels: list[str] = []
    at = 0
    while at < len(told):
        length = next((n for n in range(min(5, len(told) - at), 0, -1) if tuple(told[at : at + n]) in lists.english), 0)
        if length:
            levels.append(lists.english[tuple(told[at : at + length])])
        at += length or 1
    ranked = [level for level in levels if level in LEVELS]
    return NONE if NONE in levels and not ranked else max(ranked, key=LEVELS.index, default=None)


def _spoken(told: list[str]) -> list[str]:
    """The words less what they only refer to: `manager, office of the CEO`, `the president's office`, `reporting to`;
    and `chief revenue officer` said as `chief officer`."""
    if "of" in told and told[max(0, told.index("of") - 1)] == "office":
        told = told[: told.index("of") - 1]
    for word in ("to", "reporting"):
        told = told[: told.index(word)] if word in told else told
    belongs = [n for n, word in enumerate(told) if word in {"s", "office"} and n]
    told = [word for n, word in enumerate(told) if n not in belongs and n + 1 not in belongs]
    if "chief" in told and "officer" in told[told.index("chief") :] and "executive" not in told:
        return ["chief", "officer"]
    return _bare(told)


def _bare(told: list[str]) -> list[str]:
    return [word for word in told if word not in {"the", "a", "an"}]


# ---- the lists -------------------------------------------------------------------------------------------------------


@cache
def _lists(more: Titles) -> _Lists:
    top = shipped_list(LIST)
    own = {_folded(title): level for title, level in more}
    small = {key: tuple(_folded(w) for w in words(top.get(key))) for key in _SMALL}
    functions = top.get("functions")
    groups = functions.entries if isinstance(functions, Block) else {}
    return _Lists(
        {_shortened(_folded(t)): level for t, level in [*grouped(top.get("japanese")).items(), *own.items()]},
        {_shortened(_folded(t)): level for t, level in [*grouped(top.get("whole")).items(), *own.items()]},
        {
            tuple(_bare(_english_words(_folded(t)))): level
            for t, level in [*grouped(top.get("english")).items(), *own.items()]
            if not _CJK.search(t)
        },
        small["former"], frozenset(small["left"]), small["deputies"], small["vices"], small["attached"],
        small["honorifics"], frozenset(small["helpers"]),
        tuple((name, tuple(_folded(w) for w in words(node))) for name, node in groups.items()),
    )  # fmt: skip


_SMALL = ("former", "left", "deputies", "vices", "attached", "honorifics", "helpers")

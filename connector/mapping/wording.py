"""An event's words without its instants, so that a million page views of the same page are stored as one wording.

An instant among the fields stands as its distance from the activity's own instant. What cannot be mistaken for one
stays as the CRM said it. `restored` undoes `wording`, so that a changed mapping reads the event as if told anew.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from connector.instants import Instant, iso, parse_instant, representable
from connector.mapping.texts import clean
from connector.model import Raw

_MARK = "\x1f"
_MILLISECONDS = re.compile(r"\d{13}")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}[T ].{5,40}")


def wording(fields: Mapping[str, Raw], at: Instant | None) -> dict[str, Raw]:
    """The fields as they are stored; without an `at` as they are."""
    return {name: None if text is None else _worded(clean(text), at) for name, text in fields.items()}


def restored(words: Mapping[str, Raw], at: Instant | None) -> dict[str, Raw]:
    """The fields again. An instant comes back in ISO form and UTC, or as milliseconds where it was told so."""
    return {name: None if text is None else _told(text, at) for name, text in words.items()}


def _worded(text: str, at: Instant | None) -> str:
    if at is not None and _MILLISECONDS.fullmatch(text) and text.isascii():
        return f"{_MARK}#{int(text) * 1_000 - at}"
    if at is not None and _ISO.fullmatch(text):
        try:
            return f"{_MARK}@{parse_instant(text) - at}"
        except (ValueError, OverflowError):
            return text
    return f"{_MARK}={text}" if text.startswith(_MARK) else text


def _told(text: str, at: Instant | None) -> str:
    if not text.startswith(_MARK):
        return text
    sign, rest = text[1:2], text[2:]
    if sign == "=" or at is None:
        return rest
    then = at + int(rest)
    return str(then // 1_000) if sign == "#" else iso(then) if representable(then) else ""

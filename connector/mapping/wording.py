"""An event's words without its instants, so that a million views of one page are stored as one wording.

The activity's own instant is left out; another instant stands as its distance from it, in whole seconds within a
minute and as `far` beyond, because nothing else is ever asked of it. So the words alone tell how the event reads, and
a changed mapping reads each wording once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import tzinfo

from connector.instants import SECOND, Instant
from connector.mapping.nodes import ActivityEntry
from connector.mapping.texts import clean
from connector.mapping.values import to_instant
from connector.model import Raw

NEAR = 60
"""Seconds within which a distance is told."""
_MARK = "\x1f"
_FAR = _MARK + "far"


def instant_fields(entries: Sequence[ActivityEntry]) -> frozenset[str]:
    """The fields that these entries read as instants."""
    return frozenset(name for entry in entries for name in (*entry.at, entry.delivered) if name)


def plain_words(fields: Mapping[str, Raw], instants: frozenset[str]) -> dict[str, Raw]:
    """What an event says beside instants; `instants` are the fields that hold these."""
    told = ((name, text) for name, text in fields.items() if name not in instants)
    return {name: None if text is None else clean(text) for name, text in told}


def wording(
    plain: Mapping[str, Raw], fields: Mapping[str, Raw], instants: frozenset[str], at: Instant, zone: tzinfo
) -> dict[str, Raw]:
    """All words of an event that happened at `at`, of which `plain` is what it says beside instants."""
    found = {**plain}
    for name in instants & fields.keys():
        text = fields[name]
        then = to_instant(text, zone) if text else None
        if then is None:
            found[name] = None if text is None else clean(text)
        elif then != at:
            found[name] = _distance(then, at)
    return found


def _distance(then: Instant, at: Instant) -> str:
    seconds = -(-abs(at - then) // SECOND)
    return f"{_MARK}{seconds}" if seconds <= NEAR else _FAR


def seconds_between(text: Raw, at: Instant, zone: tzinfo) -> int | None:
    """Whole seconds, rounded up, between the instant in a field and `at`; None beyond a minute or when unreadable.
    Reads what the CRM says and what `wording` made of it."""
    if text and text.startswith(_MARK):
        return int(text[1:]) if text[1:].isdecimal() else None
    then = to_instant(text, zone) if text else None
    seconds = None if then is None else -(-abs(at - then) // SECOND)
    return seconds if seconds is not None and seconds <= NEAR else None

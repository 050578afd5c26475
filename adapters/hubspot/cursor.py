"""Where a pull stands: a small JSON text, so that any page's cursor lets another process go on from there.

Stamps are HubSpot's own, in epoch milliseconds. What counts as read is never told by our clock alone: a clock that is
ahead of HubSpot's would step over changes that are still to come.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from connector.errors import user_error
from connector.words import say

VERSION = 1
SEEN = 1_000
"""Stamps remembered of the overlap; beyond that a record is told twice, which is harmless."""


@dataclass(frozen=True, slots=True)
class Walk:
    """A pull on its way. It reads what was modified from `since` (0: everything) to `until`; `sweep` numbers a
    reading of all people, None when only the changed ones are read. `step` is being done, `at` is where it stands in
    its own words, `peak` the latest stamp met, `met` the latest ones by person. `names` and `sources` are what this
    walk will have read for all, `counted` the marketing events it has read, with their counts."""

    since: int
    until: int
    sweep: int | None
    step: str
    at: Any = None
    peak: int = 0
    names: tuple[str, ...] = ()
    sources: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    met: Mapping[str, int] = field(default_factory=dict)
    counted: Mapping[str, Sequence[Any]] = field(default_factory=dict)

    @property
    def first(self) -> bool:
        return self.since == 0 and self.sweep is not None


@dataclass(frozen=True, slots=True)
class Cursor:
    """What has been read: everything modified up to `since`, all people at `swept_at`, the fields `names` of all
    people and the event `sources` with their fields. `seen` are people of the last stretch before `since` with their
    stamps, who need not be told again; `counted` are marketing events with their counts when they were told."""

    since: int = 0
    swept_at: int = 0
    names: tuple[str, ...] = ()
    sources: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    seen: Mapping[str, int] = field(default_factory=dict)
    counted: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    walk: Walk | None = None


def cursor_text(cursor: Cursor) -> str:
    walk = _members(cursor.walk) if cursor.walk else None
    return json.dumps({"v": VERSION, **_members(cursor), "walk": walk}, separators=(",", ":"))


def _members(told: Cursor | Walk) -> dict[str, Any]:
    """Names and values, without `asdict`'s copies of everything beneath."""
    return {f.name: getattr(told, f.name) for f in fields(told)}


def read_cursor(text: str | None) -> Cursor:
    """The cursor that a page carried. Raises UserError for a text that is not one of ours: another CRM's cursor, or
    one of a later version."""
    if text is None:
        return Cursor()
    try:
        told = json.loads(text)
        if told.pop("v") != VERSION:
            raise ValueError(VERSION)
        walk = told.pop("walk")
        return Cursor(**_listed(told), walk=Walk(**_listed(walk)) if walk else None)
    except (ValueError, TypeError, KeyError, AttributeError):
        fix = say("Run 'leadheat sync --full' to read everything anew.")
        raise user_error("LH-513", say("the place where the last pull ended cannot be read"), fix=fix) from None


def _listed(told: dict[str, Any]) -> dict[str, Any]:
    sources = {name: tuple(names) for name, names in told["sources"].items()}
    return {**told, "names": tuple(told["names"]), "sources": sources}


def next_since(before: int, peak: int, until: int, now: int) -> int:
    """The stamp up to which everything has been read by a walk that began at `until`, ended `now` and saw `peak`.

    What was modified while the walk went on may have been missed, so its duration is taken off the latest stamp seen;
    both ends of the duration are told by the same clock, so that its error cancels out."""
    return max(before, min(until, peak - max(0, now - until))) if peak else before


def remember(seen: Mapping[str, int], told: Mapping[str, int], floor: int) -> dict[str, int]:
    """The stamps that the next pull will meet again: those from `floor` on, the latest first when there are many."""
    kept = [(i, at) for i, at in {**seen, **told}.items() if at >= floor]
    return dict(sorted(kept, key=lambda pair: -pair[1])[:SEEN])

"""How far a pull has come: by stream (people object or event source) the instant before which all is told, and where
an unfinished reading goes on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from connector.instants import Instant

VERSION = 1

Kind = Literal["news", "all", "fields"]
"""What a reading is: what changed in a window; everything; the newly wanted fields of everything."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a reading we are: after which row (its stamp as SOQL takes it, its id), or in which results of which
    bulk job. `skip` rows at the locator are told already."""

    stamp: str | None = None
    id: str | None = None
    job: str | None = None
    locator: str | None = None
    skip: int = 0


@dataclass(frozen=True, slots=True)
class Reading:
    """A reading that is not finished. `number` is that of its sweep; `fields` are read in it, by path."""

    kind: Kind
    number: int
    low: Instant | None
    high: Instant
    fields: tuple[str, ...]
    place: Place = Place()


@dataclass(frozen=True, slots=True)
class Stream:
    """One stream. `high`: all before it is told, with these `fields`. `swept`: when everything was last read."""

    high: Instant | None = None
    fields: tuple[str, ...] = ()
    swept: Instant | None = None
    reading: Reading | None = None


@dataclass(frozen=True, slots=True)
class Cursor:
    """All streams by name."""

    streams: Mapping[str, Stream] = field(default_factory=dict)

    def of(self, name: str) -> Stream:
        return self.streams.get(name, Stream())

    def having(self, name: str, stream: Stream) -> Cursor:
        return replace(self, streams={**self.streams, name: stream})

    def __str__(self) -> str:
        streams = {name: _slim(asdict(s)) for name, s in sorted(self.streams.items())}
        return json.dumps({"v": VERSION, "streams": streams}, separators=(",", ":"))


def read_cursor(text: str | None) -> Cursor:
    """The cursor, or an empty one (read everything) when there is none or another program version wrote it."""
    said = json.loads(text) if text else {}
    if said.get("v") != VERSION:
        return Cursor()
    return Cursor({name: _stream(s) for name, s in said["streams"].items()})


def _stream(said: Mapping[str, Any]) -> Stream:
    reading = said.get("reading")
    return Stream(
        said.get("high"), tuple(said.get("fields", ())), said.get("swept"), _reading(reading) if reading else None
    )


def _reading(said: Mapping[str, Any]) -> Reading:
    return Reading(
        said["kind"],
        said["number"],
        said.get("low"),
        said["high"],
        tuple(said.get("fields", ())),
        Place(**said.get("place", {})),
    )


def _slim(said: dict[str, Any]) -> dict[str, Any]:
    """Without what is empty: the cursor is stored with every page."""
    inner = {k: _slim(v) if isinstance(v, dict) else v for k, v in said.items()}
    return {k: v for k, v in inner.items() if v not in (None, (), {}, 0) or k == "number"}

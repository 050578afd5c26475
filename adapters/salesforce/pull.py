"""The pull: people object by people object, then event source by event source, each from where its stream stands.

News are read by windows of SystemModstamp. A window begins a little before the last one's end, because a row can
become visible after a later-stamped one was read, and ends a little before the server's now. Rows of the recycle bin
are among them, so deletes, merges and conversions need no call of their own. A row that was told before is told
again, which is harmless.

Everything is read by id, not by stamp: a row that changes meanwhile would leave the window and be thought gone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace

from connector.instants import DAY, Instant
from connector.model import Event, Record
from connector.ports import Page, Sweep, Wants

from .bulk import wait_for_ours
from .catalogue import Catalogue
from .config import SalesforceConfig
from .cursor import Cursor, Reading, Stream
from .events import Doings, doings_of
from .people import OBJECTS, OWN, People, paths_wanted, people_of
from .reading import Batch, Row, read
from .session import Link
from .soql import Query

BIN = 14 * DAY
"""The recycle bin keeps rows for 15 days; whoever comes later has missed deletes and must read everything."""


@dataclass(slots=True)
class Pull:
    """One pull: what it reads, and how far all streams have come."""

    link: Link
    catalogue: Catalogue
    wants: Wants
    now: Instant
    cursor: Cursor
    objects: tuple[str, ...] = field(default=())
    whole: bool = False

    @property
    def config(self) -> SalesforceConfig:
        return self.link.config

    def pages(self) -> Iterator[Page]:
        """All pages; the last one carries the cursor of streams that had nothing new."""
        wait_for_ours(self.link, self.wants.results)
        self.objects = tuple(o for o in OBJECTS if o in self.wants.people)
        told = (people_of(self.catalogue, object_, self.wants) for object_ in self.objects)
        everybody = [people for people in told if people]
        events = [d for source, wanted in self.wants.events.items() for d in doings_of(self.catalogue, source, wanted)]
        streams = [(p.object, p.paths) for p in everybody] + [(d.name, d.paths) for d in events]
        self.whole = all(_known(self.cursor.of(name), paths) for name, paths in streams)
        for people in everybody:
            yield from self._people(people)
        for doings in events:
            yield from self._doings(doings)
        yield Page(cursor=str(self.cursor))

    def _people(self, people: People) -> Iterator[Page]:
        """Everything the first time and where a day has passed; newly wanted fields, then news, otherwise."""
        stream = self.cursor.of(people.object)
        wanted = paths_wanted(people.object, self.wants)
        for reading in self._readings(stream, people.paths, wanted, people=people):
            yield from self._read_people(people, reading)

    def _readings(
        self, stream: Stream, paths: tuple[str, ...], wanted: Collection[str], people: People | None = None
    ) -> Iterator[Reading]:
        """What is still to be read of a stream: the unfinished reading first, unless other fields are wanted now.
        Where a field is seen no more, everything is read anew: were it only what changed, too few would lose it for
        anybody to notice."""
        going = stream.reading
        high = self.link.server_now() - self.config.settle
        if going and set(going.fields) <= set(paths) and (going.kind == "fields" or set(paths) <= set(going.fields)):
            yield going
            if going.kind != "fields":
                stream = replace(stream, high=going.high)
        elif stream.high is None or _lost(stream, paths, wanted) or (people and self._sweep_due(stream, people, high)):
            yield Reading("all" if people else "news", self.now, None, high, paths)
            return
        elif new := tuple(sorted(set(paths) - set(stream.fields))):
            if not people:
                yield Reading("news", self.now, None, high, paths)
                return
            yield Reading("fields", self.now, None, high, new)
        low = (stream.high or high) - self.config.overlap
        yield Reading("news", self.now, low, max(low, high), paths)

    def _sweep_due(self, stream: Stream, people: People, high: Instant) -> bool:
        daily = people.restless and high - (stream.swept or 0) >= self.config.sweep_every
        return daily or high - (stream.high or 0) >= BIN

    # ---- people ------------------------------------------------------------------------------------------------------

    def _read_people(self, people: People, reading: Reading) -> Iterator[Page]:
        query = _people_query(people, reading)
        for batch in read(self.link, query, reading.place, people.numbers):
            self._move(people.object, reading, batch)
            records = [self._record(people, reading, row, len(query.paths)) for row in batch.rows]
            sweep = Sweep(people.object, reading.number, batch.done) if reading.kind == "all" else None
            if records or batch.place.job or (sweep and sweep.done):
                yield self._page(records=records, sweep=sweep, total=batch.total)

    def _record(self, people: People, reading: Reading, row: Row, whole: int) -> Record:
        return people.record(self.config.name, row, partial=reading.kind == "fields" or len(row) < whole)

    # ---- events ------------------------------------------------------------------------------------------------------

    def _doings(self, doings: Doings) -> Iterator[Page]:
        stream = self.cursor.of(doings.name)
        for reading in self._readings(stream, doings.paths, doings.wanted):
            query = doings.query().between(reading.low, reading.high)
            for batch in read(self.link, query, reading.place, doings.numbers):
                self._move(doings.name, reading, batch)
                told = (doings.event(self.config.name, row, self.objects) for row in batch.rows)
                events = [event for event in told if event]
                if events or batch.place.job:
                    yield self._page(events=events)

    # ---- how far we are ----------------------------------------------------------------------------------------------

    def _move(self, name: str, reading: Reading, batch: Batch) -> None:
        stream = self.cursor.of(name)
        going = None if batch.done else replace(reading, place=batch.place)
        if batch.done:
            stream = _finished(stream, reading)
        self.cursor = self.cursor.having(name, replace(stream, reading=going))

    def _page(
        self,
        records: list[Record] | None = None,
        events: list[Event] | None = None,
        sweep: Sweep | None = None,
        total: int | None = None,
    ) -> Page:
        return Page(records or (), events or (), (), str(self.cursor), sweep, total, whole=self.whole)


def _known(stream: Stream, paths: Collection[str]) -> bool:
    """Whether everything of a stream was read once with these fields."""
    return stream.high is not None and set(paths) <= set(stream.fields)


def _lost(stream: Stream, paths: Collection[str], wanted: Collection[str]) -> bool:
    """Whether a wanted field that was told of all is not visible any more."""
    return any(path in wanted and path not in paths for path in stream.fields)


def _finished(stream: Stream, reading: Reading) -> Stream:
    """The stream after a reading: newly wanted fields complete what is told, all others replace it."""
    if reading.kind == "fields":
        return replace(stream, fields=tuple(sorted({*stream.fields, *reading.fields})))
    swept = reading.high if reading.kind == "all" else stream.swept
    return Stream(reading.high, tuple(sorted(reading.fields)), swept)


def _people_query(people: People, reading: Reading) -> Query:
    if reading.kind == "fields":
        own = tuple(name for name in OWN if name in people.own)
        return people.query(tuple(dict.fromkeys((*own, *reading.fields))), stamped=False, only_alive=True)
    query = people.query(reading.fields, stamped=reading.kind == "news")
    return query.between(reading.low, reading.high) if reading.kind == "news" else query

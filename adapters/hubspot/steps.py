"""The steps of a pull: each reads one kind of thing page by page and says after each page where it stands."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from adapters.hubspot import account, each, engagement, seminars
from adapters.hubspot.access import Access
from adapters.hubspot.api import Api, Row, after_of, chunks, id_of, rows
from adapters.hubspot.config import ASSOCIATIONS, NAMES, SEARCH_BODY
from adapters.hubspot.cursor import Cursor, Walk
from adapters.hubspot.definitions import Names, refuse_vanished
from adapters.hubspot.people import (
    ALWAYS,
    STAMP,
    Companies,
    Contact,
    archived,
    contact,
    instant,
    merged_away,
    modified,
    record,
)
from adapters.hubspot.remembered import remembered
from adapters.hubspot.sources import SOURCES
from connector.model import Event, Record, Ref, Reject
from connector.ports import Extent


@dataclass(frozen=True, slots=True)
class Part:
    """One page of a step: what was read, where the step goes on (None: it is done), and the stamps and counts met."""

    at: Any = None
    records: Sequence[Record] = ()
    events: Sequence[Event] = ()
    rejects: Sequence[Reject] = ()
    stamps: Mapping[str, int] = field(default_factory=dict)
    swept: bool = False
    total: int | None = None
    extents: Sequence[Extent] = ()
    counted: seminars.Counted = field(default_factory=dict)


Found = tuple[list[Row], str | None, int | None]
"""A page of a search: the records, the last id (None at the end), how many there are in all."""


@dataclass(slots=True)
class Reader:
    """Everything the steps of one pull share."""

    api: Api
    access: Access
    names: Names
    cursor: Cursor
    walk: Walk
    companies: Companies
    addresses: account.People
    lists: each.Lists

    @property
    def floor(self) -> int:
        """From which stamp on to read: the overlap lies before what counts as read."""
        return max(0, self.walk.since - 1_000 * self.api.config.overlap)

    @property
    def grown(self) -> frozenset[str]:
        """Sources that are wanted for the first time, or with more fields than before."""
        if self.walk.first:
            return frozenset()
        before = {source: frozenset(names) for source, names in self.cursor.sources.items()}
        return frozenset(
            s for s, names in self.access.told.items() if s not in before or not before[s].issuperset(names)
        )

    @property
    def new_names(self) -> frozenset[str]:
        return frozenset(self.names.told) - set(self.cursor.names)


# ---- people --------------------------------------------------------------------------------------------------------


def people(reader: Reader, at: Any) -> Iterator[Part]:
    """Everybody by the list, which has no upper limit and needs no index, or the changed ones by search."""
    yield from _sweep(reader, at) if reader.walk.sweep is not None else _changed(reader, at)


def _sweep(reader: Reader, at: Any) -> Iterator[Part]:
    total = _count(reader) if at is None else None
    for found, after, _ in together(reader, _listed(reader, at, sorted({*reader.names.asked, *ALWAYS}))):
        met = [contact(row) for row in found]
        yield replace(_told(reader, met, _news(reader, met)), at=after, swept=True, total=total)


def _count(reader: Reader) -> int | None:
    told = reader.api.search("contacts", {"filterGroups": [], "properties": [], "limit": 1}).get("total")
    return told if isinstance(told, int) else None


def _listed(reader: Reader, at: Any, names: Sequence[str], **more: str) -> Iterator[Found]:
    """Contacts by the list, from a page on to the end."""
    while True:
        document = _list(reader, at, names, **more)
        at = after_of(document)
        yield rows(document), at, None
        if at is None:
            return


def _list(reader: Reader, after: str | None, names: Sequence[str], **more: str) -> Row:
    """A page of contacts. Names too many for one URL are read by id afterwards."""
    long = sum(len(name) + 3 for name in names) > NAMES
    query = {"limit": str(reader.api.config.page_size), "archived": "false", **more}
    query |= {"properties": ",".join(sorted(ALWAYS) if long else names), **({"after": after} if after else {})}
    document = reader.api.get("list", reader.api.path("objects"), list(query.items()))
    if not long:
        return document
    return {**document, "results": reader.api.read("contacts", [id_of(row) for row in rows(document)], names)}


def _changed(reader: Reader, at: Any) -> Iterator[Part]:
    names = sorted({*reader.names.asked, *ALWAYS})
    for found, last, total in together(reader, search(reader, "contacts", STAMP, names, at)):
        met = [contact(row) for row in found]
        fresh = [one for one in met if reader.cursor.seen.get(one.id) != one.stamp]
        stamps = {one.id: one.stamp for one in met}
        yield replace(_told(reader, fresh, fresh), at=last, stamps=stamps, total=total)


def together(reader: Reader, pages: Iterator[Found]) -> Iterator[Found]:
    """Pages put together, so that what is asked for their rows goes in full batches."""
    gathered: list[Row] = []
    for found, at, total in pages:
        gathered += found
        if at is None or len(gathered) >= reader.api.config.together:
            yield gathered, at, total
            gathered = []


def search(reader: Reader, object_: str, stamp: str, names: Sequence[str], at: Any) -> Iterator[Found]:
    """What was modified in this walk's window.

    By id and never by page number: a search ends at 10,000, and a bulk edit stamps more records than that alike.
    """
    last, size = str(at or 0), reader.api.config.search_size
    while True:
        body = _query(stamp, reader.floor, reader.walk.until, last, names, size)
        whole = len(json.dumps(body)) <= SEARCH_BODY
        document = reader.api.search(object_, body if whole else {**body, "properties": [stamp]})
        found, total = rows(document), document.get("total")
        more = len(found) >= size
        last = id_of(found[-1]) if found else last
        if not whole:
            found = reader.api.read(object_, [id_of(row) for row in found], names)
        yield found, last if more else None, total if isinstance(total, int) else None
        if not more:
            return


def _query(stamp: str, since: int, until: int, last: str, names: Sequence[str], size: int) -> dict[str, Any]:
    filters = [
        {"propertyName": stamp, "operator": "BETWEEN", "value": str(since), "highValue": str(until)},
        {"propertyName": "hs_object_id", "operator": "GT", "value": last},
    ]
    return {
        "filterGroups": [{"filters": filters}], "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
        "properties": list(names), "limit": size,
    }  # fmt: skip


def _news(reader: Reader, found: Sequence[Contact]) -> list[Contact]:
    """Of a full reading, those who changed since the last pull: only they cost calls of their own."""
    seen, floor = reader.cursor.seen, reader.floor
    return [one for one in found if one.stamp >= floor and seen.get(one.id) != one.stamp]


def _told(reader: Reader, found: Sequence[Contact], news: Sequence[Contact]) -> Part:
    """Contacts as records, whom they absorbed, and what the changed ones did; of the others what they have lost."""
    name = reader.api.config.name
    refuse_vanished(reader.api, "contacts", reader.names.people, [one.told for one in found])
    company = reader.companies.of([one.id for one in found])
    made = [record(name, one, reader.names, company.get(one.id, {})) for one in found]
    losers = [] if reader.walk.first else [loser for one in news for loser in merged_away(name, one)]
    sources = reader.access.told.keys() - reader.grown
    events, extents = _apart(doings(reader, found, news, sources, reader.walk.since))
    stamps = {one.id: one.stamp for one in found}
    records, rejects = [r for r in made if isinstance(r, Record)], [r for r in made if isinstance(r, Reject)]
    return Part(None, [*records, *losers], events, rejects, stamps, extents=() if reader.walk.first else extents)


def _apart(said: Iterable[Event | Extent]) -> tuple[list[Event], list[Extent]]:
    told = list(said)
    return [e for e in told if isinstance(e, Event)], [e for e in told if isinstance(e, Extent)]


def doings(
    reader: Reader, contacts: Sequence[Contact], news: Sequence[Contact], sources: Collection[str], since: int
) -> Iterator[Event | Extent]:
    """What the changed ones among these contacts did, from every source that is asked for by contact. Of those who did
    not change nothing else is to be learnt than what they have lost: HubSpot tells of no object that was deleted whose
    it was."""
    for source in sorted(sources):
        how, names = SOURCES[source].how, reader.access.told[source]
        if how == "remembered":
            for one in news:
                yield from _only(names, remembered(source, Ref(reader.api.config.name, "contacts", one.id), one.told))
        elif how == "object":
            ids, changed = [one.id for one in contacts], [one.id for one in news]
            yield from engagement.of_contacts(reader.api, source, names, ids, changed)
        elif how == "each":
            told = reader.lists.of(news) if source == "lists" else each.page_views(reader.api, news, since)
            yield from _only(names, told)


def _only(names: Sequence[str], events: Iterator[Event]) -> Iterator[Event]:
    """Events with the fields that are wanted. Most have no others."""
    wanted = frozenset(names)
    for event in events:
        fields = event.fields
        yield event if fields.keys() == wanted else replace(event, fields={n: fields.get(n) for n in names})


# ---- what else -----------------------------------------------------------------------------------------------------


def gone(reader: Reader, at: Any) -> Iterator[Part]:
    """Those who were put into the recycle bin since the last pull. Before the people, because the winner of a merge
    knows better what became of the loser."""
    for found, after, _ in _listed(reader, at, (STAMP,), archived="true"):
        lately = [row for row in found if (instant(row.get("archivedAt")) or 0) // 1_000 >= reader.floor]
        yield Part(after, [archived(reader.api.config.name, row) for row in lately])


def fill(reader: Reader, at: Any) -> Iterator[Part]:
    """For everybody, only what is wanted for the first time: new fields, new sources."""
    names = reader.names.only(reader.new_names if reader.walk.sweep is None else frozenset())
    for page, after, _ in together(reader, _listed(reader, at, sorted({*names.asked, STAMP}))):
        found = [contact(row) for row in page]
        refuse_vanished(reader.api, "contacts", names.people, [one.told for one in found])
        company = Companies(reader.api, names.companies).of([one.id for one in found])
        made = [record(reader.api.config.name, one, names, company.get(one.id, {}), partial=True) for one in found]
        records = [r for r in made if isinstance(r, Record) and r.fields]
        events, extents = _apart(doings(reader, found, found, reader.grown, 0))
        yield Part(after, records, events, extents=extents)


def companies(reader: Reader, at: Any) -> Iterator[Part]:
    """People whose company changed, though they did not: only the company's fields."""
    name, known = reader.api.config.name, reader.companies
    for found, last, _ in together(reader, search(reader, "companies", engagement.STAMP, known.names, at)):
        known.learn([id_of(row) for row in found])
        staff = reader.api.associated("companies", "contacts", [id_of(row) for row in found])
        ids = sorted({id_of(one, "toObjectId") for to in staff.values() for one in to})
        at_of = {id_of(row): modified(row, engagement.STAMP) for row in found}
        stamp = max((at for at in at_of.values() if at is not None), default=0)
        told = [pair for some in chunks(ids, ASSOCIATIONS) for pair in known.of(some).items()]
        yield Part(last, [Record(Ref(name, "contacts", i), company, stamp, partial=True) for i, company in told])


def objects(reader: Reader, source: str, at: Any) -> Iterator[Part]:
    """Calls, meetings, deals… that changed, though their contacts did not."""
    names = reader.access.told[source]
    for found, last, _ in together(reader, search(reader, source, engagement.STAMP, names, at)):
        yield Part(last, events=list(engagement.of_objects(reader.api, source, names, found)))


def whole_account(reader: Reader, source: str, at: Any) -> Iterator[Part]:
    """Sources that are told by time; from the beginning when they are wanted for the first time."""
    since = 0 if source in reader.grown or reader.walk.first else reader.floor
    gathered: list[account.Told] = []
    for told, progress in account.walk(reader.api, source, since, reader.walk.until, at):
        gathered += told
        if progress is None or len(gathered) >= reader.api.config.together:
            events = reader.addresses.events(source, gathered)
            yield Part(progress, events=list(_only(reader.access.told[source], iter(events))))
            gathered = []


def by_counts(reader: Reader, source: str, at: Any) -> Iterator[Part]:
    """Who took part in the marketing events whose counts have moved; in all of them in a full reading, because counts
    stay as they are where one person takes another's place."""
    whole = source in reader.grown or reader.walk.sweep is not None
    for told, progress, counted in seminars.walk(reader.api, {} if whole else reader.cursor.counted, at):
        yield Part(progress, events=list(_only(reader.access.told[source], iter(told))), counted=counted)

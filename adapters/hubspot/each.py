"""Sources that HubSpot gives for one contact at a time: page views, marketing events, list memberships.

Each costs a call per contact, so they are asked only for contacts that changed, page views only for those who viewed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from adapters.http import Refused
from adapters.hubspot.api import Api, Row, after_of, chunks, id_of, rows
from adapters.hubspot.config import BATCH
from adapters.hubspot.people import Contact, instant, properties, raw
from adapters.hubspot.remembered import path_in
from adapters.hubspot.sources import LAST_VIEW, VIEWS
from connector.instants import DAY, iso
from connector.model import Event, Raw, Ref

LATE = 2 * DAY // 1_000
"""Milliseconds: HubSpot adds up page views with delay, so they are asked for from so long before."""
PAGE = "100"


def of_each(api: Api, source: str, contacts: Sequence[Contact], since: int) -> Iterator[Event]:
    """What `source` tells of these contacts since a stamp (milliseconds; 0: ever)."""
    if source == "page_views":
        for one in contacts:
            if _viewed(one.told, since - LATE):
                yield from _page_views(api, Ref(api.config.name, "contacts", one.id), since - LATE)
        return
    reader = _marketing_events if source == "marketing_events" else _Lists().of
    for one in contacts:
        yield from reader(api, Ref(api.config.name, "contacts", one.id))


def _viewed(told: Mapping[str, object], since: int) -> bool:
    """Whether there can be page views since then. A contact that our own write has moved has none."""
    if VIEWS in told and (raw(told[VIEWS]) or "0") == "0":
        return False
    last = instant(told.get(LAST_VIEW))
    return last is None or last // 1_000 >= since


def _page_views(api: Api, person: Ref, since: int) -> Iterator[Event]:
    query = [("objectType", "contact"), ("objectId", person.id), ("eventType", "e_visited_page"), ("limit", PAGE)]
    if since > 0:
        query.append(("occurredAfter", iso(since * 1_000)))
    for row in _all(api, "events", api.path("events"), query):
        told = properties(row)
        url = raw(told.get("hs_url"))
        fields = {"url": url, "path": raw(told.get("hs_url_path")) or path_in(url), "title": raw(told.get("hs_title"))}
        yield Event("page_views", id_of(row), person, {**fields, "occurred_at": raw(row.get("occurredAt"))})


def _marketing_events(api: Api, person: Ref) -> Iterator[Event]:
    path = f"{api.path('marketing_events')}/participations/contacts/{person.id}/breakdown"
    for row in _all(api, "marketing_events", path, [("limit", PAGE)]):
        told, event = properties(row), _inner(row, "associations", "marketingEvent")
        at = instant(told.get("occurredAt")) or instant(row.get("createdAt"))
        fields: dict[str, Raw] = {"name": raw(event.get("name")), "state": raw(told.get("attendanceState"))}
        # one row per event and person: a registration that becomes an attendance replaces itself
        known = raw(event.get("marketingEventId")) or raw(event.get("externalEventId")) or id_of(row)
        yield Event("marketing_events", known, person, {**fields, "occurred_at": iso(at) if at is not None else None})


class _Lists:
    """Memberships by list; a list's name is asked for once."""

    def __init__(self) -> None:
        self.names: dict[str, Raw] = {}

    def of(self, api: Api, person: Ref) -> Iterator[Event]:
        path = f"{api.path('lists')}/records/0-1/{person.id}/memberships"
        members = list(_all(api, "lists", path, []))
        self._learn(api, sorted({id_of(row, "listId") for row in members} - self.names.keys()))
        for row in members:
            list_id = id_of(row, "listId")
            at = instant(row.get("firstAddedTimestamp"))
            fields = {"list_id": list_id, "list_name": self.names.get(list_id), "joined_at": iso(at) if at else None}
            yield Event("lists", list_id, person, fields)

    def _learn(self, api: Api, ids: Sequence[str]) -> None:
        for some in chunks(ids, BATCH):  # all in one URL could be too long
            told = api.get("lists", api.path("lists"), [("listIds", i) for i in some]).get("lists")
            for row in told if isinstance(told, list) else ():
                self.names[id_of(row, "listId")] = raw(row.get("name"))


def _all(api: Api, kind: str, path: str, query: Sequence[tuple[str, str]]) -> Iterator[Row]:
    """All pages of a listing. A contact that is gone meanwhile has none."""
    after: str | None = None
    while True:
        try:
            document = api.get(kind, path, [*query, *([("after", after)] if after else [])])
        except Refused as error:
            if error.answer.status == 404:
                return
            raise
        yield from rows(document)
        after = after_of(document)
        if after is None:
            return


def _inner(row: Row, *keys: str) -> Mapping[str, Any]:
    told: Any = row
    for key in keys:
        told = told.get(key) if isinstance(told, dict) else None
    return told if isinstance(told, dict) else {}

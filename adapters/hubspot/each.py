"""Sources that HubSpot gives for named contacts only: page views for one at a time, list memberships for a hundred.

They are asked for contacts that changed, page views only for those who viewed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

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


def page_views(api: Api, contacts: Sequence[Contact], since: int) -> Iterator[Event]:
    """What these contacts looked at since a stamp (milliseconds; 0: ever)."""
    for one in contacts:
        if _viewed(one.told, since - LATE):
            yield from _page_views(api, Ref(api.config.name, "contacts", one.id), since - LATE)


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


@dataclass(slots=True)
class Lists:
    """Memberships by list. A list's name is asked for once in a pull."""

    api: Api
    names: dict[str, Raw] = field(default_factory=dict)

    def of(self, contacts: Sequence[Contact]) -> Iterator[Event]:
        for some in chunks([one.id for one in contacts], BATCH):
            told = self._read(some)
            members = [(id_of(row, "recordId"), of) for row in told for of in row.get("recordListMemberships") or ()]
            self._learn(sorted({id_of(of, "listId") for _, of in members} - self.names.keys()))
            yield from (self._member(contact, of) for contact, of in members)

    def _read(self, contacts: Sequence[str]) -> list[Row]:
        """Memberships by contact; one that is gone meanwhile must not sink the others."""
        path = f"{self.api.path('lists')}/records/memberships/batch/read"
        inputs = [{"objectTypeId": "0-1", "recordId": i} for i in contacts]
        try:
            return rows(self.api.post("lists", path, {"inputs": inputs}))
        except Refused as error:
            if error.answer.status != 404:
                raise
        half = len(contacts) // 2
        return self._read(contacts[:half]) + self._read(contacts[half:]) if half else []

    def _member(self, contact: str, of: Row) -> Event:
        list_id, at = id_of(of, "listId"), instant(of.get("firstAddedTimestamp"))
        fields = {"list_id": list_id, "list_name": self.names.get(list_id), "joined_at": iso(at) if at else None}
        return Event("lists", list_id, Ref(self.api.config.name, "contacts", contact), fields)

    def _learn(self, ids: Sequence[str]) -> None:
        for some in chunks(ids, BATCH):  # all in one URL could be too long
            told = self.api.get("lists", self.api.path("lists"), [("listIds", i) for i in some]).get("lists")
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

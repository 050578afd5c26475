"""Marketing events: who registered, came or stayed away. Read by event, and only those events whose counts have moved.

By contact it would be a call for everybody whom anything had moved, our own write too. An event's counts come with
the list of events, so that a pull where nobody registered anywhere costs one call.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from adapters.http import Refused
from adapters.hubspot.api import Api, Row, after_of, id_of, rows
from adapters.hubspot.people import instant, properties, raw
from connector.instants import iso
from connector.model import Event, Raw, Ref

COUNTS = ("registrants", "attendees", "cancellations", "noShows")
PAGE = "100"
Counted = Mapping[str, Sequence[Any]]
"""The counts of each event when all who took part in it were told."""


def walk(api: Api, counted: Counted, at: Any) -> Iterator[tuple[list[Event], Any, Counted]]:
    """Who took part in the events that are not `counted` as they stand now, page by page: with the progress after each
    page (None at the end), and the counts of the event that it ends."""
    done, after = at or ("", None)
    now = {id_of(row, "objectId"): [row.get(name) for name in COUNTS] for row in _events(api)}
    due = [e for e in sorted(now) if e >= done and (counted.get(e) != now[e] or now[e] == [None] * len(COUNTS))]
    for n, event in enumerate(due):
        after = after if event == done else None
        following = due[n + 1] if n + 1 < len(due) else None
        while True:
            document = _page(api, f"{api.path('marketing_events')}/participations/{event}/breakdown", after)
            after = after_of(document)
            progress = [event, after] if after else [following, None] if following else None
            told = [e for row in rows(document) for e in _participation(api.config.name, event, row)]
            yield told, progress, {} if after else {event: now[event]}
            if after is None:
                break
    if not due:
        yield [], None, {}


def _events(api: Api) -> Iterator[Row]:
    after: str | None = None
    while True:
        document = api.get("marketing_events", api.path("marketing_events"), _query(after))
        yield from rows(document)
        after = after_of(document)
        if after is None:
            return


def _page(api: Api, path: str, after: str | None) -> Row:
    """A page of those who took part. An event that is gone meanwhile has none."""
    try:
        return api.get("marketing_events", path, _query(after))
    except Refused as error:
        if error.answer.status == 404:
            return {"results": []}
        raise


def _query(after: str | None) -> list[tuple[str, str]]:
    return [("limit", PAGE), *([("after", after)] if after else [])]


def _participation(connection: str, event: str, row: Row) -> Iterator[Event]:
    """One row per event and person: a registration that becomes an attendance replaces itself."""
    told, about = properties(row), _inner(row, "marketingEvent")
    who = raw(_inner(row, "contact").get("contactId"))
    at = instant(told.get("occurredAt")) or instant(row.get("createdAt"))
    fields: dict[str, Raw] = {"name": raw(about.get("name")), "state": raw(told.get("attendanceState"))}
    known = raw(about.get("marketingEventId")) or event
    if who is not None:
        person = Ref(connection, "contacts", who)
        yield Event("marketing_events", known, person, {**fields, "occurred_at": iso(at) if at is not None else None})


def _inner(row: Row, key: str) -> Mapping[str, Any]:
    told = row.get("associations")
    found = told.get(key) if isinstance(told, dict) else None
    return found if isinstance(found, dict) else {}

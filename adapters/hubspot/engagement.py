"""Activities that are HubSpot objects of their own (calls, meetings, deals…), found from either side of the
association: from contacts that changed, and from objects that changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from adapters.hubspot.api import Api, Row, id_of
from adapters.hubspot.people import properties, texts
from connector.model import Event, Ref
from connector.ports import Extent

STAMP = "hs_lastmodifieddate"
"""Contacts have `lastmodifieddate`; everything else has this."""


def of_contacts(
    api: Api, source: str, names: Sequence[str], contacts: Sequence[str], changed: Sequence[str]
) -> Iterator[Event | Extent]:
    """Which objects these contacts are associated with, and that these are all; what they say of the changed ones."""
    found = api.associated("contacts", source, contacts)
    yield from _extents(api, source, found)
    people: dict[str, list[str]] = {}
    for contact in changed:
        for one in found.get(contact, ()):
            people.setdefault(id_of(one, "toObjectId"), []).append(contact)
    for row in api.read(source, sorted(people), names):
        yield from _events(api, source, names, row, people.get(id_of(row), ()))


def _extents(api: Api, source: str, found: Mapping[str, Sequence[Row]]) -> Iterator[Extent]:
    for contact, to in found.items():
        ids = frozenset(id_of(one, "toObjectId") for one in to)
        yield Extent(source, Ref(api.config.name, "contacts", contact), ids)


def of_objects(api: Api, source: str, names: Sequence[str], objects: Sequence[Row]) -> Iterator[Event]:
    """The same objects, told for every contact they are associated with now."""
    found = api.associated(source, "contacts", [id_of(row) for row in objects])
    for row in objects:
        to = found.get(id_of(row), ())
        yield from _events(api, source, names, row, [id_of(one, "toObjectId") for one in to])


def _events(api: Api, source: str, names: Sequence[str], row: Row, contacts: Sequence[str]) -> Iterator[Event]:
    told = properties(row)
    for contact in contacts:
        person = Ref(api.config.name, "contacts", contact)
        yield Event(source, id_of(row), person, texts(told, names))

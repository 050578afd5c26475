"""What people did and what became of them: one stream of rows for each way an object leads to a person.

Rows are read by their stamp and per object, never per person. An e-mail or a deal reaches people through rows of
another object, so it is read from there, with its own fields as parent fields: no list of ids is ever sent. Such a
source is read twice, once by the stamp of the thing itself and once by the stamp of the row in between.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from connector.model import Event
from connector.ports import EventWants

from .catalogue import Catalogue, Fields
from .people import OBJECTS, person_of
from .reading import Row
from .soql import Query, id18

STAMP = "SystemModstamp"


@dataclass(frozen=True, slots=True)
class Way:
    """How a source's rows reach a person: read from `object`, its lookups `person`, and the lookup to the thing itself
    when that is another object (`thing` by relationship name, `id` by field)."""

    object: str
    person: tuple[str, ...]
    thing: str | None = None
    id: str = "Id"
    where: tuple[str, ...] = ()


WAYS: dict[str, tuple[Way, ...]] = {
    "Task": (Way("Task", ("WhoId",), where=("WhoId != null",)),),
    "Event": (Way("Event", ("WhoId",), where=("WhoId != null",)),),
    "CampaignMember": (Way("CampaignMember", ("ContactId", "LeadId")),),
    "EmailMessage": (
        Way("EmailMessageRelation", ("RelationId",), "EmailMessage", "EmailMessageId", ("RelationId != null",)),
    ),
    "Opportunity": (
        Way("OpportunityContactRole", ("ContactId",), "Opportunity", "OpportunityId"),
        Way(
            "Lead",
            ("ConvertedContactId",),
            "ConvertedOpportunity",
            "ConvertedOpportunityId",
            ("IsConverted = true", "ConvertedOpportunityId != null"),
        ),
    ),
}
"""Salesforce's own sources. Roles are empty in many orgs, so a deal is also found by the lead it came from."""


@dataclass(frozen=True, slots=True)
class Doings:
    """One stream of events. `names` holds, by path, the name under which an event tells it; `wanted` are the paths of
    all that the mapping wants, seen or not."""

    source: str
    way: Way
    stamp: str
    names: dict[str, str]
    own: tuple[str, ...]
    numbers: frozenset[str]
    wanted: frozenset[str]

    @property
    def name(self) -> str:
        """The stream's name in the cursor."""
        return f"{self.source}<{self.way.object}.{self.stamp}"

    @property
    def paths(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.own, *self.names)))

    def query(self) -> Query:
        return Query(self.way.object, self.paths, self.way.where, self.stamp)

    def event(self, connection: str, row: Row, objects: tuple[str, ...]) -> Event | None:
        """What a row says, or None when it is about nobody we score."""
        person = person_of(connection, row, self.way.person, objects)
        id_ = row.get(self.way.id)
        if person is None or not id_:
            return None
        fields = {name: row[path] for path, name in self.names.items()}
        return Event(self.source, id18(id_), person, fields, gone=self._gone(row))

    def _gone(self, row: Row) -> bool:
        # the row in between says it for a role taken away; a converted lead in the bin takes no deal with it
        own = row.get("IsDeleted") == "true" and self.way.object != "Lead"
        return own or (self.way.thing is not None and row.get(f"{self.way.thing}.IsDeleted") == "true")


def doings_of(catalogue: Catalogue, source: str, wants: EventWants) -> list[Doings]:
    """The streams of a source; none when this org does not show it to our user."""
    ways = WAYS.get(source) or _custom(catalogue, source, wants)
    return [d for way in ways for d in _streams(catalogue, source, way, wants)]


def fields_of(catalogue: Catalogue, source: str, wants: EventWants | None = None) -> frozenset[str]:
    """The names a mapping may use: the source's fields, and the paths through lookups that it asks for."""
    visible = catalogue.fields(source) or {}
    through = catalogue.visible(source, (p for p in wants.fields if "." in p)) if wants else ()
    return frozenset((*visible, *through))


def _custom(catalogue: Catalogue, source: str, wants: EventWants) -> tuple[Way, ...]:
    """An object of the org's own: by the lookups the mapping names, else by those that lead to people."""
    fields: Fields = catalogue.fields(source) or {}
    named = tuple(p for p in wants.person if p in fields)
    leading = tuple(name for name, f in sorted(fields.items()) if set(f.targets) & set(OBJECTS))
    person = named or leading
    return (Way(source, person),) if person else ()


def _streams(catalogue: Catalogue, source: str, way: Way, wants: EventWants) -> Iterator[Doings]:
    fields = catalogue.fields(way.object)
    if fields is None or catalogue.fields(source) is None:
        return
    prefix = f"{way.thing}." if way.thing else ""
    names = {prefix + name: name for name in wants.fields}
    told = catalogue.visible(way.object, names)
    numbers = frozenset(p for p in told if (f := catalogue.find(way.object, p)) and f.schema.type == "number")
    stamps = [wants.modified or STAMP, f"{prefix}{STAMP}"]
    for stamp in dict.fromkeys(catalogue.visible(way.object, stamps)):
        own = ("Id", way.id, stamp, *way.person, "IsDeleted", f"{prefix}IsDeleted")
        seen = catalogue.visible(way.object, own)
        if way.id in seen and set(way.person) & set(seen):
            person = Way(way.object, tuple(p for p in way.person if p in seen), way.thing, way.id, way.where)
            yield Doings(source, person, stamp, {p: names[p] for p in told}, seen, numbers, frozenset(names))

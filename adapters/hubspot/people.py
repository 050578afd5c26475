"""Contacts as HubSpot tells them, made Records; and the companies behind them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from adapters.hubspot.api import Api, Row, id_of
from adapters.hubspot.definitions import COMPANY, Names, refuse_vanished
from connector.instants import Instant, parse_instant
from connector.model import Raw, Record, Ref, Reject
from connector.words import say

STAMP, MERGED = "lastmodifieddate", "hs_merged_object_ids"
ALWAYS = frozenset({STAMP, MERGED, "createdate"})
"""Properties of a contact that every pull needs for itself."""
PRIMARY = 1
MILLI = 1_000


def raw(value: object) -> Raw:
    """A property as text; null and "" are both blank."""
    if type(value) is str:  # nearly all are, and there are many
        return value or None
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def texts(told: Mapping[str, object], names: Sequence[str]) -> dict[str, Raw]:
    """The properties of these names as text. What is not there is blank."""
    get = told.get
    return {name: (v or None) if (v := get(name)) is None or type(v) is str else raw(v) for name in names}


def properties(row: Row) -> Mapping[str, object]:
    told = row.get("properties")
    return told if isinstance(told, dict) else {}


def instant(value: object) -> Instant | None:
    """HubSpot's instants: ISO text with or without a fraction, or epoch milliseconds as text or number."""
    text = raw(value) or ""
    if text.lstrip("-").isdigit():
        return int(text) * MILLI
    try:
        return parse_instant(text)
    except ValueError:
        return None


def modified(row: Row, stamp: str) -> Instant | None:
    """When a record was last modified."""
    found = instant(properties(row).get(stamp))
    return instant(row.get("updatedAt")) if found is None else found


@dataclass(frozen=True, slots=True)
class Contact:
    """One contact of an answer: its id, its properties, when it was modified (None: it does not say)."""

    id: str
    told: Mapping[str, object] = field(repr=False)
    at: Instant | None
    row: Row = field(repr=False)

    @property
    def stamp(self) -> int:
        """When it was modified, in HubSpot's milliseconds; 0 when it does not say."""
        return (self.at or 0) // MILLI


def contact(row: Row) -> Contact:
    return Contact(id_of(row), properties(row), modified(row, STAMP), row)


@dataclass(slots=True)
class Companies:
    """The companies of the people of one pull, each read once."""

    api: Api
    names: tuple[str, ...]
    known: dict[str, Mapping[str, Raw]] = field(default_factory=dict)

    def of(self, ids: Sequence[str]) -> Mapping[str, Mapping[str, Raw]]:
        """The company's fields by contact; all of them blank for a contact without a company."""
        if not self.names or not ids:
            return {}
        blank: Mapping[str, Raw] = {COMPANY + name: None for name in self.names}
        found = self.api.associated("contacts", "companies", ids)
        first = {one: company for one, to in found.items() if (company := primary(to))}
        self.learn(sorted(set(first.values()) - self.known.keys()))
        return {one: self.known.get(first.get(one, ""), blank) for one in ids}

    def learn(self, ids: Sequence[str]) -> None:
        found = {id_of(row): properties(row) for row in self.api.read("companies", ids, self.names)}
        refuse_vanished(self.api, "companies", self.names, list(found.values()))
        for id_, told in found.items():
            self.known[id_] = {COMPANY + name: raw(told.get(name)) for name in self.names}


def primary(associations: Sequence[Row]) -> str | None:
    """The primary company's id, else the first one's."""
    for one in associations:
        for kind in one.get("associationTypes") or ():
            if isinstance(kind, dict) and kind.get("typeId") == PRIMARY:
                return id_of(one, "toObjectId")
    return id_of(associations[0], "toObjectId") if associations else None


def record(
    connection: str, one: Contact, names: Names, company: Mapping[str, Raw], *, partial: bool = False
) -> Record | Reject:
    """A contact as a Record with the names asked for, or a Reject when its stamp cannot be read."""
    ref, told = Ref(connection, "contacts", one.id), one.told
    if one.at is None:
        return Reject(ref, "LH-514", say("HubSpot does not say when the record was modified"))
    fields = texts(told, names.people)
    fields.update(company)
    created = instant(told.get("createdate") or one.row.get("createdAt"))
    return Record(ref, fields, one.at, created, partial=partial)


def merged_away(connection: str, one: Contact) -> Iterator[Record]:
    """Those who were merged into this contact; it carries on for them."""
    winner = Ref(connection, "contacts", one.id)
    for loser in (raw(one.told.get(MERGED)) or "").split(";"):
        if loser.strip() and loser.strip() != one.id:
            ref = Ref(connection, "contacts", loser.strip())
            yield Record(ref, {}, one.at or 0, gone="merged", successor=winner)


def archived(connection: str, row: Row) -> Record:
    """A contact in the recycle bin."""
    at = instant(row.get("archivedAt")) or modified(row, STAMP) or 0
    return Record(Ref(connection, "contacts", id_of(row)), {}, at, gone="deleted")

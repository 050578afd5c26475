"""Leads and contacts: which fields are read, and what a row says of a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from connector.model import Record, Ref
from connector.ports import Wants

from .catalogue import Catalogue
from .reading import Row
from .soql import Query, id18, instant, object_of

Gone: TypeAlias = Literal["deleted", "merged", "converted"] | None

OBJECTS = ("Lead", "Contact")
COMPANY = "company."
ACCOUNT = "Account."
OWN = ("Id", "SystemModstamp", "CreatedDate", "IsDeleted", "MasterRecordId", "IsConverted", "ConvertedContactId")
"""What is always read where it exists: stamps, and why a person may be gone."""


@dataclass(frozen=True, slots=True)
class People:
    """One people object as it is read here. `names` holds, by path, the name under which a record tells it; `restless`
    when something among them can change without moving the person's own stamp: a formula, the company."""

    object: str
    names: Mapping[str, str]
    own: tuple[str, ...]
    long_texts: tuple[str, ...]
    numbers: frozenset[str]
    restless: bool

    @property
    def paths(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.own, *self.names)))

    def query(self, paths: tuple[str, ...], *, stamped: bool, only_alive: bool = False) -> Query:
        """All of them, by stamp or by id. The deleted are included unless `only_alive`, which also leaves out leads
        that were converted."""
        alive = ("IsConverted = false",) if only_alive and "IsConverted" in self.own else ()
        stamp = "SystemModstamp" if stamped else None
        long = tuple(p for p in self.long_texts if p in paths)
        return Query(self.object, paths, alive, stamp, all_rows=not only_alive, long_texts=long)

    def record(self, connection: str, row: Row, *, partial: bool = False) -> Record:
        """What a row says. A row in the recycle bin says what became of the person."""
        fields = {name: row[path] for path, name in self.names.items() if path in row}
        gone, successor = self._end(connection, row)
        return Record(
            Ref(connection, self.object, id18(row["Id"] or "")),
            fields,
            instant(row["SystemModstamp"]) or 0,
            instant(row.get("CreatedDate")),
            gone,
            successor,
            partial,
        )

    def _end(self, connection: str, row: Row) -> tuple[Gone, Ref | None]:
        winner, contact = row.get("MasterRecordId"), row.get("ConvertedContactId")
        if row.get("IsDeleted") == "true":
            return ("merged", Ref(connection, self.object, id18(winner))) if winner else ("deleted", None)
        if row.get("IsConverted") == "true":
            return "converted", Ref(connection, "Contact", id18(contact)) if contact else None
        return None, None


def people_of(catalogue: Catalogue, object_: str, wants: Wants) -> People | None:
    """How an object is read, or None when this org does not show it to our user."""
    fields = catalogue.fields(object_)
    if fields is None:
        return None
    paths = catalogue.visible(object_, paths_wanted(object_, wants))
    seen = {path: found for path in paths if (found := catalogue.find(object_, path))}
    return People(
        object_,
        {path: name_of(path) for path in paths},
        tuple(name for name in OWN if name in fields),
        tuple(p for p, f in seen.items() if f.custom and f.schema.type == "long_text"),
        frozenset(path for path, f in seen.items() if f.schema.type == "number"),
        any(f.calculated or "." in path for path, f in seen.items()),
    )


def paths_wanted(object_: str, wants: Wants) -> frozenset[str]:
    """The paths of all that the mapping wants of an object, seen or not."""
    names = (*wants.people.get(object_, ()), *wants.results.get(object_, {}).values())
    return frozenset(path_of(object_, name) for name in names)


def path_of(object_: str, name: str) -> str:
    """A field's path: the company of a contact is its account. A lead has its company in fields of its own."""
    if name.startswith(COMPANY):
        return ACCOUNT + name.removeprefix(COMPANY) if object_ == "Contact" else name
    return name


def name_of(path: str) -> str:
    return COMPANY + path.removeprefix(ACCOUNT) if path.startswith(ACCOUNT) else path


def person_of(connection: str, row: Row, paths: tuple[str, ...], objects: tuple[str, ...]) -> Ref | None:
    """Who a row is about: of its lookups the contact before the lead, because a converted lead's rows come to have
    both and count once."""
    for object_ in ("Contact", "Lead"):
        for path in paths if object_ in objects else ():
            id_ = row.get(path)
            if id_ and object_of(id_) == object_:
                return Ref(connection, object_, id18(id_))
    return None

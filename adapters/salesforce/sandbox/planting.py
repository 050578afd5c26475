"""How rows of the past are put into the org, and which ids a world's people have there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adapters.salesforce.sandbox.derived import derived
from adapters.salesforce.sandbox.ids import new_ids
from adapters.salesforce.sandbox.org import ADMIN_ID, Org
from adapters.salesforce.sandbox.stamps import day, stamp
from adapters.sandbox.facts import Person
from adapters.sandbox.state import Row
from connector.instants import Instant

Made = tuple[Instant, Instant, Row]
"""A row to be: when it was created, when it was last touched, and its fields."""


@dataclass(frozen=True, slots=True)
class Cast:
    """Which ids the world's people have: as lead, as contact, or both; and their companies' accounts."""

    people: Mapping[int, Person]
    leads: Mapping[int, str]
    contacts: Mapping[int, str]
    accounts: Mapping[int, str]

    def kept(self, key: int) -> Person | None:
        """Who carries a person's doings now: the winner where they were merged, nobody where they were deleted."""
        person: Person | None = self.people[key]
        while person and person.merged_into is not None:
            person = self.people.get(person.merged_into)
        return None if person is None or person.deleted_at is not None else person


def plant(org: Org, object: str, rows: Sequence[Made], ids: Sequence[str] | None = None) -> list[str]:
    """Write rows with stamps of the past; returns their ids."""
    ids = ids or new_ids(org.state, object, len(rows))
    org.state.put_many(object, [(i, _row(object, i, *made)) for i, made in zip(ids, rows, strict=True)])
    return list(ids)


def _row(object: str, id_: str, created: Instant, touched: Instant, fields: Row) -> Row:
    stamps = {
        "Id": id_,
        "CreatedDate": stamp(created),
        "CreatedById": ADMIN_ID,
        "LastModifiedDate": stamp(touched),
        "LastModifiedById": ADMIN_ID,
        "SystemModstamp": stamp(touched),
    }
    told = derived(object, {**stamps, **fields}, day(created), stamp(created))
    return {name: value for name, value in told.items() if value is not None and value != ""}


def made(at: Instant, fields: Mapping[str, Any]) -> Made:
    """A row of one instant."""
    return at, at, dict(fields)

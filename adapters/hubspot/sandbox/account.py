"""The account itself: what it remembers, its clock, and its records by id and by address."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from adapters.hubspot.sandbox.answers import MILLISECOND
from adapters.hubspot.sandbox.options import Options
from adapters.hubspot.sandbox.shelf import Shelf, alive
from adapters.sandbox.state import Row, State
from connector.instants import Instant, datetime_of

FIRST_ID = 101
RESTORABLE = 90 * 86_400_000
"""Milliseconds."""


@dataclass(slots=True)
class Account:
    """One HubSpot account. `lock` is held by whoever reads or writes: a request, the desk, a poke."""

    state: State
    clock: Callable[[], Instant]
    options: Options
    lock: threading.RLock = field(default_factory=threading.RLock, repr=False)
    _shelves: dict[str, Shelf] = field(default_factory=dict, repr=False)

    @property
    def now(self) -> int:
        """Milliseconds, as HubSpot keeps time."""
        return self.clock() // MILLISECOND

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.options.time_zone)

    def today(self) -> str:
        """The date where the account is (NOTES 21)."""
        return datetime_of(self.clock(), self.zone).date().isoformat()

    def shelf(self, kind: str) -> Shelf:
        """The records of a type, up to date."""
        shelf = self._shelves.setdefault(kind, Shelf(kind))
        shelf.catch_up(self.state)
        return shelf

    def row(self, kind: str, id_: str) -> Row | None:
        """A live record by the id it has now."""
        found = self.state.get(kind, id_)
        return found if found is not None and alive(found) else None

    def binned(self, kind: str, id_: str) -> Row | None:
        """A record in the recycle bin, where it can be restored for 90 days (NOTES 43)."""
        found = self.state.get(kind, id_)
        if found is None or not found.get("archived") or found.get("merged_into") or found.get("erased"):
            return None
        return found if self.now - found["archived"] < RESTORABLE else None

    def carried_on(self, kind: str, id_: str) -> Row | None:
        """A live record by an id it has, or had before a merge (NOTES 70)."""
        found = self.state.get(kind, id_)
        while found is not None and found.get("merged_into"):
            found = self.state.get(kind, found["merged_into"])
        return found if found is not None and alive(found) else None

    def by_address(self, address: str) -> Row | None:
        """A live contact by one of its e-mail addresses."""
        id_ = self.shelf("contacts").addresses.get(address.strip().lower())
        return self.row("contacts", id_) if id_ else None

    def save(self, kind: str, rows: Iterable[Row]) -> None:
        """Write records, new or changed."""
        with self.state:
            shelf = self.shelf(kind)
            by_id: Mapping[str, Row] = {row["id"]: row for row in rows}
            self.state.put_many(kind, by_id.items())
            shelf.wrote(self.state, by_id)

    def new_ids(self, count: int) -> list[str]:
        """Ids that nobody has, in rising order, whatever the type."""
        with self.state:
            next_ = (self.state.get("account", "ids") or {"next": FIRST_ID})["next"]
            self.state.put("account", "ids", {"next": next_ + count})
        return [str(next_ + n) for n in range(count)]

"""The records of one object type in the orders that lists and searches need, kept in memory beside the state.

A record's row: `id`, `created`, `updated` and `touched` (milliseconds; `touched` is when it was last written, which a
bulk edit may stamp otherwise), `values` (texts by property), and, where they apply, `archived` (milliseconds),
`merged_into` (an id) and `erased`.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Mapping
from dataclasses import dataclass, field

from adapters.sandbox.state import Row, State

MOST_WAITING = 50


def alive(row: Row) -> bool:
    """Whether lists and searches may show it."""
    return not (row.get("archived") or row.get("merged_into") or row.get("erased"))


def addresses_of(row: Row) -> list[str]:
    """The e-mail addresses that identify a contact, in lower case (NOTES 76)."""
    values = row["values"]
    told = [values.get("email", ""), *values.get("hs_additional_emails", "").split(";")]
    return [t.strip().lower() for t in told if t.strip()]


@dataclass(slots=True)
class Shelf:
    """`live` and `binned` hold ids in rising order, `addresses` the id of each e-mail address, `indexed` the rows as
    the search index has them, `waiting` the writes it has not seen, oldest first."""

    kind: str
    live: list[int] = field(default_factory=list)
    binned: list[int] = field(default_factory=list)
    addresses: dict[str, str] = field(default_factory=dict)
    indexed: dict[str, Row] = field(default_factory=dict)
    waiting: dict[str, list[Row]] = field(default_factory=dict)
    _held: dict[str, Row] = field(default_factory=dict)
    _version: int = 0

    def catch_up(self, state: State) -> None:
        """Take in what was written since: by us, by another process, or before we were opened."""
        version = state.version(self.kind)
        if version == self._version:
            return
        rows = state.all(self.kind)
        for id_, row in rows.items():
            if self._held.get(id_) is not row:
                self._take(id_, row)
        self._version = version

    def wrote(self, state: State, rows: Mapping[str, Row]) -> None:
        """Take in rows just written, without looking at all others."""
        for id_, row in rows.items():
            self._take(id_, row)
        self._version = state.version(self.kind)

    def index(self, before: int) -> Mapping[str, Row]:
        """The rows as the search index has them when it has seen all writes up to `before` (milliseconds)."""
        for id_ in [i for i, rows in self.waiting.items() if rows[0]["touched"] <= before]:
            rows = self.waiting.pop(id_)
            seen = [row for row in rows if row["touched"] <= before]
            self._index(id_, seen[-1])
            if len(seen) < len(rows):
                self.waiting[id_] = rows[len(seen) :]
        return self.indexed

    def _take(self, id_: str, row: Row) -> None:
        old = self._held.get(id_)
        if old is not None:
            self._forget(id_, old)
        self._held[id_] = row
        for address in addresses_of(row) if alive(row) else ():
            self.addresses[address] = id_
        if alive(row):
            insort(self.live, int(id_))
        elif not (row.get("merged_into") or row.get("erased")):
            insort(self.binned, int(id_))
        if row.get("touched"):
            self.waiting[id_] = [*self.waiting.get(id_, ())[-MOST_WAITING:], row]
        else:
            self._index(id_, row)

    def _forget(self, id_: str, old: Row) -> None:
        for ids in (self.live, self.binned):
            at = bisect_left(ids, int(id_))
            if at < len(ids) and ids[at] == int(id_):
                del ids[at]
        for address in addresses_of(old):
            if self.addresses.get(address) == id_:
                del self.addresses[address]

    def _index(self, id_: str, row: Row) -> None:
        if alive(row):
            self.indexed[id_] = row
        else:
            self.indexed.pop(id_, None)

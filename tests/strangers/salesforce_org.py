"""A seeded Salesforce behind the door, and what it holds: the truth that strangers' answers are compared with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adapters.salesforce.sandbox import Options, SalesforceSandbox, open_salesforce_sandbox
from adapters.salesforce.sandbox.rows import visible
from adapters.salesforce.sandbox.schema import NUMBERS
from adapters.sandbox.state import State
from adapters.sandbox.world import make_world
from connector.clock import clock
from connector.instants import parse_instant
from tests.strangers.door import Door, open_door

HOSTS = ("login.salesforce.com", "*.my.salesforce.com")
REFRESH = "agreed-to-in-a-browser"
Rows = dict[str, dict[str, Any]]
"""Records by id, their values by field, in plain words: see `plain`."""


@dataclass(frozen=True, slots=True)
class Org:
    """The sandbox and the door to it. Its clock is the machine's: strangers wait for jobs by their own."""

    sandbox: SalesforceSandbox
    door: Door

    @property
    def host(self) -> str:
        """The org's own address, by the door."""
        return f"https://{self.sandbox.org.options.my_domain}"

    def fields(self, name: str) -> Mapping[str, str]:
        """What the integration user sees of an object: the type of each field, compound ones left out (they are made
        of others)."""
        return {f.name: f.type for f in self.sandbox.org.schema.seen[name].values() if f.type != "address"}

    def held(self, name: str, *, everything: bool = False) -> Rows:
        """Every record of an object that a query may find, straight from where the sandbox keeps it."""
        known = self.sandbox.org.schema.seen[name].values()
        return {
            row["Id"]: {f.name: plain(f.type, row.get(f.name, f.blank)) for f in known if f.type != "address"}
            for row in visible(self.sandbox.org, name, everything=everything)
        }

    def told(self, name: str, records: list[dict[str, Any]]) -> Rows:
        """What a stranger read, in the same plain words; records read twice stay one."""
        types = self.fields(name)
        return {r["Id"]: {f: plain(types[f], v) for f, v in r.items() if f in types} for r in records}

    @property
    def objects(self) -> list[str]:
        return list(self.sandbox.org.schema.seen)


def plain(kind: str, value: Any) -> Any:
    """A value without what only its format says: text of CSV or JSON, an offset or a `Z`, an empty cell or null."""
    if value is None or value == "":
        return False if kind == "boolean" else None
    if kind == "datetime":
        return parse_instant(value)
    if kind == "date":
        return str(value)[:10]
    if kind in NUMBERS:
        return float(value)
    if kind == "boolean":
        return value if isinstance(value, bool) else value.lower() == "true"
    return value


def unlike(told: Rows, held: Rows) -> list[tuple[str, str, Any, Any]]:
    """Where two readings of the same records differ: id, field, what was told, what is held. A record that only one
    has counts as well."""
    lost = [
        (id_, "Id", id_ if id_ in told else None, id_ if id_ in held else None) for id_ in told.keys() ^ held.keys()
    ]
    both = [(id_, told[id_], held[id_]) for id_ in told.keys() & held.keys()]
    return lost + [(i, f, t.get(f), h.get(f)) for i, t, h in both for f in t.keys() | h.keys() if t.get(f) != h.get(f)]


@contextmanager
def standing(folder: Path, *, leads: int = 150, **options: Any) -> Iterator[Org]:
    """An org of a believable company, with pages and jobs small and quick enough that a stranger must turn many."""
    preset = {"refresh_token": REFRESH, "page_size": 60, "smallest_page": 1, "bulk_seconds": 0.2, "bulk_page": 50}
    now = clock(None)
    sandbox = open_salesforce_sandbox(State(), now, options=Options(**{**preset, **options}))
    sandbox.seed(make_world(leads, 3, now()))
    sandbox.desk.define_field("Lead", "Score__c", "Number", precision=5, scale=2)
    for lead in list(sandbox.state.all("Lead"))[:2]:
        sandbox.desk.delete("Lead", lead)
    with open_door(sandbox.app, HOSTS, folder) as door:
        yield Org(sandbox, door)
    sandbox.state.close()

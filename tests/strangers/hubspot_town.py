"""A HubSpot account with a year's life in it, what it really holds, and how to tell a stranger's copy from it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from adapters.hubspot.sandbox import HubSpotSandbox, Options, open_hubspot_sandbox
from adapters.hubspot.sandbox.definitions import definitions
from adapters.hubspot.sandbox.kinds import kind_of
from adapters.hubspot.sandbox.links import links_of
from adapters.hubspot.sandbox.rendering import value_of
from adapters.sandbox.state import State
from adapters.sandbox.world import make_world
from connector.instants import MINUTE
from tests.strangers.door import Door, open_door

HOST = "api.hubapi.com"
Copy = Mapping[str, Mapping[str, object]]
"""Records by id, each with its properties by name."""


@dataclass(frozen=True, slots=True)
class Town:
    """The account, and the door to it."""

    sandbox: HubSpotSandbox
    door: Door
    folder: Path

    @property
    def env(self) -> dict[str, str]:
        """The door, for clients that believe only the authorities of the `certifi` package: one with ours in it."""
        return {**self.door.env, "PYTHONPATH": str(self.folder)}

    def ids(self, kind: str) -> set[str]:
        return {str(i) for i in self.sandbox.account.shelf(kind).live}

    def rows(self, table: str) -> Mapping[str, Mapping[str, object]]:
        """What is kept beside the records: owners, forms, mail events."""
        return self.sandbox.state.all(table)

    def links(self, kind: str, far: str) -> set[tuple[str, str, int]]:
        """Every association between two objects: near id, far id, number of its type."""
        account = self.sandbox.account
        found = {i: links_of(account, kind_of(kind), i, kind_of(far)) for i in self.ids(kind)}
        return {(near, to, number) for near, links in found.items() for to, types in links.items() for number in types}

    def submissions(self) -> int:
        return sum(len(self.rows(f"submissions:{form}")) for form in self.rows("forms"))

    def faults(self, kind: str, copy: Copy, *, without: frozenset[str] = frozenset()) -> list[str]:
        """What a copy says otherwise than the account does: `101.email`, or `101` for a record that is missing or
        should not be there. `without`: properties not asked for."""
        account, kind_ = self.sandbox.account, kind_of(kind)
        types = {n: row["type"] for n, row in definitions(account, kind_).items() if n not in without}
        live = account.state.all(kind)
        wrong = [
            f"{id_}.{name}"
            for id_ in self.ids(kind) & set(copy)
            for name, type_ in types.items()
            if not alike(type_, value_of(kind_, live[id_], name), copy[id_].get(name))
        ]
        return [*sorted(self.ids(kind) ^ set(copy)), *wrong]


@contextmanager
def open_town(folder: Path) -> Iterator[Town]:
    """300 people, their companies, deals and doings, one of each rarer thing, and two lists. It lives in this
    machine's own time, because strangers ask what happened until now; the search index has seen all of it."""
    behind = [MINUTE]
    options = Options(cursors_twice=True)
    sandbox = open_hubspot_sandbox(State(), lambda: time.time_ns() // 1_000 - behind[0], options=options)
    sandbox.seed(make_world(300, 3, sandbox.account.clock()))
    _furnish(sandbox)
    behind[0] = 0
    try:
        with open_door(sandbox.app, [HOST], folder / "door") as door:
            yield Town(sandbox, door, _authorities(folder / "authorities", door.ca_file))
    finally:
        sandbox.state.close()


def _furnish(sandbox: HubSpotSandbox) -> None:
    desk = sandbox.desk
    who = next(iter(sorted(sandbox.account.shelf("contacts").live)))
    for kind, fields in (
        ("notes", {"hs_note_body": "見積もりの件"}),
        ("tasks", {"hs_task_subject": "電話する", "hs_task_status": "NOT_STARTED"}),
        ("emails", {"hs_email_subject": "ご連絡", "hs_email_direction": "EMAIL"}),
    ):
        id_ = desk.add(kind, hs_timestamp=time.time_ns() // 1_000, **fields)
        desk.associate("contacts", str(who), kind, id_)
    desk.define_field("contacts", "own_number", "number")
    desk.change("contacts", str(who), own_number=12.5)
    desk.merge("contacts", *(str(i) for i in list(sandbox.account.shelf("contacts").live)[5:7]))


def _authorities(folder: Path, ca_file: Path) -> Path:
    """A package `certifi` that names our authority, found before the stranger's own: `requests` asks no other place
    when a client sends a request it has prepared itself."""
    package = folder / "certifi"
    package.mkdir(parents=True)
    says = f"def where():\n    return {str(ca_file)!r}\n\n\ndef contents():\n    return open(where()).read()\n"
    (package / "__init__.py").write_text(says, encoding="utf-8")
    return folder


def alike(type_: str, held: str | None, told: object) -> bool:
    """Whether a stranger's value is the account's: strangers make numbers, truths and times of texts."""
    if not held:
        return told in {None, ""}
    if told is None:
        return False
    if type_ == "number" or (isinstance(told, int | float) and not isinstance(told, bool)):
        return float(str(told)) == float(held)
    if type_ in {"date", "datetime"}:
        return _instant(str(told)) == _instant(held)
    return str(told).lower() == held.lower() if isinstance(told, bool) else str(told) == held


def _instant(text: str) -> datetime:
    if text.isdigit():
        return datetime.fromtimestamp(int(text) / 1_000, UTC)
    told = datetime.fromisoformat(text)
    return told if told.tzinfo else told.replace(tzinfo=UTC)

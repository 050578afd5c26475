"""What the conformance suite needs of a CRM's far side, and the notebook in which it keeps what a pull told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Protocol

from connector.model import Event, Raw, Record, Ref
from connector.ports import CRM, Page, Wants

Ability = Literal["delete", "merge", "convert", "throttle", "refresh", "revoke", "poison", "same_instant"]
ABILITIES: tuple[Ability, ...] = (
    "delete", "merge", "convert", "throttle", "refresh", "revoke", "poison", "same_instant",
)  # fmt: skip


class Weather(Protocol):
    """How the far side is made to refuse."""

    def throttle(self, times: int, retry_after: float) -> None:
        """Answer the next so many requests with `too many`, to be retried after so many seconds."""
        ...

    def waited(self) -> float:
        """Seconds the adapters of this account have slept so far. Sleeps are told, not slept."""
        ...

    def expire_token(self) -> None:
        """The token in use is no longer good; a new one can be had."""
        ...

    def revoke_token(self) -> None:
        """No token is good any more."""
        ...

    def poison(self, who: str) -> None:
        """From now on the CRM refuses to write this person."""
        ...


class CRMWorld(Protocol):
    """An account the suite may do anything to, as the CRM's own users and administrators would.

    `object` is the people object that `add_person` fills, `field` the CRM's name of an ordinary text field there that
    is among `wants`. `several` people make at least three pages. `lacks` says, for what this kind of CRM does not
    have, why (`{"convert": "a spreadsheet has no conversion"}`). `secrets` and `personal` are planted: tokens in use,
    and a value the suite writes into `field`; none may ever be shown. `setting` is the name, or a part of it, of the
    setting a user must mend when access is refused. `config` is what the adapter was opened with; `weather` makes the
    far side refuse.
    """

    connection: str
    object: str
    field: str
    several: int
    wants: Wants
    lacks: Mapping[Ability, str]
    secrets: Sequence[str]
    personal: Sequence[str]
    setting: str
    config: Any
    weather: Weather

    def open(self, wants: Wants | None = None) -> CRM:
        """A new adapter on this account, as after a restart. `wants` replaces the usual ones."""
        ...

    def another(self) -> CRMWorld:
        """A second account of the same kind, under another connection name."""
        ...

    def add_person(self, **fields: Raw) -> str:
        """Create somebody; returns the CRM's id."""
        ...

    def change(self, who: str, **fields: Raw) -> None:
        """Change somebody's fields, as a user of the CRM would."""
        ...

    def shown(self, who: str) -> Mapping[str, Raw]:
        """All of somebody's fields as the CRM shows them now, ours among them, without its own stamps."""
        ...

    def delete(self, who: str) -> None: ...

    def merge(self, loser: str, winner: str) -> str:
        """Merge two people; returns the id that carries on."""
        ...

    def convert(self, who: str) -> Ref:
        """Convert a lead; returns who carries on."""
        ...

    def same_instant(self, ids: Sequence[str]) -> None:
        """Give all of them one and the same modified stamp, later than any before."""
        ...

    def let_time_pass(self, seconds: float) -> None:
        """Move the far side's clock and ours, so that indexes catch up and windows close."""
        ...


@dataclass(slots=True)
class Notebook:
    """What a store would hold after keeping pages: who is there, who is gone, what happened, where to go on."""

    people: dict[Ref, Record] = field(default_factory=dict)
    gone: dict[Ref, Record | None] = field(default_factory=dict)
    events: dict[tuple[Ref, str, str], Event] = field(default_factory=dict)
    cursor: str | None = None
    pages: int = 0
    times: dict[Ref, int] = field(default_factory=dict)
    swept: dict[tuple[str, int], set[Ref]] = field(default_factory=dict)

    def keep(self, page: Page) -> None:
        """Keep a page as the store does: a record replaces, or completes, or takes away; a finished sweep forgets."""
        for record in page.records:
            self._keep_record(record)
        for event in page.events:
            key = (event.person, event.source, event.id)
            self.events.pop(key, None) if event.gone else self.events.update({key: event})
        for extent in page.extents:
            beyond = [k for k in self.events if k[:2] == (extent.person, extent.source) and k[2] not in extent.ids]
            for key in beyond:
                del self.events[key]
        if page.sweep:
            self._sweep(page)
        self.cursor = page.cursor
        self.pages += 1

    def _keep_record(self, record: Record) -> None:
        self.times[record.ref] = self.times.get(record.ref, 0) + 1
        if record.gone:
            self.people.pop(record.ref, None)
            self.gone[record.ref] = record
            return
        known = self.people.get(record.ref)
        whole = replace(record, fields={**known.fields, **record.fields}) if record.partial and known else record
        self.people[record.ref] = whole
        self.gone.pop(record.ref, None)

    def _sweep(self, page: Page) -> None:
        if page.sweep is None:
            return
        seen = self.swept.setdefault((page.sweep.object, page.sweep.number), set())
        seen.update(r.ref for r in page.records)
        if page.sweep.done:
            for ref in [r for r in self.people if r.object == page.sweep.object and r not in seen]:
                del self.people[ref]
                self.gone[ref] = None

    def read(self, crm: CRM, *, pages: int | None = None) -> Notebook:
        """Pull from where this notebook stands: to the end, or only so many pages."""
        pull = crm.pull(self.cursor)
        for n, page in enumerate(pull, 1):
            self.keep(page)
            if n == pages:
                break
        getattr(pull, "close", lambda: None)()
        return self

"""A CRM in a dictionary: the smallest adapter that keeps every promise, for tests of the pass and as a pattern.

An `Account` is the far side, with what its users may do to it; `MemoryCRM` is the adapter, one per connection.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from connector.errors import AccessDenied, Problem, Unavailable
from connector.instants import Instant, iso
from connector.model import Change, Event, Raw, Receipt, Record, Ref
from connector.ports import FieldChange, FieldSchema, Page, Schema, Traits, Wants
from connector.results import Result
from connector.words import say

Key = tuple[str, str]
"""The CRM's object and id."""


@dataclass(slots=True)
class Row:
    """One person as the account keeps them. `refuses`: a rule of the account's forbids to write it."""

    fields: dict[str, Raw] = field(repr=False)
    created_at: Instant
    modified_at: Instant
    gone: Literal["deleted", "merged", "converted"] | None = None
    successor: Key | None = None
    refuses: bool = False


@dataclass(slots=True)
class Account:
    """The far side. Every change moves `clock` by a microsecond, so that stamps rise as they do in a quiet CRM.

    `types` holds, by object, field names and their types in our words. `events` is in order of telling. `throttled`
    requests are yet to be answered with `too many`; `token` is the one that is good now, None when none is.
    """

    clock: Instant
    types: dict[str, dict[str, str]]
    rows: dict[Key, Row] = field(default_factory=dict)
    events: list[tuple[Key, Event]] = field(default_factory=list)
    token: str | None = field(default="token-1", repr=False)
    throttled: int = 0
    retry_after: float = 1.0

    def add(self, object_: str, **fields: Raw) -> str:
        """Create somebody; the id is the next number."""
        id_ = str(len(self.rows) + 1)
        at = self.tick()
        self.rows[object_, id_] = Row(dict(fields), at, at)
        return id_

    def change(self, key: Key, **fields: Raw) -> None:
        """Change somebody's fields. Values already held move nothing."""
        row = self.rows[key]
        if any(row.fields.get(name) != value for name, value in fields.items()):
            row.fields.update(fields)
            row.modified_at = self.tick()

    def end(self, key: Key, gone: Literal["deleted", "merged", "converted"], successor: Key | None = None) -> None:
        """Somebody is deleted, merged into another, or converted."""
        row = self.rows[key]
        row.gone, row.successor, row.modified_at = gone, successor, self.tick()

    def tell(self, key: Key, event: Event) -> None:
        """Something happened, or is told anew, or is taken back."""
        self.events.append((key, event))

    def tick(self) -> Instant:
        self.clock += 1
        return self.clock


@dataclass(frozen=True, slots=True)
class MemoryConfig:
    """A connection's name, how many records make a page, how many changes a batch, and seconds it will wait."""

    name: str
    page_size: int = 100
    batch_size: int = 100
    patience: float = 300.0


@dataclass(slots=True)
class MemoryCRM:
    """The adapter. Its cursor is the stamp, object and id of the last record told, and the number of events told."""

    config: MemoryConfig
    account: Account = field(repr=False)
    wants: Wants
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)
    _token: str | None = field(default=None, repr=False)
    _calls: Counter[str] = field(default_factory=Counter)

    @property
    def traits(self) -> Traits:
        return Traits("memory", self.config.batch_size, tuple(self.account.types), tuple(self.wants.events))

    def describe(self) -> Schema:
        self._ask("describe")
        return Schema(
            {
                o: {n: FieldSchema(n, n, t, t, True) for n, t in types.items()}
                for o, types in self.account.types.items()
            },
            {source: wanted.fields for source, wanted in self.wants.events.items()},
        )

    def pull(self, cursor: str | None) -> Iterator[Page]:
        told, event, whole = _cursor(cursor)
        while True:
            self._ask("list")
            rows = self._after(told)[: self.config.page_size]
            if not rows:
                break
            told = rows[-1][0]
            records = [self._record(key, row) for (_, key), row in rows]
            yield Page(records, cursor=json.dumps([told, event, whole]), whole=whole)
        news = [e for _, e in self.account.events[event:] if e.source in self.wants.events]
        yield Page(events=news, cursor=json.dumps([told, len(self.account.events), True]))

    def push(self, changes: Sequence[Change]) -> Sequence[Receipt]:
        self._ask("write")
        return [self._write(change) for change in changes]

    def provision(self, wanted: Mapping[str, Sequence[tuple[str, Result]]], *, apply: bool) -> Iterator[FieldChange]:
        self._ask("describe")
        steps = [self._step(o, name, result) for o, fields in wanted.items() for name, result in fields]
        ready = apply and not any(step.action == "clash" for step, _ in steps)
        for step, result in steps:
            if ready and step.action == "create":
                self.account.types[step.object][step.field] = result.type
            yield FieldChange(step.object, step.field, step.action, step.what, ready and step.action == "create")

    def calls(self) -> Mapping[str, int]:
        return dict(self._calls)

    def close(self) -> None:
        """Nothing is held open."""

    # ---- asking ------------------------------------------------------------------------------------------------------

    def _ask(self, kind: str) -> None:
        """One request: wait as told while patience lasts, renew an expired token, raise what cannot be helped."""
        self._calls[kind] += 1
        waited = 0.0
        while self.account.throttled:
            self.account.throttled -= 1
            waited += self.account.retry_after
            if waited > self.config.patience:
                raise _unavailable(self.config.name, self.account.retry_after)
            self.sleep(self.account.retry_after)
        if self.account.token is None:
            raise _denied(self.config.name)
        if self._token != self.account.token:
            self._calls["login"] += 1
            self._token = self.account.token

    def _after(self, told: tuple[Instant, Key]) -> list[tuple[tuple[Instant, Key], Row]]:
        wanted = [
            ((row.modified_at, key), row) for key, row in self.account.rows.items() if key[0] in self.wants.people
        ]
        return sorted((pair for pair in wanted if pair[0] > told), key=lambda pair: pair[0])

    def _record(self, key: Key, row: Row) -> Record:
        known = self.account.types[key[0]].keys()
        asked = self.wants.people[key[0]] | set(self.wants.results.get(key[0], {}).values())
        fields = {name: row.fields.get(name) for name in sorted(asked & known)}
        successor = Ref(self.config.name, *row.successor) if row.successor else None
        return Record(Ref(self.config.name, *key), fields, row.modified_at, row.created_at, row.gone, successor)

    def _write(self, change: Change) -> Receipt:
        row = self.account.rows.get((change.ref.object, change.ref.id))
        if row is None or row.gone:
            return Receipt(change.ref, "gone", "NOT_FOUND", say("the record no longer exists"))
        ours = set(self.wants.results.get(change.ref.object, {}).values())
        strange = sorted(change.after.keys() - (ours & self.account.types[change.ref.object].keys()))
        if strange:
            return Receipt(
                change.ref, "refused", "NO_FIELD", say("there is no field '{name}' to write", name=strange[0])
            )
        if row.refuses:
            return Receipt(change.ref, "refused", "RULE", say("a rule of the CRM refuses this record"))
        types = self.account.types[change.ref.object]
        words = {name: _text(value, types[name]) for name, value in change.after.items()}
        self.account.change((change.ref.object, change.ref.id), **words)
        return Receipt(change.ref, "written")

    def _step(self, object_: str, name: str, result: Result) -> tuple[FieldChange, Result]:
        now = self.account.types[object_].get(name)
        if now is None:
            return FieldChange(object_, name, "create", say("will be created")), result
        if now != result.type:
            return FieldChange(object_, name, "clash", say("exists with another type ({type})", type=now)), result
        return FieldChange(object_, name, "exists", say("is there")), result


def _cursor(text: str | None) -> tuple[tuple[Instant, Key], int, bool]:
    if text is None:
        return (0, ("", "")), 0, False
    (stamp, (object_, id_)), events, whole = json.loads(text)
    return (stamp, (object_, id_)), events, whole


def _text(value: str | int | bool | None, type_: str) -> Raw:
    if value is None:
        return None
    if type_ == "instant":
        return iso(int(value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _unavailable(name: str, retry_after: float) -> Unavailable:
    what = say("{connection}: the CRM asks us to wait longer than a pass may", connection=name)
    return Unavailable(Problem("LH-505", what, fix=say("The next run goes on from here.")), retry_after=retry_after)


def _denied(name: str) -> AccessDenied:
    what = say("{connection}: the CRM does not accept our token", connection=name)
    return AccessDenied(Problem("LH-506", what, "TOKEN", say("Store a new one: 'leadheat connect {name}'.", name=name)))

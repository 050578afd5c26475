"""What befalls a pass: requests and answers that go wrong, and a process that dies at one of its transactions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import event

from adapters.memory import MemoryCRM
from connector.errors import AccessDenied, QuotaSpent, Unavailable
from connector.model import Change, Receipt
from connector.ports import FieldChange, Page, Schema, Traits
from connector.results import Result
from connector.store import SqlStore

Kind = Literal["outage", "quota", "denied", "lost", "unknown", "dies_before", "dies_after", "meanwhile"]
ERRORS: Mapping[str, Callable[[], Exception]] = {
    "outage": Unavailable, "quota": QuotaSpent, "denied": AccessDenied, "lost": Unavailable, "unknown": Unavailable,
}  # fmt: skip


class Dead(Exception):
    """The process is no more: not even its last wishes are carried out."""


@dataclass
class Deaths:
    """Kills the store's process just before or just after its nth writing transaction is committed. Once dead, it
    can begin no other until it is `born` again."""

    store: SqlStore
    dead: bool = False
    written: int = 0
    at: tuple[int, str] | None = None
    _after: bool = False

    def __post_init__(self) -> None:
        dialect: Any = self.store.engine.dialect
        commit = dialect.do_commit

        def do_commit(raw: Any) -> None:
            commit(raw)
            if self._after:
                self._die()

        dialect.do_commit = do_commit
        event.listen(self.store.engine, "begin", self._begin, insert=True)
        event.listen(self.store.engine, "commit", self._commit)

    def born(self, at: tuple[int, str] | None = None) -> None:
        self.dead, self.written, self.at, self._after = False, 0, at, False

    def _begin(self, _: Any) -> None:
        if self.dead:
            raise Dead

    def _commit(self, conn: Any) -> None:
        if not conn.get_execution_options().get("writes"):
            return
        self.written += 1
        if self.at == (self.written, "before"):
            self._die()
        self._after = self.at == (self.written, "after")

    def _die(self) -> None:
        self.dead, self._after = True, False
        raise Dead


@dataclass
class Strike:
    """The nth request of a pass, and what becomes of it. `lost`: it took effect and its answer did not come.
    `unknown`: a write that took effect for every other record, told as unknown for all."""

    at: int
    kind: Kind
    meanwhile: Callable[[], None] = lambda: None


@dataclass
class Wire:
    """An adapter whose requests may be struck. `watch` sees each write before it is made."""

    crm: MemoryCRM
    deaths: Deaths
    strike: Strike | None = None
    watch: Callable[[Sequence[Change]], None] = lambda _: None
    asked: int = 0
    pushed: list[Change] = field(default_factory=list)

    @property
    def traits(self) -> Traits:
        return self.crm.traits

    def describe(self) -> Schema:
        return self.crm.describe()

    def provision(self, wanted: Mapping[str, Sequence[tuple[str, Result]]], *, apply: bool) -> Iterator[FieldChange]:
        return self.crm.provision(wanted, apply=apply)

    def calls(self) -> Mapping[str, int]:
        return self.crm.calls()

    def close(self) -> None:
        self.crm.close()

    def pull(self, cursor: str | None) -> Iterator[Page]:
        for page in self.crm.pull(cursor):
            if self._struck() not in (None, "meanwhile"):
                self._raise()
            yield page

    def push(self, changes: Sequence[Change]) -> Sequence[Receipt]:
        kind = self._struck()
        if kind in ("outage", "quota", "denied", "dies_before"):
            self._raise()
        if kind == "meanwhile" and self.strike:
            self.strike.meanwhile()
        self.watch(changes)
        self.pushed += changes
        if kind == "unknown":
            self.crm.push(changes[::2])
            return [Receipt(c.ref, "unknown") for c in changes]
        receipts = self.crm.push(changes)
        if kind in ("lost", "dies_after"):
            self._raise()
        return receipts

    def _struck(self) -> Kind | None:
        self.asked += 1
        return self.strike.kind if self.strike and self.strike.at == self.asked else None

    def _raise(self) -> None:
        kind = self.strike.kind if self.strike else "outage"
        if kind in ERRORS:
            raise ERRORS[kind]()
        self.deaths.dead = True
        raise Dead

"""What the CRM should hold, worked out from scratch: the account as it is, the reference engine, and the little that
scoring needs of the past (the standing a lead was left with, and its points by instant)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import func, select

from adapters.memory import Account, MemoryConfig, MemoryCRM
from connector.book import Book, scorable
from connector.instants import Instant
from connector.mapping.reading import read_page
from connector.model import Event, Lead, Outcome, Record, Ref, Score, Standing
from connector.plan import same
from connector.ports import Dossier, Facts
from connector.reasons import results
from connector.results import BY_NAME
from connector.scoring.reference import mark_by_change, score_lead
from connector.scoring.until import hot_until
from connector.store import SqlStore
from connector.store.codec import ledger_of, standing_of
from connector.store.tables import book as books
from connector.store.tables import connection, lead, run, score
from tests.crash.ledger import BOOKS, CONTACTS, NAME


@dataclass(frozen=True)
class Scoring:
    """A lead's scoring as the store holds it."""

    number: int
    as_of: Instant
    points: int
    standing: Standing
    ledger: tuple[Any, ...]
    book: str | None


@dataclass
class Truth:
    """What an observer who saw every edit and every scoring knows."""

    account: Account
    known: dict[Ref, Scoring] = field(default_factory=dict)
    past: dict[Ref, dict[Instant, int]] = field(default_factory=dict)

    def adopt(self, store: SqlStore, book: Book, *, may_score: bool = True) -> None:
        """Take in what a pass committed, whole or cut off: each lead's scoring is either as it was or exactly what the
        reference engine says as of that pass. With `may_score` false only the first."""
        as_of = last_instant(store)
        told = self.facts(book)
        news = {}
        for ref, now in scorings(store).items():
            before = self.known.get(ref)
            if before and (before.points, before.standing, before.ledger) == (now.points, now.standing, now.ledger):
                assert now.book in (before.book, book.digest, None)
                news[ref] = now
                continue
            assert may_score, f"{ref} was scored by a pass that may make nothing its own"
            expected = self.score(book, told, ref, as_of)
            assert (now.as_of, now.points, now.standing) == (as_of, expected.points, expected.standing), ref
            assert now.ledger == expected.ledger, ref
            news[ref] = now
        assert self.known.keys() <= news.keys(), "a scoring was lost"
        for ref, now in news.items():
            self.past.setdefault(ref, {})[now.as_of] = now.points
        self.known = news

    def facts(self, book: Book) -> Facts:
        """Everything the account tells, read from scratch."""
        crm = MemoryCRM(MemoryConfig(NAME), self.account, book.mapping.wants)
        crm._token = self.account.token = self.account.token or "token-0"
        pages = list(crm.pull(None))
        records = {r.ref: r for p in pages for r in p.records}
        events = {(e.person, e.source, e.id): e for p in pages for e in p.events}
        return read(book, records.values(), events.values())

    def score(self, book: Book, told: Facts, ref: Ref, as_of: Instant) -> Score:
        """The reference engine's word on one lead."""
        dossier, before = self.dossier(told, ref)
        score = score_lead(book.card, scorable(book.mapping, dossier), as_of)
        was = dossier.lead.before
        entered = score.standing.state.is_hot and not (was and was.state.is_hot)
        if not entered or before is None or before.book in (None, book.digest):
            return score
        former = BOOKS[before.book or ""]
        formerly, _ = self.dossier(self.facts(former), ref)  # as the former mapping reads what is known today
        formerly = replace(formerly, outcomes=dossier.outcomes)
        then = score_lead(former.card, scorable(former.mapping, formerly), as_of)
        return mark_by_change(score, was_hot_under_previous=then.standing.state.is_hot)

    def expected(self, book: Book, told: Facts, ref: Ref, as_of: Instant) -> dict[str, Any]:
        """Our fields' values by result, as of an instant."""
        dossier, _ = self.dossier(told, ref)
        subject, score = scorable(book.mapping, dossier), self.score(book, told, ref, as_of)
        until = hot_until(book.card, subject, score) if score.standing.state.is_hot else None
        return results(score, self.changes(ref), until, book.wording, subject.rejection)

    def dossier(self, told: Facts, ref: Ref) -> tuple[Dossier, Scoring | None]:
        """All there is about one lead, and of those it carries on for."""
        mine = {ref, *(r for r in self._left() if self._heir(r) == ref)}
        [fact] = [f for f in told.leads if f.record.ref == ref]
        doings = [f.activity for f in told.activities if f.person in mine and f.activity and not f.gone]
        outcomes: list[Outcome] = [f.outcome for f in told.outcomes if f.person in mine and f.outcome]
        before = self.known.get(ref) or max(
            (self.known[r] for r in mine if r in self.known), key=lambda s: (s.as_of, s.number), default=None
        )
        doings.sort(key=lambda a: (a.at, a.id))
        subject = Lead(ref, fact.record.created_at, fact.inputs, doings, before.standing if before else None)
        outcomes.sort(key=lambda o: (o.at, o.id))
        return Dossier(subject, fact.held, outcomes=outcomes), before

    def changes(self, ref: Ref) -> list[tuple[Instant, int]]:
        found: list[tuple[Instant, int]] = []
        for at, points in sorted(self.past.get(ref, {}).items()):
            if not found or found[-1][1] != points:
                found.append((at, points))
        return found

    def _left(self) -> Iterable[Ref]:
        return [Ref(NAME, *key) for key, row in self.account.rows.items() if row.gone and row.successor]

    def _heir(self, ref: Ref) -> Ref:
        row = self.account.rows[ref.object, ref.id]
        return self._heir(Ref(NAME, *row.successor)) if row.gone and row.successor else ref


def read(book: Book, records: Iterable[Record], events: Iterable[Event]) -> Facts:
    return read_page(book.mapping, NAME, list(records), list(events))


def disagreements(book: Book, fields: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Where a record's fields do not say what they should, but for the instant of scoring."""
    names = {n: f for n, f in book.mapping.results(CONTACTS).items() if n in wanted and n != "scored_at"}
    return {n: (fields.get(f), wanted[n]) for n, f in names.items() if not same(BY_NAME[n], fields.get(f), wanted[n])}


def scorings(store: SqlStore) -> dict[Ref, Scoring]:
    rows = select(score, lead.c.object, lead.c.ext_id, books.c.digest)
    rows = rows.join(lead, lead.c.id == score.c.lead).join(books, books.c.id == score.c.book, isouter=True)
    with store.reading() as conn:
        return {
            Ref(NAME, r.object, r.ext_id): Scoring(
                r.lead, r.as_of, r.points, standing_of(r.standing), ledger_of(r.ledger), r.digest
            )
            for r in conn.execute(rows)
        }


def last_instant(store: SqlStore) -> Instant:
    with store.reading() as conn:
        return int(conn.execute(select(func.max(run.c.as_of))).scalar() or 0)


def lease(store: SqlStore) -> tuple[int | None, Instant]:
    """Who holds the connection, and since when it has been silent."""
    with store.reading() as conn:
        row = conn.execute(select(connection.c.holder, connection.c.renewed_at)).first()
    return (row.holder, row.renewed_at or 0) if row else (None, 0)


def living(account: Account) -> list[Ref]:
    return [Ref(NAME, *key) for key, row in account.rows.items() if row.gone is None]


__all__ = ["Scoring", "Truth", "disagreements", "last_instant", "lease", "living", "scorings"]

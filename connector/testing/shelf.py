"""What the conformance suite of stores works with: hand-made pages, and a pass in few words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Protocol, TypeAlias

from connector.instants import DAY, HOUR, Instant, parse_instant
from connector.model import (
    Activity,
    Change,
    Counts,
    HotState,
    Line,
    Outcome,
    Raw,
    Receipt,
    Record,
    Ref,
    Run,
    Score,
    Standing,
    Value,
)  # fmt: skip
from connector.ports import (
    ActivityFacts,
    Ask,
    Dossier,
    Facts,
    LeadFacts,
    OutcomeFacts,
    Page,
    Scored,
    Store,
    Sweep,
)  # fmt: skip

NAME = "shelf"
T0: Instant = parse_instant("2026-11-22T00:00:00Z")
BOOK = "book-1"
SILENCE = 10 * 60_000_000
"""After so many microseconds without a sign of life a lease has lapsed."""

Fact: TypeAlias = LeadFacts | ActivityFacts | OutcomeFacts
After: TypeAlias = Mapping[str, str | int | bool | None]


class StoreWorld(Protocol):
    """A database the suite may do anything to. `now` is the store's clock, which the suite moves."""

    now: Instant

    def open(self) -> Store:
        """The store opened anew, as after a restart; the suite does not close it."""
        ...


def ref(id_: str, object: str = "contacts") -> Ref:  # noqa: A002 - the CRM's word, as in Ref
    return Ref(NAME, object, id_)


def lead(who: Ref, held: Mapping[str, Raw] | None = None, modified: Instant = T0, **inputs: Value) -> LeadFacts:
    """A record whose fields say what its inputs are."""
    fields: dict[str, Raw] = {**{name: str(value) for name, value in inputs.items()}, **(held or {})}
    return LeadFacts(Record(who, fields, modified, T0 - DAY), inputs, held or {})


def did(who: Ref, id_: str, at: Instant, path: str | None = "/pricing", source: str = "page_views") -> ActivityFacts:
    """A page view; with `path` None one that the mapping does not count."""
    activity = None if path is None else Activity(f"{source}:{id_}", "page_view", at, path, {"device": "phone"})
    return ActivityFacts(who, source, id_, at, {"path": path}, activity)


def became(who: Ref, id_: str, outcome: Outcome | None, *, first_seen: bool = False) -> OutcomeFacts:
    return OutcomeFacts(who, "deals", id_, outcome, first_seen)


def page(
    *facts: LeadFacts | ActivityFacts | OutcomeFacts, cursor: str = "", sweep: Sweep | None = None
) -> tuple[Page, Facts]:
    """A page and what was read from it."""
    leads = [f for f in facts if isinstance(f, LeadFacts)]
    told = Facts(
        leads,
        [f for f in facts if isinstance(f, ActivityFacts)],
        [f for f in facts if isinstance(f, OutcomeFacts)],
    )
    return Page([f.record for f in leads], cursor=cursor, sweep=sweep), told


def gone(who: Ref, successor: Ref | None = None) -> LeadFacts:
    """Somebody who left: merged into a successor, or deleted."""
    record = Record(who, {}, T0, gone="merged" if successor else "deleted", successor=successor)
    return LeadFacts(record, {}, {})


def hot(points: int = 60, since: Instant = T0, number: int = 1) -> tuple[int, Standing]:
    return points, Standing(HotState.HOT, since, number, number)


COLD = (10, Standing(HotState.COLD))


def scored(
    run: Run, who: Ref, told: tuple[int, Standing] = COLD, after: After | None = None,
    look: Instant | None = None,
) -> Scored:  # fmt: skip
    """A score with a ledger of one line, and the change that brings the CRM to `after`."""
    points, standing = told
    line = Line("r1", points, 1, T0 - HOUR, T0 - HOUR, "/pricing", look)
    score = Score(who, run.as_of, points, {"interest": points, "fit": 0}, standing, (line,), look)
    return Scored(score, look, Change(who, dict.fromkeys(after), after) if after else None)


@dataclass(slots=True)
class Shelf:
    """A store with a pass under way."""

    world: StoreWorld
    store: Store = field(init=False)
    run: Run = field(init=False)

    def __post_init__(self) -> None:
        self.store = self.world.open()
        self.start()

    def start(self, later: Instant = 0) -> Run:
        """Begin a pass, `later` than now."""
        self.world.now += later
        self.run = self.store.begin(NAME, self.world.now, "sync", self.world.now)
        return self.run

    def keep(
        self, *facts: LeadFacts | ActivityFacts | OutcomeFacts, cursor: str = "", sweep: Sweep | None = None
    ) -> None:
        self.store.keep(self.run, *page(*facts, cursor=cursor, sweep=sweep))

    def due(self, book: str = BOOK, **ask: bool | int | Ref | None) -> list[Dossier]:
        wanted = replace(Ask(book), **ask)  # type: ignore[arg-type]  # names are checked by replace
        return [dossier for chunk in self.store.due(self.run, wanted) for dossier in chunk]

    def whom(self, book: str = BOOK) -> list[str]:
        return [dossier.lead.ref.id for dossier in self.due(book)]

    def one(self, who: Ref) -> Dossier:
        """All that is known of one lead."""
        [dossier] = self.due(only=who)
        return dossier

    def score(self, *told: Scored) -> None:
        """Score whom is due and make it ours: those told as told, the others cold and in agreement."""
        known = {s.score.ref: s for s in told}
        leads = [d.lead.ref for d in self.due()]
        self.store.stage(self.run, [known.get(who) or scored(self.run, who) for who in leads])
        self.store.commit(self.run)

    def settle(self, status: str = "written", size: int = 100) -> list[Change]:
        """Answer every change with one status."""
        asked: list[Change] = []
        for batch in self.store.batches(self.run, size):
            self.store.settle(self.run, [(c, Receipt(c.ref, status)) for c in batch])  # type: ignore[arg-type]  # a status
            asked += batch
        return asked

    def finish(self, status: str = "succeeded") -> Run:
        return self.store.finish(self.run, status, Counts(read=1), {"list": 2}, self.world.now, None)

    def next_pass(self, later: Instant = HOUR) -> Run:
        self.finish()
        return self.start(later)


def won(at: Instant = T0, amount: str = "1200000.50") -> Outcome:
    return Outcome("d1", "won", at, Decimal(amount))


def ids(dossiers: Sequence[Dossier]) -> list[str]:
    return [d.lead.ref.id for d in dossiers]

"""Any sequence of pages, passes and deaths leaves SQLite where a dictionary would be."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from connector.instants import HOUR
from connector.model import Outcome, Ref, Standing
from connector.ports import Sweep
from connector.store import open_store
from connector.testing.shelf import BOOK, COLD, SILENCE, T0, Shelf, became, did, gone, hot, lead, ref, scored, won

PEOPLE = [ref(str(n)) for n in range(4)]
WHO = st.sampled_from(PEOPLE)
SMALL = st.integers(0, 2)


@dataclass
class Person:
    """A lead in the dictionary: what was read, whether it is due, and what its last scoring left."""

    title: int | None = None
    here: bool = False
    doings: dict[str, tuple[int, str | None]] = field(default_factory=dict)
    deals: dict[str, Outcome] = field(default_factory=dict)
    held: dict[str, str | None] = field(default_factory=dict)
    dirty: bool = False
    standing: Standing | None = None
    book: str | None = None
    look: int | None = None
    wanted: bool = False


class Machine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.now = T0
        self.store = open_store("sqlite://", now=lambda: self.now)
        self.shelf = Shelf(self)
        self.known = {who: Person() for who in PEOPLE}
        self.sweeps = itertools.count(1)
        self.book = BOOK

    def open(self) -> Any:
        return self.store

    def teardown(self) -> None:
        self.store.close()

    # ---- what is read ----

    @rule(who=WHO, title=SMALL, held=st.sampled_from([None, "60", "61"]))
    def tell_of(self, who: Ref, title: int, held: str | None) -> None:
        one = self.known[who]
        for _ in range(2):
            self.shelf.keep(lead(who, {"score": held}, title=str(title)))
        one.dirty |= not one.here or one.title != title or one.held != {"score": held}
        one.title, one.here, one.held = title, True, {"score": held}

    @rule(who=WHO, n=SMALL, at=SMALL, path=st.sampled_from(["/a", "/b", None]), back=st.booleans())
    def tell_of_a_deed(self, who: Ref, n: int, at: int, path: str | None, back: bool) -> None:
        one, fact = self.known[who], did(who, str(n), T0 + at, path)
        before = one.doings.get(str(n))
        self.shelf.keep(replace(fact, gone=back))
        if back:
            one.doings.pop(str(n), None)
        else:
            one.doings[str(n)] = (at, path)
        now = one.doings.get(str(n))
        one.dirty |= before != now and any(v and v[1] for v in (before, now))

    @rule(who=WHO, amount=st.sampled_from(["1", "2", None]))
    def tell_of_a_deal(self, who: Ref, amount: str | None) -> None:
        one = self.known[who]
        deal = won(amount=amount) if amount else None
        self.shelf.keep(became(who, "d", deal))
        one.dirty |= one.deals.get("d") != deal
        one.deals = {"d": deal} if deal else {}

    @rule(who=WHO)
    def tell_of_leaving(self, who: Ref) -> None:
        self.shelf.keep(gone(who))
        self._left(self.known[who])

    @rule(seen=st.sets(WHO))
    def sweep(self, seen: set[Ref]) -> None:
        there = [who for who in sorted(seen) if self.known[who].here]
        number, told = next(self.sweeps), [lead(w, self.known[w].held, title=str(self.known[w].title)) for w in there]
        self.shelf.keep(*told[:1], sweep=Sweep("contacts", number, done=False))
        self.shelf.keep(*told[1:], sweep=Sweep("contacts", number, done=True))
        for who in PEOPLE:
            if self.known[who].here and who not in there:
                self._left(self.known[who])

    def _left(self, one: Person) -> None:
        one.here = one.dirty = one.wanted = False
        one.look = one.book = None

    # ---- what is done ----

    @rule(points=st.sampled_from([hot(), COLD]), look=st.sampled_from([None, HOUR, 3 * HOUR]), write=st.booleans())
    def score_whom_is_due(self, points: tuple[int, Standing], look: int | None, write: bool) -> None:
        due = [d.lead.ref for d in self.shelf.due(self.book)]
        at = None if look is None else self.shelf.run.as_of + look
        after = {"score": points[0]} if write else None
        self.shelf.store.stage(self.shelf.run, [scored(self.shelf.run, who, points, after, at) for who in due])
        self.shelf.store.commit(self.shelf.run)
        for who in due:
            one = self.known[who]
            one.standing, one.book, one.look, one.dirty, one.wanted = points[1], self.book, at, False, write

    @rule(status=st.sampled_from(["written", "refused"]))
    def write_back(self, status: str) -> None:
        for change in self.shelf.settle(status, size=2):
            if status == "written":
                one = self.known[change.ref]
                one.wanted, one.held = False, {**one.held, "score": str(change.after["score"])}

    @rule()
    def stage_and_die(self) -> None:
        told = [scored(self.shelf.run, d.lead.ref, hot(99), {"score": 99}) for d in self.shelf.due(self.book)]
        self.shelf.store.stage(self.shelf.run, told)
        self.shelf.start(SILENCE)

    @rule(later=st.sampled_from([1, HOUR]))
    def begin_the_next_pass(self, later: int) -> None:
        self.shelf.next_pass(later)

    @rule()
    def change_the_book(self) -> None:
        self.book = "book-2" if self.book == BOOK else BOOK

    # ---- what must hold ----

    @invariant()
    def whoever_should_be_due_is_due_and_nobody_else(self) -> None:
        assert {d.lead.ref for d in self.shelf.due(self.book)} == {w for w, one in self.known.items() if self._due(one)}

    def _due(self, one: Person) -> bool:
        looked = one.look is not None and one.look <= self.shelf.run.as_of
        return one.here and (one.dirty or one.wanted or looked or (one.book is not None and one.book != self.book))

    @invariant()
    def every_dossier_says_what_was_told(self) -> None:
        told = {d.lead.ref: d for d in self.shelf.due(self.book, everything=True)}
        assert set(told) == {who for who, one in self.known.items() if one.here}
        for who, dossier in told.items():
            one = self.known[who]
            assert dossier.lead.inputs == {"title": str(one.title)}
            deeds = dossier.lead.activities
            assert sorted((a.at - T0, a.subject) for a in deeds) == sorted(d for d in one.doings.values() if d[1])
            assert len({a.id for a in deeds}) == len(deeds)
            assert list(dossier.outcomes) == list(one.deals.values())
            assert dict(dossier.held) == one.held
            assert (dossier.lead.before, dossier.book) == (one.standing, one.book)


TestMachine = Machine.TestCase
TestMachine.settings = settings(max_examples=60, stateful_step_count=25, deadline=None, derandomize=True)

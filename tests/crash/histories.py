"""Any history of people, deeds, hands, outages and deaths, after which one good pass makes the CRM right.

An account in memory and a real database. After every pass, good or bad, nothing but our fields has changed, nothing was
written that the CRM said already, and each scoring in the store is as it was or what the reference engine says. After
every good pass each of our fields is what the reference engine says, from scratch, of the data as they are then.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from adapters.memory import Account, MemoryConfig, MemoryCRM
from connector.book import Book
from connector.errors import LeadheatError, StoreError
from connector.instants import DAY, HOUR, MINUTE, iso
from connector.model import Change, Event, Ref, Run
from connector.plan import Plan, same
from connector.store import open_store
from connector.store.runs import SILENCE
from connector.sync import Orders, Rim, sync
from tests.crash.ledger import BOOKS, CONTACTS, FIELDS, NAME, START, book
from tests.crash.memory import held_in, same_memory
from tests.crash.strikes import Dead, Deaths, Kind, Strike, Wire
from tests.crash.truth import Truth, disagreements, last_instant, lease, living

WHO = st.integers(0, 5)
WHEN = st.sampled_from([-40 * DAY, -8 * DAY, -DAY, -HOUR, -5 * MINUTE, 0, HOUR, 2 * DAY])
TITLES = st.sampled_from(["部長", "主任", None])
SIZES = st.sampled_from(["5", "500", "many", None])
STATUSES = st.sampled_from(["customer", "open"])
HANDS: dict[str, tuple[str | None, ...]] = {
    "leadheat_score": ("99", "", None), "leadheat_band": ("hot", "cold", None), "leadheat_hot": ("true", "false", None),
    "leadheat_reasons": ("x", None), "leadheat_top_reason": ("x",),
    "leadheat_hot_since": ("2026-01-01T00:00:00Z", None),
    "leadheat_handoff_no": ("7", None), "leadheat_detail": ("{}",), "leadheat_hot_until": (None,),
}  # fmt: skip
AT = st.integers(1, 7)
KINDS: st.SearchStrategy[Kind] = st.sampled_from(
    ["outage", "quota", "denied", "lost", "unknown", "dies_before", "dies_after"]
)
DEATHS = st.tuples(st.integers(1, 14), st.sampled_from(["before", "after"]))


class Histories(RuleBasedStateMachine):
    """Rules are what may happen; `attempt` is a pass, and `good_pass` one that nothing disturbs."""

    lived = 0

    def __init__(self) -> None:
        super().__init__()
        type(self).lived += 1
        self.at = START
        self.card = self.mapping = 0
        types = {"jobtitle": "text", "employees": "text", "status": "text", "phone": "text"}
        self.account = Account(START, {CONTACTS: types | {name: r.type for name, r in FIELDS.items()}})
        self.store = open_store("sqlite://", now=lambda: self.at)
        self.deaths = Deaths(self.store)
        self.truth = Truth(self.account)
        self.unsure = False
        self.calm = True

    def teardown(self) -> None:
        try:
            self.the_end()
        finally:
            self.store.close()

    # ---- people and their deeds --------------------------------------------------------------------------------------

    @initialize(n=st.integers(1, 4))
    def some_are_there(self, n: int) -> None:
        for k in range(n):
            self.account.add(CONTACTS, jobtitle="部長" if k % 2 else "主任", employees="500")

    @rule(title=TITLES, size=SIZES)
    def somebody_comes(self, title: str | None, size: str | None) -> None:
        self.account.add(CONTACTS, jobtitle=title, employees=size)

    @rule(who=WHO, title=TITLES, size=SIZES)
    def somebody_changes(self, who: int, title: str | None, size: str | None) -> None:
        self.account.change(self.someone(who), jobtitle=title, employees=size)

    @rule(who=WHO, status=STATUSES, phone=st.sampled_from(["1", "2"]))
    def something_else_changes(self, who: int, status: str, phone: str) -> None:
        self.account.change(self.someone(who), status=status, phone=phone)

    @rule(who=WHO, other=WHO, how=st.sampled_from(["deleted", "merged", "back"]))
    def somebody_goes_or_comes_back(self, who: int, other: int, how: str) -> None:
        key, heir = self.someone(who), self.someone(other)
        row = self.account.rows[key]
        if how == "back":
            if row.gone == "deleted":
                row.gone, row.modified_at = None, self.account.tick()
        elif row.gone is None and how == "deleted":
            self.account.end(key, "deleted")
        elif row.gone is None and heir != key and self.account.rows[heir].gone is None:
            self.account.end(key, "merged", heir)

    @rule(who=WHO, n=st.integers(0, 2), when=WHEN, name=st.sampled_from(["demo", "paper"]), gone=st.booleans())
    def a_form_is_told(self, who: int, n: int, when: int, name: str, gone: bool) -> None:
        self.tell("forms", who, f"f{n}", gone, at=iso(self.at + when), name=name)

    @rule(who=WHO, n=st.integers(0, 3), when=WHEN, path=st.sampled_from(["/pricing", "/jobs/1"]), gone=st.booleans())
    def a_page_view_is_told(self, who: int, n: int, when: int, path: str, gone: bool) -> None:
        self.tell("page_views", who, f"v{n}", gone, at=iso(self.at + when), path=path)

    @rule(who=WHO, when=WHEN, stage=st.sampled_from(["won", "lost", "open"]), gone=st.booleans())
    def a_deal_is_told(self, who: int, when: int, stage: str, gone: bool) -> None:
        self.tell("deals", who, "d0", gone, at=iso(self.at + when), stage=stage, why="予算")

    @rule(who=WHO, field=st.sampled_from(sorted(HANDS)), n=st.integers(0, 2))
    def a_hand_edits_our_field(self, who: int, field: str, n: int) -> None:
        self.account.change(self.someone(who), **{field: HANDS[field][n % len(HANDS[field])]})

    @rule(who=WHO)
    def a_row_is_poisoned_or_healed(self, who: int) -> None:
        row = self.account.rows[self.someone(who)]
        row.refuses = not row.refuses

    # ---- time and agreements -----------------------------------------------------------------------------------------

    @rule(by=st.sampled_from([1, MINUTE, 11 * MINUTE, HOUR, DAY, 3 * DAY, 8 * DAY, 31 * DAY]))
    def time_passes(self, by: int) -> None:
        self.at += by

    @rule(by=st.sampled_from([MINUTE, HOUR, 2 * DAY]))
    def the_clock_is_set_back(self, by: int) -> None:
        self.at -= by

    @rule(card=st.integers(0, 2), mapping=st.integers(0, 2))
    def another_book_is_agreed(self, card: int, mapping: int) -> None:
        self.card, self.mapping = card, mapping

    # ---- passes ------------------------------------------------------------------------------------------------------

    @rule(again=st.booleans(), full=st.booleans())
    def a_good_pass(self, again: bool, full: bool) -> None:
        self.good_pass(full=full)
        if again:
            self.nothing_is_left_to_do()

    @rule(at=AT, kind=KINDS, full=st.booleans())
    def a_pass_is_struck(self, at: int, kind: Kind, full: bool) -> None:
        self.unsure |= kind == "unknown"
        self.make_way()
        self.attempt(Strike(at, kind), full=full)

    @rule(death=DEATHS, full=st.booleans())
    def a_pass_dies_at_a_transaction(self, death: tuple[int, str], full: bool) -> None:
        self.make_way()
        self.attempt(death=death, full=full)

    @rule(at=AT, who=WHO, title=TITLES, field=st.sampled_from(sorted(HANDS)), gone=st.booleans())
    def hands_are_at_work_meanwhile(self, at: int, who: int, title: str | None, field: str, gone: bool) -> None:
        def edit() -> None:
            self.truth.adopt(self.store, self.book)
            key = self.someone(who)
            self.account.change(key, jobtitle=title, **{field: HANDS[field][0]})
            if gone and self.account.rows[key].gone is None:
                self.account.end(key, "deleted")
            self.before = self.foreign()

        self.attempt(Strike(at, "meanwhile", edit), watched=False)

    @rule(at=AT, who=WHO, title=TITLES)
    def a_pass_sleeps_and_is_overtaken(self, at: int, who: int, title: str | None) -> None:
        def overtake() -> None:
            self.truth.adopt(self.store, self.book)
            self.at += SILENCE
            self.account.change(self.someone(who), jobtitle=title)
            self.attempt()
            self.before = self.foreign()
            overtaken.append(True)

        overtaken: list[bool] = []
        self.attempt(Strike(at, "meanwhile", overtake), watched=False)
        assert not overtaken or "LH-608" in str(self.error), "a pass that was overtaken saved something"

    @rule(who=WHO, n=st.integers(1, 2), which=st.sampled_from(["only", "limit"]))
    def a_part_is_asked_for(self, who: int, n: int, which: str) -> None:
        only = Ref(NAME, *self.someone(who))
        self.attempt(**({"only": only} if which == "only" else {"limit": n}))

    @rule(full=st.booleans())
    def a_dry_run(self, full: bool) -> None:
        self.attempt(apply=False, full=full)

    @rule()
    def a_plan_that_nobody_looked_at_is_refused(self) -> None:
        self.attempt(expect="0123456789abcdef")

    @rule()
    def the_token_is_renewed(self) -> None:
        self.account.token = f"token-{self.account.tick()}"

    @precondition(lambda self: self.account.token)
    @rule()
    def the_token_is_withdrawn(self) -> None:
        self.account.token = None

    # ---- how ---------------------------------------------------------------------------------------------------------

    @property
    def book(self) -> Book:
        return book(self.card, self.mapping)

    def someone(self, who: int) -> tuple[str, str]:
        keys = sorted(self.account.rows)
        return keys[who % len(keys)]

    def tell(self, source: str, who: int, id_: str, gone: bool, **words: str) -> None:
        key = self.someone(who)
        event = Event(source, f"{id_}-{key[1]}", Ref(NAME, *key), words, gone)
        self.account.tell(key, event)

    def foreign(self) -> dict[tuple[str, str], Any]:
        """All of the account that is not ours."""
        return {
            key: ({n: v for n, v in row.fields.items() if n not in FIELDS}, row.gone, row.successor)
            for key, row in self.account.rows.items()
        }

    def watch(self, changes: Sequence[Change]) -> None:
        """Every field that is written differs from what the CRM holds."""
        for change in changes:
            row = self.account.rows[change.ref.object, change.ref.id]
            for name, value in change.after.items():
                assert name == "leadheat_scored_at" or not same(FIELDS[name], row.fields.get(name), value), name

    def attempt(
        self, strike: Strike | None = None, *, death: tuple[int, str] | None = None, watched: bool = True, **orders: Any
    ) -> tuple[Run, Plan] | None:
        """A pass, as it may go. Whatever happens, what must hold after any pass holds."""
        at, ruled = self.at, self.book
        crm = MemoryCRM(MemoryConfig(NAME, page_size=2, batch_size=2), self.account, ruled.mapping.wants)
        wire = Wire(crm, self.deaths, strike, self.watch if watched else lambda _: None)
        holder, since = lease(self.store)
        barred = holder is not None and abs(at - since) < SILENCE
        hot, self.before = self.flags(), self.foreign()
        self.deaths.born(death)
        done: tuple[Run, Plan] | None = None
        error: Exception | None = None
        try:
            done = sync(NAME, wire, self.store, ruled, BOOKS.get, Orders(max_share=2.0, **orders), Rim(lambda: at))
        except (Dead, LeadheatError) as met:
            error = met
        self.deaths.born()
        assert self.foreign() == self.before, "something that is not ours was changed"
        if barred:
            assert wire.asked == 0
            assert death or (isinstance(error, StoreError) and "LH-607" in str(error))
        self.truth.adopt(self.store, ruled, may_score=orders.get("apply", True) and "expect" not in orders)
        if not orders.get("apply", True) or "expect" in orders:
            assert wire.pushed == []
        if done and strike is None and not self.unsure and done[1].changes:
            assert done[1].hot_before == hot, "the brake measures against something else than the CRM's hot flags"
        self.error = error
        return done

    def flags(self) -> int:
        rows = (self.account.rows[ref.object, ref.id] for ref in living(self.account))
        return sum(row.fields.get("leadheat_hot") == "true" for row in rows)

    def dry_while_barred(self) -> None:
        """Who comes while the lease of a dead pass holds is sent away."""
        self.attempt(apply=False)

    def make_way(self) -> None:
        """Wait for the lease of a dead pass if need be, and see to it that the CRM lets us in."""
        holder, since = lease(self.store)
        if holder is not None and abs(self.at - since) < SILENCE:
            self.at = since + SILENCE
        self.account.token = self.account.token or "token-2"

    def good_pass(self, *, full: bool = False) -> Run:
        """A pass that nothing disturbs."""
        self.make_way()
        earlier = {ref: dict(self.account.rows[ref.object, ref.id].fields) for ref in living(self.account)}
        done = self.attempt(full=full)
        assert done, f"a pass that nothing disturbed ended with {self.error!r}"
        self.all_is_right(done[0])
        changed = sum(dict(self.account.rows[r.object, r.id].fields) != before for r, before in earlier.items())
        assert done[0].counts.written == changed, "what was counted as written is not what was written"
        self.unsure = False
        return done[0]

    def all_is_right(self, run: Run) -> None:
        assert run.as_of == max(self.at, last_instant(self.store))
        told = self.truth.facts(self.book)
        poisoned = 0
        for ref in living(self.account):
            row = self.account.rows[ref.object, ref.id]
            wanted = self.truth.expected(self.book, told, ref, run.as_of)
            wrong = disagreements(self.book, row.fields, wanted)
            poisoned += bool(wrong) and row.refuses
            assert not wrong or row.refuses, (ref, wrong)
        assert (run.status, run.counts.rejected) == ("partly" if poisoned else "succeeded", poisoned)

    def nothing_is_left_to_do(self) -> None:
        """The next pass writes nothing, and the store holds what a new one would."""
        stamps = {key: row.modified_at for key, row in self.account.rows.items()}
        assert self.good_pass().counts.written == 0
        assert {key: row.modified_at for key, row in self.account.rows.items()} == stamps
        same_memory(held_in(self.store), self.scratch())

    def scratch(self) -> Any:
        """What a new store holds after reading everything."""
        crm = MemoryCRM(MemoryConfig(NAME), self.account, self.book.mapping.wants)
        with open_store("sqlite://", now=lambda: self.at) as fresh:
            sync(NAME, crm, fresh, self.book, BOOKS.get, Orders(apply=False), Rim(lambda: self.at))
            return held_in(fresh)

    def the_end(self) -> None:
        for row in self.account.rows.values():
            row.refuses = False
        if self.account.rows:
            self.good_pass()
            self.nothing_is_left_to_do()

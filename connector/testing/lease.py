"""The stores' conformance suite: clauses about the lease, the instant, and passes that die."""
# ruff: noqa: S101 - a conformance suite asserts

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

from connector.errors import StoreError
from connector.instants import DAY, HOUR, MINUTE
from connector.model import Counts, Receipt
from connector.ports import Ask, Facts
from connector.testing.shelf import (
    BOOK,
    NAME,
    SILENCE,
    T0,
    Shelf,
    StoreWorld,
    did,
    hot,
    lead,
    page,
    ref,
    scored,
)  # fmt: skip

A, B = ref("1"), ref("2")
AFTER = {"score": 60, "hot": True}


def refused(what: Callable[[], object]) -> bool:
    """Whether it raises StoreError."""
    try:
        what()
    except StoreError:
        return True
    return False


class LeaseContract:
    """One pass per connection at a time; a pass that was overtaken saves nothing."""

    def test_a_run_is_remembered_as_it_was_closed(self, store_world: StoreWorld) -> None:
        shelf = Shelf(store_world)
        assert (shelf.run.status, shelf.run.connection, shelf.run.as_of, shelf.run.kind) == (
            "running",
            NAME,
            T0,
            "sync",
        )
        shelf.keep(lead(A), cursor="c1")
        shelf.due()
        counts = Counts(read=5, calls=7)
        run = shelf.store.finish(shelf.run, "partly", counts, {"list": 7}, T0 + HOUR, "why")
        assert (run.status, run.counts, dict(run.calls)) == ("partly", counts, {"list": 7})
        assert (run.ended, run.problem, run.book, run.cursor) == (T0 + HOUR, "why", BOOK, "c1")

    def test_a_second_pass_is_refused_while_the_first_lives(self, store_world: StoreWorld) -> None:
        shelf = Shelf(store_world)
        other = store_world.open()
        assert refused(lambda: other.begin(NAME, T0, "sync", T0))
        shelf.finish()
        second = other.begin(NAME, T0, "sync", T0)
        assert second.token > shelf.run.token

    def test_a_lease_lapses_after_ten_minutes_of_silence_and_not_before(self, store_world: StoreWorld) -> None:
        shelf = Shelf(store_world)
        other = store_world.open()
        store_world.now += SILENCE - 1
        assert refused(lambda: other.begin(NAME, T0, "sync", store_world.now))
        shelf.keep(lead(A))
        store_world.now += SILENCE - 1
        assert refused(lambda: other.begin(NAME, T0, "sync", store_world.now)), "keeping a page renews it"
        store_world.now += 1
        assert other.begin(NAME, T0, "sync", store_world.now).token > shelf.run.token

    def test_an_overtaken_pass_saves_nothing(self, store_world: StoreWorld) -> None:
        shelf = Shelf(store_world)
        shelf.keep(lead(A))
        shelf.score(scored(shelf.run, A, hot(), AFTER))
        [[change]] = shelf.store.batches(shelf.run, 10)
        late, store = shelf.run, shelf.store
        shelf.start(SILENCE)
        told = scored(late, A, hot(99), AFTER)
        late_acts: dict[str, Callable[[], Any]] = {
            "keep": lambda: store.keep(late, *page(lead(B), cursor="late")),
            "reread": lambda: list(store.reread(late, "m9", lambda _r, _e: Facts())),
            "due": lambda: list(store.due(late, Ask(BOOK))),
            "stage": lambda: store.stage(late, [told]),
            "commit": lambda: store.commit(late),
            "settle": lambda: store.settle(late, [(change, Receipt(A, "written"))]),
            "finish": lambda: store.finish(late, "succeeded", Counts(), {}, T0, None),
        }
        for what, act in late_acts.items():
            assert refused(act), what
        assert shelf.whom() == ["1"]
        assert shelf.one(A).held == {}
        assert shelf.next_pass().cursor is None

    def test_a_token_rises_with_every_pass(self, store_world: StoreWorld) -> None:
        shelf = Shelf(store_world)
        tokens = [shelf.run.token, *(shelf.next_pass().token for _ in range(3))]
        assert tokens == sorted(set(tokens))

    def test_a_clock_behind_the_last_pass_uses_that_passs_instant(self, store_world: StoreWorld) -> None:
        shelf = Shelf(store_world)
        shelf.finish()
        assert shelf.store.begin(NAME, T0 - DAY, "sync", T0).as_of == T0

    def test_another_connection_has_a_lease_of_its_own(self, store_world: StoreWorld) -> None:
        shelf = Shelf(store_world)
        assert shelf.store.begin("other", T0, "plan", T0).connection == "other"


STEPS = 8


def _pass(shelf: Shelf) -> Generator[None, None, None]:
    """A whole pass; it may die at every `yield`."""
    held = {"score": None, "hot": None}
    shelf.keep(lead(A, held, title="x"), lead(B, held), cursor="1")
    yield
    shelf.keep(did(A, "1", T0), did(B, "1", T0), cursor="2")
    yield
    wanted = [d for d in shelf.due() if d.held.get("score") != "60"]
    before = {d.lead.ref: d.lead.before for d in wanted}
    shelf.store.stage(shelf.run, [scored(shelf.run, who, hot(), AFTER) for who in before])
    yield
    shelf.store.commit(shelf.run)
    yield
    for batch in shelf.store.batches(shelf.run, 1):
        yield
        shelf.store.settle(shelf.run, [(c, Receipt(c.ref, "written")) for c in batch])
        yield


class CrashContract:
    """A pass that dies anywhere is repaired by the next, to the same end."""

    def test_a_pass_that_dies_after_any_step_is_repaired_by_the_next(self, store_world: StoreWorld) -> None:
        shelf = Shelf(store_world)
        for step in range(STEPS):
            shelf.run = shelf.run if step == 0 else shelf.start(SILENCE)
            dying = _pass(shelf)
            for _ in range(step + 1):
                next(dying, None)
            dying.close()
            shelf.store = store_world.open()
        shelf.start(SILENCE)
        list(_pass(shelf))
        run = shelf.finish()
        assert run.cursor == "2"
        shelf.start(MINUTE)
        assert shelf.whom() == []
        for who in (A, B):
            dossier = shelf.one(who)
            assert dossier.held == {"score": "60", "hot": "true"}
            assert len(dossier.lead.activities) == 1
            assert dossier.lead.before == hot()[1]
            assert [points for _, points in dossier.history] == [60]

    def test_each_first_death_leads_to_the_same_end(self, store_world: StoreWorld) -> None:
        for step in range(STEPS):
            name = f"c{step}"
            store = store_world.open()
            first = store.begin(name, store_world.now, "sync", store_world.now)
            who = A._replace(connection=name)
            acts = _acts(store, who)
            for act in acts[: step + 1]:
                act(first)
            store_world.now += SILENCE
            again = store_world.open()
            second = again.begin(name, store_world.now, "sync", store_world.now)
            for act in _acts(again, who):
                act(second)
            [[dossier]] = again.due(second, Ask(BOOK, everything=True))
            assert dossier.held == {"score": "60", "hot": "true"}, step
            assert list(again.due(second, Ask(BOOK))) == []


def _acts(store: Any, who: Any) -> list[Callable[[Any], Any]]:
    """The same pass for one lead, an act at a time."""
    told = page(lead(who, {"score": None, "hot": None}), cursor="1")
    return [
        lambda run: store.keep(run, *told),
        lambda run: list(store.due(run, Ask(BOOK))),
        lambda run: store.stage(run, [scored(run, who, hot(), AFTER)]),
        store.commit,
        lambda run: [store.settle(run, [(c, Receipt(c.ref, "written")) for c in b]) for b in store.batches(run, 5)],
    ]

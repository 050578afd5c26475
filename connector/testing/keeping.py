"""The stores' conformance suite: clauses about keeping what was read."""
# ruff: noqa: S101 - a conformance suite asserts

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from itertools import permutations

from connector.errors import StoreError
from connector.instants import DAY, HOUR, MINUTE
from connector.model import Outcome, Record, Value
from connector.ports import Extent, Facts, LeadFacts, Page, Sweep
from connector.testing.shelf import (
    COLD,
    T0,
    After,
    Fact,
    Shelf,
    StoreWorld,
    became,
    did,
    gone,
    hot,
    lead,
    page,
    ref,
    scored,
    won,
)

A, B, C = ref("1"), ref("2"), ref("3")


class KeepingContract:
    """What was read is there, once, and only what really changed makes a lead due."""

    def test_a_dossier_says_what_was_read(self, store_world: StoreWorld) -> None:
        shelf = Shelf(store_world)
        inputs: dict[str, Value] = {
            "title": "部長",
            "size": Decimal("87.50"),
            "free": True,
            "born": T0,
            "tags": frozenset({"b", "a"}),
        }
        held = {"score": "60", "hot": None}
        shelf.keep(lead(A, held, T0, **inputs), did(A, "x", T0 - HOUR), became(A, "d1", won()))
        [dossier] = shelf.due()
        assert dossier.lead.ref == A
        assert dossier.lead.inputs == inputs
        assert dossier.lead.created_at == T0 - DAY
        [activity] = dossier.lead.activities
        assert replace(activity, id="page_views:x") == did(A, "x", T0 - HOUR).activity
        assert activity.id.startswith("page_views:"), "the CRM's own id need not be kept, its source must be"
        assert (dict(dossier.held), list(dossier.outcomes)) == (held, [won()])
        assert (dossier.lead.before, list(dossier.history), dossier.book) == (None, [], None)

    def test_keeping_a_page_twice_changes_nothing(self, store_world: StoreWorld) -> None:
        shelf = Shelf(store_world)
        told = (lead(A, {"score": "1"}, title="x"), did(A, "x", T0), became(A, "d1", won()))
        shelf.keep(*told)
        first = shelf.due()
        shelf.score()
        shelf.keep(*told)
        assert shelf.whom() == []
        again = shelf.one(A)
        assert (again.lead.activities, again.outcomes) == (first[0].lead.activities, first[0].outcomes)

    def test_only_who_changed_is_due(self, store_world: StoreWorld) -> None:
        shelf = Shelf(store_world)
        shelf.keep(lead(A, title="x"), lead(B, title="x"), did(A, "1", T0), did(B, "1", T0))
        shelf.score()
        changes: dict[str, Fact] = {
            "an input": lead(A, title="y"),
            "an activity": did(A, "2", T0 + 1),
            "an activity's words": did(A, "1", T0, "/blog"),
            "an activity's instant": did(A, "1", T0 - HOUR, "/blog"),
            "an activity taken back": replace(did(A, "2", T0 + 1), gone=True),
            "an outcome": became(A, "d1", won()),
            "an outcome's amount": became(A, "d1", won(amount="5")),
            "an outcome taken back": became(A, "d1", None),
            "what our fields hold": lead(A, {"score": "1"}, title="y"),
        }
        for what, fact in changes.items():
            shelf.keep(fact)
            assert shelf.whom() == ["1"], what
            shelf.score()
            shelf.keep(fact)
            assert shelf.whom() == [], f"{what}, told again"

    def test_what_no_mapping_reads_makes_nobody_due(self, store_world: StoreWorld) -> None:
        shelf = Shelf(store_world)
        shelf.keep(lead(A, title="x"))
        shelf.score()
        touched = replace(lead(A, title="x").record, fields={"title": "x", "phone": "03"}, modified_at=T0 + HOUR)
        shelf.keep(LeadFacts(touched, {"title": "x"}, {}), did(A, "1", T0, None))
        assert shelf.whom() == []

    def test_our_own_write_echoed_back_is_no_news(self, store_world: StoreWorld) -> None:
        shelf = Shelf(store_world)
        shelf.keep(lead(A, dict.fromkeys(("score", "hot", "since", "why", "until"))))
        after: After = {"score": 60, "hot": True, "since": T0, "why": "a\nb", "until": None}
        shelf.score(scored(shelf.run, A, hot(), after))
        shelf.settle()
        assert shelf.whom() == []
        ms = {"score": "60.0", "hot": "True", "since": str(T0 // 1000), "why": "a\r\nb ", "until": ""}
        iso = {**ms, "score": "60", "since": "2026-11-22T09:00:00.000+0900"}
        for echo in (ms, iso):
            shelf.keep(lead(A, echo, T0 + HOUR))
            assert shelf.whom() == []
        shelf.keep(lead(A, {**iso, "score": "61"}, T0 + 2 * HOUR))
        assert shelf.whom() == ["1"], "somebody's overwrite is seen"

    def test_the_cursor_goes_forward_with_what_it_covers(self, store_world: StoreWorld) -> None:
        shelf = Shelf(store_world)
        assert shelf.run.cursor is None
        shelf.keep(lead(A), cursor="after A")
        assert shelf.next_pass().cursor == "after A"

    def test_a_page_that_cannot_be_kept_leaves_nothing(self, store_world: StoreWorld) -> None:
        shelf = Shelf(store_world)
        late = shelf.run
        shelf.next_pass()
        with suppress(StoreError):
            shelf.store.keep(late, *page(lead(A, title="x"), cursor="late"))
        assert shelf.due(everything=True) == []
        assert shelf.next_pass().cursor is None

    def test_a_partial_record_completes_what_is_stored(self, store_world: StoreWorld) -> None:
        shelf = Shelf(store_world)
        shelf.keep(lead(A, title="x"))
        part = Record(A, {"phone": "03"}, T0 + HOUR, partial=True)
        strange = replace(part, ref=B)
        whole, unknown = shelf.store.complete(shelf.run, Page([part, strange], cursor="c")).records
        assert whole.fields == {"title": "x", "phone": "03"}
        assert (whole.partial, whole.created_at, whole.modified_at) == (False, T0 - DAY, T0 + HOUR)
        assert unknown == strange

    def test_a_record_that_cannot_be_read_keeps_what_was_read_before(self, store_world: StoreWorld) -> None:
        shelf = Shelf(store_world)
        shelf.keep(lead(A, title="x"))
        shelf.store.keep(shelf.run, Page([replace(lead(A).record, fields={"title": "?"}), lead(B).record]), Facts())
        assert shelf.one(A).lead.inputs == {"title": "x"}
        assert [d.lead.ref for d in shelf.due(everything=True)] == [A], "who was never read is no lead yet"

    def test_events_may_come_before_their_person(self, store_world: StoreWorld) -> None:
        shelf = Shelf(store_world)
        shelf.keep(did(A, "1", T0))
        assert shelf.whom() == []
        shelf.keep(lead(A))
        assert [len(d.lead.activities) for d in shelf.due()] == [1]

    def test_what_is_only_seen_and_not_dated_keeps_the_first_sight(self, store_world: StoreWorld) -> None:
        shelf = Shelf(store_world)
        verdict = Outcome("v", "rejected", T0, reason="too_early")
        shelf.keep(lead(A), became(A, "v", verdict, first_seen=True))
        shelf.score()
        shelf.keep(became(A, "v", replace(verdict, at=T0 + DAY), first_seen=True))
        assert shelf.whom() == []
        assert [o.at for o in shelf.one(A).outcomes] == [T0]
        shelf.keep(became(A, "v", replace(verdict, at=T0 + DAY, reason="no_need"), first_seen=True))
        assert [o.at for o in shelf.one(A).outcomes] == [T0 + DAY]

    def test_two_connections_do_not_know_each_other(self, store_world: StoreWorld) -> None:
        shelf = Shelf(store_world)
        other = shelf.store.begin("other", T0, "sync", T0)
        shelf.keep(lead(A, title="here"), cursor="here")
        there = lead(A._replace(connection="other"), title="there")
        shelf.store.keep(other, *page(there, cursor="there"))
        assert [d.lead.inputs["title"] for d in shelf.due()] == ["here"]
        assert shelf.next_pass().cursor == "here"


class ManyContract:
    """Where a database has another way for many rows, it comes to the same."""

    def test_a_page_of_many_is_kept_like_a_page_of_few(self, store_world: StoreWorld) -> None:
        shelf = Shelf(store_world)
        people = [lead(ref(str(n)), {"score": None}, title=f"役職 {n}" if n % 3 else "") for n in range(60)]
        deeds = [did(p.record.ref, f"x{n}", T0 - n, f"/p{n % 7}") for p in people for n in range(5)]
        shelf.keep(*people, *deeds)
        first = {d.lead.ref: d for d in shelf.due()}
        assert [len(d.lead.activities) for d in first.values()] == [5] * 60
        assert all(first[p.record.ref].lead.inputs == p.inputs for p in people)
        shelf.score()
        shelf.keep(*people, *deeds)
        assert shelf.whom() == []
        moved = [did(p.record.ref, "x0", T0 + HOUR, "/p0") for p in people[:30]]
        shelf.keep(*(lead(p.record.ref, {"score": "5"}, title="new") for p in people[15:]), *moved)
        dossiers = {d.lead.ref: d for d in shelf.due()}
        assert dossiers.keys() == first.keys()
        assert [max(a.at for a in dossiers[m.person].lead.activities) for m in moved] == [T0 + HOUR] * 30
        assert all(len(d.lead.activities) == 5 for d in dossiers.values())


class LeavingContract:
    """Who is gone is never scored; who carries on inherits."""

    def test_the_gone_are_never_due_and_may_come_back(self, store_world: StoreWorld) -> None:
        shelf = Shelf(store_world)
        shelf.keep(lead(A, title="x"), lead(B), did(A, "1", T0))
        shelf.keep(gone(A))
        assert shelf.whom() == ["2"]
        assert shelf.due(everything=True)[0].lead.ref == B
        assert shelf.due(only=A) == []
        shelf.score()
        shelf.keep(lead(A, title="x"))
        assert [(d.lead.ref, len(d.lead.activities)) for d in shelf.due()] == [(A, 1)]

    def test_the_successor_inherits_deeds_outcomes_and_standing_once(self, store_world: StoreWorld) -> None:
        shelf = Shelf(store_world)
        heir = ref("9", "companies")
        shelf.keep(lead(A), did(A, "1", T0), did(A, "2", T0 + 1), became(A, "d1", won()), lead(heir))
        shelf.score(scored(shelf.run, A, hot()))
        shelf.keep(did(heir, "2", T0 + 1), gone(A, heir))
        [dossier] = shelf.due()
        assert dossier.lead.ref == heir
        assert [a.at for a in dossier.lead.activities] == [T0, T0 + 1], "what the CRM moved counts once"
        assert list(dossier.outcomes) == [won()]
        assert dossier.lead.before == COLD[1], "a standing of its own stays"

    def test_a_converted_hot_lead_is_not_newly_hot_once_more(self, store_world: StoreWorld) -> None:
        shelf = Shelf(store_world)
        shelf.keep(lead(A))
        shelf.score(scored(shelf.run, A, hot()))
        shelf.keep(lead(B), gone(A, B))
        assert shelf.one(B).lead.before == hot()[1]

    def test_who_left_in_a_chain_is_inherited_by_the_last(self, store_world: StoreWorld) -> None:
        for order in ((gone(A, B), gone(B, C)), (gone(B, C), gone(A, B))):
            shelf = Shelf(store_world)
            shelf.keep(lead(A), lead(B), lead(C), did(A, "a", T0), did(B, "b", T0 + 1), did(C, "c", T0 + 2))
            for leaving in order:
                shelf.keep(leaving)
            assert [a.at for a in shelf.one(C).lead.activities] == [T0, T0 + 1, T0 + 2]
            shelf.keep(lead(A), lead(B))
            assert len(shelf.one(C).lead.activities) == 1
            shelf.finish()

    def test_a_chain_told_at_once_is_inherited_by_the_last_whatever_the_order(self, store_world: StoreWorld) -> None:
        shelf = Shelf(store_world)
        links = [gone(A, B), gone(B, C), gone(C, ref("4"))]
        for turn, order in enumerate(permutations(links)):
            shelf.keep(lead(A), lead(B), lead(C), lead(ref("4")), did(A, f"x{turn}", T0 - HOUR))
            shelf.keep(*order)
            [heir] = shelf.due()
            assert (heir.lead.ref.id, len(heir.lead.activities)) == ("4", turn + 1)

    def test_a_finished_sweep_takes_away_whom_it_did_not_see(self, store_world: StoreWorld) -> None:
        shelf = Shelf(store_world)
        other = ref("1", "companies")
        shelf.keep(lead(A), lead(B), lead(C), lead(other))
        shelf.keep(lead(A), sweep=Sweep("contacts", 1, done=False))
        shelf.keep(lead(ref("4")))
        assert len(shelf.due(everything=True)) == 5, "nobody is gone before it is done"
        shelf.next_pass()
        for _ in range(2):
            shelf.keep(lead(B), sweep=Sweep("contacts", 1, done=True))
            assert {d.lead.ref for d in shelf.due(everything=True)} == {A, B, other, ref("4")}

    def test_the_next_sweep_begins_anew(self, store_world: StoreWorld) -> None:
        shelf = Shelf(store_world)
        shelf.keep(lead(A), lead(B), sweep=Sweep("contacts", 1, done=True))
        shelf.keep(lead(B), sweep=Sweep("contacts", 2, done=True))
        assert [d.lead.ref for d in shelf.due(everything=True)] == [B]

    def test_somebody_gone_from_the_crm_when_we_write_is_gone(self, store_world: StoreWorld) -> None:
        shelf = Shelf(store_world)
        shelf.keep(lead(A))
        shelf.score(scored(shelf.run, A, hot(), {"score": 60}))
        shelf.settle("gone")
        shelf.next_pass(MINUTE)
        assert shelf.due(everything=True) == []

    def test_what_lies_beyond_an_extent_is_taken_back(self, store_world: StoreWorld) -> None:
        shelf = Shelf(store_world)
        told = [did(who, id_, at) for who in (A, B) for id_, at in (("x", T0 - HOUR), ("y", T0 - MINUTE))]
        shelf.keep(lead(A), lead(B), *told, did(A, "z", T0, source="forms"), became(A, "d1", won()))
        shelf.score()
        extents = [Extent("page_views", A, frozenset({"y"})), Extent("deals", A, frozenset())]
        shelf.store.keep(shelf.run, Page(extents=[*extents, Extent("page_views", C, frozenset())]), Facts())
        dossiers = {d.lead.ref: d for d in shelf.due()}
        assert set(dossiers) == {A}, "who lost nothing is not due, and who is not known is not made up"
        assert [a.at for a in dossiers[A].lead.activities] == [T0 - MINUTE, T0]
        assert list(dossiers[A].outcomes) == []
        shelf.score()
        shelf.store.keep(shelf.run, Page(extents=extents), Facts())
        assert shelf.whom() == [], "told twice it changes nothing"

    def test_an_extent_reaches_those_whom_its_person_carries_on_for(self, store_world: StoreWorld) -> None:
        shelf = Shelf(store_world)
        shelf.keep(lead(A), lead(B), did(A, "x", T0 - HOUR), did(A, "y", T0))
        shelf.keep(gone(A, B))
        shelf.store.keep(shelf.run, Page(extents=[Extent("page_views", B, frozenset({"y"}))]), Facts())
        assert [a.at for a in shelf.one(B).lead.activities] == [T0]

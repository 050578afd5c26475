"""The stores' conformance suite: clauses about whom to score, what becomes of scores, and what the CRM answered."""
# ruff: noqa: S101 - a conformance suite asserts

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from connector.instants import DAY, HOUR, iso, parse_instant
from connector.model import Activity, Event, Outcome, Receipt, Record
from connector.ports import ActivityFacts, Ask, Facts, LeadFacts, OutcomeFacts, Page
from connector.testing.shelf import BOOK, COLD, T0, Shelf, StoreWorld, hot, ids, lead, ref, scored

A, B, C = ref("1"), ref("2"), ref("3")
AFTER = {"score": 60, "hot": True}


class ScoringContract:
    """Whoever is due is scored; a score is ours when it is committed, and not before."""

    def test_every_reason_to_be_due(self, store_world: StoreWorld) -> None:
        shelf = Shelf(store_world)
        shelf.keep(lead(A), lead(B), lead(C))
        told = [scored(shelf.run, A, look=T0 + HOUR), scored(shelf.run, B), scored(shelf.run, C, hot(), AFTER)]
        shelf.score(*told)
        assert shelf.whom() == ["3"], "an unsettled change"
        shelf.settle()
        assert shelf.whom() == []
        shelf.next_pass(HOUR - 1)
        assert shelf.whom() == []
        shelf.next_pass(1)
        assert shelf.whom() == ["1"], "the look-again instant is reached"
        assert shelf.whom("book-2") == ["1", "2", "3"], "another book"

    def test_many_are_due_in_chunks_and_in_one_order(self, store_world: StoreWorld) -> None:
        shelf = Shelf(store_world)
        for n in range(3):
            shelf.keep(*(lead(ref(str(2_000 * n + i))) for i in range(1_800)))
        chunks = [ids(chunk) for chunk in shelf.store.due(shelf.run, _ask())]
        together = [one for chunk in chunks for one in chunk]
        assert len(chunks) > 1
        assert len(together) == len(set(together)) == 5_400
        assert [one for chunk in shelf.store.due(shelf.run, _ask()) for one in ids(chunk)] == together
        assert ids(shelf.due(limit=7)) == together[:7]

    def test_staged_scores_have_no_effect(self, store_world: StoreWorld) -> None:
        shelf = Shelf(store_world)
        shelf.keep(lead(A))
        shelf.store.stage(shelf.run, [scored(shelf.run, A, hot(), AFTER)])
        assert list(shelf.store.batches(shelf.run, 10)) == []
        shelf.finish("stopped")
        shelf.start(HOUR)
        shelf.store.commit(shelf.run)
        assert list(shelf.store.batches(shelf.run, 10)) == []
        [dossier] = shelf.due()
        assert (dossier.lead.before, list(dossier.history)) == (None, [])

    def test_staging_twice_counts_as_staged_last(self, store_world: StoreWorld) -> None:
        shelf = Shelf(store_world)
        shelf.keep(lead(A), lead(B))
        shelf.due()
        shelf.store.stage(shelf.run, [scored(shelf.run, A, hot(), AFTER), scored(shelf.run, B)])
        shelf.store.stage(shelf.run, [scored(shelf.run, A)])
        shelf.store.commit(shelf.run)
        assert list(shelf.store.batches(shelf.run, 10)) == []
        assert shelf.whom() == []

    def test_the_standing_of_a_scoring_is_the_before_of_the_next(self, store_world: StoreWorld) -> None:
        shelf = Shelf(store_world)
        shelf.keep(lead(A))
        told = hot(number=3)
        shelf.score(scored(shelf.run, A, (told[0], replace(told[1], by_change=True, handoff_number=2))))
        dossier = shelf.one(A)
        assert dossier.lead.before == replace(told[1], by_change=True, handoff_number=2)
        assert dossier.book == BOOK

    def test_history_tells_changes_of_points_oldest_first(self, store_world: StoreWorld) -> None:
        shelf = Shelf(store_world)
        shelf.keep(lead(A))
        for n, (points, standing) in enumerate([COLD, COLD, hot(), (60, COLD[1]), COLD]):
            shelf.keep(lead(A, n=str(n)))
            shelf.score(scored(shelf.run, A, (points, standing)))
            shelf.next_pass(HOUR)
        assert list(shelf.one(A).history) == [(T0, 10), (T0 + 2 * HOUR, 60), (T0 + 4 * HOUR, 10)]

    def test_a_lead_touched_after_it_was_looked_at_stays_due(self, store_world: StoreWorld) -> None:
        shelf = Shelf(store_world)
        shelf.keep(lead(A), lead(B))
        seen = shelf.due()
        shelf.keep(lead(A, title="meanwhile"))
        shelf.store.stage(shelf.run, [scored(shelf.run, d.lead.ref) for d in seen])
        shelf.store.commit(shelf.run)
        assert shelf.whom() == ["1"]

    def test_whom_the_crm_holds_as_hot_is_counted(self, store_world: StoreWorld) -> None:
        shelf = Shelf(store_world)
        told = {"1": "true", "2": "True", "3": "false", "4": None, "5": ""}
        shelf.keep(*(lead(ref(one), {"h_%": value, "xh_%": "true"}) for one, value in told.items()))
        shelf.keep(lead(ref("1", "Lead"), {"Hot__c": "true", "h_%": "false"}), lead(ref("6"), {"h_%": '"h_%":"true"'}))
        shelf.store.stage(shelf.run, [scored(shelf.run, ref("3"), hot(), {"h_%": True})])
        assert shelf.store.baseline(shelf.run, {"contacts": "h_%"}).hot == 2
        assert shelf.store.baseline(shelf.run, {"contacts": "h_%", "Lead": "Hot__c"}).hot == 3
        assert shelf.store.baseline(shelf.run, {"contacts": "none", "Lead": ""}).hot == 0


class SettlingContract:
    """A change is wanted until the CRM has taken it; the difference is taken anew, never re-sent."""

    def test_a_batch_has_one_object_and_no_more_than_asked(self, store_world: StoreWorld) -> None:
        shelf = Shelf(store_world)
        everybody = [ref(str(n), obj) for n in range(5) for obj in ("contacts", "Lead")]
        shelf.keep(*(lead(who) for who in everybody))
        changes = [scored(shelf.run, who, hot(), AFTER) for who in everybody]
        shelf.score(*changes)
        batches = list(shelf.store.batches(shelf.run, 3))
        assert [len(b) for b in batches] == [3, 3, 2, 2]
        assert [{c.ref.object for c in b} for b in batches] == 2 * [{"Lead"}, {"contacts"}], "side by side"
        assert {c.ref: c for b in batches for c in b} == {s.score.ref: s.change for s in changes}

    def test_what_was_written_is_held_and_asked_no_more(self, store_world: StoreWorld) -> None:
        shelf = Shelf(store_world)
        shelf.keep(lead(A, {"score": "1", "hot": None, "why": "x"}))
        after = {**AFTER, "since": T0, "why": None}
        shelf.score(scored(shelf.run, A, hot(), after))
        assert len(shelf.settle()) == 1
        assert list(shelf.store.batches(shelf.run, 10)) == []
        assert shelf.one(A).held == {"score": "60", "hot": "true", "since": "2026-11-22T00:00:00Z", "why": None}
        assert shelf.whom() == []

    def test_what_was_refused_is_tried_by_the_next_pass_and_not_by_this(self, store_world: StoreWorld) -> None:
        shelf = Shelf(store_world)
        held = {"score": "1", "hot": None}
        shelf.keep(lead(A, held))
        shelf.score(scored(shelf.run, A, hot(), AFTER))
        shelf.settle("refused")
        assert list(shelf.store.batches(shelf.run, 10)) == []
        shelf.next_pass()
        assert list(shelf.store.batches(shelf.run, 10)) == [], "the next pass takes the difference anew"
        assert [(d.lead.ref, dict(d.held)) for d in shelf.due()] == [(A, held)]
        shelf.score(scored(shelf.run, A, COLD))
        assert (list(shelf.store.batches(shelf.run, 10)), shelf.whom()) == ([], []), "nothing is wanted any more"

    def test_an_answer_never_heard_leaves_the_field_unknown_until_it_is_read(self, store_world: StoreWorld) -> None:
        shelf = Shelf(store_world)
        shelf.keep(lead(A, {"score": "1", "hot": "false", "why": "x"}))
        shelf.score(scored(shelf.run, A, hot(), {"score": 60, "hot": True}))
        shelf.settle("unknown")
        shelf.next_pass()
        [dossier] = shelf.due()
        assert dossier.held.get("score") not in {"1", "60", ""}, "neither what it was nor what was sent"
        assert dossier.held.get("hot") not in {"true", "false"}
        assert dossier.held["why"] == "x", "a field that was not sent is as known as before"
        shelf.keep(lead(A, {"score": "60", "hot": "true", "why": "x"}, T0 + HOUR))
        assert shelf.one(A).held["score"] == "60"

    def test_settling_twice_is_harmless(self, store_world: StoreWorld) -> None:
        shelf = Shelf(store_world)
        shelf.keep(lead(A, {"score": None}))
        shelf.score(scored(shelf.run, A, hot(), {"score": 60}))
        [change] = [c for b in shelf.store.batches(shelf.run, 10) for c in b]
        for _ in range(2):
            shelf.store.settle(shelf.run, [(change, Receipt(A, "written"))])
        assert shelf.whom() == []
        assert shelf.one(A).held == {"score": "60"}

    def test_an_earlier_runs_change_is_not_written_without_a_new_look(self, store_world: StoreWorld) -> None:
        shelf = Shelf(store_world)
        shelf.keep(lead(A))
        shelf.score(scored(shelf.run, A, hot(), AFTER))
        shelf.next_pass()
        assert list(shelf.store.batches(shelf.run, 10)) == []
        assert shelf.whom() == ["1"]


def _ask() -> Ask:
    return Ask(BOOK)


class RereadingContract:
    """After a change of mapping the stored is read anew; nothing is fetched again."""

    def test_a_changed_mapping_reads_records_events_and_deals_anew(self, store_world: StoreWorld) -> None:
        shelf = Shelf(store_world)
        list(shelf.store.reread(shelf.run, "m1", _reading("title", "view")))
        _keep_all(shelf, _reading("title", "view"))
        before = shelf.one(A)
        assert before.lead.inputs == {"title": "部長"}
        assert sum(shelf.store.reread(shelf.run, "m2", _reading("job", "visit"))) > 0
        after = shelf.one(A)
        assert after.lead.inputs == {"job": "部長"}
        assert [(a.kind, a.subject, a.at) for a in after.lead.activities] == [
            ("visit", "/p", T0), ("visit", "/p", T0 + 1), ("visit", "/q", T0 + 2)
        ]  # fmt: skip
        assert [a.id for a in after.lead.activities] == [a.id for a in before.lead.activities]
        assert [(o.id, o.reason) for o in after.outcomes] == [("d1", "visit")]

    def test_an_unchanged_mapping_reads_nothing(self, store_world: StoreWorld) -> None:
        shelf = Shelf(store_world)
        list(shelf.store.reread(shelf.run, "m1", _reading("title", "view")))
        _keep_all(shelf, _reading("title", "view"))
        assert list(shelf.store.reread(shelf.run, "m1", _reading("job", "visit"))) == []
        assert shelf.one(A).lead.inputs == {"title": "部長"}

    def test_what_is_told_again_after_a_change_of_mapping_is_no_news(self, store_world: StoreWorld) -> None:
        shelf = Shelf(store_world)
        _keep_all(shelf, _reading("title", "view"))
        list(shelf.store.reread(shelf.run, "m2", _reading("job", "visit")))
        shelf.score()
        _keep_all(shelf, _reading("job", "visit"))
        assert shelf.whom() == []
        list(shelf.store.reread(shelf.run, "m3", _reading("job", "view")))
        list(shelf.store.reread(shelf.run, "m2", _reading("job", "visit")))
        _keep_all(shelf, _reading("job", "visit"))
        assert [a.kind for a in shelf.one(A).lead.activities] == ["visit"] * 3

    def test_what_a_mapping_no_longer_counts_may_count_again(self, store_world: StoreWorld) -> None:
        shelf = Shelf(store_world)
        _keep_all(shelf, _reading("title", "view"))
        list(shelf.store.reread(shelf.run, "m2", _reading("title", None)))
        assert shelf.one(A).lead.activities == []
        list(shelf.store.reread(shelf.run, "m3", _reading("title", "view")))
        assert len(shelf.one(A).lead.activities) == 3

    def test_a_rereading_that_dies_is_begun_anew(self, store_world: StoreWorld) -> None:
        shelf = Shelf(store_world)
        _keep_all(shelf, _reading("title", "view"))
        next(iter(shelf.store.reread(shelf.run, "m2", _reading("job", "visit"))))
        shelf.next_pass(DAY)
        assert list(shelf.store.reread(shelf.run, "m2", _reading("job", "visit")))
        assert [a.kind for a in shelf.one(A).lead.activities] == ["visit"] * 3


class _reading:  # noqa: N801 - a function with two settings
    """A mapping in a few lines: the input's name, and the kind of every event."""

    def __init__(self, name: str, kind: str | None) -> None:
        self.name, self.kind = name, kind

    def __call__(self, records: Sequence[Record], events: Sequence[Event]) -> Facts:
        leads = [LeadFacts(r, {self.name: r.fields["t"] or ""}, {}) for r in records]
        views, deals = ([e for e in events if e.source == s] for s in ("views", "deals"))
        return Facts(leads, [self._view(e) for e in views], [self._deal(e) for e in deals])

    def _view(self, event: Event) -> ActivityFacts:
        at = parse_instant(event.fields["at"] or "")
        words = {name: text for name, text in event.fields.items() if name != "at"}
        activity = Activity(f"views:{event.id}", self.kind, at, words["path"]) if self.kind else None
        return ActivityFacts(event.person, event.source, event.id, at, words, activity)

    def _deal(self, event: Event) -> OutcomeFacts:
        return OutcomeFacts(event.person, "deals", event.id, Outcome(event.id, "lost", T0, reason=self.kind))


def _keep_all(shelf: Shelf, read: _reading) -> None:
    record = Record(A, {"t": "部長"}, T0, T0 - DAY)
    paths = enumerate(("/p", "/p", "/q"))
    events = [Event("views", f"v{n}", A, {"path": path, "at": iso(T0 + n)}) for n, path in paths]
    whole = Page([record], [*events, Event("deals", "d1", A, {"stage": "x"})])
    shelf.store.keep(shelf.run, whole, read(whole.records, whole.events))

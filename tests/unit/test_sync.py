"""The pass, against a CRM in a dictionary and a real database: what is written, what is not, and what stops it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from adapters.memory import Account, MemoryConfig, MemoryCRM
from connector.book import Book, Texts, open_book
from connector.errors import AccessDenied, QuotaSpent, UnsafePlan, UserError
from connector.instants import DAY, HOUR, Instant, parse_instant
from connector.model import Event, Ref, Run
from connector.plan import Plan
from connector.store import SqlStore, open_store
from connector.sync import Orders, Rim, Stopped, sync
from connector.views import list_runs, rejects_of
from connector.words import Message

START = parse_instant("2026-11-20T00:00:00Z")
MAPPING = """
mapping: hubspot
inputs:
  seniority: {field: jobtitle, as: seniority}
  employees: {field: employees, as: number}
activities:
  - {from: forms, kind: demo_request, at: at}
outcomes:
  - {from: deals, won: {stage: won}, lost: {stage: lost}, opened: at, closed: at, reason: why}
quiet: {lost: 30d}
results: {profile: minimal}
"""
CARD = """
scorecard: test
version: 1
timezone: Asia/Tokyo
bands: {hot: {enter: 50}, warm: 20}
axes: {fit: {label: {ja: 属性, en: Fit}}}
rules:
  - {id: senior, axis: fit, label: {ja: 部長, en: Head}, when: {seniority: {at_least: department_head}}, points: 30}
  - {id: large, axis: fit, label: {ja: 大企業, en: Large}, when: {employees: {at_least: 100}}, points: 30}
  - {id: demo, axis: fit, label: {ja: デモ, en: Demo}, did: demo_request, within: 30d, points: 10, hot: now}
"""


@dataclass
class World:
    """An account, a database, a clock, and the book in force."""

    store: SqlStore
    account: Account
    at: Instant = START
    mapping: str = MAPPING
    card: str = CARD
    stop: bool = False
    said: list[str] = field(default_factory=list)
    books: dict[str, Book] = field(default_factory=dict)
    crm: MemoryCRM = field(init=False)

    def book(self) -> Book:
        made = open_book(Texts("card", self.card, "mapping", self.mapping), ZoneInfo("Asia/Tokyo"), "ja")
        self.books[made.digest] = made
        return made

    def sync(self, **orders: Any) -> tuple[Run, Plan]:
        book = self.book()
        self.crm = MemoryCRM(MemoryConfig("m", page_size=3, batch_size=4), self.account, book.mapping.wants)
        rim = Rim(lambda: self.at, lambda *_: None, lambda m: self.said.append(str(m)), lambda: self.stop)
        return sync("m", self.crm, self.store, book, self.books.get, Orders(**orders), rim)

    def held(self, id_: str) -> dict[str, Any]:
        return self.account.rows["contacts", id_].fields

    def tell(self, source: str, who: str, id_: str, **words: str) -> None:
        event = Event(source, id_, Ref("m", "contacts", who), words)
        self.account.tell(("contacts", who), event)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    ours = {f"leadheat_{n}": "text" for n in ("score", "band", "hot", "top_reason", "reasons", "scored_at")}
    account = Account(START, {"contacts": {"jobtitle": "text", "employees": "text", **ours}})
    now = [START]
    with open_store(f"sqlite:///{tmp_path / 'l.db'}", now=lambda: now[0]) as store:
        yield World(store, account)


def people(world: World, n: int, **fields: str) -> list[str]:
    return [world.account.add("contacts", **{"jobtitle": "部長", "employees": "500", **fields}) for _ in range(n)]


def test_the_first_pass_fills_every_record_and_the_second_writes_nothing(world: World) -> None:
    ids = people(world, 7)
    run, plan = world.sync()
    assert (run.status, run.counts.read, run.counts.written, plan.fills, len(plan.up)) == ("succeeded", 7, 7, 7, 7)
    assert world.held(ids[0])["leadheat_score"] == "60"
    assert world.held(ids[0])["leadheat_hot"] == "true"
    world.at += HOUR
    again, plan = world.sync()
    assert (again.counts.written, plan.changes) == (0, 0)


def test_only_the_lead_that_changed_is_written(world: World) -> None:
    ids = people(world, 5)
    world.sync()
    world.at += HOUR
    world.account.change(("contacts", ids[2]), employees="20")
    run, plan = world.sync()
    assert run.counts.written == 1
    assert [m.ref.id for m in plan.down] == [ids[2]]
    assert run.counts.cooled == 1


def test_a_hand_edit_of_our_field_is_put_right(world: World) -> None:
    (one,) = people(world, 1)
    world.sync()
    world.at += HOUR
    world.account.change(("contacts", one), leadheat_score="99")
    assert world.sync()[0].counts.written == 1
    assert world.held(one)["leadheat_score"] == "60"


def test_a_deed_makes_hot_and_time_takes_it_away_without_new_data(world: World) -> None:
    (one,) = people(world, 1, jobtitle="主任", employees="5")
    world.sync()
    world.at += HOUR
    world.tell("forms", one, "f1", at="2026-11-20T00:30:00Z")
    run, _ = world.sync()
    assert (run.counts.newly_hot, world.held(one)["leadheat_hot"]) == (1, "true")
    world.at += HOUR
    assert world.sync()[0].counts.read == 1, "our own write comes back once, and is no news"
    world.at += 31 * DAY
    run, _ = world.sync()
    assert (run.counts.read, run.counts.cooled, world.held(one)["leadheat_hot"]) == (0, 1, "false")


def test_a_lost_deal_ends_the_heat(world: World) -> None:
    (one,) = people(world, 1)
    world.sync()
    world.at += DAY
    world.tell("deals", one, "d1", at="2026-11-20T12:00:00Z", stage="lost", why="予算")
    world.sync()
    assert world.held(one)["leadheat_hot"] == "false"


def test_a_plan_and_a_dry_run_write_nothing(world: World) -> None:
    (one,) = people(world, 1)
    run, plan = world.sync(apply=False)
    assert (run.status, run.kind, plan.changes) == ("planned", "plan", 1)
    assert "leadheat_score" not in world.held(one)


def test_one_refused_record_does_not_sink_the_others_and_is_tried_again(world: World) -> None:
    ids = people(world, 5)
    world.account.rows["contacts", ids[1]].refuses = True
    run, _ = world.sync()
    assert (run.status, run.counts.written, run.counts.rejected) == ("partly", 4, 1)
    assert [r.ref.id for r in rejects_of(world.store, None)] == [ids[1]]
    world.account.rows["contacts", ids[1]].refuses = False
    world.at += HOUR
    assert world.sync()[0].counts.written == 1


def test_the_gone_are_counted_and_left_alone(world: World) -> None:
    ids = people(world, 3)
    world.sync()
    world.at += HOUR
    world.account.end(("contacts", ids[0]), "deleted")
    run, _ = world.sync()
    assert (run.counts.gone, run.counts.written) == (1, 0)


def test_a_rule_edit_rescores_everybody_and_hands_nobody_off(world: World) -> None:
    (one,) = people(world, 1, employees="5")
    world.sync()
    world.at += HOUR
    world.card = CARD.replace("points: 30}\n  - {id: large", "points: 60}\n  - {id: large")
    run, plan = world.sync()
    assert (run.counts.newly_hot, len(plan.up)) == (1, 1)
    assert world.held(one)["leadheat_hot"] == "true"


def test_the_brake_stops_a_pass_before_anything_is_written(world: World) -> None:
    ids = people(world, 25)
    world.sync()
    world.at += HOUR
    for one in ids:
        world.account.change(("contacts", one), employees="1")
    with pytest.raises(UnsafePlan, match="25 of 25"):
        world.sync()
    assert world.held(ids[0])["leadheat_hot"] == "true"
    assert list_runs(world.store, "m", 1)[0].status == "stopped"
    assert world.sync(accept_changes=25)[0].counts.written == 25


def test_an_input_gone_dark_stops_every_pass_until_somebody_accepts_it(world: World) -> None:
    ids = people(world, 30, employees="5")
    world.sync()
    world.at += HOUR
    for one in ids[:22]:
        world.account.change(("contacts", one), jobtitle=None)
    for _ in range(2):
        with pytest.raises(UnsafePlan, match="'seniority' was known for 30 leads, now unknown for 22"):
            world.sync()
        world.at += HOUR
    assert world.held(ids[0])["leadheat_score"] == "30"
    _, plan = world.sync(apply=False)
    assert plan.dark == {"seniority": (22, 30)}
    assert world.sync(accept_dark=frozenset({"seniority"}))[0].counts.written == 22
    world.at += HOUR
    assert world.sync()[0].status == "succeeded"


def test_a_few_cleared_fields_and_an_input_taken_out_of_the_mapping_are_no_darkness(world: World) -> None:
    ids = people(world, 30)
    world.sync()
    world.at += HOUR
    for one in ids[:5]:
        world.account.change(("contacts", one), jobtitle=None)
    assert world.sync()[0].status == "succeeded"
    world.at += HOUR
    world.mapping = MAPPING.replace("  employees: {field: employees, as: number}\n", "")
    world.card = "\n".join(line for line in CARD.splitlines() if "large" not in line)
    assert world.sync(accept_changes=100)[0].status == "succeeded"


def test_people_gone_at_once_stop_every_pass_until_somebody_accepts_it(world: World) -> None:
    ids = people(world, 30)
    world.sync()
    world.at += HOUR
    for one in ids[:22]:
        world.account.end(("contacts", one), "deleted")
    world.account.change(("contacts", ids[-1]), jobtitle=None)
    for _ in range(2):
        with pytest.raises(UnsafePlan, match="22 of 30 contacts records are gone at once"):
            world.sync()
        world.at += HOUR
    _, plan = world.sync(apply=False)
    assert (plan.vanished, plan.changes) == ({"contacts": (22, 30)}, 1)
    assert world.sync(accept_dark=frozenset({"contacts"}))[0].counts.written == 1
    world.at += HOUR
    assert world.sync()[0].status == "succeeded"


def test_a_few_deletions_do_not_stop_a_pass(world: World) -> None:
    ids = people(world, 60)
    world.sync()
    world.at += HOUR
    for one in ids[:25]:
        world.account.end(("contacts", one), "deleted")
    assert world.sync()[0].status == "succeeded"


def test_a_plan_that_is_out_of_date_is_refused(world: World) -> None:
    people(world, 2)
    _, plan = world.sync(apply=False)
    people(world, 1)
    with pytest.raises(UserError, match="out of date"):
        world.sync(expect=plan.digest)
    _, plan = world.sync(apply=False)
    assert world.sync(expect=plan.digest)[0].counts.written == 3


def test_a_stopped_pass_is_finished_by_the_next(world: World) -> None:
    ids = people(world, 7)
    world.stop = True
    with pytest.raises(Stopped):
        world.sync()
    assert list_runs(world.store, "m", 1)[0].status == "stopped"
    world.stop = False
    assert world.sync()[0].counts.written == 7
    assert all(world.held(one)["leadheat_score"] == "60" for one in ids)


def test_a_pass_that_died_while_writing_is_finished_by_the_next(world: World) -> None:
    people(world, 9)
    with short_of_calls(after=2, kind="write"), pytest.raises(QuotaSpent):
        world.sync()
    assert list_runs(world.store, "m", 1)[0].status == "stopped"
    world.at += HOUR
    run, _ = world.sync()
    assert run.counts.written == 5
    assert all("leadheat_score" in row.fields for row in world.account.rows.values())


def test_what_was_read_before_the_calls_ran_short_is_written_and_the_run_says_that_it_stopped(world: World) -> None:
    ids = people(world, 4)
    world.sync()
    for id_ in ids:
        world.account.change(("contacts", id_), employees="5")
    world.at += HOUR
    with short_of_calls(after=2), pytest.raises(QuotaSpent):
        world.sync()
    run = list_runs(world.store, "m", 1)[0]
    assert (run.status, run.counts.read, run.counts.written) == ("stopped", 3, 3)
    world.at += HOUR
    assert world.sync()[0].counts.written == 1


def test_on_a_first_reading_half_of_what_a_lead_did_is_not_scored(world: World) -> None:
    people(world, 4)
    for _ in range(2):
        with short_of_calls(after=2), pytest.raises(QuotaSpent):
            world.sync()
        assert list_runs(world.store, "m", 1)[0].counts.written == 0
        assert all("leadheat_score" not in row.fields for row in world.account.rows.values())
        world.at += HOUR
    assert world.sync()[0].counts.written == 4


@contextmanager
def short_of_calls(after: int, kind: str = "list") -> Iterator[None]:
    """From the `after`th call of this kind on, the day has none left; others have their own."""
    real, asked = MemoryCRM._ask, [0]

    def ask(self: MemoryCRM, what: str) -> None:
        asked[0] += what == kind
        if asked[0] >= after and what == kind:
            raise QuotaSpent
        real(self, what)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(MemoryCRM, "_ask", ask)
        yield


def test_access_denied_ends_the_run_as_failed_with_its_sentence(world: World) -> None:
    people(world, 1)
    world.account.token = None
    with pytest.raises(AccessDenied):
        world.sync()
    run = list_runs(world.store, "m", 1)[0]
    assert run.status == "failed"
    assert "token" in (run.problem or "")


def test_one_lead_or_a_few_may_be_asked_for(world: World) -> None:
    ids = people(world, 5)
    assert world.sync(only=Ref("m", "contacts", ids[3]))[0].counts.written == 1
    assert world.sync(limit=2)[0].counts.written == 2
    assert world.sync()[0].counts.written == 2


def test_a_full_pass_reads_and_scores_everybody(world: World) -> None:
    people(world, 4)
    world.sync()
    world.at += HOUR
    run, _ = world.sync(full=True)
    assert (run.counts.read, run.counts.scored, run.counts.written) == (4, 4, 0)


def test_a_clock_that_is_behind_is_told_and_not_believed(world: World) -> None:
    people(world, 1)
    world.sync()
    world.at -= 2 * HOUR
    run, _ = world.sync()
    assert run.as_of >= START
    assert any("clock is behind" in text for text in world.said)


def test_what_a_page_has_to_say_is_passed_on(world: World) -> None:
    people(world, 1)
    real = MemoryCRM.pull

    def telling(self: MemoryCRM, cursor: str | None) -> Any:
        from dataclasses import replace

        for page in real(self, cursor):
            yield replace(page, notices=[Message("half of it is hidden")])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(MemoryCRM, "pull", telling)
        world.sync()
    assert "half of it is hidden" in world.said

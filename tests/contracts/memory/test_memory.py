"""The CRM in a dictionary keeps every promise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pytest

from adapters.memory import Account, MemoryConfig, MemoryCRM
from connector.instants import SECOND, parse_instant
from connector.model import Event, Raw, Ref
from connector.ports import EventWants, Wants
from connector.results import BY_NAME, RESULTS
from connector.testing import CRMContract, CRMWorld

START = parse_instant("2026-11-24T00:00:00Z")
RESULT_FIELDS = {r.name: r.hubspot for r in RESULTS}
WANTS = Wants(
    people={"leads": frozenset({"title", "email"}), "contacts": frozenset({"title", "email"})},
    results={"leads": RESULT_FIELDS, "contacts": RESULT_FIELDS},
    events={"calls": EventWants(frozenset({"at"}))},
)


def account() -> Account:
    types = {"title": "text", "email": "text", **{r.hubspot: r.type for r in RESULTS}}
    return Account(START, {"leads": dict(types), "contacts": dict(types)})


@dataclass
class MemoryWeather:
    account: Account
    slept: list[float] = field(default_factory=list)

    def throttle(self, times: int, retry_after: float) -> None:
        self.account.throttled, self.account.retry_after = times, retry_after

    def waited(self) -> float:
        return sum(self.slept)

    def expire_token(self) -> None:
        self.account.token = "token-2"

    def revoke_token(self) -> None:
        self.account.token = None

    def poison(self, who: str) -> None:
        self.account.rows["leads", who].refuses = True


class MemoryWorld:
    object, field, setting, several = "leads", "title", "TOKEN", 7
    wants: Wants = WANTS
    lacks: Mapping = {}
    secrets: Sequence[str] = ("token-1", "token-2")
    personal: Sequence[str] = ("秘密部長",)

    def __init__(self, connection: str = "memory") -> None:
        self.connection = connection
        self.config = MemoryConfig(connection, page_size=3)
        self.account = account()
        self.weather = MemoryWeather(self.account)

    def open(self, wants: Wants | None = None) -> MemoryCRM:
        return MemoryCRM(self.config, self.account, wants or self.wants, self.weather.slept.append)

    def another(self) -> CRMWorld:
        return MemoryWorld("memory-2")

    def add_person(self, **fields: Raw) -> str:
        return self.account.add("leads", **fields)

    def change(self, who: str, **fields: Raw) -> None:
        self.account.change(("leads", who), **fields)

    def shown(self, who: str) -> Mapping[str, Raw]:
        return dict(self.account.rows["leads", who].fields)

    def delete(self, who: str) -> None:
        self.account.end(("leads", who), "deleted")

    def merge(self, loser: str, winner: str) -> str:
        self.account.end(("leads", loser), "merged", ("leads", winner))
        return winner

    def convert(self, who: str) -> Ref:
        contact = ("contacts", self.account.add("contacts", **self.account.rows["leads", who].fields))
        self.account.end(("leads", who), "converted", contact)
        return Ref(self.connection, *contact)

    def same_instant(self, ids: Sequence[str]) -> None:
        at = self.account.tick()
        for id_ in ids:
            self.account.rows["leads", id_].modified_at = at

    def let_time_pass(self, seconds: float) -> None:
        self.account.clock += int(seconds * SECOND)


class TestMemory(CRMContract):
    @pytest.fixture
    def crm_world(self) -> CRMWorld:
        return MemoryWorld()


def test_events_are_told_once_and_after_the_people() -> None:
    world = MemoryWorld()
    one = world.add_person()
    call = Event("calls", "c1", Ref("memory", "leads", one), {"at": "2026-11-24T00:00:00Z"})
    world.account.tell(("leads", one), call)
    world.account.tell(("leads", one), Event("unwanted", "x", call.person, {}))
    *people, last = world.open().pull(None)
    assert [len(p.events) for p in people] == [0]
    assert list(last.events) == [call]
    assert [list(p.events) for p in world.open().pull(last.cursor)] == [[]]


def test_a_field_that_is_not_ours_is_refused() -> None:
    from connector.model import Change

    world = MemoryWorld()
    one = Ref("memory", "leads", world.add_person(title="theirs"))
    assert [r.status for r in world.open().push([Change(one, {}, {"title": "ours"})])] == ["refused"]
    assert world.shown(one.id) == {"title": "theirs"}


@pytest.mark.parametrize("apply", [False, True])
def test_fields_are_planned_and_then_made(apply: bool) -> None:
    world = MemoryWorld()
    world.account.types["leads"] = {"hot": "truth"}
    wanted = {"leads": [("score", BY_NAME["score"]), ("hot", BY_NAME["hot"])]}
    steps = [(s.field, s.action, s.done) for s in world.open().provision(wanted, apply=apply)]
    assert steps == [("score", "create", apply), ("hot", "exists", False)]
    assert ("score" in world.account.types["leads"]) is apply


def test_nothing_is_made_when_one_field_clashes() -> None:
    world = MemoryWorld()
    world.account.types["leads"] = {"hot": "text"}
    wanted = {"leads": [("score", BY_NAME["score"]), ("hot", BY_NAME["hot"])]}
    assert [s.action for s in world.open().provision(wanted, apply=True)] == ["create", "clash"]
    assert world.account.types["leads"] == {"hot": "text"}

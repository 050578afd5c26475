"""Batches of writes side by side over real sockets: as quick as the limit allows, never over it."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from adapters.hubspot import open_hubspot
from adapters.hubspot.config import ABREAST, BATCH
from adapters.hubspot.sandbox import Options
from connector.abreast import abreast
from connector.instants import SECOND
from connector.model import Change, Receipt, Ref
from tests.contracts.hubspot.world import OURS, Clock, HubSpotWorld


def batches(world: HubSpotWorld, many: int, size: int = BATCH) -> list[Sequence[Change]]:
    names = [world.add_person(jobtitle="部長") for _ in range(many * size)]
    changes = [Change(Ref(world.connection, "contacts", one), {}, {OURS["score"]: 7}) for one in names]
    return [changes[n : n + size] for n in range(0, len(changes), size)]


def test_as_many_writes_as_we_send_abreast_are_with_hubspot_at_once() -> None:
    all_here = threading.Barrier(ABREAST)

    def befalls(request: Any) -> None:
        if request.path.endswith("/batch/update"):
            all_here.wait(10)

    world = HubSpotWorld(befalls=befalls)
    try:
        crm = world.open()
        for changes, receipts in abreast(crm.push, batches(world, 2 * ABREAST, size=3), crm.traits.abreast):
            assert [(r.ref, r.status) for r in receipts] == [(c.ref, "written") for c in changes]
            assert all(world.shown(c.ref.id)[OURS["score"]] == "7" for c in changes)
        assert crm.calls() == {"write": 2 * ABREAST}
        crm.close()
    finally:
        world.close()


@dataclass
class Together:
    """Time for several threads: it goes on, to the first who wants to wake, when all who are at work sleep."""

    clock: Clock
    working: int = 0
    wakes: list[int] = field(default_factory=list)
    change: threading.Condition = field(default_factory=threading.Condition)

    @contextmanager
    def work(self) -> Iterator[None]:
        self._count(1)
        try:
            yield
        finally:
            self._count(-1)

    def sleep(self, seconds: float) -> None:
        with self.change:
            until = self.clock.at + int(seconds * SECOND)
            self.wakes.append(until)
            self._go_on()
            self.change.wait_for(lambda: self.clock.at >= until)
            self.wakes.remove(until)

    def _count(self, more: int) -> None:
        with self.change:
            self.working += more
            self._go_on()

    def _go_on(self) -> None:
        if self.wakes and len(self.wakes) == self.working:
            self.clock.at = max(self.clock.at, min(self.wakes))
            self.change.notify_all()


@pytest.mark.parametrize("tier", ["starter", "professional"])
def test_side_by_side_too_no_write_is_one_too_many(tier: str) -> None:
    world = HubSpotWorld(options=Options(tier=tier))
    try:
        time, some, begun = Together(world.clock), batches(world, 250, size=1), world.clock.at
        crm = open_hubspot(world.config, world.wants, now=world.clock.now, sleep=time.sleep)

        def push(changes: Sequence[Change]) -> Sequence[Receipt]:
            with time.work():
                return crm.push(changes)

        told = [r.status for _, receipts in abreast(push, some, crm.traits.abreast) for r in receipts]
        assert told == 250 * ["written"]
        assert crm.calls() == {"write": 250}, "a refused request is made again and counts twice"
        assert world.clock.at > begun, "the limit was met"
        crm.close()
    finally:
        world.close()

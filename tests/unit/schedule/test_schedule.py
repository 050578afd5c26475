"""The schedule runs in real threads of the real scheduler; only the passes are pretended."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC

import pytest

from connector.clock import clock
from connector.instants import HOUR, MINUTE, SECOND, Instant, parse_instant
from connector.schedule import LONGEST, PATIENCE, Ended, Job, Watch, first_due, recheck_after, serve_on_schedule
from connector.timetable import Cron, Every

WALL = clock()
PERIOD = SECOND


class Bench:
    """A schedule in a thread of its own, the passes it made and the times it announced."""

    def __init__(self, give: Callable[[str, int], Ended], last: dict[str, Instant] | None = None) -> None:
        self.give, self.last = give, last or {}
        self.made: dict[str, list[float]] = defaultdict(list)
        self.announced: list[tuple[str, Instant, bool]] = []
        self.stop = threading.Event()
        self.now = WALL

    def watch(self) -> Watch:
        return Watch(self._pass, self.last.get, lambda *told: self.announced.append(told), self.stop, self.now, UTC)

    def _pass(self, name: str) -> Ended:
        self.made[name].append(time.monotonic())
        return self.give(name, len(self.made[name]))

    def serve(self, *jobs: Job, until: Callable[[], bool], limit: float = 10) -> None:
        thread = threading.Thread(target=serve_on_schedule, args=(jobs, self.watch()))
        thread.start()
        deadline = time.monotonic() + limit
        while not until() and time.monotonic() < deadline:
            time.sleep(0.01)
        self.stop.set()
        thread.join(limit)
        assert not thread.is_alive()


def fine(_name: str, _number: int) -> Ended:
    return Ended()


def test_every_connection_has_its_first_pass_at_once_and_more_by_its_period() -> None:
    bench = Bench(fine)
    bench.serve(Job("a", Every(PERIOD)), Job("b", Every(HOUR)), until=lambda: len(bench.made["a"]) >= 2)
    assert (len(bench.made["a"]), len(bench.made["b"])) == (2, 1)
    assert bench.made["a"][1] - bench.made["a"][0] == pytest.approx(1, abs=0.4)


def test_passes_of_different_connections_run_side_by_side() -> None:
    meet = threading.Barrier(3, timeout=60)

    def give(_name: str, _number: int) -> Ended:
        meet.wait()
        return Ended()

    bench = Bench(give)
    bench.serve(
        *(Job(name, Every(HOUR)) for name in "abc"),
        until=lambda: meet.broken or sum(map(len, bench.made.values())) == 3,
    )
    assert not meet.broken


def test_a_pass_that_outlasts_its_period_is_never_joined_by_a_second_one(caplog: pytest.LogCaptureFixture) -> None:
    running = 0
    most = 0

    def give(_name: str, _number: int) -> Ended:
        nonlocal running, most
        running += 1
        most = max(most, running)
        time.sleep(1.5)
        running -= 1
        return Ended()

    bench = Bench(give)
    bench.serve(Job("a", Every(PERIOD)), until=lambda: len(bench.made["a"]) >= 2)
    assert most == 1


def test_being_asked_to_end_waits_for_the_pass_at_hand_and_begins_no_other() -> None:
    ended: list[str] = []

    def give(name: str, _number: int) -> Ended:
        bench.stop.wait(5)
        time.sleep(0.2)
        ended.append(name)
        return Ended()

    bench = Bench(give)
    bench.serve(Job("a", Every(PERIOD)), until=lambda: bool(bench.made["a"]))
    assert ended == ["a"]
    assert len(bench.made["a"]) == 1


def test_a_refused_connection_is_paused_while_the_others_go_on() -> None:
    bench = Bench(lambda name, _number: Ended(denied=name == "locked"))
    bench.serve(Job("locked", Every(PERIOD)), Job("open", Every(PERIOD)), until=lambda: len(bench.made["open"]) >= 3)
    assert len(bench.made["locked"]) == 1
    paused = [at for name, at, denied in bench.announced if denied and name == "locked"]
    assert paused == [pytest.approx(WALL() + PATIENCE, abs=10 * SECOND)]


def test_a_crm_that_asks_for_patience_is_given_it() -> None:
    bench = Bench(lambda _name, number: Ended(wait=2 * SECOND) if number == 1 else Ended())
    bench.serve(Job("a", Every(PERIOD)), until=lambda: len(bench.made["a"]) >= 2)
    assert bench.made["a"][1] - bench.made["a"][0] == pytest.approx(2, abs=0.4)


def test_being_asked_for_less_patience_than_the_period_changes_nothing() -> None:
    bench = Bench(lambda *_: Ended(wait=SECOND))
    bench.serve(Job("a", Every(HOUR)), until=lambda: len(bench.announced) >= 2)
    assert bench.announced[-1] == ("a", pytest.approx(WALL() + HOUR, abs=10 * SECOND), False)


def test_waiting_after_refusals_doubles_up_to_a_quarter_of_a_day() -> None:
    waits = [recheck_after(n) for n in range(1, 8)]
    assert waits[:4] == [15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR]
    assert waits[-1] == LONGEST == recheck_after(10_000)


def test_a_pass_missed_while_nobody_served_is_made_up_for_once() -> None:
    bench = Bench(fine, {"a": WALL() - 5 * HOUR})
    bench.serve(Job("a", Every(HOUR)), until=lambda: len(bench.announced) >= 2)
    assert len(bench.made["a"]) == 1


def test_a_pass_that_was_not_missed_is_waited_for() -> None:
    bench = Bench(fine, {"a": WALL() - 10 * MINUTE})
    bench.serve(Job("a", Every(HOUR)), until=lambda: bool(bench.announced))
    assert not bench.made["a"]
    assert bench.announced == [("a", pytest.approx(WALL() + 50 * MINUTE, abs=10 * SECOND), False)]


def test_a_clock_that_stands_still_does_not_stop_the_schedule() -> None:
    bench = Bench(fine)
    bench.now = clock(parse_instant("2030-01-01T00:00:00Z"))
    bench.serve(Job("a", Every(PERIOD)), until=lambda: len(bench.made["a"]) >= 2)
    assert len(bench.made["a"]) == 2


def test_cron_lines_are_due_by_the_last_start() -> None:
    seven = parse_instant("2026-11-23T07:00:00Z")
    bench = Bench(fine, {"late": seven - 25 * HOUR, "done": seven})
    bench.now = clock(seven + MINUTE)
    due = {name: first_due(Job(name, Cron("0 7 * * *")), bench.watch()) for name in ("late", "done")}
    assert due == {"late": seven + MINUTE, "done": seven + 24 * HOUR}


def test_jitter_delays_and_never_hastens() -> None:
    bench = Bench(fine)
    bench.serve(Job("a", Every(PERIOD), jitter=SECOND), until=lambda: len(bench.made["a"]) >= 2)
    assert 0.8 <= bench.made["a"][1] - bench.made["a"][0] <= 2.4

"""The real command, killed by SIGKILL at every commit and every answer, run again, ends where an undisturbed twin does.

`LEADHEAT_TEST_CRASHES` says how many points of each kind of pass are tried: a number of them, spread; `commits`, every
commit; `all`, every answer as well (hours). A few by themselves. The same on PostgreSQL where `LEADHEAT_TEST_POSTGRES`
names a database that may be emptied.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import pytest

from connector.instants import MINUTE
from tests.crash.ground import CRMS, Ended, Ground, Runner

SOME = os.environ.get("LEADHEAT_TEST_CRASHES", "2")
POSTGRES = os.environ.get("LEADHEAT_TEST_POSTGRES", "")
LATER = 11 * MINUTE
"""After so long a dead pass's lease has lapsed."""
KILLED = -int(signal.SIGKILL)
OURS = {"hubspot": "leadheat_score", "salesforce": "Leadheat_Score__c"}
TITLE = {"hubspot": "jobtitle", "salesforce": "Title"}
PEOPLE = {"hubspot": "contacts", "salesforce": "Lead"}


@dataclass(frozen=True)
class Kind:
    """A kind of pass: what state it starts from, what happens before it, and the command."""

    start: str
    words: tuple[str, ...] = ("sync",)
    before: Callable[[Ground, str], None] = lambda _ground, _crm: None
    bulk: bool = False
    crms: tuple[str, ...] = CRMS


def somebody_becomes_hot(ground: Ground, crm: str) -> None:
    """A demo request, another title, and a hand on our score."""
    sandbox = ground.sandboxes[crm]
    state = sandbox.state.all(PEOPLE[crm])
    a, b, c = [i for i, row in state.items() if "@" in str(row) and not row.get("IsConverted")][:3]
    sandbox.poke(a, "did", {"kind": "demo_request"})
    sandbox.poke(b, "set", {TITLE[crm]: "主任"})
    sandbox.poke(c, "set", {OURS[crm]: "99"})


def somebody_is_deleted(ground: Ground, crm: str) -> None:
    sandbox = ground.sandboxes[crm]
    gone, changed = list(sandbox.state.all(PEOPLE[crm]))[:2]
    sandbox.poke(gone, "delete", {})
    sandbox.poke(changed, "set", {TITLE[crm]: "代表取締役"})


def another_mapping_is_agreed(ground: Ground, crm: str) -> None:
    file = ground.folder / "mappings" / f"{crm}.yaml"
    said = file.read_text("utf-8").replace("repeat_within: 10m", "repeat_within: 5m")
    said = said.replace("contains: [デモ, demo]", "contains: [デモ, demo, 資料, 事例]")
    file.write_text(said.replace("inquiry: inquiry", "inquiry: demo_request"), "utf-8")


KINDS: Mapping[str, Kind] = {
    "first fill": Kind("ready"),
    "provisioning": Kind("new", ("apply",)),
    "delta with a hot lead": Kind("filled", before=somebody_becomes_hot),
    "reading anew": Kind("filled", before=another_mapping_is_agreed),
    "full sweep with a deletion": Kind("filled", ("sync", "--full"), somebody_is_deleted),
    "bulk write": Kind("ready", bulk=True, crms=("salesforce",)),
}
CASES = [(kind, crm) for kind, told in KINDS.items() for crm in told.crms]


@dataclass
class Place:
    """A ground with its kept states, and the process that runs commands on it."""

    ground: Ground
    runner: Runner

    def run(self, kind: Kind, crm: str, die: str | None = None, **more: Any) -> Ended:
        return self.runner.run(*kind.words, "--connection", crm, die=die, bulk=kind.bulk, **more)

    def begin(self, name: str, crm: str) -> Kind:
        """The state in which this kind of pass is due; made once, so that each begins with the very same."""
        kind, kept = KINDS[name], f"{name} {crm}".replace(" ", "-")
        if kept not in self.ground.clocks:
            self.ground.put_back(kind.start)
            kind.before(self.ground, crm)
            self.ground.ahead += LATER
            self.ground.keep(kept)
        self.ground.put_back(kept)
        return kind

    def finish(self, kind: Kind, crm: str) -> dict[str, Any]:
        """Run again as after a crash, and once more to see that nothing is left; then what is held."""
        self.ground.ahead += LATER
        again = self.run(kind, crm)
        assert again.code == 0, again.out
        self.ground.ahead += LATER
        last = self.runner.run("sync", "--connection", crm)
        assert last.code == 0, last.out
        assert " 0 written" in last.out, last.out
        return self.ground.story(crm)

    def twin(self, name: str, crm: str) -> tuple[Ended, dict[str, Any]]:
        """The same, undisturbed: how the pass ended, and what is held."""
        kind = self.begin(name, crm)
        ended = self.run(kind, crm)
        assert ended.code == 0, ended.out
        return ended, self.finish(kind, crm)


def found(folder: Path, database: str | None = None) -> Iterator[Place]:
    """A ground with three states kept: no fields of ours yet; fields; everybody filled."""
    ground = Ground(folder / "ground", database)
    runner = Runner(ground)
    ground.keep("new")
    for words in (("apply", "--only", "fields"), None, ("sync",), ("sync",)):
        if words is None:
            ground.keep("ready")
            continue
        told = runner.run(*words)
        assert told.code == 0, told.out
        ground.ahead += LATER
    ground.keep("filled")
    yield Place(ground, runner)
    runner.close()
    ground.close()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    yield from found(tmp_path_factory.mktemp("killed"))


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    yield from found(tmp_path_factory.mktemp("killed"), POSTGRES)


def points(counts: Mapping[str, int], seed: str, some: str) -> list[str]:
    """Where to die: every commit and answer, before and after; or some of them, spread."""
    kinds = ("commit",) if some == "commits" else ("commit", "answer")
    every = [f"{what}:{side}:{n}" for what in kinds for n in range(1, counts.get(what, 0) + 1)
             for side in ("before", "after")]  # fmt: skip
    return every if some in ("all", "commits") else sorted(Random(seed).sample(every, min(int(some), len(every))))


def die_everywhere(place: Place, name: str, crm: str, some: str = SOME) -> None:
    whole, wanted = place.twin(name, crm)
    random = Random(f"{name} {crm}")
    for n, die in enumerate(points(whole.counts, f"{name} {crm}", some)):
        kind = place.begin(name, crm)
        assert place.run(kind, crm, die).code == KILLED, die
        deaths = [die]
        if n % 4 == 3:  # and the one that repairs it is killed as well
            place.ground.ahead += LATER
            deaths.append(f"{random.choice(['commit', 'answer'])}:before:{random.randint(1, 9)}")
            assert place.run(kind, crm, deaths[-1]).code in (KILLED, 0), deaths
        same(place.finish(kind, crm), wanted, " and ".join(deaths))


def same(told: Mapping[str, Any], wanted: Mapping[str, Any], die: str) -> None:
    for side, parts in wanted.items():
        assert told[side].keys() == parts.keys(), die
        for part, held in parts.items():
            assert told[side][part] == held, f"{side}: {part} differ after death at {die}"


@pytest.mark.parametrize(("name", "crm"), CASES)
def test_a_pass_that_is_killed_anywhere_is_made_good_by_the_next(place: Place, name: str, crm: str) -> None:
    die_everywhere(place, name, crm)


@pytest.mark.postgres
@pytest.mark.skipif(not POSTGRES, reason="LEADHEAT_TEST_POSTGRES names no database that may be emptied")
@pytest.mark.parametrize(("name", "crm"), CASES)
def test_on_postgresql_too(elsewhere: Place, name: str, crm: str) -> None:
    die_everywhere(elsewhere, name, crm, os.environ.get("LEADHEAT_TEST_CRASHES", "1"))


@pytest.mark.parametrize("crm", CRMS)
def test_a_pass_that_is_killed_at_any_moment_is_made_good_by_the_next(place: Place, crm: str) -> None:
    _, wanted = place.twin("delta with a hot lead", crm)
    for n in range(6 if SOME in ("all", "commits") else 2):
        seconds = Random(f"{crm} {n}").uniform(0.05, 1.0)

        def kill(child: int, seconds: float = seconds) -> None:
            threading.Event().wait(seconds)
            with suppress(ProcessLookupError):  # it was quicker
                os.kill(child, signal.SIGKILL)

        kind = place.begin("delta with a hot lead", crm)
        assert place.run(kind, crm, meanwhile=kill).code in (KILLED, 0)
        same(place.finish(kind, crm), wanted, f"{seconds} s")


@pytest.mark.parametrize("crm", CRMS)
@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT], ids=lambda by: by.name)
def test_a_pass_that_is_told_to_end_ends_after_the_batch_at_hand_and_the_next_goes_on_at_once(
    place: Place, crm: str, by: signal.Signals
) -> None:
    whole, wanted = place.twin("first fill", crm)
    for n in (whole.counts["answer"] // 2, whole.counts["answer"] - 1):
        kind = place.begin("first fill", crm)
        told = place.run(kind, crm, f"answer:after:{n}:{int(by)}")
        assert (told.code, "stopped after the page or batch at hand" in told.out) == (130, True), told.out
        assert place.run(kind, crm).code == 0
        same(place.finish(kind, crm), wanted, f"{by.name} at answer {n}")


@pytest.mark.parametrize("crm", CRMS)
def test_the_lease_of_a_killed_pass_is_named_waited_for_and_taken_over(place: Place, crm: str) -> None:
    whole, _ = place.twin("first fill", crm)
    kind = place.begin("first fill", crm)
    # the last thing that it asked: leads and contacts are written side by side, and a write may be under way for long
    assert place.run(kind, crm, f"answer:after:{whole.counts['answer'] - 2}").code == KILLED
    held = place.ground.story(crm)["crm"]
    told = place.run(kind, crm)
    assert told.code == 1
    assert "LH-607" in told.out
    assert "taken over after 10 minutes" in told.out
    assert place.ground.story(crm)["crm"] == held, "who may not pass writes nothing"
    place.ground.ahead += LATER
    assert place.run(kind, crm).code == 0
    assert "failed" in place.runner.run("runs", "list").out

"""What a pass costs that has nothing to do: nothing new in the CRM, nobody due, nothing to write.

    python benchmarks/idle.py [leads ...] [--full] [--passes N] [--json] [--profile]

The pass is the one that `leadheat serve` makes, in a process that has made some before. The CRM is local, in a process
of its own, and how long it takes to answer is not counted: what is counted is our own processor time, from reading the
scorecard to closing the database. The CRM has few people and the store as many as asked for (filled once and kept in
`.bench/`): what a quiet CRM answers does not grow with them, and neither must we. The command is `leadheat sync` from
its start to its end, which is mostly Python reading its libraries.
"""

from __future__ import annotations

import argparse
import cProfile
import json
import os
import pstats
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from benchmarks.shared.show import Cell, Sheet, progress, show
from connector.cli.context import Context, Look
from connector.cli.serve import Service, make_pass
from connector.configured import ConnectionSettings, Settings
from connector.instants import DAY, HOUR, SECOND, Instant, iso, parse_instant
from connector.model import Change, Event, Raw, Receipt, Record, Ref, Run
from connector.ports import FieldChange, Page, Schema, Traits, Wants
from connector.results import Result
from connector.shipped import shipped
from connector.store.steps import STEPS
from connector.sync import Orders, Rim
from connector.wiring import wired

LEADS, FULL, PASSES, FEW, PAGE = (10_000, 100_000), 1_000_000, 9, 200, 2_000
MARK = 50
START = parse_instant("2026-11-24T00:00:00Z")
BEGUN = time.monotonic()
CACHE = Path(__file__).parents[1] / ".bench"
CRMS = ("hubspot", "salesforce")
NOTES = (
    f"Milliseconds of our processor time: median and slowest of the passes (mark: {MARK}), and the whole command.",
)
Far = Mapping[str, str]


def main(words: Sequence[str] | None = None) -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("leads", nargs="*", type=int)
    asked.add_argument("--full", action="store_true")
    asked.add_argument("--passes", type=int, default=PASSES)
    asked.add_argument("--json", action="store_true")
    asked.add_argument("--profile", action="store_true")
    asked.add_argument("--serve", help=argparse.SUPPRESS)
    told = asked.parse_args(words)
    if told.serve:
        _serve(told.serve)
        return 0
    sizes = told.leads or [*LEADS, *([FULL] if told.full else [])]
    rows = [measured(crm, leads, told.passes, profile=told.profile) for crm in CRMS for leads in sizes]
    show([Sheet("A pass with nothing to do", rows, NOTES)], as_json=told.json)
    return 0


def measured(crm: str, leads: int, passes: int, *, profile: bool = False) -> Mapping[str, Cell]:
    """One line of the table: a CRM, and so many leads in the store."""
    progress(f"{crm}: {leads:,} leads")
    with _far_side(crm) as far, tempfile.TemporaryDirectory(prefix="leadheat-idle-") as name:
        folder = Path(name)
        shutil.copy(_filled(crm, leads, far), folder / "leadheat.db")
        service = Service(Present(Look(quiet=True), _settings(crm, far, folder / "leadheat.db")))
        calls = _until_quiet(service, crm)
        cost = [_pass(service, crm)[1] for _ in range(passes)]
        if profile:
            _profiled(lambda: _pass(service, crm))
        cold = _command(crm, far, folder)
    progress("")
    return {
        "CRM": crm, "leads": leads, "calls": calls, "ms": round(1_000 * median(cost), 1),
        "slowest, ms": round(1_000 * max(cost), 1), "command, ms": round(1_000 * cold),
    }  # fmt: skip


# ---- passes ----------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Present(Context):
    """An invocation whose clock begins at the moment at which the local CRM stands."""

    @property
    def now(self) -> Callable[[], Instant]:
        return _now


def _now() -> Instant:
    return START + int((time.monotonic() - BEGUN) * SECOND)


def _pass(service: Service, crm: str) -> tuple[Run, float]:
    """A pass, and the processor time that it took."""
    begun = time.process_time()
    run = make_pass(service, crm).run
    spent = time.process_time() - begun
    if run is None:
        raise SystemExit(f"a pass over {crm} failed")
    return run, spent


def _until_quiet(service: Service, crm: str) -> int:
    """Passes until one has nothing to do; returns its calls. The first of them put right what a fresh local CRM does
    not hold yet."""
    for _ in range(6):
        run, _ = _pass(service, crm)
        if not run.counts.scored and not run.counts.written:
            return run.counts.calls
    raise SystemExit(f"there is always something to do in {crm}")


def _profiled(do: Callable[[], object]) -> None:
    profile = cProfile.Profile()
    profile.runcall(do)
    pstats.Stats(profile, stream=sys.stderr).sort_stats("cumulative").print_stats(60)


def _command(crm: str, far: Far, folder: Path) -> float:
    """The processor time of `leadheat sync`."""
    (folder / "scorecard.yaml").write_text(shipped("scorecard.yaml"), "utf-8")
    (folder / "mapping.yaml").write_text(shipped(f"{crm}.yaml"), "utf-8")
    words = {"crm": crm, "mapping": "mapping.yaml", **_access(crm, far)}
    told = {f"LEADHEAT_CONNECTIONS__{crm.upper()}__{name.upper()}": value for name, value in words.items()}
    around = {name: value for name, value in os.environ.items() if not name.startswith("LEADHEAT_")}
    env = {
        **around, **told, "LEADHEAT_DATABASE_URL": f"sqlite:///{folder}/leadheat.db", "LEADHEAT_CLOCK": iso(_now()),
    }  # fmt: skip
    command = [str(Path(sys.executable).with_name("leadheat")), "--config", str(folder), "--quiet", "sync"]
    with subprocess.Popen(command, env=env) as running:
        _, status, used = os.wait4(running.pid, 0)
        running.returncode = os.waitstatus_to_exitcode(status)
    if running.returncode:
        raise SystemExit(f"leadheat sync ended with {running.returncode}")
    return used.ru_utime + used.ru_stime


# ---- the store -------------------------------------------------------------------------------------------------------


def _filled(crm: str, leads: int, far: Far) -> Path:
    """A database with so many leads, each read, scored and written by a pass; made the first time."""
    made_by = [Path(__file__).read_bytes(), repr(STEPS).encode(), shipped(f"{crm}.yaml").encode()]
    file = CACHE / f"idle-{crm}-{leads}-{sha256(b''.join(made_by)).hexdigest()[:8]}.db"
    if not file.exists():
        begun = file.with_suffix(".begun")
        begun.unlink(missing_ok=True)
        with wired(_settings(crm, far, begun), crm, _now) as wire:
            wire.sync(Orders(), Rim(_now))  # for the cursor of a CRM that has told all it knows
            crowd = Crowd(crm, leads, wire.book.mapping.wants)
            replace(wire, crm=crowd).sync(Orders(max_share=1.0), Rim(_now))
        begun.rename(file)
    return file


def _settings(crm: str, far: Far, database: Path) -> Settings:
    files = {}
    for name in ("scorecard.yaml", f"{crm}.yaml"):
        files[name] = CACHE / f"idle-{name}"
        files[name].write_text(shipped(name), "utf-8")
    words: dict[str, Any] = {"crm": crm, "mapping": files[f"{crm}.yaml"], "api_budget": "100%", **_access(crm, far)}
    return Settings(
        folder=CACHE, scorecard=files["scorecard.yaml"], database_url=f"sqlite:///{database}", lang="en",
        zone=ZoneInfo("Asia/Tokyo"), connections={crm: ConnectionSettings(**words)},
    )  # fmt: skip


def _access(crm: str, far: Far) -> dict[str, str]:
    if crm == "hubspot":
        return {"base_url": far["url"], "token": far["token"]}
    return {"instance_url": far["url"], "client_id": far["id"], "client_secret": far["secret"], "ca_file": far["ca"]}


SAID: Mapping[str, Mapping[str, Raw]] = {
    "jobtitle": {"0": "部長", "1": "課長", "2": "代表取締役", "3": "主任"},
    "Title": {"0": "部長", "1": "課長", "2": "代表取締役", "3": "主任"},
}
"""By field, what people hold in it, by turns."""
DEEDS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "hubspot": ("form_submissions", {"form_name": "資料請求", "page_url": "https://example.com/form"}),
    "salesforce": ("CampaignMember", {"Status": "Responded", "HasResponded": "true", "Campaign.Name": "資料請求"}),
}
"""By CRM, something that everybody did three times: its source and its words."""
WHEN = {"hubspot": "submitted_at", "salesforce": "CreatedDate"}


@dataclass(slots=True)
class Crowd:
    """A CRM that tells of so many people and takes whatever is written. Its cursor is the one that the store has."""

    crm: str
    leads: int
    wants: Wants
    asked: int = field(default=0)

    @property
    def traits(self) -> Traits:
        return Traits(self.crm, PAGE, tuple(self.wants.people), tuple(self.wants.events))

    def describe(self) -> Schema:
        return Schema({})

    def pull(self, cursor: str | None) -> Iterator[Page]:
        for start in range(0, self.leads, PAGE):
            progress(f"{self.crm}: telling {start:,} of {self.leads:,}")
            numbers = range(start, min(start + PAGE, self.leads))
            events = [event for n in numbers for event in self._events(n)]
            yield Page([self._record(n) for n in numbers], events, cursor=cursor or "")

    def push(self, changes: Sequence[Change]) -> Sequence[Receipt]:
        return [Receipt(change.ref, "written") for change in changes]

    def provision(self, wanted: Mapping[str, Sequence[tuple[str, Result]]], *, apply: bool) -> Iterator[FieldChange]:
        del wanted, apply
        return iter(())

    def calls(self) -> Mapping[str, int]:
        return {}

    def close(self) -> None:
        return

    def _ref(self, n: int) -> Ref:
        object_ = next(iter(self.wants.people))
        return Ref(self.crm, object_, f"00Qbench{n:010}" if self.crm == "salesforce" else f"9{n:011}")

    def _record(self, n: int) -> Record:
        ref = self._ref(n)
        asked = self.wants.people[ref.object] | set(self.wants.results[ref.object].values())
        fields = {name: SAID.get(name, {}).get(str(n % 8)) for name in sorted(asked)}
        return Record(ref, fields, START - 30 * DAY, START - 90 * DAY)

    def _events(self, n: int) -> Iterator[Event]:
        """At the same moment of several days, so that no score changes by itself within the next hours."""
        source, words = DEEDS[self.crm]
        for k in range(3):
            at = iso(START - (5 + 3 * k) * DAY - 12 * HOUR)
            yield Event(source, f"e{n}-{k}", self._ref(n), {**words, WHEN[self.crm]: at})


# ---- the far side, in a process of its own ---------------------------------------------------------------------------


@contextmanager
def _far_side(crm: str) -> Iterator[Far]:
    words = [sys.executable, __file__, "--serve", crm]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as far:
        assert far.stdin
        assert far.stdout
        try:
            yield json.loads(far.stdout.readline())
        finally:
            far.stdin.close()


def _serve(crm: str) -> None:
    """Serve until whoever asked for it hangs up."""
    from benchmarks.shared.towns import hubspot_town, salesforce_town  # only the far side needs a CRM

    with ExitStack() as stack:
        if crm == "hubspot":
            town = stack.enter_context(hubspot_town(FEW, rate_limits=False))
            far = {"url": town.server.url, "token": town.sandbox.token}
        else:
            org = stack.enter_context(salesforce_town(FEW))
            far = {
                "url": org.server.url, "id": org.sandbox.client_id, "secret": org.sandbox.client_secret,
                "ca": str(org.tls.ca_file),
            }  # fmt: skip
        print(json.dumps(far), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    raise SystemExit(main())

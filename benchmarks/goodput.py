"""Requests that get through under a quota of 100 in any ten seconds, against the ideal, and how many came too many.

    python benchmarks/goodput.py [minutes] [--json]

Long spans run on the local HubSpot's clock, which only waiting moves; one run of 25 s is real. The ideal is what
whoever knew the far side's counter could send: 100 at once, and 100 more whenever ten seconds are over, less what
somebody else sent meanwhile.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from math import ceil

import requests

from adapters.hubspot import HubSpotConfig, open_hubspot
from adapters.hubspot.adapter import HubSpotCRM
from adapters.hubspot.sandbox import Options, open_hubspot_sandbox
from adapters.sandbox.server import Running, serve
from adapters.sandbox.state import State
from benchmarks.shared.show import Cell, Sheet, progress, show
from benchmarks.shared.towns import Clock, counting
from connector.instants import SECOND
from connector.ports import Wants

MINUTES, REAL = 10.0, 25.0
LIMIT, WINDOW = 100, 10.0
"""HubSpot's smallest plan."""
WANTS = Wants({"contacts": frozenset({"email"})}, {})
THEIRS = 33
"""Requests in ten seconds by which somebody else uses a third of the window."""


@dataclass(frozen=True, slots=True)
class Time:
    """How time passes in a run."""

    now: Callable[[], int]
    sleep: Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Account:
    """An account being asked for a while by `crms`; `refused` are the requests that came too many."""

    server: Running
    token: str
    crms: Sequence[HubSpotCRM]
    refused: list[str]
    time: Time


def main(words: Sequence[str] | None = None) -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("minutes", nargs="?", type=float, default=MINUTES)
    asked.add_argument("--json", action="store_true")
    told = asked.parse_args(words)
    show([measured(told.minutes * 60, REAL)], as_json=told.json)
    return 0


def measured(span: float, real: float) -> Sheet:
    """All runs: `span` seconds of the far side's clock for each, `real` seconds of this machine's."""
    runs = [
        _run("alone", span, 1, _virtual()),
        _run("two connections of one account", span, 2, _virtual()),
        _run("somebody else takes a third", span, 1, _virtual(), theirs=THEIRS),
        *([_run("alone, real time", real, 1, Time(_microseconds, time.sleep))] if real else ()),
    ]
    progress("")
    notes = ["Searches have a limit of their own, 5 in a second; 4 are used, for no answer says how many are left."]
    return Sheet(f"Requests under a quota of {LIMIT} in any {WINDOW:.0f} s", runs, notes)


def _virtual() -> Time:
    clock = Clock()
    return Time(clock.now, clock.sleep)


def _microseconds() -> int:
    return time.time_ns() // 1_000


def _run(what: str, span: float, connections: int, passing: Time, theirs: int = 0) -> Mapping[str, Cell]:
    progress(what)
    with ExitStack() as stack:
        account = _account(connections, passing, stack)
        begun, ours = passing.now(), 0
        other = _somebody_else(account, theirs, begun)
        while True:
            sent = next(other)
            crm = account.crms[ours % connections]
            crm.api.get("list", crm.api.path("objects"), [("limit", "1")])
            if (passing.now() - begun) / SECOND >= span:
                break
            ours += 1
        asked = sum(sum(crm.calls().values()) for crm in account.crms)
        ideal = LIMIT * ceil(span / WINDOW) - sent
        return {
            "run": what, "seconds": span, "through": ours, "ideal": ideal, "share": round(ours / ideal, 3),
            "ours asked twice": asked - ours - 1, "too many, all": len(account.refused),
        }  # fmt: skip


def _account(connections: int, passing: Time, stack: ExitStack) -> Account:
    sandbox = open_hubspot_sandbox(State(), passing.now, options=Options(tier="starter"))
    refused: list[str] = []
    server = serve(counting(sandbox.app, refused))
    stack.callback(server.stop)
    crms: list[HubSpotCRM] = []
    for n in range(connections):
        config = HubSpotConfig(f"bench-{n}", sandbox.token, base_url=server.url, api_budget=1.0)
        crm = open_hubspot(config, WANTS, now=passing.now, sleep=passing.sleep)
        assert isinstance(crm, HubSpotCRM)
        crms.append(stack.enter_context(closing(crm)))
    return Account(server, sandbox.token, crms, refused, passing)


def _somebody_else(account: Account, theirs: int, begun: int) -> Iterator[int]:
    """Another tool with the same token, which sends evenly and does not know of us. Each step sends what is due and
    says how many were sent."""
    sent = 0
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {account.token}"
        while True:
            while theirs and sent < (account.time.now() - begun) / SECOND / WINDOW * theirs:
                session.get(f"{account.server.url}/crm/v3/objects/contacts?limit=1", timeout=10)
                sent += 1
            yield sent


if __name__ == "__main__":
    raise SystemExit(main())

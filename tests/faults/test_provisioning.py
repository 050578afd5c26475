"""Making our fields while every single request to make something fails once: nothing is missing, nothing made twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from werkzeug.wrappers import Request

from adapters.hubspot import open_hubspot
from adapters.hubspot.provision import LIST
from adapters.salesforce import open_salesforce
from adapters.sandbox.faults import Fault, with_faults
from adapters.sandbox.server import certificate, serve
from connector.ports import CRM
from connector.results import RESULTS
from tests.contracts.hubspot.world import HubSpotWorld
from tests.contracts.salesforce.world import SalesforceWorld

MAKERS = ("/properties/", "/crm/lists/", "/tooling/sobjects/", "/sobjects/Permission", "/sobjects/FieldPermissions")
FAULTS = {
    "the answer is lost after something was made": Fault("reset"),
    "a web page stands in for the answer": Fault("html", 502, reached=True),
    "the request never arrives": Fault("answer", 503, reached=False),
}


@dataclass
class Strike:
    """Lets every other request that makes something go wrong: the first of each, and never the one that repeats it."""

    fault: Fault
    met: int = 0

    def __call__(self, request: Request) -> Fault | None:
        if request.method != "POST" or not any(part in request.path for part in MAKERS):
            return None
        self.met += 1
        return self.fault if self.met % 2 else None


@contextmanager
def bare_hubspot(folder: Path, strike: Strike) -> Iterator[tuple[Callable[[], CRM], Callable[[], int]]]:
    world = HubSpotWorld(ready=False)
    server = serve(with_faults(world.sandbox.app, strike))
    config = replace(world.config, base_url=server.url)
    try:
        yield (
            lambda: open_hubspot(config, world.wants, now=world.clock.now, sleep=world.clock.sleep),
            lambda: sum(1 for row in world.sandbox.state.all("lists").values() if row["name"] == LIST["ja"]),
        )
    finally:
        server.stop()
        world.close()


@contextmanager
def bare_salesforce(folder: Path, strike: Strike) -> Iterator[tuple[Callable[[], CRM], Callable[[], int]]]:
    tls = certificate(folder)
    world = SalesforceWorld(tls, ready=False)
    server = serve(with_faults(world.sandbox.app, strike), tls=tls)
    config = replace(world.config, instance_url=server.url)
    there = len(world.sandbox.state.all("PermissionSetAssignment"))
    try:
        yield (
            lambda: open_salesforce(config, world.wants, now=world.clock.now, sleep=world.clock.sleep),
            lambda: len(world.sandbox.state.all("PermissionSetAssignment")) - there,
        )
    finally:
        server.stop()
        world.close()


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("crm", ["hubspot", "salesforce"])
def test_every_request_that_makes_something_fails_once(crm: str, fault: str, tmp_path: Path) -> None:
    strike = Strike(FAULTS[fault])
    objects = ("contacts",) if crm == "hubspot" else ("Lead", "Contact")
    wanted = {o: [(r.hubspot if crm == "hubspot" else r.salesforce, r) for r in RESULTS] for o in objects}
    with (bare_hubspot if crm == "hubspot" else bare_salesforce)(tmp_path, strike) as (opened, made):
        one = opened()
        steps = list(one.provision(wanted, apply=True))
        one.close()
        assert not [step for step in steps if step.action == "clash"]
        again = opened()
        assert {step.action for step in again.provision(wanted, apply=True)} == {"exists"}
        assert "provision" not in again.calls(), "and there is nothing left to make"
        again.close()
        assert made() == 1
        assert strike.met > 2 * len(RESULTS)
        assert strike.met % 2 == 0, "each was asked for once more, and no more"

"""Leads and contacts written side by side, and what several threads share: a session, its token, its counts."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest

from adapters.salesforce.config import ABREAST
from adapters.sandbox.server import Tls, serve
from connector.abreast import abreast
from connector.model import Change, Ref
from tests.contracts.salesforce.world import RESULT_FIELDS, SalesforceWorld, opened

SCORE = RESULT_FIELDS["score"]


@pytest.fixture
def gathered(salesforce_tls: Tls) -> Iterator[SalesforceWorld]:
    """An org where a write goes on only when another one has come."""
    both_here = threading.Barrier(ABREAST)
    with opened(salesforce_tls) as world:
        inner = world.sandbox.app

        def app(environ: Any, start: Any) -> Any:
            if environ["REQUEST_METHOD"] == "PATCH":
                both_here.wait(10)
            return inner(environ, start)

        server = serve(app, tls=salesforce_tls)
        world.config = replace(world.config, instance_url=server.url)
        yield world
        server.stop()


def batches(world: SalesforceWorld, many: int) -> list[Sequence[Change]]:
    """Some of leads and some of contacts, by turns."""
    leads = [Ref(world.connection, "Lead", world.add_person()) for _ in range(3 * many)]
    contacts = [Ref(world.connection, "Contact", str(world.desk.add("Contact", LastName="山田"))) for _ in leads]
    changes = {"Lead": [Change(ref, {}, {SCORE: 7}) for ref in leads]}
    changes["Contact"] = [Change(ref, {}, {SCORE: 7}) for ref in contacts]
    return [some[n : n + 3] for n in range(0, 3 * many, 3) for some in changes.values()]


def test_leads_and_contacts_are_written_side_by_side(gathered: SalesforceWorld) -> None:
    crm = gathered.open()
    some = batches(gathered, 2)
    for changes, receipts in abreast(crm.push, some, crm.traits.abreast):
        assert [(r.ref, r.status) for r in receipts] == [(c.ref, "written") for c in changes]
        for change in changes:
            assert gathered.desk.shown(change.ref.object, change.ref.id)[SCORE] in ("7", "7.0")
    assert crm.calls()["write"] == len(some)
    crm.close()


def test_a_token_that_ends_under_several_writes_is_renewed_once(gathered: SalesforceWorld) -> None:
    crm = gathered.open()
    some = batches(gathered, 1)
    crm.describe()
    before = crm.calls()["login"]
    gathered.weather.expire_token()
    told = [r.status for _, receipts in abreast(crm.push, some, crm.traits.abreast) for r in receipts]
    assert told == 6 * ["written"]
    assert crm.calls()["login"] == before + 1
    crm.close()

"""Every request the adapter can make is valid, on every version of the paths, and none was forgotten."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from adapters.hubspot.config import Version
from tests.validity.hubspot_held import sent
from tests.validity.hubspot_rules import OPERATIONS, call_of, operation_of
from tests.validity.hubspot_tour import Traveller, footprints, sites, unasked, walk
from tests.validity.recorder import Exchange

VERSIONS: tuple[Version, ...] = ("2026-09", "2026-03", "v3")


@pytest.fixture(scope="module")
def travels() -> Iterator[dict[str, tuple[Traveller, set[tuple[str, int]]]]]:
    told = {}
    for version in VERSIONS:
        with footprints() as seen:
            told[version] = (walk(version), seen)
    yield told
    for one, _ in told.values():
        one.world.server.stop()


Travels = dict[str, tuple[Traveller, set[tuple[str, int]]]]


def exchanges(travels: Travels, version: str) -> list[Exchange]:
    return travels[version][0].world.recorder.seen


@pytest.mark.parametrize("version", VERSIONS)
def test_no_request_breaks_a_rule(travels: Travels, version: str) -> None:
    travels[version][0].world.close()
    assert len(exchanges(travels, version)) > 200


@pytest.mark.parametrize("version", VERSIONS)
def test_every_place_that_asks_was_reached(travels: Travels, version: str) -> None:
    assert len(sites()) > 25
    assert unasked(travels[version][1]) == set()


@pytest.mark.parametrize("version", VERSIONS)
def test_every_kind_of_request_was_sent(travels: Travels, version: str) -> None:
    """But for the token's refresh: the adapter knows service keys only, which are not refreshed."""
    found = {one.name for e in exchanges(travels, version) if (one := operation_of(sent(e)))}
    assert found == {o.name for o in OPERATIONS if o.sent}


@pytest.mark.parametrize("version", VERSIONS)
def test_no_path_is_of_another_version(travels: Travels, version: str) -> None:
    """Forms, submissions and mail events have one path only; v3 has its associations under v4."""
    paths = {e.target.partition("?")[0] for e in exchanges(travels, version)}
    undated = ("/marketing/v3/forms", "/form-integrations/v1/", "/email/public/v1/")
    own = {p for p in paths if not p.startswith(undated)}
    marks = {"v3": ("/v3/", "/v4/associations/")}.get(version, (f"/{version}",))
    assert {p for p in own if not any(mark in p for mark in marks)} == set()


def test_what_is_sent_when_there_is_much(travels: Travels) -> None:
    """The tour really comes to the limits: whole batches, long lists of names, cursors of every kind."""
    calls = [sent(e) for e in exchanges(travels, "2026-09")]
    inputs = [len(c.document["inputs"]) for c in calls if "/contacts/batch/" in c.path and "associations" not in c.path]
    assert max(inputs) == 100
    assert max(c.length for c in calls) < 16_000
    assert max(len(c.body) for c in calls if c.path.endswith("/search")) <= 3_000
    assert any(len(c.body) > 40_000 for c in calls if c.path.endswith("/batch/read")), "six hundred names"
    paged = {one.name for c in calls if "after" in dict(c.query) and (one := operation_of(c))}
    assert paged >= {"objects.list", "forms.submissions", "events.list"}


def test_a_new_request_without_a_rule_would_be_found() -> None:
    assert operation_of(call_of("POST", "/crm/objects/2026-09/contacts/merge", {})) is None

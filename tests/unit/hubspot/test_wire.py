"""HubSpot's client on the wire: broken answers, strange certificates, gzip, and nothing that shows a token."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from hubspot_farside import TOKEN, Far, V
from werkzeug.wrappers import Request, Response

from adapters.hubspot import HubSpotConfig
from adapters.hubspot.config import path_of
from adapters.sandbox.faults import Fault, Kind, with_faults
from adapters.sandbox.server import certificate, serve
from connector.errors import Unavailable
from connector.model import Change, Ref
from connector.testing import Notebook

CONTACTS = f"/crm/objects/{V}/contacts"
UPDATE = f"{CONTACTS}/batch/update"


def breaking(far: Far, path: str, kind: Kind, times: int, *, reached: bool = False) -> None:
    """The first so many requests to `path` go wrong."""
    assert far.server
    far.server.stop()
    left = [times]

    def choose(request: Request) -> Fault | None:
        if request.path != path or not left[0]:
            return None
        left[0] -= 1
        return Fault(kind, reached=reached)

    far.server = serve(with_faults(far.app, choose))


@pytest.mark.parametrize("kind", ["html", "truncated", "reset", "wrong_length"])
def test_a_broken_answer_is_asked_for_again_and_nobody_is_lost(far: Far, kind: Kind) -> None:
    for n in range(1, 4):
        far.add(str(n))
    breaking(far, CONTACTS, kind, 2)
    assert len(Notebook().read(far.open(page_size=2)).people) == 3
    assert len(far.slept) == 2


@pytest.mark.parametrize("kind", ["html", "truncated", "reset", "wrong_length"])
def test_a_write_whose_answer_breaks_is_repeated_and_told_as_written(far: Far, kind: Kind) -> None:
    far.add("1")
    breaking(far, UPDATE, kind, 1, reached=True)
    change = Change(Ref("acme", "contacts", "1"), {}, {"leadheat_score": 5})
    assert [r.status for r in far.open().push([change])] == ["written"]


def test_nobody_at_home_is_unavailable_after_a_few_tries(far: Far) -> None:
    crm = far.open()
    assert far.server
    far.server.stop()
    with pytest.raises(Unavailable):
        crm.describe()
    far.server = serve(far.app)
    assert 0 < len(far.slept) < 10


def test_answers_may_be_compressed(far: Far) -> None:
    far.add("1")
    usual = far._usual

    def compressed(request: Request) -> Response:
        assert request.headers["Accept-Encoding"] == "gzip"
        return Response(gzip.compress(usual(request).get_data()), headers={"Content-Encoding": "gzip"})

    far.on("GET", CONTACTS, compressed)
    assert len(Notebook().read(far.open()).people) == 1


def test_an_authority_of_ones_own_is_named_and_then_trusted(far: Far, tmp_path: Path) -> None:
    tls = certificate(tmp_path)
    assert far.server
    far.server.stop()
    far.server = serve(far.app, tls=tls)
    with pytest.raises(Unavailable, match="not trusted"):
        far.open().describe()
    assert far.slept == []
    assert far.open(ca_file=tls.ca_file).describe().objects["contacts"]


def test_no_repr_shows_the_token(far: Far) -> None:
    crm = far.open()
    for told in (repr(crm), repr(crm.api), repr(crm.config)):
        assert TOKEN not in told


@pytest.mark.parametrize(
    ("version", "api", "path"),
    [
        ("2026-09", "objects", "/crm/objects/2026-09/contacts"),
        ("2026-03", "objects", "/crm/objects/2026-03/contacts"),
        ("v3", "objects", "/crm/v3/objects/contacts"),
        ("2026-09", "properties", "/crm/properties/2026-09/contacts"),
        ("v3", "properties", "/crm/v3/properties/contacts"),
        ("2026-09", "lists", "/crm/lists/2026-09"),
        ("v3", "lists", "/crm/v3/lists"),
        ("2026-09", "events", "/events/event-occurrences/2026-09"),
        ("v3", "events", "/events/v3/events"),
        ("2026-09", "forms", "/marketing/v3/forms"),
        ("v3", "forms", "/marketing/v3/forms"),
    ],
)
def test_paths_follow_the_version(version, api: str, path: str) -> None:
    assert path_of(version, api) == path


def test_associations_have_a_version_of_their_own() -> None:
    assert path_of("2026-09", "associations", "calls", "contacts") == (
        "/crm/associations/2026-09/calls/contacts/batch/read"
    )
    assert path_of("v3", "associations", "calls", "contacts") == "/crm/v4/associations/calls/contacts/batch/read"


@pytest.mark.parametrize("version", ["2026-03", "v3"])
def test_an_older_version_speaks_the_same_way(far: Far, version) -> None:
    far.add("1")
    for path in ("properties", "objects"):
        old = path_of(version, path)
        body = {"results": far.definitions if path == "properties" else list(far.contacts.values())}
        far.on("GET", old, body)
    far.on("POST", path_of(version, "objects") + "/search", {"total": 1, "results": []})
    assert len(Notebook().read(far.open(api_version=version)).people) == 1


@pytest.mark.parametrize("name", ["acme", "Tokyo"])
def test_the_setting_is_spelled_as_the_environment_spells_it(name: str) -> None:
    assert HubSpotConfig(name, "t").setting == f"LEADHEAT_CONNECTIONS__{name.upper()}__TOKEN"

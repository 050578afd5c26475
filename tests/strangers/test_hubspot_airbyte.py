"""Airbyte's extractor (airbyte-source-hubspot 5.7.0, Elastic License 2.0: run, never kept here) reads the whole HubSpot
sandbox.

Not asked of it: workflows, mail subscriptions and their changes, statistics of marketing mails, and pipelines of v1,
which HubSpot ends on 4 Dec 2026.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from adapters.hubspot.sandbox.answers import iso_ms
from adapters.hubspot.sandbox.kinds import ACTIVITIES
from tests.strangers.hubspot_town import Copy, Town, open_town
from tests.strangers.installs import have, python_stranger, run

pytestmark = pytest.mark.skipif(sys.version_info >= (3, 12), reason="this extractor asks for a Python before 3.12")
Records = dict[str, list[dict[str, Any]]]
LEFT_OUT = {"workflows", "email_subscriptions", "subscription_changes", "marketing_emails", "deal_pipelines"}
STREAMS = {"contacts": "contacts", "companies": "companies", "deals": "deals"} | {
    f"engagements_{name}": name for name in ACTIVITIES
}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with open_town(tmp_path_factory.mktemp("town")) as opened:
        yield opened


@dataclass(frozen=True, slots=True)
class Source:
    """The extractor, set up for the town, and the streams it found there."""

    town: Town
    command: Path
    home: Path
    streams: Sequence[dict[str, Any]]

    def read(self, chosen: Mapping[str, str], state: Sequence[Mapping[str, Any]] = ()) -> Records:
        """What it gets of the streams `chosen`, each in its way: `full_refresh` or `incremental`."""
        catalogue, held = self.home / "catalogue.json", self.home / "state.json"
        picked = [
            {"stream": s, "sync_mode": chosen[s["name"]], "destination_sync_mode": "append", "cursor_field": []}
            for s in self.streams
            if s["name"] in chosen
        ]
        catalogue.write_text(json.dumps({"streams": picked}))
        held.write_text(json.dumps(list(state)))
        words = [self.command, "read", "--config", self.home / "config.json", "--catalog", catalogue, "--state", held]
        records: Records = defaultdict(list)
        for message in _messages(self.town, self.home, words):
            if message["type"] == "RECORD":
                records[message["record"]["stream"]].append(message["record"]["data"])
        return records


@pytest.fixture(scope="module")
def source(town: Town, tmp_path_factory: pytest.TempPathFactory) -> Source:
    command = have(lambda: python_stranger("airbyte-source-hubspot")) / "source-hubspot"
    home = tmp_path_factory.mktemp("airbyte")
    config = home / "config.json"
    credentials = {"credentials_title": "Private App Credentials", "access_token": town.sandbox.token}
    config.write_text(json.dumps({"start_date": "2015-01-01T00:00:00Z", "credentials": credentials}))
    checked = _messages(town, home, [command, "check", "--config", config])
    assert [m["connectionStatus"]["status"] for m in checked if m["type"] == "CONNECTION_STATUS"] == ["SUCCEEDED"]
    found = _messages(town, home, [command, "discover", "--config", config])
    return Source(town, command, home, next(m["catalog"]["streams"] for m in found if m["type"] == "CATALOG"))


@pytest.fixture(scope="module")
def told(source: Source) -> Records:
    return source.read({s["name"]: "full_refresh" for s in source.streams if s["name"] not in LEFT_OUT})


def _messages(town: Town, home: Path, words: Sequence[str | Path]) -> list[dict[str, Any]]:
    done = run(words, home=home, env=town.env)
    assert done.returncode == 0, (done.stderr + done.stdout)[-3_000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


def _copy(records: Sequence[Mapping[str, Any]]) -> Copy:
    return {str(r["id"]): r["properties"] for r in records}


@pytest.mark.parametrize("stream", sorted(STREAMS))
def test_it_gets_every_record_with_every_value(town: Town, told: Records, stream: str) -> None:
    kind = STREAMS[stream]
    assert len(told[stream]) == len(town.ids(kind)) > 0
    assert town.faults(kind, _copy(told[stream])) == []


def test_it_gets_who_belongs_to_which_company_and_deal(town: Town, told: Records) -> None:
    for kind, far in (("companies", "contacts"), ("deals", "contacts"), ("deals", "companies")):
        found = {(r["id"], i) for r in told[kind] for i in r.get(far) or ()}
        assert found == {(near, to) for near, to, _ in town.links(kind, far)} != set()


def test_it_gets_every_activity_on_the_old_path_too(town: Town, told: Records) -> None:
    assert {str(r["id"]) for r in told["engagements"]} == set().union(*(town.ids(kind) for kind in ACTIVITIES))


def test_it_gets_the_history_of_every_property(town: Town, told: Records) -> None:
    for kind in ("contacts", "companies", "deals"):
        rows = told[f"{kind}_property_history"]
        held = sum(len(row["values"]) for i, row in town.rows(kind).items() if i in town.ids(kind))
        assert len(rows) >= held > 0


def test_it_gets_forms_and_every_submission_page_after_page(town: Town, told: Records) -> None:
    assert {r["id"] for r in told["forms"]} == set(town.rows("forms"))
    assert len(told["form_submissions"]) == town.submissions() > 100


def test_it_gets_every_mailing_and_all_that_came_of_it(town: Town, told: Records) -> None:
    events = town.rows("mail_events")
    assert {r["id"]: r["type"] for r in told["email_events"]} == {i: e["type"] for i, e in events.items()}
    assert {str(r["id"]) for r in told["campaigns"]} == set(town.rows("campaigns"))


def test_it_gets_the_users(town: Town, told: Records) -> None:
    assert {r["id"]: r["email"] for r in told["owners"]} == {i: o["email"] for i, o in town.rows("owners").items()}


def test_it_gets_by_search_who_changed_since(town: Town, source: Source) -> None:
    """Seven in eight changed since this instant: more than one page of a search holds."""
    stamps = sorted(town.rows("contacts")[i]["updated"] for i in town.ids("contacts"))
    since = stamps[len(stamps) // 8]
    stream = {"stream_descriptor": {"name": "contacts"}, "stream_state": {"updatedAt": iso_ms(int(str(since)))}}
    told = source.read({"contacts": "incremental"}, [{"type": "STREAM", "stream": stream}])
    changed = {i for i in town.ids("contacts") if int(str(town.rows("contacts")[i]["updated"])) >= int(str(since))}
    assert {r["id"] for r in told["contacts"]} == changed
    assert len(changed) > 200


def test_nobody_else_is_asked(town: Town, told: Records) -> None:
    assert town.door.refused == []

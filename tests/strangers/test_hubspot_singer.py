"""Singer's tap (tap-hubspot 4.5.0, AGPL-3.0: run, never kept here) reads the HubSpot sandbox, on old paths too.

Not asked of it: subscriptions, workflows, forms of v2, pipelines of v1 (which HubSpot ends on 4 Dec 2026), tickets by
a path of v4, and activities by a call that HubSpot does not document.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.strangers.hubspot_town import Town, open_town
from tests.strangers.installs import have, python_stranger, run

Records = dict[str, list[dict[str, Any]]]
LEFT_OUT = {
    "subscription_changes", "forms", "form_submissions", "workflows", "engagements", "deal_pipelines", "tickets",
}  # fmt: skip
LONG_MS = 10 * 365 * 86_400_000


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with open_town(tmp_path_factory.mktemp("town")) as opened:
        opened.sandbox.desk.associate("contacts", *_first(opened))
        _make_list(opened)
        yield opened


def _first(town: Town) -> tuple[str, str, str]:
    return min(town.ids("contacts"), key=int), "companies", min(town.ids("companies"), key=int)


def _make_list(town: Town) -> None:
    """A list by hand with two on it."""
    account = town.sandbox.account
    some = sorted(town.ids("contacts"), key=int)[:2]
    row = {"name": "名簿", "kind": "contacts", "processing": "MANUAL", "filterBranch": None, "version": 1}
    times = {"created": account.now, "updated": account.now}
    account.state.put("lists", "1", {"id": "1", **row, **times, "members": dict.fromkeys(some, account.now)})


@pytest.fixture(scope="module")
def told(town: Town, tmp_path_factory: pytest.TempPathFactory) -> Records:
    tap = have(lambda: python_stranger("tap-hubspot"), quick=True) / "tap-hubspot"
    home = tmp_path_factory.mktemp("singer")
    config = home / "config.json"
    told = {"api_key": town.sandbox.token, "start_date": "2015-01-01T00:00:00Z", "select_fields_by_default": "true"}
    config.write_text(json.dumps({**told, "email_chunk_size": LONG_MS}))
    found = run([tap, "--config", config, "--discover"], home=home, env=town.env)
    assert found.returncode == 0, found.stderr[-3_000:]
    chosen = json.loads(found.stdout)
    for stream in chosen["streams"]:
        for part in stream["metadata"]:
            part["metadata"]["selected"] = stream["tap_stream_id"] not in LEFT_OUT
    (home / "catalogue.json").write_text(json.dumps(chosen))
    done = run([tap, "--config", config, "--properties", home / "catalogue.json"], home=home, env=town.env)
    assert done.returncode == 0, done.stderr[-3_000:]
    records: Records = defaultdict(list)
    for line in done.stdout.splitlines():
        message = json.loads(line)
        if message["type"] == "RECORD":
            records[message["stream"]].append(message["record"])
    return records


def test_it_gets_every_contact_with_every_value(town: Town, told: Records) -> None:
    assert len(told["contacts"]) == len(town.ids("contacts"))
    copy = {r["id"]: {n.removeprefix("property_"): v for n, v in r.items()} for r in told["contacts"]}
    # Singer's library makes `false` of a truth that is not known, so that one is compared where it is true
    assert town.faults("contacts", copy, without=frozenset({"hs_email_optout"})) == []
    out = {i for i, row in town.rows("contacts").items() if _says(row, "hs_email_optout") and i in copy}
    assert {i for i, r in copy.items() if r["hs_email_optout"]} == out


def _says(row: Mapping[str, Any], name: str) -> bool:
    return row["values"].get(name) == "true"


@pytest.mark.parametrize(("kind", "key"), [("companies", "companyId"), ("deals", "dealId")])
def test_it_gets_every_company_and_deal_on_the_old_paths(town: Town, told: Records, kind: str, key: str) -> None:
    assert len(told[kind]) == len(town.ids(kind)) > 0
    copy = {
        str(r[key]): {n.removeprefix("property_"): v["value"] for n, v in r.items() if n.startswith("property_") and v}
        for r in told[kind]
    }
    assert town.faults(kind, copy) == []


def test_it_gets_who_belongs_to_which_company_and_deal(town: Town, told: Records) -> None:
    found = {(str(r["company-id"]), str(r["contact-id"])) for r in told["contacts_by_company"]}
    assert found == {(near, far) for near, far, _ in town.links("companies", "contacts")} != set()
    deals = {(str(r["dealId"]), str(i)) for r in told["deals"] for i in r["associations"]["associatedVids"]}
    assert deals == {(near, far) for near, far, _ in town.links("deals", "contacts")}


def test_it_gets_every_mailing_and_all_that_came_of_it(town: Town, told: Records) -> None:
    events = town.rows("mail_events")
    assert {r["id"]: r["type"] for r in told["email_events"]} == {i: e["type"] for i, e in events.items()}
    assert {str(r["id"]) for r in told["campaigns"]} == set(town.rows("campaigns"))
    for row in told["campaigns"]:
        opened = sum(1 for e in events.values() if (e["campaign"], e["type"]) == (str(row["id"]), "OPEN"))
        assert row["counters"].get("open", 0) == opened


def test_it_gets_the_users_the_lists_and_who_is_on_them(town: Town, told: Records) -> None:
    assert {r["id"] for r in told["owners"]} == set(town.rows("owners"))
    assert {(str(r["listId"]), r["name"]) for r in told["contact_lists"]} == {("1", "名簿")}
    on = {str(r["recordId"]) for r in told["list_memberships"]}
    assert on == set(town.rows("lists")["1"]["members"])


def test_nobody_else_is_asked(town: Town, told: Records) -> None:
    assert town.door.refused == []

"""The Salesforce CLI, unchanged, signs in to the local Salesforce, reads, exports, updates and asks for limits."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.strangers.installs import have, node, node_stranger, run
from tests.strangers.salesforce_org import Org, standing

FIELDS = ("Id", "LastName", "Company", "Email", "Score__c", "CreatedDate")
QUERY = f"SELECT {', '.join(FIELDS)} FROM Lead"
QUIET = dict.fromkeys(
    (
        "SF_DISABLE_TELEMETRY",
        "SF_AUTOUPDATE_DISABLE",
        "SF_SKIP_NEW_VERSION_CHECK",
        "SF_USE_GENERIC_UNIX_KEYCHAIN",
        "SFDX_DISABLE_DNS_CHECK",
    ),
    "true",
)
"""Its own settings for a machine without keychain and name server; nobody but the org is asked."""


@pytest.fixture(scope="module")
def org(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Org]:
    with standing(tmp_path_factory.mktemp("org"), bulk_page=30) as one:
        yield one


class Cli:
    """One command at a time, in one home, in which it stays signed in."""

    def __init__(self, org: Org, home: Path) -> None:
        sf = have(lambda: node_stranger("salesforce-cli")) / "node_modules" / "@salesforce" / "cli" / "bin" / "run.js"
        self.words = [have(lambda: node("newer-node")), sf]
        self.org, self.home = org, home

    def say(self, *words: str) -> Any:
        """What a command tells; it fails with a number that is not nought in `status`."""
        env = {**self.org.door.env, **QUIET, "SF_ACCESS_TOKEN": self.org.sandbox.token}
        told = run([*self.words, *words, "--json"], home=self.home, env=env, timeout=120)
        assert told.stdout.strip().startswith("{"), (told.returncode, told.stdout[-2000:], told.stderr[-2000:])
        return json.loads(told.stdout)

    def do(self, *words: str) -> Any:
        said = self.say(*words)
        assert said["status"] == 0, said
        return said["result"]

    def at(self, *words: str) -> Any:
        return self.do(*words, "--target-org", "local")


@pytest.fixture(scope="module")
def cli(org: Org, tmp_path_factory: pytest.TempPathFactory) -> Cli:
    one = Cli(org, tmp_path_factory.mktemp("cli"))
    told = one.do("org", "login", "access-token", "--instance-url", org.host, "--alias", "local", "--no-prompt")
    assert (told["username"], told["instanceUrl"]) == (org.sandbox.org.options.username, f"{org.host}/")
    return one


def some(rows: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {id_: {f: row[f] for f in FIELDS} for id_, row in rows.items()}


def free(org: Org) -> list[str]:
    return [id_ for id_, row in org.held("Lead").items() if not row["IsConverted"]]


@pytest.mark.parametrize("everything", [False, True], ids=["the living", "all that were"])
def test_it_queries_page_after_page(org: Org, cli: Cli, everything: bool) -> None:
    told = cli.at("data", "query", "--query", QUERY, *["--all-rows"] * everything)
    held = org.held("Lead", everything=everything)
    assert told["totalSize"] == len(held) > 60
    assert org.told("Lead", told["records"]) == some(held)


def test_it_says_what_is_wrong_with_a_query(cli: Cli) -> None:
    said = cli.say("data", "query", "--query", "SELECT Nope FROM Lead", "--target-org", "local")
    assert said["name"] == "INVALID_FIELD"
    assert "No such column 'Nope'" in said["message"]


def test_it_exports_in_bulk_over_several_pages(org: Org, cli: Cli) -> None:
    out = cli.home / "leads.csv"
    how = ("--output-file", str(out), "--result-format", "csv", "--wait", "2")
    cli.at("data", "export", "bulk", "--query", QUERY, *how)
    with out.open(newline="", encoding="utf-8") as file:
        records = list(csv.DictReader(file))
    assert len(records) == len(org.held("Lead")) > 90
    assert org.told("Lead", records) == some(org.held("Lead"))


def test_it_updates_in_bulk_and_reads_the_results(org: Org, cli: Cli) -> None:
    ids = free(org)[:40]
    org.sandbox.weather.poison(ids[5])
    file = cli.home / "scores.csv"
    file.write_text("Id,Score__c\n" + "".join(f"{id_},{n}.5\n" for n, id_ in enumerate(ids)))
    words = ("--sobject", "Lead", "--file", str(file), "--wait", "2", "--target-org", "local")
    said = cli.say("data", "update", "bulk", *words)
    assert said["name"] == "FailedRecordDetailsError"
    results = cli.at("data", "bulk", "results", "--job-id", said["data"]["jobId"])
    assert (results["processedRecords"], results["successfulRecords"], results["failedRecords"]) == (40, 39, 1)
    held = org.held("Lead")
    assert [held[i]["Score__c"] for i in ids if i != ids[5]] == [n + 0.5 for n in range(40) if n != 5]


def test_it_updates_one_record(org: Org, cli: Cli) -> None:
    one = free(org)[50]
    which = ("--sobject", "Lead", "--record-id", one)
    cli.at("data", "update", "record", *which, "--values", "Score__c=7 Title='部長 代理'")
    assert (org.held("Lead")[one]["Score__c"], org.held("Lead")[one]["Title"]) == (7.0, "部長 代理")
    assert cli.at("data", "get", "record", *which)["Title"] == "部長 代理"


def test_it_describes_and_lists_limits(org: Org, cli: Cli) -> None:
    told = cli.at("sobject", "describe", "--sobject", "Lead")
    assert {f["name"]: f["type"] for f in told["fields"] if f["type"] != "address"} == dict(org.fields("Lead"))
    assert set(cli.at("sobject", "list", "--sobject", "all")) == set(org.objects)
    limits = {row["name"]: row for row in cli.at("org", "list", "limits")}
    assert 0 < limits["DailyApiRequests"]["remaining"] < limits["DailyApiRequests"]["max"]


def test_it_asked_nobody_else(org: Org, cli: Cli) -> None:
    assert (set(org.door.led), org.door.refused) == ({org.sandbox.org.options.my_domain}, [])

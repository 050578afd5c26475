"""jsforce, unchanged, does with the local Salesforce what its users do with theirs."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.strangers.installs import have, node, node_stranger, run
from tests.strangers.salesforce_org import Org, plain, standing

SCRIPT = Path(__file__).with_name("jsforce.mjs")
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PUBLIC = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
QUERY = "SELECT Id, LastName, Company, Email, Score__c, IsConverted, CreatedDate FROM Lead"


@pytest.fixture(scope="module")
def org(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Org]:
    # one bulk page: this release of jsforce writes after the end when a second one comes
    with standing(tmp_path_factory.mktemp("org"), leads=420, page_size=40, bulk_page=50_000, jwt_key=PUBLIC) as one:
        yield one


def free(org: Org) -> list[str]:
    """Leads that may be written: a converted one may not."""
    return [id_ for id_, row in org.held("Lead").items() if not row["IsConverted"]]


class Jsforce:
    """Does one thing at a time, each in a process of its own."""

    def __init__(self, org: Org, home: Path) -> None:
        self.words = [have(node, quick=True), SCRIPT]
        self.modules = have(lambda: node_stranger("jsforce"), quick=True) / "package.json"
        self.org, self.home = org, home

    def say(self, deed: str, **more: Any) -> Any:
        at = {"modules": str(self.modules), "url": self.org.door.url, "token": self.org.sandbox.token}
        trust = {"NODE_EXTRA_CA_CERTS": str(self.org.door.ca_file)}
        told = run(self.words, home=self.home, env=trust, given=json.dumps({"deed": deed, **at, **more}), timeout=60)
        assert told.returncode == 0, told.stderr[-2000:]
        return json.loads(told.stdout)

    def do(self, deed: str, **more: Any) -> Any:
        said = self.say(deed, **more)
        assert "refused" not in said, said
        return said["told"]


@pytest.fixture
def jsforce(org: Org, home: Path) -> Jsforce:
    return Jsforce(org, home)


def test_it_signs_in_and_asks_who_it_is(org: Org, jsforce: Jsforce) -> None:
    app = {"clientId": org.sandbox.client_id, "clientSecret": org.sandbox.client_secret}
    by_app = jsforce.do("signInByClientCredentials", **app)
    username = org.sandbox.org.options.username
    claims = {"iss": org.sandbox.client_id, "sub": username, "aud": "https://login.salesforce.com"}
    assertion = jwt.encode({**claims, "exp": int(time.time()) + 170}, KEY, algorithm="RS256")
    by_key = jsforce.do("signInByAssertion", assertion=assertion)
    assert by_app["username"] == by_key["username"] == username
    by_word = jsforce.do("signInByPassword", username=username, password=org.sandbox.org.options.password)
    assert by_word["organizationId"] == by_app["organization_id"]


def test_it_is_told_why_it_is_not_let_in(org: Org, jsforce: Jsforce) -> None:
    said = jsforce.say("signInByClientCredentials", clientId=org.sandbox.client_id, clientSecret="guess")
    assert said["refused"] == "invalid_client"
    claims = {"iss": org.sandbox.client_id, "sub": "nobody", "aud": org.door.url, "exp": int(time.time()) + 170}
    said = jsforce.say("signInByAssertion", assertion=jwt.encode(claims, KEY, algorithm="RS256"))
    assert (said["refused"], said["message"]) == ("invalid_grant", "user hasn't approved this consumer")


@pytest.mark.parametrize("scan", [False, True], ids=["the living", "all that were"])
def test_it_reads_page_after_page_to_the_end(org: Org, jsforce: Jsforce, scan: bool) -> None:
    told = jsforce.do("read", query=QUERY, scanAll=scan)
    held = org.held("Lead", everything=scan)
    assert (told["total"], len(told["pages"])) == (len(held), -(-len(held) // 40))
    read = org.told("Lead", told["records"])
    assert read == {id_: {f: row[f] for f in next(iter(read.values()))} for id_, row in held.items()}


def test_it_is_told_what_there_is(org: Org, jsforce: Jsforce) -> None:
    told = jsforce.do("describe")
    assert {f["name"]: f["type"] for f in told["one"]["fields"] if f["type"] != "address"} == dict(org.fields("Lead"))
    assert [s["name"] for s in told["all"]["sobjects"]] == org.objects
    assert 0 < told["limits"]["DailyApiRequests"]["Remaining"] < told["limits"]["DailyApiRequests"]["Max"]


def test_it_updates_one(org: Org, jsforce: Jsforce) -> None:
    one = free(org)[0]
    assert jsforce.do("updateOne", record={"Id": one, "Score__c": 12.345}) == {"id": one, "success": True, "errors": []}
    assert org.held("Lead")[one]["Score__c"] == pytest.approx(12.35, abs=0.011)
    assert jsforce.say("updateOne", record={"Id": one, "Nope__c": 1})["refused"] == "INVALID_FIELD"


def test_it_updates_201_in_collections_and_learns_which_failed(org: Org, jsforce: Jsforce) -> None:
    ids = free(org)[:201]
    assert len(ids) == 201
    org.sandbox.weather.poison(ids[7])
    told = jsforce.do("updateMany", records=[{"Id": id_, "Score__c": n % 100} for n, id_ in enumerate(ids)])
    assert [r["success"] for r in told] == [n != 7 for n in range(201)]
    assert told[7]["errors"][0]["statusCode"] == "FIELD_CUSTOM_VALIDATION_EXCEPTION"
    held = org.held("Lead")
    assert [held[id_]["Score__c"] for id_ in ids if id_ != ids[7]] == [float(n % 100) for n in range(201) if n != 7]


def test_it_reads_in_bulk(org: Org, jsforce: Jsforce) -> None:
    read = org.told("Lead", jsforce.do("readInBulk", query=QUERY))
    held = org.held("Lead")
    assert read == {id_: {f: row[f] for f in next(iter(read.values()))} for id_, row in held.items()}


def test_it_writes_in_bulk_and_reads_the_three_results(org: Org, jsforce: Jsforce) -> None:
    ids = free(org)[201:221]
    org.sandbox.weather.poison(ids[3])
    records = [{"Id": id_, "Score__c": 55, "Title": None} for id_ in ids]
    told = jsforce.do("writeInBulk", records=records)
    results = told["results"]
    assert (told["failed"], told["info"]["state"]) == (None, "JobComplete")
    assert (told["info"]["numberRecordsProcessed"], told["info"]["numberRecordsFailed"]) == (20, 1)
    assert {r["sf__Id"] for r in results["successfulResults"]} == set(ids) - {ids[3]}
    assert [r["sf__Id"] for r in results["failedResults"]] == [ids[3]]
    assert results["failedResults"][0]["sf__Error"].startswith("FIELD_CUSTOM_VALIDATION_EXCEPTION:")
    assert results["unprocessedRecords"] == []
    held = org.held("Lead")
    assert {(held[i]["Score__c"], held[i]["Title"]) for i in set(ids) - {ids[3]}} == {(55.0, plain("string", ""))}


def test_a_job_that_was_stopped_says_what_was_not_done(org: Org, jsforce: Jsforce) -> None:
    ids = free(org)[221:231]
    org.sandbox.weather.stop_bulk_after(4)
    told = jsforce.do("writeInBulk", records=[{"Id": id_, "Score__c": 66} for id_ in ids])
    org.sandbox.weather.stop_bulk_after(None)
    results = told["results"]
    done = {r["sf__Id"] for r in results["successfulResults"]}
    assert told["info"]["state"] == "Failed"
    assert "TooManyLockFailure" in told["failed"]
    assert (len(done), {r["Id"] for r in results["unprocessedRecords"]}) == (4, set(ids) - done)
    assert {id_ for id_ in ids if org.held("Lead")[id_]["Score__c"] == 66.0} == done

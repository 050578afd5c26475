"""simple-salesforce, which nobody here wrote, works against the sandbox unchanged."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from requests.adapters import HTTPAdapter
from simple_salesforce import Salesforce, SalesforceLogin, format_soql
from simple_salesforce.exceptions import (
    SalesforceAuthenticationFailed,
    SalesforceExpiredSession,
    SalesforceMalformedRequest,
    SalesforceResourceNotFound,
)

from adapters.salesforce.sandbox import Options
from adapters.sandbox.server import Tls
from connector.clock import clock
from tests.unit.salesforce_sandbox.far import Clock, Far, opened


class Moving:
    """A clock that goes on a second with every look, so that jobs get done while a client polls."""

    def __init__(self, far: Far) -> None:
        self.far = far

    def __call__(self, *args: Any, **more: Any) -> None:
        self.far.clock.pass_(5)


@pytest.fixture
def far(sandbox_tls: Tls) -> Iterator[Far]:
    with opened(Options(page_size=3, bulk_page=3), tls=sandbox_tls) as one:
        one.desk.define_field("Lead", "Score__c", "Number", precision=5, scale=2)
        yield one


@pytest.fixture
def session(sandbox_tls: Tls) -> Iterator[requests.Session]:
    with requests.Session() as one:
        one.trust_env = False
        one.verify = str(sandbox_tls.ca_file)
        yield one


@pytest.fixture
def client(far: Far, session: requests.Session) -> Any:
    return Salesforce(session_id=far.sandbox.token, instance_url=far.running.url, session=session, version="67.0")


@pytest.fixture
def ids(far: Far) -> list[str]:
    return [far.desk.add("Lead", LastName=f"v{n}", Title="部長") for n in range(8)]


def test_it_reads_all_pages(client: Any, ids: list[str]) -> None:
    assert [r["Id"] for r in client.query_all("SELECT Id FROM Lead ORDER BY Id")["records"]] == ids
    text = format_soql("SELECT Id FROM Lead WHERE LastName = {} AND Title LIKE '{:like}%'", "v3", "部")
    assert client.query(text)["totalSize"] == 1
    assert len(list(client.query_all_iter("SELECT Id FROM Lead"))) == 8


def test_it_describes_gets_creates_updates_and_deletes(client: Any, far: Far, ids: list[str]) -> None:
    assert "Score__c" in {f["name"] for f in client.Lead.describe()["fields"]}
    assert "Lead" in {s["name"] for s in client.describe()["sobjects"]}
    assert client.Lead.get(ids[0])["LastName"] == "v0"
    assert client.Lead.update(ids[0], {"Score__c": 81.5}) == 204
    made = client.Lead.create({"LastName": "new", "Company": "C"})["id"]
    assert client.Lead.delete(made) == 204
    assert far.desk.shown("Lead", ids[0])["Score__c"] == "81.5"


def test_it_sends_collections_and_reads_limits(client: Any, ids: list[str]) -> None:
    records = [{"attributes": {"type": "Lead"}, "Id": i, "Score__c": 1} for i in (*ids, "nonsense")]
    told = client.restful("composite/sobjects", method="PATCH", json={"allOrNone": False, "records": records})
    assert [r["success"] for r in told] == [True] * 8 + [False]
    assert client.limits()["DailyApiRequests"]["Max"] == 110_000
    client.query("SELECT Id FROM Lead")
    assert client.api_usage["api-usage"].total == 110_000


def test_it_asks_what_was_updated_and_deleted(client: Any, far: Far, ids: list[str]) -> None:
    from datetime import UTC, datetime

    far.clock.pass_(120)
    far.desk.delete("Lead", ids[0])
    far.clock.pass_(10)
    start, end = datetime(2026, 11, 24, tzinfo=UTC), datetime(2026, 11, 24, 1, tzinfo=UTC)
    assert set(client.Lead.updated(start, end)["ids"]) == set(ids[1:])
    assert [r["id"] for r in client.Lead.deleted(start, end)["deletedRecords"]] == [ids[0]]


def test_its_errors_say_what_ours_say(client: Any, far: Far, ids: list[str]) -> None:
    with pytest.raises(SalesforceMalformedRequest) as refused:
        client.query("SELECT Nope FROM Lead")
    assert refused.value.content[0]["errorCode"] == "INVALID_FIELD"
    far.desk.delete("Lead", ids[0])
    with pytest.raises(SalesforceResourceNotFound) as gone:
        client.Lead.update(ids[0], {"Score__c": 1})
    assert gone.value.content[0]["errorCode"] == "ENTITY_IS_DELETED"
    far.weather.expire_token()
    with pytest.raises(SalesforceExpiredSession):
        client.query("SELECT Id FROM Lead")


def test_its_own_bulk_handler_reads_and_writes(
    client: Any, far: Far, ids: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # its waiting moves our clock instead of the day's
    monkeypatch.setattr("simple_salesforce.bulk2.sleep", Moving(far))
    pages = list(client.bulk2.Lead.query("SELECT Id, Title FROM Lead"))
    rows = [row for page in pages for row in csv.DictReader(io.StringIO(page, newline=""))]
    assert len(pages) == 3
    assert sorted(r["Id"] for r in rows) == ids
    far.weather.poison(ids[2])
    told = client.bulk2.Lead.update(records=[{"Id": i, "Score__c": "7", "Title": "#N/A"} for i in ids])
    assert [(t["numberRecordsProcessed"], t["numberRecordsFailed"]) for t in told] == [(8, 1)]
    job = told[0]["job_id"]
    failed = list(csv.DictReader(io.StringIO(client.bulk2.Lead.get_failed_records(job), newline="")))
    assert [r["sf__Id"] for r in failed] == [ids[2]]
    assert far.desk.shown("Lead", ids[0])["Title"] is None


def test_its_bulk_handler_creates_downloads_and_deletes(
    client: Any, far: Far, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simple_salesforce.bulk2.sleep", Moving(far))
    people = [{"LastName": f'山"田, {n}', "Company": "株式会社"} for n in range(7)]
    (told,) = client.bulk2.Lead.insert(records=people)
    done = client.bulk2.Lead.get_all_ingest_records(told["job_id"])
    made = [r["sf__Id"] for r in done["successfulRecords"]]
    assert (len(made), done["failedRecords"], done["unprocessedRecords"]) == (7, [], [])
    client.bulk2.Lead.download("SELECT Id, LastName FROM Lead", path=str(tmp_path), max_records=100)
    files = sorted(tmp_path.glob("*.csv"))
    rows = [r for file in files for r in csv.DictReader(io.StringIO(file.read_text("utf-8"), newline=""))]
    assert {r["Id"]: r["LastName"] for r in rows} == {i: far.desk.shown("Lead", i)["LastName"] for i in made}
    assert sorted(r["LastName"] for r in rows) == [p["LastName"] for p in people]
    client.bulk2.Lead.delete(records=[{"Id": made[0]}])
    assert client.query("SELECT COUNT() FROM Lead")["totalSize"] == 6
    assert client.query("SELECT COUNT() FROM Lead", include_deleted=True)["totalSize"] == 7


class Rerouted(HTTPAdapter):
    """Sends what is meant for a Salesforce host to the sandbox: logins have their hosts built in."""

    def __init__(self, far: Far) -> None:
        super().__init__()
        self.netloc = urlsplit(far.running.url).netloc

    def send(self, request: Any, *args: Any, **more: Any) -> Any:
        parts = urlsplit(request.url)
        request.url = parts._replace(netloc=self.netloc).geturl()
        return super().send(request, *args, **more)


@pytest.fixture
def rerouted(far: Far, session: requests.Session) -> requests.Session:
    session.mount("https://", Rerouted(far))
    return session


def test_it_signs_in_by_client_credentials(far: Far, rerouted: requests.Session, ids: list[str]) -> None:
    keys = {"consumer_key": far.sandbox.client_id, "consumer_secret": far.sandbox.client_secret}
    client = Salesforce(**keys, domain="acme.my", session=rerouted, version="67.0")
    assert client.query("SELECT COUNT() FROM Lead")["totalSize"] == 8
    with pytest.raises(SalesforceAuthenticationFailed):
        Salesforce(**{**keys, "consumer_secret": "wrong"}, domain="acme.my", session=rerouted)


def test_it_signs_in_by_a_key(sandbox_tls: Tls, session: requests.Session) -> None:
    # it takes the time of its assertion from the machine, so the org's clock is the machine's here
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    with opened(Options(jwt_key=public), tls=sandbox_tls, clock=Clock(clock(None)())) as far:
        session.mount("https://", Rerouted(far))
        keys = {"consumer_key": far.sandbox.client_id, "privatekey": private, "session": session}
        client = Salesforce(username=Options().username, **keys, version="67.0")
        assert client.query("SELECT COUNT() FROM Lead")["totalSize"] == 0
        with pytest.warns(UserWarning, match="authorize"), pytest.raises(SalesforceAuthenticationFailed):
            Salesforce(username="nobody", **keys)


def test_it_signs_in_by_soap(rerouted: requests.Session) -> None:
    told = Options()
    session_id, host = SalesforceLogin(
        username=told.username, password=told.password, security_token="T", session=rerouted
    )
    assert session_id.startswith("00D")
    assert host.startswith("127.0.0.1")

"""Signing in, renewing, waiting and being refused, at the edge of HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
import requests
import responses
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from responses import matchers

from adapters.http import Refused
from adapters.salesforce.bulk import rows_of
from adapters.salesforce.catalogue import Catalogue
from adapters.salesforce.config import SalesforceConfig
from adapters.salesforce.cursor import Place
from adapters.salesforce.push import push
from adapters.salesforce.session import Link, open_link
from connector.errors import AccessDenied, CRMError, Misunderstood, QuotaSpent, Unavailable, UserError
from connector.instants import parse_instant
from connector.model import Change, Ref
from connector.ports import Wants

HOST = "https://acme.my.salesforce.com"
BASE = f"{HOST}/services/data/v67.0/"
TOKEN = f"{HOST}/services/oauth2/token"
NOW = parse_instant("2026-11-24T00:00:00Z")
CONFIG = SalesforceConfig("acme", HOST, client_id="the-id", client_secret="the-secret")
EXPIRED = [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]
PAGE = {"totalSize": 0, "done": True, "records": []}
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.fixture
def http() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mock:
        yield mock


@pytest.fixture
def slept() -> list[float]:
    return []


@pytest.fixture
def link(slept: list[float]) -> Callable[..., Link]:
    return lambda **more: open_link(replace(CONFIG, **more), lambda: NOW, slept.append)


def tokens(http: responses.RequestsMock, *values: str) -> None:
    for value in values:
        http.post(TOKEN, json={"access_token": value, "instance_url": HOST, "issued_at": "1278448832702"})


def form(call: responses.Call) -> dict[str, str]:
    return {k: v[0] for k, v in parse_qs(str(call.request.body)).items()}


def test_client_credentials_are_asked_of_the_my_domain_host(http: responses.RequestsMock, link: Any) -> None:
    tokens(http, "t1")
    http.get(BASE + "query/", json=PAGE, match=[matchers.header_matcher({"Authorization": "Bearer t1"})])
    one = link()
    assert one.query("SELECT Id FROM Lead")["records"] == []
    assert form(http.calls[0]) == {
        "grant_type": "client_credentials",
        "client_id": "the-id",
        "client_secret": "the-secret",
    }
    assert dict(one.exchange.calls) == {"query": 1, "login": 1}


def test_a_jwt_names_who_asks_for_whom_and_for_how_long(http: responses.RequestsMock, link: Any) -> None:
    tokens(http, "t1")
    http.get(BASE + "query/", json=PAGE)
    link(client_secret=None, username="me@acme.example", private_key=PEM).query("SELECT Id FROM Lead")
    asked = form(http.calls[0])
    assert asked["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
    claims = jwt.decode(
        asked["assertion"],
        KEY.public_key(),
        ["RS256"],
        audience="https://login.salesforce.com",
        options={"verify_exp": False},
    )
    assert claims == {
        "iss": "the-id",
        "sub": "me@acme.example",
        "aud": "https://login.salesforce.com",
        "exp": NOW // 1_000_000 + 180,
    }


@pytest.mark.parametrize(
    ("host", "audience"),
    [
        ("https://acme.my.salesforce.com", "https://login.salesforce.com"),
        ("https://acme--uat.sandbox.my.salesforce.com", "https://test.salesforce.com"),
    ],
)
def test_the_audience_is_that_of_the_kind_of_org(host: str, audience: str) -> None:
    from adapters.salesforce.auth import audience as audience_of

    assert audience_of(host) == audience


def test_a_key_that_cannot_sign_is_named_and_not_shown(link: Any) -> None:
    with pytest.raises(UserError) as refused:
        link(client_secret=None, username="me", private_key="not-a-key").query("SELECT Id FROM Lead")
    assert "LEADHEAT_CONNECTIONS__ACME__PRIVATE_KEY" in str(refused.value)
    assert "not-a-key" not in str(refused.value)


def test_a_given_token_is_used_as_it_is_and_cannot_be_renewed(http: responses.RequestsMock, link: Any) -> None:
    http.get(BASE + "query/", json=EXPIRED, status=401)
    with pytest.raises(AccessDenied) as denied:
        link(client_id=None, client_secret=None, access_token="given").query("SELECT Id FROM Lead")
    assert "LEADHEAT_CONNECTIONS__ACME__ACCESS_TOKEN" in str(denied.value)
    assert "given" not in str(denied.value)


@pytest.mark.parametrize("code", ["invalid_grant", "invalid_client", "invalid_client_id", "unsupported_grant_type"])
def test_a_refused_sign_in_is_not_tried_again(http: responses.RequestsMock, link: Any, code: str) -> None:
    http.post(TOKEN, json={"error": code, "error_description": "the-secret is wrong"}, status=400)
    with pytest.raises(AccessDenied) as denied:
        link().query("SELECT Id FROM Lead")
    told = str(denied.value) + denied.value.in_("ja")
    assert code in told and "acme" in told and "LEADHEAT_CONNECTIONS__ACME__CLIENT_SECRET" in told
    assert "the-secret" not in told
    assert len(http.calls) == 1


def test_an_expired_session_is_renewed_once_with_every_header_kept(http: responses.RequestsMock, link: Any) -> None:
    tokens(http, "t1", "t2")
    old = [matchers.header_matcher({"Authorization": "Bearer t1"})]
    new = [
        matchers.header_matcher(
            {
                "Authorization": "Bearer t2",
                "Sforce-Auto-Assign": "FALSE",
                "Sforce-Duplicate-Rule-Header": "allowSave=true",
            }
        )
    ]
    http.patch(BASE + "composite/sobjects", json=EXPIRED, status=401, match=old)
    http.patch(BASE + "composite/sobjects", json=[{"success": True}], match=new)
    assert link().call("PATCH", "composite/sobjects", "write", {"records": []}) == [{"success": True}]


def test_a_session_refused_anew_denies_access(http: responses.RequestsMock, link: Any) -> None:
    tokens(http, "t1", "t2")
    http.get(BASE + "query/", json=EXPIRED, status=401)
    with pytest.raises(AccessDenied) as denied:
        link().query("SELECT Id FROM Lead")
    assert "CLIENT_SECRET" in str(denied.value)
    assert len(http.calls) == 4, "one new token, one more try"


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (403, [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "TotalRequests Limit exceeded."}], QuotaSpent),
        (403, [{"errorCode": "API_DISABLED_FOR_ORG", "message": "x"}], AccessDenied),
        (400, [{"errorCode": "MALFORMED_QUERY", "message": "x"}], Misunderstood),
        (503, "<html>down</html>", Unavailable),
        (200, "<html>maintenance</html>", Unavailable),
    ],
)
def test_refusals_become_our_errors(
    http: responses.RequestsMock, link: Any, status: int, body: object, kind: type[CRMError]
) -> None:
    tokens(http, "t1")
    http.get(BASE + "query/", body=body if isinstance(body, str) else json.dumps(body), status=status)
    with pytest.raises(kind):
        link().query("SELECT Id FROM Lead")


def test_a_broken_connection_is_tried_again(http: responses.RequestsMock, link: Any, slept: list[float]) -> None:
    tokens(http, "t1")
    http.get(BASE + "query/", body=requests.ConnectionError("reset"))
    http.get(BASE + "query/", json=PAGE)
    assert link().query("SELECT Id FROM Lead") == PAGE
    assert len(slept) == 1


def test_our_share_of_the_day_is_kept_to(http: responses.RequestsMock, link: Any) -> None:
    tokens(http, "t1")
    http.get(BASE + "query/", json=PAGE, headers={"Sforce-Limit-Info": "api-usage=50/100"})
    one = link(api_budget=0.5)
    one.query("SELECT Id FROM Lead")
    with pytest.raises(QuotaSpent):
        one.query("SELECT Id FROM Lead")


def test_now_is_the_servers(http: responses.RequestsMock, link: Any) -> None:
    tokens(http, "t1")
    http.get(BASE + "query/", json=PAGE, headers={"Date": "Tue, 24 Nov 2026 01:02:03 GMT"})
    one = link()
    assert one.server_now() == NOW
    one.query("SELECT Id FROM Lead")
    assert one.server_now() == parse_instant("2026-11-24T01:02:03Z")


def test_numbers_come_exactly(http: responses.RequestsMock, link: Any) -> None:
    tokens(http, "t1")
    http.get(BASE + "query/", body='{"totalSize":1,"done":true,"records":[{"AnnualRevenue":12345678901234567.89}]}')
    assert str(link().query("SELECT AnnualRevenue FROM Lead")["records"][0]["AnnualRevenue"]) == "12345678901234567.89"


def test_an_object_that_is_not_there_is_none_and_no_error(http: responses.RequestsMock, link: Any) -> None:
    tokens(http, "t1")
    http.get(BASE + "sobjects/Nope__c/describe", json=[{"errorCode": "NOT_FOUND", "message": "x"}], status=404)
    http.get(BASE + "sobjects/Lead/describe", json=[{"errorCode": "MALFORMED_ID", "message": "x"}], status=400)
    one = link()
    assert one.describe("Nope__c", len) is None
    with pytest.raises(Refused):
        one.describe("Lead", len)


def test_results_that_break_off_are_taken_up_where_they_broke(
    http: responses.RequestsMock, link: Any, slept: list[float]
) -> None:
    tokens(http, "t1")
    results = BASE + "jobs/query/750/results"
    whole = {"Sforce-NumberOfRecords": "3", "Sforce-Locator": "null"}
    http.get(results, body='"Id","Title"\n"1","部長"\n"2",""\n'.encode(), headers=whole)
    http.get(results, body='"Id","Title"\n"1","部長"\n"2",""\n"3","a\nb"\n'.encode(), headers=whole)
    chunks = list(rows_of(link(), 2, Place(job="750")))
    assert [list(row) for c in chunks for row in c.rows] == [["1", "部長"], ["2", ""], ["3", "a\nb"]]
    assert chunks[-1].done and slept


def test_results_that_always_break_off_end_the_pass(http: responses.RequestsMock, link: Any) -> None:
    tokens(http, "t1")
    http.get(BASE + "jobs/query/750/results", body=b'"Id"\n', headers={"Sforce-NumberOfRecords": "3"})
    with pytest.raises(Unavailable):
        list(rows_of(link(), 1, Place(job="750")))


def test_results_with_other_columns_than_asked_are_not_guessed_at(http: responses.RequestsMock, link: Any) -> None:
    tokens(http, "t1")
    http.get(BASE + "jobs/query/750/results", body=b'"Id","Extra"\n')
    with pytest.raises(Misunderstood):
        list(rows_of(link(), 1, Place(job="750")))


def test_a_call_that_does_not_answer_each_row_leaves_them_unknown(http: responses.RequestsMock, link: Any) -> None:
    tokens(http, "t1")
    fields = [{"name": "Score__c", "type": "double", "updateable": True}]
    http.get(BASE + "sobjects/Lead/describe", json={"fields": fields})
    http.patch(BASE + "composite/sobjects", json=[{"success": True}])
    one = link()
    wants = Wants(people={"Lead": frozenset()}, results={"Lead": {"score": "Score__c"}})
    changes = [Change(Ref("acme", "Lead", f"00Q{n}"), {}, {"Score__c": n}) for n in range(2)]
    assert [r.status for r in push(one, Catalogue(one), wants, changes)] == ["unknown", "unknown"]


def test_what_was_written_before_salesforce_fell_silent_is_told(http: responses.RequestsMock, link: Any) -> None:
    tokens(http, "t1")
    fields = [{"name": "Score__c", "type": "double", "updateable": True}]
    http.get(BASE + "sobjects/Lead/describe", json={"fields": fields})
    http.patch(BASE + "composite/sobjects", json=[{"success": True}] * 200)
    http.patch(BASE + "composite/sobjects", json=[{"errorCode": "SERVER_UNAVAILABLE"}], status=503)
    one = link()
    wants = Wants(people={"Lead": frozenset()}, results={"Lead": {"score": "Score__c"}})
    changes = [Change(Ref("acme", "Lead", f"00Q{n}"), {}, {"Score__c": n}) for n in range(250)]
    statuses = [r.status for r in push(one, Catalogue(one), wants, changes)]
    assert statuses == ["written"] * 200 + ["unknown"] * 50


def test_proxies_come_from_the_environment_and_passwords_do_not(
    http: responses.RequestsMock, link: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A password in ~/.netrc would be sent in place of our token."""
    (tmp_path / ".netrc").write_text(f"machine {urlsplit(BASE).hostname} login me password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    tokens(http, "t1")
    http.get(BASE + "query/", json={"totalSize": 0, "done": True, "records": []})
    one = link()
    one.query("SELECT Id FROM Lead")
    assert http.calls[-1].request.headers["Authorization"] == "Bearer t1"
    assert one.wire.session.proxies["https"] == "http://proxy.example:3128"

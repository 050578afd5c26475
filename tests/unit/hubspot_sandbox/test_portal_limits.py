"""Tokens, limits and bad weather."""

from __future__ import annotations

import json

import pytest
import requests

from adapters.hubspot.sandbox import Options
from adapters.hubspot.sandbox.weather import AWAY, BUSY, EDGE, LATE, LOCKED, MOVING
from adapters.sandbox.faults import Fault
from connector.instants import parse_instant
from tests.unit.hubspot_sandbox.portal import CONTACTS, Portal, V, opened

INFO = f"/account-info/{V}/details"


@pytest.mark.parametrize(
    "headers", [{"Authorization": ""}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic x"}]
)
@pytest.mark.parametrize("path", [INFO, CONTACTS, "/nowhere"])
def test_a_stranger_is_turned_away_everywhere(portal: Portal, path: str, headers: dict) -> None:
    answer = portal.ask("GET", path, headers=headers)
    assert (answer.status_code, answer.json()["category"]) == (401, "INVALID_AUTHENTICATION")


def refresh(portal: Portal, path: str = f"/oauth/{V}/token", **more: str) -> requests.Response:
    options = portal.sandbox.account.options
    form = {
        "grant_type": "refresh_token", "client_id": options.client_id, "client_secret": options.client_secret,
        "refresh_token": options.refresh_token, **more,
    }  # fmt: skip
    return portal.session.post(portal.server.url + path, data=form, timeout=10)


@pytest.mark.parametrize("path", [f"/oauth/{V}/token", "/oauth/v1/token", "/oauth/v3/token"])
def test_an_access_token_is_good_for_half_an_hour(portal: Portal, path: str) -> None:
    told = refresh(portal, path).json()
    assert (told["token_type"], told["expires_in"]) == ("bearer", 1_800)
    assert told["refresh_token"] == portal.sandbox.account.options.refresh_token, "it does not rotate"
    headers = {"Authorization": f"Bearer {told['access_token']}"}
    portal.later(1_799)
    assert portal.ask("GET", INFO, headers=headers).status_code == 200
    portal.later(1)
    late = portal.ask("GET", INFO, headers=headers)
    assert (late.status_code, late.json()["category"]) == (401, "EXPIRED_AUTHENTICATION")


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"refresh_token": "x"}, "invalid_grant"), ({"client_secret": "x"}, "invalid_client"),
        ({"grant_type": "x"}, "unsupported_grant_type"),
    ],
)  # fmt: skip
def test_a_refused_refresh_is_worded_as_rfc_6749_has_it(portal: Portal, more: dict, error: str) -> None:
    answer = refresh(portal, **more)
    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert {"error_description", "status", "message"} <= set(answer.json())


def test_a_query_string_is_no_form(portal: Portal) -> None:
    options = portal.sandbox.account.options
    query = f"?grant_type=refresh_token&client_id={options.client_id}&client_secret={options.client_secret}"
    url = f"{portal.server.url}/oauth/{V}/token{query}&refresh_token={options.refresh_token}"
    assert portal.session.post(url, timeout=10).status_code == 400


def test_an_expired_token_is_replaced_and_a_revoked_one_is_not(portal: Portal) -> None:
    old, access = portal.sandbox.token, refresh(portal).json()["access_token"]
    portal.sandbox.weather.expire_token()
    for token, category in ((old, "INVALID_AUTHENTICATION"), (access, "EXPIRED_AUTHENTICATION")):
        answer = portal.ask("GET", INFO, headers={"Authorization": f"Bearer {token}"})
        assert (answer.status_code, answer.json()["category"]) == (401, category)
    assert portal.get(INFO).status_code == 200, "sandbox.token is the new one"
    assert refresh(portal).status_code == 200
    new = portal.sandbox.token
    portal.sandbox.weather.revoke_token()
    assert portal.sandbox.token == ""
    assert portal.ask("GET", INFO, headers={"Authorization": f"Bearer {new}"}).status_code == 401
    assert refresh(portal).json()["status"] == "BAD_REFRESH_TOKEN"


@pytest.mark.parametrize(("tier", "most", "daily"), [("free", 100, 250_000), ("professional", 190, 625_000)])
def test_so_many_calls_are_allowed_in_ten_seconds(tier: str, most: int, daily: int) -> None:
    with opened(Options(tier=tier)) as portal:
        first = portal.get(INFO)
        assert first.headers["X-HubSpot-RateLimit-Max"] == str(most)
        assert first.headers["X-HubSpot-RateLimit-Remaining"] == str(most - 1)
        assert first.headers["X-HubSpot-RateLimit-Interval-Milliseconds"] == "10000"
        assert first.headers["X-HubSpot-RateLimit-Daily"] == str(daily)
        assert first.headers["X-HubSpot-RateLimit-Daily-Remaining"] == str(daily - 1)
        portal.later(5)
        assert {portal.get(INFO).status_code for _ in range(most - 1)} == {200}
        refused, again = portal.get(INFO), portal.get(INFO)
        assert refused.status_code == again.status_code == 429
        assert refused.json()["policyName"] == "TEN_SECONDLY_ROLLING"
        assert refused.json()["errorType"] == "RATE_LIMIT"
        assert (refused.headers["Retry-After"], "Retry-After" in again.headers) == ("5", False), (
            "now and then it is told"
        )
        portal.later(5)
        assert portal.get(INFO).status_code == 200, "the window rolls"
        assert portal.get(INFO).status_code == 429


def test_search_has_a_limit_of_its_own_and_tells_nothing_of_the_other() -> None:
    with opened() as relaxed:
        assert {relaxed.post(f"{CONTACTS}/search", {}).status_code for _ in range(20)} == {200}
    with opened(Options()) as portal:
        answers = [portal.post(f"{CONTACTS}/search", {}) for _ in range(6)]
        assert [a.status_code for a in answers] == [200] * 5 + [429]
        assert set(answers[5].json()) == {"status", "message", "correlationId", "category"}
        assert answers[5].json()["category"] == "RATE_LIMITS"
        assert "Retry-After" not in answers[5].headers
        limits = {name.lower() for name in answers[0].headers if "ratelimit" in name.lower()}
        assert limits == {"x-hubspot-ratelimit-daily", "x-hubspot-ratelimit-daily-remaining"}
        assert portal.get(INFO).status_code == 200
        portal.later(1)
        assert portal.post(f"{CONTACTS}/search", {}).status_code == 200


def test_association_batches_count_by_themselves() -> None:
    with opened(Options(tier="free")) as portal:
        path = f"/crm/associations/{V}/contacts/calls/batch/read"
        assert [portal.post(path, {"inputs": []}).status_code for _ in range(101)] == [200] * 100 + [429]
        told = portal.get(INFO)
        assert (told.status_code, told.headers["X-HubSpot-RateLimit-Daily-Remaining"]) == (200, "249999")


def test_the_day_ends_at_midnight_where_the_account_is() -> None:
    with opened(Options(daily_limit=3)) as portal:
        portal.clock[0] = parse_instant("2026-11-24T14:00:00Z")  # 23:00 in Tokyo
        assert [portal.get(INFO).status_code for _ in range(4)] == [200, 200, 200, 429]
        told = portal.get(INFO).json()
        assert (told["policyName"], told["message"]) == ("DAILY", "You have reached your daily limit.")
        portal.later(3_600)
        usage = portal.get(f"/account-info/{V}/api-usage/daily/private-apps").json()["results"][0]
        assert (usage["usageLimit"], usage["currentUsage"], usage["resetsAt"]) == (3, 1, "2026-11-25T15:00:00Z")


def test_the_next_requests_are_throttled_on_demand(portal: Portal) -> None:
    portal.sandbox.weather.throttle(2, 3)
    first, second, third = (portal.get(INFO) for _ in range(3))
    assert [a.status_code for a in (first, second, third)] == [429, 429, 200]
    assert first.headers["Retry-After"] == "3"
    portal.sandbox.weather.throttle(1, None)
    assert "Retry-After" not in portal.get(INFO).headers


@pytest.mark.parametrize(
    ("fault", "status"), [(LOCKED, 423), (MOVING, 477), (BUSY, 502), (AWAY, 503), (LATE, 524), (EDGE, 429)]
)
def test_what_else_can_go_wrong_goes_wrong_on_demand(portal: Portal, fault: Fault, status: int) -> None:
    portal.sandbox.weather.befall(fault)
    answer = portal.get(INFO)
    assert answer.status_code == status
    assert (status == 477) == ("Retry-After" in answer.headers)
    if fault in (LATE, EDGE):
        with pytest.raises(json.JSONDecodeError):
            json.loads(answer.text)
    assert portal.get(INFO).status_code == 200


def test_a_connection_may_break_and_a_gateway_may_answer(portal: Portal) -> None:
    portal.sandbox.weather.befall(Fault("reset"))
    with pytest.raises(requests.RequestException):
        portal.get(INFO)
    portal.sandbox.weather.befall(Fault("html"))
    assert "<html>" in portal.get(INFO).text


def test_every_answer_has_a_number_to_quote(portal: Portal) -> None:
    assert portal.get(INFO).headers["X-HubSpot-Correlation-Id"]
    refused = portal.get("/nowhere")
    assert refused.json()["correlationId"]
    wrong = portal.get(CONTACTS, limit=1_000)
    assert wrong.json()["correlationId"] == wrong.headers["X-HubSpot-Correlation-Id"]


def test_the_account_says_who_and_where_it_is(portal: Portal) -> None:
    told = portal.get(INFO).json()
    assert (told["timeZone"], told["utcOffset"], told["utcOffsetMilliseconds"]) == ("Asia/Tokyo", "+09:00", 32_400_000)
    assert (told["uiDomain"], told["accountType"]) == ("app.hubspot.com", "STANDARD")

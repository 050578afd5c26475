"""What HubSpot's answers mean."""

from __future__ import annotations

import json

import pytest

from adapters.http import Answer, answered
from adapters.hubspot.verdicts import decide, spent, window


def answer(status: int, body: object = None, **headers: str) -> Answer:
    raw = body.encode() if isinstance(body, str) else json.dumps(body).encode() if body is not None else b""
    return answered(status, {k.replace("_", "-"): v for k, v in headers.items()}, raw)


ROLLING = {
    "message": "You have reached your ten_secondly_rolling limit.",
    "errorType": "RATE_LIMIT",
    "policyName": "TEN_SECONDLY_ROLLING",
}
DAILY = {"message": "You have reached your daily limit.", "errorType": "RATE_LIMIT", "policyName": "DAILY"}
SECONDLY = {"status": "error", "message": "You have reached your secondly limit.", "category": "RATE_LIMITS"}


@pytest.mark.parametrize(
    ("said", "kind", "after"),
    [
        (answer(200, {"results": []}), "ok", None),
        (answer(207, {"results": []}), "ok", None),
        (answer(204), "ok", None),
        (answer(200), "retry", None),
        (answer(200, '{"results": [{"id"'), "retry", None),
        (answer(200, "<html>"), "retry", None),
        (answer(400, {"category": "VALIDATION_ERROR"}), "refused", None),
        (answer(404, {"category": "OBJECT_NOT_FOUND"}), "refused", None),
        (answer(404, "<html>"), "refused", None),
        (answer(409, {"category": "CONFLICT"}), "refused", None),
        (answer(414, "URI too long"), "refused", None),
        (answer(401, {"category": "INVALID_AUTHENTICATION"}), "denied", None),
        (answer(401, "gone"), "denied", None),
        (answer(403, {"category": "MISSING_SCOPES"}), "denied", None),
        (answer(403, "<html>Attention required</html>"), "retry", None),
        (answer(423, {"category": "LOCKED"}), "retry", 2.0),
        (answer(477, {"category": "MIGRATION_IN_PROGRESS"}), "retry", 3_600.0),
        (answer(429, ROLLING), "retry", 10.0),
        (answer(429, SECONDLY), "retry", 1.0),
        (answer(429, DAILY), "quota", None),
        (answer(429, "error code: 1015"), "retry", 10.0),
        *[(answer(status, "x"), "retry", None) for status in (408, 500, 502, 503, 504, 521, 522, 523, 524, 525, 526)],
    ],
    ids=lambda told: f"{told.status}" if isinstance(told, Answer) else None,
)
def test_each_answer_has_one_meaning(said: Answer, kind: str, after: float | None) -> None:
    verdict = decide(said, "acme", "LEADHEAT_CONNECTIONS__ACME__TOKEN")
    assert (verdict.kind, verdict.after) == (kind, after)


def test_a_missing_scope_is_named() -> None:
    context = {"requiredGranularScopes": ["crm.objects.deals.read", "crm.objects.deals.sensitive.read"]}
    body = {"category": "MISSING_SCOPES", "errors": [{"message": "…", "context": context}], "correlationId": "c-9"}
    verdict = decide(answer(403, body), "acme", "T")
    assert verdict.problem is not None
    told = verdict.problem.in_("en")
    assert "crm.objects.deals.read, crm.objects.deals.sensitive.read" in told
    assert "acme" in told


def test_a_bad_token_names_connection_and_setting() -> None:
    problem = decide(answer(401, {}), "acme", "LEADHEAT_CONNECTIONS__ACME__TOKEN").problem
    assert problem is not None
    for lang in ("en", "ja"):
        told = problem.in_(lang)
        assert "LEADHEAT_CONNECTIONS__ACME__TOKEN" in told
        assert "acme" in told


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"category": "VALIDATION_ERROR", "errors": [{"code": "INVALID_OPTION"}]}, "INVALID_OPTION"),
        ({"category": "VALIDATION_ERROR", "message": "taro@example.co.jp is bad"}, "VALIDATION_ERROR"),
        ({"category": "山田 太郎", "status": "error"}, "error"),
        ({"errors": ["not an object"], "category": 3}, ""),
        ([], ""),
    ],
)
def test_the_most_telling_code_word_is_kept_and_nothing_else(body: object, code: str) -> None:
    assert decide(answer(400, body), "acme", "T").code == code


@pytest.mark.parametrize(
    ("headers", "share"),
    [
        ({"X_HubSpot_RateLimit_Daily": "1000", "X_HubSpot_RateLimit_Daily_Remaining": "250"}, 0.75),
        ({"X_HubSpot_RateLimit_Daily": "0", "X_HubSpot_RateLimit_Daily_Remaining": "0"}, None),
        ({"X_HubSpot_RateLimit_Daily": "1000"}, None),
        ({"X_HubSpot_RateLimit_Daily": "many", "X_HubSpot_RateLimit_Daily_Remaining": "few"}, None),
        ({}, None),
    ],
)
def test_how_much_of_the_day_is_gone_is_read_where_it_is_told(headers: dict[str, str], share: float | None) -> None:
    assert spent(answer(200, {}, **headers)) == share


@pytest.mark.parametrize(
    ("headers", "limit"),
    [
        ({"X_HubSpot_RateLimit_Max": "190", "X_HubSpot_RateLimit_Interval_Milliseconds": "10000"}, (190, None)),
        ({"X_HubSpot_RateLimit_Max": "190", "X_HubSpot_RateLimit_Remaining": "7"}, (190, 7)),
        ({"X_HubSpot_RateLimit_Max": "5", "X_HubSpot_RateLimit_Interval_Milliseconds": "1000"}, None),
        ({"X_HubSpot_RateLimit_Max": "0"}, None),
        ({}, None),
    ],
)
def test_how_many_calls_a_window_has_is_read_where_it_is_told(
    headers: dict[str, str], limit: tuple[int, int | None] | None
) -> None:
    assert window(answer(200, {}, **headers)) == limit

"""What HubSpot's answers mean: pure decisions on status, headers and body, every field of which may be missing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from adapters.http import OK, Answer, Verdict, code_word, plain_id
from connector.errors import AccessDenied, LeadheatError, Problem
from connector.words import say

SCOPE = "LH-511"
LOCKED, ROLLING, SECONDLY, MOVING = 2.0, 10.0, 1.0, 3_600.0
"""Seconds to wait for: a record's lock, the ten-second window, search's one-second window, a data centre move."""


def decide(answer: Answer, connection: str, setting: str) -> Verdict:
    """What an answer means for `connection`, whose token stands in `setting`."""
    body = answer.document if isinstance(answer.document, dict) else {}
    code, request = _code(body), _request(answer, body)
    if answer.done:
        whole = answer.status == 204 or answer.document is not None
        return OK if whole else Verdict("retry", code, request)
    if answer.status == 401:
        return Verdict("denied", code, request, problem=_bad_token(connection, setting))
    if answer.status == 403:
        return _forbidden(body, code, request, connection)
    if answer.status == 429:
        return _too_many(body, code, request)
    waits = {423: LOCKED, 477: MOVING}
    if answer.status in waits or answer.status in {408, 425} or answer.status >= 500:
        return Verdict("retry", code, request, waits.get(answer.status))
    return Verdict("refused", code, request)


def _too_many(body: Mapping[str, Any], code: str, request: str) -> Verdict:
    """Three shapes are known; the policy's name is told by two of them, the message by all."""
    told = f"{body.get('policyName', '')} {body.get('message', '')}".lower()
    if "daily" in told:
        return Verdict("quota", code or "DAILY", request)
    rolling = "ten_secondly" in told or "secondly" not in told
    return Verdict("retry", code, request, ROLLING if rolling else SECONDLY)


def _forbidden(body: Mapping[str, Any], code: str, request: str, connection: str) -> Verdict:
    if not body:
        return Verdict("retry", code, request)  # an edge in front of HubSpot, not HubSpot
    scopes = ", ".join(sorted(_scopes(body)))
    if scopes:
        what = say(
            "{connection}: HubSpot's token lacks a scope; any one of these will do: {scopes}",
            connection=connection,
            scopes=scopes,
        )
    else:
        what = say("{connection}: HubSpot forbids this ({code})", connection=connection, code=code or "403")
    fix = say("Add it to the service key (Development > Keys > Service keys), or leave out what needs it.")
    return Verdict("denied", code, request, problem=Problem(SCOPE, what, fix=fix))


def _bad_token(connection: str, setting: str) -> Problem:
    what = say("{connection}: the CRM does not accept our token", connection=connection)
    return Problem("LH-510", what, setting, say("Store a new one: 'leadheat connect {name}'.", name=connection))


def _scopes(body: Mapping[str, Any]) -> set[str]:
    contexts = [e.get("context") for e in errors_of(body)] + [body.get("context")]
    told = [c.get("requiredGranularScopes") or c.get("requiredScopes") for c in contexts if isinstance(c, dict)]
    return {word for scopes in told if isinstance(scopes, list) for word in map(code_word, scopes) if word}


def lacks_scope(error: LeadheatError) -> bool:
    """Whether access was denied for want of a scope or a plan, not because the token is bad."""
    return isinstance(error, AccessDenied) and error.problems[0].code == SCOPE


def errors_of(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The entries of `errors`, whatever else stands there."""
    told = body.get("errors")
    return [e for e in told if isinstance(e, dict)] if isinstance(told, list) else []


def _code(body: Mapping[str, Any]) -> str:
    """HubSpot's most telling code word: the first error's, then the sub-category's, then the category's."""
    codes = [e.get("code") for e in errors_of(body)]
    words = [*codes, body.get("policyName"), body.get("category"), body.get("errorType"), body.get("status")]
    return next((word for word in map(code_word, words) if word), "")


def _request(answer: Answer, body: Mapping[str, Any]) -> str:
    return plain_id(body.get("correlationId")) or plain_id(answer.headers.get("x-hubspot-correlation-id"))


def spent(answer: Answer) -> float | None:
    """The share of the account's day that is gone, by the headers; search answers have none, some accounts neither."""
    try:
        whole = int(answer.headers["x-hubspot-ratelimit-daily"])
        left = int(answer.headers["x-hubspot-ratelimit-daily-remaining"])
    except (KeyError, ValueError):
        return None
    return 1 - left / whole if whole > 0 else None


def window(answer: Answer) -> tuple[int, int | None] | None:
    """How many calls HubSpot allows in ten seconds and how many of them are left, if the answer says so."""
    limit = _count(answer, "x-hubspot-ratelimit-max")
    interval = _count(answer, "x-hubspot-ratelimit-interval-milliseconds")
    if limit is None or limit <= 0 or interval not in {None, 10_000}:
        return None
    return limit, _count(answer, "x-hubspot-ratelimit-remaining")


def _count(answer: Answer, header: str) -> int | None:
    told = answer.headers.get(header, "")
    return int(told) if told.isdecimal() else None

"""Who comes in, and how often: tokens, the three counters, the weather (NOTES 1, 4, 11, 20 to 23, 32)."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from werkzeug.wrappers import Request, Response

from adapters.hubspot.sandbox.account import Account
from adapters.hubspot.sandbox.answers import Json, Refusal, correlation, iso_ms
from adapters.hubspot.sandbox.options import ASSOCIATIONS_BURST, ASSOCIATIONS_DAILY
from adapters.sandbox.faults import Fault

BURST_MS, SECOND_MS, SEARCHES = 10_000, 1_000, 5
LONGEST = 16_384
"""Characters of path and query that the edge lets through; how many the real one does is not known (NOTES 25)."""

TOO_LONG = Fault("answer", 414, b"<html><title>414 Request-URI Too Large</title></html>", {"Content-Type": "text/html"})


@dataclass(slots=True)
class Throttle:
    """Refuse the next `times` requests, to be retried after `retry_after` seconds if it is told at all."""

    times: int = 0
    retry_after: float | None = None


@dataclass(slots=True)
class Counters:
    """What was called of late. Only in memory: a sandbox started anew has a fresh day."""

    burst: deque[int] = field(default_factory=deque)
    searches: deque[int] = field(default_factory=deque)
    links: deque[int] = field(default_factory=deque)
    day: str = ""
    today: int = 0
    links_today: int = 0
    refused: int = 0


@dataclass(slots=True)
class Gate:
    """The account's door. `faults` go wrong with the next requests, one with each."""

    account: Account
    counters: Counters = field(default_factory=Counters)
    throttle: Throttle = field(default_factory=Throttle)
    faults: deque[Fault] = field(default_factory=deque)
    away_until: int = 0

    def fault(self, request: Request) -> Fault | None:
        """What goes wrong with this request, if anything. A URL that is too long is turned away at the edge, before
        anybody asks whose it is."""
        if len(request.path) + len(request.query_string) > LONGEST:
            return TOO_LONG
        return self.faults.popleft() if self.faults else None

    def enter(self, request: Request) -> None:
        """Let a request in, or raise Refusal."""
        if self.account.now < self.away_until:
            raise _moving(self.away_until - self.account.now)
        if request.path.startswith("/oauth/"):
            return
        refuse_stranger(self.account, request)
        if self.throttle.times > 0:
            self.throttle.times -= 1
            raise too_many(_TEN_SECONDS, self.throttle.retry_after)
        if self.account.options.rate_limits:
            self._count(request.path)

    def _count(self, path: str) -> None:
        """Each kind of call has its own counter; associations' batches their own day as well (NOTES 20)."""
        now, c = self.account.now, self.counters
        self._new_day()
        if is_link_batch(path):
            _room(c.links, now, BURST_MS, ASSOCIATIONS_BURST[self.account.options.tier], self._rolling)
            if c.links_today >= ASSOCIATIONS_DAILY:
                raise too_many(_DAILY, None)
            c.links.append(now)
            c.links_today += 1
            return
        if c.today >= self.account.options.daily:
            raise too_many(_DAILY, None)
        if is_search(path):
            _room(c.searches, now, SECOND_MS, SEARCHES, lambda: too_many(_SECONDLY, None))
            c.searches.append(now)
        else:
            _room(c.burst, now, BURST_MS, self.account.options.burst, self._rolling)
            c.burst.append(now)
        c.today += 1

    def _rolling(self) -> Refusal:
        """Sometimes with `Retry-After`, sometimes without (NOTES 22)."""
        self.counters.refused += 1
        wait = (self.counters.burst[0] + BURST_MS - self.account.now) / 1_000 if self.counters.burst else 1.0
        return too_many(_TEN_SECONDS, max(wait, 1.0) if self.counters.refused % 2 else None)

    def _new_day(self) -> None:
        day = self.account.today()
        if day != self.counters.day:
            self.counters.day, self.counters.today, self.counters.links_today = day, 0, 0

    def headers(self, path: str) -> Mapping[str, str]:
        """What an answer tells of the limits. A search tells nothing of the burst (NOTES 23)."""
        if not self.account.options.rate_limits:
            return {}
        c, options = self.counters, self.account.options
        daily = {
            "X-HubSpot-RateLimit-Daily": str(options.daily),
            "X-HubSpot-RateLimit-Daily-Remaining": str(max(0, options.daily - c.today)),
        }
        if is_search(path):
            return daily
        most = ASSOCIATIONS_BURST[options.tier] if is_link_batch(path) else options.burst
        used = len(c.links) if is_link_batch(path) else len(c.burst)
        return {
            **daily,
            "X-HubSpot-RateLimit-Max": str(most),
            "X-HubSpot-RateLimit-Remaining": str(max(0, most - used)),
            "X-HubSpot-RateLimit-Interval-Milliseconds": str(BURST_MS),
        }


def _room(calls: deque[int], now: int, window: int, most: int, refusal: Callable[[], Refusal]) -> None:
    while calls and calls[0] <= now - window:
        calls.popleft()
    if len(calls) >= most:
        raise refusal()


def is_search(path: str) -> bool:
    return path.startswith("/crm/") and "/objects/" in path and path.endswith("/search")


def is_link_batch(path: str) -> bool:
    return path.startswith("/crm/") and "/associations/" in path and "/batch/" in path


def _moving(left: int) -> Refusal:
    """The account is on its way to another data centre: seconds to wait, up to a day (NOTES 34)."""
    words = "The account is being moved between data centers"
    return Refusal(477, None, words, headers={"Retry-After": str(math.ceil(left / 1_000))})


# ---- 429 -----------------------------------------------------------------------------------------------------------

_TEN_SECONDS: Json = {
    "message": "You have reached your ten_secondly_rolling limit.", "errorType": "RATE_LIMIT",
    "policyName": "TEN_SECONDLY_ROLLING", "groupName": "privateapp:sandbox",
}  # fmt: skip
_DAILY: Json = {"message": "You have reached your daily limit.", "errorType": "RATE_LIMIT", "policyName": "DAILY"}
_SECONDLY: Json = {"message": "You have reached your secondly limit.", "category": "RATE_LIMITS"}


def too_many(kind: Json, retry_after: float | None) -> Refusal:
    """429 in one of its three shapes (NOTES 22)."""
    told = {k: v for k, v in kind.items() if k != "message"}
    more = {"requestId": correlation()} if told.get("policyName") == "DAILY" else {}
    headers = {} if retry_after is None else {"Retry-After": f"{retry_after:g}"}
    return Refusal(429, told.pop("category", None), kind["message"], headers=headers, **told, **more)


# ---- tokens --------------------------------------------------------------------------------------------------------


def refuse_stranger(account: Account, request: Request) -> None:
    """Raises Refusal unless the request brings a token that is good now (NOTES 4, 32)."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token:
        words = "Authentication credentials not found. This API supports OAuth 2.0 authentication."
        raise Refusal(401, "INVALID_AUTHENTICATION", words)
    if token == key_now(account):
        return
    row = account.state.get("tokens", token)
    if row is None:
        raise Refusal(401, "INVALID_AUTHENTICATION", "The access token is invalid")
    if row["expires"] <= account.now:
        words = "The OAuth token used to make this call expired."
        raise Refusal(401, "EXPIRED_AUTHENTICATION", words, context={"expireTime": [iso_ms(row["expires"])]})


def key_now(account: Account) -> str | None:
    """The service key that is good now; None: it was revoked."""
    row = account.state.get("account", "key")
    return account.options.token if row is None else row["key"]


def with_headers(response: Response, headers: Mapping[str, str]) -> Response:
    for name, value in headers.items():
        response.headers.setdefault(name, value)
    return response

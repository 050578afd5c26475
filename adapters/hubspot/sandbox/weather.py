"""How the account is made to refuse, for those who rehearse it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from uuid import uuid4

from adapters.hubspot.sandbox.answers import correlation
from adapters.hubspot.sandbox.gate import Gate, Throttle
from adapters.hubspot.sandbox.kinds import kind_of
from adapters.hubspot.sandbox.rules import lock, require, rule_out
from adapters.sandbox.faults import Fault

CONTACTS = kind_of("contacts")


def _answer(status: int, message: str, **headers: str) -> Fault:
    body = json.dumps({"status": "error", "message": message, "correlationId": correlation()}).encode()
    return Fault("answer", status, body, {"Content-Type": "application/json", **headers})


# NOTES 34, 35
LOCKED = _answer(423, "The record is locked by another write")
MOVING = _answer(477, "The account is being moved between data centers", **{"Retry-After": "3600"})
BUSY = _answer(502, "Processing limit exceeded")
AWAY = _answer(503, "Service temporarily unavailable")
LATE = Fault("answer", 524, b"error code: 524", {"Content-Type": "text/plain"})
EDGE = Fault("answer", 429, b"error code: 1015", {"Content-Type": "text/plain"})


@dataclass(frozen=True, slots=True)
class Weather:
    """Takes effect with the next request."""

    gate: Gate

    def throttle(self, times: int, retry_after: float | None) -> None:
        """Answer the next so many requests with 429; None: without saying when to come back."""
        self.gate.throttle = Throttle(times, retry_after)

    def befall(self, fault: Fault, times: int = 1) -> None:
        """Let this go wrong with the next requests, such as LOCKED or MOVING."""
        self.gate.faults.extend([fault] * times)

    def move(self, seconds: float) -> None:
        """The account moves to another data centre: nobody gets in for so long."""
        self.gate.away_until = self.gate.account.now + int(seconds * 1_000)

    def lock(self, id_: str) -> None:
        """Another write holds this contact for two seconds."""
        lock(self.gate.account, CONTACTS, id_)

    def require(self, name: str, when: str, value: str) -> None:
        """From now on a contact whose `when` holds `value` must have `name`; only 2026-09 paths mind."""
        require(self.gate.account, CONTACTS, name, when, value)

    def expire_token(self) -> None:
        """OAuth access tokens are past their time, and the service key is replaced by another."""
        account = self.gate.account
        with account.lock, account.state as state:
            state.put("account", "key", {"key": f"pat-na1-{uuid4()}"})
            state.put_many("tokens", [(token, {"expires": account.now}) for token in state.all("tokens")])

    def revoke_token(self) -> None:
        """No key, no access token and no refresh token is good any more."""
        account = self.gate.account
        with account.lock, account.state as state:
            state.put("account", "key", {"key": None})
            state.put("account", "revoked", {})
            for token in list(state.all("tokens")):
                state.drop("tokens", token)

    def poison(self, id_: str) -> None:
        """A rule of the account refuses to write this contact from now on, and whatever is written with it."""
        rule_out(self.gate.account, CONTACTS, id_)

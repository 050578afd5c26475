"""How the account is made to refuse, for those who rehearse it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import uuid4

from adapters.hubspot.sandbox.gate import Gate, Throttle
from adapters.hubspot.sandbox.kinds import kind_of
from adapters.hubspot.sandbox.rules import rule_out


@dataclass(frozen=True, slots=True)
class Weather:
    """Takes effect with the next request."""

    gate: Gate

    def throttle(self, times: int, retry_after: float | None) -> None:
        """Answer the next so many requests with 429; None: without saying when to come back."""
        self.gate.throttle = Throttle(times, retry_after)

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
        rule_out(self.gate.account, kind_of("contacts"), id_)

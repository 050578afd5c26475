"""An account's own rules: records that a validation rule does not let anybody write (NOTES 63)."""

from __future__ import annotations

from collections.abc import Iterable

from adapters.hubspot.sandbox.account import Account
from adapters.hubspot.sandbox.kinds import Kind
from adapters.hubspot.sandbox.values import Wrong, wrong_values

RULED = Wrong(
    "lifecyclestage",
    "MISSING_CONDITIONAL_REQUIRED_PROPERTY",
    "A property that this account requires under a condition is missing.",
)


def rule_out(account: Account, kind: Kind, id_: str) -> None:
    """From now on nothing of this record can be written through the API."""
    account.state.put(f"ruled:{kind.name}", id_, {})


def ruled(account: Account, kind: Kind, id_: str) -> bool:
    return account.state.get(f"ruled:{kind.name}", id_) is not None


def refuse_ruled(account: Account, kind: Kind, ids: Iterable[str]) -> None:
    """Raises Refusal, for the whole request and without saying for which record."""
    if any(ruled(account, kind, id_) for id_ in ids):
        raise wrong_values([RULED])

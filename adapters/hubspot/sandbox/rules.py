"""What keeps a record from being written though its values are good: a lock, a rule of the account (NOTES 34, 63)."""

from __future__ import annotations

from collections.abc import Mapping

from werkzeug.wrappers import Request

from adapters.hubspot.sandbox.account import Account
from adapters.hubspot.sandbox.answers import Refusal
from adapters.hubspot.sandbox.kinds import Kind
from adapters.hubspot.sandbox.values import Wrong, refuse_wrong

LOCK_MS = 2_000
CODE = "MISSING_CONDITIONAL_REQUIRED_PROPERTY"
ENFORCED = "/2026-09/"
"""Older paths do not mind conditional rules."""


def rule_out(account: Account, kind: Kind, id_: str) -> None:
    """From now on nothing of this record can be written through the API, on whichever path."""
    account.state.put(f"ruled:{kind.name}", id_, {})


def lock(account: Account, kind: Kind, id_: str) -> None:
    """Another write holds this record for the next two seconds."""
    account.state.put(f"locked:{kind.name}", id_, {"until": account.now + LOCK_MS})


def require(account: Account, kind: Kind, name: str, when: str, value: str) -> None:
    """An admin makes a property required on records whose `when` holds `value`."""
    account.state.put(f"required:{kind.name}", name, {"when": when, "value": value})


def refuse_unwritable(account: Account, kind: Kind, request: Request, changes: Mapping[str, Mapping[str, str]]) -> None:
    """Raises Refusal, for the whole request and without saying for which record."""
    locks = account.state.all(f"locked:{kind.name}")
    if any(id_ in locks and account.now < locks[id_]["until"] for id_ in changes):
        raise Refusal(423, None, "The record is locked by another write")
    if any(account.state.get(f"ruled:{kind.name}", id_) is not None for id_ in changes):
        refuse_wrong([_missing("lifecyclestage")])
    rows = account.state.all(kind.name)
    for id_, values in changes.items():
        refuse_unmet(account, kind, request, {**rows[id_]["values"], **values})


def refuse_unmet(account: Account, kind: Kind, request: Request, values: Mapping[str, str]) -> None:
    """Raises Refusal when a record that is to hold `values` lacks what the account requires of it. It is not known
    whether a write that touches nothing of the rule is refused: here it is."""
    if ENFORCED in request.path:
        rules = account.state.all(f"required:{kind.name}").items()
        lacking = [name for name, r in rules if values.get(r["when"]) == r["value"] and not values.get(name)]
        refuse_wrong([_missing(name) for name in lacking])


def _missing(name: str) -> Wrong:
    return Wrong(name, CODE, "A property that this account requires under a condition is missing.")

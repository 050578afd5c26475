"""What a client sent to a local HubSpot, held against HubSpot's rules and the account's own definitions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from adapters.hubspot.sandbox.account import Account
from adapters.hubspot.sandbox.definitions import every_definition
from adapters.hubspot.sandbox.kinds import kind_of
from tests.validity.hubspot_rules import Call, call_of, faults
from tests.validity.recorder import Exchange


def sent(exchange: Exchange) -> Call:
    return call_of(exchange.method, exchange.target, exchange.headers, exchange.body)


def _known(account: Account, object_: str) -> Mapping[str, Mapping[str, Any]]:
    """Archived ones too: a client may not have heard of it yet."""
    return every_definition(account, kind_of(object_))


def broken(seen: Iterable[Exchange], account: Account) -> list[str]:
    """Every rule that was broken, and by which request."""
    known = partial(_known, account)
    told = [(call, fault) for call in map(sent, seen) for fault in faults(call, known)]
    return [f"{call.method} {call.path}: {fault.rule}: {fault.where}" for call, fault in told]

"""Salesforce ids: 15 characters whose case matters, and three more that say which of them are capitals (NOTES 30)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from adapters.sandbox.state import State

PREFIXES: Mapping[str, str] = {
    "Account": "001", "Contact": "003", "User": "005", "Opportunity": "006", "OpportunityContactRole": "00K",
    "Lead": "00Q", "Task": "00T", "Event": "00U", "CampaignMember": "00v", "Campaign": "701", "Organization": "00D",
    "EmailMessage": "02s", "EmailMessageRelation": "0CZ", "Group": "00G", "PermissionSet": "0PS",
    "PermissionSetAssignment": "0Pa", "FieldPermissions": "01k", "ObjectPermissions": "110", "CustomField": "00N",
    "CustomObject": "01I", "Web_Activity__c": "a00", "job": "750", "cursor": "0r8",
}  # fmt: skip

_CASES = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_ID = re.compile(r"[0-9A-Za-z]{15}(?:[0-9A-Za-z]{3})?")


def whole_id(text: str) -> str | None:
    """The id with 18 characters, or None for what is no id or has a wrong checksum."""
    if _ID.fullmatch(text) is None:
        return None
    whole = text[:15] + checksum(text[:15])
    return whole if text in {whole, whole[:15]} else None


def checksum(id_: str) -> str:
    """Three characters, each for five of the fifteen: bit k is set where character k is a capital."""
    fives = (id_[0:5], id_[5:10], id_[10:15])
    return "".join(_CASES[sum(1 << k for k, c in enumerate(five) if "A" <= c <= "Z")] for five in fives)


def numbered_id(prefix: str, number: int) -> str:
    digits = ""
    for _ in range(8):
        number, rest = divmod(number, 62)
        digits = _DIGITS[rest] + digits
    short = f"{prefix}5g00{digits}"
    return short + checksum(short)


def new_ids(state: State, object: str, n: int = 1) -> list[str]:
    """The next `n` ids of an object, in rising order; a second process on the same state goes on from there."""
    with state:
        counted = (state.get("counter", object) or {"n": 0})["n"]
        state.put("counter", object, {"n": counted + n})
    prefix = PREFIXES.get(object, "a0X")
    return [numbered_id(prefix, 1_000 + counted + i) for i in range(n)]


def object_of(id_: str) -> str | None:
    """Which object an id belongs to, by its first three characters."""
    return _OBJECTS.get(id_[:3])


_OBJECTS = {prefix: name for name, prefix in PREFIXES.items()}

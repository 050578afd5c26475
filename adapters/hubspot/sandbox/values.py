"""What a property takes and how it is kept: always text, in one spelling per type (NOTES 28, 74, 75, 77)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from adapters.hubspot.sandbox.account import Account
from adapters.hubspot.sandbox.answers import MILLISECOND, Json, Refusal, bad_json, invalid, iso_ms
from adapters.hubspot.sandbox.definitions import definition
from adapters.hubspot.sandbox.kinds import Kind
from adapters.sandbox.state import Row
from connector.instants import DAY, parse_date, parse_instant

LONGEST = 65_536
_MILLIS = re.compile(r"-?\d{1,16}")
_ADDRESS = re.compile(r"[^@\s,;]+@[^@\s,;]+\.[^@\s,;.]+")


@dataclass(frozen=True, slots=True)
class Wrong:
    """Why a value cannot be kept: HubSpot's code and words."""

    name: str
    code: str
    message: str

    def told(self) -> Json:
        return {"message": self.message, "code": self.code, "context": {"propertyName": [self.name]}}


def texts(properties: object) -> Mapping[str, str]:
    """The `properties` of an input: texts by name, nothing else (NOTES 60). Raises Refusal."""
    if not isinstance(properties, dict) or not all(isinstance(v, str) for v in properties.values()):
        raise bad_json("`properties` must hold strings only")
    return properties


def refuse_wrong(found: Sequence[Wrong]) -> None:
    """Refuse a write as a whole, without a word about which input was wrong (NOTES 62). Raises Refusal."""
    if found:
        raise wrong_values(found)


def wrong_values(found: Sequence[Wrong]) -> Refusal:
    listed = ",".join(
        f'{{"isValid":false,"message":"{w.message}","error":"{w.code}","name":"{w.name}"}}' for w in found
    )
    return invalid(f"Property values were not valid: [{listed}]", errors=[w.told() for w in found])


def taken(account: Account, kind: Kind, told: Mapping[str, str], *, by_api: bool) -> tuple[dict[str, str], list[Wrong]]:
    """The values as they are kept (blank: to be cleared), and what is wrong with the others."""
    kept: dict[str, str] = {}
    wrong: list[Wrong] = []
    for name, value in told.items():
        found = _taken(definition(account, kind, name), name, value, by_api=by_api)
        if isinstance(found, Wrong):
            wrong.append(found)
        else:
            kept[name] = found
    return kept, wrong


def _taken(row: Row | None, name: str, value: str, *, by_api: bool) -> str | Wrong:
    if row is None:
        return Wrong(name, "PROPERTY_DOESNT_EXIST", f'Property "{name}" does not exist')
    if by_api and row["calculated"]:
        return Wrong(name, "READ_ONLY_VALUE", f'"{name}" is a calculated property; its value cannot be set')
    if by_api and row["modificationMetadata"]["readOnlyValue"]:
        return Wrong(name, "READ_ONLY_VALUE", f'"{name}" is a read only property; its value cannot be set')
    if value == "":
        return ""
    try:
        return _READERS[row["type"]](row, value)
    except (ValueError, InvalidOperation, OverflowError):
        return Wrong(name, _CODES[row["type"]], f"The value of {name} was not a valid {row['type']}.")


def _text(row: Row, value: str) -> str:
    if len(value) > LONGEST or (row["name"] == "email" and not _ADDRESS.fullmatch(value.strip())):
        raise ValueError
    return value.strip().lower() if row["name"] == "email" else value


def _number(_: Row, value: str) -> str:
    if not Decimal(value).is_finite():
        raise ValueError
    return value.strip()


def _choice(row: Row, value: str) -> str:
    allowed = {o["value"] for o in row["options"]}
    parts = value.split(";") if row["fieldType"] == "checkbox" else [value]
    if row["hubspotDefined"] and not allowed:
        return value  # a set HubSpot itself keeps open
    if any(p not in allowed for p in parts if p):
        raise ValueError
    return value


def _day(_: Row, value: str) -> str:
    if not _MILLIS.fullmatch(value):
        return parse_date(value).isoformat()
    if int(value) * MILLISECOND % DAY:
        raise ValueError  # not midnight
    return date.fromordinal(date(1970, 1, 1).toordinal() + int(value) * MILLISECOND // DAY).isoformat()


def _moment(_: Row, value: str) -> str:
    if _MILLIS.fullmatch(value):
        return iso_ms(int(value))
    return iso_ms(parse_instant(value if "T" in value else f"{parse_date(value)}T00:00:00Z") // MILLISECOND)


_READERS: Mapping[str, Callable[[Row, str], str]] = {
    "string": _text, "phone_number": _text, "number": _number, "bool": _choice, "enumeration": _choice, "date": _day,
    "datetime": _moment,
}  # fmt: skip
_CODES = {
    "string": "INVALID_EMAIL", "phone_number": "INVALID_LENGTH", "number": "INVALID_INTEGER", "bool": "INVALID_OPTION",
    "enumeration": "INVALID_OPTION", "date": "INVALID_DATE", "datetime": "INVALID_LONG",
}  # fmt: skip


def comparable(type_: str, text: str) -> Any:
    """A kept or asked value in the order searches go by: numbers by size, times by instant, texts without case
    (NOTES 45). Raises ValueError."""
    if type_ == "number":
        try:
            return Decimal(text)
        except InvalidOperation:
            raise ValueError from None
    if type_ in {"date", "datetime"}:
        if _MILLIS.fullmatch(text):
            return int(text)
        return parse_instant(text if "T" in text else f"{parse_date(text)}T00:00:00Z") // MILLISECOND
    return text if type_ in {"enumeration", "bool"} else text.lower()

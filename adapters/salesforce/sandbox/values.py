"""Whether a field takes a value, and what it makes of it (NOTES 48-56)."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from adapters.salesforce.sandbox.answers import Trouble
from adapters.salesforce.sandbox.ids import whole_id
from adapters.salesforce.sandbox.schema import TEXTS, Field
from adapters.salesforce.sandbox.stamps import instant, is_day, stamp

_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_TRUTH = {"true": True, "false": False, "1": True, "0": False}


def taken(field: Field, value: Any) -> tuple[Any, Trouble | None]:
    """The value as it is stored, or why it is refused. Text is read as a number, date or truth where one is due: the
    Salesforce CLI and Bulk send nothing else."""
    if value is None or value == "":
        return _blank(field)
    if field.type in TEXTS:
        return _text(field, value)
    return _READERS[field.type](field, value)


def _blank(field: Field) -> tuple[Any, Trouble | None]:
    if field.type == "boolean":
        return None, _wrong_type(field)
    if field.required:
        return None, required(field.name)
    return None, None


def required(*names: str) -> Trouble:
    return Trouble("REQUIRED_FIELD_MISSING", f"Required fields are missing: [{', '.join(names)}]", names)


def _wrong_type(field: Field) -> Trouble:
    return Trouble("INVALID_TYPE_ON_FIELD_IN_RECORD", f"{field.label}: value not of required type: ", (field.name,))


def _text(field: Field, value: Any) -> tuple[Any, Trouble | None]:
    if isinstance(value, dict | list):
        return None, _wrong_type(field)
    text = ("true" if value else "false") if isinstance(value, bool) else str(value)
    if field.restricted and text not in field.values:
        message = f"{field.label}: bad value for restricted picklist field: {text}"
        return None, Trouble("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message, (field.name,))
    if field.type == "email" and _ADDRESS.fullmatch(text) is None:
        message = f"{field.label}: invalid email address: {text}"
        return None, Trouble("INVALID_EMAIL_ADDRESS", message, (field.name,))
    if len(text) > field.length:
        # the API's sentence shows the value itself: nothing that logs it whole is safe (NOTES 50)
        message = f"{field.label}: data value too large: {text} (max length={field.length})"
        return None, Trouble("STRING_TOO_LONG", message, (field.name,))
    return text, None


def _truth(field: Field, value: Any) -> tuple[Any, Trouble | None]:
    truth = value if isinstance(value, bool) else _TRUTH.get(str(value).lower())
    return (truth, None) if truth is not None else (None, _wrong_type(field))


def _decimal(value: Any) -> Decimal | None:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() and not isinstance(value, bool) else None


def _whole(field: Field, value: Any) -> tuple[Any, Trouble | None]:
    number = _decimal(value)
    if number is None or number != number.to_integral_value():
        return None, _wrong_type(field)
    return (int(number), None) if abs(number) < 10**field.precision else (None, _outside(field))


def _number(field: Field, value: Any) -> tuple[Any, Trouble | None]:
    number = _decimal(value)
    if number is None:
        return None, _wrong_type(field)
    if abs(number) >= Decimal(10) ** 18:
        return None, _outside(field)
    rounded = number.quantize(Decimal(1).scaleb(-field.scale), ROUND_HALF_UP)
    if abs(rounded) >= Decimal(10) ** (field.precision - field.scale):
        return None, _outside(field)
    return (float(rounded) if field.scale else int(rounded)), None


def _outside(field: Field) -> Trouble:
    message = f"{field.label}: value outside of valid range on numeric field"
    return Trouble("NUMBER_OUTSIDE_VALID_RANGE", message, (field.name,))


def _time(field: Field, value: Any) -> tuple[Any, Trouble | None]:
    text = str(value)
    if field.type == "date":
        return (text[:10], None) if is_day(text[:10]) and len(text) in {10, 24, 20} else (None, _wrong_type(field))
    try:
        return (stamp(instant(text)), None) if "T" in text else (None, _wrong_type(field))
    except ValueError:
        return None, _wrong_type(field)


def _reference(field: Field, value: Any) -> tuple[Any, Trouble | None]:
    whole = whole_id(value) if isinstance(value, str) else None
    if whole is None:
        message = f"{field.label}: id value of incorrect type: {value}"
        return None, Trouble("MALFORMED_ID", message, (field.name,))
    return whole, None


_READERS = {
    "boolean": _truth, "int": _whole, "double": _number, "currency": _number, "percent": _number, "date": _time,
    "datetime": _time, "reference": _reference, "id": _reference,
}  # fmt: skip

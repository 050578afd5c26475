"""Values as compact JSON text and back. Equal values give equal text, so that texts can be compared instead.

Only what JSON cannot tell apart carries a mark: a Decimal is `{"d": "8.70"}`; Instants are whole numbers; a set is a
sorted list.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, TypeAlias

from connector.deeds import Reading
from connector.instants import SECOND, iso, parse_instant
from connector.model import Activity, Counts, HotState, Line, Outcome, Raw, Standing, Value
from connector.words import Message

UNKNOWN = "?"
"""What a field of ours is said to hold after a write that was never answered: no value we could mean equals it, so
the next pass writes again whatever it wants there."""


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode
_decode = json.JSONDecoder().raw_decode


def dumps(value: object) -> str:
    """JSON without blanks, keys sorted. Halves of surrogate pairs, which no database takes, are escaped."""
    text = _encode(value)
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            return json.dumps(value, separators=(",", ":"), sort_keys=True)
    return text


def loads(text: str) -> Any:
    """What `dumps` wrote. There are no blanks around it to look for, and most texts are so short that this counts."""
    return _decode(text)[0]


def inputs_text(inputs: Mapping[str, Value]) -> str:
    return dumps({name: _value_out(value) for name, value in inputs.items()})


def inputs_of(text: str) -> dict[str, Value]:
    return {name: _value_in(value) for name, value in loads(text).items()}


def _value_out(value: Value) -> object:
    if isinstance(value, Decimal):
        return {"d": str(value)}
    return sorted(value) if isinstance(value, frozenset) else value


def _value_in(value: Any) -> Any:
    if isinstance(value, dict):
        return Decimal(value["d"])
    return frozenset(value) if isinstance(value, list) else value


def raws_of(text: str | None) -> dict[str, Raw]:
    return dict(loads(text)) if text else {}


def standing_text(standing: Standing) -> str:
    s = standing
    return dumps([s.state.value, s.hot_since, s.hot_number, s.handoff_number, s.by_change])


def standing_of(text: str) -> Standing:
    state, since, hot, handoff, by_change = loads(text)
    return Standing(HotState(state), since, hot, handoff, by_change)


def ledger_text(ledger: tuple[Line, ...]) -> str:
    return dumps([
        [n.rule, n.points, n.occurrences, n.first, n.last, n.subject, n.changes_at, n.limit] for n in ledger
    ])  # fmt: skip


def ledger_of(text: str) -> tuple[Line, ...]:
    return tuple(Line(*line) for line in loads(text))


Read: TypeAlias = tuple[str, str | None, tuple[tuple[str, str], ...], str | None, str]
"""What the mapping makes of an event, less its instant: kind, subject, attributes, reason to set it aside, and how its
id begins (it ends in the CRM's own; otherwise it is given whole after `=`)."""


def read_as(activity: Activity | None, ext_id: str) -> Read | None:
    """The reading of an event whose id at the CRM is `ext_id`."""
    if activity is None:
        return None
    own = activity.id
    begin = own.removesuffix(ext_id) if own.endswith(ext_id) else f"={own}"
    return activity.kind, activity.subject, tuple(activity.attributes.items()), activity.set_aside, begin


def reading_text(read: Read | None) -> str:
    if read is None:
        return "null"
    kind, subject, attributes, set_aside, begin = read
    return dumps([kind, subject, dict(attributes), set_aside, begin])


def readings_of(texts: Iterable[str]) -> list[Reading | None]:
    """Of many at once, for which the decoder is called once; None for what a mapping makes nothing of."""
    return [None if told is None else Reading(*told) for told in loads(f"[{','.join(texts)}]")]


def outcome_text(outcome: Outcome) -> str:
    amount = None if outcome.amount is None else str(outcome.amount)
    return dumps([outcome.id, outcome.stage, outcome.at, amount, outcome.reason])


def outcome_of(text: str) -> Outcome:
    id_, stage, at, amount, reason = loads(text)
    return Outcome(id_, stage, at, None if amount is None else Decimal(amount), reason)


def message_text(message: Message) -> str:
    return dumps(_message_out(message))


def _message_out(message: Message) -> list[object]:
    values = {
        k: {"m": _message_out(v)} if isinstance(v, Message) else v if isinstance(v, int | float | str) else str(v)
        for k, v in message.values.items()
    }
    return [message.text, values]


def message_of(text: str) -> Message:
    return _message_in(loads(text))


def _message_in(told: Any) -> Message:
    text, values = told
    return Message(text, {k: _message_in(v["m"]) if isinstance(v, dict) else v for k, v in values.items()})


def counts_of(text: str) -> Counts:
    return Counts(**loads(text))


def written_text(value: str | int | bool | None) -> Raw:
    """A value we wrote, as the CRM will say it or nearly so. Instants are told from numbers by their size."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return iso(value) if abs(value) > 10**12 else str(value)


def alike(a: Raw, b: Raw) -> bool:
    """Whether two texts of one of our fields mean the same, however the CRM puts numbers, instants, truth, blanks and
    line ends: so that our own write, echoed back, is no news."""
    if a == b or (not a and not b):
        return True
    if not a or not b:
        return False
    if a.strip().lower() == b.strip().lower() and a.strip().lower() in {"true", "false"}:
        return True
    if _lines(a) == _lines(b):
        return True
    seconds = _seconds(a), _seconds(b)
    if None not in seconds:
        return seconds[0] == seconds[1]
    numbers = _number(a), _number(b)
    return None not in numbers and numbers[0] == numbers[1]


def _lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.strip().splitlines()]


def _seconds(text: str) -> int | None:
    told = text.strip()
    if told.isdecimal() and len(told) > 11:  # HubSpot also says epoch milliseconds
        return int(told) // 1000
    try:
        return parse_instant(told) // SECOND
    except ValueError:
        return None


def _number(text: str) -> Decimal | None:
    try:
        told = Decimal(text.strip())
    except InvalidOperation:
        return None
    return told if told.is_finite() else None

"""A scorecard's meaning in one word. Two texts that score, exclude and word everybody alike have the same digest:
comments, the order of keys, `24h` for `1d`, notes, signatures and examples make no difference. The mapping's order of
levels is not part of it; the mapping has a digest of its own."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from hashlib import sha256
from zoneinfo import ZoneInfo

from connector.scoring.conditions import Condition, Conjunction, Contains, Reaches, Test
from connector.scoring.scorecard import Scorecard

NOTES = frozenset({"agreed", "because", "examples", "vocabulary", "digest"})


def digest_of(card: Scorecard) -> str:
    """SHA-256 of the meaning, in hex: the same on every machine."""
    said = json.dumps(_meaning(card), ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return sha256(said.encode()).hexdigest()


def _meaning(value: object) -> object:
    """Plain lists and texts. Rules and axes keep their order, because the ledger does."""
    if isinstance(value, Condition):
        return [_conjunction(value.when), _sorted(_conjunction(c) for c in value.any_of)]
    if dataclasses.is_dataclass(value):
        return [type(value).__name__, *_fields(value)]
    if isinstance(value, Mapping):
        return {key: _meaning(of) for key, of in value.items()}
    if isinstance(value, tuple):
        return [_meaning(of) for of in value]
    return _scalar(value)


def _scalar(value: object) -> object:
    match value:
        case Decimal():
            return list(value.as_integer_ratio())
        case ZoneInfo():
            return value.key
        case frozenset():
            return sorted(value)
    return value


def _fields(value: object) -> Iterable[object]:
    fields = dataclasses.fields(value)  # type: ignore[arg-type]  # the caller has looked
    for field in fields:
        if field.name in NOTES:
            continue
        part = getattr(value, field.name)
        if field.name == "where":
            yield _conjunction(part)
        elif field.name == "requires":
            yield _sorted(_conjunction(c) for c in part)
        elif field.name == "exclude":
            yield _sorted(_meaning(entry) for entry in part)
        else:
            yield _meaning(part)


def _conjunction(tests: Conjunction) -> list[object]:
    return _sorted([name, _test(test)] for name, test in tests)


def _test(test: Test) -> object:
    match test:
        case Reaches(side, level):
            return [side, level]
        case Contains(words):
            return ["Contains", sorted(words)]
    return _meaning(test)


def _sorted(parts: Iterable[object]) -> list[object]:
    return sorted(parts, key=lambda part: json.dumps(part, sort_keys=True))

"""SOQL in, text out: queries from names and instants, ids at full length, rows as flat text.

SOQL over REST has no bind parameters. Names in a query come from describe only and values are instants, ids and
numbers of our own making; whatever else must stand in a query goes through `quoted`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from connector.instants import SECOND, Instant, datetime_of, iso, parse_instant
from connector.model import Raw

_STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:?00)")
WHOLE = frozenset({".000+0000", ".000Z"})
"""How stamps of a whole second end: nearly all do."""
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)*")
_ESCAPES = str.maketrans({"\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"})
_CHECKSUM = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"

PREFIXES = {"00Q": "Lead", "003": "Contact"}
"""The first three characters of an id name its object; Salesforce fixes those of standard objects."""


def quoted(text: str) -> str:
    """A string literal that cannot end early."""
    return f"'{text.translate(_ESCAPES)}'"


def literal(instant: Instant) -> str:
    """A datetime literal to the second, the resolution in which Salesforce stamps rows."""
    return f"{datetime_of(instant):%Y-%m-%dT%H:%M:%SZ}"


def id18(id_: str) -> str:
    """An id with its case checksum. 15 characters differ by case alone, so they are lengthened wherever they enter."""
    if len(id_) != 15:
        return id_
    fives = (id_[i : i + 5] for i in (0, 5, 10))
    return id_ + "".join(_CHECKSUM[sum(c.isascii() and c.isupper() and 1 << k for k, c in enumerate(f))] for f in fives)


def object_of(id_: str) -> str | None:
    """The people object an id belongs to, or None."""
    return PREFIXES.get(id_[:3])


@dataclass(frozen=True, slots=True)
class Query:
    """One reading of one object. `stamp` and `id` are the paths by which rows are ordered and a reading goes on
    where it stopped; without `stamp` the order is that of ids. `all_rows` includes deleted and archived ones.
    `long_texts` are those of the paths that are long texts of the org's own: a page over REST selects one of them."""

    object: str
    paths: tuple[str, ...]
    where: tuple[str, ...] = ()
    stamp: str | None = None
    id: str = "Id"
    all_rows: bool = True
    long_texts: tuple[str, ...] = ()

    @property
    def aside(self) -> tuple[str, ...]:
        """Long texts that are fetched by a call of their own: with two in one query, a page would hold 200 rows."""
        return self.long_texts[1:]

    def without_aside(self) -> Query:
        return replace(self, paths=tuple(p for p in self.paths if p not in self.aside), long_texts=self.long_texts[:1])

    @property
    def order(self) -> tuple[str, ...]:
        return (self.stamp, self.id) if self.stamp else (self.id,)

    def between(self, low: Instant | None, high: Instant) -> Query:
        """Only rows whose stamp is in [low, high)."""
        window = [f"{self.stamp} >= {literal(low)}"] if low is not None else []
        return replace(self, where=(*self.where, *window, f"{self.stamp} < {literal(high)}"))

    def after(self, stamp: str | None, id_: str) -> Query:
        """Only rows that come after this one in the order."""
        later = f"{self.id} > {quoted(id_)}"
        if self.stamp and stamp:
            later = f"({self.stamp} > {stamp} OR ({self.stamp} = {stamp} AND {self.id} > {quoted(id_)}))"
        return replace(self, where=(*self.where, later))

    def from_to(self, first: Mapping[str, Raw], last: Mapping[str, Raw]) -> Query:
        """Only the rows from one to another in the order, both included."""
        ends = ((">", ">=", first), ("<", "<=", last))
        return replace(self, where=(*self.where, *(self._beyond(than, or_at, row) for than, or_at, row in ends)))

    def _beyond(self, than: str, or_at: str, row: Mapping[str, Raw]) -> str:
        at = f"{self.id} {or_at} {quoted(row[self.id] or '')}"
        if self.stamp is None:
            return at
        return f"({self.stamp} {than} {row[self.stamp]} OR ({self.stamp} = {row[self.stamp]} AND {at}))"

    def soql(self, *, ordered: bool = True) -> str:
        """The text. Unordered for bulk jobs, which otherwise give up reading in parallel."""
        words = [f"SELECT {', '.join(self.paths)} FROM {self.object}"]
        if self.where:
            words.append(f"WHERE {' AND '.join(self.where)}")
        if ordered:
            words.append(f"ORDER BY {', '.join(self.order)}")
        return " ".join(words)


def is_name(path: str) -> bool:
    """Whether the text can be a field's name or a path through lookups: nothing else ever gets into a query."""
    return _NAME.fullmatch(path) is not None


# ---- rows ----------------------------------------------------------------------------------------------------------


def flat(rows: Sequence[Mapping[str, Any]], paths: Iterable[str]) -> list[dict[str, Raw]]:
    """JSON rows by path, as text. An empty lookup makes all that stands behind it blank."""
    own = [path for path in paths if "." not in path]
    through = [(path, path.split(".")) for path in paths if "." in path]
    if not through:
        return [{path: text(row.get(path)) for path in own} for row in rows]
    return [
        {path: text(row.get(path)) for path in own} | {path: text(_at(row, steps)) for path, steps in through}
        for row in rows
    ]


def _at(row: Any, steps: Sequence[str]) -> Any:
    for step in steps:
        if not isinstance(row, dict):
            return None
        row = row.get(step)
    return row


def text(value: Any) -> Raw:
    """A JSON value as text. Blank is None; a whole number has no point, whichever way it came."""
    if type(value) is str:
        return stamp(value) if value[10:11] == "T" else value or None
    if value is None:
        return None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, Decimal)):
        return number(str(value))
    return str(value)


def number(said: str) -> str:
    """`5.0` and `5` are the same number: said as `5`, without an exponent."""
    value = Decimal(said) + 0  # no negative zero
    return f"{value.quantize(Decimal(1)):f}" if value == value.to_integral_value() else f"{value.normalize():f}"


def stamp(said: str) -> str:
    """REST says `…05.000+0000` and bulk results `…05.000Z`: one spelling for both, so that neither looks like a
    change."""
    if not _STAMP.fullmatch(said):
        return said
    if said[19:] in WHOLE:
        datetime.fromisoformat(said[:19])  # a day that there is
        return f"{said[:19]}Z"
    return iso(parse_instant(said))


def instant(said: Raw) -> Instant | None:
    return parse_instant(said) if said else None


def whole_second(instant_: Instant) -> Instant:
    return instant_ // SECOND * SECOND

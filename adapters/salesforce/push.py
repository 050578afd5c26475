"""Writing: absolute values of our own fields, so that every write may be repeated.

Up to 2,000 changed rows go by collections, 200 a call, answered row by row; more go by one bulk job of 9 to 12 calls
whatever their number. A crash during a job costs nothing but that job: the next run waits for it, reads what is held
and writes the rest. A row whose lock somebody else holds is tried again by itself, because rows beside it are not to
blame.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from adapters.http import Refused
from connector.errors import AccessDenied, Unavailable
from connector.instants import Instant
from connector.model import Change, Receipt
from connector.ports import Wants
from connector.words import Message, say

from .answers import BUSY, GONE, Trouble, row_trouble, troubles
from .bulk import update
from .catalogue import Catalogue, Fields
from .session import Link
from .soql import literal

CALL = 200
"""Rows of one collections call; Salesforce takes no more."""
LOCK_TRIES = 5
BLANK = "#N/A"
"""What a bulk file says for blank. An empty cell leaves the field as it is."""

UNTOLD = "NOT_TOLD"
"""Our own code for a row that no answer mentions."""
NOT_TOLD = {"success": False, "errors": [{"statusCode": UNTOLD}]}

Told = str | int | bool | None


@dataclass(slots=True)
class Push:
    """One push of changes to one object's records."""

    link: Link
    fields: Fields
    ours: frozenset[str]
    receipts: dict[int, Receipt] = field(default_factory=dict)

    def write(self, changes: Sequence[Change]) -> list[Receipt]:
        """One receipt per change, in order."""
        ready = {n: self._words(c) for n, c in enumerate(changes) if self._writable(n, c)}
        last = _last_of_each(changes, ready)
        if len(last) > self.link.config.bulk_write_from:
            self._by_job(changes, last)
        else:
            self._by_calls(changes, last)
        self._repeat(changes, ready, last)
        return [self.receipts[n] for n in range(len(changes))]

    def _writable(self, n: int, change: Change) -> bool:
        """Only our fields, and only those that Salesforce lets us write: anything else would refuse the whole call."""
        strange = sorted(name for name in change.after if name not in self.ours or not self._takes(name))
        if strange:
            why = say("there is no field '{name}' that we may write", name=strange[0])
            self.receipts[n] = Receipt(change.ref, "refused", "INVALID_FIELD", why)
        return not strange

    def _takes(self, name: str) -> bool:
        return name in self.fields and self.fields[name].schema.writable

    def _words(self, change: Change) -> dict[str, Told]:
        """Our values in Salesforce's words: instants as text, a checkbox never blank, texts no longer than the
        field."""
        return {name: self._word(name, value) for name, value in change.after.items()}

    def _word(self, name: str, value: Told) -> Told:
        schema = self.fields[name].schema
        if schema.type == "truth":
            return bool(value)
        if schema.type == "instant" and isinstance(value, int) and not isinstance(value, bool):
            return literal(Instant(value))
        return value[: schema.length] if isinstance(value, str) and schema.length else value

    def _repeat(self, changes: Sequence[Change], ready: Mapping[int, object], last: Mapping[int, object]) -> None:
        """A record named twice was written once, with its last values merged over the first: same answer for both."""
        by_id = {changes[n].ref.id: self.receipts[n] for n in last}
        self.receipts.update({n: by_id[changes[n].ref.id] for n in ready if n not in last})

    # ---- collections -------------------------------------------------------------------------------------------------

    def _by_calls(self, changes: Sequence[Change], rows: Mapping[int, Mapping[str, Told]]) -> None:
        """Chunk by chunk. When a later one fails as a whole, what was written before must still be told."""
        numbers = list(rows)
        for start in range(0, len(numbers), CALL):
            chunk = numbers[start : start + CALL]
            try:
                self._call(changes, rows, chunk)
            except (Unavailable, AccessDenied) as error:
                if not any(r.status == "written" for r in self.receipts.values()):
                    raise
                self._unheard(changes, numbers[start:], error.problems[0].what)
                return

    def _call(self, changes: Sequence[Change], rows: Mapping[int, Mapping[str, Told]], chunk: Sequence[int]) -> None:
        left, tries = list(chunk), 0
        while left:
            told = self._send(changes, rows, left)
            busy = [n for n in left if told[n] and told[n][0].code in BUSY]
            tries += 1
            for n in left:
                if n not in busy or tries >= LOCK_TRIES:
                    self.receipts[n] = receipt(changes[n], told[n])
            left = [n for n in left if n not in self.receipts]
            if left:
                # longer each time, by chance, so that whoever else tries again does not meet us
                self.link.sleep(2.0**tries * self.link.exchange.pace.chance())

    def _send(
        self, changes: Sequence[Change], rows: Mapping[int, Mapping[str, Told]], chunk: Sequence[int]
    ) -> dict[int, list[Trouble]]:
        """The errors of each row, none for a written one. A call refused as a whole is halved until the row that
        spoils it stands alone."""
        body = [{"attributes": {"type": changes[n].ref.object}, "id": changes[n].ref.id, **rows[n]} for n in chunk]
        try:
            said = self.link.call("PATCH", "composite/sobjects", "write", {"allOrNone": False, "records": body})
        except Refused as error:
            if len(chunk) == 1:
                return {chunk[0]: troubles(error.answer.body) or [Trouble("UNKNOWN_ERROR")]}
            half = len(chunk) // 2
            return {**self._send(changes, rows, chunk[:half]), **self._send(changes, rows, chunk[half:])}
        rows_told = said if isinstance(said, list) and len(said) == len(chunk) else [NOT_TOLD] * len(chunk)
        return {n: _errors(row) for n, row in zip(chunk, rows_told, strict=True)}

    def _unheard(self, changes: Sequence[Change], numbers: Sequence[int], why: Message) -> None:
        for n in numbers:
            self.receipts.setdefault(n, Receipt(changes[n].ref, "unknown", "UNAVAILABLE", why))

    # ---- bulk --------------------------------------------------------------------------------------------------------

    def _by_job(self, changes: Sequence[Change], rows: Mapping[int, Mapping[str, Told]]) -> None:
        object_ = changes[0].ref.object
        table = [{"Id": changes[n].ref.id, **{k: _cell(v) for k, v in row.items()}} for n, row in rows.items()]
        try:
            told = update(self.link, object_, table)
        except (Refused, AccessDenied):
            # an org may withhold bulk from a user; calls of 200 say the same at a higher price
            self._by_calls(changes, rows)
            return
        for n in rows:
            self.receipts[n] = _job_receipt(changes[n], told.answers)


def push(link: Link, catalogue: Catalogue, wants: Wants, changes: Sequence[Change]) -> list[Receipt]:
    """One receipt per change, in order. Changes of one object are written together."""
    receipts: dict[int, Receipt] = {}
    for object_ in dict.fromkeys(c.ref.object for c in changes):
        numbers = [n for n, c in enumerate(changes) if c.ref.object == object_]
        ours = frozenset(wants.results.get(object_, {}).values())
        one = Push(link, catalogue.fields(object_) or {}, ours)
        receipts.update(zip(numbers, one.write([changes[n] for n in numbers]), strict=True))
    return [receipts[n] for n in range(len(changes))]


def receipt(change: Change, found: Sequence[Trouble]) -> Receipt:
    """What Salesforce said of one row."""
    if not found:
        return Receipt(change.ref, "written")
    first = found[0]
    if first.code == UNTOLD:
        why = say("Salesforce did not say what became of this record")
        return Receipt(change.ref, "unknown", UNTOLD, why)
    if first.code in GONE:
        return Receipt(change.ref, "gone", first.code, first.why())
    return Receipt(change.ref, "refused", first.code, first.why())


def _errors(row: Mapping[str, object]) -> list[Trouble]:
    if row.get("success"):
        return []
    return troubles(row.get("errors")) or [Trouble("UNKNOWN_ERROR")]


def _job_receipt(change: Change, answers: Mapping[str, str | None]) -> Receipt:
    """A row that is in none of a job's result files may have been written or not: the next run reads it first."""
    said = answers.get(change.ref.id, f"{UNTOLD}:")
    return receipt(change, [] if said is None else [row_trouble(said)])


def _cell(value: Told) -> str:
    if value is None or value == "":
        return BLANK
    if isinstance(value, bool):
        return str(value).lower()
    # the very text would blank the field
    return f"{value} " if value == BLANK else str(value)


def _last_of_each(changes: Sequence[Change], ready: Mapping[int, dict[str, Told]]) -> dict[int, dict[str, Told]]:
    """One row for each record, as Salesforce refuses a call that names one twice; the later change wins."""
    merged: dict[str, dict[str, Told]] = {}
    last: dict[str, int] = {}
    for n, words in ready.items():
        id_ = changes[n].ref.id
        merged[id_] = {**merged.get(id_, {}), **words}
        last[id_] = n
    return {n: merged[id_] for id_, n in last.items()}

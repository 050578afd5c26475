"""Writing our fields, a hundred contacts at a time: what was written is what HubSpot says it wrote, nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from adapters.http import Refused, code_word
from adapters.hubspot.api import Api, Row, id_of, missing_ids, rows
from adapters.hubspot.config import BATCH
from adapters.hubspot.definitions import definitions
from adapters.hubspot.people import properties, raw
from adapters.hubspot.verdicts import errors_of
from connector.errors import CRMError, QuotaSpent, Unavailable
from connector.model import Change, Receipt, Ref
from connector.plan import same
from connector.results import BY_NAME, Result
from connector.words import Message, say

NOT_FOUND = "OBJECT_NOT_FOUND"
Value = str | int | bool | None


def wire(result: Result, value: Value) -> str:
    """A value as HubSpot takes it: always text, instants in milliseconds, blank as the empty text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if result.type == "instant":
        return str(int(value) // 1_000)
    return str(value)


@dataclass(slots=True)
class Pusher:
    """One call of push. `ours` are the fields that may be written, with what they hold; `answers` what is known of
    each contact so far."""

    api: Api
    ours: Mapping[str, Result]
    answers: dict[Ref, Receipt] = field(default_factory=dict)
    missing: frozenset[str] | None = None
    wrote: bool = False

    def push(self, changes: Sequence[Change]) -> list[Receipt]:
        receipts: list[Receipt] = []
        for some in _unique(changes):
            self.answers = {}
            self._write(some)
            receipts += [self.answers[change.ref] for change in some]
        return receipts

    def _write(self, changes: Sequence[Change]) -> None:
        good = [c for c in changes if not self._foreign(c)]
        for n in range(0, len(good), BATCH):
            try:
                self._batch(good[n : n + BATCH])
            except CRMError:
                if not self.wrote:
                    raise
                # something was written: that must be told, and the rest is for the next run
                for change in good[n:]:
                    self.answers.setdefault(change.ref, _unknown(change.ref))
                return

    def _foreign(self, change: Change) -> bool:
        """A field that is not ours is never sent, whoever asks."""
        for name in change.after:
            if name not in self.ours:
                self._say(
                    change,
                    Receipt(change.ref, "refused", "NOT_OURS", say("there is no field '{name}' to write", name=name)),
                )
                return True
        return False

    def _batch(self, changes: Sequence[Change]) -> None:
        """Write these. HubSpot refuses a batch whole for one bad value and does not say whose it was: then each half
        is tried by itself."""
        if not changes:
            return
        try:
            document = self._send(changes)
        except Refused as refused:
            self._refused(changes, refused)
        except Unavailable as error:
            self._read_back(changes, error)
        else:
            self._reconcile(changes, document)

    def _send(self, changes: Sequence[Change]) -> Row:
        inputs = [{"id": c.ref.id, "objectWriteTraceId": c.ref.id, "properties": self._wired(c)} for c in changes]
        return self.api.post("write", self.api.path("objects") + "/batch/update", {"inputs": inputs})

    def _wired(self, change: Change) -> dict[str, str]:
        return {name: wire(self.ours[name], value) for name, value in change.after.items()}

    def _refused(self, changes: Sequence[Change], refused: Refused) -> None:
        if len(changes) == 1:
            gone = refused.answer.status == 404 or refused.verdict.code == NOT_FOUND
            self._say(changes[0], _gone(changes[0].ref) if gone else _refusal(changes[0].ref, refused))
            return
        rest = self._without_missing_fields(changes)
        if len(rest) < len(changes):
            self._batch(rest)
            return
        half = len(rest) // 2
        self._batch(rest[:half])
        self._batch(rest[half:])

    def _without_missing_fields(self, changes: Sequence[Change]) -> list[Change]:
        """The changes whose fields all exist and may be written; asked once. Halving would cost two calls for each of
        the others."""
        if self.missing is None:
            there = definitions(self.api, "contacts")
            self.missing = frozenset(n for n in self.ours if n not in there or not there[n].writable)
        for change in changes:
            for name in sorted(self.missing & change.after.keys())[:1]:
                why = say("there is no field '{name}' to write", name=name)
                self._say(change, Receipt(change.ref, "refused", "PROPERTY_DOESNT_EXIST", why))
        return [c for c in changes if c.ref not in self.answers]

    def _reconcile(self, changes: Sequence[Change], document: Row) -> None:
        written = {id_of(row) for row in rows(document)}
        told = dict(missing_ids(document))
        left_out: list[Change] = []
        for change in changes:
            id_ = change.ref.id
            if id_ in written:
                self._say(change, Receipt(change.ref, "written"))
            elif told.get(id_) == NOT_FOUND:
                self._say(change, _gone(change.ref))
            elif id_ in told:
                self._say(change, Receipt(change.ref, "refused", told[id_] or None, _why(told[id_], ())))
            else:
                left_out.append(change)
        self._look(left_out)

    def _read_back(self, changes: Sequence[Change], error: Unavailable) -> None:
        """The answer was lost on the way, or HubSpot is down: what it holds now tells which. Where it asked us to wait
        or to stop, or holds nothing of it, nothing was written: the next batch would fare no better."""
        if error.retry_after is not None or isinstance(error, QuotaSpent):
            raise error
        try:
            self._look(changes)
        except Unavailable:
            raise error from None
        if not any(self.answers[c.ref].status in {"written", "gone"} for c in changes):
            raise error

    def _look(self, changes: Sequence[Change]) -> None:
        """Settle changes nobody answered by what HubSpot holds now."""
        if not changes:
            return
        names = sorted({name for c in changes for name in c.after})
        held = {id_of(row): properties(row) for row in self.api.read("contacts", [c.ref.id for c in changes], names)}
        for change in changes:
            now = held.get(change.ref.id)
            if now is None:
                self._say(change, _gone(change.ref))
            elif all(same(self.ours[n], raw(now.get(n)), v) for n, v in change.after.items()):
                self._say(change, Receipt(change.ref, "written"))
            else:
                self._say(change, _unknown(change.ref))

    def _say(self, change: Change, receipt: Receipt) -> None:
        self.answers[change.ref] = receipt
        self.wrote = self.wrote or receipt.status == "written"


def _unique(changes: Sequence[Change]) -> Iterator[list[Change]]:
    """The changes in order, cut where a contact comes again: HubSpot refuses a batch that names one twice."""
    some: list[Change] = []
    for change in changes:
        if any(change.ref == other.ref for other in some):
            yield some
            some = []
        some.append(change)
    yield some


def ours_of(results: Mapping[str, str]) -> Mapping[str, Result]:
    """The fields that may be written, from the mapping's result name -> CRM field name."""
    return {name: BY_NAME[result] for result, name in results.items() if not BY_NAME[result].by_sales}


def _gone(ref: Ref) -> Receipt:
    return Receipt(ref, "gone", NOT_FOUND, say("the record no longer exists"))


def _unknown(ref: Ref) -> Receipt:
    return Receipt(ref, "unknown", None, say("HubSpot did not say whether it was written; the next run looks first"))


def _refusal(ref: Ref, refused: Refused) -> Receipt:
    document = refused.answer.document
    told = [e.get("context") for e in errors_of(document if isinstance(document, dict) else {})]
    fields = [name for c in told if isinstance(c, dict) for name in c.get("propertyName") or () if code_word(name)]
    code = refused.verdict.code or str(refused.answer.status)
    return Receipt(ref, "refused", code, _why(code, fields))


def _why(code: str, fields: Sequence[str]) -> Message:
    if fields:
        return say("HubSpot refused it: {code} ({fields})", code=code, fields=", ".join(fields))
    return say("HubSpot refused it: {code}", code=code)

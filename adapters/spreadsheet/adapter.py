"""A spreadsheet as a CRM: the leads of a file, their activities, and our results in a file of our own beside it.

Each pull is one full sweep of the file, because rows carry no modified stamp; a file that has not changed since the
last finished sweep is not told again. The user's own file is only ever read.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from adapters.spreadsheet.identity import PERSON_HEADERS, by_id, id_column, recognised
from adapters.spreadsheet.out import Held, read_out, texts, write_out
from adapters.spreadsheet.table import Row, Table, read_table, sheet_names
from connector.errors import user_error
from connector.instants import Instant, parse_instant
from connector.model import Change, Event, Receipt, Record, Ref
from connector.ports import CRM, FieldChange, FieldSchema, Page, Schema, Sweep, Traits, Wants
from connector.results import BY_NAME, Result
from connector.words import Message, say

LEADS = "leads"
ACTIVITIES = "activities"
ACTIVITY_SHEETS = ("activities", "activity", "活動", "行動")
CREATED_HEADERS = ("createdat", "createddate", "createdate", "created", "作成日時", "登録日時")


@dataclass(frozen=True, slots=True)
class SpreadsheetConfig:
    """A connection: the file of leads, that of activities (or a sheet named `activities` beside the leads), and ours.

    `id_field` is the header that says who; left out, usual ones are recognised, and at last rows are counted. Without
    `out_path` nothing can be pushed: the file is only read.
    """

    name: str
    path: Path
    out_path: Path | None = None
    activities_path: Path | None = None
    id_field: str | None = None
    page_size: int = 1_000
    batch_size: int = 10_000


@dataclass(frozen=True, slots=True)
class Sheets:
    """What the files hold at one moment: rows by id, activities by person, our results; `digest` of all their bytes."""

    table: Table
    id_column: str | None
    rows: Mapping[str, Row]
    activities: Table | None
    held: Held = field(repr=False)
    digest: str
    seen_at: Instant


def open_spreadsheet(config: SpreadsheetConfig, wants: Wants, *, now: Callable[[], Instant]) -> CRM:
    """The spreadsheet of a connection. Raises UserError when our file would be the user's own."""
    ours = config.out_path and config.out_path.resolve()
    if ours and any(p and p.resolve() == ours for p in (config.path, config.activities_path)):
        fix = say("Name another output file; this one is left as it is.")
        raise user_error("LH-413", say("the output file is the input file"), str(config.out_path), fix)
    return Spreadsheet(config, wants, now)


@dataclass(frozen=True, slots=True)
class Spreadsheet:
    """The adapter. Files are read anew by each call, so that what the user saved meanwhile is seen."""

    config: SpreadsheetConfig
    wants: Wants
    now: Callable[[], Instant] = field(repr=False)
    _calls: Counter[str] = field(default_factory=Counter)

    @property
    def traits(self) -> Traits:
        sources = (ACTIVITIES,) if self._activities_at() else ()
        return Traits("spreadsheet", self.config.batch_size, (LEADS,), sources, _notices(self.config))

    def describe(self) -> Schema:
        sheets = self._read()
        fields = {name: FieldSchema(name, name, "text", "text", False) for name in sheets.table.header}
        ours = {crm: FieldSchema(crm, crm, BY_NAME[name].type, "text", True) for name, crm in self._results().items()}
        events = {ACTIVITIES: frozenset(sheets.activities.header)} if sheets.activities else {}
        return Schema({LEADS: fields | ours}, events)

    def pull(self, cursor: str | None) -> Iterator[Page]:
        sheets = self._read()
        sweep, start = _resume(cursor, sheets.digest)
        ids = list(sheets.rows)
        if start >= len(ids):
            yield Page(cursor=cursor or "")
            return
        for at in range(start, len(ids), self.config.page_size):
            end = min(at + self.config.page_size, len(ids))
            told = json.dumps({"sweep": sweep, "digest": sheets.digest, "row": end})
            records = [self._record(id_, sheets) for id_ in ids[at:end]]
            events = list(self._events(sheets)) if end == len(ids) else []
            yield Page(records, events, (), told, Sweep(LEADS, sweep, end == len(ids)), len(ids))

    def push(self, changes: Sequence[Change]) -> Sequence[Receipt]:
        if not changes:
            return []
        self._calls["write"] += 1
        sheets = self._read()
        receipts = [self._verdict(change, sheets) for change in changes]
        held = {id_: dict(values) for id_, values in sheets.held.items() if id_ in sheets.rows}
        for change, receipt in zip(changes, receipts, strict=True):
            if receipt.status == "written":
                held.setdefault(change.ref.id, {}).update(texts(change.after))
        if held != sheets.held and self.config.out_path:
            write_out(self.config.out_path, held, tuple(self._results().values()))
        return receipts

    def provision(self, wanted: Mapping[str, Sequence[tuple[str, Result]]], *, apply: bool) -> Iterator[FieldChange]:  # noqa: ARG002 - a file needs no fields made
        """Our file gets its columns when it is written; there is nothing to create."""
        for object_, fields in wanted.items():
            for name, _ in fields:
                yield FieldChange(object_, name, "exists", say("is there"))

    def calls(self) -> Mapping[str, int]:
        return dict(self._calls)

    def close(self) -> None:
        """No file is held open."""

    # ---- reading -----------------------------------------------------------------------------------------------------

    def _read(self) -> Sheets:
        self._calls["read"] += 1
        config = self.config
        table = read_table(config.path)
        column = id_column(table, config.id_field)
        elsewhere = self._activities_at()
        activities = read_table(*elsewhere) if elsewhere else None
        digest = _digest(config.path, config.out_path, config.activities_path)
        held = read_out(config.out_path) if config.out_path else {}
        return Sheets(table, column, by_id(table, column), activities, held, digest, self.now())

    def _activities_at(self) -> tuple[Path, str | None] | None:
        if self.config.activities_path:
            return self.config.activities_path, None
        named = [s for s in sheet_names(self.config.path)[1:] if s.strip().casefold() in ACTIVITY_SHEETS]
        return (self.config.path, named[0]) if named else None

    def _results(self) -> Mapping[str, str]:
        return self.wants.results.get(LEADS, {})

    def _record(self, id_: str, sheets: Sheets) -> Record:
        row = sheets.rows[id_]
        fields = {n: row.cells[n] for n in sorted(self.wants.people.get(LEADS, frozenset()) & row.cells.keys())}
        held = sheets.held.get(id_, {})
        ours = {name: held.get(name) for name in self._results().values()}
        return Record(Ref(self.config.name, LEADS, id_), fields | ours, sheets.seen_at, _created(row, sheets.table))

    def _events(self, sheets: Sheets) -> Iterator[Event]:
        wanted = self.wants.events.get(ACTIVITIES)
        if sheets.activities is None or wanted is None:
            return
        who = recognised(sheets.activities.header, PERSON_HEADERS)
        if who is None:
            fix = say("Name the column with the lead's id 'lead_id'.")
            raise user_error("LH-416", say("no column says whose activity it is"), sheets.activities.where, fix)
        named = recognised(tuple(h for h in sheets.activities.header if h != who), ("id", "activityid", "活動id"))
        for row in sheets.activities.rows:
            person = (row.cells[who] or "").strip()
            if person in sheets.rows:
                fields = {n: v for n, v in row.cells.items() if n in wanted.fields}
                yield Event(ACTIVITIES, _event_id(row, named), Ref(self.config.name, LEADS, person), fields)

    def _verdict(self, change: Change, sheets: Sheets) -> Receipt:
        if self.config.out_path is None:
            return Receipt(change.ref, "refused", "NO_FILE", say("no output file is named"))
        if change.ref.id not in sheets.rows:
            return Receipt(change.ref, "gone", "NO_ROW", say("the file has no such row any more"))
        strange = sorted(change.after.keys() - set(self._results().values()))
        if strange:
            why = say("there is no field '{name}' to write", name=strange[0])
            return Receipt(change.ref, "refused", "NO_FIELD", why)
        return Receipt(change.ref, "written")


def _notices(config: SpreadsheetConfig) -> tuple[Message, ...]:
    if config.id_field is not None or id_column(read_table(config.path), None):
        return ()
    return (say("no id column was recognised: rows are counted, and must keep their order; 'id:' names a column"),)


def _resume(cursor: str | None, digest: str) -> tuple[int, int]:
    """Number of the sweep and its next row: the one under way while the files are the same, else a new one."""
    if not cursor:
        return 1, 0
    told = json.loads(cursor)
    return (told["sweep"], told["row"]) if told["digest"] == digest else (told["sweep"] + 1, 0)


def _digest(*paths: Path | None) -> str:
    found = hashlib.sha256()
    for path in paths:
        data = path.read_bytes() if path and path.exists() else b""
        found.update(len(data).to_bytes(8, "big") + data)
    return found.hexdigest()[:32]


def _created(row: Row, table: Table) -> Instant | None:
    """When the lead was created, if a usual column says so with its zone; a mapping may know more."""
    name = recognised(table.header, CREATED_HEADERS)
    try:
        return parse_instant(row.cells[name] or "") if name else None
    except ValueError:
        return None


def _event_id(row: Row, named: str | None) -> str:
    """The row's own id; without one, a digest of what it says, so that moving the row changes nothing."""
    told = (row.cells[named] or "").strip() if named else ""
    return told or hashlib.sha256(json.dumps(row.cells, sort_keys=True).encode()).hexdigest()[:24]

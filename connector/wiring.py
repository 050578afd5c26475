"""The only importer of adapters: settings in, an open connection out, ready for a pass."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

from connector.book import Book, Texts, open_book
from connector.errors import Problem, did_you_mean, refuse, user_error
from connector.instants import Instant
from connector.live import Finding
from connector.mapping.check import check_mapping
from connector.mapping.document import OBJECTS
from connector.mapping.suggest import Column
from connector.model import Change, Raw, Ref, Run
from connector.plan import Plan
from connector.ports import CRM, FieldChange, FieldSchema, Wants
from connector.results import BY_NAME, Result
from connector.scoring.examples import play_examples
from connector.settings import ConnectionSettings, Settings
from connector.store import SqlStore, book_text, remember_book, reopen_store
from connector.sync import Orders, Rim, sync
from connector.views import find_lead
from connector.words import Message, say
from connector.workbook.handoffs import Handoff, handoffs_of, titles
from connector.workbook.scored import is_ours


@dataclass(frozen=True, slots=True)
class Wired:
    """One connection, opened."""

    name: str
    crm: CRM
    book: Book
    store: SqlStore
    settings: Settings

    @property
    def connection(self) -> ConnectionSettings:
        return self.settings.connections[self.name]

    @property
    def wanted(self) -> dict[str, Sequence[tuple[str, Result]]]:
        """Our fields, by object: (CRM field name, result)."""
        results = self.book.mapping.wants.results
        return {obj: [(field, BY_NAME[name]) for name, field in fields.items()] for obj, fields in results.items()}

    def check(self, now: Instant, *, fields_ready: bool = True) -> Sequence[Message]:
        """Hold the files against the CRM as it is now. Raises UserError with every problem; returns notices.

        With `fields_ready` false, missing result fields are no problem: `apply` is about to make them."""
        problems = list(play_examples(self.book.card, now))
        report = check_mapping(self.book.mapping, self.crm.describe(), fields_ready=fields_ready)
        refuse([*problems, *report.problems])
        return [*self.crm.traits.notices, *report.notices]

    def find(self, text: str | None) -> Ref | None:
        """The lead a person means by its id; None for None. Raises UserError when there is none or more than one."""
        return None if text is None else one_lead(self.store, text, self.name)

    def sync(self, orders: Orders, rim: Rim) -> tuple[Run, Plan]:
        """One pass. The book is remembered by its digest, so that a later one can tell what it would have said."""
        remember_book(self.store, self.book.digest, self.book.texts.to_json())
        share = self.connection.max_changes if orders.max_share is None else orders.max_share
        return sync(self.name, self.crm, self.store, self.book, self.earlier, replace(orders, max_share=share), rim)

    def earlier(self, digest: str) -> Book | None:
        """The book of an earlier scoring, read again from the texts it had then."""
        text = book_text(self.store, digest)
        return _book(Texts.from_json(text), self.settings.zone, self.book.wording.lang) if text else None


@contextmanager
def wired(settings: Settings, name: str, now: Callable[[], Instant]) -> Iterator[Wired]:
    """A connection, opened for use and closed afterwards."""
    connection = settings.connections[name]
    book = open_book_of(settings, connection)
    store = reopen_store(settings.database_url, now)
    crm = open_crm(name, connection, book.mapping.wants, now)
    try:
        yield Wired(name, crm, book, store, settings)
    finally:
        crm.close()
        store.close()


def open_crm(name: str, connection: ConnectionSettings, wants: Wants, now: Callable[[], Instant]) -> CRM:
    """The adapter for this connection. Only here does a CRM's name choose code; each adapter is imported when it is
    used, so that nobody waits for a client they do not need."""
    openers = {"hubspot": _hubspot, "salesforce": _salesforce, "spreadsheet": _spreadsheet}
    return openers[connection.crm](name, connection, wants, now)


def open_book_of(settings: Settings, connection: ConnectionSettings) -> Book:
    return _book(read_texts(settings.scorecard, connection.mapping), settings.zone, connection.lang)


_book = lru_cache(maxsize=16)(open_book)
"""Both files are looked at before each pass; only what they have not said before is read as rules."""


def read_texts(scorecard: Path, mapping: Path) -> Texts:
    """Both files as they stand on disk. Raises UserError for each that cannot be read."""
    card, card_problem = read_text(scorecard)
    words, words_problem = read_text(mapping)
    refuse([p for p in (card_problem, words_problem) if p])
    return Texts(str(scorecard), card, str(mapping), words)


def read_text(path: Path) -> tuple[str, Problem | None]:
    try:
        return path.read_text("utf-8-sig"), None
    except FileNotFoundError:
        problem = Problem("LH-120", say("there is no such file"), str(path), say("'leadheat init' writes one."))
    except UnicodeDecodeError:
        problem = Problem("LH-121", say("the file is not UTF-8"), str(path), say("Save it as UTF-8."))
    except OSError as error:
        problem = Problem("LH-122", say("the file cannot be read ({reason})", reason=str(error.strerror)), str(path))
    return "", problem


def connections(settings: Settings, wanted: Sequence[str] | None) -> list[str]:
    """The names of the connections meant: all, or those asked for. Raises UserError for unknown ones, or none."""
    known = sorted(settings.connections)
    if not known:
        raise user_error(
            "LH-123",
            say("no connection is configured"),
            fix=say("'leadheat init' begins; 'leadheat connect' adds one."),
        )
    unknown = [n for n in wanted or () if n not in known]
    problems = [
        Problem("LH-124", say("there is no connection '{name}'", name=n), fix=did_you_mean(n, known)) for n in unknown
    ]
    refuse(problems)
    return list(wanted) if wanted else known


def refuse_clash(fields: Sequence[FieldChange]) -> None:
    """Raise UserError when one of our fields exists with another type: only a person can solve that."""
    clashes = [f for f in fields if f.action == "clash"]
    refuse(
        [
            Problem("LH-125", f.what, f"{f.object}.{f.field}", say("Rename ours under 'results:' in the mapping."))
            for f in clashes
        ]
    )


def one_lead(store: SqlStore, text: str, connection: str | None = None) -> Ref:
    """The one lead that a person means. Raises UserError when there is none, or more than one."""
    found = [r for r in find_lead(store, text) if connection in (None, r.connection)]
    if len(found) == 1:
        return found[0]
    if not found:
        # an address would end up in whatever keeps what is printed
        what = say("no lead with this address is known") if "@" in text else say("no lead '{id}' is known", id=text)
        raise user_error("LH-705", what, fix=say("Run 'leadheat sync' first, or check the id."))
    names = ", ".join(str(ref) for ref in found[:5])
    raise user_error("LH-706", say("'{id}' could be {names}", id=text, names=names), fix=say("Give the whole name."))


def clear_fields(settings: Settings, name: str, refs: Sequence[Ref], now: Callable[[], Instant]) -> None:
    """Blank our fields on these records, sales' own verdict excepted; who is gone needs nothing. Raises UserError
    when the CRM did not take it, so that nothing is forgotten that still stands there."""
    with wired(settings, name, now) as wire:
        for object_, fields in wire.wanted.items():
            after = {field: False if r.type == "truth" else None for field, r in fields if not r.by_sales}
            changes = [Change(ref, {}, after) for ref in refs if ref.object == object_]
            left = [r for r in wire.crm.push(changes) if r.status in {"refused", "unknown"}] if changes else []
            refuse([Problem("LH-614", say("{ref}: the CRM kept our fields", ref=str(r.ref)), fix=KEPT) for r in left])


KEPT = say("Nothing was removed here. Try again, or leave out --clear-crm.")


def examined(settings: Settings, name: str, record: Ref | None, now: Callable[[], Instant]) -> list[Finding]:
    """What documents say of this connection's CRM, tried on this account: reading only, or also writing our fields of
    one record, which hold afterwards what they held before. Raises UserError where there is nothing to try or, before
    anything is written, when our fields are not ready there."""
    from adapters.hubspot.adapter import HubSpotCRM
    from adapters.hubspot.live import examine_hubspot
    from adapters.salesforce.adapter import SalesforceCRM
    from adapters.salesforce.live import examine_salesforce

    with wired(settings, name, now) as wire:
        if record is not None:
            wire.check(now())
        object_ = record.object if record else next(iter(wire.wanted), "")
        ours = {result.name: field for field, result in wire.wanted.get(object_, ()) if not result.by_sales}
        if record is not None and not ours:
            raise user_error("LH-712", say("nothing is written to {object}", object=object_), "--write")
        if isinstance(wire.crm, HubSpotCRM):
            return list(examine_hubspot(wire.crm.api, ours, record.id if record else None))
        if isinstance(wire.crm, SalesforceCRM):
            return list(examine_salesforce(wire.crm.link, ours, object_, record.id if record else None))
    raise user_error("LH-710", say("{name}: there is no service behind it that could be examined", name=name))


# ---- spreadsheets ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SheetFile:
    """A spreadsheet, opened for scoring: its adapter, and the user's own columns and cells as they stand there."""

    path: Path
    crm: CRM
    header: tuple[str, ...]
    rows: Sequence[Mapping[str, Raw]] = field(repr=False)


def open_sheet(path: Path, activities: Path | None, wants: Wants, now: Callable[[], Instant]) -> SheetFile:
    """A file of leads, read only. Raises UserError with everything that is wrong with it."""
    from adapters.spreadsheet import SpreadsheetConfig, open_spreadsheet
    from adapters.spreadsheet.table import read_table

    table = read_table(path)
    crm = open_spreadsheet(SpreadsheetConfig("file", path, activities_path=activities), wants, now=now)
    return SheetFile(path, crm, table.header, [row.cells for row in table.rows])


def read_handoffs(path: Path) -> list[Handoff]:
    """The hand-off record in a workbook that an earlier scoring wrote; none while there is no such file.

    Raises UserError when the file is somebody else's: it would be written over."""
    from adapters.spreadsheet.table import read_rows, read_table, sheet_names

    if not path.exists():
        return []
    header = read_table(path).header
    named = [name for name in sheet_names(path) if name in titles()]
    if not header or not is_ours(header[0]) or (path.suffix.lower() == ".xlsx" and not named):
        fix = say("Name another output file; this one is left as it is.")
        raise user_error("LH-414", say("the output file was not written by Leadheat"), str(path), fix)
    return handoffs_of(read_rows(path, named[0])) if named else []


def _spreadsheet(name: str, connection: ConnectionSettings, wants: Wants, now: Callable[[], Instant]) -> CRM:
    from adapters.spreadsheet import SpreadsheetConfig, open_spreadsheet

    # settings refuse a spreadsheet connection without a path
    path = connection.path or Path()
    config = SpreadsheetConfig(name, path, connection.out, connection.activities, connection.id)
    return open_spreadsheet(config, wants, now=now)


def _salesforce(name: str, connection: ConnectionSettings, wants: Wants, now: Callable[[], Instant]) -> CRM:
    from adapters.salesforce import SalesforceConfig, open_salesforce

    token = connection.access_token or connection.token
    config = SalesforceConfig(
        name,
        connection.instance_url or connection.base_url or "",
        client_id=connection.client_id,
        client_secret=connection.client_secret.get_secret_value() if connection.client_secret else None,
        username=connection.username,
        private_key=connection.private_key.get_secret_value() if connection.private_key else None,
        access_token=token.get_secret_value() if token else None,
        ca_file=connection.ca_file,
        api_budget=connection.api_budget,
    )
    return open_salesforce(config, wants, now=now)


def _hubspot(name: str, connection: ConnectionSettings, wants: Wants, now: Callable[[], Instant]) -> CRM:
    from adapters.hubspot import HubSpotConfig, open_hubspot
    from adapters.hubspot.config import HOST

    config = HubSpotConfig(
        name,
        connection.token.get_secret_value() if connection.token else "",
        base_url=connection.base_url or HOST,
        ca_file=connection.ca_file,
        api_budget=connection.api_budget,
        lang=connection.lang,
    )
    return open_hubspot(config, wants, now=now)


# ---- what the fields hold -------------------------------------------------------------------------------------------

SHOWN_SAMPLES = 3
LONGEST_SAMPLE = 40


def columns_of(settings: Settings, name: str, now: Callable[[], Instant], sample: int) -> list[Column]:
    """Every field of a connection's people, with how full it is among the first `sample` records of each object."""
    connection = settings.connections[name]
    whole = Wants(dict.fromkeys(OBJECTS[connection.crm], frozenset[str]()), {})
    with closing(open_crm(name, connection, whole, now)) as crm:
        schema = crm.describe()
    found: list[Column] = []
    for object_, fields in schema.objects.items():
        wants = Wants({object_: frozenset(fields)}, {})
        with closing(open_crm(name, connection, wants, now)) as crm:
            found += _columns(object_, fields.values(), _sampled(crm, object_, sample))
    return found


def columns_of_file(path: Path, sample: int) -> list[Column]:
    """The same for a spreadsheet. Raises UserError with everything that is wrong with it."""
    file = open_sheet(path, None, Wants({}, {}), lambda: 0)
    fields = [FieldSchema(name, name, "text", "text", False) for name in file.header]
    return _columns("leads", fields, list(file.rows[:sample]))


def _sampled(crm: CRM, object_: str, sample: int) -> list[Mapping[str, Raw]]:
    """What the first records hold; the pull is left as soon as there are enough."""
    found: list[Mapping[str, Raw]] = []
    for page in crm.pull(None):
        found += [r.fields for r in page.records if r.ref.object == object_ and not r.gone]
        if len(found) >= sample:
            break
    return found[:sample]


def _columns(object_: str, fields: Iterable[FieldSchema], records: Sequence[Mapping[str, Raw]]) -> list[Column]:
    return [_column(object_, schema, [r.get(schema.name) for r in records]) for schema in fields]


def _column(object_: str, schema: FieldSchema, values: Sequence[Raw]) -> Column:
    held = [value.strip() for value in values if value and value.strip()]
    samples = [" ".join(text[:LONGEST_SAMPLE].split()) for text in list(dict.fromkeys(held))[:SHOWN_SAMPLES]]
    return Column(object_, schema, len(held) / max(len(values), 1), samples)

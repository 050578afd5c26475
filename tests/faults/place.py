"""A small company in one CRM, a store beside it, and passes over both: real sockets, a real database, invented time.

A place is made from a template, so that hundreds of cases do not each pay for its seeding: `fresh` has our fields and
nothing written in them, `settled` has seen one good pass and then a day's edits.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeAlias
from zoneinfo import ZoneInfo

from adapters.hubspot import HubSpotConfig, open_hubspot
from adapters.hubspot.sandbox import Options as HubSpotOptions
from adapters.hubspot.sandbox import open_hubspot_sandbox
from adapters.salesforce import SalesforceConfig, open_salesforce
from adapters.salesforce.sandbox import Options as SalesforceOptions
from adapters.salesforce.sandbox import open_salesforce_sandbox
from adapters.sandbox.server import Running, Tls, serve
from adapters.sandbox.state import State
from connector.book import Book
from connector.configured import ConnectionSettings, Settings
from connector.errors import LeadheatError
from connector.instants import HOUR, SECOND, Instant, parse_instant
from connector.model import Run
from connector.ports import CRM
from connector.store import open_store
from connector.sync import Orders, Rim
from connector.views import list_runs
from connector.wiring import Wired, open_book_of
from connector.words import Message
from tests.faults.strikes import Wire

Name: TypeAlias = Literal["hubspot", "salesforce"]
CRMS: tuple[Name, ...] = ("hubspot", "salesforce")
PEOPLE: Mapping[str, tuple[str, ...]] = {"hubspot": ("contacts",), "salesforce": ("Lead", "Contact")}
START: Instant = parse_instant("2026-11-24T00:00:00Z")
FIRST, NEXT, LAST = START, START + 2 * HOUR, START + 4 * HOUR
"""When the first pass of a settled place was, when a case's own pass is, and when the schedule comes round again."""
MAPPINGS = Path(__file__).parents[2] / "mappings"
LEADS, SEED = 8, 7


@dataclass
class Clock:
    """Both sides' time. Waiting moves it; `ahead` is how much faster ours goes than the CRM's, in microseconds."""

    at: Instant = START
    slept: float = 0.0
    ahead: int = 0

    def far(self) -> Instant:
        return self.at

    def near(self) -> Instant:
        return self.at + self.ahead

    def sleep(self, seconds: float) -> None:
        self.slept += seconds
        self.at += int(seconds * SECOND)


@dataclass(frozen=True, slots=True)
class Shape:
    """How a CRM is cut for a case: sizes of its pages, and rows from which Salesforce is spoken to by bulk jobs."""

    page: int = 5
    bulk_read: int = 10_000
    bulk_write: int = 2_000
    hubspot: HubSpotOptions = HubSpotOptions()  # noqa: RUF009 - frozen
    token: bool = False
    tls: bool = False

    def encrypted(self, crm: str) -> bool:
        """Whether the CRM speaks https; Salesforce never does otherwise."""
        return self.tls or crm == "salesforce"


PLAIN = Shape()
JOBS = Shape(bulk_read=3, bulk_write=3)
GIVEN_TOKEN = Shape(token=True)
SECURE = Shape(tls=True)


@dataclass(frozen=True, slots=True)
class Ended:
    """How a pass ended: the run as it is remembered, what was raised, the command's exit code, what it asked."""

    run: Run | None
    error: LeadheatError | None
    notices: tuple[Message, ...] = ()
    asked: tuple[str, ...] = ()
    waited: float = 0.0

    @property
    def code(self) -> int:
        if self.error:
            return self.error.exit_code
        return 5 if self.run and self.run.counts.rejected else 0

    @property
    def status(self) -> str:
        """As `leadheat runs` shows it; `none` when the pass was refused before it began."""
        return self.run.status if self.run else "none"

    def words(self, lang: Literal["ja", "en"]) -> str:
        return self.error.in_(lang) if self.error else ""


@dataclass
class Place:
    """One CRM, served; a database file; the connector between them."""

    name: Name
    shape: Shape
    folder: Path
    tls: Tls
    state: State
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self.sandbox = _sandbox(self.name, self.shape, self.state, self.clock)
        self.desk, self.weather = self.sandbox.desk, self.sandbox.weather
        self.wire = Wire(self.name, self)
        self.port = 0
        self.server: Running | None = None
        self.trust: Path | None = self.tls.ca_file
        self.token: str | None = None
        self.open_for_business()

    def open_for_business(self) -> None:
        """Listen again where it listened before."""
        tls = self.tls if self.shape.encrypted(self.name) else None
        self.server = serve(self.wire.around(self.sandbox.app), port=self.port, tls=tls)
        self.port = self.server.port

    def close_down(self) -> None:
        """Nobody listens any more; who is connected is hung up on."""
        if self.server:
            self.server.stop()
            self.server = None

    def close(self) -> None:
        self.close_down()
        self.state.close()

    @property
    def database(self) -> Path:
        return self.folder / "leadheat.db"

    @property
    def url(self) -> str:
        return f"http{'s' if self.shape.encrypted(self.name) else ''}://127.0.0.1:{self.port}"

    # ---- passes ------------------------------------------------------------------------------------------------------

    @contextmanager
    def wired(self) -> Iterator[Wired]:
        settings = _settings(self.name, self.database)
        book = _book(self.name)
        store = open_store(settings.database_url, now=self.clock.near)
        crm = self._open(book.mapping.wants)
        try:
            yield Wired(self.name, crm, book, store, settings)
        finally:
            crm.close()
            store.close()

    def _open(self, wants: Any) -> CRM:
        if self.name == "hubspot":
            hub = HubSpotConfig(
                self.name, self.token or str(self.sandbox.token), base_url=self.url, page_size=self.shape.page,
                search_size=self.shape.page, together=self.shape.page, api_budget=1.0, timeout=TIMEOUT,
                ca_file=self.trust,
            )  # fmt: skip
            return open_hubspot(hub, wants, now=self.clock.near, sleep=self.clock.sleep)
        config = SalesforceConfig(
            self.name, self.url, ca_file=self.trust, api_budget=1.0, timeout=TIMEOUT,
            bulk_read_from=self.shape.bulk_read, bulk_write_from=self.shape.bulk_write,
        )  # fmt: skip
        if self.shape.token:
            config = replace(config, access_token=self.token or self.sandbox.token)
        else:
            config = replace(config, client_id=self.sandbox.client_id, client_secret=self.token or SECRET)
        return open_salesforce(config, wants, now=self.clock.near, sleep=self.clock.sleep)

    def run(self, orders: Orders = Orders(max_share=1.0)) -> Ended:  # noqa: B008 - frozen
        """What `leadheat sync` does: check, then one pass. Any error but our own goes up to the test."""
        notices: list[Message] = []
        before, slept = len(self.wire.asked), self.clock.slept
        run, error = None, None
        with self.wired() as wire:
            last = last_run(self.database)
            try:
                notices += wire.check(self.clock.near())
                run, _ = wire.sync(orders, Rim(self.clock.near, notice=notices.append))
            except LeadheatError as problem:
                error = problem
        found = last_run(self.database)
        run = run or (found if found and (last is None or found.id != last.id) else None)
        return Ended(run, error, tuple(notices), tuple(self.wire.asked[before:]), self.clock.slept - slept)

    def provision(self) -> LeadheatError | None:
        """What `leadheat apply --only fields` does."""
        with self.wired() as wire:
            try:
                list(wire.crm.provision(wire.wanted, apply=True))
            except LeadheatError as problem:
                return problem
        return None


SECRET = SalesforceOptions().client_secret
TIMEOUT = (2.0, 0.25)
"""Seconds for connecting and reading, on the machine's own clock: only faults that hang are ever waited for."""


def last_run(database: Path) -> Run | None:
    """The newest run in a database."""
    store = open_store(f"sqlite:///{database}", now=lambda: LAST)
    try:
        found = list_runs(store, None, 1)
    finally:
        store.close()
    return found[0] if found else None


def _settings(name: Name, database: Path) -> Settings:
    connection = ConnectionSettings(crm=name, mapping=MAPPINGS / f"{name}.yaml", max_changes="100%")
    return Settings(
        folder=MAPPINGS, scorecard=MAPPINGS / "scorecard.yaml", database_url=f"sqlite:///{database}",
        zone=ZoneInfo("Asia/Tokyo"), connections={name: connection},
    )  # fmt: skip


@cache
def _book(name: Name) -> Book:
    """The shipped files, read once: nothing of a book ever changes."""
    settings = _settings(name, Path("leadheat.db"))
    return open_book_of(settings, settings.connections[name])


def _sandbox(name: Name, shape: Shape, state: State, clock: Clock) -> Any:
    if name == "hubspot":
        return open_hubspot_sandbox(state, clock.far, options=shape.hubspot)
    options = SalesforceOptions(page_size=shape.page, smallest_page=1, long_text_page=shape.page, bulk_page=shape.page)
    return open_salesforce_sandbox(state, clock.far, options=options)

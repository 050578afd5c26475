"""Local CRMs full of people, each seeded once and kept in `.bench/`; what a run changes is thrown away."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from adapters.hubspot.provision import property_body
from adapters.hubspot.sandbox import HubSpotSandbox, open_hubspot_sandbox
from adapters.hubspot.sandbox import Options as HubSpotOptions
from adapters.salesforce.provision import metadata
from adapters.salesforce.sandbox import Options as SalesforceOptions
from adapters.salesforce.sandbox import SalesforceSandbox, open_salesforce_sandbox
from adapters.sandbox.server import Running, Tls, certificate, serve
from adapters.sandbox.state import State
from adapters.sandbox.world import make_world
from connector.instants import DAY, SECOND, parse_instant
from connector.model import Change, Ref
from connector.results import RESULTS

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

ROOT = Path(__file__).parents[2]
CACHE = ROOT / ".bench"
START = parse_instant("2026-11-24T00:00:00Z")
SEED = 7


@dataclass
class Clock:
    """Time as a CRM and we have it together. Waiting moves it, and nothing else does."""

    at: int = START

    def now(self) -> int:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.at += int(seconds * SECOND)


@dataclass(frozen=True, slots=True)
class HubSpotTown:
    """A HubSpot account being served. `refused` are the requests that came too many."""

    sandbox: HubSpotSandbox
    server: Running
    clock: Clock
    refused: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class SalesforceTown:
    """A Salesforce org being served."""

    sandbox: SalesforceSandbox
    server: Running
    clock: Clock
    tls: Tls
    refused: list[str] = field(default_factory=list)


@contextmanager
def hubspot_town(leads: int, **options: Any) -> Iterator[HubSpotTown]:
    """An account with about so many contacts, a year's life of theirs, and our fields, all blank."""
    clock = Clock()
    with _copy(hubspot_file(leads)) as file:
        sandbox = open_hubspot_sandbox(State(file), clock.now, options=HubSpotOptions(**options))
        refused: list[str] = []
        server = serve(counting(sandbox.app, refused))
        try:
            yield HubSpotTown(sandbox, server, clock, refused)
        finally:
            server.stop()
            sandbox.state.close()


@contextmanager
def salesforce_town(leads: int, **options: Any) -> Iterator[SalesforceTown]:
    """An org with about so many people, most of them leads, and our fields, all blank."""
    clock, tls = Clock(), certificate(CACHE / "certificate")
    with _copy(salesforce_file(leads)) as file:
        sandbox = open_salesforce_sandbox(State(file), clock.now, options=SalesforceOptions(**options))
        refused: list[str] = []
        server = serve(counting(sandbox.app, refused), tls=tls)
        try:
            yield SalesforceTown(sandbox, server, clock, tls, refused)
        finally:
            server.stop()
            sandbox.state.close()


def counting(app: WSGIApplication, refused: list[str]) -> WSGIApplication:
    """The app, with the path of every request that it answers with 429 put down."""

    def heard(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        def begin(status: str, headers: list[tuple[str, str]], error: Any = None) -> Any:
            if status.startswith("429"):
                refused.append(environ["PATH_INFO"])
            return start(status, headers, error) if error else start(status, headers)

        return app(environ, begin)

    return heard


def writing(ref: Ref, n: int, names: Mapping[str, str]) -> Change:
    """A first fill of all our fields on one record."""
    texts = {"band": "warm", "reasons": "料金ページを3回閲覧 +15\n部長 +10", "next_step": None}
    values: dict[str, str | int | bool | None] = {
        r.name: n % 100 if r.type == "number" else n % 7 == 0 if r.type == "truth" else START if r.type == "instant"
        else texts.get(r.name)
        for r in RESULTS if not r.by_sales
    }  # fmt: skip
    told = {names[name]: value for name, value in values.items() if name in names and value is not None}
    return Change(ref, dict.fromkeys(told), told)


def hubspot_file(leads: int) -> Path:
    """The state of an account, seeded the first time. A third of the contacts have written to us."""

    def fill(file: Path) -> None:
        clock = Clock(START - DAY)
        sandbox = open_hubspot_sandbox(State(file), clock.now)
        sandbox.seed(make_world(leads, SEED, clock.at))
        for result in RESULTS:
            body = property_body(result.hubspot, result, "ja")
            sandbox.desk.define_field("contacts", body.pop("name"), body.pop("type"), **body)
        clock.at = START - 40 * DAY
        for who in list(sandbox.account.shelf("contacts").live)[::3]:
            mail = sandbox.desk.add("emails", hs_timestamp=clock.at, hs_email_direction="INCOMING_EMAIL")
            sandbox.desk.associate("emails", mail, "contacts", str(who))
        sandbox.state.close()

    return _made("hubspot", leads, fill)


def salesforce_file(leads: int) -> Path:
    """The state of an org, seeded the first time."""

    def fill(file: Path) -> None:
        sandbox = open_salesforce_sandbox(State(file), lambda: START - DAY)
        sandbox.seed(make_world(leads, SEED, START - DAY))
        for object_ in ("Lead", "Contact"):
            for result in RESULTS:
                told = metadata(result)
                sandbox.desk.define_field(object_, result.salesforce, told.pop("type"), **told)
        sandbox.state.close()

    return _made("salesforce", leads, fill)


def _made(crm: str, leads: int, fill: Callable[[Path], None]) -> Path:
    """A state kept under the digest of the code that makes it, so that old ones are not measured by mistake."""
    sources = [Path(__file__), *(ROOT / "adapters" / "sandbox").glob("*.py")]
    sources += [p for p in (ROOT / "adapters" / crm / "sandbox").glob("*.py") if "seed" in p.name]
    digest = hashlib.sha256(b"".join(p.read_bytes() for p in sorted(sources))).hexdigest()[:8]
    file = CACHE / f"{crm}-{leads}-{digest}.db"
    if not file.exists():
        CACHE.mkdir(exist_ok=True)
        begun = file.with_suffix(".begun")
        begun.unlink(missing_ok=True)
        fill(begun)
        begun.rename(file)
    return file


@contextmanager
def _copy(file: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="leadheat-bench-") as folder:
        copied = Path(folder) / file.name
        shutil.copy(file, copied)
        yield copied

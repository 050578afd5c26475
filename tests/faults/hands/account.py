"""An account of either CRM in which hands disturb: the sandbox over a real socket, a store, one pass at a time.

The judge of every case is the same: what stands in the CRM after the next good pass must be what a pass from an empty
store would have written, and nobody's fields but ours were touched on the way.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from werkzeug.wrappers import Request, Response

from adapters.hubspot import HubSpotConfig, open_hubspot
from adapters.hubspot.provision import property_body
from adapters.hubspot.sandbox import Options as HubSpotOptions
from adapters.hubspot.sandbox import open_hubspot_sandbox
from adapters.salesforce import SalesforceConfig, open_salesforce
from adapters.salesforce.provision import metadata
from adapters.salesforce.sandbox import open_salesforce_sandbox
from adapters.salesforce.sandbox.options import Options as SalesforceOptions
from adapters.sandbox.server import Tls, serve
from adapters.sandbox.state import State
from connector.book import Book, Texts, open_book
from connector.errors import LeadheatError, refuse
from connector.instants import SECOND, Instant, parse_instant
from connector.mapping.check import check_mapping
from connector.model import Ref, Reject, Run
from connector.plan import Plan
from connector.ports import CRM, Dossier
from connector.results import BY_NAME, RESULTS, Result
from connector.store import SqlStore, open_store
from connector.store.gather import Readings, gather
from connector.store.tables import HERE, connection, lead, staged
from connector.sync import Orders, Rim, sync
from connector.views import list_runs, rejects_of
from tests.faults.hands.words import CARD, Words

START = parse_instant("2026-11-24T00:00:00Z")
NAME = "crm"
PATH_BOUND = frozenset({"scored_at", "change_7d", "hot_since", "hot_until", "handoff_no", "detail"})
"""Results that tell of the way here, not only of the state: a pass from an empty store has not come this way."""
NONE = Run(0, NAME, 0, "sync", 0, None, "none")
_TOKENS = count(1)


@dataclass(slots=True)
class Clock:
    """The CRM's clock; ours is `skew` seconds ahead. Waiting moves both."""

    at: Instant = START
    skew: float = 0.0

    def theirs(self) -> Instant:
        return self.at

    def ours(self) -> Instant:
        return self.at + int(self.skew * SECOND)

    def pass_(self, seconds: float) -> None:
        self.at += int(seconds * SECOND)


@dataclass(slots=True)
class Twist:
    """What becomes of the next `times` requests whose method and path fit: `act` before the CRM sees them, `bend` to
    the document it answers. `skip` so many first."""

    method: str
    path: str
    act: Callable[[], object] = lambda: None
    bend: Callable[[Any], Any] | None = None
    times: int = 1
    skip: int = 0
    met: int = 0

    def fits(self, request: Request) -> bool:
        whole = request.full_path.rstrip("?")
        if request.method != self.method or not re.search(self.path, whole):
            return False
        self.met += 1
        return self.skip < self.met <= self.skip + self.times


@dataclass(slots=True)
class Line:
    """The line to the CRM, where a test may twist what passes."""

    app: Any
    twists: list[Twist] = field(default_factory=list)

    def __call__(self, environ: Any, start_response: Any) -> Any:
        met = [t for t in self.twists if t.fits(Request(environ))]
        for twist in met:
            twist.act()
        if not any(t.bend for t in met):
            return self.app(environ, start_response)
        environ.pop("HTTP_ACCEPT_ENCODING", None)
        answer = Response.from_app(self.app, environ)
        document = json.loads(answer.get_data())
        for twist in (t for t in met if t.bend):
            document = twist.bend(document) if twist.bend else document
        answer.set_data(json.dumps(document).encode())
        return answer(environ, start_response)


@dataclass(slots=True)
class Account:
    """One account, our store, and the files in force. `checked` is called when a pass has held the mapping against the
    CRM and begins."""

    words: Words
    clock: Clock
    sandbox: Any
    line: Line
    server: Any
    config: Any
    store: SqlStore
    mapping: str
    card: str = CARD
    books: dict[str, Book] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    checked: Callable[[], object] = lambda: None

    @property
    def desk(self) -> Any:
        return self.sandbox.desk

    @property
    def people(self) -> str:
        """The object that most cases are about."""
        return self.words.person

    def book(self) -> Book:
        made = book_of(self.card, self.mapping)
        return self.books.setdefault(made.digest, made)

    def open(self) -> CRM:
        opener: Any = open_hubspot if self.words.crm == "hubspot" else open_salesforce
        config = replace(self.config, **self.settings)
        wants = self.book().mapping.wants
        made: CRM = opener(config, wants, now=self.clock.ours, sleep=self.clock.pass_)
        return made

    def close(self) -> None:
        self.server.stop()
        self.store.close()


@dataclass(frozen=True, slots=True)
class Told:
    """What one pass left behind."""

    run: Run
    plan: Plan | None
    error: LeadheatError | None
    rejects: Sequence[Reject]
    notices: Sequence[str]

    @property
    def refused(self) -> dict[str, str]:
        """The CRM's code by the id of each refused record."""
        return {r.ref.id: r.code for r in self.rejects}

    @property
    def words(self) -> str:
        return "\n".join([str(self.error), *(f"{r.why} {r.fix}" for r in self.rejects), *self.notices])


@cache
def book_of(card: str, mapping: str) -> Book:
    return open_book(Texts("card", card, "mapping", mapping), ZoneInfo("Asia/Tokyo"), "ja")


# ---- opening -------------------------------------------------------------------------------------------------------


def open_account(words: Words, tls: Tls, **more: Any) -> Account:
    """An empty account with our fields and the test's own, small pages, and nobody in it."""
    clock = Clock()
    made = _hubspot(clock, more) if words.crm == "hubspot" else _salesforce(clock, tls, more)
    store = open_store("sqlite://", now=clock.ours)
    account = Account(words, clock, *made, store, words.mapping)
    for object_ in words.people:
        for result in RESULTS:
            make_result(account, object_, result)
        account.desk.define_field(object_, words.tier, words.text)
    return account


def make_result(account: Account, object_: str, result: Result, **more: Any) -> None:
    """Make one of our fields, as `apply` would."""
    if account.words.crm == "hubspot":
        body = property_body(result.hubspot, result, "ja") | more
        account.desk.define_field(object_, body.pop("name"), body.pop("type"), **body)
    else:
        told = metadata(result) | more
        account.desk.define_field(object_, result.salesforce, told.pop("type"), **told)


def _hubspot(clock: Clock, more: Mapping[str, Any]) -> tuple[Any, ...]:
    token = f"pat-na1-{next(_TOKENS):08d}-0000-4000-8000-000000000001"
    sandbox = open_hubspot_sandbox(State(), clock.theirs, options=HubSpotOptions(token=token, **more))
    line = Line(sandbox.app)
    server = serve(line)
    config = HubSpotConfig(NAME, token, base_url=server.url, page_size=3, search_size=3, together=3)
    return sandbox, line, server, config


def _salesforce(clock: Clock, tls: Tls, more: Mapping[str, Any]) -> tuple[Any, ...]:
    options = SalesforceOptions(page_size=3, smallest_page=1, long_text_page=3, **more)
    sandbox = open_salesforce_sandbox(State(), clock.theirs, options=options)
    line = Line(sandbox.app)
    server = serve(line, tls=tls)
    config = SalesforceConfig(
        NAME, server.url, client_id=options.client_id, client_secret=options.client_secret, ca_file=Path(tls.ca_file)
    )
    return sandbox, line, server, config


# ---- a pass --------------------------------------------------------------------------------------------------------


def go(account: Account, *, after: float = 60, others: bool = False, **orders: Any) -> Told:
    """One pass, `after` seconds later. Nothing but our fields may differ when it is over, unless `others` write too."""
    account.clock.pass_(after)
    before = theirs(account)
    told = _pass(account, account.store, Orders(**orders))
    if not others:
        assert theirs(account) == before, "somebody else's field was touched"
    return told


def well(account: Account, **more: Any) -> Told:
    """A pass that must end well, with the CRM as a pass from an empty store would leave it."""
    told = go(account, **more)
    assert told.error is None, told.words
    assert told.run.status == "succeeded", told.words
    as_from_scratch(account)
    return told


def _pass(account: Account, store: SqlStore, orders: Orders) -> Told:
    notices: list[str] = []
    rim = Rim(account.clock.ours, lambda *_: None, lambda m: notices.append(str(m)))
    crm, plan, error, book = account.open(), None, None, account.book()
    try:
        report = check_mapping(book.mapping, crm.describe(), fields_ready=True)  # as every command does first
        refuse(report.problems)
        notices += map(str, report.notices)
        account.checked()
        _, plan = sync(NAME, crm, store, book, account.books.get, orders, rim)
    except LeadheatError as one:
        error = one
    finally:
        crm.close()
    runs = list_runs(store, NAME, 1)
    rejects = rejects_of(store, runs[0].id) if runs else []
    return Told(runs[0] if runs else NONE, plan, error, rejects, notices)


# ---- judging -------------------------------------------------------------------------------------------------------


def as_from_scratch(account: Account) -> None:
    """Hold CRM and store against a pass that knows nothing of the past: it finds the same leads with the same inputs,
    activities and outcomes, and would write nothing that it can know."""
    bound = {fields.get(r) for fields in account.book().mapping.wants.results.values() for r in PATH_BOUND}
    with open_store("sqlite://", now=account.clock.ours) as fresh:
        told = _pass(account, fresh, Orders(apply=False, full=True))
        assert told.error is None, told.words
        wanted = put_aside(fresh)
        assert known(account.store) == known(fresh)
    left = {str(ref): {n: v for n, v in after.items() if n not in bound} for ref, after in wanted.items()}
    assert {ref: after for ref, after in left.items() if after} == {}


def put_aside(store: SqlStore) -> dict[Ref, dict[str, Any]]:
    """What a pass that writes nothing would write."""
    rows = select(staged.c.change_after, lead.c.object, lead.c.ext_id).join(lead, lead.c.id == staged.c.lead)
    with store.reading() as conn:
        found = conn.execute(rows.where(staged.c.change_after.is_not(None))).all()
    return {Ref(NAME, row.object, row.ext_id): json.loads(row.change_after) for row in found}


def known(store: SqlStore) -> dict[str, Any]:
    """Everybody who is there, as they are known."""
    with store.reading() as conn:
        here = select(lead.c.id).join(connection, connection.c.id == lead.c.connection)
        ids = list(conn.execute(here.where(lead.c.status == HERE, connection.c.name == NAME)).scalars())
        return {str(d.lead.ref): _bare(d) for d in gather(conn, NAME, ids, Readings())}


def _bare(dossier: Dossier) -> dict[str, Any]:
    deeds = sorted((a.at, a.kind, a.id, a.subject or "") for a in dossier.lead.activities)
    outcomes = sorted((o.at, o.stage, o.id) for o in dossier.outcomes)
    return {"inputs": dict(dossier.lead.inputs), "deeds": deeds, "outcomes": outcomes}


def theirs(account: Account) -> dict[str, Any]:
    """All that the CRM holds and is not ours, without stamps."""
    rows = {kind: account.sandbox.state.all(kind) for kind in account.words.kinds}
    return {f"{kind}/{id_}": _strip(row) for kind, found in rows.items() for id_, row in list(found.items())}


STAMPS = frozenset({"updated", "touched", "SystemModstamp", "LastModifiedDate", "LastModifiedById", "_at", "_before"})


def _strip(row: Mapping[str, Any]) -> dict[str, Any]:
    kept = {k: v for k, v in row.items() if k not in STAMPS and not k.startswith("Leadheat_")}
    if "values" in kept:
        kept["values"] = {k: v for k, v in kept["values"].items() if not k.startswith("leadheat_")}
    return kept


def ours(account: Account, who: str, object_: str = "") -> dict[str, str | None]:
    """What our fields hold on a record, by result; `scored_at` aside, which moves with every write."""
    shown = account.desk.shown(object_ or account.people, who)
    named = {r.name: shown.get(account.words.field(r.name)) for r in RESULTS if r.name != "scored_at"}
    return {name: value or None for name, value in named.items()}


def score(account: Account, who: str, object_: str = "") -> int | None:
    told = ours(account, who, object_)["score"]
    return None if told is None else int(float(told))


def ref(account: Account, who: str, object_: str = "") -> Ref:
    return Ref(NAME, object_ or account.people, who)


def field_of(account: Account, result: str) -> str:
    return account.words.field(BY_NAME[result].name)


# ---- hands ---------------------------------------------------------------------------------------------------------


def person(account: Account, n: int = 0, object_: str = "", **told: Any) -> str:
    """Somebody: every second one a department head, by the test's names for fields."""
    usual = {"title": "部長" if n % 2 else "担当", "size": "500", "email": f"p{n}@acme{n}.co.jp", "name": f"山田{n}"}
    named = account.words.person_of(**{**usual, **told})
    if object_ == "Contact":
        named.pop(account.words.size, None)
    return str(account.desk.add(object_ or account.people, **named))


def several(account: Account, many: int = 8, **told: Any) -> list[str]:
    """People, and the first pass over them."""
    ids = [person(account, n, **told) for n in range(many)]
    assert go(account).run.status == "succeeded"
    return ids


def settled(account: Account, many: int = 8, **told: Any) -> list[str]:
    """People, long after their first pass: from now on only those are read who change."""
    ids = several(account, many, **told)
    for _ in range(2):
        assert go(account, after=3_600).run.status == "succeeded"
    return ids


def change(account: Account, who: str, object_: str = "", **told: Any) -> None:
    """Change fields, by the test's names or the CRM's."""
    account.desk.change(object_ or account.people, who, **account.words.person_of(**told))


def call(account: Account, who: str) -> str:
    """A call with somebody; returns its id."""
    source, fields = account.words.call
    return str(account.desk.add_event(source, who, **fields))


def set_ours(account: Account, who: str, **told: Any) -> None:
    """Somebody edits our fields by hand, by result."""
    account.desk.change(account.people, who, **{field_of(account, name): value for name, value in told.items()})


def between(account: Account, act: Callable[[], object], *, skip: int = 0) -> None:
    """Do this once everything was read and the first record is about to be written."""
    method, path = account.words.written
    account.line.twists.append(Twist(method, path, act, skip=skip))

"""Through everything the adapter can ask of Salesforce, with a recorder at the org's door."""

from __future__ import annotations

import ast
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from werkzeug.wrappers import Request, Response

import adapters.salesforce as adapter
from adapters.salesforce.sandbox.options import Options
from adapters.sandbox.server import Tls, serve
from connector.errors import AccessDenied, CRMError, Unavailable
from connector.mapping.document import read_mapping
from connector.model import Change, Ref
from connector.ports import CRM, Wants
from connector.results import RESULTS
from connector.testing import Notebook
from connector.testing.reading import SETTLED
from connector.testing.writing import change_of
from tests.contracts.salesforce.world import SalesforceWorld
from tests.validity.salesforce_rules import Asked

DAY = 86_400.0
SHIPPED = Path(__file__).parents[2] / "mappings" / "salesforce.yaml"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PRIVATE = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
PUBLIC = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
OPTIONS = Options(page_size=3, smallest_page=1, long_text_page=1, bulk_page=3, jwt_key=PUBLIC)
JOBS = {"bulk_read_from": 4, "bulk_write_from": 4}
WANTED = {o: [(r.salesforce, r) for r in RESULTS] for o in ("Lead", "Contact")}
NO_BULK = ((400, "FEATURENOTENABLED"), (403, "FUNCTIONALITY_NOT_ENABLED"))
"""How an org may say that this user has no Bulk: as a refusal, or as a right that lacks."""
LONG_TEXT = '理由 "引用", 改行\n二行目 \u2028 😀'


def shipped_wants() -> Wants:
    return read_mapping(SHIPPED.read_text("utf-8"), str(SHIPPED)).wants


@dataclass(slots=True)
class Door:
    """Remembers what comes in, with what the user sees at that moment. `refuse` are answers given in the org's place,
    each to the next request whose path ends as it says."""

    world: SalesforceWorld
    asked: list[Asked] = field(default_factory=list)
    refuse: list[tuple[str, int, str]] = field(default_factory=list)

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        request = Request(environ)
        body, seen = request.get_data(), self.world.sandbox.org.schema.seen
        environ["wsgi.input"].seek(0)
        answer = self._refusal(request) or Response.from_app(self.world.sandbox.app, environ, buffered=True)
        path, _, search = environ["REQUEST_URI"].partition("?")
        headers = {k.lower(): v for k, v in request.headers.items()}
        told = {k.lower(): v for k, v in answer.headers.items()}
        data = answer.get_data()
        self.asked.append(
            Asked(request.method, path, search, headers, body, seen, answer.status_code, data, told)
        )  # fmt: skip
        return answer(environ, start_response)

    def _refusal(self, request: Request) -> Response | None:
        for one in self.refuse:
            if request.path.rstrip("/").endswith(one[0]):
                self.refuse.remove(one)
                return Response(one[2], one[1], content_type="application/json")
        return None


@contextmanager
def at_the_door(tls: Tls, options: Options = OPTIONS, *, ready: bool = False) -> Iterator[tuple[SalesforceWorld, Door]]:
    """An org whose every request is remembered; bare unless `ready`."""
    world = SalesforceWorld(tls, options=options, ready=ready, wants=shipped_wants())
    world.server.stop()
    door = Door(world)
    world.server = serve(door, tls=tls)
    world.config = replace(world.config, instance_url=world.server.url)
    try:
        yield world, door
    finally:
        world.close()


def tour(tls: Tls) -> list[Asked]:
    """All requests of a life with Salesforce, in order."""
    asked: list[Asked] = []
    with at_the_door(tls) as (org, door):
        for part in (first_day, people_come_and_go, reading_by_jobs, writing_by_calls, writing_by_jobs, foul_weather):
            part(org, door)
        asked += door.asked
    with at_the_door(tls, replace(OPTIONS, bulk_seconds=90)) as (org, door):
        first_day(org, door)
        slow_jobs(org, door)
        asked += door.asked
    return asked


def read(org: SalesforceWorld, told: Notebook | None = None, wants: Wants | None = None, **settings: Any) -> Notebook:
    crm = org.open(wants, **settings)
    try:
        return (told or Notebook()).read(crm)
    finally:
        crm.close()


def push(org: SalesforceWorld, changes: list[Change], **settings: Any) -> list[str]:
    crm = org.open(**settings)
    try:
        return [r.status for r in crm.push(changes)]
    finally:
        crm.close()


def full(org: SalesforceWorld, object_: str, id_: str, n: int) -> Change:
    """Every field of ours, with values at their edges."""
    told: dict[str, Any] = {
        "score": -999 if n % 2 else 999_999, "band": "hot", "hot": bool(n % 2), "top_reason": "あ" * 300,
        "reasons": LONG_TEXT, "scored_at": org.clock.now(), "change_7d": -3, "hot_since": org.clock.now() - 1,
        "hot_until": None, "handoff_no": n, "scorecard": "v1", "detail": "#N/A" if n % 3 else None,
    }  # fmt: skip
    names = {r.name: r.salesforce for r in RESULTS}
    return Change(Ref(org.connection, object_, id_), {}, {names[k]: v for k, v in told.items()})


def crowd(org: SalesforceWorld, count: int) -> list[str]:
    return [org.add_person(Title=f"部長 'O\\'Neil' {n}", NumberOfEmployees=n) for n in range(count)]


# ---- the parts -----------------------------------------------------------------------------------------------------


def first_day(org: SalesforceWorld, door: Door) -> None:
    """Check an org that does not know us, make our fields twice, with an answer lost, and look again."""
    crm = org.open()
    crm.describe()
    assert crm.traits
    list(crm.provision(WANTED, apply=False))
    assert all(step.done for step in crm.provision(WANTED, apply=True))
    list(crm.provision(WANTED, apply=True))
    crm.close()
    org.desk.define_field("Lead", "Unseen__c", "Number", visible=False)
    crm = org.open(client_secret=None, username=org.options.username, private_key=PRIVATE)
    list(crm.provision({"Lead": [("Unseen__c", RESULTS[0])]}, apply=False))
    crm.describe()
    crm.close()


def people_come_and_go(org: SalesforceWorld, door: Door) -> None:
    """First load, news, new wishes, deletes, merges, conversions, a lost cursor, a sweep, weeks of absence."""
    ids = crowd(org, 10)
    account = org.desk.add("Account", Name="株式会社サンプル", NumberOfEmployees=120)
    contacts = [org.desk.add("Contact", LastName="山田", AccountId=account) for _ in range(4)]
    for object_ in ("Task", "Event", "CampaignMember", "EmailMessage", "Web_Activity__c"):
        for id_ in (*ids[:4], contacts[0]):
            org.desk.add_event(object_, id_)
    org.desk.add_event("Opportunity", contacts[1], Name="大口")
    org.let_time_pass(SETTLED)
    told = read(org)
    org.desk.delete("Lead", ids[0])
    org.merge(ids[1], ids[2])
    org.desk.convert(ids[3], deal="転換案件")
    org.same_instant(ids[4:])
    org.let_time_pass(SETTLED)
    crm = org.open()
    pages = crm.pull(told.cursor)
    told.keep(next(pages))
    org.sandbox.org.memory.cursors.clear()
    told.keep(next(pages))
    crm.close()
    read(org, told)
    more = org.wants.people["Lead"] | {"City", "no_such_field__c"}
    org.let_time_pass(SETTLED)
    read(org, told, replace(org.wants, people={**org.wants.people, "Lead": more}))
    for days in (1.1, 20.0):
        org.let_time_pass(days * DAY)
        read(org, told)
    assert len(told.people) >= 8


def reading_by_jobs(org: SalesforceWorld, door: Door) -> None:
    """The first load by Bulk, page by page, taken up in the middle; and an org that has no Bulk."""
    whole = read(org, **JOBS)
    told = Notebook().read(org.open(**JOBS), pages=2)
    read(org, told, **JOBS)
    assert told.people.keys() == whole.people.keys()
    for status, code in NO_BULK:
        door.refuse = [("jobs/query", status, f'[{{"message":"no","errorCode":"{code}"}}]')]
        assert read(org, **JOBS).people.keys() == whole.people.keys()


def writing_by_calls(org: SalesforceWorld, door: Door) -> None:
    """201 rows, one poisoned, one locked, one gone, one converted, one twice, one call refused as a whole."""
    ids = crowd(org, 201)
    org.weather.poison(ids[1])
    org.desk.delete("Lead", ids[2])
    org.sandbox.weather.lock(ids[3], times=2)
    org.desk.convert(ids[4])
    door.refuse = [("composite/sobjects", 400, '[{"message":"no","errorCode":"INVALID_FIELD"}]')]
    changes = [full(org, "Lead", i, n) for n, i in enumerate(ids)]
    strange = Change(changes[5].ref, {}, {"LastName": "鈴木"})
    told = push(org, [*changes, change_of(org, ids[0], score=5), strange])
    assert (told.count("written"), told.count("gone"), told.count("refused")) == (199, 2, 2)
    contacts = [org.desk.add("Contact", LastName="山田") for _ in range(3)]
    assert set(push(org, [full(org, "Contact", i, n) for n, i in enumerate(contacts)])) == {"written"}


def writing_by_jobs(org: SalesforceWorld, door: Door) -> None:
    """A job with blanks, a poisoned row, one gone, one twice; one whose end was cut off; one that is not allowed."""
    ids = crowd(org, 8)
    org.weather.poison(ids[1])
    org.desk.delete("Lead", ids[2])
    changes = [full(org, "Lead", i, n) if n % 2 else change_of(org, i, score=n) for n, i in enumerate(ids)]
    told = push(org, [*changes, change_of(org, ids[0], band=None)], **JOBS)
    assert (told.count("written"), told.count("refused"), told.count("gone")) == (7, 1, 1)
    org.sandbox.weather.stop_bulk_after(3)
    assert push(org, changes, **JOBS).count("refused") >= 5
    org.sandbox.weather.stop_bulk_after(None)
    contacts = [org.desk.add("Contact", LastName="山田") for _ in range(6)]
    assert set(push(org, [full(org, "Contact", i, n) for n, i in enumerate(contacts)], **JOBS)) == {"written"}
    for status, code in NO_BULK:
        door.refuse = [("jobs/ingest", status, f'[{{"message":"no","errorCode":"{code}"}}]')]
        assert push(org, changes, **JOBS).count("written") == 6


def foul_weather(org: SalesforceWorld, door: Door) -> None:
    """An ended session, crowding, a bad gateway, an object and a right taken away, and nobody let in any more."""
    who = crowd(org, 1)[0]
    crm: CRM = org.open()
    crm.push([change_of(org, who, score=1)])
    org.weather.expire_token()
    crm.push([change_of(org, who, score=2)])
    org.sandbox.weather.crowd(1)
    org.weather.throttle(1, 2.0)
    crm.push([change_of(org, who, score=3)])
    crm.close()
    org.desk.hide_field("Lead", "LeadSource")
    read(org)
    org.weather.revoke_token()
    with suppress(AccessDenied):
        read(org)


def slow_jobs(org: SalesforceWorld, door: Door) -> None:
    """A job that outlasts patience is stopped; one that a dead run left behind is waited for; results that break off
    are taken up again."""
    ids = crowd(org, 6)
    org.let_time_pass(SETTLED)
    push(org, [change_of(org, i, score=1) for i in ids], job_patience=10.0, **JOBS)
    crm: Any = org.open(**JOBS)
    crm.link.sleep = _die
    with suppress(Died):
        crm.push([change_of(org, i, score=2) for i in ids])
    crm.close()
    with suppress(Unavailable):
        read(org, job_patience=5.0)
    read(org, **JOBS)
    door.refuse = [("results", 503, "<html>maintenance</html>")]
    with suppress(CRMError):
        read(org, **JOBS)


class Died(BaseException):
    """The process is killed."""


def _die(seconds: float) -> None:
    raise Died


# ---- have all places that ask been there? ----------------------------------------------------------------------------

ASKING = frozenset({"call", "query", "more", "who", "upload", "stream", "describe", "by_client", "bare", "post"})
"""What sends a request when it is called on a link, a wire or a session."""


def asking_functions() -> set[str]:
    """Every function of the adapter in whose body a request is made, as `file:name`."""
    folder = Path(adapter.__file__).parent
    found = set()
    for file in folder.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef) and any(_asks(inner) for inner in ast.walk(node)):
                found.add(f"{file.name}:{node.name}")
    return found


def _asks(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.func.attr not in ASKING:
        return False
    on = ast.unparse(node.func.value)
    return on in {"link", "self.link", "self.wire", "self.session", "one.link"}


@contextmanager
def noting_functions() -> Iterator[set[str]]:
    """The adapter's functions that are entered meanwhile, as `file:name`."""
    folder, entered = str(Path(adapter.__file__).parent), set[str]()

    def note(frame: Any, event: str, arg: object) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(folder):
            entered.add(f"{Path(frame.f_code.co_filename).name}:{frame.f_code.co_name}")

    before: Callable[..., Any] | None = sys.getprofile()
    sys.setprofile(note)
    threading.setprofile(note)  # pages are fetched by a thread of their own
    try:
        yield entered
    finally:
        sys.setprofile(before)
        threading.setprofile(None)

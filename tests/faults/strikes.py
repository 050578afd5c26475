"""What each request is for, and what is made to happen to it: the wire between the connector and a sandbox."""

from __future__ import annotations

import io
import re
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import unquote_plus

from werkzeug.wrappers import Request, Response

from adapters.sandbox.faults import Fault, with_faults

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from tests.faults.place import Place

KINDS: Mapping[str, tuple[tuple[str, str], ...]] = {
    # kind, pattern over `METHOD path?query body`; the first that matches is taken
    "hubspot": (
        ("create", r"^POST /crm/(properties|lists)/"),
        ("describe", r"^GET /crm/(properties|limits)/"),
        ("probe", r"^GET \S+[?&]limit=1( |&|$)|/contacts/0/breakdown|/0-1/0/memberships"),
        ("write", r"^POST /crm/objects/\S+/contacts/batch/update"),
        ("read back", r"^POST /crm/objects/\S+/contacts/batch/read"),
        ("people", r"^GET /crm/objects/\S+/contacts\?"),
        ("count", r"^POST /crm/objects/\S+/contacts/search \S*.*\"limit\": ?1\b"),
        ("search", r"^POST /crm/objects/\S+/search"),
        ("company", r"/companies/batch/read|/associations/\S+/contacts/companies/"),
        ("events", r"."),
    ),
    "salesforce": (
        ("login", r"^POST /services/oauth2/token"),
        ("create", r"^POST \S+/tooling/sobjects/"),
        ("job begin", r"^POST \S+/jobs/"),
        ("job file", r"^PUT \S+/jobs/ingest/|/jobs/query/\w+/results|/(successful|failed)Results|/unprocessed"),
        ("job", r"/jobs/"),
        ("describe", r"/describe|/tooling/"),
        ("write", r"^PATCH \S+/composite/sobjects"),
        ("more", r"/query(All)?/\w"),
        ("people", r"/query(All)?/?\?.*FROM (Lead|Contact) "),
        ("events", r"."),
    ),
}
ANY = "any"


def kind_of(crm: str, request: Request) -> str:
    """What a request is for, in one word."""
    query = unquote_plus(request.query_string.decode())
    line = f"{request.method} {request.path}{'?' + query if query else ''}"
    text = line + " " + request.get_data(as_text=True)[:4000] if crm == "hubspot" else line
    return next(kind for kind, pattern in KINDS[crm] if re.search(pattern, text + " ", re.DOTALL | re.IGNORECASE))


# ---- what befalls a request ------------------------------------------------------------------------------------------

Deed: TypeAlias = "Callable[[Place], None]"
"""Something that happens in the CRM just before the request is answered, which then goes its way."""
Twist: TypeAlias = Callable[[Request, Response], Response]
"""What becomes of the answer on its way."""


@dataclass(frozen=True, slots=True)
class Strike:
    """Which requests are struck, and by what. From the `nth` request of `kind` on, `times` requests; `kind` may name
    several (`people|search`), and `path` a part of the address. `fault` spoils the request, `deed` happens in the CRM
    before it, `twist` alters the answer. A deed happens once."""

    kind: str = ANY
    path: str = ""
    nth: int = 1
    times: int = 1
    fault: Fault | None = None
    deed: Deed | None = None
    twist: Twist | None = None

    def hits(self, kind: str, path: str) -> bool:
        return (self.kind == ANY or kind in self.kind.split("|")) and self.path in path


FOREVER = 1_000_000


@dataclass
class Wire:
    """Between the connector and a sandbox. `asked` are the kinds of all requests so far, `sent` their first lines."""

    crm: str
    place: Place
    strikes: tuple[Strike, ...] = ()
    asked: list[str] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)
    struck: int = 0
    _met: dict[int, int] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def arm(self, *strikes: Strike) -> None:
        self.strikes, self._met, self.struck = strikes, {}, 0

    def mend(self) -> None:
        self.strikes = ()

    def around(self, app: WSGIApplication) -> WSGIApplication:
        faulty = with_faults(app, lambda request: request.environ.get("faults.fault"), sleep=_pause)

        def wired(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            body = environ["wsgi.input"].read()
            environ["wsgi.input"] = io.BytesIO(body)
            strike = self._strike(Request(environ))
            environ["wsgi.input"] = io.BytesIO(body)
            if strike is None:
                return app(environ, start_response)
            if strike.deed:
                strike.deed(self.place)
            if strike.twist:
                answer = strike.twist(Request(environ), Response.from_app(app, environ, buffered=True))
                return answer(environ, start_response)
            environ["faults.fault"] = strike.fault
            return faulty(environ, start_response)

        return wired

    def _strike(self, request: Request) -> Strike | None:
        with self._lock:
            kind = kind_of(self.crm, request)
            self.asked.append(kind)
            self.sent.append(f"{request.method} {request.path}")
            found: Strike | None = None
            for n, strike in enumerate(self.strikes):
                if not strike.hits(kind, request.path):
                    continue
                met = self._met[n] = self._met.get(n, 0) + 1
                times = 1 if strike.deed else strike.times
                if found is None and strike.nth <= met < strike.nth + times:
                    found = strike
            self.struck += found is not None
            return found


PAUSE = 0.6
"""Seconds that a far side which is slow on purpose is silent at a time: longer than the time-out of a place."""


def _pause(seconds: float) -> None:
    time.sleep(min(seconds, PAUSE))


def json_answer(status: int, text: str, **headers: str) -> Fault:
    """An answer of the CRM's own in place of the real one; the request does not reach it."""
    return Fault("answer", status, text.encode(), {"Content-Type": "application/json", **headers})

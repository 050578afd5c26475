"""A far side of a few lines, over a real socket: it answers what a test tells it to and remembers what was asked.

Every request is held against HubSpot's published limits as it arrives, whatever the test is about.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from werkzeug.wrappers import Request, Response

from adapters.hubspot import HubSpotConfig, open_hubspot
from adapters.hubspot.adapter import HubSpotCRM
from adapters.sandbox.server import Running, json_response, serve
from connector.instants import SECOND, parse_instant
from connector.ports import EventWants, Wants
from connector.results import RESULTS

START = parse_instant("2026-11-24T00:00:00Z")
OURS = {r.name: r.hubspot for r in RESULTS}
TOKEN = "pat-na1-very-secret"
V = "2026-09"
Row = dict[str, Any]
Handler = Callable[[Request], Response]


def wants(people: str = "jobtitle", **events: str) -> Wants:
    return Wants(
        {"contacts": frozenset(people.split())},
        {"contacts": OURS},
        {source: EventWants(frozenset(fields.split())) for source, fields in events.items()},
    )


def definition(name: str, type_: str = "string", widget: str = "text", **more: object) -> Row:
    return {"name": name, "label": name.title(), "type": type_, "fieldType": widget, **more}


TYPES = {"number": "number", "truth": "bool", "instant": "datetime", "choice": "enumeration"}
OUR_DEFINITIONS = [definition(r.hubspot, TYPES.get(r.type, "string")) for r in RESULTS]
THEIR_DEFINITIONS = [
    definition(n) for n in ("jobtitle", "email", "lastmodifieddate", "createdate", "hs_merged_object_ids")
]


@dataclass
class Far:
    """`handlers` by (method, path) win over the usual answers, one after the other when there are several; `now` moves
    by sleeping only."""

    handlers: dict[tuple[str, str], list[Handler]] = field(default_factory=dict)
    contacts: dict[str, Row] = field(default_factory=dict)
    definitions: list[Row] = field(default_factory=lambda: [*OUR_DEFINITIONS, *THEIR_DEFINITIONS])
    asked: list[tuple[str, str, Mapping[str, str], Any]] = field(default_factory=list)
    slept: list[float] = field(default_factory=list)
    now: int = START
    server: Running | None = None
    opened: list[HubSpotCRM] = field(default_factory=list)

    def open(self, wanted: Wants | None = None, **more: Any) -> HubSpotCRM:
        assert self.server
        config = HubSpotConfig("acme", TOKEN, base_url=self.server.url, **more)
        crm = open_hubspot(config, wanted or wants(), now=lambda: self.now, sleep=self.sleep)
        assert isinstance(crm, HubSpotCRM)
        self.opened.append(crm)
        return crm

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += int(seconds * SECOND)

    def on(self, method: str, path: str, *answers: Handler | Response | Row) -> None:
        self.handlers[method, path] = [_handler(a) for a in answers]

    def add(self, id_: str, stamp: str = "2026-11-20T00:00:00Z", **properties: str | None) -> None:
        told = {"lastmodifieddate": stamp, "createdate": stamp, **properties}
        self.contacts[id_] = {"id": id_, "properties": told, "createdAt": stamp, "updatedAt": stamp, "archived": False}

    def asked_of(self, path: str) -> list[Any]:
        """The bodies, or queries, of all requests to this path."""
        return [body if method == "POST" else query for method, p, query, body in self.asked if p == path]

    def app(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        body = json.loads(request.data) if request.data else None
        self.asked.append((request.method, request.path, request.args.to_dict(), body))
        obeys(request, body)
        queue = self.handlers.get((request.method, request.path))
        handler = (queue.pop(0) if len(queue) > 1 else queue[0]) if queue else self._usual
        return handler(request)(environ, start_response)

    def _usual(self, request: Request) -> Response:
        body = json.loads(request.data) if request.data else {}
        usual: dict[str, Callable[[], Row]] = {
            f"/crm/properties/{V}/contacts": lambda: {"results": self.definitions},
            f"/crm/objects/{V}/contacts": lambda: self._list(request.args),
            f"/crm/objects/{V}/contacts/search": lambda: self._search(body),
            f"/crm/objects/{V}/contacts/batch/read": lambda: self._read(body),
            f"/crm/objects/{V}/contacts/batch/update": lambda: self._update(body),
        }
        found = usual.get(request.path)
        return json_response(found()) if found else error(404, "OBJECT_NOT_FOUND")

    def _list(self, args: Mapping[str, str]) -> Row:
        if args.get("archived") == "true":
            return {"results": []}
        after, limit = int(args.get("after", "0")), int(args.get("limit", "10"))
        ids = sorted(i for i in map(int, self.contacts) if i >= after)
        page = {"results": [self.contacts[str(i)] for i in ids[:limit]]}
        return {**page, "paging": {"next": {"after": str(ids[limit])}}} if len(ids) > limit else page

    def _search(self, body: Row) -> Row:
        filters = {f["propertyName"]: f for g in body["filterGroups"] for f in g["filters"]}
        last = int(filters.get("hs_object_id", {}).get("value", "0"))
        window = filters.get("lastmodifieddate")
        ids = sorted((i for i in self.contacts if int(i) > last), key=int)
        hits = [self.contacts[i] for i in ids if not window or _within(self.contacts[i], window)]
        return {"total": len(hits), "results": hits[: body["limit"]]}

    def _read(self, body: Row) -> Row:
        if body.get("idProperty") == "email":
            wanted = {i["id"] for i in body["inputs"]}
            return {"results": [r for r in self.contacts.values() if r["properties"].get("email") in wanted]}
        return {"results": [self.contacts[i["id"]] for i in body["inputs"] if i["id"] in self.contacts]}

    def _update(self, body: Row) -> Row:
        there = [i for i in body["inputs"] if i["id"] in self.contacts]
        for one in there:
            self.contacts[one["id"]]["properties"].update(one["properties"])
        return {"status": "COMPLETE", "results": [self.contacts[i["id"]] for i in reversed(there)]}


def _within(row: Row, window: Row) -> bool:
    at = parse_instant(row["properties"]["lastmodifieddate"]) // 1_000
    return int(window["value"]) <= at <= int(window["highValue"])


def _handler(answer: Handler | Response | Row) -> Handler:
    if isinstance(answer, dict):
        return lambda _: json_response(answer)
    if isinstance(answer, Response):
        # a response's body can be sent once only
        status, headers, data = answer.status_code, dict(answer.headers), answer.get_data()
        return lambda _: Response(data, status, headers)
    return answer


def error(status: int, category: str, headers: Mapping[str, str] | None = None, **more: Any) -> Response:
    body = {"status": "error", "message": "taro@example.co.jp was wrong", "correlationId": "c-1", "category": category}
    return json_response({**body, **more}, status, headers)


def obeys(request: Request, body: Any) -> None:
    """HubSpot's sizes and rules for requests. A breach fails the request, and so the test."""
    assert request.headers["Authorization"] == f"Bearer {TOKEN}"
    assert len(request.url) < 16_000
    assert int(request.args.get("limit", "0")) <= 1_000
    if request.path.endswith("/search"):
        _search_obeys(request, body)
    if "/batch/" in request.path:
        ids = [i.get("id") or i.get("recordId") for i in body["inputs"]]
        assert 0 < len(ids) <= (1_000 if "associations" in request.path else 100)
        assert len(set(ids)) == len(ids), "an id comes twice"
        assert all(isinstance(i, str) and i for i in ids)
    if request.path.endswith("/batch/update"):
        values = [v for i in body["inputs"] for v in i["properties"].values()]
        assert all(isinstance(v, str) for v in values), "a value is no text"
        assert {name for i in body["inputs"] for name in i["properties"]} <= set(OURS.values())
        assert not any("idProperty" in i for i in body["inputs"])


def _search_obeys(request: Request, body: Any) -> None:
    assert len(request.get_data(as_text=True)) <= 3_000
    assert len(body["filterGroups"]) <= 5
    assert all(len(g["filters"]) <= 6 for g in body["filterGroups"])
    assert body["limit"] <= 200
    assert len(body.get("sorts", [])) <= 1
    names = {f["propertyName"] for g in body["filterGroups"] for f in g["filters"]}
    contacts = "/contacts/" in request.path
    assert ("hs_lastmodifieddate" if contacts else "lastmodifieddate") not in names, "the other objects' stamp"


def start(far: Far) -> Far:
    far.server = serve(far.app)
    return far

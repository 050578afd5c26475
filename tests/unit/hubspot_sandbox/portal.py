"""An account over a real socket, with a clock that the test moves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import requests
from hubspot import HubSpot

from adapters.hubspot.sandbox import HubSpotSandbox, Options, open_hubspot_sandbox
from adapters.sandbox.server import Running, serve
from adapters.sandbox.state import State
from connector.instants import SECOND, parse_instant

START = parse_instant("2026-11-24T00:00:00Z")
V = "2026-09"
CONTACTS = f"/crm/objects/{V}/contacts"
PROPERTIES = f"/crm/properties/{V}/contacts"
LISTS = f"/crm/lists/{V}"
SCORE = {"name": "score", "label": "Score", "type": "number", "fieldType": "number", "groupName": "contactinformation"}


@dataclass
class Portal:
    """What a client sees of one account."""

    sandbox: HubSpotSandbox
    server: Running
    clock: list[int]
    session: requests.Session = field(default_factory=requests.Session)

    def ask(self, method: str, path: str, body: Any = None, **more: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.sandbox.token}", **more.pop("headers", {})}
        return self.session.request(
            method, self.server.url + path, json=body, headers=headers, timeout=10, params=more.pop("params", None)
        )

    def get(self, path: str, **params: Any) -> requests.Response:
        return self.ask("GET", path, params=params)

    def post(self, path: str, body: Any) -> requests.Response:
        return self.ask("POST", path, body)

    def add(self, **fields: Any) -> str:
        return self.sandbox.desk.add("contacts", **fields)

    def update(self, *inputs: Mapping[str, Any], path: str = CONTACTS) -> requests.Response:
        return self.post(f"{path}/batch/update", {"inputs": list(inputs)})

    def search(self, *filters: Mapping[str, Any], **more: Any) -> dict[str, Any]:
        """Search contacts by filters that must all hold."""
        body = {"filterGroups": [{"filters": list(filters)}] if filters else [], **more}
        answer = self.post(f"{CONTACTS}/search", body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def found(self, *filters: Mapping[str, Any], **more: Any) -> list[str]:
        return [row["id"] for row in self.search(*filters, **more)["results"]]

    def shown(self, id_: str, *names: str) -> dict[str, Any]:
        return self.get(f"{CONTACTS}/{id_}", properties=",".join(names)).json()["properties"]

    def later(self, seconds: float) -> None:
        self.clock[0] += int(seconds * SECOND)

    @property
    def client(self) -> Any:
        """HubSpot's own client on this account."""
        return HubSpot(access_token=self.sandbox.token, host=self.server.url, base_url=self.server.url)


def eq(name: str, value: str) -> dict[str, str]:
    return {"propertyName": name, "operator": "EQ", "value": value}


def ids(results: Sequence[Mapping[str, Any]]) -> list[str]:
    return [row["id"] for row in results]


@contextmanager
def opened(options: Options | None = None, state: State | None = None) -> Iterator[Portal]:
    clock = [START]
    options = options or Options(rate_limits=False)
    sandbox = open_hubspot_sandbox(state or State(), lambda: clock[0], options=options)
    server = serve(sandbox.app)
    portal = Portal(sandbox, server, clock)
    try:
        yield portal
    finally:
        portal.session.close()
        server.stop()
        sandbox.state.close()

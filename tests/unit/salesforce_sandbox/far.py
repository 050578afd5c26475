"""A Salesforce sandbox that answers on a socket, with a clock that the test moves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import requests

from adapters.salesforce.sandbox import Options, SalesforceSandbox, open_salesforce_sandbox
from adapters.sandbox.server import Running, Tls, serve
from adapters.sandbox.state import State
from connector.instants import SECOND, Instant, parse_instant

PLAIN = Options()
START = parse_instant("2026-11-24T00:00:00Z")


@dataclass
class Clock:
    at: Instant = START

    def __call__(self) -> Instant:
        return self.at

    def pass_(self, seconds: float) -> None:
        self.at += int(seconds * SECOND)


@dataclass
class Far:
    """The sandbox, and calls of its API with a good session."""

    sandbox: SalesforceSandbox
    running: Running
    clock: Clock
    session: requests.Session = field(default_factory=requests.Session)
    version: str = "67.0"

    @property
    def desk(self) -> Any:
        return self.sandbox.desk

    @property
    def weather(self) -> Any:
        return self.sandbox.weather

    def sign_in(self) -> None:
        self.session.headers["Authorization"] = f"Bearer {self.sandbox.token}"

    def call(self, method: str, path: str, **more: Any) -> requests.Response:
        url = self.running.url + (path if path.startswith("/") else f"/services/data/v{self.version}/{path}")
        return self.session.request(method, url, timeout=5, **more)

    def get(self, path: str, **more: Any) -> requests.Response:
        return self.call("GET", path, **more)

    def query(self, text: str, path: str = "query") -> Any:
        return self.get(path, params={"q": text}).json()

    def rows(self, text: str, path: str = "query") -> list[dict[str, Any]]:
        """All records of a query, without their attributes, from however many pages."""
        said = self.query(text, path)
        found = said["records"]
        while not said["done"]:
            said = self.get(said["nextRecordsUrl"]).json()
            found += said["records"]
        return [{k: v for k, v in row.items() if k != "attributes"} for row in found]

    def patch(self, *records: dict[str, Any], quiet: bool = True, **body: Any) -> requests.Response:
        """Update leads by a collection, with assignment rules off unless not `quiet`."""
        rows = [{"attributes": {"type": "Lead"}, **r} for r in records]
        headers = {"Sforce-Auto-Assign": "FALSE"} if quiet else {}
        return self.call("PATCH", "composite/sobjects", json={"records": rows, **body}, headers=headers)


@contextmanager
def opened(
    options: Options = PLAIN, *, state: State | None = None, tls: Tls | None = None, clock: Clock | None = None
) -> Iterator[Far]:
    clock = clock or Clock()
    sandbox = open_salesforce_sandbox(state or State(), clock, options=options)
    running = serve(sandbox.app, tls=tls)
    far = Far(sandbox, running, clock)
    far.sign_in()
    try:
        yield far
    finally:
        far.session.close()
        running.stop()


def refusals(answer: requests.Response) -> list[tuple[int, str]]:
    """Status and code of each refusal in the array."""
    return [(answer.status_code, one["errorCode"]) for one in answer.json()]

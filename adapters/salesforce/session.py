"""The line to one org: what may be asked of it, each asking paced and retried by the shared exchange."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, TypeVar

import requests

from adapters.http import Answer, Exchange, Policy, Refused
from adapters.pace import Pace
from connector.instants import Instant

from .answers import ABSENT, codes_of, decide, decide_login, unreadable, used
from .config import SalesforceConfig
from .wire import Wire, open_session

T = TypeVar("T")

HEADERS = {
    # a score must never fire the lead assignment rule, which would change owners and mail people
    "Sforce-Auto-Assign": "FALSE",
    # duplicate rules that only warn let the write pass; those that block still block it
    "Sforce-Duplicate-Rule-Header": "allowSave=true",
    "Sforce-Call-Options": "client=leadheat",
}
"""On the session, because they must survive a repeated request."""


@dataclass(slots=True)
class Link:
    """One org, for any number of threads."""

    wire: Wire
    exchange: Exchange = field(repr=False)
    sleep: Callable[[float], None] = field(repr=False)

    @property
    def config(self) -> SalesforceConfig:
        return self.wire.config

    def describe(self, object_: str, read: Callable[[bytes], T]) -> T | None:
        """What `read` makes of an object's description, or None when there is no object by this name for us."""
        path = f"sobjects/{object_}/describe"
        try:
            said: T = self._bare("GET", path, "describe", headers={}, read=read).document
        except Refused as error:
            if codes_of(error) & ABSENT:
                return None
            raise
        return said

    def query(self, soql: str, *, all_rows: bool = False) -> Mapping[str, Any]:
        """The first page of a query; with `all_rows` deleted and archived rows too."""
        said: Mapping[str, Any] = self._ask(
            "query", lambda sf, **manner: sf.query(soql, include_deleted=all_rows, **manner)
        )
        return said

    def more(self, url: str) -> Mapping[str, Any]:
        """The next page; `url` is relative to the host, as the page before gave it."""
        said: Mapping[str, Any] = self._ask(
            "query", lambda sf, **manner: sf.query_more(url, identifier_is_url=True, **manner)
        )
        return said

    def call(self, method: str, path: str, kind: str, body: Any = None) -> Any:
        """One call to a path of the REST API, with JSON both ways; None when nothing came back."""
        more = {} if body is None else {"json": body}
        return self._ask(kind, lambda sf, **manner: sf.restful(path, method=method, **manner, **more))

    def who(self) -> Any:
        """Whom our token stands for: `user_id`, `organization_id`."""
        path = "/services/oauth2/userinfo"
        said = self._bare("GET", path, "login", headers={}).document
        if not isinstance(said, Mapping):
            raise unreadable(self.config, path)
        return said

    def upload(self, path: str, csv: bytes, kind: str) -> None:
        """Send a CSV."""
        self._bare("PUT", path, kind, data=csv, headers={"Content-Type": "text/csv; charset=UTF-8"})

    def stream(self, path: str, kind: str) -> requests.Response:
        """An answer whose body is still to come; whoever asked closes it."""
        told: requests.Response = self._bare("GET", path, kind, stream=True, headers={"Accept": "text/csv"}).told
        return told

    def server_now(self) -> Instant:
        """Salesforce's own now, as of its last answer: stamps are its, and our clock may differ."""
        return self.wire.now() if self.wire.date is None else self.wire.date

    def close(self) -> None:
        self.wire.session.close()

    def _ask(self, kind: str, get: Callable[..., Any]) -> Any:
        return self.exchange.ask(kind, partial(self.wire.by_client, get)).document

    def _bare(self, method: str, path: str, kind: str, **more: Any) -> Answer:
        return self.exchange.ask(kind, partial(self.wire.bare, method, path, **more))


def open_link(config: SalesforceConfig, now: Callable[[], Instant], sleep: Callable[[float], None]) -> Link:
    """A link that has not called yet."""
    session = open_session(config)
    session.headers.update(HEADERS)
    policy = Policy(
        "Salesforce",
        config.name,
        partial(decide, config),
        spent=used,
        budget=config.api_budget,
        patience=config.patience,
    )
    pace = Pace(sleep=sleep)
    exchange = Exchange(policy, pace)
    door = replace(policy, decide=partial(decide_login, config))
    wire = Wire(config, now, session, Exchange(door, pace, calls=exchange.calls))
    exchange.refresh = wire.renew
    return Link(wire, exchange, sleep)

"""HubSpot's REST API through HubSpot's own client: its transport, authorisation and connection pool, our reading.

The client's typed models cost ten times the rest, its retries leave POST out and it has no timeout; so one client is
kept, told to hand bodies on undecoded, and asked through `Exchange`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from hubspot.crm.contacts import ApiClient, ApiException, Configuration

from adapters.http import Answer, Exchange, Policy, answered, code_word
from adapters.hubspot.config import ASSOCIATIONS, BATCH, HubSpotConfig, path_of
from adapters.hubspot.verdicts import decide, errors_of, spent, window
from adapters.pace import Limiter, Pace, limiter_for
from connector.errors import Misunderstood, Problem
from connector.instants import SECOND, Instant
from connector.words import say

Row = Mapping[str, Any]
"""A JSON object as HubSpot sent it."""

AGENT = "leadheat (hubspot-api-client)"
NO_ASSOCIATIONS = "crm.associations.NO_ASSOCIATIONS_FOUND"
BURST, SEARCHES = 100, 4
"""Requests in ten seconds until HubSpot says how many it allows (100 in the smallest plan), and searches in one: 5 are
allowed to the whole account, whoever asks, and no answer says how many are left, so one is left to others."""
WINDOW = 10.0
SLACK = 0.25
"""Seconds that requests may lie closer together on arrival than when they were sent."""


@dataclass(frozen=True, slots=True)
class Api:
    """One HubSpot account to ask. Every method returns JSON and raises what `Exchange.ask` raises, or Misunderstood
    when the JSON has not the shape it must have."""

    config: HubSpotConfig
    exchange: Exchange = field(repr=False)
    client: Any = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    limiters: Mapping[str, Limiter] = field(repr=False)

    def get(self, kind: str, path: str, query: Sequence[tuple[str, str]] = ()) -> Row:
        return self._ask(kind, "GET", path, query=query)

    def post(self, kind: str, path: str, body: Row, query: Sequence[tuple[str, str]] = ()) -> Row:
        return self._ask(kind, "POST", path, body, query)

    def search(self, object_: str, body: Row) -> Row:
        return self._ask("search", "POST", self.path("objects", object_) + "/search", body)

    def path(self, api: str, object_: str = "contacts", to: str = "") -> str:
        return path_of(self.config.api_version, api, object_, to)

    def read(self, object_: str, ids: Sequence[str], names: Sequence[str], **more: str) -> list[Row]:
        """Records by id as they are now, in any order; those that are not there are left out. With
        `idProperty="email"` the ids are addresses."""
        found: list[Row] = []
        for some in chunks(ids, BATCH):
            body = {"properties": list(names), "propertiesWithHistory": [], "inputs": [{"id": i} for i in some], **more}
            found += rows(self.post("read", self.path("objects", object_) + "/batch/read", body))
        return found

    def associated(self, object_: str, to: str, ids: Sequence[str]) -> Mapping[str, list[Row]]:
        """What each of the records is associated with, by its id; absent: HubSpot does not say. It answers 207 with an
        error for each record that has no association, which is no failure."""
        found: dict[str, list[Row]] = {}
        inputs: list[dict[str, str]] = [{"id": i} for i in ids]
        while inputs:
            now, inputs = inputs[:ASSOCIATIONS], inputs[ASSOCIATIONS:]
            document = self.post("associations", self.path("associations", object_, to), {"inputs": now})
            found.update({id_: [] for id_ in _without_any(document) if id_ not in found})
            for row in rows(document):
                one = id_of(row.get("from"))
                found.setdefault(one, []).extend([t for t in row.get("to") or () if isinstance(t, dict)])
                if after := after_of(row):
                    inputs.append({"id": one, "after": after})
        return found

    def _ask(
        self, kind: str, method: str, path: str, body: Row | None = None, query: Sequence[tuple[str, str]] = ()
    ) -> Row:
        limiter = self.limiters.get(kind) or self.limiters["other"]
        document = self.exchange.ask(kind, lambda: self._send(method, path, body, query, limiter), limiter).document
        if not isinstance(document, dict):
            raise misread(self.config.name, path)
        return document

    def _send(
        self, method: str, path: str, body: Row | None, query: Sequence[tuple[str, str]], limiter: Limiter
    ) -> Answer:
        """One request. Raises what a broken connection raises."""
        try:
            # not by `call_api`, which copies every body member by member before it is written
            told = self.client.request(
                method, self.config.base_url + path, query_params=list(query), headers={**self.headers}, body=body,
                _preload_content=False, _request_timeout=self.config.timeout,
            )  # fmt: skip
            answer = answered(told.status, told.headers, told.data)
        except ApiException as error:
            answer = _refusal(error)
        if (told := window(answer)) is not None:
            limiter.hear(self.exchange.pace, *told)
        return answer

    def close(self) -> None:
        self.client.rest_client.pool_manager.clear()
        self.client.close()


def _refusal(error: ApiException) -> Answer:
    """The answer that the client made an exception of; no status: TLS failed before there was any."""
    if not error.status:
        raise OSError(str(error.reason).replace("\n", " "))
    return answered(error.status, dict(error.headers or {}), error.body or b"")


def open_api(config: HubSpotConfig, now: Callable[[], Instant], sleep: Callable[[float], None]) -> Api:
    """The account, ready to be asked. Nothing is sent yet."""
    settings = Configuration(host=config.base_url)
    settings.access_token = config.token
    settings.retries = False  # Exchange has the one retry policy
    settings.ssl_ca_cert = str(config.ca_file) if config.ca_file else None
    client = ApiClient(configuration=settings)
    headers = {"Accept": "application/json", "Accept-Encoding": "gzip", "Content-Type": "application/json"}
    headers["User-Agent"] = AGENT
    client.update_params_for_auth(headers, [], ["oauth2"])
    policy = Policy(
        "HubSpot", config.name, lambda a: decide(a, config.name, config.setting), spent,
        budget=config.api_budget, patience=config.patience,
    )  # fmt: skip
    exchange = Exchange(policy, Pace(lambda: now() / SECOND, sleep))
    return Api(config, exchange, client, headers, _limiters(config))


def _limiters(config: HubSpotConfig) -> Mapping[str, Limiter]:
    """By kind of request. Searches and batches of associations have counters of their own at HubSpot."""
    key = ("hubspot", config.base_url, hashlib.sha256(config.token.encode()).hexdigest()[:16])
    rates = {"other": (BURST, WINDOW + SLACK), "associations": (BURST, WINDOW + SLACK), "search": (SEARCHES, 1.0)}
    return {kind: limiter_for((*key, kind), limit, per) for kind, (limit, per) in rates.items()}


# ---- reading JSON --------------------------------------------------------------------------------------------------


def rows(document: Row) -> list[Row]:
    """The objects of `results`. Raises Misunderstood when there is no such list."""
    told = document.get("results")
    if not isinstance(told, list) or not {*map(type, told)} <= {dict}:
        raise misread("HubSpot", "results")
    return told


def id_of(row: object, key: str = "id") -> str:
    """A record's id as text: HubSpot writes some as numbers. Raises Misunderstood when there is none."""
    told = row.get(key) if isinstance(row, dict) else None
    if type(told) is str and told:  # nearly all are, and there are many
        return told
    if isinstance(told, bool) or not isinstance(told, (str, int)) or told == "":
        raise misread("HubSpot", key)
    return str(told)


def after_of(document: Row) -> str | None:
    """The cursor of the next page, percent-encoded once too often in some of HubSpot's APIs; None on the last."""
    paging = document.get("paging")
    after = (paging.get("next") or {}).get("after") if isinstance(paging, dict) else None
    return unquote(str(after)) if after else None


def missing_ids(document: Row) -> Iterator[tuple[str, str]]:
    """(id, code) of every input that a batch answer names in its errors."""
    for error in errors_of(document):
        code = code_word(error.get("code")) or code_word(error.get("category"))
        context = error.get("context")
        for key in ("ids", "objectWriteTraceId"):
            told = context.get(key) if isinstance(context, dict) else None
            yield from ((str(i), code) for i in told or ())


def _without_any(document: Row) -> Iterator[str]:
    """The records of which an answer says that they have no association."""
    for error in errors_of(document):
        context = error.get("context")
        if error.get("subCategory") == NO_ASSOCIATIONS and isinstance(context, dict):
            yield from map(str, context.get("fromObjectId") or ())


def misread(where: str, what: str) -> Misunderstood:
    problem = say("{where}: HubSpot's answer is not as it should be ({what})", where=where, what=what)
    return Misunderstood(Problem("LH-512", problem, fix=say("The next run asks again; if it stays, report this line.")))


def chunks(these: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    return (these[n : n + size] for n in range(0, len(these), size))

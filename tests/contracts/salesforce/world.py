"""A Salesforce org for the conformance suite: the sandbox over real HTTPS, and an adapter that never really sleeps."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from adapters.salesforce import SalesforceConfig, open_salesforce
from adapters.salesforce.provision import metadata
from adapters.salesforce.sandbox import open_salesforce_sandbox
from adapters.salesforce.sandbox.options import Options
from adapters.sandbox.server import Tls, serve
from adapters.sandbox.state import State
from connector.instants import SECOND, parse_instant
from connector.model import Raw, Ref
from connector.ports import CRM, EventWants, Wants
from connector.results import BY_NAME, RESULTS

START = parse_instant("2026-11-24T00:00:00Z")
RESULT_FIELDS = {r.name: r.salesforce for r in RESULTS}
WANTS = Wants(
    people={
        "Lead": frozenset({"Title", "Email", "Company", "NumberOfEmployees"}),
        "Contact": frozenset({"Title", "Email", "company.Name", "company.NumberOfEmployees"}),
    },
    results={"Lead": RESULT_FIELDS, "Contact": RESULT_FIELDS},
    events={
        "Task": EventWants(frozenset({"Subject", "TaskSubtype", "Status", "IsClosed", "CreatedDate"})),
        "CampaignMember": EventWants(frozenset({"Status", "HasResponded", "CreatedDate", "Campaign.Name"})),
        "Opportunity": EventWants(frozenset({"Name", "StageName", "IsWon", "IsClosed", "Amount", "CloseDate"})),
        "EmailMessage": EventWants(frozenset({"Subject", "MessageDate", "FirstOpenedDate"})),
        "Web_Activity__c": EventWants(
            frozenset({"Kind__c", "Occurred_At__c", "Url__c"}), person=("Lead__c", "Contact__c")
        ),
    },
)
SMALL_PAGES = Options(page_size=3, smallest_page=1, long_text_page=3)


@dataclass
class Clock:
    """The far side's clock and ours. Waiting moves it."""

    at: int = START
    slept: float = 0.0

    def now(self) -> int:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.slept += seconds
        self.pass_(seconds)

    def pass_(self, seconds: float) -> None:
        self.at += int(seconds * SECOND)


@dataclass
class SalesforceWeather:
    sandbox: Any
    clock: Clock

    def throttle(self, times: int, retry_after: float) -> None:
        self.sandbox.weather.throttle(times, retry_after)

    def waited(self) -> float:
        return self.clock.slept

    def expire_token(self) -> None:
        self.sandbox.weather.expire_token()

    def revoke_token(self) -> None:
        self.sandbox.weather.revoke_token()

    def poison(self, who: str) -> None:
        self.sandbox.weather.poison(who)


@dataclass
class SalesforceWorld:
    """One org. `close` stops its server."""

    tls: Tls
    connection: str = "salesforce"
    options: Options = SMALL_PAGES
    object: str = "Lead"
    field: str = "Title"
    setting: str = "CLIENT_SECRET"
    several: int = 8
    wants: Wants = WANTS
    lacks: Mapping[str, str] = dataclasses.field(default_factory=dict)
    personal: Sequence[str] = ("秘密部長",)
    ready: bool = True
    others: list[SalesforceWorld] = dataclasses.field(default_factory=list)

    def __post_init__(self) -> None:
        self.clock = Clock()
        self.sandbox = open_salesforce_sandbox(State(), self.clock.now, options=self.options)
        self.server = serve(self.sandbox.app, tls=self.tls)
        self.weather = SalesforceWeather(self.sandbox, self.clock)
        self.desk = self.sandbox.desk
        self.config = SalesforceConfig(
            self.connection,
            self.server.url,
            client_id=self.options.client_id,
            client_secret=self.options.client_secret,
            ca_file=Path(self.tls.ca_file),
        )
        self.secrets = (self.options.client_secret,)
        if self.ready:
            self._provision()

    def _provision(self) -> None:
        for object_ in ("Lead", "Contact"):
            for result, name in RESULT_FIELDS.items():
                told = metadata(BY_NAME[result])
                self.desk.define_field(object_, name, told.pop("type"), **told)

    def open(self, wants: Wants | None = None, **settings: Any) -> CRM:
        config = replace(self.config, **settings)
        return open_salesforce(config, wants or self.wants, now=self.clock.now, sleep=self.clock.sleep)

    def another(self) -> SalesforceWorld:
        self.others.append(SalesforceWorld(self.tls, "salesforce-2"))
        return self.others[-1]

    def add_person(self, **fields: Raw) -> str:
        return str(self.desk.add("Lead", **{"LastName": "山田", "Company": "株式会社サンプル", **fields}))

    def change(self, who: str, **fields: Raw) -> None:
        self.desk.change("Lead", who, **fields)

    def shown(self, who: str) -> Mapping[str, Raw]:
        stamps = ("SystemModstamp", "LastModifiedDate", "LastModifiedById")
        return {k: v for k, v in self.desk.shown("Lead", who).items() if k not in stamps}

    def delete(self, who: str) -> None:
        self.desk.delete("Lead", who)

    def merge(self, loser: str, winner: str) -> str:
        return str(self.desk.merge("Lead", loser, winner))

    def convert(self, who: str) -> Ref:
        return Ref(self.connection, "Contact", str(self.desk.convert(who)))

    def same_instant(self, ids: Sequence[str]) -> None:
        self.desk.same_instant("Lead", ids)

    def let_time_pass(self, seconds: float) -> None:
        self.clock.pass_(seconds)

    def close(self) -> None:
        for world in (self, *self.others):
            world.server.stop()


@contextmanager
def opened(tls: Tls, **more: Any) -> Iterator[SalesforceWorld]:
    world = SalesforceWorld(tls, **more)
    try:
        yield world
    finally:
        world.close()

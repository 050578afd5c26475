"""A HubSpot account for the conformance suite: the sandbox over a socket, an adapter that never really sleeps."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from adapters.hubspot import HubSpotConfig, open_hubspot
from adapters.hubspot.provision import property_body
from adapters.hubspot.sandbox import Options, open_hubspot_sandbox
from adapters.sandbox.faults import Fault, with_faults
from adapters.sandbox.server import serve
from adapters.sandbox.state import State
from connector.instants import SECOND, parse_instant
from connector.model import Raw, Ref
from connector.ports import CRM, EventWants, Wants
from connector.results import RESULTS
from tests.validity.hubspot_held import broken
from tests.validity.recorder import Recorder

START = parse_instant("2026-11-24T00:00:00Z")
OURS = {r.name: r.hubspot for r in RESULTS}
EVENTS = {
    "page_views": "url path title occurred_at",
    "last_page": "url occurred_at",
    "form_submissions": "form_id form_name page_url page_title submitted_at",
    "conversions": "name occurred_at",
    "email_events": "action campaign url occurred_at delivered_at",
    "email_summary": "action occurred_at",
    "calls": "hs_timestamp hs_call_direction hs_call_status",
    "meetings": "hs_timestamp hs_meeting_outcome hs_meeting_start_time",
    "marketing_events": "name state occurred_at",
    "deals": "dealname dealstage amount closedate hs_is_closed hs_is_closed_won",
}
WANTS = Wants(
    {"contacts": frozenset({"jobtitle", "email", "company.name", "company.numberofemployees"})},
    {"contacts": OURS},
    {source: EventWants(frozenset(fields.split())) for source, fields in EVENTS.items()},
)
STAMPS = ("lastmodifieddate", "hs_object_id", "createdate")


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
class HubSpotWeather:
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
class HubSpotWorld:
    """One account. `close` stops its server, and those of the accounts beside it; it fails if a request broke one of
    HubSpot's rules, whatever the test was about."""

    connection: str = "hubspot"
    options: Options = dataclasses.field(default_factory=Options)
    object: str = "contacts"
    field: str = "jobtitle"
    setting: str = "LEADHEAT_CONNECTIONS__HUBSPOT__TOKEN"
    several: int = 8
    wants: Wants = WANTS
    personal: Sequence[str] = ("秘密部長",)
    ready: bool = True
    befalls: Callable[[Any], Fault | None] = lambda _: None
    others: list[HubSpotWorld] = dataclasses.field(default_factory=list)
    lacks: Mapping[str, str] = dataclasses.field(
        default_factory=lambda: {
            "convert": "HubSpot has contacts only: a lead is a contact from the start",
            "refresh": "a service key does not expire; it is replaced by hand",
        }
    )

    def __post_init__(self) -> None:
        self.clock = Clock()
        self.sandbox = open_hubspot_sandbox(State(), self.clock.now, options=self.options)
        self.recorder = Recorder()
        self.server = serve(self.recorder.around(with_faults(self.sandbox.app, self.befalls)))
        self.weather = HubSpotWeather(self.sandbox, self.clock)
        self.desk = self.sandbox.desk
        token = str(self.sandbox.token)
        self.secrets = (token,)
        small = {"page_size": 3, "search_size": 3, "together": 3}
        self.config = HubSpotConfig(self.connection, token, base_url=self.server.url, **small)
        if self.ready:
            for result in RESULTS:
                body = property_body(result.hubspot, result, "ja")
                self.desk.define_field("contacts", body.pop("name"), body.pop("type"), **body)

    def open(self, wants: Wants | None = None, **settings: Any) -> CRM:
        config = replace(self.config, **settings)
        return open_hubspot(config, wants or self.wants, now=self.clock.now, sleep=self.clock.sleep)

    def another(self) -> HubSpotWorld:
        self.others.append(HubSpotWorld("hubspot-2", setting="LEADHEAT_CONNECTIONS__HUBSPOT-2__TOKEN"))
        return self.others[-1]

    def close(self) -> None:
        for world in (self, *self.others):
            world.server.stop()
        for world in (self, *self.others):
            assert broken(world.recorder.seen, world.sandbox.account) == []

    def add_person(self, **fields: Raw) -> str:
        return str(self.desk.add("contacts", **fields))

    def change(self, who: str, **fields: Raw) -> None:
        self.desk.change("contacts", who, **fields)

    def shown(self, who: str) -> Mapping[str, Raw]:
        return {k: v for k, v in self.desk.shown("contacts", who).items() if k not in STAMPS}

    def delete(self, who: str) -> None:
        self.desk.delete("contacts", who)

    def merge(self, loser: str, winner: str) -> str:
        return str(self.desk.merge("contacts", loser, winner))

    def convert(self, who: str) -> Ref:
        raise AssertionError(f"HubSpot cannot convert {who}")

    def same_instant(self, ids: Sequence[str]) -> None:
        self.desk.same_instant("contacts", list(ids))

    def let_time_pass(self, seconds: float) -> None:
        self.clock.pass_(seconds)

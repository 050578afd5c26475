"""API calls per 10,000 people read and written on each CRM, by kind, beside the least that the CRM's rules allow.

    python benchmarks/calls.py [people] [--json]

The least is a formula of how many there are (see `Least`); what a pass costs once, whatever their number, is told
apart. Time is the clock's of the local CRMs, so that waiting costs nothing.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from math import ceil
from typing import Any

from adapters.hubspot import HubSpotConfig, open_hubspot
from adapters.hubspot.sandbox.kinds import kind_of
from adapters.hubspot.sandbox.links import links_of
from adapters.salesforce import SalesforceConfig, open_salesforce
from benchmarks.shared.show import Cell, Sheet, progress, show
from benchmarks.shared.towns import HubSpotTown, SalesforceTown, hubspot_town, salesforce_town, writing
from connector.instants import MINUTE, SECOND
from connector.mapping.document import read_mapping
from connector.model import Ref
from connector.ports import CRM, EventWants, Wants
from connector.shipped import shipped

PEOPLE = 10_000
ONCE = ("describe", "probe", "login", "jobs")
"""What a pass asks before anything else, however many people there are: what exists, what may be seen, which of our
jobs are still running."""
BY_ADDRESS = ("form_submissions", "email_events")
OBJECTS = ("calls", "meetings", "emails", "deals")
PASSED = (15 * MINUTE) / SECOND


@dataclass(frozen=True, slots=True)
class Pulled:
    """What a pull brought, and what it cost: people, how many things of each source, how many people were found by
    their address."""

    cursor: str
    people: list[Ref]
    things: Mapping[str, int]
    addressed: int
    calls: Mapping[str, int]


@dataclass(slots=True)
class Line:
    """One thing done, what it cost by kind, and the least it could have cost."""

    crm: str
    what: str
    people: int
    calls: Mapping[str, int]
    least: Mapping[str, int] = field(default_factory=dict)

    @property
    def row(self) -> Mapping[str, Cell]:
        ours = sum(n for kind, n in self.calls.items() if kind not in ONCE)
        least = sum(self.least.values())
        kinds = ", ".join(f"{k} {n}/{self.least.get(k, 0)}" for k, n in sorted(self.calls.items()) if k not in ONCE)
        once = sum(n for kind, n in self.calls.items() if kind in ONCE)
        ratio = round(ours / least, 3) if least else None
        return {
            "crm": self.crm, "what": self.what, "people": self.people, "calls": ours, "least": least, "ratio": ratio,
            "once": once, "by kind (calls/least)": kinds,
        }  # fmt: skip


def main(words: Sequence[str] | None = None) -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("people", nargs="?", type=int, default=PEOPLE)
    asked.add_argument("--json", action="store_true")
    told = asked.parse_args(words)
    show(measured(told.people), as_json=told.json)
    return 0


def measured(people: int) -> list[Sheet]:
    with hubspot_town(people) as town:
        lines = list(_hubspot(town))
        refused = len(town.refused)
    with salesforce_town(people) as org:
        lines += list(_salesforce(org))
        refused += len(org.refused)
    progress("")
    notes = [
        f"{refused} requests were refused as too many.",
        "'once' is asked once in a pass, whatever the number of people: what exists, what may be seen, running jobs.",
        "Nothing new: what lies in the five minutes before the latest change is read again, because the index lags.",
        "HubSpot: list n/100, search n/200, associations n/1,000 for each kind, read: companies, objects and people",
        "found by address/100, write n/100, submissions/50 a form, mail events/1,000. Salesforce: query n/2,000 for",
        "each stream, twice where two long texts are read, or one bulk job: create, looks until it is done, n/50,000.",
    ]
    return [Sheet(f"API calls for {people:,} people", [line.row for line in lines], notes)]


def _pull(open_: Callable[[], CRM], cursor: str | None) -> Pulled:
    """A pull to its end by an adapter opened for it."""
    people: dict[Ref, None] = {}
    addressed: set[Ref] = set()
    things: dict[str, set[str]] = {}
    with closing(open_()) as crm:
        for page in crm.pull(cursor):
            cursor = page.cursor
            people.update(dict.fromkeys(r.ref for r in page.records if r.gone is None))
            addressed.update(e.person for e in page.events if e.source in BY_ADDRESS)
            for event in page.events:
                things.setdefault(event.source, set()).add(event.id)
        counted = {source: len(ids) for source, ids in things.items()}
        return Pulled(cursor or "", list(people), counted, len(addressed), crm.calls())


# ---- HubSpot ---------------------------------------------------------------------------------------------------------

SHIPPED = read_mapping(shipped("hubspot.yaml"), "hubspot.yaml").wants
BARE = Wants(
    {"contacts": frozenset(n for n in SHIPPED.people["contacts"] if not n.startswith("company."))}, SHIPPED.results
)
WITH_OBJECTS = Wants(SHIPPED.people, SHIPPED.results, {name: SHIPPED.events[name] for name in OBJECTS})
WITH_LISTS = Wants(SHIPPED.people, SHIPPED.results, {**SHIPPED.events, "lists": EventWants(frozenset({"list_id"}))})
HUBSPOT = (("contacts", BARE), ("with company, calls, meetings, e-mails, deals", WITH_OBJECTS),
    ("all of the shipped mapping, and lists", WITH_LISTS))  # fmt: skip


def _hubspot(town: HubSpotTown) -> Iterator[Line]:
    """For each kind of reading: first, with nothing new, with everybody changed; then the writing and its echo."""
    cursors: dict[str, str] = {}
    for what, wants in HUBSPOT:
        progress(f"HubSpot: {what}")
        open_ = _opener(town, wants)
        first = _pull(open_, None)
        yield Line("HubSpot", f"first pull, {what}", len(first.people), first.calls, _first(town, wants, first))
        town.clock.sleep(PASSED)
        quiet = _pull(open_, first.cursor)
        yield Line("HubSpot", f"nothing new, {what}", 0, quiet.calls, _delta(town, wants, 0, quiet))
        cursors[what] = quiet.cursor
    progress("HubSpot: everybody changes")
    everybody = first.people
    _touch(town, everybody)
    town.clock.sleep(PASSED)
    for what, wants in HUBSPOT:
        delta = _pull(_opener(town, wants), cursors[what])
        n = len(delta.people)
        yield Line("HubSpot", f"all changed, {what}", n, delta.calls, _delta(town, wants, n, delta))
        cursors[what] = delta.cursor
    yield _written(town, everybody)
    town.clock.sleep(PASSED)
    for what, wants in HUBSPOT:
        progress(f"HubSpot: our own echo, {what}")
        echo = _pull(_opener(town, wants), cursors[what])
        n = len(echo.people)
        yield Line("HubSpot", f"pass after our write, {what}", n, echo.calls, _delta(town, wants, n, echo))


def _opener(town: HubSpotTown, wants: Wants) -> Callable[[], CRM]:
    config = HubSpotConfig("bench", town.sandbox.token, base_url=town.server.url, api_budget=1.0)
    return lambda: open_hubspot(config, wants, now=town.clock.now, sleep=town.clock.sleep)


def _touch(town: HubSpotTown, people: Sequence[Ref]) -> None:
    """Everybody's city changes, a hundred at a time as an import does."""
    for n, ref in enumerate(people):
        town.sandbox.desk.change("contacts", ref.id, city="東京")
        if n % 100 == 99:
            town.clock.sleep(1.0)


def _written(town: HubSpotTown, people: Sequence[Ref]) -> Line:
    names = SHIPPED.results["contacts"]
    with closing(_opener(town, SHIPPED)()) as crm:
        changes = [writing(ref, n, names) for n, ref in enumerate(people)]
        size = crm.traits.batch_size
        for n in range(0, len(changes), size):
            progress(f"HubSpot: writing {n:,}")
            assert all(r.status == "written" for r in crm.push(changes[n : n + size]))
        return Line("HubSpot", "write", len(people), crm.calls(), {"write": _of(len(people), 100)})


def _of(many: int, size: int) -> int:
    return ceil(many / size)


def _first(town: HubSpotTown, wants: Wants, told: Pulled) -> dict[str, int]:
    n = len(told.people)
    return {"list": _of(n, 100), **_of_contacts(town, wants, n, told), **_of_account(town, wants, first=True)}


def _delta(town: HubSpotTown, wants: Wants, n: int, told: Pulled) -> dict[str, int]:
    """One search for contacts, for companies, for each kind of object; and what the changed ones cost."""
    kinds = [s for s in wants.events if s in OBJECTS]
    searches = max(1, _of(n, 200)) + bool(_companies(wants)) + len(kinds)
    return {"search": searches, **_of_contacts(town, wants, n, told), **_of_account(town, wants, first=False)}


def _companies(wants: Wants) -> bool:
    return any(name.startswith("company.") for name in wants.people["contacts"])


def _of_contacts(town: HubSpotTown, wants: Wants, n: int, told: Pulled) -> dict[str, int]:
    """What is asked of a number of contacts: associations by the thousand, what they lead to by the hundred."""
    found = {"read": _of(told.addressed, 100)} if told.addressed else {}
    if not n:
        return found
    account, near, far = town.sandbox.account, kind_of("contacts"), kind_of("companies")
    kinds = [s for s in wants.events if s in OBJECTS]
    read = sum(found.values()) + sum(_of(told.things.get(s, 0), 100) for s in kinds)
    if _companies(wants):
        read += _of(len({i for ref in told.people for i in links_of(account, near, ref.id, far)}), 100)
    least = {"associations": (len(kinds) + _companies(wants)) * _of(n, 1_000), "read": read}
    return {kind: calls for kind, calls in {**least, "lists": _of(n, 100) * ("lists" in wants.events)}.items() if calls}


def _of_account(town: HubSpotTown, wants: Wants, *, first: bool) -> dict[str, int]:
    """What is told for the whole account by time, or by its counts."""
    state, least = town.sandbox.state, dict[str, int]()
    if "form_submissions" in wants.events:
        pages = [max(1, _of(len(state.all(f"submissions:{form}")), 50)) if first else 1 for form in state.all("forms")]
        least["forms"] = 1 + sum(pages)
    if "email_events" in wants.events:
        mails = len(state.all("campaigns")) if first else 0
        least["email_events"] = max(1, _of(len(state.all("mail_events")) if first else 0, 1_000)) + mails
    if "marketing_events" in wants.events:
        took = Counter(p["event"] for row in state.all("participations").values() for p in row["all"])
        least["marketing_events"] = 1 + (sum(_of(n, 100) for n in took.values()) if first else 0)
    return least


# ---- Salesforce ------------------------------------------------------------------------------------------------------

SHIPPED_SF = read_mapping(shipped("salesforce.yaml"), "salesforce.yaml").wants
LEADS = Wants({"Lead": SHIPPED_SF.people["Lead"]}, {"Lead": SHIPPED_SF.results["Lead"]})
EVERYTHING = "all of the shipped mapping"
STREAMS = {"Lead": 2, "Contact": 2, **dict.fromkeys(("Task", "Event", "CampaignMember", "EmailMessageRelation",
    "OpportunityContactRole", "Opportunity", "Web_Activity__c"), 1)}  # fmt: skip
"""Objects that the shipped mapping reads, with the long texts read of each; deals of converted leads stand here as
Opportunity."""
TWICE = ("EmailMessageRelation", "OpportunityContactRole", "Opportunity")
"""Read by the stamp of the thing, and by that of the row that leads to the person."""
LOOKS = 3
"""How often a job is looked at until it is done: the least that the vendor's guide expects."""


def _salesforce(org: SalesforceTown) -> Iterator[Line]:
    """Leads alone by pages and by a job, then writing both ways, then everything of the shipped mapping."""
    for way, limit in (("by pages (REST)", 10**9), ("by a job (Bulk 2.0)", 0), ("as chosen", 10_000)):
        progress(f"Salesforce: leads {way}")
        told = _pull(_sf(org, LEADS, bulk_read_from=limit), None)
        yield Line(
            "Salesforce", f"first pull, leads, {way}", len(told.people), told.calls, _read(org, {"Lead": 2}, limit)
        )
    org.clock.sleep(PASSED)
    quiet = _pull(_sf(org, LEADS), told.cursor)
    yield Line("Salesforce", "nothing new, leads", 0, quiet.calls, {"query": 1})
    few, many = told.people[:2_000], told.people[2_000:]
    yield _pushed(org, few, "write 2,000 at once, collections")
    if len(many) > 2_000:
        yield _pushed(org, many, "write the others at once, a job (Bulk 2.0)")
    org.clock.sleep(PASSED)
    echo = _pull(_sf(org, LEADS), quiet.cursor)
    yield Line("Salesforce", "pass after our write, leads", len(echo.people), echo.calls, _read(org, {"Lead": 2}))
    progress("Salesforce: all of the shipped mapping")
    whole = _pull(_sf(org, SHIPPED_SF), None)
    yield Line("Salesforce", f"first pull, {EVERYTHING}", len(whole.people), whole.calls, _read(org, STREAMS))
    org.clock.sleep(PASSED)
    rest = _pull(_sf(org, SHIPPED_SF), whole.cursor)
    yield Line("Salesforce", f"nothing new, {EVERYTHING}", 0, rest.calls, {"query": len(STREAMS) + len(TWICE)})


def _sf(org: SalesforceTown, wants: Wants, **settings: Any) -> Callable[[], CRM]:
    config = SalesforceConfig(
        "bench", org.server.url, client_id=org.sandbox.client_id, client_secret=org.sandbox.client_secret,
        ca_file=org.tls.ca_file, api_budget=1.0, **settings,
    )  # fmt: skip
    return lambda: open_salesforce(config, wants, now=org.clock.now, sleep=org.clock.sleep)


def _read(org: SalesforceTown, streams: Mapping[str, int], bulk_from: int = 10_000) -> dict[str, int]:
    """The least for objects with so many long texts each: pages of 2,000, as many calls each as there are long texts;
    or one page, by which is known how many rows there are, and a job."""
    least: Counter[str] = Counter()
    for object_, texts in (*streams.items(), *((o, 1) for o in TWICE if o in streams)):
        rows = len(org.sandbox.state.all(object_))
        job = rows > bulk_from // texts
        least.update(
            {"query": 1, "bulk": 1 + LOOKS + _of(rows, 50_000)} if job else {"query": max(1, texts * _of(rows, 2_000))}
        )
    return dict(least)


def _pushed(org: SalesforceTown, people: Sequence[Ref], what: str) -> Line:
    names = SHIPPED_SF.results["Lead"]
    with closing(_sf(org, LEADS)()) as crm:
        told = crm.push([writing(ref, n, names) for n, ref in enumerate(people)])
        assert all(r.status == "written" for r in told)
        job = len(people) > 2_000
        least = {"bulk_write": 3 + LOOKS + 2} if job else {"write": _of(len(people), 200)}
        return Line("Salesforce", what, len(people), crm.calls(), least)


if __name__ == "__main__":
    raise SystemExit(main())

"""A pull of 20,000 people from a local CRM, mapped and stored, beside what others would pull them with.

    python benchmarks/pull.py [people] [--rounds N] [--only hubspot] [--strangers] [--page] [--json]

Each contender is a process of its own, and so is the CRM. Counted are records for each second of the contender's own
processor time, and its peak memory. The clients only read; the extractors (`--strangers`, installed for the run) write
JSON lines to a file, and then a Singer target keeps these in a database. All go by turns, round after round; medians
are shown, and `--page` writes them into docs/performance.md.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from pathlib import Path
from statistics import median

from benchmarks.shared.show import Cell, Sheet, progress, show
from benchmarks.shared.taps import Told, extractors
from benchmarks.study.page import machine, table, write
from connector.garbage import collect_seldom
from connector.mapping.document import read_mapping
from connector.mapping.nodes import Mapping as Reading
from connector.mapping.reading import read_page
from connector.model import Counts
from connector.ports import CRM, Page, Wants
from connector.shipped import shipped

PEOPLE, ROUNDS = 20_000, 3
CRMS = ("hubspot", "salesforce")
HOST = "api.hubapi.com"


def main(words: Sequence[str] | None = None) -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("people", nargs="?", type=int, default=PEOPLE)
    asked.add_argument("--rounds", type=int, default=ROUNDS)
    asked.add_argument("--strangers", action="store_true")
    asked.add_argument("--only", choices=CRMS)
    asked.add_argument("--page", action="store_true", help="write the tables into docs/performance.md")
    asked.add_argument("--json", action="store_true")
    asked.add_argument("--serve", help=argparse.SUPPRESS)
    asked.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    told = asked.parse_args(words)
    if told.serve:
        _serve(told.serve, told.people)
    elif told.one:
        _alone(told.one[0], json.loads(told.one[1]))
    else:
        crms = [told.only] if told.only else CRMS
        sheets = {crm: measured(crm, told.people, told.rounds, strangers=told.strangers) for crm in crms}
        show(list(sheets.values()), as_json=told.json)
        for crm, sheet in sheets.items() if told.page else ():
            write(f"pull {crm}", _page(sheet, told.rounds))
    return 0


def measured(crm: str, people: int, rounds: int, *, strangers: bool) -> Sheet:
    with _far_side(crm, people) as far, tempfile.TemporaryDirectory() as folder:
        ours = HUBSPOT if crm == "hubspot" else SALESFORCE
        contenders: dict[str, Callable[[], Told]] = {name: partial(_child, name, far) for name in ours}
        contenders |= extractors(crm, far, Path(folder), partial(_names, crm)) if strangers else {}
        runs: dict[str, list[Told]] = {name: [] for name in contenders}
        for n in range(rounds):
            for name, run in contenders.items():
                progress(f"{crm}, round {n + 1}: {name}")
                runs[name].append(run())
        progress("")
        return Sheet(f"Pull of {people:,} people from a local {crm}", _rows(runs), NOTES)


NOTES = (
    "Memory is the process's peak, Python and libraries included. Of ours and the clients the start (imports, reading",
    "the mapping) is not counted; of the extractors it is: less than a second.",
)


def _rows(runs: Mapping[str, Sequence[Told]]) -> list[Mapping[str, Cell]]:
    """Each contender's medians, and how many times as many records as it the first one gets through."""
    rates = {name: [r["records"] / r["cpu"] for r in told] for name, told in runs.items()}
    first = next(iter(rates.values()))
    return [
        {
            "contender": name, "records": told[-1]["records"], "CPU s": round(median(r["cpu"] for r in told), 2),
            "records per CPU s": round(median(rates[name])),
            "and events": round(median((r["records"] + (r.get("events") or 0)) / r["cpu"] for r in told)),
            "first is times as fast": round(median(f / r for f, r in zip(first, rates[name], strict=True)), 2),
            "peak MiB": round(median(r["peak"] for r in told)), "events": told[-1].get("events"),
        }
        for name, told in runs.items()
    ]  # fmt: skip


def _page(sheet: Sheet, rounds: int) -> str:
    head = [
        "",
        "records",
        "events",
        "CPU s",
        "records per CPU s",
        "records and events per CPU s",
        "first row is × as fast",
        "peak MiB",
    ]
    rows = [[_said(value) for value in _in_order(row)] for row in sheet.rows]
    return f"{sheet.title}, median of {rounds} rounds by turns. {machine()}\n\n{table(head, rows)}"


def _in_order(row: Mapping[str, Cell]) -> list[Cell]:
    names = (
        "contender", "records", "events", "CPU s", "records per CPU s", "and events", "first is times as fast",
        "peak MiB",
    )  # fmt: skip
    return [row[name] for name in names]


def _said(value: Cell) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:.2f}" if isinstance(value, float) else value or ""


# ---- the far side, in a process of its own ---------------------------------------------------------------------------


@contextmanager
def _far_side(crm: str, people: int) -> Iterator[Told]:
    words = [sys.executable, __file__, str(people), "--serve", crm]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=_env()) as far:
        assert far.stdin
        assert far.stdout
        try:
            yield json.loads(far.stdout.readline())
        finally:
            far.stdin.close()


def _env() -> dict[str, str]:
    return {**os.environ, "PYTHONHASHSEED": "0"}


def _serve(crm: str, people: int) -> None:
    """Serve until whoever asked for it hangs up."""
    from benchmarks.shared.towns import hubspot_town, salesforce_town  # clients must not pay for its memory
    from tests.strangers.door import open_door
    from tests.strangers.salesforce_org import HOSTS, REFRESH

    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        if crm == "hubspot":
            town = stack.enter_context(hubspot_town(people, rate_limits=False, cursors_twice=True))
            door = stack.enter_context(open_door(town.sandbox.app, [HOST], folder))
            far = {"url": town.server.url, "token": town.sandbox.token, "env": dict(door.env), "ca": str(door.ca_file)}
        else:
            org = stack.enter_context(salesforce_town(people, refresh_token=REFRESH))
            door = stack.enter_context(open_door(org.sandbox.app, HOSTS, folder))
            far = {
                "url": org.server.url, "id": org.sandbox.client_id, "secret": org.sandbox.client_secret,
                "org": str(org.tls.ca_file), "token": org.sandbox.token, "env": dict(door.env), "ca": str(door.ca_file),
                "refresh": REFRESH,
            }  # fmt: skip
        print(json.dumps(far), flush=True)
        sys.stdin.read()


# ---- contenders, each in a process of its own ------------------------------------------------------------------------


def _child(name: str, far: Told) -> Told:
    words = [sys.executable, __file__, "--one", name, json.dumps(far)]
    done = subprocess.run(words, capture_output=True, text=True, check=True, env=_env())
    told: Told = json.loads(done.stdout)
    return told


def _alone(name: str, far: Told) -> None:
    run = {**HUBSPOT, **SALESFORCE}[name]
    told = run(far)
    print(json.dumps({**told, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_024}))


def _kept(name: str, open_: Callable[[Wants], CRM], wants: Callable[[Reading], Wants]) -> Told:
    """A first pull as a pass makes it: every page read by the shipped mapping and stored in a new SQLite file."""
    from connector.clock import clock
    from connector.store import open_store

    collect_seldom()  # as the command does
    now, mapping = clock(), read_mapping(shipped(f"{name}.yaml"), f"{name}.yaml")
    records = told = 0
    with tempfile.TemporaryDirectory() as folder, closing(open_(wants(mapping))) as crm:
        store = open_store(f"sqlite:///{folder}/leadheat.db", now=now)
        begun = time.process_time()
        run = store.begin(name, now(), "sync", now())
        for page in crm.pull(None):
            whole: Page = store.complete(run, page)
            store.keep(run, whole, read_page(mapping, name, whole.records, whole.events))
            records, told = records + len(page.records), told + len(page.events)
        store.finish(run, "succeeded", Counts(), crm.calls(), now(), None)
        cpu = time.process_time() - begun
        store.close()
    return {"records": records, "events": told, "cpu": cpu}


def _people(mapping: Reading) -> Wants:
    """People with their company, without what they did."""
    return Wants(mapping.wants.people, mapping.wants.results)


def _people_alone(mapping: Reading) -> Wants:
    """People's own fields, which is what the clients and extractors read too."""
    alone = {o: frozenset(n for n in names if "." not in n) for o, names in mapping.wants.people.items()}
    return Wants(alone, mapping.wants.results)


def _everything(mapping: Reading) -> Wants:
    return mapping.wants


def _hubspot(far: Told, wants: Callable[[Reading], Wants]) -> Told:
    from adapters.hubspot import HubSpotConfig, open_hubspot
    from connector.clock import clock

    config = HubSpotConfig("hubspot", far["token"], base_url=far["url"], api_budget=1.0)
    # the local CRM has no limit here, and neither has our pace: only work counts
    return _kept("hubspot", lambda w: open_hubspot(config, w, now=clock(), sleep=lambda _: None), wants)


def _names(crm: str, object_: str) -> list[str]:
    """The person's own fields that the shipped mapping reads, and ours: the clients ask for the same."""
    wants = read_mapping(shipped(f"{crm}.yaml"), f"{crm}.yaml").wants
    return sorted(n for n in (*wants.people[object_], *wants.results[object_].values()) if "." not in n)


def _hubspot_client(far: Told, *, typed: bool) -> Told:
    from hubspot import HubSpot

    client = HubSpot(access_token=far["token"])
    api = client.crm.contacts.basic_api
    api.api_client.configuration.host = far["url"]
    names, after, records = _names("hubspot", "contacts"), None, 0
    begun = time.process_time()
    while True:
        more = {"after": after} if after else {}
        if typed:
            page = api.get_page(limit=100, properties=names, archived=False, **more)
            records, after = records + len(page.results), page.paging.next.after if page.paging else None
        else:
            answer = api.get_page(limit=100, properties=names, archived=False, _preload_content=False, **more)
            document = json.loads(answer.data)
            records += len(document["results"])
            after = document["paging"]["next"]["after"] if "paging" in document else None
        if after is None:
            return {"records": records, "cpu": time.process_time() - begun}


def _salesforce(far: Told, wants: Callable[[Reading], Wants]) -> Told:
    from adapters.salesforce import SalesforceConfig, open_salesforce
    from connector.clock import clock

    # by pages: how long a job takes is the far side's matter, and here its clock stands still
    config = SalesforceConfig(
        "salesforce", far["url"], client_id=far["id"], client_secret=far["secret"], ca_file=Path(far["org"]),
        api_budget=1.0, bulk_read_from=10**9,
    )  # fmt: skip
    return _kept("salesforce", lambda w: open_salesforce(config, w, now=clock(), sleep=lambda _: None), wants)


def _simple_salesforce(far: Told) -> Told:
    import requests
    from simple_salesforce import Salesforce

    session = requests.Session()
    session.verify, session.trust_env = far["org"], False  # the environment may name other authorities
    sf = Salesforce(instance_url=far["url"], session_id=far["token"], session=session, version="67.0")
    there = {o: {f["name"] for f in getattr(sf, o).describe()["fields"]} for o in ("Lead", "Contact")}
    fields = {
        o: ", ".join(["Id", "SystemModstamp", *(n for n in _names("salesforce", o) if n in there[o])]) for o in there
    }
    records, begun = 0, time.process_time()
    for object_, names in fields.items():
        records += len(sf.query_all(f"SELECT {names} FROM {object_}")["records"])
    return {"records": records, "cpu": time.process_time() - begun}


HUBSPOT: Mapping[str, Callable[[Told], Told]] = {
    "leadheat: contacts with their company, mapped and stored": partial(_hubspot, wants=_people),
    "leadheat: contacts alone, as all below read them": partial(_hubspot, wants=_people_alone),
    "leadheat: contacts, company and all they did": partial(_hubspot, wants=_everything),
    "hubspot-api-client, raw, kept nowhere": partial(_hubspot_client, typed=False),
    "hubspot-api-client, typed, kept nowhere": partial(_hubspot_client, typed=True),
}
SALESFORCE: Mapping[str, Callable[[Told], Told]] = {
    "leadheat (Salesforce): people with their account, mapped and stored": partial(_salesforce, wants=_people),
    "leadheat (Salesforce): people, account and all they did": partial(_salesforce, wants=_everything),
    "simple-salesforce, query_all, kept nowhere": _simple_salesforce,
}


if __name__ == "__main__":
    raise SystemExit(main())

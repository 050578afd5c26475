"""Everything the adapter can ask of HubSpot, once through: set-up, first fill, changes, hot leads, bad weather, a
mapping of six hundred fields; and which lines of the adapter asked."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from werkzeug.wrappers import Request

import adapters.hubspot
from adapters.http import Exchange
from adapters.hubspot.config import Version
from adapters.hubspot.sandbox import Options
from adapters.hubspot.sandbox.weather import AWAY, LOCKED, MOVING
from adapters.sandbox.faults import Fault
from adapters.sandbox.world import make_world
from connector.errors import Unavailable
from connector.model import Change, Receipt, Ref
from connector.ports import EventWants, Wants
from connector.results import RESULTS
from connector.testing import Notebook
from tests.contracts.hubspot.world import OURS, START, WANTS, HubSpotWorld

WANTED = {"contacts": [(r.hubspot, r) for r in RESULTS]}
MORE = {
    "lists": "list_id list_name joined_at", "emails": "hs_timestamp hs_email_direction", "notes": "hs_timestamp",
    "tasks": "hs_timestamp hs_task_status",
}  # fmt: skip
EVERYTHING = replace(
    WANTS, events={**WANTS.events, **{name: EventWants(frozenset(told.split())) for name, told in MORE.items()}}
)
FIRST = replace(EVERYTHING, events={name: EVERYTHING.events[name] for name in ("page_views", "meetings", "lists")})
LONG_NAMES = tuple(f"a_mapping_with_very_many_fields_of_which_each_has_a_rather_long_name_{n:03d}" for n in range(600))
DAY = 86_400


class Traveller:
    """An account, its tour, and what the tour has learnt so far."""

    def __init__(self, version: Version) -> None:
        self.lost: list[str] = []
        options = Options(tier="enterprise", rate_limits=False)
        self.world = HubSpotWorld(options=options, ready=False, befalls=self._befalls)
        self.world.config = replace(self.world.config, api_version=version, page_size=100, search_size=200)
        self.told = Notebook()

    def _befalls(self, request: Request) -> Fault | None:
        """The answer to the next request whose path ends so is lost on the way, though it took effect."""
        if self.lost and request.method == "POST" and request.path.endswith(self.lost[0]):
            self.lost.pop(0)
            return Fault("answer", 503, reached=True)
        return None

    def read(self, wants: Wants = EVERYTHING) -> None:
        crm = self.world.open(wants)
        self.told.read(crm)
        crm.close()

    def push(self, ids: Sequence[str], **values: Any) -> Sequence[Receipt]:
        crm = self.world.open(EVERYTHING)
        after = {OURS[name]: value for name, value in values.items()}
        try:
            return crm.push([Change(Ref(self.world.connection, "contacts", i), {}, after) for i in ids])
        finally:
            crm.close()


def walk(version: Version) -> Traveller:
    """The whole tour. Close its world afterwards: that is when the requests are judged."""
    one = Traveller(version)
    for step in (_set_up, _first_fill, _write, _change, _want_more, _many_fields, _a_day_later, _foul_weather):
        step(one)
    return one


def _set_up(one: Traveller) -> None:
    one.world.sandbox.seed(make_world(40, 7, START))
    crm = one.world.open()
    list(crm.provision(WANTED, apply=False))
    one.lost.append("/properties/contacts" if "v3" in one.world.config.api_version else "/contacts")
    assert all(step.done or step.action == "exists" for step in crm.provision(WANTED, apply=True))
    list(crm.provision(WANTED, apply=True))
    crm.describe()
    crm.close()


def _first_fill(one: Traveller) -> None:
    desk = one.world.desk
    busy = desk.add("contacts", email="busy@example.co.jp", jobtitle="部長")
    for n in range(101):
        desk.add_event("page_views", busy, path=f"/p{n}", occurred_at=str(START // 1_000 - 1_000 * n))
        desk.add_event("form_submissions", busy, form_name=f"form {n}" if n < 50 else "デモ")
    one.read(FIRST)
    one.world.let_time_pass(900)


def _write(one: Traveller) -> None:
    """Scores for all: more than a batch, and among them the deleted, the merged, a poisoned record, bad values."""
    desk = one.world.desk
    made = [desk.add("contacts", email=f"p{n}@example.co.jp") for n in range(103)]
    desk.delete("contacts", made[0])
    desk.merge("contacts", made[1], made[2])
    one.world.weather.poison(made[50])
    values: dict[str, Any] = {"score": 87, "band": "hot", "hot": True, "scored_at": START, "top_reason": "理由"}
    told = one.push(made, **values)
    assert {r.status for r in told} == {"written", "gone", "refused"}
    desk.drop_field("contacts", OURS["detail"])
    assert {r.status for r in one.push(made[60:63], detail="x", hot=None)} == {"refused"}
    desk.define_field("contacts", OURS["detail"], groupName="leadheat", fieldType="textarea")
    one.world.let_time_pass(900)


def _change(one: Traveller) -> None:
    """Somebody becomes hot; companies, deals and calls change although their contacts do not."""
    desk, ids = one.world.desk, [ref.id for ref in one.told.people]
    desk.change("contacts", ids[0], jobtitle="課長")
    for n in range(60):
        desk.add_event("form_submissions", ids[-1], form_name="デモ", page_title=f"{n}")
    desk.add_event("calls", ids[1], hs_call_direction="INBOUND")
    desk.change("companies", next(iter(one.world.sandbox.state.all("companies"))), numberofemployees=50)
    one.world.let_time_pass(900)
    one.read(FIRST)
    one.push(ids[:1], hot=True, hot_since=START)


def _want_more(one: Traveller) -> None:
    """Sources that were not wanted before, and a contact with more notes than one answer holds."""
    desk = one.world.desk
    busy = next(ref.id for ref, record in one.told.people.items() if record.fields["email"] == "busy@example.co.jp")
    for _ in range(501):
        desk.associate("contacts", busy, "notes", desk.add("notes", hs_note_body="x"))
    one.world.let_time_pass(900)
    one.read()
    desk.change("deals", next(iter(one.world.sandbox.state.all("deals"))), amount=5)
    one.world.let_time_pass(900)
    one.read()


def _many_fields(one: Traveller) -> None:
    """Names too long for a URL and for a search."""
    for name in LONG_NAMES:
        one.world.desk.define_field("contacts", name)
    many = replace(EVERYTHING, people={"contacts": EVERYTHING.people["contacts"] | set(LONG_NAMES)})
    one.read(many)
    one.world.desk.change("contacts", next(iter(one.told.people)).id, jobtitle="係長")
    one.world.let_time_pass(900)
    one.read(many)
    crm = one.world.open(many)
    Notebook().read(crm)
    crm.close()


def _a_day_later(one: Traveller) -> None:
    """A full reading with the recycle bin."""
    one.world.desk.delete("contacts", next(iter(one.told.people)).id)
    one.world.let_time_pass(DAY)
    one.read()


def _foul_weather(one: Traveller) -> None:
    """Locks, a lost answer, a dead connection; and an account that is being moved ends the call."""
    ids = [ref.id for ref in one.told.people][:5]
    befall = one.world.sandbox.weather.befall
    for fault in (LOCKED, AWAY, Fault("reset"), Fault("truncated"), Fault("html")):
        befall(fault)
        assert {r.status for r in one.push(ids, score=1)} == {"written"}
    one.lost += ["/batch/update"] * 6
    assert {r.status for r in one.push(ids, score=2)} == {"written"}, "read back"
    one.lost.clear()
    befall(MOVING, 2)
    try:
        one.push(ids, score=3)
    except Unavailable:
        return
    raise AssertionError("an account that is being moved is not waited for")


# ---- who asked -----------------------------------------------------------------------------------------------------

HOME = Path(adapters.hubspot.__file__).parent
ASKING = {"get", "post", "search", "read", "associated", "_ask"}
Site = tuple[str, int, int]
"""A file and the lines of a call in it."""


def sites() -> set[Site]:
    """Every place in the adapter where something is asked of HubSpot."""
    return {site for path in sorted(HOME.glob("*.py")) for site in _sites(path)}


def _sites(path: Path) -> Iterator[Site]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ASKING:
            asked = ast.unparse(node.func.value)
            if asked.endswith("api") or (path.name == "api.py" and asked == "self"):
                yield path.name, node.lineno, node.end_lineno or node.lineno


@contextmanager
def footprints() -> Iterator[set[tuple[str, int]]]:
    """The lines of the adapter that were on the way to a request while this was open."""
    seen: set[tuple[str, int]] = set()
    ask: Callable[..., Any] = Exchange.ask

    def asked(*words: Any, **more: Any) -> Any:
        frame = sys._getframe(1)
        while frame is not None:
            path = Path(frame.f_code.co_filename)
            if path.parent == HOME:
                seen.add((path.name, frame.f_lineno))
            frame = frame.f_back
        return ask(*words, **more)

    Exchange.ask = asked
    try:
        yield seen
    finally:
        Exchange.ask = ask


def unasked(seen: set[tuple[str, int]]) -> set[Site]:
    """The places that were never reached."""
    return {
        (name, first, last)
        for name, first, last in sites()
        if not any(n == name and first <= line <= last for n, line in seen)
    }

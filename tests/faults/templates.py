"""Places by the dozen: each kind is built once, then copied."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, TypeAlias

from adapters.hubspot.provision import property_body
from adapters.salesforce.provision import metadata
from adapters.sandbox.server import Tls, certificate
from adapters.sandbox.state import Row, State
from adapters.sandbox.world import make_world
from connector.instants import MINUTE
from connector.results import RESULTS
from connector.store import open_store
from tests.faults.ends import Held, known, ours
from tests.faults.place import FIRST, LAST, LEADS, NEXT, PEOPLE, SEED, START, Name, Place, Shape

When: TypeAlias = Literal["fresh", "settled"]


@dataclass(frozen=True, slots=True)
class Template:
    rows: dict[str, dict[str, Row]]
    database: Path


@cache
def root() -> Path:
    """Where templates and places lie; the tests' own folder removes it at their end."""
    return Path(tempfile.mkdtemp(prefix="leadheat-faults-"))


@cache
def tls() -> Tls:
    return certificate(root() / "tls")


def place_of(name: Name, when: When, shape: Shape, folder: Path) -> Place:
    """A place like its template, with its clock at the case's own pass."""
    made = _template(name, when, shape)
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(made.database, folder / "leadheat.db")
    place = Place(name, shape, folder, tls(), _state(made.rows))
    place.clock.at = NEXT
    return place


def _state(rows: dict[str, dict[str, Row]]) -> State:
    state = State()
    with state:
        for kind, some in rows.items():
            state.put_many(kind, some.items())
    return state


@cache
def _template(name: Name, when: When, shape: Shape) -> Template:
    folder = root() / f"{name}-{when}-{abs(hash(shape))}"
    folder.mkdir()
    if when == "fresh":
        place = Place(name, shape, folder, tls(), State())
        place.sandbox.seed(make_world(LEADS, SEED, START))
        _our_fields(place)
        open_store(f"sqlite:///{place.database}", now=place.clock.near).close()
    else:
        place = place_of(name, "fresh", shape, folder)
        place.clock.at = FIRST
        ended = place.run()
        assert ended.status == "succeeded", ended
        place.clock.at = NEXT - 10 * MINUTE
        a_days_edits(place)
    rows = {kind: dict(some) for kind, some in place.state._rows.items()}
    place.close()
    return Template(rows, place.database)


def _our_fields(place: Place) -> None:
    for object_ in PEOPLE[place.name]:
        for result in RESULTS:
            if place.name == "hubspot":
                body = property_body(result.hubspot, result, "ja")
                place.desk.define_field(object_, body.pop("name"), body.pop("type"), **body)
            else:
                told = metadata(result)
                place.desk.define_field(object_, result.salesforce, told.pop("type"), **told)


def people_of(place: Place, object_: str | None = None) -> list[str]:
    """Ids of those who are there, in order of their making."""
    rows = place.state.all(object_ or PEOPLE[place.name][0])
    return [i for i, row in rows.items() if not (row.get("archived") or row.get("IsDeleted"))]


def a_days_edits(place: Place) -> None:
    """Somebody comes, titles change, somebody asks for a demo: enough for a pass to have all its steps to do."""
    who = people_of(place)
    if place.name == "hubspot":
        new = place.desk.add("contacts", email="new.person@example.co.jp", jobtitle="情報システム部長")
        for one in who[:4]:
            place.desk.change("contacts", one, jobtitle="代表取締役")
        place.desk.change("contacts", who[4], jobtitle="")
        calls = place.desk.add("calls", hs_timestamp=str(place.clock.at // 1000), hs_call_direction="INBOUND")
        place.desk.associate("calls", calls, "contacts", new)
        return
    new = place.desk.add("Lead", LastName="新規", Company="株式会社新規", Title="情報システム部長")
    for one in who[:4]:
        place.desk.change("Lead", one, Title="代表取締役")
    place.desk.change("Contact", people_of(place, "Contact")[0], Title="代表取締役")
    place.desk.add_event("Task", new, Subject="Call", TaskSubtype="Call")


# ---- twins -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Twin:
    """How it ends where nothing goes wrong, and what the undisturbed pass asked."""

    ours: Held
    known: Held
    asked: tuple[str, ...]


@cache
def twin_of(name: Name, when: When, shape: Shape) -> Twin:
    folder = root() / f"twin-{name}-{when}-{abs(hash(shape))}"
    place = place_of(name, when, shape, folder)
    ended = place.run()
    assert ended.status == "succeeded", ended
    place.clock.at = LAST
    again = place.run()
    assert again.status == "succeeded", again
    told = Twin(ours(place), known(place), ended.asked)
    place.close()
    return told

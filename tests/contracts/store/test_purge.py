"""A person is removed from every table of either database, nobody else is, and they are kept out afterwards."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import select, text

from connector.errors import StoreError
from connector.instants import DAY, HOUR
from connector.model import Counts, Record, Ref, Reject
from connector.ports import ActivityFacts, Event, Facts, Page
from connector.store import SqlStore, open_store
from connector.store.database import open_engine
from connector.store.inputs import facts_with, places_of
from connector.store.proof import prove
from connector.store.purge import holdings, of_address, purge, same_person, was_purged
from connector.store.tables import METADATA, OF_A_LEAD, connection
from connector.store.tables import lead as leads
from connector.store.tables import run as runs
from connector.testing.shelf import NAME, SILENCE, T0, Shelf, became, did, gone, hot, lead, ref, scored, won
from connector.words import say

POSTGRES = os.environ.get("LEADHEAT_TEST_POSTGRES", "")
A, B, OLD = ref("7000000011"), ref("7000000022"), ref("7000000010")
MAIL, NAMED, PHONE = "hanako.planted@planted.example", "Plantedyama Hanako", "+81-90-7777-1234"


@dataclass
class World:
    url: str
    now: int = T0
    opened: list[SqlStore] = field(default_factory=list)

    def open(self) -> SqlStore:
        self.opened.append(open_store(self.url, now=lambda: self.now))
        return self.opened[-1]


def _emptied() -> None:
    engine = open_engine(POSTGRES)
    with engine.begin() as conn:
        conn.execute(text("DROP SCHEMA public CASCADE"))
        conn.execute(text("CREATE SCHEMA public"))
    engine.dispose()


NO_POSTGRES = pytest.mark.skipif(not POSTGRES, reason="LEADHEAT_TEST_POSTGRES names no database that may be emptied")


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=[pytest.mark.postgres, NO_POSTGRES])])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    if request.param == "postgres":
        _emptied()
    world = World(POSTGRES if request.param == "postgres" else f"sqlite:///{tmp_path / 'leadheat.db'}")
    yield world
    for store in world.opened:
        store.close()


def visit(who: Ref, id_: str, path: str) -> ActivityFacts:
    return did(who, id_, T0 - HOUR, path)


def full(world: World) -> Shelf:
    """Two people with something in every table; A was merged with somebody, and a cursor remembers them."""
    shelf = Shelf(world)
    for version in (1, 2):
        shelf.keep(
            lead(A, {"score": "1"}, T0, email=MAIL, name=NAMED, phone=PHONE, title=f"部長{version}"),
            lead(B, {"score": "1"}, T0, email="other@elsewhere.example", name="Other", title=f"部長{version}"),
            lead(OLD, None, T0, email=f"old.{MAIL}"),
            *(visit(w, f"v{w.id}", f"/thanks?mail={MAIL if w == A else 'none'}&v={version}") for w in (A, B)),
            *(visit(w, f"p{w.id}", "/pricing") for w in (A, B)),
            *(became(w, "d", won(amount=str(version))) for w in (A, B)),
        )
        shelf.keep(gone(OLD, A), cursor=json.dumps({"seen": {A.id: 1, B.id: 2}}))
        shelf.store.keep(shelf.run, Page(), Facts(rejects=[Reject(w, "LH-1", say("x")) for w in (A, B)]))
        shelf.score(*(scored(shelf.run, w, hot(), {"score": 60}, T0 + DAY) for w in (A, B)))
        if version == 1:
            shelf.next_pass()
    shelf.store.stage(shelf.run, [scored(shelf.run, w, hot(), {"score": 61}) for w in (A, B)])
    problem = f"{A}: went wrong"
    shelf.store.finish(shelf.run, "failed", Counts(), {}, world.now, problem)
    return shelf


def rows_of(store: SqlStore, who: Ref) -> dict[str, int]:
    with store.reading() as conn:
        number = conn.execute(select(leads.c.id).where(leads.c.ext_id == who.id)).scalar_one()
        return {t.name: len(conn.execute(select(t).where(t.c.lead == number)).all()) for t in OF_A_LEAD}


def everything(store: SqlStore) -> str:
    with store.reading() as conn:
        tables = (*METADATA.sorted_tables, facts_with(places_of(conn)))
        return "\n".join(str(tuple(row)) for t in tables for row in conn.execute(select(t)))


def test_a_person_is_removed_from_every_table_and_nobody_else_is(world: World) -> None:
    shelf = full(world)
    before = rows_of(shelf.store, B)
    mine = rows_of(shelf.store, A)
    assert {name for name, n in mine.items() if not n} == {"seen", "dirty"}  # nothing was swept; all was scored
    refs = same_person(shelf.store, [A])
    assert refs == [OLD, A]
    done = purge(shelf.store, refs, world.now)
    assert done.removed.items() >= {name: n for name, n in mine.items() if n and name in {"score", "history"}}.items()
    assert holdings(shelf.store, refs) == {}
    assert rows_of(shelf.store, B) == before
    told = everything(shelf.store)
    for trace in (A.id, OLD.id, MAIL, NAMED, PHONE):
        assert trace not in told
    assert B.id in told and "other@elsewhere.example" in told
    assert "…: went wrong" in told


def test_the_proof_holds_and_would_fail_if_a_trace_were_left(world: World) -> None:
    shelf = full(world)
    done = purge(shelf.store, same_person(shelf.store, [A]), world.now)
    proof = prove(shelf.store, done)
    assert proof.holds
    assert proof.sought >= 5
    assert proof.shared >= 1  # the title is B's as well
    with shelf.store.writing() as conn:
        conn.execute(runs.update().values(problem=f"could not write to {MAIL}"))
    assert prove(shelf.store, done).left == {"run": 1}
    assert not prove(shelf.store, done).holds


def test_the_proof_looks_into_the_columns_that_follow_the_mapping(world: World) -> None:
    shelf = full(world)
    done = purge(shelf.store, same_person(shelf.store, [A]), world.now)
    with shelf.store.writing() as conn:
        [place] = [p for p in places_of(conn) if p.name == "email"]
        conn.execute(facts_with((place,)).update().values({place.column: MAIL}))
    assert prove(shelf.store, done).left == {"facts": 1}


def test_no_byte_of_the_file_is_left(tmp_path: Path) -> None:
    path = tmp_path / "leadheat.db"
    world = World(f"sqlite:///{path}")
    shelf = full(world)

    def bytes_() -> bytes:
        return b"".join(p.read_bytes() for p in sorted(tmp_path.iterdir()) if not p.name.endswith("-shm"))

    traces = [t.encode() for t in (A.id, OLD.id, MAIL, NAMED, PHONE)]
    assert all(t in bytes_() for t in traces)
    done = purge(shelf.store, same_person(shelf.store, [A]), world.now)
    assert any(t in bytes_() for t in traces)  # deleting alone leaves them in the log
    proof = prove(shelf.store, done)
    assert [t for t in traces if t in bytes_()] == []
    assert set(proof.files) == {"leadheat.db", "leadheat.db-wal"}
    with path.open("ab") as file:
        file.write(MAIL.encode())
    assert prove(shelf.store, done).found == 0  # written anew
    (tmp_path / "leadheat.db-journal").write_bytes(b"x" * 9_000_000 + NAMED.encode())
    assert prove(shelf.store, done).found == 1
    shelf.store.close()


def test_a_file_in_use_elsewhere_is_not_called_proved(tmp_path: Path) -> None:
    world = World(f"sqlite:///{tmp_path / 'leadheat.db'}")
    shelf = full(world)
    done = purge(shelf.store, [A], world.now)
    reading, end = threading.Event(), threading.Event()

    def look() -> None:
        with open_store(world.url, now=lambda: T0) as other, other.reading() as conn:
            conn.execute(select(leads)).all()
            reading.set()
            end.wait(30)

    thread = threading.Thread(target=look)
    thread.start()
    reading.wait(30)
    with shelf.store.engine.connect() as conn:
        conn.exec_driver_sql("PRAGMA busy_timeout=50")
    try:
        proof = prove(shelf.store, done)
    finally:
        end.set()
        thread.join()
    assert not proof.rewritten and not proof.holds
    assert prove(shelf.store, done).holds
    shelf.store.close()


def test_who_was_purged_is_not_kept_again_and_who_is_new_is(world: World) -> None:
    shelf = full(world)
    purge(shelf.store, [OLD, A], world.now)
    shelf = Shelf(world)
    fresh = ref("7000000033")
    shelf.keep(
        lead(A, {"score": "1"}, T0, email=MAIL), visit(A, "again", f"/x?{MAIL}"), became(A, "e", won()),
        lead(fresh, None, T0, email=MAIL), visit(fresh, "mine", "/pricing"),
    )  # fmt: skip
    winner = Record(B, {}, T0, gone="merged", successor=A)
    shelf.store.keep(shelf.run, Page([winner]), Facts(rejects=[Reject(A, "LH-1", say("x"))]))
    shelf.store.keep(shelf.run, Page(events=[Event("page_views", "z", A, {})]), Facts())
    assert was_purged(shelf.store, A) and not was_purged(shelf.store, fresh)
    assert holdings(shelf.store, [A]) == {}
    assert [d.lead.ref for d in shelf.due()] == [fresh]


def test_a_pass_under_way_is_not_disturbed_and_a_dead_one_saves_nothing_more(world: World) -> None:
    shelf = full(world)
    shelf.start()
    before = everything(shelf.store)
    with pytest.raises(StoreError, match="LH-607"):
        purge(shelf.store, [A], world.now)
    assert everything(shelf.store) == before
    world.now += SILENCE
    purge(shelf.store, [A], world.now)
    with pytest.raises(StoreError, match="LH-608"):
        shelf.keep(lead(A, None, T0, email=MAIL))
    assert holdings(shelf.store, [A]) == {}


def test_records_with_the_same_address_are_the_same_person_unless_told_otherwise(world: World) -> None:
    shelf = Shelf(world)
    twin, boss = ref("00Q000000000001AAA", "Lead"), ref("7000000044")
    shelf.keep(
        lead(A, None, T0, email=MAIL), lead(twin, None, T0, Email=MAIL.upper()),
        lead(boss, None, T0, email="boss@planted.example", assistant=MAIL), lead(ref("5"), None, T0, email=f"x{MAIL}"),
    )  # fmt: skip
    shelf.finish()
    assert same_person(shelf.store, [A]) == sorted([A, twin])
    assert same_person(shelf.store, [A], only=True) == [A]
    assert of_address(shelf.store, f" {MAIL.title()} ") == sorted([A, twin])
    done = purge(shelf.store, [A, twin], world.now)
    assert prove(shelf.store, done).left == {"lead": 1}  # the boss's record still names the assistant: said, not hidden


def test_a_place_that_names_the_person_makes_the_next_pass_read_everything(world: World) -> None:
    shelf = full(world)
    shelf.start()
    shelf.keep(cursor=json.dumps({"walk": {"at": A.id}, "seen": {A.id: 1}}))
    shelf.finish()
    done = purge(shelf.store, [A], world.now)
    assert done.reads_anew == (NAME,)
    with shelf.store.reading() as conn:
        assert conn.execute(select(connection.c.cursor)).scalar() is None
    assert shelf.start().cursor is None


def test_what_a_purge_says_shows_nothing_of_the_person(world: World) -> None:
    shelf = full(world)
    done = purge(shelf.store, [A], world.now)
    for trace in (A.id, MAIL, NAMED, PHONE):
        assert trace not in repr(done) + repr(prove(shelf.store, done))

"""The stored company is what the connector would have stored, and its measurements measure what they say."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import store as benchmark
from sqlalchemy import func, select
from stored import child
from stored.book import NAME, book_of, score
from stored.changes import touch
from stored.company import SETTLED, company_file, merged
from stored.grounds import sqlite
from stored.sizes import sizes_of
from study import world
from study.card import Source, card_of
from study.world import NOW, study

from connector.mapping.reading import read_page
from connector.model import Lead, Record, Ref
from connector.scoring.columns import score_leads
from connector.store import SqlStore, open_store
from connector.store.codec import dumps, raws_of
from connector.store.inputs import inputs_in, known_of, places_of
from connector.store.tables import HERE, activity, dirty, facts, lead, outcome, pending, staged, wording
from connector.store.tables import score as scores

LEADS = 600


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(world, "CACHE", tmp_path_factory.mktemp("bench"))
        return company_file(LEADS, 20 * LEADS)


@pytest.fixture
def town(made: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a copy of the company's database."""
    monkeypatch.setattr(world, "CACHE", made.parent)
    with sqlite(LEADS, 20 * LEADS).copy() as address:
        yield address


@pytest.fixture
def store(town: str) -> Iterator[SqlStore]:
    with open_store(town, now=lambda: NOW) as opened:
        yield opened


def test_what_is_kept_of_a_lead_is_what_the_mapping_reads_from_its_fields(store: SqlStore) -> None:
    book = book_of()
    with store.reading() as conn:
        rows = conn.execute(
            select(lead, facts.c.created_at).join(facts, facts.c.lead == lead.c.id).order_by(lead.c.id)
        ).all()
        places = places_of(conn)
        known = known_of(conn, places, [r.id for r in rows])
    records = [Record(Ref(NAME, "contacts", r.ext_id), raws_of(r.fields), r.modified_at, r.created_at) for r in rows]
    read = read_page(book.mapping, NAME, records, []).leads
    assert [r.inputs for r in read] == [inputs_in(places, known[row.id].cells or ()) for row in rows]
    assert [dumps(raws_of(row.fields)) for row in rows] == [row.fields for row in rows], "as the store puts it"


def test_every_wording_says_what_the_study_drew(store: SqlStore) -> None:
    drawn = {kind for kind, _ in study(LEADS, 20 * LEADS).deeds}
    with store.reading() as conn:
        told = [json.loads(row.reading) for row in conn.execute(select(wording))]
        assert conn.execute(select(func.count()).select_from(activity)).scalar_one() == 20 * LEADS
    assert {kind for kind, *_ in told} == drawn
    pages = {subject for kind, subject, *_ in told if kind == "page_view"}
    assert pages == {subject for kind, subject in study(LEADS, 20 * LEADS).deeds if kind == "page_view"}


def test_everybody_here_is_scored_and_nobody_is_due(store: SqlStore) -> None:
    with store.reading() as conn:
        here = set(conn.execute(select(lead.c.id).where(lead.c.status == HERE)).scalars())
        assert set(conn.execute(select(scores.c.lead)).scalars()) == here
        assert len(here) == LEADS - merged(LEADS).sum() < LEADS
        for table in (dirty, pending, staged):
            assert conn.execute(select(table)).first() is None
        assert conn.execute(select(outcome)).first() is not None
    run, _ = score(store, book_of(), SETTLED)
    assert run.counts.scored == 0


def test_without_hygiene_the_stored_points_are_those_of_the_study(store: SqlStore) -> None:
    source = Source(study(LEADS, 20 * LEADS))
    with store.reading() as conn:
        stored = {row.lead: row.points for row in conn.execute(select(scores))}
        heirs = set(conn.execute(select(lead.c.successor).where(lead.c.successor.is_not(None))).scalars())
    calm = [n for n in range(LEADS) if n + 1 in stored and n + 1 not in heirs and len(source.lead(n).activities) <= 1]
    told = score_leads(card_of(), [_unknown_before(source, n) for n in calm], NOW)
    unlike = [n for n, one in zip(calm, told, strict=True) if stored[n + 1] != one.points]
    assert len(calm) > LEADS / 4
    assert len(unlike) <= LEADS / 100, "own staff, and mails that were opened"


def _unknown_before(source: Source, place: int) -> Lead:
    return replace(source.lead(place), before=None)


@pytest.mark.parametrize("many", [1, 50])
def test_so_many_are_due_as_were_touched(store: SqlStore, many: int) -> None:
    touch(store, many, seed=1)
    with store.reading() as conn:
        due = set(conn.execute(select(dirty.c.lead)).scalars())
        new = conn.execute(select(func.count()).select_from(activity)).scalar_one() - 20 * LEADS
    run, _ = score(store, book_of(), SETTLED)
    assert (len(due), run.counts.scored, new) == (many, many, -(-many // 2))
    assert score(store, book_of(), SETTLED)[0].counts.scored == 0


@pytest.mark.parametrize(
    ("case", "scored", "changed"),
    [("full", 0.99, 0.0), ("edited", 0.99, 0.2), ("idle", 0.0, 0.0), ("kernel", 1.0, 0.0)],
)
def test_a_case_scores_whom_it_says(
    town: str, capsys: pytest.CaptureFixture[str], case: str, scored: float, changed: float
) -> None:
    child.main(case, town, LEADS, 20 * LEADS)
    told = json.loads(capsys.readouterr().out)
    assert scored * LEADS <= told["scored"] <= (LEADS if scored else 0)
    assert changed * LEADS <= told.get("changed", 0) <= (LEADS if changed else 0.02 * LEADS)
    assert told["cpu"] > 0
    assert told["peak"] > 2**20


def test_explaining_looks_at_leads_at_random_and_at_the_busiest(town: str, capsys: pytest.CaptureFixture[str]) -> None:
    child.main("explain", town, LEADS, 20 * LEADS)
    told = json.loads(capsys.readouterr().out)
    assert (len(told["drawn"]), len(told["busiest"])) == (LEADS - merged(LEADS).sum(), 100)
    assert told["most"] == np.diff(study(LEADS, 20 * LEADS).offsets).max()


def test_the_page_tells_each_case_and_the_room_it_takes(store: SqlStore) -> None:
    told = {"wall": 1.0, "cpu": 1.0, "scored": 5, "changed": 2, "peak": 2**20, "most": 9}
    told |= {"drawn": [(1.0, 1.0)], "busiest": [(1.0, 1.0)]}
    found = {case.name: benchmark.Found(case, [told]) for case in benchmark.cases_of(1_000_000)}
    text = benchmark.page(sqlite(LEADS, 20 * LEADS), 1_000_000, found, sizes_of(store), 1)
    assert text.count("met") == 3, "everybody again, memory, explain"
    assert text.count("missed") == 1, "10,000 leads that cost as much as everybody"
    assert "100,000 leads changed" in text
    assert "for a million activities" in text

"""Inputs in columns: added when a value first needs one, by whomever, and read by name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import delete, inspect, select

from connector.deeds import NOBODY, Ints, Sheet
from connector.model import Counts, Event, Record, Value
from connector.ports import Ask, Facts, LeadFacts
from connector.store import SqlStore, database, open_store, sheets
from connector.store.inputs import make_room
from connector.store.steps import STEPS
from connector.store.tables import activity, activity_past, score
from connector.testing.shelf import BOOK, NAME, T0, lead, page, ref, scored


def columns(store: SqlStore) -> set[str]:
    with store.reading() as conn:
        return {c["name"] for c in inspect(conn).get_columns("facts")} - {"lead", "learnt", "created_at"}


def test_a_column_is_added_for_each_input_and_type_of_value_and_no_other(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path / 'l.db'}", now=lambda: T0) as store:
        make_room(store, [lead(ref("1"), size=Decimal(5), title="x"), lead(ref("2"), size="many")])
        assert len(columns(store)) == 3
        make_room(store, [lead(ref("3"), size="few", title="y")])
        assert len(columns(store)) == 3


def test_two_who_need_the_same_column_at_once_both_get_it(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'l.db'}"
    stores = [open_store(address, now=lambda: T0) for _ in range(4)]
    people = [lead(ref("1"), **{f"input {n}": "x" for n in range(20)})]
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda store: make_room(store, people), stores))
    assert len(columns(stores[0])) == 20
    for store in stores:
        store.close()


def sheets_of(store: SqlStore, inputs: frozenset[str] | None) -> list[Sheet]:
    """What a full pass is shown, where everybody was scored by a pass before."""
    shown: list[Sheet] = []

    def look(sheets: Iterator[Sheet]) -> Ints:
        shown.extend(sheets)
        return NOBODY

    run = store.begin(NAME, T0, "sync", T0)
    list(store.due(run, Ask(BOOK, everything=True, inputs=inputs), look))
    store.finish(run, "succeeded", Counts(), {}, T0, None)
    return shown


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    values: list[Value | None] = [Decimal("5.0"), "many", None, Decimal(5), True, "many"]
    with open_store(f"sqlite:///{tmp_path / 'l.db'}", now=lambda: T0) as opened:
        run = opened.begin(NAME, T0, "sync", T0)
        told = [{} if value is None else {"size": value} for value in values]
        opened.keep(run, *page(*(lead(ref(str(n)), other="x", **inputs) for n, inputs in enumerate(told))))
        dossiers = [d for chunk in opened.due(run, Ask(BOOK)) for d in chunk]
        opened.stage(run, [replace(scored(run, d.lead.ref), imprint=1) for d in dossiers])
        opened.commit(run)
        opened.finish(run, "succeeded", Counts(), {}, T0, None)
        yield opened


def test_a_sheet_tells_each_leads_value_of_an_input_that_was_asked_for(store: SqlStore) -> None:
    [sheet] = sheets_of(store, frozenset({"size"}))
    which, values = sheet.inputs("size")
    told = [[*values, None][place] for place in which.tolist()]
    assert [(type(value), value) for value in told] == [
        (Decimal, Decimal("5.0")), (str, "many"), (type(None), None), (Decimal, Decimal(5)), (bool, True),
        (str, "many"),
    ]  # fmt: skip


def test_everybody_is_in_one_sheet_whatever_numbers_are_missing(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    [whole] = sheets_of(store, None)
    with store.writing() as conn:
        conn.execute(delete(score).where(score.c.lead.in_(whole.leads[2:4].tolist())))
    monkeypatch.setattr(sheets, "CHUNK", 2)
    told = sheets_of(store, None)
    assert [sheet.leads.tolist() for sheet in told] == [whole.leads[:2].tolist(), whole.leads[4:].tolist()]


def test_an_input_that_nobody_ever_had_is_unknown_of_all(store: SqlStore) -> None:
    [sheet] = sheets_of(store, frozenset({"size", "never"}))
    which, values = sheet.inputs("never")
    assert (which.tolist(), list(values)) == ([-1] * 6, [])


OLD = """
INSERT INTO connection (name, mapping, token, seq) VALUES ('shelf', 'digest', 1, 1);
INSERT INTO lead (connection, object, ext_id, status, created_at, modified_at, fields, inputs, learnt)
  VALUES (1, 'contacts', '7', 'here', 5, 6, '{"jobtitle":"部長"}', '{"title":"部長"}', 1);
INSERT INTO lead (connection, object, ext_id, status) VALUES (1, 'contacts', '8', 'unseen');
INSERT INTO score (lead, connection, points, axes, standing, hot, ledger, as_of, imprint)
  VALUES (1, 1, 10, '{}', '["cold",null,0,0,false]', false, '[]', 1, 99);
INSERT INTO source (id, name) VALUES (3, 'calls');
INSERT INTO wording (id, connection, digest, source, words, dated, reading) VALUES (4, 1, 5, 3, '{}', '[]', 'null');
INSERT INTO activity (lead, occurred_at, key, source, wording, learnt) VALUES (1, 2, 6, 3, 4, 1);
INSERT INTO activity_past (lead, until, occurred_at, key, source, wording, learnt) VALUES (1, 2, 3, 6, 3, 4, 1)
"""


def test_a_database_from_before_is_read_anew_by_the_next_pass(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Version 5 kept inputs as JSON beside the CRM's words."""
    file = f"sqlite:///{tmp_path / 'l.db'}"
    with monkeypatch.context() as patch:
        patch.setattr(database, "STEPS", STEPS[:5])
        with open_store(file, now=lambda: T0) as old, old.writing() as conn:
            for statement in OLD.split(";"):
                conn.exec_driver_sql(statement)

    def read(records: Sequence[Record], events: Sequence[Event]) -> Facts:
        return Facts([LeadFacts(r, {"title": r.fields["jobtitle"] or ""}, {}) for r in records])

    with open_store(file, now=lambda: T0) as new:
        run = new.begin(NAME, T0, "sync", T0)
        assert list(new.reread(run, "digest", read)) == [1, 2]
        [[dossier]] = new.due(run, Ask(BOOK))
        with new.reading() as conn:
            deeds = [tuple(row) for table in (activity, activity_past) for row in conn.execute(select(table))]
    assert deeds == [(1, 2, 6, 4, 1), (1, 2, 3, 6, 4, 1)]
    assert (dossier.lead.ref.id, dossier.lead.created_at, dossier.lead.inputs) == ("7", 5, {"title": "部長"})

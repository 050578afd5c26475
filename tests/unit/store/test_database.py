"""The database: private, versioned, clear about trouble, and telling nothing of what it holds."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from sqlalchemy import inspect, select, text

from connector.errors import StoreError, UserError
from connector.store import bulk, open_store
from connector.store.people import in_
from connector.store.steps import STEPS
from connector.store.tables import METADATA, OF_A_LEAD, lead
from connector.testing.shelf import T0


def url(path: Path) -> str:
    return f"sqlite:///{path / 'data' / 'leadheat.db'}"


def test_the_file_is_its_owners_alone_and_so_are_the_files_beside_it(tmp_path: Path) -> None:
    with open_store(url(tmp_path), now=lambda: T0) as store:
        store.begin("c", T0, "sync", T0)
        modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in (tmp_path / "data").iterdir()}
    assert modes["leadheat.db"] == 0o600
    assert set(modes.values()) == {0o600}


def test_the_tables_are_what_the_steps_make(tmp_path: Path) -> None:
    with open_store(url(tmp_path)) as store, store.reading() as conn:
        there = inspect(conn)
        made = {t: {c["name"] for c in there.get_columns(t)} for t in there.get_table_names()}
        keys = {t: set(there.get_pk_constraint(t)["constrained_columns"]) for t in made}
    del made["schema_version"]
    assert made == {t.name: {c.name for c in t.c} for t in METADATA.sorted_tables}
    assert {t.name: {c.name for c in t.primary_key} for t in METADATA.sorted_tables}.items() <= keys.items()


def test_everything_of_a_lead_is_listed_for_whoever_must_remove_it() -> None:
    with_lead = {t.name for t in METADATA.sorted_tables if "lead" in t.c}
    assert {t.name for t in OF_A_LEAD} == with_lead


def test_opening_again_changes_nothing(tmp_path: Path) -> None:
    for _ in range(2):
        with open_store(url(tmp_path)) as store, store.reading() as conn:
            assert conn.execute(text("SELECT version FROM schema_version")).scalars().all() == [len(STEPS)]


def test_a_database_newer_than_the_program_is_left_alone(tmp_path: Path) -> None:
    with open_store(url(tmp_path)) as store, store.writing() as conn:
        conn.execute(text("UPDATE schema_version SET version = 99"))
    with pytest.raises(StoreError, match=r"version 99, newer than this program.*LH-605"):
        open_store(url(tmp_path))


def test_an_old_database_is_not_changed_by_somebody_who_only_looks(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="LH-606"):
        open_store(url(tmp_path), migrate=False)
    with open_store(url(tmp_path)):
        pass
    with open_store(url(tmp_path), migrate=False):
        pass


@pytest.mark.parametrize("address", ["mysql://user:geheim@host/db", "nonsense geheim", "://geheim"])
def test_an_address_that_cannot_be_used_is_refused_without_being_shown(address: str) -> None:
    with pytest.raises(UserError, match="LH-601") as caught:
        open_store(address)
    assert "geheim" not in str(caught.value)


def test_a_file_that_is_no_database_is_named_as_trouble(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_bytes(b"not a database at all, but long enough to be looked at" * 50)
    with pytest.raises(StoreError, match="LH-602"):
        open_store(f"sqlite:///{tmp_path / 'x.db'}")


def test_a_folder_that_cannot_be_used_is_named_as_trouble(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="LH-604"):
        open_store(f"sqlite:///{tmp_path / 'file' / 'x.db'}")


def test_a_server_that_is_not_there_is_a_store_error_without_secrets() -> None:
    with pytest.raises(StoreError, match="LH-602") as caught:
        open_store("postgresql://leadheat:geheim@127.0.0.1:1/none")
    assert "geheim" not in str(caught.value)


def test_a_failing_statement_shows_no_values(tmp_path: Path) -> None:
    with open_store(url(tmp_path)) as store, pytest.raises(StoreError) as caught, store.writing() as conn:
        conn.execute(text("INSERT INTO nowhere VALUES (:secret)"), {"secret": "部長 秘密"})
    assert "秘密" not in str(caught.value)


def test_a_database_in_memory_is_one_for_all_who_use_it() -> None:
    with open_store("sqlite://", now=lambda: T0) as store:
        run = store.begin("c", T0, "sync", T0)
        with store.reading() as conn:
            assert conn.execute(text("SELECT holder FROM connection")).scalar() == run.id


def test_texts_are_found_whole_whatever_is_in_them(tmp_path: Path) -> None:
    with open_store(url(tmp_path)) as store, store.writing() as conn:
        odd = ["a", "a\0", "a\0b", 'b"', "\\u0000", "部長", ""]
        rows = [(1, "contacts", text, "here") for text in odd]
        bulk.insert(conn, lead, ("connection", "object", "ext_id", "status"), rows)
        for wanted in (odd[1:2], odd[:1], odd[3:], odd):
            found = in_(conn, select(lead.c.ext_id), lead.c.ext_id, wanted)
            assert sorted(row.ext_id for row in found) == sorted(wanted)

"""Bugs planted on purpose: the lives notice each of them. A suite that cannot fail proves nothing."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError

from connector import book, sync
from connector.errors import LeadheatError
from connector.model import Receipt, Run
from connector.ports import Ask, Page
from connector.store import SqlStore, bulk, due, gather, runs, staging
from connector.store.tables import connection, dirty, pending
from tests.crash.lives import LIVES, live

Patch = pytest.MonkeyPatch


def the_cursor_moves_before_the_page_is_kept(patch: Patch) -> None:
    keep = SqlStore.keep

    def early(store: SqlStore, run: Run, page: Page, facts: Any) -> None:
        with store.writing() as conn:
            runs.renew(conn, store.now(), run)
            conn.execute(update(connection).values(cursor=page.cursor))
        keep(store, run, page, facts)

    patch.setattr(SqlStore, "keep", early)


def a_receipt_is_trusted_that_failed(patch: Patch) -> None:
    settle = SqlStore.settle

    def trusting(store: SqlStore, run: Run, receipts: Sequence[tuple[Any, Receipt]]) -> None:
        settle(store, run, [(c, replace(r, status="written") if r.status == "refused" else r) for c, r in receipts])

    patch.setattr(SqlStore, "settle", trusting)


def what_is_unknown_is_taken_for_written(patch: Patch) -> None:
    settle = SqlStore.settle

    def trusting(store: SqlStore, run: Run, receipts: Sequence[tuple[Any, Receipt]]) -> None:
        settle(store, run, [(c, replace(r, status="written") if r.status == "unknown" else r) for c, r in receipts])

    patch.setattr(SqlStore, "settle", trusting)


def only_the_score_is_compared(patch: Patch) -> None:
    diff = book.diff

    def careless(ref: Any, wanted: Any, held: Any, fields: Mapping[str, str]) -> Any:
        change = diff(ref, wanted, held, fields)
        return change if change and fields["score"] in change.after else None

    patch.setattr(book, "diff", careless)


def scores_become_ours_before_the_brake(patch: Patch) -> None:
    write = sync._write

    def hasty(one: Any, plan: Any) -> None:
        one.store.commit(one.run)
        write(one, plan)

    patch.setattr(sync, "_write", hasty)


def the_lease_is_not_asked_for(patch: Patch) -> None:
    def claim(conn: Any, conn_id: int, _name: str, started: int) -> tuple[int, Any]:
        row = conn.execute(connection.select().where(connection.c.id == conn_id)).one()
        conn.execute(update(connection).values(token=row.token + 1, renewed_at=started))
        return row.token + 1, row.cursor

    patch.setattr(runs, "claim", claim)


def a_pass_that_was_overtaken_goes_on_saving(patch: Patch) -> None:
    def renew(conn: Any, now: int, one: Run) -> tuple[int, int]:
        conn.execute(update(connection).values(renewed_at=now, seq=connection.c.seq + 1))
        row = conn.execute(connection.select().where(connection.c.name == one.connection)).one()
        return row.id, row.seq

    for module in (runs, due, staging):
        patch.setattr(module, "renew", renew)
    from connector.store import keep

    patch.setattr(keep, "renew", renew)


def a_score_is_settled_but_not_saved(patch: Patch) -> None:
    patch.setattr(staging, "_to_score", lambda *_: None)


def a_change_is_forgotten_once_it_is_asked(patch: Patch) -> None:
    batches = SqlStore.batches

    def forgetful(store: SqlStore, run: Run, size: int) -> Iterator[Any]:
        for changes in batches(store, run, size):
            with store.writing() as conn:
                conn.execute(delete(pending))
            yield changes

    patch.setattr(SqlStore, "batches", forgetful)


def who_is_due_is_forgotten_before_the_scoring_is_saved(patch: Patch) -> None:
    whom = SqlStore.due

    def forgetful(store: SqlStore, run: Run, ask: Ask, unchanged: Any) -> Iterator[Any]:
        for chunk in whom(store, run, ask, unchanged):
            yield chunk
            with store.writing() as conn:
                conn.execute(delete(dirty))

    patch.setattr(SqlStore, "due", forgetful)


def the_brake_measures_against_nothing(patch: Patch) -> None:
    patch.setattr(due, "hot_held", lambda *_: 0)


def a_changed_rule_hands_off(patch: Patch) -> None:
    patch.setattr(book, "_by_change", lambda _book, _dossier, score, _earlier: score)


def nobody_looks_again_in_time(patch: Patch) -> None:
    patch.setattr(book, "_earliest", lambda *_: None)


def the_heir_becomes_hot_once_more(patch: Patch) -> None:
    patch.setattr(gather, "inherited", lambda scores, heirs: {n: r for n, r in scores.items() if n not in heirs})


def what_is_unsettled_is_taken_for_what_the_crm_holds(patch: Patch) -> None:
    patch.setattr(gather, "_PENDING", lambda *_: [])


def a_hand_on_our_fields_is_overlooked_where_the_score_is_the_same(patch: Patch) -> None:
    update_ = bulk.update

    def careless(conn: Any, table: Any, names: Any, rows: Any) -> None:
        if names != ("lead", "imprint"):
            update_(conn, table, names, rows)

    patch.setattr(bulk, "update", careless)


def the_mapping_counts_as_read_before_it_is(patch: Patch) -> None:
    reread = SqlStore.reread

    def early(store: SqlStore, run: Run, mapping: str, read: Any) -> Iterator[int]:
        steps = list(reread(store, replace(run), mapping, read)) if run.id % 2 else []
        with store.writing() as conn:
            runs.renew(conn, store.now(), run)
            conn.execute(update(connection).values(mapping=mapping))
        yield from steps

    patch.setattr(SqlStore, "reread", early)


def the_clock_may_go_back(patch: Patch) -> None:
    begin = SqlStore.begin
    patch.setattr(SqlStore, "begin", lambda s, name, at, kind, now: replace(begin(s, name, at, kind, now), as_of=at))


PLANTS = (
    the_cursor_moves_before_the_page_is_kept,
    a_receipt_is_trusted_that_failed,
    only_the_score_is_compared,
    what_is_unknown_is_taken_for_written,
    scores_become_ours_before_the_brake,
    the_lease_is_not_asked_for,
    a_pass_that_was_overtaken_goes_on_saving,
    a_score_is_settled_but_not_saved,
    a_change_is_forgotten_once_it_is_asked,
    who_is_due_is_forgotten_before_the_scoring_is_saved,
    the_brake_measures_against_nothing,
    a_changed_rule_hands_off,
    nobody_looks_again_in_time,
    the_heir_becomes_hot_once_more,
    what_is_unsettled_is_taken_for_what_the_crm_holds,
    a_hand_on_our_fields_is_overlooked_where_the_score_is_the_same,
    the_mapping_counts_as_read_before_it_is,
    the_clock_may_go_back,
)


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.__name__)
def test_it_is_noticed(plant: Callable[[Patch], None], monkeypatch: Patch) -> None:
    plant(monkeypatch)
    for number, (name, life) in enumerate(LIVES.items(), 1):
        try:
            live(life)
        except (AssertionError, LeadheatError, IntegrityError) as noticed:
            sys.stdout.write(f"{plant.__name__}: by life {number}, {name}: {noticed!r:.150}\n")
            return
    pytest.fail(f"{plant.__name__} was not noticed")

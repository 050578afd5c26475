"""Scores put aside, made ours, written and settled.

A change is wanted until the CRM has taken it: `pending` makes its lead due in every run until then, and each run takes
the difference anew. Nothing is ever re-sent from here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from sqlalchemy import BigInteger, Connection, and_, cast, delete, or_, select, union, update
from sqlalchemy.dialects import postgresql, sqlite

from connector.deeds import NOBODY, Ints
from connector.model import Change, Receipt, Ref, Reject, Run
from connector.ports import Scored
from connector.store import bulk
from connector.store.arrays import numbers
from connector.store.codec import (
    UNKNOWN,
    dumps,
    ledger_text,
    raws_of,
    standing_text,
    written_text,
)  # fmt: skip
from connector.store.database import Database, chunks, upsert
from connector.store.keep import save_rejects
from connector.store.people import find_ids, in_, mark_deleted
from connector.store.runs import renew
from connector.store.tables import HERE, dirty, held, history, lead, pending, run, score, staged
from connector.words import say

CHUNK = 2_000


def stage(db: Database, one: Run, scored: Sequence[Scored]) -> None:
    """See `Store.stage`."""
    with db.writing() as conn:
        mine, _ = renew(conn, db.now(), one)
        ids = find_ids(conn, mine, (s.score.ref for s in scored))
        rows = {ids[s.score.ref]: s for s in scored if s.score.ref in ids}
        upsert(conn, staged, [_row(one, number, s) for number, s in sorted(rows.items())])


def _row(one: Run, number: int, scored: Scored) -> dict[str, Any]:
    score_, change = scored.score, scored.change
    return {
        "run": one.id, "lead": number, "points": score_.points,
        "axes": json.dumps(dict(score_.axes), ensure_ascii=False),  # in their order
        "standing": standing_text(score_.standing), "hot": score_.standing.state.is_hot,
        "ledger": ledger_text(score_.ledger), "as_of": score_.as_of, "next_change": score_.next_change_at,
        "next_look": scored.look_again_at, "change_before": dumps(dict(change.before)) if change else None,
        "change_after": dumps(dict(change.after)) if change else None, "imprint": scored.imprint,
    }  # fmt: skip


# ---- commit ----------------------------------------------------------------------------------------------------------


def commit(db: Database, one: Run, unchanged: Ints = NOBODY) -> None:
    """See `Store.commit`. A chunk of leads to a transaction: each lead is wholly ours or still due."""
    _commit_staged(db, one)
    with db.reading() as conn:
        wanted = _left_behind(conn, one)
    for part in chunks(wanted[np.isin(wanted, unchanged)].tolist()):
        with db.writing() as conn:
            renew(conn, db.now(), one)
            about = conn.execute(select(run.c.book, run.c.seen).where(run.c.id == one.id)).one()
            bulk.update(conn, score, ("lead", "book"), [(which, about.book) for which in part])
            conn.execute(delete(dirty).where(dirty.c.lead.in_(part), dirty.c.seq <= about.seen))


def _left_behind(conn: Connection, one: Run) -> Ints:
    """Who is scored by another book, or has news that have been looked at."""
    about = conn.execute(select(run.c.connection, run.c.book, run.c.seen).where(run.c.id == one.id)).one()
    if about.book is None:  # nobody was asked for
        return NOBODY
    mine, book = score.c.connection == about.connection, score.c.book
    other = [select(score.c.lead).where(mine, which) for which in (book < about.book, book > about.book)]
    looked_at = select(dirty.c.lead).where(dirty.c.connection == about.connection, dirty.c.seq <= about.seen)
    return numbers(conn, union(*other, looked_at))


def _commit_staged(db: Database, one: Run) -> None:
    while True:
        with db.writing() as conn:
            mine, _ = renew(conn, db.now(), one)
            left = select(staged.c.lead).where(staged.c.run == one.id).order_by(staged.c.lead).limit(CHUNK)
            leads = list(conn.execute(left).scalars())
            if not leads:
                return
            _commit(conn, one, mine, leads[0], leads[-1])


def _commit(conn: Connection, one: Run, mine: int, low: int, high: int) -> None:
    about = conn.execute(select(run.c.book, run.c.seen).where(run.c.id == one.id)).one()
    chunk = and_(staged.c.run == one.id, staged.c.lead.between(low, high))
    _to_history(conn, chunk, about.book)
    _to_score(conn, chunk, mine, about.book)
    _to_pending(conn, chunk, mine)
    these = select(staged.c.lead).where(chunk)
    conn.execute(delete(dirty).where(dirty.c.lead.in_(these), dirty.c.seq <= about.seen))
    conn.execute(delete(staged).where(chunk))


def _insert(conn: Connection) -> Any:
    return postgresql.insert if conn.dialect.name == "postgresql" else sqlite.insert


def _to_history(conn: Connection, chunk: Any, book: int | None) -> None:
    """A row only where points or standing changed: most scorings leave both as they were."""
    names = ["lead", "as_of", "points", "axes", "standing", "ledger"]
    changed = or_(score.c.lead.is_(None), score.c.points != staged.c.points, score.c.standing != staged.c.standing)
    rows = select(*(staged.c[n] for n in names), _constant(book)).where(chunk, changed)
    rows = rows.join(score, score.c.lead == staged.c.lead, isouter=True)
    make = _insert(conn)(history).from_select([*names, "book"], rows)
    news = {n: make.excluded[n] for n in [*names[2:], "book"]}
    conn.execute(make.on_conflict_do_update(index_elements=["lead", "as_of"], set_=news))


def _to_score(conn: Connection, chunk: Any, mine: int, book: int | None) -> None:
    names = ["lead", "points", "axes", "standing", "hot", "ledger", "as_of", "next_change", "next_look", "imprint"]
    rows = select(*(staged.c[n] for n in names), _constant(mine), _constant(book)).where(chunk)
    make = _insert(conn)(score).from_select([*names, "connection", "book"], rows)
    news = {n: make.excluded[n] for n in [*names[1:], "book"]}
    conn.execute(make.on_conflict_do_update(index_elements=["lead"], set_=news))


def _to_pending(conn: Connection, chunk: Any, mine: int) -> None:
    """The changes now wanted replace those of earlier runs, answered or not."""
    conn.execute(delete(pending).where(pending.c.lead.in_(select(staged.c.lead).where(chunk))))
    names = ["lead", "run", "change_before", "change_after"]
    rows = select(*(staged.c[n] for n in names), _constant(mine)).where(chunk, staged.c.change_after.is_not(None))
    conn.execute(pending.insert().from_select([*names, "connection"], rows))


def _constant(value: int | None) -> Any:
    return cast(value, BigInteger)


# ---- batches and receipts --------------------------------------------------------------------------------------------


def batches(db: Database, one: Run, size: int) -> Iterator[Sequence[Change]]:
    """See `Store.batches`. Objects by turns, so that they can be written side by side."""
    whose = select(pending.c.lead).where(pending.c.run == one.id)
    objects = select(lead.c.object).distinct().where(lead.c.id.in_(whose))
    with db.reading() as conn:
        names = sorted(conn.execute(objects).scalars())
    lanes = [_batches_of(db, one, name, size) for name in names]
    while lanes:
        for lane in tuple(lanes):
            if batch := next(lane, None):
                yield batch
            else:
                lanes.remove(lane)


def _open(one: Run) -> Any:
    return and_(pending.c.run == one.id, pending.c.answer.is_(None), lead.c.status == HERE)


def _batches_of(db: Database, one: Run, name: str, size: int) -> Iterator[Sequence[Change]]:
    """One object's. Goes forward only: what was answered, or asked and not answered, is not asked again."""
    wanted = select(pending, lead.c.object, lead.c.ext_id).join(lead, lead.c.id == pending.c.lead)
    wanted = wanted.where(_open(one), lead.c.object == name).order_by(pending.c.lead).limit(size)
    last = -1
    while True:
        with db.reading() as conn:
            rows = conn.execute(wanted.where(pending.c.lead > last)).all()
        if not rows:
            return
        yield [_change(Ref(one.connection, row.object, row.ext_id), row) for row in rows]
        last = rows[-1].lead


def _change(ref: Ref, row: Any) -> Change:
    return Change(ref, raws_of(row.change_before), json.loads(row.change_after))


def settle(db: Database, one: Run, receipts: Sequence[tuple[Change, Receipt]]) -> None:
    """See `Store.settle`."""
    with db.writing() as conn:
        mine, _ = renew(conn, db.now(), one)
        ids = find_ids(conn, mine, (change.ref for change, _ in receipts))
        told = [(ids[change.ref], change, receipt) for change, receipt in receipts if change.ref in ids]
        _hold(conn, told)
        done = [n for n, _, receipt in told if receipt.status == "written"]
        conn.execute(delete(pending).where(pending.c.lead.in_(done), pending.c.run == one.id))
        for status in ("refused", "unknown"):
            left = [n for n, _, receipt in told if receipt.status == status]
            conn.execute(update(pending).where(pending.c.lead.in_(left), pending.c.run == one.id).values(answer=status))
        mark_deleted(conn, [n for n, _, receipt in told if receipt.status == "gone"], one.id)
        save_rejects(conn, one, [r for _, _, receipt in told if (r := _reject(receipt))])


def _hold(conn: Connection, told: Sequence[tuple[int, Change, Receipt]]) -> None:
    """What was written is held now. What was never answered is unknown until it is read: a flag stands as never
    filled, so that writing it again turns nothing, and everything else as a value that equals none of ours."""
    known = {row.lead: raws_of(row.fields) for row in in_(conn, select(held), held.c.lead, [n for n, _, _ in told])}
    for number, change, receipt in told:
        mine = known.setdefault(number, {})
        if receipt.status == "written":
            mine.update({name: written_text(value) for name, value in change.after.items()})
        elif receipt.status == "unknown":
            flags = {name for name, value in change.after.items() if isinstance(value, bool)}
            mine.update(dict.fromkeys(change.after.keys() - flags, UNKNOWN))
            for name in flags:
                mine.pop(name, None)
    changed = {n for n, _, receipt in told if receipt.status in ("written", "unknown")}
    upsert(conn, held, [{"lead": n, "fields": dumps(known[n])} for n in sorted(changed)])


def _reject(receipt: Receipt) -> Reject | None:
    if receipt.status == "refused":
        why = receipt.why or say("the CRM refused the record")
        return Reject(receipt.ref, receipt.code or "LH-609", why, say("It is tried again by every run."))
    if receipt.status == "unknown":
        why = say("the CRM did not say whether it took the record")
        return Reject(receipt.ref, receipt.code or "LH-610", why, say("The next run writes it again."))
    return None

"""Runs and the lease: one pass per connection at a time, whoever started it.

The lease is a row with a rising token. Every transaction that saves something of a run first renews the lease on
condition that the run still holds it; so correctness rests on the database alone, not on a scheduler.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Literal

from sqlalchemy import Connection, and_, delete, func, select, update

from connector.instants import MINUTE, Instant
from connector.model import Counts, Run
from connector.store.codec import counts_of, dumps
from connector.store.database import Database, insert_one, trouble
from connector.store.tables import book, connection, run, score, staged
from connector.words import say

SILENCE = 10 * MINUTE
"""After so long without a sign of life a pass is taken for dead and its lease may be claimed."""

DIED = "the process ended before the run did"


def begin(db: Database, name: str, as_of: Instant, kind: Literal["sync", "plan"], started: Instant) -> Run:
    """See `Store.begin`."""
    with db.writing() as conn:
        conn_id = connection_id(conn, name)
        token, cursor = claim(conn, conn_id, name, started)
        close_dead(conn, conn_id, started)
        conn.execute(delete(staged).where(staged.c.run.in_(select(run.c.id).where(run.c.connection == conn_id))))
        last = conn.execute(select(func.max(run.c.as_of)).where(run.c.connection == conn_id)).scalar()
        values = {
            "connection": conn_id, "kind": kind, "as_of": max(as_of, last if last is not None else as_of),
            "token": token, "cursor": cursor, "status": "running", "started": started, "seen": 0,
            "counts": dumps(asdict(Counts())), "calls": "{}",
        }  # fmt: skip
        run_id = insert_one(conn, run, **values)
        conn.execute(update(connection).where(connection.c.id == conn_id).values(holder=run_id))
        return run_at(conn, run_id)


def connection_id(conn: Connection, name: str) -> int:
    """The connection's number; made when it is heard of for the first time."""
    found = conn.execute(select(connection.c.id).where(connection.c.name == name)).scalar()
    if found is not None:
        return int(found)
    return insert_one(conn, connection, name=name, token=0, seq=0)


def claim(conn: Connection, conn_id: int, name: str, started: Instant) -> tuple[int, str | None]:
    """Take the lease, or raise StoreError while a live pass holds it. Returns the new token and the cursor."""
    c = connection.c
    row = conn.execute(select(connection).where(c.id == conn_id)).one()
    silent = row.holder is None or abs(started - row.renewed_at) >= SILENCE
    unchanged = and_(c.id == conn_id, c.token == row.token, c.holder.is_not_distinct_from(row.holder))
    claim = update(connection).where(unchanged).values(token=row.token + 1, renewed_at=started)
    if not silent or conn.execute(claim).rowcount != 1:
        what = say("{name}: another pass is running (run {run})", name=name, run=row.holder)
        fix = say("Wait for it. A pass that died is taken over after 10 minutes.")
        raise trouble("LH-607", what, fix)
    return row.token + 1, row.cursor


def close_dead(conn: Connection, conn_id: int, ended: Instant) -> None:
    dead = and_(run.c.connection == conn_id, run.c.status == "running")
    conn.execute(update(run).where(dead).values(status="failed", ended=ended, problem=DIED))


def renew(conn: Connection, now: Instant, one: Run) -> tuple[int, int]:
    """Hold the lease for another while; the first statement of every transaction that saves something of a run.
    Returns the connection's number and the sequence number of this transaction. Raises StoreError when another pass
    has taken the lease."""
    c = connection.c
    held = and_(c.name == one.connection, c.token == one.token, c.holder == one.id)
    if conn.execute(update(connection).where(held).values(renewed_at=now, seq=c.seq + 1)).rowcount != 1:
        what = say(
            "{name}: run {run} no longer holds this connection; it saves nothing more", name=one.connection, run=one.id
        )
        raise trouble("LH-608", what, say("Another pass has taken over. Look at 'leadheat runs list'."))
    row = conn.execute(select(c.id, c.seq).where(c.name == one.connection)).one()
    return row.id, row.seq


def finish(
    db: Database, one: Run, status: str, counts: Counts, calls: Mapping[str, int], ended: Instant, problem: str | None
) -> Run:
    """See `Store.finish`."""
    with db.writing() as conn:
        conn_id, _ = renew(conn, db.now(), one)
        cursor = conn.execute(select(connection.c.cursor).where(connection.c.id == conn_id)).scalar()
        values = {
            "status": status, "counts": dumps(asdict(counts)), "calls": dumps(dict(calls)), "ended": ended,
            "problem": problem, "cursor": cursor,
        }  # fmt: skip
        conn.execute(update(run).where(run.c.id == one.id).values(values))
        conn.execute(update(connection).where(connection.c.id == conn_id).values(holder=None))
        return run_at(conn, one.id)


RUNS = (
    select(run, connection.c.name, book.c.digest)
    .join(connection, connection.c.id == run.c.connection)
    .join(book, book.c.id == run.c.book, isouter=True)
)


def run_at(conn: Connection, run_id: int) -> Run:
    return run_of(conn.execute(RUNS.where(run.c.id == run_id)).one())


def run_of(row: Any) -> Run:
    """A row of `RUNS` as a Run."""
    return Run(
        row.id, row.name, row.as_of, row.kind, row.token, row.cursor, row.status, row.started, row.ended, row.digest,
        counts_of(row.counts), json.loads(row.calls), row.problem,
    )  # fmt: skip


# ---- books -----------------------------------------------------------------------------------------------------------


def book_id(conn: Connection, digest: str) -> int:
    """The book's number; made when it is heard of for the first time."""
    found = conn.execute(select(book.c.id).where(book.c.digest == digest)).scalar()
    if found is not None:
        return int(found)
    return insert_one(conn, book, digest=digest)


def scored_otherwise(conn: Connection, mine: int, number: int) -> bool:
    """Whether somebody of this connection was last scored by another book. Two looks at an index: one with `or` would
    go through all of it."""
    scored = select(score.c.lead).where(score.c.connection == mine).limit(1)
    ranges = (score.c.book < number, score.c.book > number)
    return any(conn.execute(scored.where(where)).first() for where in ranges)


def remember_book(db: Database, digest: str, text: str) -> None:
    """Keep a book's texts under its digest, so that later passes can tell what it would have said."""
    with db.writing() as conn:
        number = book_id(conn, digest)
        conn.execute(update(book).where(book.c.id == number, book.c.text.is_distinct_from(text)).values(text=text))


def book_text(db: Database, digest: str) -> str | None:
    """The texts remembered under a digest; None when there are none."""
    with db.reading() as conn:
        return conn.execute(select(book.c.text).where(book.c.digest == digest)).scalar()

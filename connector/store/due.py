"""Who is due."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from sqlalchemy import Connection, Select, and_, func, or_, select, union, update

from connector.deeds import NOBODY, Ints
from connector.instants import Instant
from connector.model import Run
from connector.ports import Ask, Dossier, Unchanged
from connector.store.arrays import numbers
from connector.store.database import Database
from connector.store.gather import Readings, gather
from connector.store.people import find_ids
from connector.store.reread import told_of
from connector.store.runs import book_id, renew
from connector.store.sheets import sheets
from connector.store.tables import (
    HERE,
    connection,
    dirty,
    held,
    lead,
    pending,
    run,
    score,
    staged,
)  # fmt: skip

CHUNK = 2_000
"""Leads judged at a time: fewer cost more each, as what hot ones will live through is looked at step by step for all
of a chunk; more need more memory."""

PART = 100_000
"""Leads whose numbers are read at a time where everybody is asked for."""


def due(db: Database, one: Run, ask: Ask, unchanged: Unchanged) -> Iterator[Sequence[Dossier]]:
    """See `Store.due`."""
    known = unchanged(sheets(db, one, ask))
    with db.writing() as conn:
        mine, seq = renew(conn, db.now(), one)
        number = book_id(conn, ask.book)
        conn.execute(update(run).where(run.c.id == one.id).values(book=number, seen=seq))
        ids = _asked(conn, _whom(conn, mine, one.as_of, number, ask), ask, known)
    readings = Readings()
    for start in range(0, len(ids), CHUNK):
        with db.reading() as conn:
            chunk = ids[start : start + CHUNK].tolist()
            dossiers = gather(conn, one.connection, chunk, readings)
        yield [
            replace(dossier, told=partial(told_of, db, one.connection, number))
            for dossier, number in zip(dossiers, chunk, strict=True)
        ]


def _asked(conn: Connection, whom: Select[Any], ask: Ask, known: Ints) -> Ints:
    """Who is asked for and not known to be unchanged. Everybody in parts, because there may be millions of whom nearly
    nobody is left."""
    parts = [whom]
    if ask.everything:
        top = conn.execute(select(func.max(lead.c.id))).scalar() or 0
        parts = [whom.where(lead.c.id > low, lead.c.id <= low + PART) for low in range(0, top, PART)]
    return np.concatenate([NOBODY, *(_without(numbers(conn, part), known) for part in parts)])[: ask.limit]


def _without(asked: Ints, known: Ints) -> Ints:
    """Who is left. By a mark for each number, because there may be millions."""
    if not len(known):
        return asked
    left = np.ones(int(max(asked.max(initial=0), known.max())) + 1, np.bool_)
    left[known] = False
    return asked[left[asked]]


def _whom(conn: Connection, mine: int, as_of: Instant, number: int, ask: Ask) -> Select[Any]:
    """The numbers of the leads asked for, in order."""
    here = select(lead.c.id).where(lead.c.status == HERE)
    if ask.only is not None:
        here = here.where(lead.c.id.in_(find_ids(conn, mine, [ask.only]).values()))
    elif ask.everything:
        here = here.where(lead.c.connection + 0 == mine)  # as they lie: an index would have them sorted afterwards
    else:
        here = here.where(lead.c.id.in_(_reasons(mine, as_of, number)))
    return here.order_by(lead.c.id)


def _reasons(mine: int, as_of: Instant, number: int) -> Any:
    """Each by an index of its own, so that those who are not due cost nothing."""
    scored = select(score.c.lead).where(score.c.connection == mine)
    return union(
        select(dirty.c.lead).where(dirty.c.connection == mine),
        select(pending.c.lead).where(pending.c.connection == mine),
        scored.where(score.c.next_look <= as_of),
        scored.where(score.c.book < number),  # two ranges of an index, where `<>` is a scan, and so is `or`
        scored.where(score.c.book > number),
    )


def hot_held(db: Database, one: Run, hot_fields: Mapping[str, str]) -> int:
    """How many leads the CRM is known to hold as hot; by object the hot flag's CRM field. Nobody asks where the run
    changes nothing. The CRM holds what we last scored, but for the leads that are due, and so it is looked up for
    these alone."""
    changes = select(staged.c.lead).where(staged.c.run == one.id, staged.c.change_after.is_not(None)).limit(1)
    with db.reading() as conn:
        if conn.execute(changes).first() is None:
            return 0
        mine = conn.execute(select(connection.c.id).where(connection.c.name == one.connection)).scalar_one()
        due = union(*(select(t.c.lead).where(t.c.connection == mine) for t in (dirty, pending)),
                    select(staged.c.lead).where(staged.c.run == one.id)).subquery()  # fmt: skip
        settled = select(func.count()).where(score.c.connection == mine, score.c.hot, score.c.lead.not_in(select(due)))
        return int(conn.execute(settled).scalar_one()) + _said_to_be_hot(conn, due, hot_fields)


def _said_to_be_hot(conn: Connection, leads: Any, hot_fields: Mapping[str, str]) -> int:
    """For how many of the leads the CRM holds a true flag."""
    says = [
        and_(lead.c.object == name, func.lower(held.c.fields).contains(_says_true(crm_field), autoescape=True))
        for name, crm_field in hot_fields.items()
        if crm_field
    ]
    if not says:
        return 0
    told = select(func.count()).select_from(leads).join(held, held.c.lead == leads.c.lead)
    told = told.join(lead, lead.c.id == held.c.lead).where(lead.c.status == HERE, or_(*says))
    return int(conn.execute(told).scalar_one())


def _says_true(name: str) -> str:
    """How a true flag stands in what our fields are kept as."""
    return f'"{name.lower()}":"true"'

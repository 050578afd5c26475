"""What a CRM would have told since: some leads did something, others have another input; all of them are due."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
from sqlalchemy import Connection, bindparam, func, insert, select, update
from study.world import MINUTE, NOW

from connector.model import Value
from connector.store import SqlStore
from connector.store.codec import inputs_text
from connector.store.inputs import facts_with, inputs_in, known_of, places_of
from connector.store.tables import HERE, activity, connection, dirty, lead, lead_past, run

POOL = 2_000
"""Leads whose activities are what others do next: so often as they happen."""


def touch(store: SqlStore, many: int, seed: int) -> None:
    """Make so many leads due, chosen at random: every other one by a new activity, the rest by a changed input."""
    rng = np.random.default_rng(seed)
    with store.writing() as conn:
        here = np.array(conn.execute(select(lead.c.id).where(lead.c.status == HERE)).scalars().all())
        chosen = np.sort(rng.choice(here, min(many, len(here)), replace=False)).tolist()
        next_run = int(conn.execute(select(func.max(run.c.id))).scalar_one()) + 1
        mine = conn.execute(select(connection)).one()
        _act(conn, rng, chosen[::2], next_run)
        _learn(conn, chosen[1::2], next_run)
        conn.execute(insert(dirty), [{"lead": n, "connection": mine.id, "seq": mine.seq} for n in chosen])


def _act(conn: Connection, rng: np.random.Generator, leads: Sequence[int], next_run: int) -> None:
    done = conn.execute(select(activity.c.wording).where(activity.c.lead <= POOL)).scalars().all()
    if not leads or not done:
        return
    keys, which = rng.integers(1, 2**62, len(leads)).tolist(), rng.integers(0, len(done), len(leads)).tolist()
    rows: list[dict[str, Any]] = [
        {"lead": n, "occurred_at": NOW - int(MINUTE * 5), "key": key, "wording": done[w], "learnt": next_run}
        for n, key, w in zip(leads, keys, which, strict=True)
    ]
    conn.execute(insert(activity), rows)


def _learn(conn: Connection, leads: Sequence[int], next_run: int) -> None:
    if not leads:
        return
    places = places_of(conn)
    before = {n: (known, inputs_in(places, known.cells or ())) for n, known in known_of(conn, places, leads).items()}
    past = [
        {"lead": n, "until": next_run, "learnt": known.learnt, "created_at": known.created_at,
         "inputs": inputs_text(inputs)}
        for n, (known, inputs) in before.items()
    ]  # fmt: skip
    conn.execute(insert(lead_past), past)
    size = next(place for place in places if place.name == "employees")
    table = facts_with(places)
    change = update(table).where(table.c.lead == bindparam("number"))
    values: dict[str, Any] = {"learnt": next_run, size.column: bindparam("now")}
    conn.execute(change.values(values), [{"number": n, "now": _grown(inputs)} for n, (_, inputs) in before.items()])


def _grown(inputs: Mapping[str, Value]) -> str:
    """The company has twice as many people, or at last one says how many."""
    size = inputs.get("employees")
    return str(2 * (size if isinstance(size, Decimal) else 60))

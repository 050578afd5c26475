"""Inputs that have gone dark, and people gone at once: known when a pass last ended well, and lost for most by now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sqlalchemy import Connection, false, func, or_, select

from connector.model import Run, Value
from connector.plan import FEW
from connector.store.arrays import numbers
from connector.store.codec import inputs_of
from connector.store.database import Database, chunks
from connector.store.inputs import facts_with, inputs_in, known_of, places_of
from connector.store.people import in_
from connector.store.tables import HERE, connection, lead, lead_past, run

ENDED_WELL = ("succeeded", "partly")
AT_ONCE = 2_000
"""Leads looked at together: what they knew and know stays small in memory."""


def went_dark(db: Database, one: Run) -> dict[str, tuple[int, int]]:
    """By input: for how many leads it was known and is not now, and for how many it was known. Only inputs lost for
    more than half of these, and for no fewer than `FEW`, are dark: people clear a field here and there."""
    with db.reading() as conn:
        lost = _lost(conn, one)
        known = {name: n + _known(conn, one, name) for name, n in lost.items() if n >= FEW}
    return {name: (lost[name], before) for name, before in known.items() if 2 * lost[name] > before}


def vanished(db: Database, one: Run) -> dict[str, tuple[int, int]]:
    """By object: how many people are gone, without being merged or converted, and of how many. Only objects that lost
    more than half of theirs, and no fewer than `FEW`: people delete a lead here and there."""
    with db.reading() as conn:
        since = _ended_well(conn, one)
        gone = _counted(conn, one, lead.c.status == "deleted", lead.c.gone_run > since) if since is not None else {}
        many = {object_: n for object_, n in gone.items() if n >= FEW}
        here = _counted(conn, one, lead.c.status == HERE, lead.c.object.in_(many)) if many else {}
    told = {object_: (n, n + here.get(object_, 0)) for object_, n in many.items()}
    return {object_: (n, before) for object_, (n, before) in told.items() if 2 * n > before}


def _counted(conn: Connection, one: Run, *where: Any) -> dict[str, int]:
    told = select(lead.c.object, func.count()).join(connection, connection.c.id == lead.c.connection)
    told = told.where(connection.c.name == one.connection, *where).group_by(lead.c.object)
    return {row[0]: row[1] for row in conn.execute(told)}


def _ended_well(conn: Connection, one: Run) -> int | None:
    """The last pass that ended well, if any did."""
    told = select(func.max(run.c.id)).join(connection, connection.c.id == run.c.connection)
    told = told.where(connection.c.name == one.connection, run.c.kind == "sync", run.c.status.in_(ENDED_WELL))
    number: int | None = conn.execute(told).scalar()
    return number


def _lost(conn: Connection, one: Run) -> Mapping[str, int]:
    """Cost follows change: only leads whose inputs were replaced since that pass are looked at."""
    since = _ended_well(conn, one)
    if since is None:
        return {}
    mine = select(connection.c.id).where(connection.c.name == one.connection).scalar_subquery()
    whose = select(lead_past.c.lead).join(lead, lead.c.id == lead_past.c.lead)
    # the sum keeps SQLite from beginning with all people of the connection
    whose = whose.where(lead_past.c.until > since, lead.c.connection + 0 == mine, lead.c.status == HERE)
    lost, places = Counter[str](), places_of(conn)
    for leads in chunks(np.unique(numbers(conn, whose)).tolist(), AT_ONCE):
        known = known_of(conn, places, leads)
        for number, before in _stood(conn, since, leads).items():
            lost.update(before.keys() - inputs_in(places, known[number].cells or ()).keys())
    return lost


def _stood(conn: Connection, since: int, leads: Sequence[int]) -> dict[int, dict[str, Value]]:
    """The inputs that these leads had when that pass had ended."""
    told = select(lead_past.c.lead, lead_past.c.until, lead_past.c.inputs).where(lead_past.c.until > since)
    first: dict[int, str] = {}
    for row in sorted(in_(conn, told, lead_past.c.lead, leads), key=lambda row: (row.lead, row.until)):
        first.setdefault(row.lead, row.inputs)
    return {number: inputs_of(inputs) for number, inputs in first.items()}


def _known(conn: Connection, one: Run, name: str) -> int:
    places = [place for place in places_of(conn) if place.name == name]
    facts = facts_with(tuple(places))
    here = (connection.c.name == one.connection, lead.c.status == HERE)
    told = select(func.count()).select_from(lead).join(connection, connection.c.id == lead.c.connection)
    told = told.join(facts, facts.c.lead == lead.c.id).where(*here)
    return int(conn.execute(told.where(or_(false(), *(facts.c[p.column].is_not(None) for p in places)))).scalar_one())

"""A lead as it was known on a past date: facts carry the run that learnt them, and the run until which they stood."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Table, func, select

from connector.instants import Instant
from connector.model import Value
from connector.ports import Dossier
from connector.store.codec import inputs_of, standing_of
from connector.store.gather import (
    Readings,
    changes_of_points,
    deeds_by_lead,
    inherited,
    once,
    outcomes_by_lead,
    strips_of_rows,
)
from connector.store.inputs import UNREAD, Known, inputs_in, known_of, places_of
from connector.store.people import in_
from connector.store.tables import activity, activity_past, book, history, lead, lead_past, outcome, outcome_past, run


def dossier_at(conn: Connection, row: Any, now: Dossier, at: Instant) -> Dossier:
    """The dossier `now` of the lead in `row`, taken back to `at`."""
    places = places_of(conn)
    told = known_of(conn, places, [row.id]).get(row.id, UNREAD)
    then = _last_run(conn, row, told, at)
    left = select(lead.c.id).where(lead.c.successor == row.id, lead.c.gone_run <= then)
    heirs = dict.fromkeys(conn.execute(left).scalars(), row.id)
    everyone = [row.id, *heirs]
    created_at, inputs = _told_then(conn, row.id, then) or (told.created_at, inputs_in(places, told.cells or ()))
    readings = Readings()
    doings = _stood(conn, activity, activity_past, everyone, then)
    readings.learn(conn, {r.wording for r in doings})
    outcomes = [r for r in _stood(conn, outcome, outcome_past, everyone, then) if r.outcome is not None]
    scorings = in_(conn, _scorings().where(history.c.as_of < at), history.c.lead, everyone)
    last = {r.lead: r for r in sorted(scorings, key=lambda r: r.as_of)}
    before = inherited(last, heirs).get(row.id)
    subject = replace(
        now.lead,
        created_at=created_at,
        inputs=inputs,
        activities=deeds_by_lead(once(strips_of_rows(doings), heirs, readings), readings).get(row.id, []),
        before=standing_of(before.standing) if before else None,
    )
    points = changes_of_points([r for r in scorings if r.lead == row.id]).get(row.id, [])
    came = outcomes_by_lead(outcomes, heirs).get(row.id, [])
    return Dossier(subject, now.held, points, before.digest if before else None, came, now.url)


def _scorings() -> Any:
    columns = (history.c.lead, history.c.as_of, history.c.points, history.c.standing, book.c.digest)
    return select(*columns).join(book, book.c.id == history.c.book, isouter=True)


def _last_run(conn: Connection, row: Any, told: Known, at: Instant) -> int:
    """The last run that had begun by then, but none before we had heard of the lead."""
    begun = select(func.max(run.c.id)).where(run.c.connection == row.connection, run.c.as_of <= at)
    first = conn.execute(select(func.min(lead_past.c.learnt)).where(lead_past.c.lead == row.id)).scalar()
    return max(conn.execute(begun).scalar() or 0, first or told.learnt or 0)


def _told_then(conn: Connection, number: int, then: int) -> tuple[Instant | None, Mapping[str, Value]] | None:
    """The version that stood after run `then`; None: what is known now stood then already, or is the first."""
    stood = (lead_past.c.lead == number, lead_past.c.learnt <= then, lead_past.c.until > then)
    past = conn.execute(select(lead_past).where(*stood)).first()
    return (past.created_at, inputs_of(past.inputs)) if past else None


def _stood(conn: Connection, table: Table, past: Table, leads: list[int], then: int) -> list[Any]:
    """The versions that stood after run `then`."""
    names = [c.name for c in table.c if c.name in past.c]
    now = select(*(table.c[n] for n in names)).where(table.c.learnt <= then)
    before = select(*(past.c[n] for n in names)).where(past.c.learnt <= then, past.c.until > then)
    return [*in_(conn, now, table.c.lead, leads), *in_(conn, before, past.c.lead, leads)]

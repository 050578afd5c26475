"""Who is due, and all that is known of them, gathered in bulk."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np
from sqlalchemy import Connection, Select, and_, func, or_, select, union, update

from connector.deeds import NOBODY, Deeds, Ints, Reading
from connector.instants import Instant
from connector.model import Activity, Lead, Outcome, Ref, Run
from connector.ports import Ask, Dossier
from connector.store.arrays import numbers
from connector.store.codec import inputs_of, outcome_of, raws_of, reading_of, standing_of
from connector.store.database import Database
from connector.store.people import find_ids, in_
from connector.store.reread import told_of
from connector.store.runs import book_id, renew
from connector.store.tables import (
    HERE,
    activity,
    book,
    connection,
    dirty,
    held,
    history,
    lead,
    outcome,
    pending,
    run,
    score,
    staged,
    wording,
)  # fmt: skip

CHUNK = 2_000


@dataclass(frozen=True, slots=True)
class Readings:
    """Wordings' readings, each decoded once. `uncounted` are wordings that the mapping makes nothing of."""

    known: dict[int, Reading] = field(default_factory=dict)
    uncounted: set[int] = field(default_factory=set)

    def learn(self, conn: Connection, wordings: Iterable[int]) -> None:
        missing = set(wordings) - self.known.keys() - self.uncounted
        for row in in_(conn, select(wording.c.id, wording.c.reading), wording.c.id, missing):
            reading = reading_of(row.reading)
            if reading is None:
                self.uncounted.add(row.id)
            else:
                self.known[row.id] = reading


def due(db: Database, one: Run, ask: Ask, unchanged: Ints = NOBODY) -> Iterator[Sequence[Dossier]]:
    """See `Store.due`."""
    with db.writing() as conn:
        mine, seq = renew(conn, db.now(), one)
        number = book_id(conn, ask.book)
        conn.execute(update(run).where(run.c.id == one.id).values(book=number, seen=seq))
        asked = numbers(conn, _whom(conn, mine, one.as_of, number, ask))
    ids = np.setdiff1d(asked, unchanged, assume_unique=True)
    readings = Readings()
    for start in range(0, len(ids), CHUNK):
        with db.reading() as conn:
            chunk = ids[start : start + CHUNK].tolist()
            dossiers = gather(conn, one.connection, chunk, readings)
        yield [
            replace(dossier, told=partial(told_of, db, one.connection, number))
            for dossier, number in zip(dossiers, chunk, strict=True)
        ]


def _whom(conn: Connection, mine: int, as_of: Instant, number: int, ask: Ask) -> Select[Any]:
    """The numbers of the leads asked for, in order."""
    here = select(lead.c.id).where(lead.c.status == HERE, lead.c.connection == mine)
    if ask.only is not None:
        here = here.where(lead.c.id.in_(find_ids(conn, mine, [ask.only]).values()))
    elif not ask.everything:
        here = here.where(lead.c.id.in_(_reasons(mine, as_of, number)))
    return here.order_by(lead.c.id).limit(ask.limit)


def _reasons(mine: int, as_of: Instant, number: int) -> Any:
    look = and_(score.c.connection == mine, score.c.next_look <= as_of)
    other_book = or_(score.c.book < number, score.c.book > number)  # two ranges of an index, where `<>` is a scan
    return union(
        select(dirty.c.lead).where(dirty.c.connection == mine),
        select(pending.c.lead).where(pending.c.connection == mine),
        select(score.c.lead).where(look),
        select(score.c.lead).where(score.c.connection == mine, other_book),
    )


def gather(conn: Connection, name: str, ids: Sequence[int], readings: Readings) -> list[Dossier]:
    """The dossiers of these leads, in the order given. Who carries on for somebody has their deeds, outcomes and
    standing too, as long as the CRM has not moved them and nothing of its own says otherwise."""
    heirs = _heirs(conn, ids)
    everyone = [*ids, *heirs]
    who = select(lead.c.id, lead.c.object, lead.c.ext_id, lead.c.created_at, lead.c.inputs)
    leads = {row.id: row for row in in_(conn, who, lead.c.id, ids)}
    fields = {row.lead: row.fields for row in in_(conn, select(held), held.c.lead, ids)}
    activities = _activities(conn, everyone, heirs, readings)
    outcomes = _outcomes(conn, everyone, heirs)
    scores = _scores(conn, everyone)
    points = _points(conn, ids)
    before = inherited(scores, heirs)
    dossiers = []
    for n in ids:
        row, mine = leads[n], before.get(n)
        ref = Ref(name, row.object, row.ext_id)
        standing = standing_of(mine.standing) if mine else None
        subject = Lead(ref, row.created_at, inputs_of(row.inputs or "{}"), activities.get(n, []), standing)
        digest = mine.digest if mine else None
        dossiers.append(Dossier(subject, raws_of(fields.get(n)), points.get(n, []), digest, outcomes.get(n, [])))
    return dossiers


def _heirs(conn: Connection, ids: Sequence[int]) -> dict[int, int]:
    """Those who left, and who carries on for them."""
    left = select(lead.c.id, lead.c.successor)
    return {row.id: row.successor for row in in_(conn, left, lead.c.successor, ids)}


def inherited(scores: Mapping[int, Any], heirs: Mapping[int, int]) -> dict[int, Any]:
    """Each lead's last scoring: its own, else the latest of those it carries on for, so that a converted or merged
    hot lead is not newly hot once more."""
    last = {heirs[n]: row for n, row in sorted(scores.items(), key=lambda item: item[1].as_of) if n in heirs}
    return last | {n: row for n, row in scores.items() if n not in heirs}


def _activities(
    conn: Connection, everyone: Iterable[int], heirs: Mapping[int, int], readings: Readings
) -> Mapping[int, Sequence[Activity]]:
    a = activity.c
    told = select(a.lead, a.occurred_at, a.key, a.wording).order_by(a.lead, a.occurred_at)
    rows = in_(conn, told, a.lead, everyone)
    if not rows:
        return {}
    readings.learn(conn, {row[3] for row in rows})
    if not heirs:
        return _deeds(rows, readings)
    family = heirs.keys() | set(heirs.values())
    shared = assembled([row for row in rows if row.lead in family], heirs, readings)
    return {**_deeds([row for row in rows if row.lead not in family], readings), **shared}


def _deeds(rows: Sequence[Any], readings: Readings) -> dict[int, Deeds]:
    """Each lead's activities, of rows by lead and instant. The arrays are cut, not copied."""
    if readings.uncounted:
        rows = [row for row in rows if row[3] not in readings.uncounted]
    if not rows:
        return {}
    leads, *columns = zip(*rows, strict=True)
    lead_of, at, keys, words = (np.fromiter(column, np.int64, len(rows)) for column in (leads, *columns))
    starts = np.flatnonzero(np.r_[True, np.diff(lead_of) != 0]).tolist()
    ends = [*starts[1:], len(rows)]
    return {
        leads[start]: Deeds(at[start:end], words[start:end], keys[start:end], readings.known)
        for start, end in zip(starts, ends, strict=True)
    }


def assembled(rows: Sequence[Any], heirs: Mapping[int, int], readings: Readings) -> dict[int, list[Activity]]:
    """Activities by lead, oldest first. What is told of a lead and of somebody it carries on for counts once."""
    found: dict[int, list[Activity]] = defaultdict(list)
    own = {(r.lead, r.key) for r in rows if r.lead not in heirs} if heirs else set()
    for row in sorted(rows, key=lambda r: (r.lead, r.occurred_at, r.key)):
        reading = readings.known.get(row.wording)
        if reading is None:
            continue
        heir = heirs.get(row.lead)
        if heir is not None:
            if (heir, row.key) in own:
                continue
            own.add((heir, row.key))
        found[row.lead if heir is None else heir].append(reading.activity(row.key, row.occurred_at))
    for heir in set(heirs.values()) & found.keys():
        found[heir].sort(key=lambda a: (a.at, a.id))
    return found


def _outcomes(conn: Connection, everyone: Iterable[int], heirs: Mapping[int, int]) -> dict[int, list[Outcome]]:
    rows = in_(conn, select(outcome).where(outcome.c.outcome.is_not(None)), outcome.c.lead, everyone)
    return outcomes_by_lead(rows, heirs)


def outcomes_by_lead(rows: Sequence[Any], heirs: Mapping[int, int]) -> dict[int, list[Outcome]]:
    """Outcomes by lead, oldest first; one told of two who are one counts once, the lead's own first."""
    found: dict[int, dict[tuple[int, str], Outcome]] = defaultdict(dict)
    for row in sorted(rows, key=lambda r: (r.lead in heirs, r.lead)):
        found[heirs.get(row.lead, row.lead)].setdefault((row.source, row.ext_id), outcome_of(row.outcome))
    return {n: sorted(mine.values(), key=lambda o: (o.at, o.id)) for n, mine in found.items()}


def _scores(conn: Connection, everyone: Iterable[int]) -> dict[int, Any]:
    last = select(score.c.lead, score.c.as_of, score.c.standing, book.c.digest)
    last = last.join(book, book.c.id == score.c.book, isouter=True)
    return {row.lead: row for row in in_(conn, last, score.c.lead, everyone)}


def _points(conn: Connection, ids: Sequence[int]) -> dict[int, list[tuple[Instant, int]]]:
    told = select(history.c.lead, history.c.as_of, history.c.points)
    return changes_of_points(in_(conn, told, history.c.lead, ids))


def changes_of_points(rows: Sequence[Any]) -> dict[int, list[tuple[Instant, int]]]:
    """The points by lead as they changed, oldest first: a scoring that left them as they were is no change."""
    found: dict[int, list[tuple[Instant, int]]] = defaultdict(list)
    for row in sorted(rows, key=lambda r: (r.lead, r.as_of)):
        mine = found[row.lead]
        if not mine or mine[-1][1] != row.points:
            mine.append((row.as_of, row.points))
    return found


def hot_held(db: Database, one: Run, hot_fields: Mapping[str, str]) -> int:
    """How many leads the CRM is known to hold as hot; by object the hot flag's CRM field. Nobody asks, and everybody
    would have to be looked at, where the run changes nothing."""
    changes = select(staged.c.lead).where(staged.c.run == one.id, staged.c.change_after.is_not(None)).limit(1)
    with db.reading() as conn:
        if conn.execute(changes).first() is None:
            return 0
        said = [
            and_(lead.c.object == name, func.lower(held.c.fields).contains(_says_true(crm_field), autoescape=True))
            for name, crm_field in hot_fields.items()
            if crm_field
        ]
        if not said:
            return 0
        here = (connection.c.name == one.connection, lead.c.status == HERE, or_(*said))
        count = select(func.count()).select_from(held).join(lead, lead.c.id == held.c.lead)
        count = count.join(connection, connection.c.id == lead.c.connection).where(*here)
        return int(conn.execute(count).scalar_one())


def _says_true(name: str) -> str:
    """How a true flag stands in what our fields are kept as."""
    return f'"{name.lower()}":"true"'

"""After a change of mapping: the stored is read anew, so that nothing has to be fetched again.

Records are read from the CRM's words as kept, events by their distinct wording, deals one by one. What was not fetched
before, and an event that the mapping now dates by another field, needs a full pull.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, TypeAlias

from sqlalchemy import Select, bindparam, or_, select, tuple_, update

from connector.instants import iso
from connector.model import Event, Raw, Record, Ref, Run
from connector.ports import Facts, Told
from connector.store.codec import raws_of, read_as, reading_text
from connector.store.database import Database
from connector.store.inputs import make_room
from connector.store.keep import save_facts, save_rejects, saving_of
from connector.store.outcomes import keep_outcomes
from connector.store.people import Saving, mark_dirty
from connector.store.tables import HERE, UNSEEN, activity, connection, lead, outcome, source, wording
from connector.store.tables import facts as kept
from connector.store.timeline import digest_of, known_wordings

CHUNK = 2_000
SOME_INSTANT = iso(946_684_800_000_000)
"""Stands where an event's own instant stood while its words are read anew; the activity keeps its own."""

_CREATED = select(kept.c.created_at).where(kept.c.lead == lead.c.id).scalar_subquery()
PEOPLE = select(lead, _CREATED.label("created_at"))
"""Records as kept. Each creation is looked up by itself: joined, PostgreSQL goes through all before each time."""

Read: TypeAlias = Callable[[Sequence[Record], Sequence[Event]], Facts]


class Step(NamedTuple):
    """One kind of stored thing: how its rows are found, by which key they go on, what they told, and what is done with
    what that is read as now."""

    rows: Select[Any]
    key: Sequence[Any]
    told: Callable[[Run, Sequence[Any]], tuple[Sequence[Record], Sequence[Event]]]
    save: Callable[[Saving, Run, Sequence[Any], Facts], None]


def reread(db: Database, run: Run, mapping: str, read: Read) -> Iterator[int]:
    """See `Store.reread`. The digest is stored last: a pass that dies on the way begins anew, to the same end."""
    with db.reading() as conn:
        mine = conn.execute(select(connection).where(connection.c.name == run.connection)).one()
    if mine.mapping == mapping:
        return
    done = 0
    for step in _steps(mine.id):
        for n in _carry_out(db, run, step, read):
            done += n
            yield done
    with db.writing() as conn:
        saving = saving_of(db, conn, run)
        conn.execute(update(connection).where(connection.c.id == saving.connection).values(mapping=mapping))


def _steps(mine: int) -> Sequence[Step]:
    people = PEOPLE.where(lead.c.connection == mine, lead.c.status.in_([HERE, UNSEEN]), lead.c.fields.is_not(None))
    words = select(wording, source.c.name).join(source, source.c.id == wording.c.source)
    told = select(outcome, lead.c.object, lead.c.ext_id.label("person"), source.c.name)
    told = told.join(lead, lead.c.id == outcome.c.lead).join(source, source.c.id == outcome.c.source)
    return (
        Step(people, [lead.c.id], _records, _keep_records),
        Step(words.where(wording.c.connection == mine), [wording.c.id], _wordings, _keep_wordings),
        Step(
            told.where(lead.c.connection == mine, outcome.c.told.is_not(None)),
            list(outcome.primary_key),
            _deals,
            _keep_outcomes,
        ),
    )


def _carry_out(db: Database, run: Run, step: Step, read: Read) -> Iterator[int]:
    """Read a kind of stored thing anew, a chunk to a transaction. Between looking and saving only somebody who took
    the connection from us could change a row, and then nothing is saved."""
    rows, last = step.rows.order_by(*step.key).limit(CHUNK), None
    while True:
        with db.reading() as conn:
            found = conn.execute(rows if last is None else rows.where(tuple_(*step.key) > last)).all()
        if not found:
            return
        facts = read(*step.told(run, found))
        make_room(db, facts.leads)
        with db.writing() as conn:
            saving = saving_of(db, conn, run)
            step.save(saving, run, found, facts)
            mark_dirty(saving)
        last = tuple_(*(getattr(found[-1], column.name) for column in step.key))
        yield len(found)


def _records(run: Run, rows: Sequence[Any]) -> tuple[Sequence[Record], Sequence[Event]]:
    who = [Ref(run.connection, row.object, row.ext_id) for row in rows]
    each = zip(who, rows, strict=True)
    return [Record(ref, raws_of(row.fields), row.modified_at, row.created_at) for ref, row in each], []


def _keep_records(saving: Saving, run: Run, rows: Sequence[Any], facts: Facts) -> None:
    records, _ = _records(run, rows)
    save_facts(saving, records, [], facts)
    save_rejects(saving.conn, run, facts.rejects)


def _wordings(run: Run, rows: Sequence[Any]) -> tuple[Sequence[Record], Sequence[Event]]:
    nobody = Ref(run.connection, "", "")
    return [], [Event(row.name, str(row.id), nobody, _said(row)) for row in rows]


def _keep_wordings(saving: Saving, _: Run, rows: Sequence[Any], facts: Facts) -> None:
    now = {f.id: f.activity for f in facts.activities if not f.gone}
    news = {row.id: reading_text(read_as(now.get(str(row.id)), str(row.id))) for row in rows}
    digests = {r.id: digest_of(saving.connection, r.source, r.words, r.dated, news[r.id]) for r in rows}
    taken = known_wordings(saving, digests.values())
    changed = []
    for row in (row for row in rows if news[row.id] != row.reading):
        free = taken.setdefault(digests[row.id], row.id) == row.id  # where two now read alike, the other keeps its own
        mark = digests[row.id] if free else row.digest
        changed.append({"number": row.id, "now": news[row.id], "mark": mark})
    if changed:
        values: dict[str, Any] = {"reading": bindparam("now"), "digest": bindparam("mark")}
        saving.conn.execute(update(wording).where(wording.c.id == bindparam("number")).values(values), changed)


def _said(row: Any) -> dict[str, Raw]:
    """A wording as an event's fields, with some instant where its own instant stood."""
    return {**dict.fromkeys(json.loads(row.dated), SOME_INSTANT), **raws_of(row.words)}


def _deals(run: Run, rows: Sequence[Any]) -> tuple[Sequence[Record], Sequence[Event]]:
    return [], [Event(row.name, row.ext_id, _person(run, row), raws_of(row.told)) for row in rows]


def _keep_outcomes(saving: Saving, run: Run, rows: Sequence[Any], facts: Facts) -> None:
    keep_outcomes(saving, facts.outcomes, _deals(run, rows)[1], _ids(run, rows))


def _person(run: Run, row: Any) -> Ref:
    return Ref(run.connection, row.object, row.person)


def _ids(run: Run, rows: Sequence[Any]) -> dict[Ref, int]:
    return {_person(run, row): row.lead for row in rows}


def told_of(db: Database, name: str, number: int) -> Told:
    """The CRM's words about one lead, and about those it carries on for, whose deeds are now its own."""
    with db.reading() as conn:
        row = conn.execute(PEOPLE.where(lead.c.id == number)).one()
        whose = or_(lead.c.id == number, lead.c.successor == number)
        deeds = select(activity.c.occurred_at, activity.c.key, wording.c.words, wording.c.dated, source.c.name)
        deeds = deeds.join(wording, wording.c.id == activity.c.wording).join(source, source.c.id == wording.c.source)
        deeds = deeds.join(lead, lead.c.id == activity.c.lead).where(whose).order_by(lead.c.id != number)
        found = {deed.key: deed for deed in reversed(conn.execute(deeds).all())}  # told of both it is one: its own
    who = Ref(name, row.object, row.ext_id)
    record = Record(who, raws_of(row.fields), row.modified_at or 0, row.created_at)
    return Told(
        record, [(Event(deed.name, str(deed.key), who, _said(deed)), deed.occurred_at) for deed in found.values()]
    )

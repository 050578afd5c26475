"""What a store holds of the CRM, whichever passes brought it there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crash.story import what_was_read
from sqlalchemy import select

from connector.store import SqlStore
from connector.store.codec import alike, raws_of
from connector.store.tables import activity, dirty, held, lead, outcome, pending, source, staged, wording


@dataclass(frozen=True)
class Memory:
    """People, what our fields are said to hold, deeds and outcomes, and who is still due."""

    people: dict[tuple[str, str], Any]
    held: dict[tuple[str, str], dict[str, Any]]
    doings: Counter[Any]
    outcomes: set[Any]
    unfinished: int


def held_in(store: SqlStore) -> Memory:
    with store.reading() as conn:
        rows = conn.execute(select(lead)).all()
        names = {r.id: (r.object, r.ext_id) for r in rows}
        sources = {r.id: r.name for r in conn.execute(select(source))}
        said = {names[r.lead]: raws_of(r.fields) for r in conn.execute(select(held))}
        doings = select(activity, wording.c.words, wording.c.dated, wording.c.reading)
        doings = doings.join(wording, wording.c.id == activity.c.wording)
        told = conn.execute(doings).all()
        became = conn.execute(select(outcome).where(outcome.c.outcome.is_not(None))).all()
        here = lead.c.status == "here"
        due = [select(t.c.lead).join(lead, lead.c.id == t.c.lead).where(here) for t in (dirty, pending, staged)]
        read = what_was_read(conn)
        unfinished = sum(len(conn.execute(one).all()) for one in due)
    return Memory(
        {names[r.id]: _person(r, names, read) for r in rows},
        {n: f for n, f in said.items() if n in {names[r.id] for r in rows if r.status == "here"}},
        Counter((names[r.lead], r.occurred_at, r.words, r.dated, r.reading) for r in told),
        {(names[r.lead], sources[r.source], r.ext_id, r.outcome, r.told) for r in became},
        unfinished,
    )


def _person(row: Any, names: dict[int, tuple[str, str]], read: Mapping[int, Any]) -> tuple[Any, ...]:
    """Of the gone only why, and who carries on."""
    if row.status != "here":
        return row.status, names.get(row.successor)
    return row.status, row.modified_at, row.fields, read.get(row.id)


def same_memory(one: Memory, other: Memory) -> None:
    assert one.people == other.people
    assert one.doings == other.doings
    assert not one.outcomes ^ other.outcomes
    assert one.held.keys() == other.held.keys()
    for who, said in one.held.items():
        unlike = {n for n in said.keys() | other.held[who].keys() if not alike(said.get(n), other.held[who].get(n))}
        assert not unlike, (who, unlike)

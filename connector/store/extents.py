"""Taking back what the CRM has no more: events that are stored of a person and are not among all that they have now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import or_, select

from connector.model import Ref
from connector.ports import ActivityFacts, Extent, OutcomeFacts
from connector.store.outcomes import keep_outcomes
from connector.store.people import Saving, find_ids, in_
from connector.store.tables import activity, lead, outcome, source
from connector.store.timeline import keep_activities

Lost = list[tuple[Ref, str, str]]
"""Person, source and id of what is taken back."""


def take_back(saving: Saving, extents: Sequence[Extent]) -> None:
    """Take back the stored events that lie beyond what their person has. They stay in the past, for replay."""
    known = find_ids(saving.conn, saving.connection, {e.person for e in extents})
    if not known:
        return
    allowed = {(known[e.person], e.source): e.ids for e in extents if e.person in known}
    whose = _family(saving, set(known.values()), next(iter(known)).connection)
    ids = {ref: n for n, (_, ref) in whose.items()}
    deeds = _beyond(saving, activity, whose, allowed)
    ends = _beyond(saving, outcome, whose, allowed)
    gone = [ActivityFacts(who, name, id_, None, {}, None, gone=True) for who, name, id_ in deeds]
    keep_activities(saving, gone, (), ids, set())
    keep_outcomes(saving, [OutcomeFacts(who, name, id_, None) for who, name, id_ in ends], (), ids)


def _family(saving: Saving, people: set[int], connection: str) -> dict[int, tuple[int, Ref]]:
    """These people and those they carry on for, by number: who answers for them, and their ref."""
    columns = select(lead.c.id, lead.c.object, lead.c.ext_id, lead.c.successor)
    own = in_(saving.conn, columns, lead.c.id, people)
    left = in_(saving.conn, columns, lead.c.successor, people)
    found = {row.id: (row.id, Ref(connection, row.object, row.ext_id)) for row in own}
    return found | {row.id: (row.successor, Ref(connection, row.object, row.ext_id)) for row in left}


def _beyond(
    saving: Saving, table: Any, whose: dict[int, tuple[int, Ref]], allowed: dict[tuple[int, str], frozenset[str]]
) -> Lost:
    names = {name for _, name in allowed}
    rows = select(table.c.lead, source.c.name, table.c.ext_id).join(source, source.c.id == table.c.source)
    rows = rows.where(or_(*(source.c.name == name for name in sorted(names))))
    if table is outcome:
        rows = rows.where(or_(outcome.c.outcome.is_not(None), outcome.c.told.is_not(None)))
    stored = in_(saving.conn, rows, table.c.lead, whose)
    return [
        (whose[row.lead][1], row.name, row.ext_id)
        for row in stored
        if row.ext_id not in allowed.get((whose[row.lead][0], row.name), {row.ext_id})
    ]

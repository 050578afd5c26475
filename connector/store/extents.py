"""Taking back what the CRM has no more: events that are stored of a person and are not among all that they have now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from sqlalchemy import or_, select

from connector.model import Ref
from connector.ports import Extent, OutcomeFacts
from connector.store.outcomes import keep_outcomes
from connector.store.people import Saving, find_ids, in_
from connector.store.tables import activity, lead, outcome, source, wording
from connector.store.timeline import key_of, source_ids, take_out

Family: TypeAlias = dict[int, tuple[int, Ref]]
"""By number: who answers for them, and their ref."""
Allowed: TypeAlias = dict[tuple[int, str], frozenset[str]]
"""By person and source: the ids of all they have."""
Lost: TypeAlias = list[tuple[Ref, str, str]]
"""Person, source and id of what is taken back."""


def take_back(saving: Saving, extents: Sequence[Extent]) -> None:
    """Take back the stored events that lie beyond what their person has. They stay in the past, for replay."""
    known = find_ids(saving.conn, saving.connection, {e.person for e in extents})
    if not known:
        return
    allowed = {(known[e.person], e.source): e.ids for e in extents if e.person in known}
    whose = _family(saving, set(known.values()), next(iter(known)).connection)
    _take_back_deeds(saving, whose, allowed)
    ends = _outcomes_beyond(saving, whose, allowed)
    ids = {ref: n for n, (_, ref) in whose.items()}
    keep_outcomes(saving, [OutcomeFacts(who, name, id_, None) for who, name, id_ in ends], (), ids)


def _family(saving: Saving, people: set[int], connection: str) -> Family:
    """These people and those they carry on for."""
    columns = select(lead.c.id, lead.c.object, lead.c.ext_id, lead.c.successor)
    own = in_(saving.conn, columns, lead.c.id, people)
    left = in_(saving.conn, columns, lead.c.successor, people)
    found = {row.id: (row.id, Ref(connection, row.object, row.ext_id)) for row in own}
    return found | {row.id: (row.successor, Ref(connection, row.object, row.ext_id)) for row in left}


def _take_back_deeds(saving: Saving, whose: Family, allowed: Allowed) -> None:
    sources = source_ids(saving, {name for _, name in allowed})
    keys = {(who, sources[name]): {key_of(name, id_) for id_ in ids} for (who, name), ids in allowed.items()}
    a = activity.c
    rows = select(a.lead, a.key, wording.c.source).join(wording, wording.c.id == a.wording)
    rows = rows.where(wording.c.source.in_(sources.values()))
    stored = in_(saving.conn, rows, a.lead, whose)
    gone = [(r.lead, r.key) for r in stored if r.key not in keys.get((whose[r.lead][0], r.source), {r.key})]
    take_out(saving, gone)


def _outcomes_beyond(saving: Saving, whose: Family, allowed: Allowed) -> Lost:
    names = sorted({name for _, name in allowed})
    o = outcome.c
    rows = select(o.lead, source.c.name, o.ext_id).join(source, source.c.id == o.source)
    rows = rows.where(source.c.name.in_(names), or_(o.outcome.is_not(None), o.told.is_not(None)))
    return [
        (whose[row.lead][1], row.name, row.ext_id)
        for row in in_(saving.conn, rows, o.lead, whose)
        if row.ext_id not in allowed.get((whose[row.lead][0], row.name), {row.ext_id})
    ]

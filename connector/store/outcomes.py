"""What became of people, as kept: deals and sales' verdicts, with the words to read them again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import delete, select

from connector.model import Event, Outcome, Ref
from connector.ports import OutcomeFacts
from connector.store.codec import dumps, outcome_of, outcome_text
from connector.store.database import upsert
from connector.store.people import Saving, in_
from connector.store.tables import outcome, outcome_past
from connector.store.timeline import source_ids

Key = tuple[int, int, str]
"""An outcome's identity: lead, source, the CRM's id."""


def keep_outcomes(
    saving: Saving, facts: Sequence[OutcomeFacts], events: Iterable[Event], ids: Mapping[Ref, int]
) -> None:
    """Save outcomes; a second telling replaces the first, None takes it back."""
    if not facts:
        return
    sources = source_ids(saving, (f.source for f in facts))
    last: dict[Key, OutcomeFacts] = {(ids[f.person], sources[f.source], f.id): f for f in facts}
    words = {(e.person, e.source, e.id): e for e in events}  # as told last: what was taken back says nothing
    fields = {name: dumps(dict(e.fields)) for name, e in words.items() if not e.gone}
    rows = in_(saving.conn, select(outcome), outcome.c.lead, {key[0] for key in last})
    before = {(row.lead, row.source, row.ext_id): row for row in rows}
    news = []
    for key, fact in sorted(last.items(), key=lambda item: item[0]):
        told = fields.get((fact.person, fact.source, fact.id))
        if row := _news(saving, key, before.get(key), fact, told):
            news.append(row)
    _replace(saving, news, before)


def _news(saving: Saving, key: Key, before: Any, fact: OutcomeFacts, told: str | None) -> dict[str, Any] | None:
    """The outcome's new row, or None when it says nothing new."""
    stood = before.outcome if before else None
    now = _text(stood, fact)
    if now == stood:
        if (before.told if before else None) == told or (now is None and not told and before is None):
            return None
        learnt = before.learnt if before else saving.run
    else:
        learnt = saving.run
        saving.touched.add(key[0])
    return {"lead": key[0], "source": key[1], "ext_id": key[2], "outcome": now, "learnt": learnt, "told": told}


def _text(stood: str | None, fact: OutcomeFacts) -> str | None:
    if fact.outcome is None:
        return None
    before = outcome_of(stood) if stood else None
    if fact.first_seen and before and _same_but_when(before, fact.outcome):
        return stood
    return outcome_text(fact.outcome)


def _same_but_when(a: Outcome, b: Outcome) -> bool:
    return replace(a, at=0) == replace(b, at=0)


def _replace(saving: Saving, news: Sequence[Mapping[str, Any]], before: Mapping[Key, Any]) -> None:
    old = [before[key] for row in news if (key := (row["lead"], row["source"], row["ext_id"])) in before]
    left = {(row["lead"], row["source"], row["ext_id"]): row["outcome"] for row in news}
    past = [
        {
            "lead": row.lead, "source": row.source, "ext_id": row.ext_id, "until": saving.run, "outcome": row.outcome,
            "learnt": row.learnt,
        }
        for row in old
        if row.outcome is not None
        and row.learnt != saving.run
        and row.outcome != left[row.lead, row.source, row.ext_id]
    ]  # fmt: skip
    upsert(saving.conn, outcome_past, past)
    upsert(saving.conn, outcome, [row for row in news if row["outcome"] or row["told"]])
    for row in (row for row in news if not row["outcome"] and not row["told"]):
        same = (outcome.c.lead == row["lead"], outcome.c.source == row["source"], outcome.c.ext_id == row["ext_id"])
        saving.conn.execute(delete(outcome).where(*same))

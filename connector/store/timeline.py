"""Activities as kept: a row each, clustered by lead and instant, and their words once for all that share them.

A wording is what an event says less its own instant; the mapping's reading of it (kind, subject, attributes) stands
with it, so that a changed mapping reads each wording anew and not each event.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Any, NamedTuple

from sqlalchemy import Table, and_, bindparam, delete, select

from connector.instants import Instant
from connector.model import Event, Ref
from connector.ports import ActivityFacts
from connector.store.codec import dumps, reading_text
from connector.store.database import insert_many, insert_one, upsert
from connector.store.people import Saving, in_
from connector.store.tables import activity, activity_past, source, wording

Key = tuple[int, int]
"""An activity's identity: its lead, and what `key_of` makes of its source and id."""


class Told(NamedTuple):
    """An activity to keep: when, and in which words that read how. A reading of `null`: it is not counted. `dated`
    names the fields that were left out of the words because they say when."""

    at: Instant
    source: int
    words: str
    dated: str
    reading: str

    def digest(self, connection: int) -> int:
        return digest_of(connection, self.source, self.words, self.dated, self.reading)


def digest_of(*parts: object) -> int:
    """63 bits that stand for a wording (connection, source, words, dated, reading), so that it is found by number."""
    mark = "\n".join(map(str, parts)).encode()
    return int.from_bytes(blake2b(mark, digest_size=8).digest()) >> 1


def key_of(source: str, id_: str) -> int:
    """63 bits that stand for an event of a source: a CRM's own ids are long, and there are millions."""
    return digest_of(source, id_)


def keep_activities(
    saving: Saving, facts: Sequence[ActivityFacts], events: Iterable[Event], ids: Mapping[Ref, int], new: set[int]
) -> None:
    """Save activities; a second telling replaces the first, and the first moves to the past. `new` are leads that
    cannot have any yet."""
    if not facts:
        return
    sources = source_ids(saving, (f.source for f in facts))
    last: dict[Key, ActivityFacts] = {(ids[f.person], key_of(f.source, f.id)): f for f in facts}
    fields = {(e.person, e.source, e.id): e.fields for e in events}
    told = {
        key: _told(sources[f.source], f, fields.get((f.person, f.source, f.id), ()))
        for key, f in last.items()
    }  # fmt: skip
    _save(saving, told, {key[0] for key in last} - new, set(sources.values()))


def take_out(saving: Saving, keys: Iterable[Key], sources: Collection[int]) -> None:
    """Take activities of these sources out of the timeline; they stay in the past, for replay."""
    gone = dict.fromkeys(keys)
    _save(saving, gone, {lead for lead, _ in gone}, sources)


def _save(saving: Saving, told: Mapping[Key, Told | None], leads: Iterable[int], sources: Collection[int]) -> None:
    """Make the timeline say what is told (None: nothing). `leads` are those who may have something already."""
    before = _stored(saving, leads, sources)
    said = {key: Told(row.occurred_at, row.source, row.words, row.dated, row.reading) for key, row in before.items()}
    changed = [key for key, one in told.items() if said.get(key) != one]
    words = _wordings(saving, [one for key in changed if (one := told[key])])
    _to_past(saving, [before[key] for key in changed if key in before])
    rows = [
        {
            "lead": key[0], "occurred_at": one.at, "key": key[1], "source": one.source,
            "wording": words[one.digest(saving.connection)], "learnt": saving.run,
        }
        for key in changed
        if (one := told[key])
    ]  # fmt: skip
    insert_many(saving.conn, activity, sorted(rows, key=_as_it_lies))
    versions = [(key, one) for key in changed for one in (said.get(key), told[key]) if one]
    saving.touched.update(key[0] for key, one in versions if one.reading != "null")  # what nobody counts scores nothing


def _told(source: int, fact: ActivityFacts, fields: Iterable[str]) -> Told | None:
    if fact.gone or fact.at is None:
        return None
    dated = dumps(sorted(name for name in fields if name not in fact.words))
    return Told(fact.at, source, dumps(dict(fact.words)), dated, reading_text(fact.activity, fact.id))


def _as_it_lies(row: Mapping[str, Any]) -> tuple[Any, ...]:
    """The order in which the timeline lies on disk: sorted rows are written many times faster."""
    return row["lead"], row["occurred_at"], row["key"]


def source_ids(saving: Saving, names: Iterable[str]) -> dict[str, int]:
    """The numbers of event sources; a new one is given one."""
    wanted = set(names)
    known = {row.name: row.id for row in saving.conn.execute(select(source)) if row.name in wanted}
    for name in sorted(wanted - known.keys()):
        known[name] = insert_one(saving.conn, source, name=name)
    return known


def _wordings(saving: Saving, told: Iterable[Told]) -> dict[int, int]:
    """The numbers of these wordings, by digest; a new one is given one."""
    wanted = {one.digest(saving.connection): one for one in told}
    known = known_wordings(saving, wanted)
    rows: list[dict[str, Any]] = [
        {
            "connection": saving.connection, "digest": digest, "source": one.source, "words": one.words,
            "dated": one.dated, "reading": one.reading,
        }
        for digest, one in sorted(wanted.items())
        if digest not in known
    ]  # fmt: skip
    insert_many(saving.conn, wording, rows)
    return known | known_wordings(saving, (row["digest"] for row in rows))


def known_wordings(saving: Saving, digests: Iterable[int]) -> dict[int, int]:
    known = select(wording.c.id, wording.c.digest).where(wording.c.connection == saving.connection)
    return {row.digest: row.id for row in in_(saving.conn, known, wording.c.digest, digests)}


def _stored(saving: Saving, leads: Iterable[int], sources: Collection[int]) -> dict[Key, Any]:
    known = select(activity, wording.c.words, wording.c.dated, wording.c.reading)
    known = known.join(wording, wording.c.id == activity.c.wording)
    rows = in_(saving.conn, known.where(activity.c.source.in_(sources)), activity.c.lead, leads)
    return {(row.lead, row.key): row for row in rows}


def _to_past(saving: Saving, rows: Sequence[Any]) -> None:
    """Take versions out of the timeline; they stay for replay, unless this very run had learnt them."""
    names = [c.name for c in activity.c]
    old = [{name: getattr(row, name) for name in names} for row in rows]
    upsert(saving.conn, activity_past, [{**o, "until": saving.run} for o in old if o["learnt"] != saving.run])
    _delete(saving, activity, old)


def _delete(saving: Saving, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        keys = [c.name for c in table.primary_key]
        match = and_(*(table.c[name] == bindparam(f"old_{name}") for name in keys))
        saving.conn.execute(delete(table).where(match), [{f"old_{name}": row[name] for name in keys} for row in rows])

"""Activities as kept: a row each, clustered by lead and instant, and their words once for all that share them.

A wording is what an event says less its own instant; the mapping's reading of it (kind, subject, attributes) stands
with it, so that a changed mapping reads each wording anew and not each event.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import Any, NamedTuple, TypeAlias

from sqlalchemy import select

from connector.instants import Instant
from connector.model import Event, Raw, Ref
from connector.ports import ActivityFacts
from connector.store import bulk
from connector.store.codec import Read, dumps, read_as, reading_text
from connector.store.database import insert_one
from connector.store.people import Saving, among, in_
from connector.store.tables import activity, activity_past, source, wording

Key = tuple[int, int]
"""An activity's identity: its lead, and what `key_of` makes of its source and id."""
COLUMNS = ("lead", "occurred_at", "key", "wording", "learnt")
"""A row of the timeline. The first three are its key, in the order in which rows lie on disk."""


class Words(NamedTuple):
    """What an event says less its own instant, and how the mapping reads it. A reading of `null`: it is not counted.
    `dated` names the fields that were left out of the words because they say when."""

    source: int
    words: str
    dated: str
    reading: str


Told: TypeAlias = tuple[Instant, Words]
"""An activity to keep: when, and in which words."""


@lru_cache(maxsize=8_192)
def digest_of(connection: int, source: int, words: str, dated: str, reading: str) -> int:
    """63 bits that stand for a wording, so that it is found by number."""
    return _bits(f"{connection}\n{source}\n{words}\n{dated}\n{reading}")


def key_of(source: str, id_: str) -> int:
    """63 bits that stand for an event of a source: a CRM's own ids are long, and there are millions."""
    return _bits(f"{source}\n{id_}")


def _bits(mark: str) -> int:
    return int.from_bytes(blake2b(mark.encode(), digest_size=8).digest()) >> 1


def keep_activities(
    saving: Saving, facts: Sequence[ActivityFacts], events: Iterable[Event], ids: Mapping[Ref, int]
) -> None:
    """Save activities; a second telling replaces the first, and the first moves to the past."""
    if not facts:
        return
    sources = source_ids(saving, {f.source for f in facts})
    names = {(e.person, e.source, e.id): tuple(e.fields) for e in events}
    told: dict[Key, Told | None] = {}
    for fact in facts:
        key = ids[fact.person], key_of(fact.source, fact.id)
        told[key] = _told(sources[fact.source], fact, names.get((fact.person, fact.source, fact.id), ()))
    _save(saving, told, {key[0] for key in told} - saving.new)


def take_out(saving: Saving, keys: Iterable[Key]) -> None:
    """Take activities out of the timeline; they stay in the past, for replay."""
    gone = dict.fromkeys(keys)
    _save(saving, gone, {lead for lead, _ in gone})


def _save(saving: Saving, told: Mapping[Key, Told | None], leads: set[int]) -> None:
    """Make the timeline say what is told (None: nothing). `leads` are those who may have something already."""
    before = _stored(saving, told, leads)
    said = _said(saving, before)
    changed = {key: one for key, one in told.items() if said.get(key) != one} if said else told
    _to_past(saving, [before[key] for key in said if key in changed])
    now = {key: one for key, one in changed.items() if one}
    numbers = _numbers(saving, {words for _, words in now.values()})
    rows = [(lead, at, key, numbers[words], saving.run) for (lead, key), (at, words) in now.items()]
    bulk.insert(saving.conn, activity, COLUMNS, sorted(rows))  # as it lies on disk: many times faster
    _touch(saving, now)
    _touch(saving, {key: said[key] for key in changed if key in said})


def _touch(saving: Saving, versions: Mapping[Key, Told]) -> None:
    """What nobody counts scores nothing."""
    saving.touched.update(key[0] for key, (_, words) in versions.items() if words.reading != "null")


def _told(source: int, fact: ActivityFacts, names: tuple[str, ...]) -> Told | None:
    """`names` are all the fields that the event has."""
    if fact.gone or fact.at is None:
        return None
    return fact.at, _words(source, tuple(fact.words.items()), names, read_as(fact.activity, fact.id))


@lru_cache(maxsize=8_192)
def _words(source: int, told: tuple[tuple[str, Raw], ...], names: tuple[str, ...], reading: Read | None) -> Words:
    """Thousands of events share their words: the texts are made once for all of them."""
    words = dict(told)
    dated = dumps(sorted(name for name in names if name not in words))
    return Words(source, dumps(words), dated, reading_text(reading))


def source_ids(saving: Saving, names: Iterable[str]) -> dict[str, int]:
    """The numbers of event sources; a new one is given one."""
    wanted = set(names)
    known = {row.name: row.id for row in saving.conn.execute(select(source)) if row.name in wanted}
    for name in sorted(wanted - known.keys()):
        known[name] = insert_one(saving.conn, source, name=name)
    return known


def _numbers(saving: Saving, wanted: set[Words]) -> dict[Words, int]:
    """The numbers of these wordings; a new one is given one."""
    digests = {words: digest_of(saving.connection, *words) for words in wanted}
    known = known_wordings(saving, digests.values())
    new = {digest: words for words, digest in digests.items() if digest not in known}
    numbers = known | dict(zip(sorted(new), bulk.free_numbers(saving.conn, wording, len(new)), strict=True))
    rows = [(numbers[digest], saving.connection, digest, *words) for digest, words in sorted(new.items())]
    bulk.insert(saving.conn, wording, ("id", "connection", "digest", *Words._fields), rows)
    return {words: numbers[digest] for words, digest in digests.items()}


def known_wordings(saving: Saving, digests: Iterable[int]) -> dict[int, int]:
    """The numbers of wordings, by digest."""
    known = select(wording.c.id, wording.c.digest).where(wording.c.connection == saving.connection)
    return {digest: number for number, digest in in_(saving.conn, known, wording.c.digest, digests)}


def _stored(saving: Saving, keys: Mapping[Key, Any], leads: set[int]) -> dict[Key, Any]:
    """The rows under these keys. The database looks through all that the leads did, which is cheap where it lies side
    by side; only what is asked for becomes objects here."""
    if not leads:
        return {}
    wanted = [key for lead, key in keys if lead in leads]
    rows = select(activity).where(among(saving.conn, activity.c.key, wanted))
    stored = in_(saving.conn, rows, activity.c.lead, leads)
    return {key: row for row in stored if (key := (row.lead, row.key)) in keys}


def _said(saving: Saving, rows: Mapping[Key, Any]) -> dict[Key, Told]:
    """What stored rows say."""
    known = select(wording.c.id, *(wording.c[name] for name in Words._fields))
    numbers = {row.wording for row in rows.values()}
    words = {number: Words(*told) for number, *told in in_(saving.conn, known, wording.c.id, numbers)}
    return {key: (row.occurred_at, words[row.wording]) for key, row in rows.items()}


def _to_past(saving: Saving, rows: Sequence[Any]) -> None:
    """Take versions out of the timeline; they stay for replay, unless this very run had learnt them."""
    past = [(saving.run, *row) for row in rows if row.learnt != saving.run]
    bulk.upsert(saving.conn, activity_past, ("until", *COLUMNS), past)
    bulk.delete(saving.conn, activity, COLUMNS[:3], [tuple(row[:3]) for row in rows])

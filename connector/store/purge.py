"""One person removed from every table, and kept out: what the law calls erasure.

A CRM goes on telling of whoever is still in it. So a mark stays behind: a salted digest of connection, object and id,
which tells nobody who it was, but lets every later page be held against it. An id is never given twice by a CRM, so a
person who comes anew, of their own will, comes with another one and is read like anybody.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, func, select, update

from connector.instants import Instant
from connector.model import Event, Record, Ref
from connector.ports import Facts, Page
from connector.store.codec import dumps, inputs_text, raws_of
from connector.store.database import Database, upsert
from connector.store.inputs import inputs_in, known_of, places_of
from connector.store.people import find_ids, in_
from connector.store.runs import claim, close_dead
from connector.store.tables import (
    OF_A_LEAD,
    activity,
    activity_past,
    connection,
    lead,
    lead_past,
    purged,
    reject,
    run,
    wording,
)

MAIL_FIELDS = frozenset({"email", "hs_additional_emails", "mail", "e-mail", "メール", "メールアドレス"})
"""Fields, in lower case, whose address is the person's own. Other fields may hold a colleague's or the owner's."""
ADDRESS = re.compile(r"[^@\s,;\"'<>=&?/\\]+@[^@\s,;\"'<>=&?/\\]+\.[^@\s,;\"'<>=&?/\\]+")


@dataclass(frozen=True, slots=True)
class Purged:
    """What a purge removed. `marks` stand for the persons' records; `removed` counts rows by table; `words` are all
    that was known of them, for whoever looks whether it is really gone."""

    at: Instant
    marks: tuple[str, ...]
    removed: Mapping[str, int]
    refs: tuple[Ref, ...] = field(repr=False)
    words: frozenset[str] = field(repr=False)
    reads_anew: tuple[str, ...] = ()


# ---- who is meant ----------------------------------------------------------------------------------------------------


def of_address(db: Database, address: str) -> list[Ref]:
    """Every record, in whatever connection, whose own address this is."""
    with db.reading() as conn:
        return [ref for ref, _ in _having(conn, {address.strip().lower()})]


def same_person(db: Database, refs: Sequence[Ref], *, only: bool = False) -> list[Ref]:
    """The records, those that were merged or converted into one with them, and, unless `only`, every record of any
    connection that has one of their addresses."""
    with db.reading() as conn:
        found = _chain(conn, set(refs))
        while not only:
            more = _chain(conn, found | {ref for ref, _ in _having(conn, _addresses(conn, found))})
            if more == found:
                break
            found = more
    return sorted(found)


def _named(conn: Connection, where: ColumnElement[bool], *more: Any) -> Sequence[Any]:
    name = connection.c.name
    rows = select(name, lead.c.object, lead.c.ext_id, *more).join(connection, connection.c.id == lead.c.connection)
    return conn.execute(rows.where(where)).all()


def _chain(conn: Connection, refs: set[Ref]) -> set[Ref]:
    """The records with all that left to them or to which they left."""
    numbers = set(_numbers(conn, refs).values())
    while True:
        heirs = [r.successor for r in in_(conn, select(lead.c.successor), lead.c.id, numbers) if r.successor]
        left = [r.id for r in in_(conn, select(lead.c.id), lead.c.successor, numbers)]
        if numbers >= {*heirs, *left}:
            break
        numbers |= {*heirs, *left}
    return refs | {Ref(*row) for row in (_named(conn, lead.c.id.in_(numbers)) if numbers else ())}


def _addresses(conn: Connection, refs: set[Ref]) -> set[str]:
    rows = in_(conn, select(lead.c.fields), lead.c.id, _numbers(conn, refs).values())
    return {address for row in rows for address in _own(row.fields)}


def _own(fields: str | None) -> set[str]:
    """The person's own addresses, in lower case."""
    told = [value or "" for name, value in raws_of(fields).items() if name.lower() in MAIL_FIELDS]
    return {address.lower() for value in told for address in ADDRESS.findall(value)}


def _having(conn: Connection, addresses: set[str]) -> Iterator[tuple[Ref, set[str]]]:
    for address in sorted(addresses):
        meant = func.lower(lead.c.fields).contains(_in_json(address), autoescape=True)
        for name, object_, id_, fields in _named(conn, meant, lead.c.fields):
            if address in (own := _own(fields)):
                yield Ref(name, object_, id_), own


def _in_json(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _numbers(conn: Connection, refs: set[Ref]) -> dict[Ref, int]:
    found: dict[Ref, int] = {}
    for name, mine in _by_connection(refs).items():
        conn_id = conn.execute(select(connection.c.id).where(connection.c.name == name)).scalar()
        found |= find_ids(conn, conn_id, mine) if conn_id is not None else {}
    return found


def _by_connection(refs: set[Ref]) -> dict[str, list[Ref]]:
    return {name: [r for r in sorted(refs) if r.connection == name] for name in sorted({r.connection for r in refs})}


# ---- what is held ----------------------------------------------------------------------------------------------------


def holdings(db: Database, refs: Sequence[Ref]) -> dict[str, int]:
    """How many rows of each table hold something of these records; only tables that have some."""
    with db.reading() as conn:
        return _holdings(conn, set(refs))


def _holdings(conn: Connection, refs: set[Ref]) -> dict[str, int]:
    numbers = list(_numbers(conn, refs).values())
    wanted = [(t, t.c.lead.in_(numbers)) for t in OF_A_LEAD] + [(lead, lead.c.id.in_(numbers))] if numbers else []
    counts = {t.name: _count(conn, t, where) for t, where in wanted}
    counts["wording"] = len(_words_of_nobody_else(conn, numbers))
    counts["reject"] = sum(len(_rejects(conn, name, mine)) for name, mine in _by_connection(refs).items())
    counts["run"] = sum(len(_runs_naming(conn, name, mine)) for name, mine in _by_connection(refs).items())
    counts["connection"] = sum(_names(_cursor(conn, name), mine) for name, mine in _by_connection(refs).items())
    return {name: n for name, n in sorted(counts.items()) if n}


def _count(conn: Connection, table: Any, where: Any) -> int:
    return int(conn.execute(select(func.count()).select_from(table).where(where)).scalar_one())


def _words_of_nobody_else(conn: Connection, numbers: Sequence[int]) -> list[int]:
    """Wordings that only these records' activities use: an address in a page's query is in one of them."""
    mine: set[int] = set()
    others: set[int] = set()
    for table in (activity, activity_past):
        mine |= {row.wording for row in in_(conn, select(table.c.wording).distinct(), table.c.lead, numbers)}
    for table in (activity, activity_past):
        used = select(table.c.wording).distinct().where(table.c.lead.not_in(list(numbers)))
        others |= {row.wording for row in in_(conn, used, table.c.wording, mine)}
    return sorted(mine - others)


def _naming(refs: Sequence[Ref]) -> re.Pattern[str]:
    ids = "|".join(re.escape(ref.id) for ref in refs)
    return re.compile(rf"(?<![0-9A-Za-z])(?:{ids})(?![0-9A-Za-z])")


def _names(text: str | None, refs: Sequence[Ref]) -> bool:
    return bool(text and _naming(refs).search(text))


def _cursor(conn: Connection, name: str) -> str | None:
    return conn.execute(select(connection.c.cursor).where(connection.c.name == name)).scalar()


def _runs_naming(conn: Connection, name: str, refs: Sequence[Ref]) -> list[Any]:
    rows = select(run.c.id, run.c.cursor, run.c.problem).join(connection, connection.c.id == run.c.connection)
    found = conn.execute(rows.where(connection.c.name == name)).all()
    return [row for row in found if _names(row.cursor, refs) or _names(row.problem, refs)]


def _rejects(conn: Connection, name: str, refs: Sequence[Ref]) -> list[Any]:
    """Rejects of these records, and those whose sentence names one of them."""
    rows = select(reject).join(run, run.c.id == reject.c.run).join(connection, connection.c.id == run.c.connection)
    found = conn.execute(rows.where(connection.c.name == name)).all()
    mine = {(ref.object, ref.id) for ref in refs}
    return [r for r in found if (r.object, r.ext_id) in mine or _names(r.why, refs) or _names(r.fix, refs)]


# ---- removal ---------------------------------------------------------------------------------------------------------


def purge(db: Database, refs: Sequence[Ref], at: Instant) -> Purged:
    """Remove these records from every table in one transaction, and leave their marks.

    Raises StoreError while a pass of one of their connections is under way; one that died can save nothing more."""
    everyone = set(refs)
    with db.writing() as conn:
        if conn.dialect.name == "sqlite":
            conn.exec_driver_sql("PRAGMA secure_delete=ON")  # what is deleted is overwritten with zeros
        marks = [mark for name, mine in _by_connection(everyone).items() for mark in _keep_out(conn, name, mine, at)]
        removed, words = _holdings(conn, everyone), _words(conn, everyone)
        numbers = list(_numbers(conn, everyone).values())
        mine = _words_of_nobody_else(conn, numbers)
        for table in OF_A_LEAD:
            conn.execute(delete(table).where(table.c.lead.in_(numbers)))
        conn.execute(delete(wording).where(wording.c.id.in_(mine)))
        conn.execute(update(lead).where(lead.c.successor.in_(numbers)).values(successor=None))
        conn.execute(delete(lead).where(lead.c.id.in_(numbers)))
        anew = [name for name, mine in _by_connection(everyone).items() if _forget_ids(conn, name, mine)]
    return Purged(at, tuple(marks), removed, tuple(sorted(everyone)), words, tuple(anew))


def _keep_out(conn: Connection, name: str, refs: Sequence[Ref], at: Instant) -> list[str]:
    """Claim the connection, so that no pass writes what is being removed, and mark the records."""
    row = conn.execute(select(connection.c.id, connection.c.salt).where(connection.c.name == name)).one()
    token, _ = claim(conn, row.id, name, at)
    close_dead(conn, row.id, at)
    salt = row.salt or secrets.token_hex(16)
    mine = update(connection).where(connection.c.id == row.id)
    conn.execute(mine.values(token=token, holder=None, salt=salt))
    marks = [mark_of(salt, ref) for ref in refs]
    upsert(conn, purged, [{"connection": row.id, "mark": mark, "at": at} for mark in marks])
    return marks


def mark_of(salt: str, ref: Ref) -> str:
    """What stays of a record that was purged: whoever has the database can ask whether it was this one, no more."""
    return blake2b(f"{ref.object}/{ref.id}".encode(), key=salt.encode(), digest_size=16).hexdigest()


def _words(conn: Connection, refs: set[Ref]) -> frozenset[str]:
    """Every text that was known of these records."""
    numbers = list(_numbers(conn, refs).values())
    told = [row.fields for row in in_(conn, select(lead.c.fields), lead.c.id, numbers)]
    past = [row.inputs for row in in_(conn, select(lead_past.c.inputs), lead_past.c.lead, numbers)]
    places = places_of(conn)
    now = [inputs_text(inputs_in(places, k.cells or ())) for k in known_of(conn, places, numbers).values()]
    mine = _words_of_nobody_else(conn, numbers)
    said = [row.words for row in in_(conn, select(wording.c.words), wording.c.id, mine)]
    values = {v for text in (*told, *past, *now) for v in raws_of(text).values() if v and isinstance(v, str)}
    return frozenset(values | {address for text in (*told, *now, *said) for address in ADDRESS.findall(text or "")})


def _forget_ids(conn: Connection, name: str, refs: Sequence[Ref]) -> bool:
    """Take ids out of rejects, runs and the connection's cursor. True: the place where an unfinished pull stands named
    one of them, so that the next pass reads everything anew."""
    for row in _rejects(conn, name, refs):
        conn.execute(delete(reject).where(and_(*(c == row._mapping[c.name] for c in reject.primary_key))))
    for row in _runs_naming(conn, name, refs):
        problem = _naming(refs).sub("…", row.problem) if row.problem else None
        conn.execute(update(run).where(run.c.id == row.id).values(cursor=_without(row.cursor, refs), problem=problem))
    before = _cursor(conn, name)
    after = _without(before, refs)
    if after != before:
        conn.execute(update(connection).where(connection.c.name == name).values(cursor=after))
    return before is not None and after is None


def _without(cursor: str | None, refs: Sequence[Ref]) -> str | None:
    """A cursor less the ids that it only remembers (they are keys of its maps); None when one of them is a place."""
    if cursor is None or not _names(cursor, refs):
        return cursor
    try:
        left = dumps(_pruned(json.loads(cursor), {ref.id for ref in refs}))
    except ValueError:
        return None
    return None if _names(left, refs) else left


def _pruned(told: Any, ids: set[str]) -> Any:
    if isinstance(told, dict):
        return {key: _pruned(value, ids) for key, value in told.items() if key not in ids}
    return [_pruned(value, ids) for value in told] if isinstance(told, list) else told


# ---- keeping out -----------------------------------------------------------------------------------------------------


def was_purged(db: Database, ref: Ref) -> bool:
    with db.reading() as conn:
        mine = connection.c.name == ref.connection
        row = conn.execute(select(connection.c.id, connection.c.salt).where(mine)).first()
        if row is None or row.salt is None:
            return False
        marked = (purged.c.connection == row.id, purged.c.mark == mark_of(row.salt, ref))
        return conn.execute(select(purged.c.at).where(*marked)).first() is not None


def without_purged(conn: Connection, mine: int, page: Page, facts: Facts) -> tuple[Page, Facts]:
    """A page and what was read from it, less everybody who was purged."""
    salt = conn.execute(select(connection.c.salt).where(connection.c.id == mine)).scalar()
    if salt is None:
        return page, facts
    marks = {mark_of(salt, ref): ref for ref in _told_of(page, facts)}
    known = in_(conn, select(purged.c.mark).where(purged.c.connection == mine), purged.c.mark, marks)
    out = {marks[row.mark] for row in known}
    return (_less(page, out), _less_facts(facts, out)) if out else (page, facts)


def _told_of(page: Page, facts: Facts) -> set[Ref]:
    refs = {r.ref for r in page.records} | {r.successor for r in page.records if r.successor}
    refs |= {e.person for e in page.events} | {r.ref for r in (*page.rejects, *facts.rejects)}
    return refs | {f.person for f in facts.activities} | {f.person for f in facts.outcomes}


def _less(page: Page, out: set[Ref]) -> Page:
    records = [_alone(r, out) for r in page.records if r.ref not in out]
    events: list[Event] = [e for e in page.events if e.person not in out]
    return replace(page, records=records, events=events, rejects=[r for r in page.rejects if r.ref not in out])


def _alone(record: Record, out: set[Ref]) -> Record:
    """Who was merged into somebody purged has no successor here."""
    return replace(record, successor=None) if record.successor in out else record


def _less_facts(facts: Facts, out: set[Ref]) -> Facts:
    return replace(
        facts,
        leads=[f for f in facts.leads if f.record.ref not in out],
        activities=[f for f in facts.activities if f.person not in out],
        outcomes=[f for f in facts.outcomes if f.person not in out],
        rejects=[r for r in facts.rejects if r.ref not in out],
    )


__all__ = ["Purged", "holdings", "mark_of", "of_address", "purge", "same_person", "was_purged", "without_purged"]

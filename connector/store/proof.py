"""Whether a person is really gone: every text of every table is looked through, and every byte of SQLite's file.

What SQLite deletes stays in free pages until it is overwritten, so the file is written anew first. PostgreSQL keeps
deleted rows until it vacuums, and its log and backups for longer; there only the tables can be shown to be clean.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Column, ColumnElement, Connection, Text, case, exc, func, or_, select

from connector.instants import parse_instant
from connector.store.database import Database
from connector.store.inputs import facts_with, places_of
from connector.store.purge import ADDRESS, Purged, holdings
from connector.store.tables import METADATA

LONG = 9
"""Characters from which on an id or number cannot be found by chance in somebody else's data."""
BLOCK = 1 << 23


@dataclass(frozen=True, slots=True)
class Proof:
    """What was looked for and what was found. `sought` counts texts; `shared` those that others have too, such as a
    title or a company, and that prove nothing. `left` counts what is still there, by table; `files` the size of each
    file that was read whole, in bytes, and `found` the places in them that hold one of the texts. `rewritten` is false
    when another program kept the file from being written anew."""

    database: str
    sought: int
    shared: int
    left: Mapping[str, int] = field(default_factory=dict)
    files: Mapping[str, int] = field(default_factory=dict)
    found: int = 0
    rewritten: bool = True

    @property
    def holds(self) -> bool:
        return not self.left and not self.found and self.rewritten


def prove(db: Database, done: Purged) -> Proof:
    """Look for everything that was known of whom `done` removed."""
    left = dict(holdings(db, done.refs))
    addresses = {w.lower() for w in done.words if ADDRESS.fullmatch(w)}
    own = {ref.id for ref in done.refs if len(ref.id) >= LONG} | addresses | {quote(a, safe="") for a in addresses}
    telling = own | {w for w in done.words if _telling(w) and not ADDRESS.fullmatch(w)}
    seen = _seen(db, telling)
    for text in own & seen.keys():
        left[seen[text]] = left.get(seen[text], 0) + 1
    rewritten = _rewritten(db)
    files = _files(db)
    ids = {f"{ref.object}{ref.id}" for ref in done.refs}
    found = sum(_found(path, (telling - seen.keys()) | own | ids) for path in files)
    sizes = {path.name: path.stat().st_size for path in files}
    shared = len(seen.keys() - own)
    return Proof(db.engine.dialect.name, len(telling) + len(ids), shared, left, sizes, found, rewritten)


def _telling(text: str) -> bool:
    """Whether a text can point at somebody: a name, a phone number, an address; not a stamp, a number or a word of
    two letters."""
    if len(text) < 3 or text.lower() in {"true", "false"}:
        return False
    try:
        parse_instant(text)
    except ValueError:
        digits = sum(c.isdigit() for c in text)
        return digits >= LONG or any(c.isalpha() for c in text)
    return False


def _stored(text: str) -> str:
    """As it stands within our JSON."""
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _pattern(text: str) -> str:
    """A text as it may stand among others: an address is not the end of a longer one, nor its beginning."""
    exact = re.escape(text)
    if ADDRESS.fullmatch(text) or "%40" in text:
        before = r"(?:(?<![0-9A-Za-z._%+\-])|(?<=%[0-9A-Fa-f]{2}))"
        return rf"(?i:{before}{exact}(?![0-9A-Za-z\-]|\.[0-9A-Za-z]))"
    return exact + (r"(?![0-9])" if text[-1].isdigit() else "")


def _seen(db: Database, texts: set[str]) -> dict[str, str]:
    """Which of the texts still stand in a table, as they are or within our JSON, and in which one. One look at each
    column that has text."""
    found: dict[str, str] = {}
    with db.reading() as conn:
        for table in (*METADATA.sorted_tables, facts_with(places_of(conn))):
            for column in (c for c in table.c if isinstance(c.type, Text)):
                wanted = sorted(texts - found.keys())
                tests = [func.max(case((_holding(column, t), 1), else_=0)) for t in wanted]
                hits = conn.execute(select(*tests)).one() if tests else ()
                maybe = [t for t, hit in zip(wanted, hits, strict=True) if hit]
                found |= {t: table.name for t in maybe if _really(conn, column, t)}
    return found


def _holding(column: Column[str], text: str) -> ColumnElement[bool]:
    plain, within = text.lower(), _stored(text.lower())
    return or_(*(func.lower(column).contains(t, autoescape=True) for t in dict.fromkeys((plain, within))))


def _really(conn: Connection, column: Column[str], text: str) -> bool:
    wanted = re.compile(f"{_pattern(text)}|{_pattern(_stored(text))}", re.IGNORECASE)
    return any(wanted.search(row[0]) for row in conn.execute(select(column).where(_holding(column, text))))


# ---- the file --------------------------------------------------------------------------------------------------------


def _files(db: Database) -> list[Path]:
    """SQLite's file and what lies beside it; none for a server's database, or one in memory."""
    name = db.engine.url.database if db.engine.dialect.name == "sqlite" else None
    if name in {None, "", ":memory:"}:
        return []
    base = Path(str(name))
    beside = [base.with_name(base.name + tail) for tail in ("", "-wal", "-journal")]
    return [path for path in beside if path.exists()]


def _rewritten(db: Database) -> bool:
    """Write SQLite's file anew and empty its log, or let PostgreSQL clear what was deleted. False: another program
    has the file open and in use."""
    if db.engine.dialect.name != "sqlite":
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
            for table in METADATA.sorted_tables:
                conn.exec_driver_sql(f"VACUUM {table.name}")
        return True
    raw = db.engine.raw_connection()
    try:
        cursor = raw.cursor()
        cursor.execute("PRAGMA temp_store=DEFAULT")  # the copy may be larger than the memory
        cursor.execute("VACUUM")
        busy, *_ = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return not busy
    except (sqlite3.OperationalError, exc.OperationalError):
        return False
    finally:
        raw.close()


def _found(path: Path, texts: Iterable[str]) -> int:
    """How many places of a file hold one of the texts, as UTF-8 and as JSON has them."""
    spellings = {text for t in texts for text in (t, _stored(t))}
    if not spellings:
        return 0
    wanted = re.compile("|".join(map(_pattern, sorted(spellings))).encode("utf-8", "replace"))
    overlap, found, kept = max(len(s.encode("utf-8", "replace")) for s in spellings) + 4, 0, b""
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            kept += block
            found += len(wanted.findall(kept))
            kept = kept[-overlap:]
            found -= len(wanted.findall(kept))
    return found + len(wanted.findall(kept))

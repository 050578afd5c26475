"""What a sandbox remembers: rows by kind and id, held in memory and written through to one SQLite file.

The file may be stopped, looked at with any SQLite tool (`SELECT * FROM row`), and written by a second process
(`leadheat sandbox poke`) while the server runs: `refresh` takes in what others wrote.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Any, TypeAlias

Row: TypeAlias = dict[str, Any]
"""JSON values by name. A row is replaced whole, never changed in place."""

_TABLES = """
CREATE TABLE IF NOT EXISTS row (
  kind TEXT NOT NULL, id TEXT NOT NULL, body TEXT, change INTEGER NOT NULL, PRIMARY KEY (kind, id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS row_change ON row (change);
"""


class State:
    """Rows by kind and id. Reading costs a dictionary look-up; `with state:` makes several writes one transaction and
    keeps other threads out meanwhile. Without a path everything lives in memory only."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        self._rows: dict[str, dict[str, Row]] = {}
        self._versions: dict[str, int] = {}
        self._lock = threading.RLock()
        self._depth = 0
        self._seen = 0
        self._version = -1
        if path:
            path.parent.mkdir(parents=True, exist_ok=True)
        # every use is under the lock, so one connection may serve all threads
        self._db = sqlite3.connect(path or ":memory:", check_same_thread=False, isolation_level=None, timeout=30)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=OFF")  # a sandbox may lose its last second when the machine dies
        self._db.executescript(_TABLES)
        self.refresh()

    def get(self, kind: str, id_: str) -> Row | None:
        """The row, or None. It is the stored value itself: read it, do not write to it."""
        return self._rows.get(kind, {}).get(id_)

    def all(self, kind: str) -> Mapping[str, Row]:
        """Every row of a kind by id, in order of first writing."""
        return self._rows.get(kind, {})

    def version(self, kind: str) -> int:
        """A number that rises by one with every row of this kind that is written or taken in."""
        return self._versions.get(kind, 0)

    def put(self, kind: str, id_: str, row: Row) -> None:
        """Write a row, in place of the one there was."""
        self.put_many(kind, [(id_, row)])

    def put_many(self, kind: str, rows: Iterable[tuple[str, Row]]) -> None:
        with self:
            these = list(rows)
            bodies = ((i, json.dumps(r, ensure_ascii=False)) for i, r in these)
            written = [(kind, i, body, self._seen + n) for n, (i, body) in enumerate(bodies, 1)]
            self._db.executemany("INSERT OR REPLACE INTO row VALUES (?, ?, ?, ?)", written)
            self._rows.setdefault(kind, {}).update(these)
            self._seen += len(these)
            self._versions[kind] = self.version(kind) + len(these)

    def drop(self, kind: str, id_: str) -> None:
        """Forget a row for good."""
        with self:
            self._seen += 1
            self._db.execute("INSERT OR REPLACE INTO row VALUES (?, ?, NULL, ?)", (kind, id_, self._seen))
            self._rows.get(kind, {}).pop(id_, None)
            self._versions[kind] = self.version(kind) + 1

    def refresh(self) -> None:
        """Take in what another process has written since. Costs one pragma when nothing was."""
        with self._lock:
            version = self._db.execute("PRAGMA data_version").fetchone()[0]
            if version == self._version or self._depth:
                return
            self._version = version
            self._take_in()

    def _take_in(self) -> None:
        with closing(self._db.execute(_NEWS, (self._seen,))) as news:
            for kind, id_, body, change in news:
                self._seen = change
                self._versions[kind] = self.version(kind) + 1
                rows = self._rows.setdefault(kind, {})
                rows.pop(id_, None) if body is None else rows.update({id_: json.loads(body)})

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def __enter__(self) -> State:
        self._lock.acquire()
        if self._depth == 0:
            self._db.execute("BEGIN IMMEDIATE")
            self._take_in()  # numbers of changes rise across processes only if each has seen the last
        self._depth += 1
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._depth -= 1
        try:
            if self._depth == 0:
                # what was written before a failure stays in memory too, so it is kept: a sandbox has no rollback
                self._db.execute("COMMIT")
        finally:
            self._lock.release()


_NEWS = "SELECT kind, id, body, change FROM row WHERE change > ? ORDER BY change"

"""How much room the stored company takes, table by table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select, text

from connector.store import SqlStore
from connector.store.tables import METADATA, activity, score

PAGES = "SELECT m.tbl_name, sum(d.pgsize) FROM dbstat d JOIN sqlite_schema m ON m.name = d.name GROUP BY m.tbl_name"
RELATIONS = "SELECT relname, pg_total_relation_size(oid) FROM pg_class WHERE relkind = 'r' AND relname = ANY(:names)"


@dataclass(frozen=True, slots=True)
class Sizes:
    """Bytes of each table with its indexes, and rows of two of them; and in which version of which database."""

    version: str
    bytes: Mapping[str, int]
    activities: int
    scores: int

    def __str__(self) -> str:
        of = self.bytes
        deeds = (of["activity"] + of["wording"]) / self.activities
        scores = (of["score"] + of["history"]) / self.scores
        leads = (of["lead"] + of["held"]) / self.scores
        return (
            f"On disk {sum(of.values()) / 1e6:,.0f} MB: {deeds:.0f} MB for a million activities with their wordings, "
            f"{scores:,.0f} MB for a million scores with their history, {leads:,.0f} MB for a million leads as the CRM "
            "told of them and what it holds of ours."
        )


def sizes_of(store: SqlStore) -> Sizes:
    """Measured where it stands. Needs SQLite's table `dbstat`, or PostgreSQL."""
    names = list(METADATA.tables)
    with store.reading() as conn:
        of_sqlite = conn.dialect.name == "sqlite"
        version = ".".join(map(str, conn.dialect.server_version_info or ()))
        rows = conn.execute(text(PAGES)) if of_sqlite else conn.execute(text(RELATIONS), {"names": names})
        found = {row[0]: int(row[1]) for row in rows if row[0] in names}
        counts = [int(conn.execute(select(func.count()).select_from(t)).scalar_one()) for t in (activity, score)]
    return Sizes(f"{'SQLite' if of_sqlite else 'PostgreSQL'} {version}", found, *counts)

"""One contender's import in a process of its own, told in JSON: `python -m importing.child CONTENDER ADDRESS SIZE`."""

from __future__ import annotations

import gc
import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text
from study.child import peak
from study.world import study

from importing.contenders import CONTENDERS, Contender
from importing.pages import Told, first, later

PAGES = "SELECT sum(d.pgsize) FROM dbstat d JOIN sqlite_schema m ON m.name = d.name WHERE m.tbl_name = :name"
RELATION = "SELECT pg_total_relation_size(:name)"


def main(name: str, address: str, leads: int, activities: int) -> None:
    town = study(leads, activities)
    contender = CONTENDERS[name](address)
    begun = imported(contender, first(town))
    room = {"stored": _stored(contender.engine), "bytes": _bytes(contender)}
    since = imported(contender, later(town))
    print(json.dumps({"first": begun, "later": since, **room, "in the end": _stored(contender.engine), "peak": peak()}))


def imported(contender: Contender, pages: Iterable[Told]) -> dict[str, Any]:
    """Activities and processor seconds, of this process and of the database's: of all pages, and of the last tenth."""
    used = partial(_used, _servers(contender.engine))
    told = [_saved(contender.ready(page, facts), len(facts.activities), used) for page, facts in pages]
    last = told[-max(1, len(told) // 10) :]
    return {
        "activities": sum(many for many, _, _ in told), "cpu": sum(own + served for _, own, served in told),
        "server": sum(served for _, _, served in told), "last": sum(many for many, _, _ in last),
        "last cpu": sum(own + served for _, own, served in last),
    }  # fmt: skip


def _saved(put: Callable[[], None], many: int, used: Callable[[], float]) -> tuple[int, float, float]:
    gc.collect(1)  # what making the page left behind is not the contender's
    own, served = time.process_time(), used()
    put()
    return many, time.process_time() - own, used() - served


def _servers(engine: Engine) -> list[Path]:
    """Where the system tells what this database's server processes have used, if they are on this machine."""
    if engine.dialect.name != "postgresql":
        return []
    with engine.connect() as conn:
        found = conn.execute(text("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")).scalars()
        return [path for pid in found if (path := Path(f"/proc/{pid}/stat")).exists()]


def _used(servers: Sequence[Path]) -> float:
    """Processor seconds; the system counts in hundredths, which come out right over many pages."""
    fields = [path.read_text().rpartition(")")[2].split() for path in servers]
    return sum(int(told[11]) + int(told[12]) for told in fields) / os.sysconf("SC_CLK_TCK")


def _stored(engine: Engine) -> int:
    with engine.connect() as conn:
        return int(conn.execute(text("SELECT count(*) FROM activity")).scalar_one())


def _bytes(contender: Contender) -> int:
    """Of the tables that hold activities, with their indexes. On SQLite it needs the table `dbstat`."""
    one = PAGES if contender.engine.dialect.name == "sqlite" else RELATION
    with contender.engine.connect() as conn:
        return sum(int(conn.execute(text(one), {"name": name}).scalar_one()) for name in contender.tables)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))

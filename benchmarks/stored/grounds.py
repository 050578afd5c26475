"""Where the stored company stands: a SQLite file, or a database of a PostgreSQL server. Each measurement has a copy."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import make_url
from study import world
from study.world import NOW

from connector.store import open_store
from stored.bulk import transfer
from stored.company import company_file, digest


@dataclass(frozen=True, slots=True)
class Ground:
    """A kind of database with the company in it. `copy` gives the address of a copy and throws that away after use."""

    name: str
    copy: Callable[[], AbstractContextManager[str]]


def sqlite(leads: int, activities: int) -> Ground:
    """The company in a file, made the first time."""
    return Ground("SQLite", partial(_file, company_file(leads, activities)))


@contextmanager
def _file(made: Path) -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="copy-", dir=world.CACHE) as folder:
        copied = Path(folder) / "town.db"
        shutil.copy(made, copied)
        os.sync()  # or the pass that is measured waits until the copy is on disk
        yield f"sqlite:///{copied}"


def postgres(address: str, leads: int, activities: int) -> Ground:
    """The same in a database of its own beside the one at `address`, made the first time. The server's user must be
    allowed to make databases."""
    name = f"leadheat_bench_{leads}_{digest()}"
    server = create_engine(make_url(address).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    if not _there(server, name):
        _drop(server, f"{name}_begun")
        _tell(server, f"CREATE DATABASE {name}_begun")
        with open_store(_beside(server, f"{name}_begun"), now=lambda: NOW) as store:
            transfer(company_file(leads, activities), store)
        _tell(server, f"ALTER DATABASE {name}_begun RENAME TO {name}")
    return Ground("PostgreSQL", partial(_database, server, name))


@contextmanager
def _database(server: Engine, made: str) -> Iterator[str]:
    copied = f"{made}_copy"
    _drop(server, copied)
    _tell(server, f"CREATE DATABASE {copied} TEMPLATE {made}{_by_files(server)}")
    try:
        yield _beside(server, copied)
    finally:
        _drop(server, copied)


def _by_files(server: Engine) -> str:
    """From version 15 on, databases are copied through the log unless one asks for files."""
    with server.connect() as conn:
        return " STRATEGY file_copy" if (conn.dialect.server_version_info or (0,)) >= (15,) else ""


def _beside(server: Engine, name: str) -> str:
    return server.url.set(database=name).render_as_string(hide_password=False)


def _there(server: Engine, name: str) -> bool:
    with server.connect() as conn:
        return conn.execute(text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": name}).first() is not None


def _drop(server: Engine, name: str) -> None:
    _tell(server, f"DROP DATABASE IF EXISTS {name}")


def _tell(server: Engine, statement: str) -> None:
    with server.connect() as conn:
        conn.execute(text(statement))

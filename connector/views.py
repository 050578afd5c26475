"""Read-only questions about what is remembered: the command line and the console ask the same ones."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, func, select

from connector.errors import user_error
from connector.instants import Instant
from connector.model import Line, Ref, Reject, Run
from connector.ports import Dossier
from connector.store.codec import ledger_of, message_of, standing_of
from connector.store.database import Database
from connector.store.gather import Readings, gather
from connector.store.replay import dossier_at
from connector.store.runs import RUNS, run_of
from connector.store.tables import HERE, UNSEEN, connection, lead, reject, run, score
from connector.words import say

_SALESFORCE_ID = re.compile(r"[0-9A-Za-z]{15}([0-9A-Za-z]{3})?")
_WHOLE_NAME = re.compile(r"([^:/]+):([^:/]+)/(.+)")
_CHECK = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


@dataclass(frozen=True, slots=True)
class Standout:
    """A lead that stands out: its points, the ledger behind them, and since when it is hot (None: it is not)."""

    ref: Ref
    points: int
    ledger: tuple[Line, ...]
    hot_since: Instant | None


# ---- leads -----------------------------------------------------------------------------------------------------------


def whole_name(text: str) -> Ref | None:
    """The record that `connection:object/id` names, known or not; None for any other text."""
    whole = _WHOLE_NAME.fullmatch(text.strip())
    return Ref(*whole.groups()) if whole else None


def find_lead(store: Database, text: str) -> list[Ref]:
    """Who may be meant: by the CRM's id, or by `connection:object/id`. Salesforce's short and long ids are alike."""
    meant, whole = _spellings(text.strip()), whole_name(text)
    ids = meant | _spellings(whole.id) if whole else meant
    with store.reading() as conn:
        found = [Ref(*row) for row in conn.execute(_BY_ID, {"ids": sorted(ids)})]
    return sorted(ref for ref in found if ref.id in meant or (whole and ref[:2] == whole[:2]))


_NAMED = connection.c.id == lead.c.connection
_BY_ID = (
    select(connection.c.name, lead.c.object, lead.c.ext_id)
    .join(connection, _NAMED)
    .where(lead.c.ext_id.in_(bindparam("ids", expanding=True)), lead.c.status != UNSEEN)
)
_BY_NAME = (
    select(lead)
    .join(connection, _NAMED)
    .where(connection.c.name == bindparam("of"), lead.c.object == bindparam("object"))
    .where(lead.c.ext_id == bindparam("ext_id"), lead.c.status != UNSEEN)
)


def _spellings(id_: str) -> set[str]:
    """The id, and what Salesforce also calls it: 15 characters, or those and three more that tell their case."""
    if _SALESFORCE_ID.fullmatch(id_) is None:
        return {id_}
    short = id_[:15]
    return {id_, short, short + "".join(_check(short[n : n + 5]) for n in (0, 5, 10))}


def _check(part: str) -> str:
    return _CHECK[sum(1 << n for n, letter in enumerate(part) if letter.isascii() and letter.isupper())]


def dossier(store: Database, ref: Ref, at: Instant | None) -> Dossier:
    """All that is known of a lead; with `at`, what was known then, and the standing before it.

    What we first heard of a lead also stands for the time before we heard of it, so that yesterday's installation can
    be asked about last month. What the CRM holds in our fields is always today's. Raises UserError when there is no
    such lead.
    """
    with store.reading() as conn:
        row = conn.execute(_BY_NAME, {"of": ref.connection, "object": ref.object, "ext_id": ref.id}).first()
        if row is None:
            fix = say("Run 'leadheat sync' first, or check the id.")
            raise user_error("LH-705", say("no lead '{id}' is known", id=str(ref)), fix=fix)
        known = gather(conn, ref.connection, [row.id], Readings())[0]
        return known if at is None else dossier_at(conn, row, known, at)


def hot_leads(store: Database, connection: str, limit: int) -> list[Standout]:
    """The hottest leads of a connection, most points first."""
    return _standouts(store, connection, limit, hot=True)


def nearly_hot(store: Database, connection: str, limit: int) -> list[Standout]:
    """The leads with the most points of those that are not hot and may become so."""
    return _standouts(store, connection, limit, hot=False)


def _standouts(store: Database, name: str, limit: int, *, hot: bool) -> list[Standout]:
    rows = select(lead.c.object, lead.c.ext_id, score).join(lead, lead.c.id == score.c.lead)
    rows = rows.join(connection, connection.c.id == score.c.connection)
    rows = rows.where(connection.c.name == name, lead.c.status == HERE, score.c.hot.is_(hot))
    if not hot:
        rows = rows.where(score.c.standing.not_like('["excluded"%'))
    rows = rows.order_by(score.c.points.desc(), lead.c.object, lead.c.ext_id).limit(limit)
    with store.reading() as conn:
        return [_standout(name, row) for row in conn.execute(rows)]


def _standout(name: str, row: Any) -> Standout:
    ref = Ref(name, row.object, row.ext_id)
    return Standout(ref, row.points, ledger_of(row.ledger), standing_of(row.standing).hot_since)


# ---- runs ------------------------------------------------------------------------------------------------------------


def list_runs(store: Database, connection_name: str | None, limit: int) -> list[Run]:
    """The latest runs, newest first; of one connection, or of all."""
    rows = RUNS.order_by(run.c.id.desc()).limit(limit)
    if connection_name is not None:
        rows = rows.where(connection.c.name == connection_name)
    with store.reading() as conn:
        return [run_of(row) for row in conn.execute(rows)]


def show_run_of(store: Database, run_id: int | None) -> Run:
    """One run; the latest when no number is given. Raises UserError when there is none."""
    with store.reading() as conn:
        return _run(conn, run_id)


def rejects_of(store: Database, run_id: int | None) -> list[Reject]:
    """What one run could not read or write; the latest's when no number is given. Raises UserError when there is no
    such run."""
    with store.reading() as conn:
        one = _run(conn, run_id)
        rows = select(reject).where(reject.c.run == one.id).order_by(reject.c.object, reject.c.ext_id, reject.c.code)
        return [_reject(one.connection, row) for row in conn.execute(rows)]


def _reject(name: str, row: Any) -> Reject:
    fix = message_of(row.fix) if row.fix else None
    return Reject(Ref(name, row.object, row.ext_id), row.code, message_of(row.why), fix)


def _run(conn: Connection, run_id: int | None) -> Run:
    rows = RUNS.order_by(run.c.id.desc()).limit(1)
    row = conn.execute(rows if run_id is None else rows.where(run.c.id == run_id)).first()
    if row is None and run_id is None:
        raise user_error("LH-611", say("there are no runs yet"), fix=say("Run 'leadheat sync' first."))
    if row is None:
        what = say("there is no run {run}", run=run_id)
        raise user_error("LH-612", what, fix=say("'leadheat runs list' shows the latest."))
    return run_of(row)


def last_runs(store: Database) -> dict[str, Run]:
    """The last finished run of each connection, by its name."""
    finished = select(func.max(run.c.id)).where(run.c.status != "running").group_by(run.c.connection)
    with store.reading() as conn:
        found: Mapping[str, Run] = {row.name: run_of(row) for row in conn.execute(RUNS.where(run.c.id.in_(finished)))}
    return dict(sorted(found.items()))

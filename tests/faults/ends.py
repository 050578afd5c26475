"""What a place holds: all of a CRM and all that the store knows, but for what every pass leaves differently."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Any, TypeAlias

from connector.results import RESULTS
from tests.faults.place import PEOPLE, Place

OURS = {"hubspot": {r.hubspot for r in RESULTS}, "salesforce": {r.salesforce for r in RESULTS}}
INSTANTS = {name for r in RESULTS if r.type == "instant" for name in (r.hubspot, r.salesforce)}
STAMPS = {
    "updated", "touched", "LastModifiedDate", "SystemModstamp", "LastModifiedById", "visible_at", "history", "stamps",
}  # fmt: skip
OWN_KINDS = {"job", "upload", "outcome", "session", "tokens", "counter"}
"""Rows that a CRM keeps about its callers: bulk jobs with their files, sessions."""
Held: TypeAlias = dict[str, Any]


def theirs(place: Place) -> Held:
    """Everything in the CRM that is not ours: no pass may ever change a jot of it."""
    told = {
        f"{kind}/{id_}": _theirs(place.name, kind, row)
        for kind, rows in _kinds(place)
        if kind not in OWN_KINDS and not kind.startswith("job")
        for id_, row in rows.items()
    }
    return {key: row for key, row in told.items() if row}


def ours(place: Place) -> Held:
    """Our fields on every person who is there, less the instants of writing."""
    held: Held = {}
    for kind in PEOPLE[place.name]:
        for id_, row in place.state.all(kind).items():
            fields = row.get("values", row)
            told = {k: _timeless(v) for k, v in fields.items() if k in OURS[place.name] and k not in INSTANTS}
            held[f"{kind}/{id_}"] = {k: v for k, v in told.items() if v not in (None, "")}
    return held


def _kinds(place: Place) -> Iterator[tuple[str, Mapping[str, Any]]]:
    place.state.refresh()
    yield from dict(place.state._rows).items()


def _theirs(crm: str, kind: str, row: Mapping[str, Any]) -> Any:
    if kind.startswith("history:"):
        return {k: v for k, v in row.items() if k not in OURS[crm]}
    if kind not in PEOPLE[crm]:
        return row
    told = {k: v for k, v in row.items() if k not in STAMPS and k not in OURS[crm]}
    if "values" in told:
        told["values"] = {k: v for k, v in told["values"].items() if k not in OURS[crm]}
    return told


def _timeless(value: Any) -> Any:
    """A text without its clock times: a score made later says the same with another hour."""
    return re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z?", "…", value) if isinstance(value, str) else value


# ---- the store -------------------------------------------------------------------------------------------------------

ITS_OWN = {"run", "reject", "book", "migration", "sweep", "seen", "staged", "alembic_version", "version"}
"""Tables about passes, not about people."""
PASSING = {
    "learnt", "seq", "gone_run", "run", "token", "holder", "renewed_at", "cursor", "book", "as_of", "next_look",
    "modified_at", "id", "wording", "until", "source", "connection",
}  # fmt: skip
"""Columns that say when or by which pass something was learnt, and surrogate numbers."""


def known(place: Place) -> Held:
    """All that the store knows of people, by table, in words: ids of its own become the CRM's."""
    with closing(sqlite3.connect(place.database)) as db:
        db.row_factory = sqlite3.Row
        leads = {r["id"]: f"{r['object']}/{r['ext_id']}" for r in db.execute("SELECT id, object, ext_id FROM lead")}
        words = {r["id"]: r["words"] for r in db.execute("SELECT id, words FROM wording")}
        tables = [r[0] for r in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        return {t: _rows(db, t, leads, words) for t in tables if t not in ITS_OWN and not t.startswith("sqlite")}


def _rows(db: sqlite3.Connection, table: str, leads: Mapping[int, str], words: Mapping[int, str]) -> list[str]:
    told = []
    for row in db.execute(f"SELECT * FROM {table}"):
        fields = {k: row[k] for k in row.keys() if k not in PASSING}  # noqa: SIM118 - a Row is no dict
        if table == "lead":
            fields["fields"] = _theirs_alone(row["fields"])
        if "lead" in fields:
            fields["lead"] = leads.get(row["lead"])
        if "wording" in row.keys():  # noqa: SIM118
            fields["words"] = words.get(row["wording"])
        told.append(_without_instants(json.dumps(fields, sort_keys=True, default=str, ensure_ascii=False)))
    return sorted(told)


def _theirs_alone(text: str | None) -> Any:
    """A record as it was read, without our own fields: what the CRM holds in those is `held`'s to say."""
    own = OURS["hubspot"] | OURS["salesforce"]
    return {k: v for k, v in json.loads(text).items() if k not in own} if text else None


def _without_instants(text: str) -> str:
    """Scored-at stamps of this and that pass, in whatever form the store keeps them."""
    names = "|".join(INSTANTS)
    text = re.sub(rf'(\\?"(?:{names})\\?": ?)(\\?"[^"]*\\?"|-?\d+|null)', r"\1…", text)
    return re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z?", "…", text)


def differences(here: Held, twin: Held) -> list[str]:
    """What is not the same, one line each, both sides cut to a readable length around the first difference."""
    told = []
    for key in sorted(here.keys() | twin.keys()):
        a, b = here.get(key), twin.get(key)
        if isinstance(a, list) and isinstance(b, list):
            told += [f"{key}: only here: {_cut(x, b)}" for x in a if x not in b]
            told += [f"{key}: only at the twin's: {_cut(x, a)}" for x in b if x not in a]
            told += [f"{key}: {len(a)} rows here, {len(b)} at the twin's"] if len(a) != len(b) else []
        elif a != b:
            told.append(f"{key}: {_cut(str(a), [str(b)])} here, {_cut(str(b), [str(a)])} at the twin's")
    return told


def _cut(text: str, others: list[str]) -> str:
    """The text from shortly before where it leaves the other that is most like it."""
    same = max((_alike(text, other) for other in others), default=0)
    return f"…{text[max(0, same - 80) : same + 160]}…"


def _alike(text: str, other: str) -> int:
    return next((n for n, (a, b) in enumerate(zip(text, other, strict=False)) if a != b), min(len(text), len(other)))

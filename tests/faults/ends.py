"""What a place holds: all of a CRM and all that the store knows, but for what every pass leaves differently."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Any, TypeAlias

from connector.model import Ref
from connector.ports import Dossier
from connector.results import RESULTS
from connector.store import open_store
from connector.views import dossier
from tests.faults.place import PEOPLE, Place

OURS = {"hubspot": {r.hubspot for r in RESULTS}, "salesforce": {r.salesforce for r in RESULTS}}
INSTANTS = {name for r in RESULTS if r.type == "instant" for name in (r.hubspot, r.salesforce)}
STAMPS = {
    "updated", "touched", "LastModifiedDate", "SystemModstamp", "LastModifiedById", "visible_at", "history", "stamps",
}  # fmt: skip
OWN_KINDS = {"account", "job", "upload", "outcome", "session", "tokens", "counter"}
"""Rows that a CRM keeps about its callers: keys, sessions, bulk jobs with their files."""
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


def known(place: Place) -> Held:
    """All that the store knows of every person, as the connector itself would be told it; and who is gone or due."""
    store = open_store(f"sqlite:///{place.database}", now=place.clock.near)
    try:
        people = _people(place)
        told: Held = {str(ref): _told(dossier(store, ref, None)) for ref, status in people.items() if status == "here"}
    finally:
        store.close()
    return told | {f"status of {ref}": status for ref, status in people.items()} | {"unsettled": _unsettled(place)}


def _people(place: Place) -> dict[Ref, str]:
    with closing(sqlite3.connect(place.database)) as db:
        rows = db.execute("SELECT object, ext_id, status FROM lead ORDER BY object, ext_id")
        return {Ref(place.name, object_, id_): status for object_, id_, status in rows}


def _unsettled(place: Place) -> int:
    """Changes that no pass has settled."""
    with closing(sqlite3.connect(place.database)) as db:
        return int(db.execute("SELECT count(*) FROM pending").fetchone()[0])


def _told(one: Dossier) -> list[str]:
    before = one.lead.before
    standing = (before.state, before.hot_number, before.handoff_number, before.by_change) if before else None
    held = {k: _timeless(v) for k, v in one.held.items() if k not in INSTANTS and v not in (None, "", "false")}
    return [
        f"created {one.lead.created_at}",
        f"standing {standing}",
        f"rejection {one.lead.rejection}",
        *(f"input {k}: {sorted(v) if isinstance(v, frozenset) else v}" for k, v in sorted(one.lead.inputs.items())),
        *sorted(
            f"activity {a.at} {a.id} {a.kind} {a.subject} {dict(a.attributes)} {a.set_aside}"
            for a in one.lead.activities
        ),
        *(f"held {k}: {v}" for k, v in sorted(held.items())),
        *(f"points {n}: {points}" for n, (_, points) in enumerate(one.history)),
        *sorted(f"outcome {o.id} {o.stage} {o.amount} {o.reason}" for o in one.outcomes),
    ]


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

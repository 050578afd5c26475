"""Property definitions: HubSpot's own and the account's (NOTES 80, 95).

The account's own, and what an admin changed of HubSpot's own, are rows `definitions:contacts` by property name.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from adapters.hubspot.sandbox.account import Account
from adapters.hubspot.sandbox.answers import Json
from adapters.hubspot.sandbox.builtin import OPTION_SETS, OWN, TABLES
from adapters.hubspot.sandbox.kinds import Kind, kind_of
from adapters.hubspot.sandbox.pipelines import BORN, pipelines
from adapters.sandbox.state import Row

FIELD_TYPES = {
    "string": ("text", "textarea", "html", "phonenumber", "file"),
    "phone_number": ("phonenumber",),
    "number": ("number",),
    "bool": ("booleancheckbox",),
    "enumeration": ("select", "radio", "checkbox", "booleancheckbox"),
    "date": ("date",),
    "datetime": ("date",),
}
"""Which widgets a type may have (NOTES 74); a datetime's is `date`."""


def definitions(account: Account, kind: Kind) -> Mapping[str, Row]:
    """The live properties of an object that this token may know of, by name."""
    return {n: row for n, row in every_definition(account, kind).items() if not row["archived"] and not secret(row)}


def definition(account: Account, kind: Kind, name: str) -> Row | None:
    """One live property, or None."""
    row = account.state.get(f"definitions:{kind.name}", name) or _own(kind).get(name)
    return _current(account, row) if row and not row["archived"] and not secret(row) else None


def every_definition(account: Account, kind: Kind) -> Mapping[str, Row]:
    """All of them, archived ones too."""
    told = {**_own(kind), **account.state.all(f"definitions:{kind.name}")}
    return {name: _current(account, row) for name, row in told.items()}


def secret(row: Row) -> bool:
    """Whether an admin keeps it as sensitive data, which no token here may read (NOTES 79)."""
    return bool(row["dataSensitivity"] != "non_sensitive")


def custom(body: Mapping[str, Any], at: str) -> Row:
    """A definition of the account's own."""
    told = {
        "name": body["name"], "label": body["label"], "type": body["type"], "fieldType": body["fieldType"],
        "groupName": body["groupName"], "options": [_option(n, o) for n, o in enumerate(body.get("options") or [])],
    }  # fmt: skip
    more = {k: body[k] for k in ("description", "displayOrder", "hidden", "formField", "hasUniqueValue") if k in body}
    return {**_shape("", own=False), **told, **more, "createdAt": at, "updatedAt": at}


def _option(n: int, told: Mapping[str, Any]) -> Json:
    usual = {"displayOrder": n, "hidden": False, "description": ""}
    return {**usual, **{k: told[k] for k in ("label", "value", "displayOrder", "hidden", "description") if k in told}}


def _shape(marks: str, *, own: bool) -> Row:
    words = marks.split()
    return {
        "description": "", "displayOrder": -1, "calculated": "calc" in words, "externalOptions": "owners" in words,
        "hasUniqueValue": False, "hidden": "hidden" in words, "formField": own and "ro" not in words, "archived": False,
        "hubspotDefined": own, "dataSensitivity": "non_sensitive", "createdAt": BORN, "updatedAt": BORN,
        "modificationMetadata": {
            "archivable": not own, "readOnlyDefinition": own, "readOnlyOptions": own, "readOnlyValue": "ro" in words,
        },
    }  # fmt: skip


@cache
def _own(kind: Kind) -> Mapping[str, Row]:
    """HubSpot's own properties of an object."""
    common = OWN.format(created=kind.created, group=f"{kind.singular}information", mark=_created_mark(kind))
    lines = [*TABLES[kind.name].strip().splitlines(), *([] if kind.name == "contacts" else common.strip().splitlines())]
    return {row["name"]: row for row in map(_line, filter(None, lines))}


def own_names(kind: Kind) -> set[str]:
    """The names that HubSpot's own properties of an object take."""
    return set(_own(kind))


def open_names(kind: Kind) -> set[str]:
    """Those of them that take any text."""
    rows = _own(kind).values()
    return {r["name"] for r in rows if r["type"] == "string" and not r["modificationMetadata"]["readOnlyValue"]} - {
        "email"
    }


def _created_mark(kind: Kind) -> str:
    return "" if kind.created == "createdate" else "ro"


def _line(line: str) -> Row:
    name, label, types, group, marks = (part.strip() for part in line.split("|"))
    type_, _, field_type = types.partition(" ")
    usual = {"type": type_, "fieldType": field_type or FIELD_TYPES[type_][0], "groupName": group}
    return {
        **_shape(marks, own=True), "name": name, "label": label, **usual, "options": _options(type_, marks),
    } | ({"source": word} if (word := _source(marks)) else {})  # fmt: skip


def _options(type_: str, marks: str) -> list[Json]:
    if type_ == "bool":
        return [_option(0, {"label": "True", "value": "true"}), _option(1, {"label": "False", "value": "false"})]
    _, found, text = marks.partition("=")
    values = (OPTION_SETS.get(text) or tuple(text.split(","))) if found else ()
    return [_option(n, {"label": v.replace("_", " ").capitalize(), "value": v}) for n, v in enumerate(values)]


def _source(marks: str) -> str:
    """What the options are read from in the account itself."""
    return next((word for word in ("owners", "pipelines", "stages") if word in marks.split()), "")


def _current(account: Account, row: Row) -> Row:
    """With the options the account gives it: its owners, its pipelines, their stages."""
    source = row.get("source")
    if source is None:
        return row
    kept = {k: v for k, v in row.items() if k != "source"}
    return {**kept, "options": [_option(n, o) for n, o in enumerate(_given(account, source))]}


def _given(account: Account, source: str) -> list[Json]:
    if source == "owners":
        return [{"label": o["email"], "value": o["id"]} for o in account.state.all("owners").values()]
    there = pipelines(kind_of("deals")).values()
    if source == "pipelines":
        return [{"label": p["label"], "value": p["id"]} for p in there]
    return [{"label": s["label"], "value": s["id"]} for p in there for s in p["stages"]]

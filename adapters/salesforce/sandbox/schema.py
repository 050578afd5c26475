"""Which objects and fields the org has, and which of them the integration user sees."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from adapters.salesforce.sandbox.standard import CUSTOM_BASE, TABLES
from adapters.sandbox.state import Row, State

TEXTS = frozenset({"string", "textarea", "email", "phone", "url", "picklist", "combobox"})
NUMBERS = frozenset({"int", "double", "currency", "percent"})
LONG = 255
"""A text area of more characters is a long text."""

METADATA_TYPES: Mapping[str, str] = {
    "Text": "string", "Number": "double", "Checkbox": "boolean", "DateTime": "datetime", "Date": "date",
    "LongTextArea": "textarea", "TextArea": "textarea", "Picklist": "picklist", "Lookup": "reference", "Url": "url",
    "Email": "email", "Phone": "phone", "Currency": "currency", "Percent": "percent",
}  # fmt: skip
_LENGTHS = {"TextArea": 255, "Url": 255, "Email": 80, "Phone": 40, "Picklist": 255, "Lookup": 18}


@dataclass(frozen=True, slots=True)
class Field:
    """A field as describe tells it, and who may see it."""

    name: str
    type: str
    label: str
    length: int = 0
    precision: int = 0
    scale: int = 0
    writable: bool = True
    required: bool = False
    hidden: bool = False
    filterable: bool = True
    values: tuple[str, ...] = ()
    restricted: bool = False
    targets: tuple[str, ...] = ()
    relationship: str | None = None
    custom: bool = False

    @property
    def long_text(self) -> bool:
        return self.type == "textarea" and self.length > LONG

    @property
    def blank(self) -> Any:
        """What a row without this field holds: a checkbox is never blank."""
        return False if self.type == "boolean" else None


Fields = Mapping[str, Field]


@dataclass(frozen=True, slots=True)
class Schema:
    """Everything there is (`all`), and what the integration user sees of it (`seen`, `editable` by `Object.Field`).
    Names are found whatever their case."""

    all: Mapping[str, Fields]
    seen: Mapping[str, Fields]
    editable: frozenset[str]
    _folded: Mapping[str, str] = field(default_factory=dict)
    _names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def object(self, name: str) -> str | None:
        """An object's name as it is written, or None."""
        return self._folded.get(name.lower())

    def find(self, object: str, name: str) -> Field | None:
        """A field the user sees."""
        written = self._names[object].get(name.lower())
        return self.seen[object].get(written) if written else None

    def may_edit(self, object: str, found: Field) -> bool:
        return found.writable and ((not found.custom and not found.hidden) or f"{object}.{found.name}" in self.editable)


def read_schema(state: State, without: Iterable[str], user_id: str) -> Schema:
    """The schema as the state's custom fields and permissions have it now."""
    every = {name: dict(standard_fields(name)) for name in TABLES if name not in without}
    for name in state.all("CustomObject"):
        if name not in without:
            every[name] = dict(standard_fields(name))
    for row in state.all("CustomField").values():
        if row["TableEnumOrId"] in every and not row.get("IsDeleted"):
            every[row["TableEnumOrId"]][row["DeveloperName"] + "__c"] = custom_field(row)
    readable, editable = _granted(state, user_id)
    closed = state.all("closed")
    seen = {
        name: {
            f.name: f
            for f in fields.values()
            if (path := f"{name}.{f.name}") not in closed and (not (f.custom or f.hidden) or path in readable)
        }
        for name, fields in every.items()
    }
    folded = {name.lower(): name for name in every}
    names = {name: {n.lower(): n for n in fields} for name, fields in every.items()}
    return Schema(every, seen, frozenset(editable), folded, names)


def schema_rows(state: State) -> list[Row]:
    """The rows a schema is read from: while they are the same, so is it."""
    kinds = ("CustomField", "CustomObject", "FieldPermissions", "PermissionSetAssignment", "closed")
    return [row for kind in kinds for row in list(state.all(kind).values())]


def _granted(state: State, user_id: str) -> tuple[set[str], set[str]]:
    """What the user's permission sets let them read, and edit (NOTES 70)."""
    assignments = state.all("PermissionSetAssignment").values()
    mine = {r["PermissionSetId"] for r in assignments if r["AssigneeId"] == user_id and not r.get("IsDeleted")}
    grants = [r for r in state.all("FieldPermissions").values() if r["ParentId"] in mine and not r.get("IsDeleted")]
    read = {r["Field"] for r in grants if r.get("PermissionsRead")}
    return read, {r["Field"] for r in grants if r.get("PermissionsEdit")} & read


@cache
def standard_fields(name: str) -> Mapping[str, Field]:
    lines = TABLES.get(name, CUSTOM_BASE).strip().splitlines()
    return {found.name: found for found in map(_line, filter(str.strip, lines))}


def _line(line: str) -> Field:
    choices, line = _choices(line)
    name, type_, *more = line.split()
    size = next((w for w in more if w[0].isdigit()), "")
    precision, _, scale = size.partition(",") if "," in size else ("0", "", "0")
    flags = set(more)
    return Field(
        name=name,
        type=type_,
        label=_label(name),
        length=int(size) if size.isdigit() and type_ != "int" else 18 if type_ == "reference" else 0,
        precision=int(size) if type_ == "int" else int(precision),
        scale=int(scale),
        writable="ro" not in flags,
        required="req" in flags,
        hidden="hid" in flags,
        filterable="nofilter" not in flags,
        values=choices,
        restricted="strict" in flags,
        targets=tuple(t for w in more if w.startswith(">") for t in w[1:].split("/")),
        relationship=next((w[4:] for w in more if w.startswith("rel=")), None),
    )


def _choices(line: str) -> tuple[tuple[str, ...], str]:
    """The picklist values of a line, which may hold blanks, and the line without them."""
    head, found, tail = line.partition(" =")
    if not found:
        return (), line
    words = tail.split(" ")
    flags = [w for w in words if w in {"strict", "req", "ro"}]
    values = " ".join(w for w in words if w not in {"strict", "req", "ro"})
    return tuple(values.split("|")), " ".join((head, *flags))


def _label(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name.removesuffix("__c")).replace("_", " ")


def custom_field(row: Row) -> Field:
    """A custom field, from the Tooling row that made it."""
    told: Mapping[str, Any] = row["Metadata"]
    type_ = str(told["type"])
    given = told.get("length")
    name = f"{row['DeveloperName']}__c"
    return Field(
        name=name,
        type=METADATA_TYPES[type_],
        label=str(told.get("label") or row["DeveloperName"]),
        length=int(given) if given else _LENGTHS.get(type_, 0),
        precision=int(told.get("precision") or (18 if type_ in {"Number", "Currency", "Percent"} else 0)),
        scale=int(told.get("scale") or 0),
        required=bool(told.get("required")),
        filterable=type_ != "LongTextArea",
        values=tuple(values_of(told)),
        restricted=bool((told.get("valueSet") or {}).get("restricted") or told.get("restricted")),
        targets=(str(told["referenceTo"]),) if told.get("referenceTo") else (),
        relationship=name[:-1] + "r" if type_ == "Lookup" else None,
        custom=True,
    )


def values_of(told: Mapping[str, Any]) -> Iterator[str]:
    """A picklist's values, from a value set as metadata has it, or from a plain list."""
    yield from (str(v) for v in told.get("values") or ())
    definition = (told.get("valueSet") or {}).get("valueSetDefinition") or {}
    yield from (str(v.get("valueName") or v.get("fullName")) for v in definition.get("value") or ())

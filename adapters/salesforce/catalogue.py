"""What this org has and lets our user see: objects and fields, by describe.

Every name that goes into a query is checked here first, because one unknown or hidden field refuses a whole query.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from connector.ports import FieldSchema

from .session import Link

TYPES = {
    "string": "text", "email": "text", "phone": "text", "url": "text", "id": "text", "reference": "text",
    "combobox": "text", "encryptedstring": "text", "boolean": "truth", "int": "number", "double": "number",
    "long": "number", "currency": "number", "percent": "number", "date": "date", "datetime": "instant",
    "picklist": "choice", "multipicklist": "choices",
}  # fmt: skip
"""Salesforce's types in our words; `textarea` is text or long text by its length, all others are `other`."""

COMPOUND = frozenset({"address", "location", "base64", "complexvalue", "anyType"})
"""Types that no query of ours selects: their parts are fields of their own, or they are files."""

LONG = 255
"""A text area of more characters is a long text, which can be neither filtered nor sorted by."""


@dataclass(frozen=True, slots=True)
class Described:
    """A field, with what our schema does not say: whether a formula fills it, and where a lookup leads."""

    schema: FieldSchema
    calculated: bool = False
    custom: bool = False
    targets: tuple[str, ...] = ()
    relationship: str | None = None
    digits: int = 0


Fields = Mapping[str, Described]


@dataclass(slots=True)
class Catalogue:
    """Describes each object once in an adapter's life."""

    link: Link
    _known: dict[str, Fields | None] = field(default_factory=dict)

    def fields(self, object_: str) -> Fields | None:
        """The visible fields by name, or None when there is no such object for us."""
        if object_ not in self._known:
            self._known[object_] = self.link.describe(object_, _fields)
        return self._known[object_]

    def find(self, object_: str, path: str) -> Described | None:
        """The field at a path such as `Campaign.Type`, following lookups; None when any step is not visible."""
        *lookups, name = path.split(".")
        for step in lookups:
            target = self._target(object_, step)
            if target is None:
                return None
            object_ = target
        return (self.fields(object_) or {}).get(name)

    def parent(self, object_: str, relationship: str) -> tuple[str, Fields]:
        """The object a lookup leads to, with its visible fields; empty when it leads nowhere for us."""
        target = self._target(object_, relationship)
        return (target, self.fields(target) or {}) if target else ("", {})

    def visible(self, object_: str, paths: Iterable[str]) -> tuple[str, ...]:
        """Those of the paths that a query may select, in order of name."""
        found = ((p, self.find(object_, p)) for p in sorted(set(paths)))
        return tuple(p for p, f in found if f and f.schema.crm_type not in COMPOUND)

    def refresh(self) -> None:
        """Forget what was described: fields were made."""
        self._known.clear()

    def _target(self, object_: str, relationship: str) -> str | None:
        fields = self.fields(object_) or {}
        leads = (f.targets[0] for f in fields.values() if f.relationship == relationship and f.targets)
        return next(leads, None)


@lru_cache(maxsize=64)
def _fields(body: bytes) -> Fields:
    """A description's fields. Each pass is told the same again."""
    return {f["name"]: _described(f) for f in json.loads(body)["fields"]}


def _described(said: Mapping[str, Any]) -> Described:
    kind = str(said["type"])
    choices = tuple(str(v["value"]) for v in said.get("picklistValues") or () if v.get("active", True))
    schema = FieldSchema(
        name=str(said["name"]),
        label=str(said.get("label") or said["name"]),
        type=_type(kind, int(said.get("length") or 0)),
        crm_type=kind,
        writable=bool(said.get("updateable")),
        length=int(said.get("length") or 0) or None,
        choices=choices,
        closed_choices=bool(said.get("restrictedPicklist")),
    )
    return Described(
        schema,
        bool(said.get("calculated")),
        bool(said.get("custom")),
        tuple(said.get("referenceTo") or ()),
        said.get("relationshipName"),
        int(said.get("precision") or 0) - int(said.get("scale") or 0),
    )


def _type(kind: str, length: int) -> str:
    if kind == "textarea":
        return "long_text" if length > LONG else "text"
    return TYPES.get(kind, "other")

"""Which properties an account has, in our words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adapters.hubspot.api import Api, Row, rows
from connector.errors import Problem, Unavailable
from connector.ports import FieldSchema, Wants
from connector.words import say

COMPANY = "company."
TYPES = {
    "string": "text", "phone_number": "text", "number": "number", "bool": "truth", "enumeration": "choice",
    "date": "date", "datetime": "instant",
}  # fmt: skip
LONG = ("textarea", "html")
TEXT_LENGTH = 65_536


def field_schema(row: Row, prefix: str = "") -> FieldSchema:
    """A property definition as a field of ours. Values of types we do not know are read as they stand."""
    crm_type, widget = str(row.get("type") or ""), str(row.get("fieldType") or "")
    kind = TYPES.get(crm_type, "other")
    if kind == "text" and widget in LONG:
        kind = "long_text"
    if kind == "choice" and widget == "checkbox":
        kind = "choices"
    choices = tuple(str(o["value"]) for o in row.get("options") or () if isinstance(o, dict) and "value" in o)
    return FieldSchema(
        prefix + str(row.get("name")), str(row.get("label") or row.get("name")), kind, crm_type, _writable(row),
        TEXT_LENGTH if kind in {"text", "long_text"} else None, choices, kind in {"choice", "choices"},
    )  # fmt: skip


def _writable(row: Row) -> bool:
    rules: Mapping[str, Any] = row.get("modificationMetadata") or {}
    return not rules.get("readOnlyValue") and not row.get("calculated")


def definitions(api: Api, object_: str) -> dict[str, FieldSchema]:
    """The live properties of an object by name; a company's under `company.`."""
    prefix = COMPANY if object_ == "companies" else ""
    told = rows(api.get("describe", api.path("properties", object_)))
    fields = [field_schema(row, prefix) for row in told if row.get("name") and not row.get("archived")]
    return {f.name: f for f in fields}


def refuse_vanished(api: Api, object_: str, names: Iterable[str], found: Sequence[Mapping[str, object]]) -> None:
    """Raise Unavailable when a property that was asked for is not there any more. HubSpot says null for a blank one and
    nothing at all for one that does not exist, so nobody would know it from a blank one. `found` are the properties of
    the records of one answer."""
    missing = [n for n in names if found and all(n not in told for told in found)]
    if not missing:
        return
    prefix = COMPANY if object_ == "companies" else ""
    gone = [n for n in missing if prefix + n not in definitions(api, object_)]
    if gone:
        what = say(
            "{connection}: {object} lost {fields} while they were read",
            connection=api.config.name, object=object_, fields=", ".join(gone),
        )  # fmt: skip
        fix = say("Was the field renamed or a permission withdrawn? See 'leadheat check'.")
        raise Unavailable(Problem("LH-515", what, fix=fix))


@dataclass(frozen=True, slots=True)
class Names:
    """The property names one pull asks for: of people, of their companies, and of people for our own use only."""

    people: tuple[str, ...]
    companies: tuple[str, ...]
    ours: tuple[str, ...] = ()

    @property
    def told(self) -> tuple[str, ...]:
        """All that a Record will hold."""
        return (*self.people, *(COMPANY + name for name in self.companies))

    @property
    def asked(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.people, *self.ours)))

    def only(self, told: frozenset[str]) -> Names:
        """These of them."""
        people = tuple(n for n in self.people if n in told)
        return Names(people, tuple(n for n in self.companies if COMPANY + n in told), self.ours)


def names_of(wants: Wants, exist: Mapping[str, FieldSchema], ours: frozenset[str]) -> Names:
    """What the mapping wants and the account has. HubSpot says nothing about names it does not know, so they are left
    out here: a field that is not there is something else than a blank one."""
    wanted = wants.people.get("contacts", frozenset()) | set(wants.results.get("contacts", {}).values())
    there = sorted(wanted & exist.keys())
    people = tuple(n for n in there if not n.startswith(COMPANY))
    companies = tuple(n.removeprefix(COMPANY) for n in there if n.startswith(COMPANY))
    return Names(people, companies, tuple(sorted(ours & exist.keys())))

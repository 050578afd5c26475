"""What the org's own users and administrators do: at once, and past every rule of the API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adapters.salesforce.sandbox import merging
from adapters.salesforce.sandbox.jobs_ingest import run_due
from adapters.salesforce.sandbox.org import ADMIN_ID, REP_ID, Org, custom_fields, grant, make_field
from adapters.salesforce.sandbox.rows import STAMPS, delete, insert, update
from adapters.salesforce.sandbox.schema import METADATA_TYPES
from adapters.salesforce.sandbox.stamps import instant, stamp
from adapters.salesforce.sandbox.values import taken
from connector.instants import SECOND


@dataclass(frozen=True, slots=True)
class Desk:
    """Deeds by object and id. Values may be given as text; a name that is no field raises KeyError."""

    org: Org

    def add(self, object: str, **fields: Any) -> str:
        """Create a record; returns its id. Required fields that are not given get something."""
        need = {"Lead": {"LastName": "名無し", "Company": "(未記入)"}, "Contact": {"LastName": "名無し"}}
        preset = {"OwnerId": REP_ID, "Status": "Open - Not Contacted"} if object == "Lead" else {}
        return insert(self.org, object, {**need.get(object, {}), **preset, **_values(self.org, object, fields)})

    def change(self, object: str, id: str, **fields: Any) -> None:
        update(self.org, object, [(id, _values(self.org, object, fields))], REP_ID)

    def delete(self, object: str, id: str) -> None:
        delete(self.org, object, id, REP_ID)

    def merge(self, object: str, loser: str, winner: str) -> str:
        """Merge two records of an object; returns the id that carries on."""
        return merging.merge(self.org, object, loser, winner)

    def convert(self, lead: str, *, deal: str | None = None) -> str:
        """Convert a lead, perhaps into an opportunity of that name; returns the contact's id."""
        return merging.convert(self.org, lead, deal)

    def shown(self, object: str, id: str) -> dict[str, str | None]:
        """All fields of a record as text, without Salesforce's own stamps."""
        run_due(self.org)
        row = self.org.state.all(object)[id]
        fields = self.org.schema.all[object].values()
        return {f.name: text(row.get(f.name, f.blank)) for f in fields if f.name not in STAMPS and f.type != "address"}

    def add_event(self, object: str, person: str, **fields: Any) -> str:
        """Something a person did: a Task, Event, CampaignMember, EmailMessage or Web_Activity__c of theirs."""
        return merging.add_event(self.org, object, person, _values(self.org, object, fields))

    def define_field(self, object: str, name: str, type: str, *, visible: bool = True, **more: Any) -> None:
        """A custom field by its metadata type (`Number`, `Text`, …), seen by the integration user unless not
        `visible`."""
        if type not in METADATA_TYPES:
            raise KeyError(type)
        sizes = {"Number": {"precision": 18, "scale": 0}, "Text": {"length": 255}, "LongTextArea": {"length": 32_000}}
        told = {"label": name.removesuffix("__c").replace("_", " "), **sizes.get(type, {}), **more, "type": type}
        make_field(self.org, object, name.removesuffix("__c"), told)
        if visible:
            self.hide_field(object, name, hidden=False)

    def drop_field(self, object: str, name: str) -> None:
        for row in custom_fields(self.org, object):
            if row["DeveloperName"] + "__c" == name:
                self.org.state.put("CustomField", row["Id"], row | {"IsDeleted": True})

    def hide_field(self, object: str, name: str, *, hidden: bool = True) -> None:
        """Take a field's visibility from the integration user, whoever had granted it; or give it back."""
        path = f"{object}.{name}"
        if hidden:
            self.org.state.put("closed", path, {"SystemModstamp": stamp(self.org.now())})
            return
        self.org.state.drop("closed", path)
        if self.org.schema.find(object, name) is None:
            grant(self.org, path)

    def refuse_writes(self, object: str, id: str) -> None:  # noqa: ARG002 - one shape for both sandboxes
        """A validation rule refuses this record from now on."""
        self.org.state.put("rule", id, {"message": "入力規則: この状態では更新できません"})

    def same_instant(self, object: str, ids: Sequence[str]) -> None:
        """Give records one stamp, later than any before, as a mass load does."""
        rows = self.org.state.all(object)
        latest = max(row["SystemModstamp"] for row in list(rows.values()))
        at = stamp(max(self.org.now(), instant(latest) + SECOND))
        told = {"SystemModstamp": at, "LastModifiedDate": at, "LastModifiedById": ADMIN_ID}
        self.org.state.put_many(object, [(id_, rows[id_] | told) for id_ in ids])


def _values(org: Org, object: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    known = org.schema.all[object]
    return {name: taken(known[name], value)[0] if known[name].writable else value for name, value in fields.items()}


def text(value: Any) -> str | None:
    """A value as text, as the adapters read it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return None if value is None else str(value)

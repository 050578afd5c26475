"""What stands between a call and a row: fields, ids, locks, rules, duplicates, assignment (NOTES 46-67)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug.wrappers import Request

from adapters.salesforce.sandbox.answers import Trouble
from adapters.salesforce.sandbox.ids import whole_id
from adapters.salesforce.sandbox.org import ADMIN_ID, QUEUE_ID, REP_ID, Org
from adapters.salesforce.sandbox.permissions import objection
from adapters.salesforce.sandbox.rows import anything, current, visible
from adapters.salesforce.sandbox.schema import Field
from adapters.salesforce.sandbox.values import required, taken
from adapters.sandbox.state import Row

ASSIGNED = frozenset({"Lead", "Contact"})
PRESET: Mapping[str, Row] = {
    "Lead": {"Status": "Open - Not Contacted"},
    "Task": {"Status": "Not Started", "Priority": "Normal"},
    "CampaignMember": {"Status": "Sent"},
}


@dataclass(frozen=True, slots=True)
class Call:
    """How a write was sent: whether assignment rules run, and whether an alert of duplicates is passed over."""

    assign: bool = False
    allow_save: bool = False


def call_of(request: Request) -> Call:
    """Assignment rules run unless the header says otherwise (NOTES 66)."""
    assign = request.headers.get("Sforce-Auto-Assign", "TRUE").upper() != "FALSE"
    duplicates = request.headers.get("Sforce-Duplicate-Rule-Header", "").replace(" ", "").lower()
    return Call(assign, "allowsave=true" in duplicates)


def unknown_field(org: Org, object: str, names: Mapping[str, Any]) -> Trouble | None:
    """The first name that is no field the user sees. Salesforce looks at names before it looks at ids (NOTES 31)."""
    for name in names:
        if name.lower() not in {"attributes", "id"} and org.schema.find(object, name) is None:
            return Trouble("INVALID_FIELD", f"No such column '{name}' on sobject of type {object}")
    return None


def target(org: Org, object: str, given: Any) -> str | Trouble:
    """The id a row is written under, or why there is none."""
    whole = whole_id(given) if isinstance(given, str) else None
    if whole is None:
        if not given:
            return Trouble("MISSING_ARGUMENT", "Id not specified in an update call", ())
        return Trouble("MALFORMED_ID", f"{object} ID: id value of incorrect type: {given}", ("Id",))
    row = current(org, object, whole)
    if row is None:
        return Trouble("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", ())
    if row.get("IsDeleted"):
        return Trouble("ENTITY_IS_DELETED", "entity is deleted", ())
    return whole


def changed(org: Org, call: Call, object: str, id_: str, given: Mapping[str, Any]) -> Row | Trouble:
    """What an update makes of a row, or why it is refused."""
    row = current(org, object, id_) or {}
    if row.get("IsConverted"):
        return Trouble("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead", ())
    if org.memory.locks.get(id_, 0) > 0:
        org.memory.locks[id_] -= 1
        message = "unable to obtain exclusive access to this record or 1 records: " + id_
        return Trouble("UNABLE_TO_LOCK_ROW", message, ())
    values = _values(org, object, given)
    if isinstance(values, Trouble):
        return values
    rule = org.state.get("rule", id_)
    if rule:
        return Trouble("FIELD_CUSTOM_VALIDATION_EXCEPTION", rule["message"], ())
    return _duplicate(org, call, object, {**row, **values}) or values | _assignment(org, call, object, row)


def created(org: Org, call: Call, object: str, given: Mapping[str, Any]) -> Row | Trouble:
    """A new row's fields, or why there is none."""
    values = _values(org, object, given)
    if isinstance(values, Trouble):
        return values
    values = PRESET.get(object, {}) | values
    fields = org.schema.seen[object].values()
    missing = [f.name for f in fields if f.required and f.writable and values.get(f.name) is None]
    if missing:
        return required(*missing)
    refusal = objection(org, object, values) or _duplicate(org, call, object, values)
    if refusal:
        return refusal
    owner = {"OwnerId": REP_ID} if org.schema.find(object, "OwnerId") and not values.get("OwnerId") else {}
    return values | owner | _assignment(org, call, object, values)


def _values(org: Org, object: str, given: Mapping[str, Any]) -> Row | Trouble:
    values: Row = {}
    for name, value in given.items():
        field = org.schema.find(object, name)
        if field is None or field.name == "Id":
            continue
        if not org.schema.may_edit(object, field):
            message = (
                f"Unable to create/update fields: {field.name}. Please check the security settings of this field and "
                "verify that it is read/write for your profile or permission set."
            )
            return Trouble("INVALID_FIELD_FOR_INSERT_UPDATE", message, (field.name,))
        stored, refusal = taken(field, value)
        refusal = refusal or _dangling(org, field, stored)
        if refusal:
            return refusal
        values[field.name] = stored
    return values


def _dangling(org: Org, field: Field, value: Any) -> Trouble | None:
    """A lookup must lead to a row of the right kind that is there."""
    if field.type != "reference" or value is None:
        return None
    found = anything(org, value)
    if found is None or found[1].get("IsDeleted") or found[0] not in field.targets:
        return Trouble("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", (field.name,))
    if found[1].get("IsConverted"):
        return Trouble("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead", (field.name,))
    return None


def _assignment(org: Org, call: Call, object: str, row: Row) -> Row:
    """The active rule moves the owner of whatever is written without a word against it (NOTES 66)."""
    if not call.assign or not org.options.assignment_rule or object not in ASSIGNED:
        return {}
    # the rule tells the new owner by mail, and nothing takes that back
    org.memory.mails.append(str(row.get("Id") or ""))
    other = ADMIN_ID if row.get("OwnerId") != ADMIN_ID else REP_ID
    return {"OwnerId": QUEUE_ID if object == "Lead" else other}


def _duplicate(org: Org, call: Call, object: str, row: Row) -> Trouble | None:
    """A duplicate rule by e-mail address (NOTES 67)."""
    rule = org.options.duplicate_rule
    if rule == "off" or object not in ASSIGNED or not row.get("Email") or (rule == "alert" and call.allow_save):
        return None
    same = [r["Id"] for r in visible(org, object) if r.get("Email") == row["Email"] and r["Id"] != row.get("Id")]
    if not same:
        return None
    result = {
        "allowSave": rule == "alert",
        "duplicateRule": f"Standard_{object}_Duplicate_Rule",
        "duplicateRuleEntityType": object,
        "errorMessage": "Use one of these records?",
        "matchResults": [{"entityType": object, "matchRecords": [{"record": {"Id": i}} for i in same]}],
    }
    return Trouble("DUPLICATES_DETECTED", "Use one of these records?", None, {"duplicateResult": result})

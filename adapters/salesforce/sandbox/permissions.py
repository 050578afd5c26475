"""Permission sets as rows: what the API refuses of them (NOTES 70-72)."""

from __future__ import annotations

from adapters.salesforce.sandbox.answers import Trouble
from adapters.salesforce.sandbox.org import Org
from adapters.salesforce.sandbox.rows import visible
from adapters.sandbox.state import Row

_KEYS = {
    "FieldPermissions": ("ParentId", "Field"),
    "ObjectPermissions": ("ParentId", "SobjectType"),
    "PermissionSet": ("Name",),
    "PermissionSetAssignment": ("AssigneeId", "PermissionSetId"),
}


def objection(org: Org, object: str, values: Row) -> Trouble | None:
    """Why a row of permissions is not taken: a field that cannot be granted, or a row that is there already."""
    key = _KEYS.get(object)
    if key is None:
        return None
    if object == "FieldPermissions" and (refusal := _field_objection(org, values)):
        return refusal
    if any(all(row.get(k) == values.get(k) for k in key) for row in visible(org, object)):
        code = "DUPLICATE_DEVELOPER_NAME" if object == "PermissionSet" else "DUPLICATE_VALUE"
        return Trouble(code, "duplicate value found: <unknown> duplicates value on record with id: <unknown>", ())
    return None


def _field_objection(org: Org, values: Row) -> Trouble | None:
    path = str(values["Field"])
    name, _, field_name = path.partition(".")
    field = org.schema.all.get(name, {}).get(field_name)
    if field is None or name != values["SobjectType"] or not (field.custom or field.hidden):
        message = f"Field Name: bad value for restricted picklist field: {path}"
        return Trouble("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message, ("Field",))
    if field.required:
        message = f"You cannot deploy to a required field: {path}"
        return Trouble("FIELD_INTEGRITY_EXCEPTION", message, ("Field",))
    if values.get("PermissionsEdit") and not values.get("PermissionsRead"):
        return Trouble("FIELD_INTEGRITY_EXCEPTION", "Permission Edit depends on permission(s): Read", ())
    return None

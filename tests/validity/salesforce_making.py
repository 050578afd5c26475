"""What Salesforce asks of the requests that make our fields and show them to our user."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.validity.salesforce_metadata import ill_defined, unlike
from tests.validity.salesforce_rules import Asked, rule
from tests.validity.salesforce_values import id_of


@rule("field")
def field_definition(asked: Asked) -> Iterator[str]:
    body = asked.document
    if body.keys() != {"FullName", "Metadata"}:
        yield "a field is made of its FullName and its Metadata"
        return
    ill = list(unlike("tns:CustomField", body["Metadata"], "Metadata"))
    yield from ill or ill_defined(body["FullName"], body["Metadata"])


@rule("permission set")
def permission_set(asked: Asked) -> Iterator[str]:
    body = asked.document
    yield from unlike("tns:PermissionSet", {"label": body.get("Label")}, "PermissionSet")
    if body.keys() != {"Name", "Label"} or not re.fullmatch(r"[A-Za-z](?:_?[A-Za-z0-9])*", str(body.get("Name"))):
        yield "a permission set is a Name of letters, digits and single underscores, and a Label"


@rule("field permission")
def field_permission(asked: Asked) -> Iterator[str]:
    body = asked.document
    if body.keys() != {"ParentId", "SobjectType", "Field", "PermissionsRead", "PermissionsEdit"}:
        yield "a grant names its set, object, field and both rights"
        return
    granted = {"editable": body["PermissionsEdit"], "field": body["Field"], "readable": body["PermissionsRead"]}
    yield from unlike("tns:PermissionSetFieldPermissions", granted, "fieldPermissions")
    if body["PermissionsEdit"] and not body["PermissionsRead"]:
        yield "who may edit may read"
    if id_of(body["ParentId"]) is None or not str(body["Field"]).startswith(f"{body['SobjectType']}.Leadheat_"):
        yield "we grant our own fields, by our own set"


@rule("assignment")
def assignment(asked: Asked) -> Iterator[str]:
    body = asked.document
    if body.keys() != {"AssigneeId", "PermissionSetId"} or any(id_of(v) is None for v in body.values()):
        yield "an assignment is two ids"


MAKING = (field_definition, permission_set, field_permission, assignment)

"""The Tooling API, as much of it as making a custom field takes (NOTES 68-73)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from werkzeug.wrappers import Request, Response

from adapters.salesforce.sandbox.answers import json_answer, no_content, object_body, refused
from adapters.salesforce.sandbox.ids import whole_id
from adapters.salesforce.sandbox.org import Org, make_field
from adapters.salesforce.sandbox.query import text_of
from adapters.salesforce.sandbox.schema import METADATA_TYPES
from adapters.salesforce.sandbox.soql import unknown_object
from adapters.salesforce.sandbox.soql_parse import Many, Node, Not, Query, Test, parse
from adapters.salesforce.sandbox.stamps import stamp
from adapters.sandbox.state import Row

_NAME = re.compile(r"(?P<object>\w+)\.(?P<name>[A-Za-z](?:_?[A-Za-z0-9])*)__c")
_MUST: Mapping[str, tuple[str, ...]] = {
    "Number": ("precision", "scale"),
    "Currency": ("precision", "scale"),
    "Percent": ("precision", "scale"),
    "Checkbox": ("defaultValue",),
    "LongTextArea": ("length", "visibleLines"),
    "Text": ("length",),
    "Picklist": ("valueSet",),
    "Lookup": ("referenceTo",),
}
LONGEST_NAME = 40


def create_field(org: Org, request: Request, version: str) -> Response:
    """`POST tooling/sobjects/CustomField`. The field exists from now on, and nobody sees it (NOTES 70)."""
    if not org.options.tooling:
        raise refused(403, "INSUFFICIENT_ACCESS", "insufficient access rights on object id")
    body = object_body(request)
    found = _NAME.fullmatch(str(body.get("FullName", "")))
    if found is None or len(found["name"]) > LONGEST_NAME:
        raise refused(400, "INVALID_FIELD", "The full name of a custom field is Object.Name__c", ["FullName"])
    name = org.schema.object(found["object"])
    if name is None:
        raise refused(400, "INVALID_CROSS_REFERENCE_KEY", f"Entity of type {found['object']} cannot be found", [])
    taken = {row["DeveloperName"].lower() for row in _fields(org) if row["TableEnumOrId"] == name}
    if found["name"].lower() in taken:
        message = f"There is already a field named {found['name']} on {name}."
        raise refused(400, "DUPLICATE_DEVELOPER_NAME", message, ["DeveloperName"])
    metadata = _metadata(body.get("Metadata"))
    id_ = make_field(org, name, found["name"], metadata)
    return json_answer({"id": id_, "success": True, "errors": [], "warnings": [], "infos": []}, 201)


def _metadata(given: Any) -> dict[str, Any]:
    """A field's definition, which is refused when something its type needs is lacking (NOTES 69)."""
    told = given if isinstance(given, dict) else {}
    if not told.get("label"):
        raise refused(400, "REQUIRED_FIELD_MISSING", "Required fields are missing: [Label]", ["Label"])
    type_ = told.get("type")
    if type_ not in METADATA_TYPES:
        raise refused(400, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", f"'{type_}' is not a valid FieldType", ["Type"])
    for name in _MUST.get(str(type_), ()):
        if told.get(name) is None:
            message = f"Must specify '{name}' for a CustomField of type {type_}"
            raise refused(400, "FIELD_INTEGRITY_EXCEPTION", message, [name])
    return told


def delete_field(org: Org, request: Request, version: str, id_: str) -> Response:
    """`DELETE tooling/sobjects/CustomField/{id}`"""
    row = _field(org, id_)
    org.state.put("CustomField", row["Id"], row | {"IsDeleted": True, "SystemModstamp": stamp(org.now())})
    return no_content()


def get_field(org: Org, request: Request, version: str, id_: str) -> Response:
    """`GET tooling/sobjects/CustomField/{id}`"""
    return json_answer(_told(_field(org, id_)))


def _field(org: Org, given: str) -> Row:
    row = org.state.get("CustomField", whole_id(given) or "")
    if row is None or row.get("IsDeleted"):
        raise refused(404, "NOT_FOUND", "The requested resource does not exist")
    return row


def _fields(org: Org) -> list[Row]:
    return [row for row in list(org.state.all("CustomField").values()) if not row.get("IsDeleted")]


def _told(row: Row) -> dict[str, Any]:
    full = f"{row['TableEnumOrId']}.{row['DeveloperName']}__c"
    told = {name: row[name] for name in ("Id", "DeveloperName", "TableEnumOrId", "Metadata")}
    return told | {"FullName": full, "NamespacePrefix": None, "EntityDefinitionId": row["TableEnumOrId"]}


# ---- queries ---------------------------------------------------------------------------------------------------------


def query(org: Org, request: Request, version: str) -> Response:
    """`GET tooling/query`: custom fields, field definitions, and nothing of what the CLI looks for (NOTES 104)."""
    asked = parse(text_of(request))
    rows = _rows(org, asked)
    found = [row for row in rows if _holds(asked.where, row)][: asked.limit]
    if any(item.function for item in asked.items):
        return json_answer({"size": len(found), "totalSize": len(found), "done": True, "records": []})
    records = [_shown(asked, row) for row in found]
    head = {"size": len(found), "totalSize": len(found), "done": True, "queryLocator": None}
    return json_answer({**head, "entityTypeName": asked.object, "records": records})


def _rows(org: Org, asked: Query) -> Sequence[Mapping[str, Any]]:
    name = asked.object.lower()
    if name == "customfield":
        return [_told(row) for row in _fields(org)]
    if name in {"fielddefinition", "entityparticle"}:
        return _definitions(org)
    if name == "entitydefinition":
        return [{"QualifiedApiName": object_, "DurableId": object_} for object_ in org.schema.all]
    if name == "sandboxprocess":
        return []
    raise unknown_object(asked.text, asked.object, asked.object_at)


def _definitions(org: Org) -> list[dict[str, Any]]:
    """Every field there is, also those that the user does not see."""
    return [
        {
            "QualifiedApiName": field.name,
            "DeveloperName": field.name.removesuffix("__c"),
            "Label": field.label,
            "DataType": field.type,
            "Length": field.length,
            "DurableId": f"{name}.{field.name}",
            "EntityDefinitionId": name,
            "EntityDefinition.QualifiedApiName": name,
        }
        for name, fields in org.schema.all.items()
        for field in fields.values()
    ]


def _holds(node: Node | None, row: Mapping[str, Any]) -> bool:
    if node is None:
        return True
    if isinstance(node, Not):
        return not _holds(node.node, row)
    if isinstance(node, Many):
        parts = (_holds(n, row) for n in node.nodes)
        return all(parts) if node.word == "AND" else any(parts)
    return _passes(node, row)


def _passes(test: Test, row: Mapping[str, Any]) -> bool:
    value = str(_at(row, test.path)).lower()
    wanted = [str(c.value[0] if c.kind == "string" else c.value).lower() for c in test.values]
    if test.operator == "LIKE":
        return re.fullmatch(re.escape(wanted[0]).replace("%", ".*").replace("_", "."), value) is not None
    return (value in wanted) == (test.operator in {"=", "IN"})


def _at(row: Mapping[str, Any], path: str) -> Any:
    folded = {name.lower(): value for name, value in row.items()}
    if path.lower() not in folded:
        raise refused(400, "INVALID_FIELD", f"No such column '{path}' on this entity.")
    return folded[path.lower()]


def _shown(asked: Query, row: Mapping[str, Any]) -> dict[str, Any]:
    record: dict[str, Any] = {"attributes": {"type": asked.object}}
    for item in asked.items:
        *parents, last = item.path.split(".")
        inside = record
        for name in parents:
            inside = inside.setdefault(name, {"attributes": {"type": name}})
        inside[last] = _at(row, item.path)
    return record

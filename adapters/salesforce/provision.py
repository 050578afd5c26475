"""Making our fields: custom fields by the Tooling API, and the permission set that shows them to our user.

A field made by API is visible to nobody, administrators included, until a permission set grants it. So a field that
describe does not show may exist all the same; that Salesforce says when we try to make it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from adapters.http import Refused
from connector.ports import FieldChange
from connector.results import Result
from connector.words import say

from .answers import codes_of, unreadable
from .catalogue import Catalogue, Described
from .session import Link
from .soql import id18, quoted

PERMISSION_SET = "Leadheat_Integration"
DUPLICATE = frozenset({"DUPLICATE_DEVELOPER_NAME", "DUPLICATE_VALUE"})
ALIKE = {
    "number": {"number"},
    "truth": {"truth"},
    "instant": {"instant"},
    "choice": {"choice", "text"},
    "text": {"text"},
    "long_text": {"long_text"},
}
"""Types of an existing field that hold our result. A text holds a choice as well, without a list to pick from."""

Wanted = Mapping[str, Sequence[tuple[str, Result]]]


def provision(link: Link, catalogue: Catalogue, wanted: Wanted, *, apply: bool) -> Iterator[FieldChange]:
    """Say what is missing and, with `apply`, make it; nothing is made when anything clashes."""
    catalogue.refresh()
    steps = [(_step(catalogue, o, name, result), result) for o, these in wanted.items() for name, result in these]
    ready = apply and not any(step.action == "clash" for step, _ in steps)
    for step, result in steps:
        if ready and step.action == "create":
            _create(link, step, result)
            step = FieldChange(step.object, step.field, step.action, step.what, done=True)  # noqa: PLW2901 - the step as done
        yield step
    if ready:
        _show(link, [f"{step.object}.{step.field}" for step, _ in steps])
        catalogue.refresh()


def _step(catalogue: Catalogue, object_: str, name: str, result: Result) -> FieldChange:
    fields = catalogue.fields(object_)
    if fields is None:
        return FieldChange(object_, name, "clash", say("this org does not show the object to our user"))
    found = fields.get(name)
    if found is None:
        return FieldChange(object_, name, "create", say("will be created"))
    clash = _clash(found, result)
    if clash:
        return FieldChange(object_, name, "clash", say("exists with another type ({type})", type=clash))
    return FieldChange(object_, name, "exists", say("is there"))


def _clash(found: Described, result: Result) -> str | None:
    """The field's type as Salesforce says it, if it cannot hold our result."""
    schema = found.schema
    if schema.type not in ALIKE[result.type] or found.calculated:
        return schema.crm_type
    if result.length and schema.length and schema.length < result.length:
        return f"{schema.crm_type}({schema.length})"
    return None


# ---- fields ----------------------------------------------------------------------------------------------------------


def _create(link: Link, step: FieldChange, result: Result) -> None:
    body = {"FullName": f"{step.object}.{step.field}", "Metadata": metadata(result)}
    _post_once(link, "tooling/sobjects/CustomField", body)


def _post_once(link: Link, path: str, body: Mapping[str, Any]) -> None:
    """Create what may be there already: an answer lost on the wire is asked for again, and the first call counted."""
    try:
        link.call("POST", path, "provision", body)
    except Refused as error:
        if not codes_of(error) & DUPLICATE:
            raise


def metadata(result: Result) -> dict[str, Any]:
    """A field's definition, in the words of Salesforce's Metadata API. A choice is a list that is not closed, so that
    no wording of ours is ever refused."""
    label = {"label": f"Leadheat {result.en}"[:40], "description": result.ja}
    if result.type == "number":
        return {**label, "type": "Number", "precision": 9, "scale": 0, "required": False}
    if result.type == "truth":
        return {**label, "type": "Checkbox", "defaultValue": "false"}
    if result.type == "instant":
        return {**label, "type": "DateTime", "required": False}
    if result.type == "choice":
        values = [{"fullName": name, "label": en, "default": False} for name, _, en in result.choices]
        definition = {"sorted": False, "value": values}
        return {**label, "type": "Picklist", "valueSet": {"restricted": False, "valueSetDefinition": definition}}
    if result.type == "long_text":
        return {**label, "type": "LongTextArea", "length": result.length or 4_000, "visibleLines": 5}
    return {**label, "type": "Text", "length": result.length or 255, "required": False}


# ---- who sees them ---------------------------------------------------------------------------------------------------


def _show(link: Link, fields: Sequence[str]) -> None:
    """Grant the fields by our permission set, and the set to the user that we run as."""
    parent = _permission_set(link)
    granted = {r["Field"] for r in _rows(link, f"SELECT Field FROM FieldPermissions WHERE ParentId = {quoted(parent)}")}
    for name in (f for f in fields if f not in granted):
        body = {
            "ParentId": parent,
            "SobjectType": name.partition(".")[0],
            "Field": name,
            "PermissionsRead": True,
            "PermissionsEdit": True,
        }
        _post_once(link, "sobjects/FieldPermissions", body)
    _assign(link, parent)


def _permission_set(link: Link) -> str:
    named = f"SELECT Id FROM PermissionSet WHERE Name = {quoted(PERMISSION_SET)}"
    found = _rows(link, named)
    if not found:
        _post_once(link, "sobjects/PermissionSet", {"Name": PERMISSION_SET, "Label": "Leadheat Integration"})
        found = _rows(link, named)
    return str(found[0]["Id"])


def _assign(link: Link, parent: str) -> None:
    user = _running_user(link)
    where = f"AssigneeId = {quoted(user)} AND PermissionSetId = {quoted(parent)}"
    if not _rows(link, f"SELECT Id FROM PermissionSetAssignment WHERE {where}"):
        _post_once(link, "sobjects/PermissionSetAssignment", {"AssigneeId": user, "PermissionSetId": parent})


def _running_user(link: Link) -> str:
    """The user whom our token stands for."""
    said = link.who()
    if not isinstance(said, Mapping) or not said.get("user_id"):
        raise unreadable(link.config, "GET /services/oauth2/userinfo")
    return id18(str(said["user_id"]))


def _rows(link: Link, soql: str) -> list[Mapping[str, Any]]:
    """All rows of a small query."""
    said = link.query(soql)
    rows = list(said["records"])
    while not said["done"]:
        said = link.more(said["nextRecordsUrl"])
        rows += said["records"]
    return rows

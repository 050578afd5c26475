"""Property definitions and their groups over the API (NOTES 95 to 98)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from werkzeug.wrappers import Request, Response

from adapters.hubspot.sandbox.account import Account
from adapters.hubspot.sandbox.answers import (
    Json,
    Refusal,
    asked_truth,
    bad_json,
    body_of,
    id_of,
    inputs_of,
    invalid,
    iso_ms,
    not_found,
)
from adapters.hubspot.sandbox.batch import MOST, answered
from adapters.hubspot.sandbox.definitions import FIELD_TYPES, custom, definition, definitions, every_definition
from adapters.hubspot.sandbox.kinds import Kind, kind_of
from adapters.sandbox.server import json_response
from adapters.sandbox.state import Row

REQUIRED = ("name", "label", "type", "fieldType", "groupName")
OPTION_PARTS = ("label", "value", "displayOrder", "hidden")
CHANGEABLE = ("label", "description", "groupName", "options", "displayOrder", "hidden", "formField", "fieldType")
CUSTOM_PROPERTIES, UNIQUE_PROPERTIES = 1_000, 10
_NAME = re.compile(r"[a-z][a-z0-9_]{0,99}")


def list_properties(account: Account, request: Request, word: str) -> Response:
    """GET all, live ones or archived ones."""
    kind = kind_of(word)
    if asked_truth(request, "archived"):
        found = [row for row in every_definition(account, kind).values() if row["archived"]]
    else:
        found = list(definitions(account, kind).values())
    return json_response({"results": found})


def read_property(account: Account, request: Request, word: str, name: str) -> Response:
    kind = kind_of(word)
    if asked_truth(request, "archived"):
        row = every_definition(account, kind).get(name)
        found = row if row and row["archived"] else None
    else:
        found = definition(account, kind, name)
    if found is None:
        raise no_property(kind, name)
    return json_response(found)


def no_property(kind: Kind, name: str) -> Refusal:
    return not_found(
        f"No property named {name} exists for object type {kind.type_id}", context={"propertyName": [name]}
    )


def create_property(account: Account, request: Request, word: str) -> Response:
    """POST one: 201, 409 when the name is taken; an archived name comes back (NOTES 96, 97)."""
    return json_response(define(account, kind_of(word), body_of(request)), 201)


def define(account: Account, kind: Kind, body: Mapping[str, Any]) -> Row:
    """Keep a definition of the account's own. Raises Refusal."""
    _refuse_incomplete(account, kind, body)
    name = body["name"]
    held = every_definition(account, kind).get(name)
    if held is not None and not held["archived"]:
        message = f"A property named '{name}' already exists"
        raise Refusal(409, "OBJECT_ALREADY_EXISTS", message, subCategory="Properties.PROPERTY_WITH_NAME_EXISTS")
    if held is None:
        _refuse_overflow(account, kind, body)
    row = custom(body, iso_ms(account.now))
    account.state.put(f"definitions:{kind.name}", name, row)
    return row


def _refuse_incomplete(account: Account, kind: Kind, body: Mapping[str, Any]) -> None:
    lacking = [part for part in REQUIRED if not isinstance(body.get(part), str) or not body[part]]
    if lacking:
        raise invalid(f"Some required fields were not set: [{', '.join(lacking)}]")
    if not _NAME.fullmatch(body["name"]):
        raise invalid("Property names begin with a lower-case letter and hold lower-case letters, digits and _ only")
    if body["fieldType"] not in FIELD_TYPES.get(body["type"], ()):
        raise invalid(f"Field type {body['fieldType']} does not go with type {body['type']}")
    if body["groupName"] not in group_names(account, kind):
        raise invalid(f"Property group {body['groupName']} does not exist")
    _refuse_options(body)


def _refuse_options(body: Mapping[str, Any]) -> None:
    options = body.get("options") or []
    if not isinstance(options, list) or not all(isinstance(o, dict) for o in options):
        raise bad_json("`options` is not a list of objects")
    if any(part not in option for option in options for part in OPTION_PARTS):
        raise invalid(f"Each option needs {', '.join(OPTION_PARTS)}")
    values = [option["value"] for option in options]
    if len(set(values)) < len(values):
        raise invalid("Option values must be unique")
    if body["type"] == "bool" and sorted(map(str, values)) != ["false", "true"]:
        raise invalid("Boolean properties must have exactly two options, with the values true and false")


def _refuse_overflow(account: Account, kind: Kind, body: Mapping[str, Any]) -> None:
    """Raises Refusal: so many properties of its own an object may have, and so many unique ones (NOTES 29)."""
    own = own_properties(account, kind)
    unique = sum(1 for row in own.values() if row["hasUniqueValue"])
    if len(own) >= CUSTOM_PROPERTIES or (body.get("hasUniqueValue") and unique >= UNIQUE_PROPERTIES):
        raise Refusal(400, "VALIDATION_ERROR", "The limit of properties for this object is reached")


def own_properties(account: Account, kind: Kind) -> Mapping[str, Row]:
    return {n: r for n, r in every_definition(account, kind).items() if not r["hubspotDefined"] and not r["archived"]}


def change_property(account: Account, request: Request, word: str, name: str) -> Response:
    """PATCH one: `options` replace the whole list (NOTES 97). HubSpot's own keep their definition."""
    kind, body = kind_of(word), body_of(request)
    row = definition(account, kind, name)
    if row is None:
        raise no_property(kind, name)
    if row["modificationMetadata"]["readOnlyDefinition"]:
        raise invalid(f"The definition of {name} is read only")
    told = {k: v for k, v in body.items() if k in CHANGEABLE}
    merged = {**row, **told}
    _refuse_incomplete(account, kind, merged)
    now = iso_ms(account.now)
    changed = {**custom(merged, row["createdAt"]), "createdAt": row["createdAt"], "updatedAt": now}
    account.state.put(f"definitions:{kind.name}", name, changed)
    return json_response(changed)


def archive_property(account: Account, request: Request, word: str, name: str) -> Response:
    _archive(account, kind_of(word), name)
    return Response(status=204)


def _archive(account: Account, kind: Kind, name: str) -> None:
    """Raises Refusal for a property of HubSpot's own, or one that a list's filters use (NOTES 97)."""
    row = definition(account, kind, name)
    if row is None:
        raise no_property(kind, name)
    if not row["modificationMetadata"]["archivable"]:
        raise invalid(f"Property {name} cannot be archived")
    if any(name in _filtered_by(r.get("filterBranch")) for r in account.state.all("lists").values()):
        detail = {"message": f"Property {name} is used by a list", "code": "CANNOT_DELETE_PROPERTY_IN_USE"}
        raise invalid(f"Property {name} is in use", errors=[detail])
    account.state.put(f"definitions:{kind.name}", name, {**row, "archived": True, "archivedAt": iso_ms(account.now)})


def _filtered_by(branch: object) -> set[str]:
    if not isinstance(branch, dict):
        return set()
    here = {str(f.get("property")) for f in branch.get("filters") or () if isinstance(f, dict)}
    return here.union(*(_filtered_by(b) for b in branch.get("filterBranches") or ()))


_ITEM_PARTS = ("status", "category", "subCategory", "message")


# ---- batches -------------------------------------------------------------------------------------------------------


def create_properties(account: Account, request: Request, word: str) -> Response:
    """POST batch/create: what is there already fails by itself (NOTES 98)."""
    kind = kind_of(word)
    results: list[Json] = []
    errors: list[Json] = []
    for item in inputs_of(body_of(request), MOST):
        try:
            results.append(define(account, kind, item))
        except Refusal as error:
            kept: Json = {k: error.body[k] for k in _ITEM_PARTS if k in error.body}
            errors.append({**kept, "context": {"name": [str(item.get("name"))]}})
    return answered(account, request, results, errors, 201)


def read_properties(account: Account, request: Request, word: str) -> Response:
    kind = kind_of(word)
    names = [id_of(item, "name") for item in inputs_of(body_of(request), MOST)]
    found = {name: definition(account, kind, name) for name in names}
    lost = [no_property(kind, name).body for name, row in found.items() if row is None]
    return answered(account, request, [row for row in found.values() if row], lost, 200)


def archive_properties(account: Account, request: Request, word: str) -> Response:
    for item in inputs_of(body_of(request), MOST):
        _archive(account, kind_of(word), id_of(item, "name"))
    return Response(status=204)


# ---- groups --------------------------------------------------------------------------------------------------------


def groups(account: Account, kind: Kind) -> Mapping[str, Row]:
    """HubSpot's own groups and the account's, by name."""
    names = sorted({row["groupName"] for row in every_definition(account, kind).values() if row["hubspotDefined"]})
    own = {
        n: {"name": n, "label": n.replace("_", " ").title(), "displayOrder": i, "archived": False}
        for i, n in enumerate(names)
    }
    return {**own, **{n: r for n, r in account.state.all(f"groups:{kind.name}").items() if not r["archived"]}}


def group_names(account: Account, kind: Kind) -> set[str]:
    return set(groups(account, kind))


def list_groups(account: Account, request: Request, word: str) -> Response:
    return json_response({"results": list(groups(account, kind_of(word)).values())})


def read_group(account: Account, request: Request, word: str, name: str) -> Response:
    found = groups(account, kind_of(word)).get(name)
    if found is None:
        raise not_found(f"No property group named {name} exists")
    return json_response(found)


def create_group(account: Account, request: Request, word: str) -> Response:
    kind, body = kind_of(word), body_of(request)
    if not all(isinstance(body.get(part), str) and body[part] for part in ("name", "label")):
        raise invalid("Some required fields were not set: [name, label]")
    if body["name"] in groups(account, kind):
        raise Refusal(409, "OBJECT_ALREADY_EXISTS", f"A property group named '{body['name']}' already exists")
    return json_response(put_group(account, kind, body["name"], body["label"], body.get("displayOrder", -1)), 201)


def put_group(account: Account, kind: Kind, name: str, label: str, order: int = -1) -> Row:
    row = {"name": name, "label": label, "displayOrder": order, "archived": False}
    account.state.put(f"groups:{kind.name}", name, row)
    return row


def change_group(account: Account, request: Request, word: str, name: str) -> Response:
    kind, body = kind_of(word), body_of(request)
    row = account.state.get(f"groups:{kind.name}", name)
    if row is None or row["archived"]:
        raise not_found(f"No property group named {name} exists")
    told: Json = {k: body[k] for k in ("label", "displayOrder") if k in body}
    changed = {**row, **told}
    account.state.put(f"groups:{kind.name}", name, changed)
    return json_response(changed)


def archive_group(account: Account, request: Request, word: str, name: str) -> Response:
    """Raises Refusal while the group has live properties (NOTES 97)."""
    kind = kind_of(word)
    row = groups(account, kind).get(name)
    if row is None:
        raise not_found(f"No property group named {name} exists")
    if any(r["groupName"] == name for r in definitions(account, kind).values()):
        raise invalid(f"Property group {name} still has properties")
    account.state.put(f"groups:{kind.name}", name, {**row, "archived": True})
    return Response(status=204)

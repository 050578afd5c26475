"""Making our fields in HubSpot, and the list of hot leads: only what is missing, and nothing where anything clashes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from adapters.http import Refused
from adapters.hubspot.api import Api, Row, rows
from adapters.hubspot.verdicts import lacks_scope
from connector.errors import AccessDenied
from connector.ports import FieldChange
from connector.results import Result
from connector.words import say

GROUP = "leadheat"
TYPES = {
    "number": ("number", "number"), "truth": ("bool", "booleancheckbox"), "instant": ("datetime", "date"),
    "choice": ("enumeration", "select"), "text": ("string", "text"), "long_text": ("string", "textarea"),
}  # fmt: skip
LIST = {"ja": "ホットリード", "en": "Hot leads", "both": "ホットリード / Hot leads"}
YES_NO = (("true", "はい", "Yes"), ("false", "いいえ", "No"))
Wanted = Sequence[tuple[str, Result]]


def provision(api: Api, wanted: Mapping[str, Wanted], *, apply: bool) -> Iterator[FieldChange]:
    """Each of our fields, and the list of those whose hot flag is set."""
    fields = wanted.get("contacts", ())
    there = {
        str(row.get("name")): row
        for row in rows(api.get("describe", api.path("properties")))
        if not row.get("archived")
    }
    steps = [_step(name, result, there.get(name)) for name, result in fields]
    steps = _within_quota(api, steps)
    ready = apply and not any(step.action == "clash" for step in steps)
    if ready and any(step.action == "create" for step in steps):
        _make_group(api)
    for step, (name, result) in zip(steps, fields, strict=True):
        if ready and step.action == "create":
            yield _make(api, step, name, result)
        else:
            yield step
    hot = next((name for name, result in fields if result.name == "hot"), None)
    if hot is not None:
        yield _list(api, hot, apply=ready, blocked=any(step.action == "clash" for step in steps))


def _step(name: str, result: Result, found: Row | None) -> FieldChange:
    if found is None:
        return FieldChange("contacts", name, "create", say("will be created"))
    kind = TYPES[result.type][0]
    if found.get("type") != kind:
        what = say("exists with another type ({type})", type=str(found.get("type")))
        return FieldChange("contacts", name, "clash", what)
    lacking = {value for value, _, _ in result.choices} - {o.get("value") for o in found.get("options") or ()}
    if lacking:
        what = say("exists without the choices {choices}", choices=", ".join(sorted(lacking)))
        return FieldChange("contacts", name, "clash", what)
    if (found.get("modificationMetadata") or {}).get("readOnlyValue") or found.get("calculated"):
        return FieldChange("contacts", name, "clash", say("exists and cannot be written"))
    return FieldChange("contacts", name, "exists", say("is there"))


def _within_quota(api: Api, steps: list[FieldChange]) -> list[FieldChange]:
    """Where the account has no room for all that is missing, nothing is made. One that does not tell is tried."""
    new = sum(1 for step in steps if step.action == "create")
    room = _room(api) if new else None
    if room is None or room >= new:
        return steps
    what = say("the account has room for {room} more properties, {new} are needed", room=room, new=new)
    return [replace(step, action="clash", what=what) if step.action == "create" else step for step in steps]


def _room(api: Api) -> int | None:
    try:
        told = api.get("describe", api.path("limits") + "/custom-properties")
    except (Refused, AccessDenied) as error:
        if isinstance(error, AccessDenied) and not lacks_scope(error):
            raise
        return None
    found = [
        row for row in told.get("byObjectType") or () if isinstance(row, dict) and row.get("objectTypeId") == "0-1"
    ]
    rooms = [row["limit"] - row["usage"] for row in found if _count(row.get("limit")) and _count(row.get("usage"))]
    return min(rooms, default=None)


def _count(told: object) -> bool:
    return isinstance(told, int) and not isinstance(told, bool)


def _make_group(api: Api) -> None:
    path = api.path("properties") + "/groups"
    try:
        api.get("describe", f"{path}/{GROUP}")
    except Refused as error:
        if error.answer.status != 404:
            raise
        _post_once(api, path, {"name": GROUP, "label": "Leadheat", "displayOrder": -1})


def _make(api: Api, step: FieldChange, name: str, result: Result) -> FieldChange:
    """Create one property. When another run was quicker, what it made is looked at instead."""
    made = _post_once(api, api.path("properties"), property_body(name, result, api.config.lang))
    if made:
        return replace(step, done=True)
    return _step(name, result, api.get("describe", f"{api.path('properties')}/{name}"))


def _post_once(api: Api, path: str, body: Row) -> bool:
    """Whether it was made; false: it was there already."""
    try:
        api.post("provision", path, body)
    except Refused as error:
        if error.answer.status != 409:
            raise
        return False
    return True


def property_body(name: str, result: Result, lang: str) -> dict[str, Any]:
    """The definition of one of our fields, as HubSpot takes it."""
    kind, widget = TYPES[result.type]
    choices = YES_NO if result.type == "truth" else result.choices
    options = [
        {"label": label(ja, en, lang), "value": value, "displayOrder": n, "hidden": False}
        for n, (value, ja, en) in enumerate(choices)
    ]
    body = {
        "name": name,
        "label": label(result.ja, result.en, lang),
        "type": kind,
        "fieldType": widget,
        "groupName": GROUP,
    }
    return {**body, "options": options} if options else body


def label(ja: str, en: str, lang: str) -> str:
    return {"ja": ja, "en": en}.get(lang, f"{ja} / {en}")


# ---- the list of hot leads -----------------------------------------------------------------------------------------


def _list(api: Api, hot: str, *, apply: bool, blocked: bool) -> FieldChange:
    """The dynamic list of contacts whose hot flag is set. Without the scope for lists all else works without it."""
    name = LIST[api.config.lang]
    try:
        if _list_exists(api, name):
            return FieldChange("contacts", name, "exists", say("the list is there"))
        if apply:
            _make_list(api, name, hot)
    except AccessDenied as error:
        if not lacks_scope(error):
            raise
        what = say("the list needs the scopes 'crm.lists.read' and 'crm.lists.write'; make it by hand or add them")
        return FieldChange("contacts", name, "create", what)
    what = say("the list waits until the clashes are solved") if blocked else say("the list will be created")
    return FieldChange("contacts", name, "create", what, apply)


def _make_list(api: Api, name: str, hot: str) -> None:
    try:
        api.post("provision", api.path("lists"), list_body(name, hot))
    except Refused:
        # when an answer was lost on the wire, the request that repeats it finds the name taken
        if not _list_exists(api, name):
            raise


def _list_exists(api: Api, name: str) -> bool:
    try:
        api.get("describe", f"{api.path('lists')}/object-type-id/0-1/name/{quote(name, safe='')}")
    except Refused as error:
        if error.answer.status != 404:
            raise
        return False
    return True


def list_body(name: str, hot: str) -> dict[str, Any]:
    """A dynamic list: OR at the root, AND beneath, and here a real JSON truth, unlike everywhere else."""
    is_true = {
        "operationType": "BOOL",
        "operator": "IS_EQUAL_TO",
        "value": True,
        "includeObjectsWithNoValueSet": False,
    }
    both = {
        "filterBranchType": "AND", "filterBranchOperator": "AND", "filterBranches": [],
        "filters": [{"filterType": "PROPERTY", "property": hot, "operation": is_true}],
    }  # fmt: skip
    root = {"filterBranchType": "OR", "filterBranchOperator": "OR", "filters": [], "filterBranches": [both]}
    return {"name": name, "objectTypeId": "0-1", "processingType": "DYNAMIC", "filterBranch": root}

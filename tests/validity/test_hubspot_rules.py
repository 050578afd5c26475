"""The rules can fail: for each there is a request that breaks it, and one beside it that does not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.validity.hubspot_bodies import BODIES
from tests.validity.hubspot_rules import OPERATIONS, call_of, faults
from tests.validity.shapes import Fault

TOKEN = "pat-na1-0000-1111"
BEARER = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
CONTACTS, PROPERTIES = "/crm/objects/2026-09/contacts", "/crm/properties/2026-09/contacts"
SEARCH, UPDATE, READ = (f"{CONTACTS}/{rest}" for rest in ("search", "batch/update", "batch/read"))
LINKS, LISTS = "/crm/associations/2026-09/contacts/calls/batch/read", "/crm/lists/2026-09"
EVENTS, SUBMISSIONS = "/events/event-occurrences/2026-09", "/form-integrations/v1/submissions/forms"
GUID = "5a4db0c5-0000-4000-8000-000000000001"
LONG = ",".join(f"a{n:099d}" for n in range(160))


def definition(type_: str = "string", *, read_only: bool = False, options: str = "") -> dict[str, Any]:
    given = [{"value": o} for o in options.split()]
    return {"type": type_, "calculated": False, "modificationMetadata": {"readOnlyValue": read_only}, "options": given}


NAMES = {
    "email": definition(), "jobtitle": definition(), "score": definition("number"), "at": definition("datetime"),
    "hot": definition("bool", options="true false"), "band": definition("enumeration", options="hot cold"),
    "day": definition("date"), "lastmodifieddate": definition("datetime", read_only=True),
    "hs_lastmodifieddate": definition("datetime", read_only=True), "hs_object_id": definition("number"),
}  # fmt: skip


def judged(method: str, target: str, body: Any = None, headers: Mapping[str, str] = BEARER) -> list[Fault]:
    data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    return faults(call_of(method, target, headers, data), lambda _: NAMES)


def f(name: str = "jobtitle", operator: str = "EQ", **more: Any) -> dict[str, Any]:
    return {"propertyName": name, "operator": operator, **({"value": "x"} if operator == "EQ" else {}), **more}


def search(*filters: Any, **more: Any) -> dict[str, Any]:
    return {"filterGroups": [{"filters": list(filters)}], "properties": ["email"], "limit": 200, **more}


def update(*inputs: Any) -> dict[str, Any]:
    return {"inputs": list(inputs)}


def one(id_: Any = "1", **values: Any) -> dict[str, Any]:
    return {"id": id_, "properties": values or {"score": "1"}}


def read(*ids: Any, **more: Any) -> dict[str, Any]:
    return {"inputs": [{"id": i} for i in ids], "properties": ["email"], **more}


SCORE = {"name": "score", "label": "Score", "type": "number", "fieldType": "number", "groupName": "leadheat"}
YES = {"label": "Yes", "value": "true", "displayOrder": 0, "hidden": False}
NO = {**YES, "value": "false"}
HOT = {**SCORE, "type": "bool", "fieldType": "booleancheckbox", "options": [YES, NO]}


def listed(value: Any = True, root: str = "OR", *, direct: bool = False, **lacks: Any) -> dict[str, Any]:
    operation = {"operationType": "BOOL", "operator": "IS_EQUAL_TO", "includeObjectsWithNoValueSet": False}
    test = {"filterType": "PROPERTY", "property": "hot", "operation": {**operation, "value": value} | lacks}
    both = {"filterBranchType": "AND", "filterBranchOperator": "AND", "filterBranches": [], "filters": [test]}
    inner = {"filters": [test] if direct else [], "filterBranches": [both]}
    branch = {"filterBranchType": root, "filterBranchOperator": root, **inner}
    return {"name": "Hot", "objectTypeId": "0-1", "processingType": "DYNAMIC", "filterBranch": branch}


def less(body: dict[str, Any], *names: str) -> dict[str, Any]:
    return {k: v for k, v in body.items() if k not in names}


FORM = {"Content-Type": "application/x-www-form-urlencoded"}
REFRESH = b"grant_type=refresh_token&client_id=a&client_secret=b&refresh_token=c"

MEMBERS = {"inputs": [{"objectTypeId": "0-1", "recordId": str(n)} for n in range(1, 101)]}

GOOD: tuple[tuple[Any, ...], ...] = (
    ("GET", f"{CONTACTS}?limit=100&properties=email%2Cscore&archived=false&after=101"),
    ("GET", "/crm/v3/objects/contacts?limit=100"), ("GET", PROPERTIES), ("GET", f"{PROPERTIES}/score"),
    ("GET", "/crm/properties/2026-03/companies"), ("GET", f"{PROPERTIES}/groups/leadheat"),
    ("POST", SEARCH, search(f("at", "BETWEEN", value="1", highValue="2"), f("hs_object_id", "GT", value="0"))),
    ("POST", SEARCH, search(f("jobtitle", "IN", values=["a"]), sorts=[{"propertyName": "email"}])),
    ("POST", SEARCH, {"filterGroups": [], "properties": [], "limit": 1}),
    ("POST", READ, read("1", "2", propertiesWithHistory=[])), ("POST", READ, read("a@b.jp", idProperty="email")),
    ("POST", UPDATE, update(one(score="87", hot="true", at="1763769600000", band="hot"), one("2", score=""))),
    ("POST", LINKS, {"inputs": [{"id": str(n)} for n in range(1_000)]}),
    ("POST", PROPERTIES, SCORE), ("POST", PROPERTIES, HOT), ("POST", LISTS, listed()),
    ("POST", f"{PROPERTIES}/groups", {"name": "leadheat", "label": "Leadheat", "displayOrder": -1}),
    ("GET", f"{LISTS}?listIds=1&listIds=2"), ("GET", f"{LISTS}/records/0-1/101/memberships?after=MQ%3D%3D"),
    ("GET", f"{LISTS}/object-type-id/0-1/name/%E3%83%9B%E3%83%83%E3%83%88%20%2F%20Hot"),
    ("GET", f"{EVENTS}?objectType=contact&eventType=e_visited_page&objectId=1&occurredAfter=2026-11-24T00%3A00%3A00Z"),
    ("GET", "/marketing/marketing-events/2026-09?limit=100"),
    ("POST", f"{LISTS}/records/memberships/batch/read", MEMBERS),
    ("GET", "/marketing/marketing-events/2026-09/participations/101/breakdown?limit=100"),
    ("GET", "/marketing/v3/forms?limit=100&formTypes=hubspot&formTypes=flow"),
    ("GET", f"{SUBMISSIONS}/{GUID}?limit=50&after=MQ%3D%3D"), ("GET", "/email/public/v1/campaigns/7"),
    ("GET", "/email/public/v1/events?startTimestamp=1&endTimestamp=2&limit=1000&offset=abc"),
    ("GET", "/crm/limits/2026-09/custom-properties"), ("POST", "/oauth/2026-09/token", REFRESH, FORM),
)  # fmt: skip

BAD: tuple[tuple[Any, ...], ...] = (
    ("path", "GET", "/crm/2026-09/objects/contacts"), ("path", "GET", "/crm/objects/2025-09/contacts"),
    ("path", "GET", "/crm/objects/v3/contacts"), ("path", "POST", "/crm/objects/2026-09/companies/batch/update", {}),
    ("path", "POST", f"{CONTACTS}/batch/upsert", {}), ("path", "POST", f"{CONTACTS}/batch/create", {}),
    ("path", "DELETE", f"{CONTACTS}/101"), ("path", "GET", f"{LISTS}/object-type-id/0-1/name/Hot/leads"),
    ("path", "GET", f"{SUBMISSIONS}/x"), ("path", "POST", "/oauth/v1/token", REFRESH, FORM),
    ("method", "PUT", CONTACTS), ("method", "GET", SEARCH), ("method", "PATCH", PROPERTIES),
    ("authorization", "GET", CONTACTS, None, {}), ("authorization", "GET", CONTACTS, None, {"Authorization": TOKEN}),
    ("authorization", "GET", CONTACTS, None, {"Authorization": "Bearer "}),
    ("query parameter", "GET", f"{CONTACTS}?hapikey=x"), ("token", "GET", f"{CONTACTS}?after={TOKEN}"),
    ("token", "POST", READ, read("1", properties=[TOKEN])),
    ("token", "GET", CONTACTS, None, {**BEARER, "X-Key": TOKEN}),
    ("query parameter", "GET", f"{CONTACTS}?count=100"), ("query parameter", "POST", f"{SEARCH}?limit=1", search()),
    ("query twice", "GET", f"{CONTACTS}?limit=1&limit=2"), ("limit", "GET", f"{CONTACTS}?limit=101"),
    ("limit", "GET", f"{CONTACTS}?limit=abc"), ("limit", "GET", f"{CONTACTS}?limit=0"),
    ("limit", "GET", f"{SUBMISSIONS}/{GUID}?limit=51"), ("limit", "GET", "/email/public/v1/events?limit=1001"),
    ("date", "GET", "/email/public/v1/events?startTimestamp=2026-11-24"),
    ("word", "GET", f"{CONTACTS}?archived=yes"), ("required", "GET", f"{EVENTS}?objectType=contact"),
    ("required", "GET", LISTS), ("duplicate id", "GET", f"{LISTS}?listIds=1&listIds=1"),
    ("type", "GET", f"{LISTS}?listIds=x"),
    ("cursor", "GET", f"{SUBMISSIONS}/{GUID}?after=MQ%253D%253D"), ("cursor", "GET", f"{CONTACTS}?after="),
    ("unknown property", "GET", f"{CONTACTS}?properties=emial"), ("property list", "GET", f"{CONTACTS}?properties=a,a"),
    ("url length", "GET", f"{CONTACTS}?properties={LONG}"),
    ("json", "POST", SEARCH, b"{"), ("json", "POST", SEARCH, b"[]"), ("json", "POST", SEARCH),
    ("content type", "POST", SEARCH, search(), {**BEARER, "Content-Type": "text/plain"}),
    ("body", "GET", CONTACTS, {"limit": 1}),
    ("limit", "POST", SEARCH, search(limit=201)), ("limit", "POST", SEARCH, search(limit=0)),
    ("type", "POST", SEARCH, search(limit="200")), ("limit", "POST", SEARCH, search(after="10000")),
    ("filters", "POST", SEARCH, search(*[f()] * 7)),
    ("filters", "POST", SEARCH, search(filterGroups=[{"filters": [f()]}] * 6)),
    ("filters", "POST", SEARCH, search(filterGroups=[{"filters": [f()] * 5}] * 4)),
    ("operator", "POST", SEARCH, search(f(operator="LIKE", value="x"))), ("operator", "POST", SEARCH, search("x")),
    ("required", "POST", SEARCH, search({"propertyName": "jobtitle", "operator": "EQ"})),
    ("required", "POST", SEARCH, search(f("at", "BETWEEN", value="1"))),
    ("body field", "POST", SEARCH, search(f(values=["x"]))), ("body field", "POST", SEARCH, search(archived=True)),
    ("lower case", "POST", SEARCH, search(f("jobtitle", "IN", values=["Bucho"]))),
    ("date", "POST", SEARCH, search(f("at", "GTE", value="2026-11-24T00:00:00Z"))),
    ("type", "POST", SEARCH, search(f("at", "GTE", value=1))),
    ("sort", "POST", SEARCH, search(sorts=[{"propertyName": "email"}] * 2)),
    ("sort", "POST", SEARCH, search(sorts=[{"propertyName": "email", "direction": "UP"}])),
    ("type", "POST", SEARCH, search(sorts=["email"])),
    ("stamp", "POST", SEARCH, search(f("hs_lastmodifieddate", "GTE", value="1"))),
    ("stamp", "POST", "/crm/objects/2026-09/deals/search", search(f("lastmodifieddate", "GTE", value="1"))),
    ("unknown property", "POST", SEARCH, search(f("emial"))), ("unknown property", "POST", SEARCH,
        search(sorts=[{"propertyName": "emial"}])),
    ("unknown property", "POST", SEARCH, search(properties=["emial"])),
    ("property list", "POST", SEARCH, search(properties=["email", "email"])),
    ("body size", "POST", SEARCH, search(query="x" * 3_000)),
    ("limit", "POST", READ, read(*map(str, range(101)))), ("limit", "POST", READ, read()),
    ("duplicate id", "POST", READ, read("1", "1")), ("type", "POST", READ, read(1)),
    ("type", "POST", READ, read("a@b.jp")),
    ("required", "POST", READ, less(read("1"), "properties")), ("word", "POST", READ, read("1", idProperty="phone")),
    ("body field", "POST", READ, read("1", archived=True)),
    ("unknown property", "POST", READ, read("1", properties=["emial"])),
    ("type", "POST", UPDATE, update(one(score=87))), ("type", "POST", UPDATE, update(one(hot=True))),
    ("type", "POST", UPDATE, update(one(score=None))), ("type", "POST", UPDATE, update(one(1))),
    ("type", "POST", UPDATE, update(one("a@b.jp"))), ("required", "POST", UPDATE, update(less(one(), "id"))),
    ("body field", "POST", UPDATE, update({**one(), "idProperty": "email"})),
    ("limit", "POST", UPDATE, update(*(one(str(n)) for n in range(101)))), ("limit", "POST", UPDATE, update()),
    ("duplicate id", "POST", UPDATE, update(one(), one())),
    ("unknown property", "POST", UPDATE, update(one(scroe="1"))),
    ("read only", "POST", UPDATE, update(one(lastmodifieddate="1"))),
    ("option", "POST", UPDATE, update(one(band="Hot"))), ("option", "POST", UPDATE, update(one(hot="yes"))),
    ("value", "POST", UPDATE, update(one(score="1,234"))), ("value", "POST", UPDATE, update(one(at="yesterday"))),
    ("value", "POST", UPDATE, update(one(day="1 Nov"))), ("value", "POST", UPDATE, update(one(jobtitle="x" * 65_537))),
    ("limit", "POST", LINKS, {"inputs": [{"id": str(n)} for n in range(1_001)]}),
    ("duplicate id", "POST", LINKS, {"inputs": [{"id": "1"}] * 2}), ("type", "POST", LINKS, {"inputs": [{"id": 1}]}),
    ("required", "POST", PROPERTIES, less(SCORE, "groupName")),
    ("body field", "POST", PROPERTIES, {**SCORE, "hint": ""}),
    ("type", "POST", PROPERTIES, {**SCORE, "name": "Score"}), ("word", "POST", PROPERTIES, {**SCORE, "type": "text"}),
    ("field type", "POST", PROPERTIES, {**SCORE, "type": "datetime", "fieldType": "datetime"}),
    ("options", "POST", PROPERTIES, less(HOT, "options")),
    ("options", "POST", PROPERTIES, {**HOT, "options": [YES, YES]}),
    ("required", "POST", PROPERTIES, {**HOT, "options": [less(YES, "hidden"), NO]}),
    ("required", "POST", f"{PROPERTIES}/groups", {"name": "leadheat"}),
    ("list root", "POST", LISTS, listed(root="AND")), ("list root", "POST", LISTS, listed(direct=True)),
    ("type", "POST", LISTS, listed("true")), ("word", "POST", LISTS, listed(operationType="ENUMERATION")),
    ("required", "POST", LISTS, less(listed(), "processingType")),
    ("required", "POST", LISTS, {**listed(), "filterBranch": less(listed()["filterBranch"], "filters")}),
    ("authorization", "POST", "/oauth/2026-09/token", REFRESH, {**FORM, "Authorization": f"Bearer {TOKEN}"}),
    ("content type", "POST", "/oauth/2026-09/token", REFRESH, {"Content-Type": "application/json"}),
    ("query parameter", "POST", "/oauth/2026-09/token?client_secret=b", REFRESH, FORM),
    ("required", "POST", "/oauth/2026-09/token", b"grant_type=refresh_token", FORM),
)  # fmt: skip


@pytest.mark.parametrize("request_", GOOD, ids=lambda r: f"{r[0]} {r[1]}"[:70])
def test_a_good_request_breaks_no_rule(request_: tuple[Any, ...]) -> None:
    assert judged(*request_) == []


@pytest.mark.parametrize("bad", BAD, ids=lambda b: f"{b[0]} {b[1]} {b[2]}"[:70])
def test_a_bad_request_is_refused_by_the_rule_that_names_it(bad: tuple[Any, ...]) -> None:
    rule, *request = bad
    assert rule in {fault.rule for fault in judged(*request)}


def test_every_operation_is_among_the_good_ones() -> None:
    calls = [call_of(method, target, {}) for method, target, *_ in GOOD]
    assert [o.name for o in OPERATIONS if not any(o.match(c) for c in calls)] == []
    assert set(BODIES) <= {o.name for o in OPERATIONS}


def test_what_is_wrong_is_told_without_the_value() -> None:
    told = judged("POST", UPDATE, update(one("taro@example.co.jp", jobtitle=7, score="x")))
    assert len(told) == 3
    assert "taro" not in str(told)

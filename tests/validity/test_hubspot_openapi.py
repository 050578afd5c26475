"""HubSpot's files, as far as the script that reads them goes: a small folder in their shape, with their faults."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.validity.hubspot_openapi import described, mended, operation_for, wrong_answer, wrong_request
from tests.validity.hubspot_rules import Call, call_of

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "scripts" / "validate-hubspot"
needs_jsonschema = pytest.mark.skipif(find_spec("jsonschema") is None, reason="jsonschema is the script's user's own")
BEARER = {"Authorization": "Bearer pat-na1-0000-1111", "Content-Type": "application/json"}
CONTACTS = "/crm/objects/2026-09/contacts"


def ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def thing(required: str = "", **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": required.split(), "properties": properties, "example": None}


def texts(**more: Any) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": {"type": "string", **more}}


def rows(of: Any) -> dict[str, Any]:
    return {"type": "array", "items": of}


def operation(answer: str, body: str | None = None, *query: dict[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = {
        "parameters": list(query),
        "responses": {"200": _holding(answer), "default": _holding("Error")},
        "security": [{"oauth2": []}],
    }
    return {**told, "requestBody": _holding(body)} if body else told


def _holding(name: str) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": ref(name)}}}


def parameter(name: str, **schema: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": schema}


TEXT: dict[str, Any] = {"type": "string", "example": None}
SCHEMAS = {
    "Record": thing("id properties createdAt updatedAt", id=TEXT, properties=texts(), createdAt=TEXT, updatedAt=TEXT),
    "Page": thing("results", results=rows(ref("Record")), paging={"type": "object", "nullable": True}),
    "PublicObjectSearchRequest": thing(
        "after filterGroups limit properties sorts", after=TEXT, limit={"type": "integer"}, properties=rows(TEXT),
        sorts=rows(TEXT), filterGroups=rows(thing("filters", filters=rows(ref("Filter")))),
    ),
    "Filter": thing(
        "operator propertyName", propertyName=TEXT, value=TEXT, highValue=TEXT, values=rows(TEXT),
        operator={"type": "string", "enum": ["EQ", "GT", "BETWEEN"]},
    ),
    "BatchInput": thing("inputs", inputs=rows(thing("id properties", id=TEXT, properties=texts()))),
    "BatchAnswer": thing("results", results=rows(ref("Record")), errors=rows(ref("StandardError"))),
    "StandardError": thing("status category message errors links context", subCategory={"type": "object"}),
    "Error": thing("message correlationId category", message=TEXT, correlationId=TEXT, category=TEXT),
}  # fmt: skip
SPEC = {
    "openapi": "3.0.1", "servers": [{"url": "https://api.hubapi.com"}], "components": {"schemas": SCHEMAS},
    "paths": {
        "/crm/objects/2026-09/{objectType}": {"get": operation("Page")},
        CONTACTS: {"get": operation("Page", None, parameter("limit", type="integer"), parameter("archived",
            type="boolean"), parameter("after", type="string"), parameter("properties", **rows(TEXT)))},
        f"{CONTACTS}/search": {"post": operation("Page", "PublicObjectSearchRequest")},
        f"{CONTACTS}/batch/update": {"post": operation("BatchAnswer", "BatchInput")},
    },
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    home = tmp_path / "PublicApiSpecs" / "CRM" / "Contacts" / "2026-09"
    home.mkdir(parents=True)
    (home / "contacts.json").write_text(json.dumps(SPEC), "utf-8")
    (tmp_path / "package.json").write_text('{"name": "not a specification"}', "utf-8")
    (tmp_path / "broken.json").write_text("{", "utf-8")
    return tmp_path


def call(method: str, target: str, body: Any = None) -> Call:
    return call_of(method, target, BEARER, b"" if body is None else json.dumps(body).encode())


def test_operations_are_found_wherever_the_files_lie(folder: Path) -> None:
    known = described(folder)
    assert len(known) == 4
    listing = operation_for(call("GET", f"{CONTACTS}?limit=1"), known)
    assert listing is not None
    assert listing.path == CONTACTS, "the path with fewer holes wins"
    other = operation_for(call("GET", "/crm/objects/2026-09/companies"), known)
    assert other is not None
    assert other.name.startswith("GET /crm/objects/2026-09/{objectType} (PublicApiSpecs/")
    assert operation_for(call("DELETE", CONTACTS), known) is None


def test_the_files_known_faults_are_mended() -> None:
    told = mended(json.loads(json.dumps(SPEC)))["components"]["schemas"]
    assert '"example"' not in json.dumps(told)
    assert told["PublicObjectSearchRequest"]["required"] == []
    assert told["PublicObjectSearchRequest"]["properties"]["sorts"]["items"]["type"] == "object"
    assert told["StandardError"]["required"] == ["status", "category", "message"]
    assert told["Record"]["properties"]["properties"]["additionalProperties"]["type"] == ["string", "null"]
    assert told["BatchInput"]["properties"]["inputs"]["maxItems"] == 100
    assert told["Page"]["properties"]["paging"]["type"] == ["object", "null"]
    named = {"openapi": "3.0.1", "paths": {}, "components": {"schemas": {"A": thing(example=TEXT, nullable=TEXT)}}}
    assert set(mended(named)["components"]["schemas"]["A"]["properties"]) == {"example", "nullable"}, "names of fields"


SEARCH = {
    "filterGroups": [{"filters": [{"propertyName": "a", "operator": "GT", "value": "0"}]}], "properties": ["a"],
    "sorts": [{"propertyName": "a", "direction": "ASCENDING"}], "limit": 200,
}  # fmt: skip


@needs_jsonschema
@pytest.mark.parametrize(
    ("method", "target", "body", "wrong"),
    [
        ("GET", f"{CONTACTS}?limit=100&archived=false&properties=a%2Cb&after=1", None, []),
        ("GET", f"{CONTACTS}?limit=abc", None, ["?limit: type integer"]),
        ("GET", f"{CONTACTS}?archived=maybe&count=1", None,
            ["?archived: type boolean", "?count: the specification has none"]),
        ("POST", f"{CONTACTS}/search", SEARCH, []),
        ("POST", f"{CONTACTS}/search", {**SEARCH, "sorts": ["a"]}, ["body.sorts[]: type object"]),
        ("POST", f"{CONTACTS}/search",
            {"filterGroups": [{"filters": [{"propertyName": "a", "operator": "LIKE"}]}]},
            ["body.filterGroups[].filters[].operator: enum"]),
        ("POST", f"{CONTACTS}/batch/update", {"inputs": [{"id": "1", "properties": {"a": "87"}}]}, []),
        ("POST", f"{CONTACTS}/batch/update", {"inputs": [{"id": "1", "properties": {"a": 87}}]},
            ["body.inputs[].properties.a: type string"]),
        ("POST", f"{CONTACTS}/batch/update", {"inputs": [{"properties": {}}]}, ["body.inputs[]: lacks id"]),
        ("POST", f"{CONTACTS}/batch/update", {"inputs": [{"id": "1", "properties": {}}] * 101},
            ["body.inputs: maxItems 100"]),
        ("GET", f"{CONTACTS}?limit=1", {"limit": 1}, ["body: the specification has none"]),
    ],
)  # fmt: skip
def test_a_request_is_held_against_its_operation(
    folder: Path, method: str, target: str, body: Any, wrong: list[str]
) -> None:
    one = call(method, target, body)
    found = operation_for(one, described(folder))
    assert found is not None
    assert wrong_request(one, found) == wrong


RECORD = {"id": "1", "properties": {"a": None}, "createdAt": "x", "updatedAt": "x"}
MISSING = {"status": "error", "category": "OBJECT_NOT_FOUND", "message": "x", "context": {"ids": ["9"]}}
ERROR = {"message": "x", "correlationId": "y", "category": "z"}


@needs_jsonschema
@pytest.mark.parametrize(
    ("status", "body", "wrong"),
    [
        (200, {"results": [RECORD]}, []),
        (207, {"results": [RECORD], "errors": [MISSING], "numErrors": 1}, []),
        (207, {"results": [{**RECORD, "id": 1}]}, ["207.results[].id: type string"]),
        (200, {}, ["200: lacks results"]),
        (400, ERROR, []),
        (429, {"message": "x", "policyName": "DAILY"}, []),
        (400, {"message": 5}, ["400.message: type string"]),
    ],
)
def test_an_answer_is_held_against_its_status(folder: Path, status: int, body: Any, wrong: list[str]) -> None:
    found = operation_for(call("POST", f"{CONTACTS}/batch/update"), described(folder))
    assert found is not None
    assert wrong_answer(status, json.dumps(body).encode(), found) == wrong


# ---- the script ----------------------------------------------------------------------------------------------------


def run(folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, str(SCRIPT), str(folder), *more]
    return subprocess.run(words, capture_output=True, text=True, encoding="utf-8", check=False, timeout=120)


@needs_jsonschema
def test_the_script_prints_a_verdict_for_every_kind_of_request(folder: Path) -> None:
    told = run(folder)
    assert told.returncode == 1, told.stderr
    lines = [line.split(" | ") for line in told.stdout.splitlines()]
    assert lines[0] == ["request kind", "operation", "verdict", "times"]
    verdicts = {(kind, verdict) for kind, _, verdict, _ in lines[1:]}
    assert {("objects.list", "valid"), ("contacts.update", "valid"), ("objects.search", "valid")} <= verdicts
    assert ("mail.events", "not published") in verdicts
    assert ("lists.create", "no operation has this path") in verdicts, "the folder has no such file"


@needs_jsonschema
def test_a_folder_without_specifications_is_named_with_where_they_come_from(tmp_path: Path) -> None:
    told = run(tmp_path)
    assert (told.returncode, str(tmp_path) in told.stderr, "docs/hubspot-openapi.md" in told.stderr) == (2, True, True)


@pytest.mark.skipif(find_spec("jsonschema") is not None, reason="jsonschema is there")
def test_the_package_that_lacks_is_named_with_how_to_install_it(folder: Path) -> None:
    told = run(folder)
    assert (told.returncode, "pip install jsonschema" in told.stderr) == (2, True)


def test_the_page_names_the_repository_and_forbids_passing_it_on() -> None:
    text = (ROOT / "docs" / "hubspot-openapi.md").read_text("utf-8")
    assert "HubSpot-public-api-spec-collection" in text
    assert "commit, copy or pass on none of them" in text

"""Requests and answers held against HubSpot's published OpenAPI files, which each user fetches for themselves.

The files contradict what HubSpot does in known places (NOTES 65, and docs/hubspot-openapi.md); those are mended in
memory first. Only `verdict` needs the package jsonschema.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.validity.hubspot_rules import Call

Json = dict[str, Any]
METHODS = ("get", "post", "put", "patch", "delete")
SORTS = {
    "type": "object", "required": ["propertyName"],
    "properties": {"propertyName": {"type": "string"}, "direction": {"enum": ["ASCENDING", "DESCENDING"]}},
}  # fmt: skip


# ---- mending -------------------------------------------------------------------------------------------------------


def mended(spec: Json) -> Json:
    """The specification without its known faults: examples that are null, `nullable` as JSON Schema has it, parts that
    are required in the file and nowhere else, batch sizes that it leaves out."""
    plain: Json = _plain(spec)
    most = 1_000 if any("/associations/" in path for path in plain["paths"]) else 100
    for name, schema in plain.get("components", {}).get("schemas", {}).items():
        _mend(name, schema, most)
    return plain


def _plain(node: Any, *, names: bool = False) -> Any:
    """`names`: the keys of this object are names of ours, not words of the specification."""
    if isinstance(node, list):
        return [_plain(one) for one in node]
    if not isinstance(node, dict):
        return node
    kept = {k: v for k, v in node.items() if names or k not in {"example", "examples", "nullable"}}
    told = {k: _plain(v, names=k in {"properties", "schemas"} and not names) for k, v in kept.items()}
    if node.get("nullable") is True and not names:
        return _or_null(told)
    return told


def _or_null(schema: Json) -> Json:
    if isinstance(schema.get("type"), str):
        return {**schema, "type": [schema["type"], "null"]}
    return {"anyOf": [schema, {"type": "null"}]}


def _mend(name: str, schema: Json, most: int) -> None:
    parts = schema.get("properties", {})
    if name == "PublicObjectSearchRequest":
        schema["required"] = []
        parts["sorts"] = {"type": "array", "items": SORTS}
    if name == "BatchReadInputSimplePublicObjectId":
        schema["required"] = ["inputs", "properties"]
    if name == "StandardError":
        schema["required"] = ["status", "category", "message"]
        parts["subCategory"] = {"type": "string"}
    if name == "Error":
        schema["required"] = []
    if parts.get("inputs", {}).get("type") == "array":
        parts["inputs"].setdefault("maxItems", most)
    if "toObjectId" in parts:
        parts["toObjectId"] = {"type": ["string", "integer"]}
    held = (parts.get("properties") or {}).get("additionalProperties")
    if isinstance(held, dict) and "updatedAt" in parts:
        parts["properties"]["additionalProperties"] = _or_null(held)


# ---- operations ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Described:
    """One operation of a file: where it stands and what it says."""

    file: str
    method: str
    path: str
    told: Json = field(repr=False)
    components: Json = field(repr=False)

    @property
    def name(self) -> str:
        return f"{self.method} {self.path} ({self.file})"

    @property
    def pattern(self) -> re.Pattern[str]:
        parts = re.split(r"{\w+}", self.path)
        return re.compile("[^/]+".join(re.escape(part) for part in parts))


def described(folder: Path) -> list[Described]:
    """Every operation of every OpenAPI file beneath a folder, however it is arranged."""
    found: list[Described] = []
    for path in sorted(folder.rglob("*.json")):
        spec = _document(path.read_bytes())
        if isinstance(spec, dict) and "openapi" in spec and isinstance(spec.get("paths"), dict):
            whole = mended(spec)
            for template, item in whole["paths"].items():
                told = [(m, item[m]) for m in METHODS if isinstance(item.get(m), dict)]
                more = item.get("parameters", [])
                found += [
                    Described(
                        str(path.relative_to(folder)), m.upper(), template,
                        {**one, "parameters": [*more, *one.get("parameters", [])]}, whole.get("components", {}),
                    )
                    for m, one in told
                ]  # fmt: skip
    return found


def _document(data: bytes) -> Any:
    try:
        return json.loads(data)
    except ValueError:
        return None


def operation_for(call: Call, known: Sequence[Described]) -> Described | None:
    """The operation of a request: of several that match, the one with the fewest holes in its path."""
    hits = [one for one in known if one.method == call.method and one.pattern.fullmatch(call.path)]
    return min(hits, key=lambda one: one.path.count("{"), default=None)


# ---- verdicts ------------------------------------------------------------------------------------------------------


def wrong_request(call: Call, one: Described) -> list[str]:
    """What is wrong with a request. No value is quoted."""
    wrong = list(_wrong_query(call, one))
    content = _resolved(one, one.told.get("requestBody", {})).get("content", {})
    schema = content.get("application/json", {}).get("schema")
    if schema is not None:
        wrong += [f"body{where}" for where in verdict(schema, call.document, one.components)]
    elif call.body:
        wrong.append("body: the specification has none")
    if one.told.get("security") and not call.headers.get("authorization"):
        wrong.append("no Authorization")
    return wrong


def _wrong_query(call: Call, one: Described) -> Iterator[str]:
    known = {p["name"]: p for p in (_resolved(one, p) for p in one.told["parameters"]) if p.get("in") == "query"}
    sent: dict[str, list[str]] = {}
    for name, value in call.query:
        sent.setdefault(name, []).append(value)
    yield from (f"?{name}: is missing" for name, p in known.items() if p.get("required") and name not in sent)
    for name, values in sent.items():
        if name not in known:
            yield f"?{name}: the specification has none"
            continue
        schema = known[name].get("schema", {})
        for where in verdict(schema, _typed(_resolved(one, schema), values), one.components):
            yield f"?{name}{where}"


def _typed(schema: Mapping[str, Any], values: Sequence[str]) -> Any:
    """A parameter's text as its type has it."""
    told = schema.get("type")
    if told == "array":
        return [_typed(schema.get("items", {}), [v]) for v in values]
    if told == "integer" and re.fullmatch(r"-?\d+", values[-1]):
        return int(values[-1])
    if told == "boolean" and values[-1] in {"true", "false"}:
        return values[-1] == "true"
    return values[-1]


def wrong_answer(status: int, body: bytes, one: Described) -> list[str]:
    """What is wrong with an answer. A 207 that the file does not declare goes by its 200 (NOTES 65)."""
    responses = one.told.get("responses", {})
    usual = next((responses[s] for s in ("200", "201") if s in responses), None)
    told = responses.get(str(status)) or (usual if status == 207 else responses.get("default"))
    if told is None:
        return [f"status {status}: the specification has none"]
    content = _resolved(one, told).get("content", {})
    schema = next(iter(content.values()), {}).get("schema") if content else None
    if schema is None:
        return []
    return [f"{status}{where}" for where in verdict(schema, _document(body), one.components)]


def _resolved(one: Described, node: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a `$ref` leads to."""
    found: Any = node
    while isinstance(found, Mapping) and str(found.get("$ref", "")).startswith("#/components/"):
        _, _, kind, name = found["$ref"].split("/", 3)
        found = one.components[kind][name]
    return found if isinstance(found, Mapping) else {}


def verdict(schema: Any, value: Any, components: Json) -> list[str]:
    """Where a value is not as its schema says, and by which word of it."""
    from jsonschema import Draft7Validator  # a user's own: only this script needs it

    errors = Draft7Validator({"allOf": [schema], "components": components}).iter_errors(value)
    return sorted({f"{_place(error.absolute_path)}: {_word(error)}" for error in errors})


def _place(path: Any) -> str:
    return "".join("[]" if isinstance(part, int) else f".{part}" for part in path)


def _word(error: Any) -> str:
    told = error.validator_value
    if error.validator == "required":
        return f"lacks {', '.join(n for n in told if n not in error.instance)}"
    return f"{error.validator} {told}" if isinstance(told, (str, int)) else str(error.validator)

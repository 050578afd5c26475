"""What the body of each HubSpot request must hold: its shape, and what the account's definitions say about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from tests.validity.shapes import (
    Check,
    Fault,
    any_text,
    both,
    fields,
    like,
    many,
    number,
    one_of,
    text,
    truth,
    values,
)

Known: TypeAlias = Callable[[str], Mapping[str, Mapping[str, Any]]]
"""The property definitions of an object by name; archived ones too, because a client may not have heard yet."""
Body: TypeAlias = Callable[[Any, str, Known | None], Iterator[Fault]]
STAMPS = {"contacts": "hs_lastmodifieddate"}
"""The modified stamp that an object must not be searched by: contacts have `lastmodifieddate`, the others `hs_…`."""

RECORD = like(r"\d{1,20}")
NAME = like("[a-z][a-z0-9_]{0,99}")


def _once(rule: str, key: str | None = None) -> Check:
    """A list in which nothing comes twice."""

    def check(value: Any, where: str) -> Iterator[Fault]:
        told = [one.get(key) if key and isinstance(one, dict) else one for one in value] if _is_list(value) else []
        seen = [str(one) for one in told]
        if len(set(seen)) < len(seen):
            yield Fault(rule, where)

    return check


def _is_list(value: Any) -> bool:
    return isinstance(value, list)


# ---- records -------------------------------------------------------------------------------------------------------

NAMES = both(many(NAME), _once("property list"))
INPUT = fields({"id": text})
READ = fields(
    {"inputs": both(many(INPUT, least=1, most=100), _once("duplicate id", "id")), "properties": NAMES},
    {"propertiesWithHistory": many(NAME, most=50), "idProperty": one_of("email")},
)
WRITTEN = fields({"id": RECORD, "properties": values(any_text)}, {"objectWriteTraceId": text})
UPDATE = fields({"inputs": both(many(WRITTEN, least=1, most=100), _once("duplicate id", "id"))})
FROM = fields({"id": RECORD}, {"after": text})
LINKS = fields({"inputs": both(many(FROM, least=1, most=1_000), _once("duplicate id", "id"))})
MEMBER = fields({"objectTypeId": one_of("0-1"), "recordId": RECORD})
MEMBERS = fields({"inputs": both(many(MEMBER, least=1, most=100), _once("duplicate id", "recordId"))})

# ---- search --------------------------------------------------------------------------------------------------------

WITH_VALUE = ("EQ", "NEQ", "LT", "LTE", "GT", "GTE", "CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN")
AMONG, ALONE = ("IN", "NOT_IN"), ("HAS_PROPERTY", "NOT_HAS_PROPERTY")
PLAIN = {"propertyName": text, "operator": text}


def _filter(value: Any, where: str) -> Iterator[Fault]:
    """One filter, with what its operator needs and nothing more."""
    operator = value.get("operator") if isinstance(value, dict) else None
    if operator in WITH_VALUE:
        yield from fields({**PLAIN, "value": text})(value, where)
    elif operator == "BETWEEN":
        yield from fields({**PLAIN, "value": text, "highValue": text})(value, where)
    elif operator in AMONG:
        yield from fields({**PLAIN, "values": many(text, least=1)})(value, where)
    elif operator in ALONE:
        yield from fields(PLAIN)(value, where)
    else:
        yield Fault("operator", where)


def _no_more_filters(value: Any, where: str) -> Iterator[Fault]:
    groups = [g.get("filters") for g in value if isinstance(g, dict)] if _is_list(value) else []
    total = sum(len(g) for g in groups if _is_list(g))
    if total > 18:
        yield Fault("filters", f"{where} has {total} in all")


GROUP = fields({"filters": many(_filter, most=6, rule="filters")})
SORT = fields({"propertyName": text}, {"direction": one_of("ASCENDING", "DESCENDING", rule="sort")})
SEARCH = fields(
    {
        "filterGroups": both(many(GROUP, most=5, rule="filters"), _no_more_filters), "properties": NAMES,
        "limit": number(1, 200),
    },
    {"sorts": many(SORT, most=1, rule="sort"), "after": like(r"\d{1,4}", "limit"), "query": text},
)  # fmt: skip

# ---- setting up ----------------------------------------------------------------------------------------------------

TYPES = {
    "bool": ("booleancheckbox",), "date": ("date",), "datetime": ("date",), "number": ("number",),
    "enumeration": ("select", "radio", "checkbox", "booleancheckbox"), "phone_number": ("phonenumber",),
    "string": ("text", "textarea", "html", "phonenumber"),
}  # fmt: skip
OPTION = fields({"label": text, "value": text, "displayOrder": number(-1, 10_000), "hidden": truth})
PROPERTY = fields(
    {"name": NAME, "label": text, "type": one_of(*TYPES), "fieldType": text, "groupName": NAME},
    {"options": both(many(OPTION, least=1), _once("options", "value")), "description": text},
)
GROUP_OF_PROPERTIES = fields({"name": NAME, "label": text}, {"displayOrder": number(-1, 10_000)})
OPERATION = {"operator": text, "includeObjectsWithNoValueSet": truth}
PROPERTY_FILTER = fields({
    "filterType": one_of("PROPERTY"), "property": NAME,
    "operation": fields({**OPERATION, "operationType": one_of("BOOL"), "value": truth}),
})  # fmt: skip


def _branch(kind: str, filters: Check, branches: Check) -> Check:
    return fields({
        "filterBranchType": one_of(kind, rule="list root"), "filterBranchOperator": one_of(kind, rule="list root"),
        "filters": filters, "filterBranches": branches,
    })  # fmt: skip


AND = _branch("AND", many(PROPERTY_FILTER, least=1), many(text, most=0))
OR = _branch("OR", many(text, most=0, rule="list root"), many(AND, least=1))
LIST = fields({
    "name": text, "objectTypeId": one_of("0-1"), "processingType": one_of("DYNAMIC"), "filterBranch": OR,
})  # fmt: skip
TOKEN = fields({
    "grant_type": one_of("refresh_token"), "client_id": text, "client_secret": text, "refresh_token": text,
})  # fmt: skip


# ---- with the account's definitions --------------------------------------------------------------------------------


def _plain(check: Check) -> Body:
    return lambda document, _, __: check(document, "body")


def _named(names: Sequence[Any], object_: str, known: Known | None) -> Iterator[Fault]:
    if known is not None:
        yield from (Fault("unknown property", str(n)) for n in names if n not in known(object_))


def _read(document: Any, object_: str, known: Known | None) -> Iterator[Fault]:
    yield from READ(document, "body")
    yield from _named([*document.get("properties", ()), *document.get("propertiesWithHistory", ())], object_, known)
    if "idProperty" not in document:
        yield from many(fields({"id": RECORD}))(document.get("inputs", []), "inputs")


def _search(document: Any, object_: str, known: Known | None) -> Iterator[Fault]:
    yield from SEARCH(document, "body")
    groups = [g for g in document.get("filterGroups") or () if isinstance(g, dict)]
    found = [f for g in groups for f in g.get("filters") or () if isinstance(f, dict)]
    sorts = [s.get("propertyName") for s in document.get("sorts") or () if isinstance(s, dict)]
    names = [*(f.get("propertyName") for f in found), *sorts]
    yield from _named([*names, *(document.get("properties") or ())], object_, known)
    wrong = STAMPS.get(object_, "lastmodifieddate")
    yield from (Fault("stamp", f"{object_} are not searched by {wrong}") for name in names if name == wrong)
    for one in found:
        yield from _compared(one, known(object_).get(str(one.get("propertyName"))) if known else None)


def _compared(one: Mapping[str, Any], definition: Mapping[str, Any] | None) -> Iterator[Fault]:
    """Times in milliseconds, texts of a list in lower case."""
    name, told = str(one.get("propertyName")), [one[k] for k in ("value", "highValue") if k in one]
    if definition is not None and definition["type"] in {"date", "datetime"}:
        for value in told:
            yield from like(r"\d{1,13}", "date")(value, name)
    if one.get("operator") in AMONG and (definition is None or definition["type"] == "string"):
        lower = all(isinstance(v, str) and v == v.lower() for v in one.get("values") or ())
        yield from () if lower else (Fault("lower case", name),)


def _update(document: Any, object_: str, known: Known | None) -> Iterator[Fault]:
    """Only what exists and may be written, and in each type's own spelling."""
    yield from UPDATE(document, "body")
    for one in document.get("inputs") or ():
        for name, value in (one.get("properties") or {}).items() if isinstance(one, dict) and known else ():
            definition = known(object_).get(name) if known else None
            yield from _value(name, value, definition) if definition else [Fault("unknown property", name)]


SPELLINGS = {
    "number": r"-?\d+(\.\d+)?", "datetime": r"\d{1,13}|\d{4}-\d\d-\d\dT.*Z", "date": r"\d{4}-\d\d-\d\d|\d{1,13}",
}  # fmt: skip


def _value(name: str, value: Any, definition: Mapping[str, Any]) -> Iterator[Fault]:
    if definition["calculated"] or definition["modificationMetadata"]["readOnlyValue"]:
        yield Fault("read only", name)
    if not isinstance(value, str) or not value:
        return
    if definition["type"] in SPELLINGS:
        yield from like(SPELLINGS[definition["type"]], "value")(value, name)
    if definition["type"] in {"bool", "enumeration"} and value not in {o["value"] for o in definition["options"]}:
        yield Fault("option", name)
    if len(value) > 65_536:
        yield Fault("value", f"{name} has {len(value)} characters")


def _property(document: Any, object_: str, known: Known | None) -> Iterator[Fault]:
    yield from PROPERTY(document, "body")
    type_, options = document.get("type"), document.get("options") or []
    if document.get("fieldType") not in TYPES.get(str(type_), ()):
        yield Fault("field type", f"{document.get('fieldType')} for {type_}")
    told = sorted(str(o.get("value")) for o in options if isinstance(o, dict))
    if (type_ == "bool" and told != ["false", "true"]) or (type_ == "enumeration" and not told):
        yield Fault("options", f"{type_} without its options")


def _list(document: Any, object_: str, known: Known | None) -> Iterator[Fault]:
    yield from LIST(document, "body")
    branches = (document.get("filterBranch") or {}).get("filterBranches") or ()
    found = [f for b in branches if isinstance(b, dict) for f in b.get("filters") or () if isinstance(f, dict)]
    yield from _named([f.get("property") for f in found], object_, known)


BODIES: Mapping[str, Body] = {
    "objects.search": _search, "objects.read": _read, "contacts.update": _update, "associations.read": _plain(LINKS),
    "properties.create": _property, "groups.create": _plain(GROUP_OF_PROPERTIES), "lists.create": _list,
    "lists.ofrecords": _plain(MEMBERS),
    "oauth.token": _plain(TOKEN),
}  # fmt: skip

"""HubSpot's rules for requests, as a table: which there are, what each must carry, and how much of it.

They are written down from what HubSpot documents and from what was seen of it (adapters/hubspot/NOTES.md), not from the
adapter's code. A request is broken down into a Call; `faults` says which rules it breaks. What HubSpot itself would let
pass in silence (an unknown property, an unknown parameter) counts as broken too: silence is how scores go wrong.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote

from tests.validity.hubspot_bodies import BODIES, Known
from tests.validity.shapes import Check, Fault, like

URL = 16_000
"""Characters: property names are split near 15,000, and the rest of the URL is short (NOTES 25)."""
VERSIONS = ("2026-09", "2026-03")
OBJECT = "(?P<object>contacts|companies|deals|leads|calls|emails|meetings|notes|tasks)"
PARTS = {
    "v": f"(?P<v>{'|'.join(VERSIONS)})", "object": OBJECT, "to": OBJECT.replace("object", "to"), "id": r"(?P<id>\d+)",
    "guid": "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", "name": "[a-z][a-z0-9_]{0,99}", "list": "[^/?&=+ ]{1,255}",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Call:
    """One request as it came over the wire. `path` is still encoded, `query` decoded once."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    length: int = 0

    @property
    def document(self) -> Any:
        try:
            return json.loads(self.body) if self.body else None
        except ValueError:
            return None


def call_of(method: str, target: str, headers: Mapping[str, str], body: bytes = b"") -> Call:
    """A request from its line, headers and body."""
    path, _, query = target.partition("?")
    lower = {name.lower(): value for name, value in headers.items()}
    return Call(method, path, tuple(parse_qsl(query, keep_blank_values=True)), lower, body, len(target))


# ---- parameters ----------------------------------------------------------------------------------------------------


def _limit(most: int) -> Check:
    def check(value: Any, where: str) -> Iterator[Fault]:
        if not str(value).isdigit() or not 1 <= int(value) <= most:
            yield Fault("limit", f"{where} is not between 1 and {most}")

    return check


def _cursor(value: Any, where: str) -> Iterator[Fault]:
    if not value or unquote(value) != value:
        yield Fault("cursor", f"{where} is blank or encoded twice")


def _names(value: Any, where: str) -> Iterator[Fault]:
    names = value.split(",")
    if len(set(names)) < len(names) or not all(re.fullmatch(PARTS["name"], n) for n in names):
        yield Fault("property list", f"{where} has a name twice, or one that is none")


INSTANT = like(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z|\d{1,13}", "date")
MILLIS, DIGITS, TRUTH = like(r"\d{1,13}", "date"), like(r"\d+"), like("true|false", "word")
PAGED = {"after": _cursor}
LIST_NAMES = {"limit": _limit(100), "after": _cursor, "properties": _names, "archived": TRUTH}


@dataclass(frozen=True, slots=True)
class Operation:
    """A request HubSpot understands: method, paths in the dated versions and before them, parameters (`needed` ones,
    and those that may come several times), the body's check by name. `sent`: our adapter makes it."""

    name: str
    method: str
    paths: tuple[str, ...]
    query: Mapping[str, Check] = field(default_factory=dict)
    needed: frozenset[str] = frozenset()
    several: frozenset[str] = frozenset()
    form: bool = False
    sent: bool = True

    def match(self, call: Call) -> re.Match[str] | None:
        if call.method != self.method:
            return None
        return next((m for pattern in self.paths if (m := _pattern(pattern).fullmatch(call.path))), None)


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"{(\w+)}", lambda m: PARTS[m[1]], path.replace(".", r"\.")))


def _both(dated: str, before: str, rest: str = "") -> tuple[str, str]:
    return dated + rest, before + rest


OBJECTS = ("/crm/objects/{v}/{object}", "/crm/v3/objects/{object}")
PROPERTIES = ("/crm/properties/{v}/{object}", "/crm/v3/properties/{object}")
CONTACTS = ("/crm/objects/{v}/contacts", "/crm/v3/objects/contacts")
OF_CONTACTS = ("/crm/properties/{v}/contacts", "/crm/v3/properties/contacts")
LISTS = ("/crm/lists/{v}", "/crm/v3/lists")
LINKS = ("/crm/associations/{v}/{object}/{to}/batch/read", "/crm/v4/associations/{object}/{to}/batch/read")
EVENTS = ("/events/event-occurrences/{v}", "/events/v3/events")
MARKETING = ("/marketing/marketing-events/{v}", "/marketing/v3/marketing-events")
TAKING_PART = "/participations/{id}/breakdown"
EVENT_QUERY: Mapping[str, Check] = {
    "objectType": like("contact"), "objectId": DIGITS, "eventType": like("e_[a-z_]+"), "occurredAfter": INSTANT,
    "occurredBefore": INSTANT, "limit": _limit(100), **PAGED,
}  # fmt: skip
MAIL_QUERY: Mapping[str, Check] = {
    "startTimestamp": MILLIS, "endTimestamp": MILLIS, "limit": _limit(1_000), "offset": _cursor,
}  # fmt: skip

OPERATIONS = (
    Operation("objects.list", "GET", OBJECTS, LIST_NAMES),
    Operation("objects.search", "POST", _both(*OBJECTS, "/search")),
    Operation("objects.read", "POST", _both(*OBJECTS, "/batch/read"), {"archived": TRUTH}),
    Operation("contacts.update", "POST", _both(*CONTACTS, "/batch/update")),
    Operation("associations.read", "POST", LINKS),
    Operation("properties.list", "GET", PROPERTIES),
    Operation("properties.create", "POST", OF_CONTACTS),
    Operation("groups.read", "GET", _both(*OF_CONTACTS, "/groups/{name}")),
    Operation("groups.create", "POST", _both(*OF_CONTACTS, "/groups")),
    Operation("properties.read", "GET", _both(*OF_CONTACTS, "/{name}")),
    Operation("limits.properties", "GET", ("/crm/limits/{v}/custom-properties", "/crm/v3/limits/custom-properties")),
    Operation("lists.read", "GET", LISTS, {"listIds": DIGITS}, frozenset({"listIds"}), frozenset({"listIds"})),
    Operation("lists.create", "POST", LISTS),
    Operation("lists.byname", "GET", _both(*LISTS, "/object-type-id/0-1/name/{list}")),
    Operation("lists.ofrecord", "GET", _both(*LISTS, "/records/0-1/{id}/memberships"), PAGED),
    Operation("events.list", "GET", EVENTS, EVENT_QUERY, frozenset({"objectType", "eventType"})),
    Operation("lists.ofrecords", "POST", _both(*LISTS, "/records/memberships/batch/read")),
    Operation("marketing.list", "GET", MARKETING, {"limit": _limit(100), **PAGED}),
    Operation("marketing.ofevent", "GET", _both(*MARKETING, TAKING_PART), {"limit": _limit(100), **PAGED}),
    Operation("forms.list", "GET", ("/marketing/v3/forms",),
        {"limit": _limit(100), "formTypes": like("hubspot|flow"), **PAGED}, several=frozenset({"formTypes"})),
    Operation("forms.submissions", "GET", ("/form-integrations/v1/submissions/forms/{guid}",),
        {"limit": _limit(50), **PAGED}),
    Operation("mail.events", "GET", ("/email/public/v1/events",), MAIL_QUERY),
    Operation("mail.campaign", "GET", ("/email/public/v1/campaigns/{id}",)),
    Operation("oauth.token", "POST", ("/oauth/{v}/token", "/oauth/v3/token"), form=True, sent=False),
)  # fmt: skip


def operation_of(call: Call) -> Operation | None:
    return next((one for one in OPERATIONS if one.match(call)), None)


# ---- the judgement -------------------------------------------------------------------------------------------------


def faults(call: Call, known: Known | None = None) -> list[Fault]:
    """The rules that a request breaks. `known` tells an object's property definitions; without it names are not
    looked up."""
    one = operation_of(call)
    if one is None:
        there = any(re.fullmatch(_pattern(p), call.path) for o in OPERATIONS for p in o.paths)
        return [Fault("method" if there else "path", f"{call.method} {re.sub(r'[0-9]+', '9', call.path)}")]
    found = [*_bearing(one, call), *_asked(one, call), *_size(call), *_sent(one, call, known)]
    if known is not None and "properties" in dict(call.query):
        names = dict(call.query)["properties"].split(",")
        found += [Fault("unknown property", n) for n in names if n not in known(_object(one, call))]
    return found


def _object(one: Operation, call: Call) -> str:
    match = one.match(call)
    told = match.groupdict().get("object") if match else None
    return told or "contacts"


def _bearing(one: Operation, call: Call) -> Iterator[Fault]:
    """The token stands in its header and nowhere else; OAuth's secrets in the form and nowhere else."""
    if one.form:
        if "authorization" in call.headers:
            yield Fault("authorization", "the token endpoint takes none")
        return
    kind, _, token = call.headers.get("authorization", "").partition(" ")
    if kind != "Bearer" or not re.fullmatch(r"[A-Za-z0-9._-]{10,}", token):
        yield Fault("authorization", "Authorization: Bearer …")
        return
    others = [v for name, v in call.headers.items() if name != "authorization"]
    told = [call.path, *(v for pair in call.query for v in pair), *others, call.body.decode("utf-8", "replace")]
    if any(token in part for part in told):
        yield Fault("token", "the token stands elsewhere too")


def _asked(one: Operation, call: Call) -> Iterator[Fault]:
    names = [name for name, _ in call.query]
    yield from (Fault("query parameter", name) for name in sorted({*names} - {*one.query}))
    yield from (Fault("query twice", n) for n in sorted({*names} - one.several) if names.count(n) > 1)
    yield from (Fault("required", name) for name in sorted(one.needed - {*names}))
    for name, value in call.query:
        if name in one.query:
            yield from one.query[name](value, name)
    repeated = [pair for pair in set(call.query) if call.query.count(pair) > 1 and pair[0] in one.several]
    yield from (Fault("duplicate id", name) for name, _ in repeated)


def _size(call: Call) -> Iterator[Fault]:
    if call.length > URL:
        yield Fault("url length", f"{call.length} characters")


def _sent(one: Operation, call: Call, known: Known | None) -> Iterator[Fault]:
    check = BODIES.get(one.name)
    if check is None:
        if call.body:
            yield Fault("body", "there should be none")
        return
    kind = call.headers.get("content-type", "").partition(";")[0]
    if kind != ("application/x-www-form-urlencoded" if one.form else "application/json"):
        yield Fault("content type", kind or "none")
    if one.form:
        yield from check(dict(parse_qsl(call.body.decode("utf-8", "replace"))), _object(one, call), None)
    elif not isinstance(call.document, dict):
        yield Fault("json", "the body is no JSON object")
    else:
        if one.name == "objects.search" and len(call.body.decode()) > 3_000:
            yield Fault("body size", f"{len(call.body.decode())} characters")
        yield from check(call.document, _object(one, call), known)

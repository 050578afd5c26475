"""What Salesforce asks of a request, from its documents, held against requests as they came over the wire.

A rule yields what is wrong with a request, and nothing when it is right. It sees what the org shows to the user at
that moment, and shares no code with the adapter.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote_plus

import jwt

from adapters.salesforce.sandbox.schema import Field
from tests.validity.salesforce_soql import NotSoql, Soql, Test, read_soql
from tests.validity.salesforce_values import id_of, ill_made, misfits

VERSION = "67.0"
"""The one version that every call names: a release of Salesforce's changes nothing for us by itself."""
_DATA = rf"/services/data/v{re.escape(VERSION)}"
_JOB = r"/(?P<job>750\w{15})"
PEOPLE = frozenset({"Lead", "Contact"})

KINDS: Mapping[str, tuple[str, str]] = {
    "token": ("POST", r"/services/oauth2/token"),
    "who": ("GET", r"/services/oauth2/userinfo"),
    "query": ("GET", _DATA + r"/query(All)?/?"),
    "more": ("GET", _DATA + r"/query(All)?/\w+-\d+"),
    "describe": ("GET", _DATA + r"/sobjects/[A-Za-z]\w*/describe"),
    "collection": ("PATCH", _DATA + r"/composite/sobjects"),
    "query job": ("POST", _DATA + r"/jobs/query"),
    "query job, look": ("GET", _DATA + r"/jobs/query" + _JOB),
    "query job, results": ("GET", _DATA + r"/jobs/query" + _JOB + "/results"),
    "update jobs, list": ("GET", _DATA + r"/jobs/ingest"),
    "update job": ("POST", _DATA + r"/jobs/ingest"),
    "update job, upload": ("PUT", _DATA + r"/jobs/ingest" + _JOB + "/batches"),
    "update job, state": ("PATCH", _DATA + r"/jobs/ingest" + _JOB),
    "update job, look": ("GET", _DATA + r"/jobs/ingest" + _JOB),
    "update job, written": ("GET", _DATA + r"/jobs/ingest" + _JOB + "/successfulResults"),
    "update job, refused": ("GET", _DATA + r"/jobs/ingest" + _JOB + "/failedResults"),
    "update job, never run": ("GET", _DATA + r"/jobs/ingest" + _JOB + "/unprocessedrecords"),
    "field": ("POST", _DATA + r"/tooling/sobjects/CustomField"),
    "permission set": ("POST", _DATA + r"/sobjects/PermissionSet"),
    "field permission": ("POST", _DATA + r"/sobjects/FieldPermissions"),
    "assignment": ("POST", _DATA + r"/sobjects/PermissionSetAssignment"),
}
"""Every request the adapter may send."""
DATA = frozenset(KINDS) - {"token", "who"}
WRITES = frozenset(
    {"collection", "update job", "update job, upload", "update job, state", "field", "permission set"}
    | {"field permission", "assignment"}
)
JSON = WRITES - {"update job, upload"} | {"query job"}


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came, what was answered, and the fields the user saw then (by object and name)."""

    method: str
    path: str
    search: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    seen: Mapping[str, Mapping[str, Field]] = field(default_factory=dict, repr=False)
    status: int = 200
    told: bytes = field(default=b"", repr=False)
    told_headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def kind(self) -> str | None:
        found = (name for name, (method, path) in KINDS.items() if method == self.method)
        return next((name for name in found if re.fullmatch(KINDS[name][1], self.path)), None)

    @property
    def document(self) -> Any:
        try:
            return json.loads(self.body)
        except ValueError:
            return {}

    @property
    def answer(self) -> Any:
        return json.loads(self.told)

    @property
    def job(self) -> str | None:
        found = re.search(r"/jobs/\w+/(750\w{15})", self.path)
        return found[1] if found else None

    @property
    def soql(self) -> str:
        if self.kind == "query job":
            return str(self.document["query"])
        found = re.search(r"(?:^|&)q=([^&]*)", self.search)
        return unquote_plus(found[1]) if found else ""

    def query(self) -> Soql | None:
        """The query, if it is one: another rule refuses what is none."""
        try:
            return read_soql(self.soql)
        except NotSoql:
            return None


Rule = Callable[[Asked], Iterator[str]]
RULES: dict[str, tuple[frozenset[str], Rule]] = {}


def rule(*kinds: str) -> Callable[[Rule], Rule]:
    def kept(told: Rule) -> Rule:
        RULES[told.__name__] = (frozenset(kinds), told)
        return told

    return kept


def broken(asked: Asked) -> list[str]:
    """What is wrong with a request, each with the name of its rule."""
    if asked.kind is None:
        return [f"known: {asked.method} {asked.path} is no request of ours, or of another version"]
    mine = [(name, told) for name, (kinds, told) in RULES.items() if asked.kind in kinds]
    return [f"{name}: {wrong}" for name, told in mine for wrong in told(asked)]


# ---- every request -------------------------------------------------------------------------------------------------


@rule(*DATA, "who")
def signed(asked: Asked) -> Iterator[str]:
    if not re.fullmatch(r"Bearer \S+", asked.headers.get("authorization", "")):
        yield "the session goes in Authorization: Bearer"
    if "oauth_token" in asked.search or "access_token" in asked.search:
        yield "a token has no place in an address"


@rule(*DATA, "who", "token")
def short(asked: Asked) -> Iterator[str]:
    size = len(asked.path) + len(asked.search) + sum(len(k) + len(v) + 4 for k, v in asked.headers.items())
    if size > 16_384:
        yield "address and headers hold at most 16,384 bytes"
    if len(asked.path) + len(asked.search) > 2_000:
        yield "an address of more than 2,000 characters is refused on the way by some"


@rule(*WRITES)
def quiet(asked: Asked) -> Iterator[str]:
    if asked.headers.get("sforce-auto-assign", "").upper() != "FALSE":
        yield "without Sforce-Auto-Assign: FALSE the assignment rule moves the owner and mails people"


@rule(*JSON)
def json_both_ways(asked: Asked) -> Iterator[str]:
    if not asked.headers.get("content-type", "").startswith("application/json"):
        yield "a JSON body says that it is one"
    try:
        asked.body.decode("utf-8")
    except UnicodeDecodeError:
        yield "JSON is UTF-8"


@rule("token")
def token_asked_for_by_form(asked: Asked) -> Iterator[str]:
    if asked.headers.get("content-type") != "application/x-www-form-urlencoded":
        yield "the token endpoint takes a form"
    host = asked.headers.get("host", "")
    if host in {"login.salesforce.com", "test.salesforce.com"} or host.endswith(".lightning.force.com"):
        yield "tokens of a program come from the My Domain host"
    form = {name: values[0] for name, values in parse_qs(asked.body.decode()).items()}
    if form.get("grant_type") == "client_credentials":
        if form.keys() != {"grant_type", "client_id", "client_secret"}:
            yield "client credentials are an id and a secret"
    elif form.get("grant_type") == "urn:ietf:params:oauth:grant-type:jwt-bearer":
        yield from _claims(form)
    else:
        yield "a grant that Salesforce withdraws, or does not know"


def _claims(form: Mapping[str, str]) -> Iterator[str]:
    if form.keys() != {"grant_type", "assertion"}:
        yield "a JWT stands alone: no secret beside it"
    token = form.get("assertion", "")
    claims = jwt.decode(token, options={"verify_signature": False})
    if jwt.get_unverified_header(token)["alg"] != "RS256":
        yield "a JWT is signed by RS256"
    if not {"iss", "sub", "aud", "exp"} <= claims.keys() or not isinstance(claims["exp"], int):
        yield "iss, sub, aud and exp (a number) are claimed"
    if claims.get("aud") not in {"https://login.salesforce.com", "https://test.salesforce.com"}:
        yield "the audience is a login host"


# ---- queries -------------------------------------------------------------------------------------------------------

QUERIES = ("query", "query job")


@rule(*QUERIES)
def is_soql(asked: Asked) -> Iterator[str]:
    try:
        read_soql(asked.soql)
    except NotSoql as error:
        yield str(error)


def _find(asked: Asked, object_: str, path: str) -> Field | None:
    """The field at a path as this user sees it: one unknown or hidden name refuses the whole query."""
    *lookups, name = path.split(".")
    for step in lookups:
        leads = (f.targets for f in asked.seen.get(object_, {}).values() if f.relationship == step)
        object_ = next((t for targets in leads for t in targets if t in asked.seen), "")
    return asked.seen.get(object_, {}).get(name)


@rule(*QUERIES)
def names_are_seen(asked: Asked) -> Iterator[str]:
    query = asked.query() or Soql()
    if query.object and query.object not in asked.seen:
        yield f"there is no object {query.object} for this user"
        return
    for path in (*query.select, *(t.path for t in query.tests), *query.order):
        found = _find(asked, query.object, path)
        if found is None:
            yield f"there is no field {query.object}.{path} for this user"
        elif found.type in {"address", "location", "base64"} and path in query.select:
            yield f"{path} is compound"
    if len(set(query.select)) < len(query.select):
        yield "a field selected twice is refused"


@rule(*QUERIES)
def only_filterable_in_conditions(asked: Asked) -> Iterator[str]:
    query = asked.query() or Soql()
    for path in (*(t.path for t in query.tests), *query.order):
        found = _find(asked, query.object, path)
        if found and not found.filterable:
            yield f"{path} can be neither filtered nor sorted by"


_LITERALS: Mapping[str, frozenset[str]] = {
    "datetime": frozenset({"datetime", "null"}),
    "date": frozenset({"date", "null"}),
    "boolean": frozenset({"boolean"}),
    "double": frozenset({"number", "null"}),
    "int": frozenset({"number", "null"}),
}


@rule(*QUERIES)
def literals_fit(asked: Asked) -> Iterator[str]:
    query = asked.query() or Soql()
    for test in query.tests:
        found = _find(asked, query.object, test.path)
        if found:
            yield from _literals_misfit(test, found)


def _literals_misfit(test: Test, found: Field) -> Iterator[str]:
    for kind, text in test.literals:
        if kind not in _LITERALS.get(found.type, {"string", "null"}):
            yield f"{test.path} is compared with a {kind}"
        elif found.type in {"id", "reference"} and kind == "string" and id_of(text) is None:
            yield f"{test.path} is compared with what is no id of 18 characters"
        elif found.type in {"id", "boolean"} and kind == "null":
            yield f"{test.path} is never null"


@rule(*QUERIES)
def lists_are_short(asked: Asked) -> Iterator[str]:
    for test in (asked.query() or Soql()).tests:
        if test.sign == "IN" and len(test.literals) > 50:
            yield "an IN list of more than 50 ids makes too long an address"


@rule("query")
def one_long_text_a_page(asked: Asked) -> Iterator[str]:
    query = asked.query() or Soql()
    fields = [found for path in query.select if (found := _find(asked, query.object, path))]
    if sum(f.custom and f.long_text for f in fields) > 1:
        yield "two long texts of the org's own make pages of 200"


@rule("query")
def ordered_to_the_last(asked: Asked) -> Iterator[str]:
    """What is paged needs an order without ties; permissions are few and read whole."""
    query = asked.query() or Soql()
    small = query.object in {"PermissionSet", "FieldPermissions", "PermissionSetAssignment"}
    if not small and query.order[-1:] != ["Id"]:
        yield "rows are read in an order whose last word is the id"
    if query.more:
        yield f"a reading is not cut: {query.more}"


@rule("query")
def window_is_closed(asked: Asked) -> Iterator[str]:
    """A window of stamps has an end before the server's now: a row can become visible after a later-stamped one."""
    query = asked.query() or Soql()
    stamps = [t for t in query.tests if t.path.endswith("SystemModstamp")]
    if stamps and not any(t.sign in {"<", "<="} for t in stamps):
        yield "a window of stamps without an end"
    if query.order[:1] and query.order[0].endswith("SystemModstamp") and not stamps:
        yield "an order by stamps without a window"


@rule("query job")
def bulk_query(asked: Asked) -> Iterator[str]:
    if asked.document.keys() != {"operation", "query"} or asked.document["operation"] not in {"query", "queryAll"}:
        yield "a query job is an operation and a query"
    query = asked.query()
    if query and (query.order or query.more):
        yield "ORDER BY and LIMIT switch off the chunking by which jobs are quick"
    if query and query.object in {"TaskWhoRelation", "EventWhoRelation", "Attachment"}:
        yield f"Bulk does not know {query.object}"


@rule("query job, results")
def bulk_results(asked: Asked) -> Iterator[str]:
    told = parse_qs(asked.search)
    if not told.keys() <= {"maxRecords", "locator"} or not told.get("maxRecords", ["1"])[0].isdigit():
        yield "results are asked for by maxRecords and locator"
    if told.get("locator") == ["null"]:
        yield "the word null is the end, not a place"


# ---- writing -------------------------------------------------------------------------------------------------------


@rule("collection")
def collection(asked: Asked) -> Iterator[str]:
    body = asked.document
    if body.keys() != {"allOrNone", "records"} or body["allOrNone"] is not False:
        yield "allOrNone is false: one refused row must not sink the others"
    records = body.get("records", [])
    if not 1 <= len(records) <= 200:
        yield "a call takes 1 to 200 records"
    if len({(r.get("attributes") or {}).get("type") for r in records}) > 1:
        yield "one type in a call: the eleventh change of type refuses it"
    ids = [r.get("id") for r in records]
    if len(set(ids)) < len(ids):
        yield "an id twice in a call is refused"
    for record in records:
        yield from _record(asked, record)


def _record(asked: Asked, record: Mapping[str, Any]) -> Iterator[str]:
    told = record.get("attributes")
    if not isinstance(told, dict) or told.keys() != {"type"} or told["type"] not in PEOPLE:
        yield "each record says its type, and we write leads and contacts only"
        return
    if id_of(record.get("id"), told["type"]) is None:
        yield "each record has an id of 18 characters, of its type"
    fields = {name: value for name, value in record.items() if name not in {"attributes", "id"}}
    if not fields:
        yield "a record without a field is a call for nothing"
    for name, value in fields.items():
        yield from misfits(asked.seen[told["type"]], name, value)


@rule("update job")
def update_job(asked: Asked) -> Iterator[str]:
    body = asked.document
    wanted = {"operation": "update", "contentType": "CSV", "lineEnding": "LF"}
    if body.keys() - {"columnDelimiter"} != {"object", *wanted} or any(body.get(k) != v for k, v in wanted.items()):
        yield "an update job names its object, CSV and LF, and no assignment rule"
    if body.get("columnDelimiter", "COMMA") != "COMMA" or body.get("object") not in PEOPLE:
        yield "a job of leads or of contacts, in commas"


@rule("update job, upload")
def upload(asked: Asked) -> Iterator[str]:
    if asked.headers.get("content-type") != "text/csv; charset=UTF-8":
        yield "a file says that it is a CSV in UTF-8"
    object_ = "Contact" if b'\n"003' in asked.body else "Lead"
    yield from ill_made(asked.seen[object_], object_, asked.body)


@rule("update job, state")
def job_state(asked: Asked) -> Iterator[str]:
    if asked.document not in ({"state": "UploadComplete"}, {"state": "Aborted"}):
        yield "a job is released or stopped"


@rule("update jobs, list")
def job_list(asked: Asked) -> Iterator[str]:
    if not parse_qs(asked.search).keys() <= {"jobType", "isPkChunkingEnabled", "queryLocator"}:
        yield "jobs are listed by type"

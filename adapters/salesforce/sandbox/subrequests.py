"""`composite` and `composite/batch`: several calls in one envelope, which counts as one (NOTES 74-75)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request, Response

from adapters.salesforce.sandbox.answers import json_answer, object_body, refused

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

MOST = 25
_REFERENCE = re.compile(r"@\{(\w+)\.([\w.\[\]]+)\}")


def composite(inner: WSGIApplication, request: Request) -> Response:
    """`POST composite`: each answer with its status and reference, and later calls may name earlier ones."""
    calls = object_body(request).get("compositeRequest") or []
    _check(calls)
    known: dict[str, Any] = {}
    told = []
    for call in calls:
        filled = json.loads(_REFERENCE.sub(lambda m: _said(known, m), json.dumps(call)))
        status, body = _answer(inner, request, filled["method"], filled["url"], filled.get("body"))
        known[str(call.get("referenceId"))] = body
        told.append({"body": body, "httpHeaders": {}, "httpStatusCode": status, "referenceId": call.get("referenceId")})
    return json_answer({"compositeResponse": told})


def batch(inner: WSGIApplication, request: Request) -> Response:
    """`POST composite/batch`: each answer by itself. The addresses begin at the version."""
    calls = object_body(request).get("batchRequests") or []
    _check(calls)
    told = []
    for call in calls:
        url = str(call["url"])
        path = url if url.startswith("/services/") else f"/services/data/{url.lstrip('/')}"
        status, body = _answer(inner, request, call["method"], path, call.get("richInput"))
        told.append({"statusCode": status, "result": body})
    return json_answer({"hasErrors": any(one["statusCode"] >= 400 for one in told), "results": told})


def _check(calls: Any) -> None:
    if not isinstance(calls, list) or not all(isinstance(c, dict) and c.get("method") and c.get("url") for c in calls):
        raise refused(400, "JSON_PARSER_ERROR", "Each request needs a method and a url")
    if len(calls) > MOST:
        message = "The limit of 25 sub requests has been reached"
        raise refused(400, "PROCESSING_HALTED", message)


def _answer(inner: WSGIApplication, request: Request, method: str, url: str, body: Any) -> tuple[int, Any]:
    kept = [(n, v) for n, v in request.headers.items() if n.lower().startswith("sforce-")]
    data = None if body is None else json.dumps(body)
    path, _, query = url.partition("?")
    builder = EnvironBuilder(
        path.rstrip("/"), request.host_url, query, method, headers=kept, data=data, content_type="application/json"
    )
    response = Response.from_app(inner, builder.get_environ(), buffered=True)
    text = response.get_data(as_text=True)
    return response.status_code, json.loads(text) if text else None


def _said(known: Mapping[str, Any], found: re.Match[str]) -> str:
    value = known.get(found[1])
    for part in re.findall(r"\w+", found[2]):
        value = value[int(part)] if isinstance(value, list) else (value or {}).get(part)
    return str(value)

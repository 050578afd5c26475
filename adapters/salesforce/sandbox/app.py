"""The API as one WSGI application: paths, sessions, headers (NOTES 100-103)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request, Response

from adapters.salesforce.sandbox import composite, describe, limits, oauth, query, records
from adapters.salesforce.sandbox.answers import refused, worded
from adapters.salesforce.sandbox.org import Org
from adapters.salesforce.sandbox.stamps import http_date
from adapters.sandbox.server import Route, app_of

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

Answer = Callable[..., Response]
DATA = "/services/data/v<version>"
_VERSION = re.compile(r"/services/data/v([^/]+)")

ROUTES: tuple[tuple[str, str, Answer], ...] = (
    ("POST", "/services/oauth2/token", oauth.token),
    ("GET", "/services/oauth2/userinfo", oauth.userinfo),
    ("POST", "/services/oauth2/userinfo", oauth.userinfo),
    ("GET", "/id/<org_id>/<user_id>", oauth.identity),
    ("POST", "/services/Soap/u/<version>", oauth.soap),
    ("GET", "/services/data", describe.versions),
    ("GET", DATA, describe.resources),
    ("GET", DATA + "/query", query.query),
    ("GET", DATA + "/queryAll", lambda *a, **k: query.query(*a, **k, everything=True)),
    ("GET", DATA + "/query/<locator>", query.more),
    ("GET", DATA + "/queryAll/<locator>", query.more),
    ("GET", DATA + "/limits", limits.limits),
    ("GET", DATA + "/sobjects", describe.objects),
    ("GET", DATA + "/sobjects/<name>", describe.basic),
    ("POST", DATA + "/sobjects/<name>", records.post_one),
    ("GET", DATA + "/sobjects/<name>/describe", describe.describe),
    ("GET", DATA + "/sobjects/<name>/updated", records.updated),
    ("GET", DATA + "/sobjects/<name>/deleted", records.deleted),
    ("GET", DATA + "/sobjects/<name>/<id_>", records.get_one),
    ("PATCH", DATA + "/sobjects/<name>/<id_>", records.patch_one),
    ("DELETE", DATA + "/sobjects/<name>/<id_>", records.delete_one),
    ("PATCH", DATA + "/composite/sobjects", composite.update_many),
    ("POST", DATA + "/composite/sobjects", composite.create_many),
    ("DELETE", DATA + "/composite/sobjects", composite.delete_many),
    ("GET", DATA + "/composite/sobjects/<name>", composite.retrieve_many),
    ("POST", DATA + "/composite/sobjects/<name>", composite.retrieve_many),
)


def make_app(org: Org) -> WSGIApplication:
    """The org over HTTP. Requests are answered one after another; large results are sent outside the turn."""
    routes = [Route(method, path, _bound(org, answer)) for method, path, answer in ROUTES]
    inner = app_of(routes, otherwise=worded, before=lambda request: _before(org, request))

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        environ["PATH_INFO"] = _plain(environ.get("PATH_INFO", ""))
        with org.lock:
            org.state.refresh()
            response = Response.from_app(inner, environ)
            _headed(org, Request(environ), response)
        return response(environ, start_response)

    return app


def _bound(org: Org, answer: Answer) -> Answer:
    def bound(request: Request, **parts: str) -> Response:
        return answer(org, request, **parts)

    return bound


def _plain(path: str) -> str:
    """Trailing slashes do not matter, nor the case of what a job is asked for (NOTES 100)."""
    path = path.rstrip("/") or "/"
    found = re.fullmatch(r"(/services/data/v[^/]+/jobs/\w+/\w+/)(\w+)", path)
    return found[1] + found[2].lower() if found else path


def _before(org: Org, request: Request) -> Response | None:
    """What is asked of every call: a session, a version that exists, and room in the day's allowance."""
    try:
        _admit(org, request)
    except HTTPException as error:
        return worded(request, error)
    return None


def _admit(org: Org, request: Request) -> None:
    found = _VERSION.match(request.path)
    if found is None and not request.path.startswith(("/services/oauth2/userinfo", "/id/")):
        return
    oauth.check_session(org, request)
    if found is None:
        return
    limits.weather(org)
    limits.count_call(org)
    number, _, minor = found[1].partition(".")
    known = number.isdigit() and minor == "0"
    if not known or not org.options.oldest_version <= int(number) <= org.options.newest_version:
        raise refused(404, "NOT_FOUND", "The requested resource does not exist")


def _headed(org: Org, request: Request, response: Response) -> None:
    """The far side's time on every answer; how much of the day is used on all but a refused session (NOTES 10, 13)."""
    response.headers["Date"] = http_date(org.now())
    if _VERSION.match(request.path) and response.status_code != 401:
        response.headers["Sforce-Limit-Info"] = limits.limit_info(org)
    if response.status_code == 503 and org.memory.retry_after:
        response.headers["Retry-After"] = f"{org.memory.retry_after:g}"

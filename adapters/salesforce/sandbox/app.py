"""The API as one WSGI application: paths, sessions, headers (NOTES 100-103)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request, Response

from adapters.salesforce.sandbox import (
    composite,
    describe,
    jobs,
    jobs_ingest,
    jobs_query,
    limits,
    oauth,
    query,
    records,
    subrequests,
    tooling,
)  # fmt: skip
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
    ("POST", DATA + "/jobs/query", jobs_query.create),
    ("GET", DATA + "/jobs/query/<id_>/results", jobs_query.results),
    ("GET", DATA + "/jobs/query/<id_>/resultpages", jobs_query.result_pages),
    ("POST", DATA + "/jobs/ingest", jobs_ingest.create),
    ("PUT", DATA + "/jobs/ingest/<id_>/batches", jobs_ingest.upload),
    ("GET", DATA + "/jobs/ingest/<id_>/successfulresults", jobs_ingest.successful),
    ("GET", DATA + "/jobs/ingest/<id_>/failedresults", jobs_ingest.failed),
    ("GET", DATA + "/jobs/ingest/<id_>/unprocessedrecords", jobs_ingest.unprocessed),
    *(
        (method, f"{DATA}/jobs/{kind}{rest}", partial(answer, kind=kind))
        for kind in ("query", "ingest")
        for method, rest, answer in (
            ("GET", "", jobs.listed),
            ("GET", "/<id_>", jobs.told),
            ("PATCH", "/<id_>", jobs.change),
            ("DELETE", "/<id_>", jobs.drop),
        )
    ),
    ("GET", DATA + "/tooling/query", tooling.query),
    ("POST", DATA + "/tooling/sobjects/CustomField", tooling.create_field),
    ("GET", DATA + "/tooling/sobjects/CustomField/<id_>", tooling.get_field),
    ("DELETE", DATA + "/tooling/sobjects/CustomField/<id_>", tooling.delete_field),
)


def make_app(org: Org) -> WSGIApplication:
    """The org over HTTP. Requests are answered one after another; large results are sent outside the turn."""
    routes = [Route(method, path, _bound(org, answer)) for method, path, answer in ROUTES]
    bare = app_of(routes, otherwise=worded)
    several = (("", subrequests.composite), ("/batch", subrequests.batch))
    routes += [Route("POST", f"{DATA}/composite{rest}", _enveloped(bare, answer)) for rest, answer in several]
    inner = app_of(routes, otherwise=worded, before=lambda request: _before(org, request))

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        environ["PATH_INFO"] = _plain(environ.get("PATH_INFO", ""))
        with org.lock:
            org.state.refresh()
            jobs_ingest.run_due(org)
            response = Response.from_app(inner, environ)
            _headed(org, Request(environ), response)
        return response(environ, start_response)

    return app


def _bound(org: Org, answer: Answer) -> Answer:
    def bound(request: Request, **parts: str) -> Response:
        return answer(org, request, **parts)

    return bound


def _enveloped(bare: WSGIApplication, answer: Callable[[WSGIApplication, Request], Response]) -> Answer:
    def enveloped(request: Request, version: str) -> Response:
        return answer(bare, request)

    return enveloped


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
    limits.check_size(request)
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

"""How the API answers: JSON, and refusals in one of five shapes whose keys come in any order (NOTES 46)."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request, Response


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing the API refuses, in its words."""

    code: str
    message: str
    fields: tuple[str, ...] | None = None
    more: Mapping[str, Any] = field(default_factory=dict)

    def row(self) -> dict[str, Any]:
        """As a record of a collection tells it."""
        return shuffled({"statusCode": self.code, "message": self.message, "fields": list(self.fields or ())})

    def text(self) -> str:
        """As a row of a bulk result tells it."""
        return f"{self.code}:{self.message}:{','.join(self.fields or ())}--"


class Refused(HTTPException):
    """A whole call is refused."""

    def __init__(self, status: int, *troubles: Trouble) -> None:
        super().__init__()
        self.code = status
        self.troubles: Sequence[Trouble] = troubles


def refused(status: int, code: str, message: str, fields: Sequence[str] | None = None) -> Refused:
    return Refused(status, Trouble(code, message, None if fields is None else tuple(fields)))


def worded(request: Request, error: HTTPException) -> Response:
    """A refusal as the REST API words it: always an array."""
    status = error.code or 500
    if isinstance(error, Refused):
        answer = json_answer([_told(t) for t in error.troubles], status)
        if status == 401:
            answer.headers["WWW-Authenticate"] = "Token"
        return answer
    if status == 405:
        return worded(request, refused(405, "METHOD_NOT_ALLOWED", "HTTP Method not allowed for this resource"))
    if status == 404:
        return worded(request, refused(404, "NOT_FOUND", "The requested resource does not exist"))
    return worded(request, refused(status, "UNKNOWN_EXCEPTION", "An unexpected error occurred"))


def _told(trouble: Trouble) -> dict[str, Any]:
    told: dict[str, Any] = {"message": trouble.message, "errorCode": trouble.code}
    if trouble.fields is not None:
        told["fields"] = list(trouble.fields)
    return shuffled(told | dict(trouble.more))


def shuffled(document: dict[str, Any]) -> dict[str, Any]:
    """The same keys in an order that differs from one answer to the next, and is the same for the same answer."""
    seed = json.dumps(document, ensure_ascii=False)
    return dict(sorted(document.items(), key=lambda pair: zlib.crc32((pair[0] + seed).encode())))


def json_answer(document: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    body = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return Response(body, status, headers=dict(headers or {}), content_type="application/json;charset=UTF-8")


def no_content() -> Response:
    return Response(status=204)


def json_body(request: Request) -> Any:
    """The request's body. Raises Refused for what is not JSON."""
    try:
        return json.loads(request.get_data() or b"{}")
    except ValueError:
        raise refused(400, "JSON_PARSER_ERROR", "The HTTP entity body is required to be valid JSON") from None


def object_body(request: Request) -> dict[str, Any]:
    """The request's body, which must be an object."""
    body = json_body(request)
    if not isinstance(body, dict):
        raise refused(400, "JSON_PARSER_ERROR", "The HTTP entity body must be a JSON object")
    return body

"""HubSpot's way of answering: JSON, its instants, and its error body (NOTES 30)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias
from uuid import uuid4

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request, Response

from adapters.sandbox.server import json_response
from connector.instants import datetime_of

Json: TypeAlias = dict[str, Any]

MILLISECOND = 1_000
SCOPES_PAGE = "https://developers.hubspot.com/scopes"


class Refusal(HTTPException):
    """An answer other than yes. `status` is HTTP's; the rest fills HubSpot's error body, any part of which may lack."""

    def __init__(self, status: int, category: str | None, message: str, **more: Any) -> None:
        super().__init__(message)
        self.code = status
        self.headers: Mapping[str, str] = more.pop("headers", {})
        named = {"category": category} if category else {}
        self.body: Json = {
            "status": "error",
            "message": message,
            "correlationId": correlation(),
            **named,
            **more,
        }


def worded(request: Request, error: HTTPException) -> Response:
    """A refusal, or a path or method that is not there, as HubSpot words it (NOTES 31)."""
    if isinstance(error, Refusal):
        told = {"X-HubSpot-Correlation-Id": error.body["correlationId"], **error.headers}
        return json_response(error.body, error.code or 500, told)
    message = "resource not found" if error.code == 404 else (error.name or "error").lower()
    return json_response({"status": "error", "message": message, "correlationId": correlation()}, error.code or 500)


def correlation() -> str:
    return str(uuid4())


def not_found(what: str = "resource not found", **more: Any) -> Refusal:
    return Refusal(404, "OBJECT_NOT_FOUND", what, **more)


def invalid(message: str, **more: Any) -> Refusal:
    return Refusal(400, "VALIDATION_ERROR", message, **more)


def missing_scopes(scopes: Sequence[str]) -> Refusal:
    """403: any one of `scopes` would have opened it (NOTES 9)."""
    detail = {"message": "One or more of the following scopes are required.", "context": _scopes(scopes)}
    words = f"This app hasn't been granted all required scopes to make this call. Read more about them: {SCOPES_PAGE}."
    return Refusal(403, "MISSING_SCOPES", words, errors=[detail], links={"scopes": SCOPES_PAGE})


def _scopes(scopes: Sequence[str]) -> Json:
    return {"requiredGranularScopes": list(scopes)}


def iso_ms(ms: int) -> str:
    """`2025-11-04T12:10:35.352Z`; a whole second has no fraction (NOTES 52)."""
    moment = datetime_of(ms * MILLISECOND)
    fraction = f".{ms % 1000:03d}" if ms % 1000 else ""
    return f"{moment:%Y-%m-%dT%H:%M:%S}{fraction}Z"


def body_of(request: Request) -> Json:
    """The JSON object sent, with fields that mean nothing here (NOTES 37). Raises Refusal when it is none."""
    try:
        told = json.loads(request.get_data() or b"{}")
    except ValueError:
        raise bad_json("the text is not JSON") from None
    if not isinstance(told, dict):
        raise bad_json("an object was expected")
    return told


def bad_json(why: str) -> Refusal:
    return invalid(f"Invalid input JSON: {why}")


def texts_of(body: Mapping[str, Any], name: str) -> list[str]:
    """A list of texts in a body; absent is empty. Raises Refusal."""
    told = body.get(name) or []
    if not isinstance(told, list) or not all(isinstance(t, str) for t in told):
        raise bad_json(f"`{name}` is not a list of strings")
    return told


def inputs_of(body: Mapping[str, Any], most: int) -> list[Json]:
    """A batch's inputs. Raises Refusal when they are no list of objects, or too many (NOTES 27)."""
    told = body.get("inputs")
    if not isinstance(told, list) or not all(isinstance(i, dict) for i in told):
        raise bad_json("`inputs` is not a list of objects")
    if len(told) > most:
        raise invalid(f"Batch size must be at most {most}, was {len(told)}")
    return told


def id_of(item: Mapping[str, Any], name: str = "id") -> str:
    """An id in a body: text. Raises Refusal."""
    told = item.get(name)
    if not isinstance(told, str) or not told:
        raise bad_json(f"`{name}` is not a string")
    return told


def number_asked(request: Request, name: str, usual: int, most: int) -> int:
    """A whole number among the query's parameters. Raises Refusal above `most` (NOTES 24)."""
    text = request.args.get(name)
    if text is None or text == "":
        return usual
    if not text.isdigit() or int(text) < 1:
        raise invalid(f"Invalid integer value for `{name}`")
    if int(text) > most:
        raise invalid(f"`{name}` must be at most {most}")
    return int(text)


def listed(request: Request, name: str) -> list[str]:
    """A query's list: repeated, joined by commas, or both."""
    return [part for text in request.args.getlist(name) for part in text.split(",") if part]


def asked_truth(request: Request, name: str) -> bool:
    return request.args.get(name, "").lower() == "true"

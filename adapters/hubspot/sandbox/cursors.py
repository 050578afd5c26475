"""Where a list goes on: base64 that arrives already percent-encoded inside the JSON (NOTES 42)."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from typing import TypeVar
from urllib.parse import quote

from werkzeug.wrappers import Request

from adapters.hubspot.sandbox.answers import Json, invalid

T = TypeVar("T")


def encoded(place: str) -> str:
    return quote(base64.b64encode(place.encode()).decode(), safe="")


def decoded(text: str) -> str:
    """The place a cursor means. Raises Refusal for one that is encoded twice, or none of ours."""
    try:
        return base64.b64decode(text.encode(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, UnicodeEncodeError):
        raise invalid("Invalid `after` cursor") from None


def encoded_once(query: str) -> str:
    """A query whose `after` was encoded again on its way here, as clients do that take it for plain text (NOTES 42)."""
    return _AFTER.sub(lambda found: found[0].replace("%25", "%"), query)


_AFTER = re.compile(r"(?:^|(?<=&))after=[^&]*")


def place_of(request: Request) -> int:
    """How many the client has seen already."""
    text = request.args.get("after", "")
    place = decoded(text) if text else "0"
    if not place.isdigit():
        raise invalid("Invalid `after` cursor")
    return int(place)


def page_of(request: Request, things: Sequence[T], size: int) -> tuple[Sequence[T], Json]:
    """A page of `things` and its `paging`, which the last page has not."""
    start = place_of(request)
    end = start + size
    return things[start:end], paging(request, encoded(str(end))) if end < len(things) else {}


def paging(request: Request, after: str) -> Json:
    """The `paging` part: the cursor, and a link that holds the same text."""
    return {"paging": {"next": {"after": after, "link": f"{request.base_url}?after={after}"}}}

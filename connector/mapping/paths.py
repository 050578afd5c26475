"""Page addresses as paths, so that one page has one name whatever led to it."""

from __future__ import annotations

import re
from urllib.parse import unquote

from connector.mapping.texts import clean

_SCHEME = re.compile(r"([a-z][a-z0-9+-]*):(//)?", re.IGNORECASE)
_HOST = re.compile(r"(?:www\.[^/?#\s]+|[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}(?::\d+)?(?=[/?#]))", re.IGNORECASE)


def path_of(text: str) -> str | None:
    """The address less host, query, fragment and trailing slash, decoded once: `/pricing`; the home page is `/`.

    What does not look like an address (`製品カタログ`) is kept as it is. Addresses of other things than pages
    (`mailto:`, `tel:`) are None: they may name a person.
    """
    told = clean(text)
    if not told:
        return None
    scheme = _SCHEME.match(told)
    if scheme and scheme[1].lower() not in {"http", "https"}:
        return None if scheme[2] or scheme[1].lower() in {"mailto", "tel", "sms", "javascript", "data"} else told
    if scheme or told.startswith("//"):
        told = _after_host(told[scheme.end() :] if scheme else told[2:])
    elif host := _HOST.match(told):
        told = told[host.end() :] or "/"
    return _path(told) if told[:1] in {"/", "?", "#"} else told


def _after_host(rest: str) -> str:
    found = re.search(r"[/?#]", rest)
    return rest[found.start() :] if found else "/"


def _path(told: str) -> str:
    raw = re.split(r"[?#]", told, maxsplit=1)[0]
    return "/" + clean(_decoded(raw)).strip("/") if raw.strip("/") else "/"


def _decoded(raw: str) -> str:
    try:
        return unquote(raw, errors="strict")
    except UnicodeDecodeError:  # Shift_JIS and the like: better the codes than wrong letters
        return raw

"""Between a client and a local CRM: lets everything pass and remembers it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Request

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request as it came over the wire, its target still encoded, and what it was answered."""

    method: str
    target: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    status: int = 0
    answer: bytes = field(default=b"", repr=False)


@dataclass(slots=True)
class Recorder:
    """`seen` is what went through, in order. An answer that a fault damages on its way is not seen here: put the
    recorder behind it."""

    seen: list[Exchange] = field(default_factory=list)

    def around(self, app: WSGIApplication) -> WSGIApplication:
        def recorded(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            request = Request(environ)
            body = request.get_data()
            environ["wsgi.input"].seek(0)
            heads: list[Any] = []

            def started(status: str, headers: Any, *more: Any) -> Any:
                heads.append(status)
                return start_response(status, headers, *more)

            parts: list[bytes] = []
            kept = Exchange(request.method, environ["REQUEST_URI"], dict(request.headers), body)
            try:
                for part in app(environ, started):
                    parts.append(part)
                    yield part
            finally:
                status = int(heads[-1].partition(" ")[0]) if heads else 0
                whole = (kept.method, kept.target, kept.headers, kept.body, status, b"".join(parts))
                self.seen.append(Exchange(*whole))

        return recorded

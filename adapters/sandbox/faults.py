"""What goes wrong between a client and a CRM, on purpose: wrapped around a sandbox's application."""

from __future__ import annotations

import os
import socket
import struct
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from random import Random
from typing import TYPE_CHECKING, Literal

from werkzeug.wrappers import Request, Response

from connector.errors import user_error
from connector.words import say

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

Kind = Literal["answer", "html", "truncated", "reset", "drip", "hang", "wrong_length"]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong with one request.

    `answer`: another status, headers and body. `html`: a gateway's error page. `truncated`: half the body, as if it
    were whole. `reset`: the connection dies in the middle of the body. `drip`: the body comes byte by byte over
    `seconds`. `hang`: silence for `seconds`, then the connection dies. `wrong_length`: more bytes promised than sent.
    `reached`: the request took effect although its answer is lost (answer, html and hang; of the others it always
    does).
    """

    kind: Kind
    status: int = 503
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 1.0
    reached: bool = False


def faults_of(text: str, seed: int) -> Callable[[Request], Fault | None]:
    """Faults by chance: `reset:2%,503:5%` lets two requests of a hundred die and answers five with 503. The same seed
    picks the same requests. Raises UserError for words that are none."""
    shares = [_share(part.strip()) for part in text.split(",") if part.strip()]
    rng = Random(seed)  # noqa: S311 - a rehearsal must be repeatable

    def choose(_: Request) -> Fault | None:
        dice = rng.random()
        for fault, share in shares:
            if dice < share:
                return fault
            dice -= share
        return None

    return choose


def _share(part: str) -> tuple[Fault, float]:
    name, _, percent = part.partition(":")
    number = percent.strip().removesuffix("%")
    if not number.replace(".", "", 1).isdigit() or float(number) > 100:
        raise user_error("LH-944", say("'{part}' is not a fault with a share", part=part), "--faults", WRITE)
    if name.isdigit() and 400 <= int(name) < 600:
        return Fault("answer", int(name), reached=False), float(number) / 100
    if name not in KINDS:
        raise user_error("LH-944", say("'{part}' is not a fault with a share", part=part), "--faults", WRITE)
    return Fault(KINDS[name]), float(number) / 100


KINDS: dict[str, Kind] = {
    "html": "html", "truncated": "truncated", "reset": "reset", "drip": "drip", "hang": "hang",
    "wrong_length": "wrong_length",
}  # fmt: skip
WRITE = say("Write such as 503:5%,reset:2%,html:1%,truncated:1%,hang:1%,drip:1%,wrong_length:1%.")

HTML = b"<html><head><title>503 Service Temporarily Unavailable</title></head><body><h1>503</h1></body></html>\n"


def with_faults(
    app: WSGIApplication,
    choose: Callable[[Request], Fault | None],
    *,
    sleep: Callable[[float], None] = time.sleep,
) -> WSGIApplication:
    """`app`, but for the requests `choose` picks a fault for. `choose` sees each request once, before `app` does."""

    def faulty(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        fault = choose(Request(environ))
        if fault is None:
            return app(environ, start_response)
        if fault.kind in {"answer", "html"}:
            return _instead(app, fault)(environ, start_response)
        if fault.kind == "hang":
            _hang(app, fault, environ, sleep)
        answer = Response.from_app(app, environ, buffered=True)
        return _spoil(answer, fault, environ, sleep)(environ, start_response)

    return faulty


def _instead(app: WSGIApplication, fault: Fault) -> WSGIApplication:
    shown = replace(fault, body=HTML, headers={"Content-Type": "text/html"}) if fault.kind == "html" else fault

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if fault.reached:
            Response.from_app(app, environ, buffered=True)
        return Response(shown.body, shown.status, headers=dict(shown.headers))(environ, start_response)

    return answer


def _hang(app: WSGIApplication, fault: Fault, environ: WSGIEnvironment, sleep: Callable[[float], None]) -> None:
    if fault.reached:
        Response.from_app(app, environ, buffered=True)
    sleep(fault.seconds)
    _reset(environ)


def _spoil(answer: Response, fault: Fault, environ: WSGIEnvironment, sleep: Callable[[float], None]) -> WSGIApplication:
    """The application's own answer, damaged on its way."""
    body = answer.get_data()
    half = body[: max(1, len(body) // 2)]
    if fault.kind == "truncated":
        answer.set_data(half)
        return answer
    length = len(body) + 64 if fault.kind == "wrong_length" else len(body)
    if fault.kind == "drip":
        parts = _drip(body, fault.seconds, sleep)
    else:
        parts = _broken(half if fault.kind == "reset" else body, environ, cut=fault.kind == "wrong_length")
    answer.response = parts
    answer.headers["Content-Length"] = str(length)
    return answer


def _drip(body: bytes, seconds: float, sleep: Callable[[float], None]) -> Iterator[bytes]:
    for at in range(len(body)):
        sleep(seconds / len(body))
        yield body[at : at + 1]


def _broken(body: bytes, environ: WSGIEnvironment, *, cut: bool) -> Iterator[bytes]:
    """Some body, and then no more: the connection ends (`cut`) or is reset."""
    yield body
    if cut:
        environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
        raise ConnectionAbortedError
    _reset(environ)


def _reset(environ: WSGIEnvironment) -> None:
    """Close the socket so that the client is told `connection reset`: with a linger of zero, past the objects that
    still hold it. Always raises ConnectionResetError, which ends the request here too. A dead socket takes the number
    of the closed one: what TLS still has to say must not go to the next connection that is given that number."""
    connection: socket.socket = environ["werkzeug.socket"]
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    dead, other = socket.socketpair()
    with dead, other:
        os.dup2(dead.fileno(), connection.fileno())
    raise ConnectionResetError

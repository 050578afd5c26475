"""A small HTTP(S) server for the sandboxes: loopback only, threads, HTTP/1.1 with keep-alive and chunked bodies.

Werkzeug's development server closes the connection after every answer, because it cannot tell where an unread request
body ends. CRM clients pool their connections, so here each body is read before the application is asked.
"""

from __future__ import annotations

import io
import json
import socket
import ssl
import threading
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.serving import BaseWSGIServer, DechunkedInput, WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from adapters.sandbox.faults import Fault, with_faults

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

Answer = Callable[..., Response]
"""Answers a request: `answer(request, **parts_of_the_path)`."""


@dataclass(frozen=True, slots=True)
class Tls:
    """Files of a certificate for localhost and 127.0.0.1, and of the authority a client must trust to accept it."""

    cert_file: Path
    key_file: Path
    ca_file: Path


def certificate(folder: Path) -> Tls:
    """The certificate kept in `folder`; the first call makes it. The authority's own key is not kept."""
    tls = Tls(folder / "localhost.pem", folder / "localhost.key", folder / "ca.pem")
    if not all(p.exists() for p in (tls.cert_file, tls.key_file, tls.ca_file)):
        _make_certificate(tls)
    return tls


def _make_certificate(tls: Tls) -> None:
    import trustme  # only a sandbox that speaks https needs it

    tls.key_file.parent.mkdir(parents=True, exist_ok=True)
    authority = trustme.CA()
    made = authority.issue_cert("localhost", "127.0.0.1")
    tls.key_file.touch(mode=0o600)
    made.private_key_pem.write_to_path(str(tls.key_file))
    tls.cert_file.write_bytes(b"".join(blob.bytes() for blob in made.cert_chain_pems))
    authority.cert_pem.write_to_path(str(tls.ca_file))


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers at `url` until it is stopped."""

    url: str
    port: int
    _server: _Server = field(repr=False)
    _thread: threading.Thread = field(repr=False)

    def stop(self) -> None:
        """Stop listening and hang up on every client. Stopping twice is harmless."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._server.hang_up()


def serve(app: WSGIApplication, *, port: int = 0, tls: Tls | None = None, log: Log | None = None) -> Running:
    """Serve `app` on 127.0.0.1 in a thread of its own; port 0 takes a free one. `log` is told one line a request.

    Raises OSError when the port is taken.
    """
    server = _server(app, port, tls, log)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    return Running(f"{'https' if tls else 'http'}://127.0.0.1:{server.port}", server.port, server, thread)


Log = Callable[[str], None]


class _Server:
    """Werkzeug's threaded server, plus who is connected now, so that stopping reaches pooled connections too."""

    def __init__(self, inner: BaseWSGIServer, log: Log | None) -> None:
        self.inner = inner
        self.port = inner.port
        self.connected: set[socket.socket] = set()
        inner.log_line = log  # type: ignore[attr-defined]  # ours, kept on theirs
        inner.connected = self.connected  # type: ignore[attr-defined]  # ours, kept on theirs

    def serve_forever(self, poll_interval: float) -> None:
        self.inner.serve_forever(poll_interval)

    def shutdown(self) -> None:
        self.inner.shutdown()

    def server_close(self) -> None:
        self.inner.server_close()

    def hang_up(self) -> None:
        for connection in list(self.connected):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # the client was quicker


def _server(app: WSGIApplication, port: int, tls: Tls | None, log: Log | None) -> _Server:
    # a socket of our own: werkzeug, given only a port, prints advice and exits the program when it is taken
    with socket.create_server(("127.0.0.1", port), backlog=128) as listening:
        inner = make_server(
            "127.0.0.1",
            port,
            app,
            threaded=True,
            request_handler=_Handler,
            ssl_context=_context(tls),
            fd=listening.fileno(),
        )
    if isinstance(inner.socket, ssl.SSLSocket):
        # each shakes hands in its own thread: one silent client must not stop all others
        vars(inner.socket)["do_handshake_on_connect"] = False
    return _Server(inner, log)


def _context(tls: Tls | None) -> ssl.SSLContext | None:
    if tls is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tls.cert_file, tls.key_file)
    return context


class _Handler(WSGIRequestHandler):
    """One connection: request after request until the client or an answer closes it."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # buffered: one packet per answer instead of one per header
    disable_nagle_algorithm = True

    def handle(self) -> None:
        connected: set[socket.socket] = self.server.connected  # type: ignore[attr-defined]  # ours, kept on theirs
        connected.add(self.connection)
        try:
            super().handle()
        except (OSError, ValueError):
            self.close_connection = True  # the other side, or a fault, hung up
        finally:
            connected.discard(self.connection)

    def finish(self) -> None:
        try:
            super().finish()
        except (OSError, ValueError):
            self.close_connection = True

    def run_wsgi(self) -> None:
        if self.headers.get("Expect", "").strip().lower() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            self.wfile.flush()
        environ = self.make_environ()
        try:
            environ["wsgi.input"] = io.BytesIO(self._body(environ))
        except ValueError:
            self.send_error(400)
            return
        self._answer(environ)

    def _body(self, environ: WSGIEnvironment) -> bytes:
        """The whole request body, after which the next request begins. Raises ValueError when its size is no size."""
        if not environ.get("wsgi.input_terminated"):
            return self.rfile.read(max(0, int(environ.get("CONTENT_LENGTH") or 0)))
        body = DechunkedInput(cast("BinaryIO", self.rfile)).readall()
        environ["CONTENT_LENGTH"] = str(len(body))
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        return body

    def _answer(self, environ: WSGIEnvironment) -> None:
        head: list[tuple[str, list[tuple[str, str]]]] = []

        def start_response(status: str, headers: list[tuple[str, str]], *_: object) -> Callable[..., object]:
            head[:] = [(status, headers)]
            return self.wfile.write

        try:
            chunks = self.server.app(environ, cast("StartResponse", start_response))
            self._send(environ, head, chunks)
            getattr(chunks, "close", lambda: None)()
        except OSError:
            raise  # a dead connection, or a fault that is one
        except Exception:
            traceback.print_exc()  # a mistake of the sandbox's own: whoever tests against it should see it
            self.send_error(500)

    def _send(
        self, environ: WSGIEnvironment, head: list[tuple[str, list[tuple[str, str]]]], chunks: Iterable[bytes]
    ) -> None:
        parts = iter(chunks)
        first = next(parts, b"")
        status, headers = head[0]
        code, _, reason = status.partition(" ")
        sized = any(name.lower() == "content-length" for name, _ in headers)
        bare = environ["REQUEST_METHOD"] == "HEAD" or int(code) in {204, 304}
        self._begin(int(code), reason, {name.lower() for name, _ in headers})
        for name, value in headers:
            self.send_header(name, value)
        if not sized and not bare:
            self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        if not bare:
            self._send_body(first, parts, chunked=not sized)
        self.wfile.flush()

    def _begin(self, code: int, reason: str, told: set[str]) -> None:
        """The status line, and the date of this machine unless the application tells its own."""
        self.log_request(code)
        self.send_response_only(code, reason)
        if "date" not in told:
            self.send_header("Date", self.date_time_string())

    def _send_body(self, first: bytes, rest: Iterable[bytes], *, chunked: bool) -> None:
        for data in (first, *rest) if not chunked else _chunks(first, rest):
            self.wfile.write(data)
            self.wfile.flush()

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:  # noqa: ARG002 - werkzeug's signature
        """Paths may carry ids but also e-mail addresses: only the path's part before `?` is told, and only if asked."""
        log: Log | None = self.server.log_line  # type: ignore[attr-defined]  # ours, kept on theirs
        if log:
            log(f"{self.command} {self.path.partition('?')[0]} {code}")

    def log(self, type: str, message: str, *args: object) -> None:
        """Nothing else is told: a broken client is the sandbox's daily bread."""


def _chunks(first: bytes, rest: Iterable[bytes]) -> Iterable[bytes]:
    for data in (first, *rest):
        if data:
            yield b"%x\r\n%b\r\n" % (len(data), data)
    yield b"0\r\n\r\n"


# ---- small applications --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Route:
    """Which answer stands at a method and path; `path` is a werkzeug rule such as `/contacts/<id>`."""

    method: str
    path: str
    answer: Answer


def app_of(
    routes: Sequence[Route],
    *,
    otherwise: Callable[[Request, HTTPException], Response] | None = None,
    before: Callable[[Request], Response | None] | None = None,
) -> WSGIApplication:
    """A WSGI application of routes. `before` may answer any request first (credentials, limits); `otherwise` words
    the refusals: no such path, wrong method, an HTTPException raised by an answer."""
    rules = [Rule(r.path, methods=[r.method], endpoint=r.answer) for r in routes]
    table = Map(rules, strict_slashes=False, merge_slashes=False)

    def respond(request: Request) -> Response:
        early = before(request) if before else None
        if early is not None:
            return early
        answer, parts = table.bind_to_environ(request.environ).match()
        return cast("Answer", answer)(request, **parts)

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        try:
            response = respond(request)
        except HTTPException as error:
            response = otherwise(request, error) if otherwise else error.get_response(environ)
        return response(environ, start_response)

    return app


def json_response(document: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer in UTF-8, compact as the CRMs send it."""
    body = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return Response(body, status, headers=dict(headers or {}), content_type="application/json;charset=utf-8")


__all__ = ["Fault", "Log", "Route", "Running", "Tls", "app_of", "certificate", "json_response", "serve", "with_faults"]

"""A door for clients whose hosts are built in: an HTTP proxy that leads them, unchanged, to a sandbox on this machine.

A client is told of it by the environment (`HTTPS_PROXY` and the names under which libraries look for an authority to
trust). It asks the proxy for `login.salesforce.com:443` and meets the sandbox, which shows a certificate of that name.
Any host that is not named, a vendor's telemetry for instance, is refused: nothing leaves the machine.
"""

from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

import trustme

from adapters.sandbox.server import Tls, serve

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


@dataclass(frozen=True, slots=True)
class Door:
    """An open door. `led` and `refused` are the hosts asked for, in order; `url` is the sandbox without the door."""

    env: Mapping[str, str]
    url: str
    ca_file: Path
    led: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


@contextmanager
def open_door(app: WSGIApplication, hosts: Sequence[str], folder: Path) -> Iterator[Door]:
    """Serve `app` as each of `hosts` (`*.my.salesforce.com` is any one label). Certificates are kept in `folder`."""
    tls = _certificate(hosts, folder)
    running = serve(app, tls=tls)
    led: list[str] = []
    refused: list[str] = []

    class Handler(_Connect):
        def leads(self, host: str) -> int | None:
            fits = any(fnmatchcase(host, one) for one in hosts)
            (led if fits else refused).append(host)
            return running.port if fits else None

    proxy = _Proxy(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        env = _env(f"http://127.0.0.1:{proxy.server_address[1]}", tls.ca_file)
        yield Door(env, running.url, tls.ca_file, led, refused)
    finally:
        proxy.shutdown()
        thread.join()
        proxy.server_close()
        running.stop()


def _env(proxy: str, ca_file: Path) -> dict[str, str]:
    """One proxy and one authority, by the names that Python's and Node's libraries look for."""
    return {
        **dict.fromkeys(("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"), proxy),
        **dict.fromkeys(("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "CURL_CA_BUNDLE"), str(ca_file)),
        "NODE_EXTRA_CA_CERTS": str(ca_file),
        "NODE_USE_ENV_PROXY": "1",
    }


def _certificate(hosts: Sequence[str], folder: Path) -> Tls:
    folder.mkdir(parents=True, exist_ok=True)
    tls = Tls(folder / "door.pem", folder / "door.key", folder / "door-ca.pem")
    authority = trustme.CA()
    made = authority.issue_cert("localhost", "127.0.0.1", *hosts)
    made.private_key_pem.write_to_path(str(tls.key_file))
    tls.cert_file.write_bytes(b"".join(blob.bytes() for blob in made.cert_chain_pems))
    authority.cert_pem.write_to_path(str(tls.ca_file))
    return tls


class _Proxy(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False  # a client's idle pooled connection must not hold the test up
    request_queue_size = 64


class _Connect(socketserver.StreamRequestHandler):
    """One CONNECT and the bytes that follow it, either way."""

    rbufsize = 0  # what follows the head belongs to the sandbox: none of it may stay in a buffer

    def leads(self, host: str) -> int | None:
        """The port a host leads to, or None."""
        raise AssertionError(host)

    def handle(self) -> None:
        with suppress(OSError):
            method, _, rest = self.rfile.readline(65_536).decode("latin-1").partition(" ")
            while self.rfile.readline(65_536).strip():
                continue
            host = rest.partition(" ")[0].rpartition(":")[0]
            port = self.leads(host) if method == "CONNECT" else None
            if port is None:
                self.wfile.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                return
            with socket.create_connection(("127.0.0.1", port)) as far:
                self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
                back = threading.Thread(target=_pump, args=(far, self.connection), daemon=True)
                back.start()
                _pump(self.connection, far)
                back.join()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65_536):
            sink.sendall(data)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)

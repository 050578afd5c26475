"""The sandbox's server over a real socket: what pooled, strange and unlucky clients get."""

from __future__ import annotations

import http.client
import json
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from werkzeug.wrappers import Request, Response

from adapters.sandbox.server import Fault, Route, Running, app_of, certificate, json_response, serve, with_faults

SEEN: list[str] = []


def echo(request: Request, name: str = "") -> Response:
    SEEN.append(request.method)
    return json_response({"name": name, "got": request.get_data().decode(), "port": request.environ["REMOTE_PORT"]})


def chosen(request: Request) -> Fault | None:
    told = request.headers.get("X-Fault")
    return Fault(**json.loads(told)) if told else None


ROUTES = (
    Route("GET", "/people/<name>", echo),
    Route("POST", "/people", echo),
    Route("DELETE", "/people", lambda request: Response(status=204)),
    Route("GET", "/stream", lambda request: Response(iter([b"a", b"", b"b"]))),
)


def no_waiting(seconds: float) -> None:
    """Sleeps are not slept in tests."""


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    server = serve(with_faults(app_of(ROUTES), chosen, sleep=no_waiting))
    yield server
    server.stop()


def faulty(running: Running, **fault: object) -> requests.Response:
    headers = {"X-Fault": json.dumps(fault), "Connection": "close"}
    return requests.get(running.url + "/people/山田", headers=headers, timeout=5)


def test_it_listens_on_loopback_only(running: Running) -> None:
    assert running.url == f"http://127.0.0.1:{running.port}"


def test_a_path_in_japanese_reaches_its_answer(running: Running) -> None:
    assert requests.get(running.url + "/people/山田", timeout=5).json()["name"] == "山田"


def test_a_pooled_connection_serves_many_requests_with_bodies(running: Running) -> None:
    with requests.Session() as client:
        answers = [client.post(running.url + "/people", data=f"body {n}", timeout=5).json() for n in range(5)]
    assert [a["got"] for a in answers] == [f"body {n}" for n in range(5)]
    assert len({a["port"] for a in answers}) == 1


def test_a_body_nobody_reads_does_not_spoil_the_next_request(running: Running) -> None:
    with requests.Session() as client:
        refused = client.post(running.url + "/nowhere", data="x" * 100_000, timeout=5)
        after = client.post(running.url + "/people", data="next", timeout=5)
    assert (refused.status_code, after.json()["got"]) == (404, "next")


def test_a_chunked_request_body_arrives_whole(running: Running) -> None:
    parts = (b"x" * 70_000 for _ in range(3))
    assert len(requests.post(running.url + "/people", data=parts, timeout=5).json()["got"]) == 210_000


def test_an_answer_of_unknown_length_is_sent_in_chunks(running: Running) -> None:
    answer = requests.get(running.url + "/stream", timeout=5)
    assert (answer.headers["Transfer-Encoding"], answer.text) == ("chunked", "ab")


def test_an_answer_without_a_body_leaves_the_connection_usable(running: Running) -> None:
    with requests.Session() as client:
        assert client.delete(running.url + "/people", timeout=5).status_code == 204
        assert client.head(running.url + "/people/a", timeout=5).content == b""
        assert client.get(running.url + "/people/a", timeout=5).json()["name"] == "a"


def test_a_client_that_asks_first_is_told_to_go_on(running: Running) -> None:
    with socket.create_connection(("127.0.0.1", running.port), 5) as raw:
        raw.sendall(b"POST /people HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
        assert raw.recv(100).startswith(b"HTTP/1.1 100")
        raw.sendall(b"hi")
        assert b'"got":"hi"' in raw.recv(1000)


@pytest.mark.parametrize("length", ["x", "1e3"])
def test_a_length_that_is_no_length_is_refused(running: Running, length: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=5)
    connection.putrequest("POST", "/people")
    connection.putheader("Content-Length", length)
    connection.endheaders()
    assert connection.getresponse().status == 400
    connection.close()


def test_a_wrong_method_and_a_wrong_path_are_told_apart(running: Running) -> None:
    assert requests.put(running.url + "/people", timeout=5).status_code == 405
    assert requests.get(running.url + "/nowhere", timeout=5).status_code == 404


def test_requests_are_logged_only_where_asked_and_without_their_query(capsys: pytest.CaptureFixture[str]) -> None:
    lines: list[str] = []
    server = serve(app_of(ROUTES), log=lines.append)
    requests.get(server.url + "/people/a?name=b", timeout=5)
    server.stop()
    assert lines == ["GET /people/a 200"]
    assert capsys.readouterr() == ("", "")


def test_a_stopped_server_hangs_up_on_pooled_connections() -> None:
    server = serve(app_of(ROUTES))
    with requests.Session() as client:
        client.get(server.url + "/people/a", timeout=5)
        server.stop()
        with pytest.raises(requests.ConnectionError):
            client.get(server.url + "/people/a", timeout=5)


def test_a_taken_port_is_an_error_to_the_caller(running: Running) -> None:
    with pytest.raises(OSError, match="in use"):
        serve(app_of(ROUTES), port=running.port)


def test_https_works_with_the_kept_certificate_and_its_key_is_private(tmp_path: Path) -> None:
    tls = certificate(tmp_path / "tls")
    assert certificate(tmp_path / "tls") == tls
    assert stat.S_IMODE(tls.key_file.stat().st_mode) == 0o600
    server = serve(with_faults(app_of(ROUTES), chosen, sleep=no_waiting), tls=tls)
    with socket.create_connection(("127.0.0.1", server.port)), requests.Session() as client:  # a silent one beside
        client.trust_env = False  # a CA bundle named by the environment would win over ours
        client.verify = str(tls.ca_file)
        assert client.get(f"https://localhost:{server.port}/people/a", timeout=5).json()["name"] == "a"
        with pytest.raises(requests.RequestException):
            client.get(server.url + "/people/a", headers={"X-Fault": '{"kind": "reset"}'}, timeout=5)
        assert client.get(server.url + "/people/a", timeout=5).status_code == 200
    server.stop()


def test_a_fault_can_answer_in_the_crms_place(running: Running) -> None:
    answer = faulty(running, kind="answer", status=429, headers={"Retry-After": "7"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")


def test_a_gateway_answers_in_html(running: Running) -> None:
    answer = faulty(running, kind="html", status=502)
    assert (answer.status_code, answer.headers["Content-Type"]) == (502, "text/html")
    assert answer.text.startswith("<html>")


def test_a_truncated_body_looks_whole_and_is_no_json(running: Running) -> None:
    answer = faulty(running, kind="truncated")
    assert answer.status_code == 200
    with pytest.raises(requests.JSONDecodeError):
        answer.json()


def test_a_dripping_body_arrives_in_the_end(running: Running) -> None:
    assert faulty(running, kind="drip").json()["name"] == "山田"


@pytest.mark.parametrize("kind", ["reset", "hang", "wrong_length"])
def test_a_broken_connection_is_seen_as_one_and_the_server_lives_on(running: Running, kind: str) -> None:
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        faulty(running, kind=kind)
    assert requests.get(running.url + "/people/a", timeout=5).status_code == 200


@pytest.mark.parametrize(("reached", "times"), [(False, 0), (True, 1)])
@pytest.mark.parametrize("kind", ["answer", "html", "hang"])
def test_an_answer_is_lost_before_or_after_the_request_took_effect(
    running: Running, kind: str, reached: bool, times: int
) -> None:
    SEEN.clear()
    try:
        faulty(running, kind=kind, reached=reached)
    except requests.ConnectionError:
        assert kind == "hang"
    assert len(SEEN) == times


def test_a_mistake_in_a_sandbox_is_shown_and_answered(capsys: pytest.CaptureFixture[str]) -> None:
    def mistaken(request: Request) -> Response:
        raise ValueError("mistaken")

    server = serve(app_of([Route("GET", "/", mistaken)]))
    assert requests.get(server.url, timeout=5).status_code == 500
    server.stop()
    assert "mistaken" in capsys.readouterr().err

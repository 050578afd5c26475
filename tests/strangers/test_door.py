"""The door leads named hosts to a sandbox, and nobody anywhere else."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests

from adapters.sandbox.server import Route, app_of, json_response
from tests.strangers.door import Door, open_door
from tests.strangers.installs import NotInstalled, have, python_stranger, run

APP = app_of([Route("GET", "/who", lambda request: json_response({"host": request.host}))])


def _get(door: Door, url: str) -> requests.Response:
    with requests.Session() as session:
        session.trust_env = False
        return session.get(url, proxies={"https": door.env["HTTPS_PROXY"]}, verify=str(door.ca_file), timeout=5)


def test_named_hosts_are_led_to_the_sandbox_by_a_certificate_of_theirs(tmp_path: Path) -> None:
    with open_door(APP, ["login.example.com", "*.my.example.com"], tmp_path) as door:
        assert _get(door, "https://login.example.com/who").json() == {"host": "login.example.com"}
        assert _get(door, "https://acme.my.example.com/who").json() == {"host": "acme.my.example.com"}
        assert door.led == ["login.example.com", "acme.my.example.com"]


def test_any_other_host_is_refused_and_noted(tmp_path: Path) -> None:
    with open_door(APP, ["login.example.com"], tmp_path) as door:
        with pytest.raises(requests.exceptions.ProxyError):
            _get(door, "https://telemetry.example.com/who")
        assert (door.led, door.refused) == ([], ["telemetry.example.com"])


def test_a_stranger_sees_the_door_and_nothing_of_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEADHEAT_SECRET", "x")
    told = run(["env"], home=tmp_path, env={"HTTPS_PROXY": "http://127.0.0.1:1"})
    names = {line.partition("=")[0] for line in told.stdout.splitlines()}
    assert names - {"PWD", "SHLVL", "_", "LC_CTYPE"} == {"PATH", "HOME", "LANG", "TZ", "HTTPS_PROXY"}


def test_a_stranger_that_cannot_be_had_is_skipped_or_fails_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    def install() -> None:
        raise NotInstalled("no network")

    monkeypatch.setattr("tests.strangers.installs.ALL", False)
    with pytest.raises(pytest.skip.Exception, match="no network"):
        have(install, quick=True)
    with pytest.raises(pytest.skip.Exception, match="make strangers"):
        have(install)
    monkeypatch.setattr("tests.strangers.installs.ALL", True)
    with pytest.raises(pytest.fail.Exception, match="no network"):
        have(install)


def test_what_cannot_be_had_is_asked_for_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Path] = []

    def pip(home: Path, pins: Path) -> None:
        asked.append(pins)
        raise NotInstalled("no network")

    monkeypatch.setattr("tests.strangers.installs.CACHE", tmp_path)
    monkeypatch.setattr("tests.strangers.installs._MISSING", {})
    monkeypatch.setattr("tests.strangers.installs._pip", pip)
    for _ in range(2):
        with pytest.raises(NotInstalled, match="tap-salesforce: no network"):
            python_stranger("tap-salesforce")
    assert len(asked) == 1

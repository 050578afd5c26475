"""The watch hears what it is there for: each way in which something can leak is tried once, on purpose."""

from __future__ import annotations

import logging
import subprocess
from collections.abc import Callable

import pytest

from connector.errors import Problem, UserError
from connector.words import say
from tests.watch import PLANTED, Watch, hear_command

pytestmark = pytest.mark.leaks(reason="leaks one planted value in each way, to see it caught")
MAIL = "hanako@planted.example"


def _logged() -> None:
    logging.getLogger("urllib3.connectionpool").warning("GET /contacts?email=hanako%%40planted.example %s", 200)


def _logged_with_an_error() -> None:
    try:
        raise ValueError(f"cannot read {MAIL}")
    except ValueError:
        logging.getLogger("simple_salesforce.api").exception("it failed")


def _debugged() -> None:
    logging.getLogger("hubspot.rest").debug("body: %r", {"firstname": PLANTED})


def _said() -> None:
    say("the row '{value}' is wrong", value=PLANTED)


def _raised_as_ours() -> None:
    UserError(Problem("LH-999", say("wrong"), f"leads.csv: {MAIL}"))


def _raised_as_a_cause() -> None:
    with pytest.raises(RuntimeError):
        try:
            raise KeyError(MAIL)
        except KeyError as error:
            raise RuntimeError("no such lead") from error


@pytest.mark.parametrize(
    "leak", [_logged, _logged_with_an_error, _debugged, _said, _raised_as_ours, _raised_as_a_cause]
)
def test_a_planted_leak_is_heard(leak: Callable[[], None], nothing_personal_is_said: Watch) -> None:
    assert nothing_personal_is_said.drain() == []
    leak()
    assert nothing_personal_is_said.drain()


@pytest.mark.parametrize(("out", "err"), [(f"1 {MAIL}", ""), (b"", b"pat-na1-00000000-0000-4000-8000-000000000001")])
def test_what_a_command_prints_is_heard(out: str | bytes, err: str | bytes, nothing_personal_is_said: Watch) -> None:
    hear_command(nothing_personal_is_said, ["/x/leadheat", "plan"], subprocess.CompletedProcess([], 0, out, err))
    assert len(nothing_personal_is_said.drain()) == 1


@pytest.mark.parametrize(
    "secret",
    [
        "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEAplanted0000", "00D000000000001!AQ0AQ.planted.session",
        "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4In0.sig", "leadheat_sandbox_consumer_secret", PLANTED,
        "see https://x.example/?e=taro%40planted.example",
    ],
)  # fmt: skip
def test_every_kind_of_secret_is_known(secret: str, nothing_personal_is_said: Watch) -> None:
    nothing_personal_is_said.hear("x", secret)
    assert nothing_personal_is_said.drain()


@pytest.mark.parametrize("harmless", ["https://leadheat@127.0.0.1", "postgresql://user@host/name", "部長 2026-11-22"])
def test_what_is_harmless_is_let_be(harmless: str, nothing_personal_is_said: Watch) -> None:
    nothing_personal_is_said.hear("x", harmless)
    assert nothing_personal_is_said.drain() == []

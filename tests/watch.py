"""Looks, through the whole suite's run, at all that is said: log records, our errors and messages, exceptions that
reach a test, what the real command prints. An e-mail address, a token or a planted value in any of it fails the test.

The worlds of the tests hold invented people, and each has an address: so an address is the mark to look for.
"""

from __future__ import annotations

import functools
import logging
import re
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from _pytest._code.code import ExceptionInfo

from connector.errors import LeadheatError
from connector.words import Message

PLANTED = "Plantedyama"
"""Stands in every planted name, title and number's neighbour; nobody says it but a leak."""

MARKS = re.compile(
    r"[\w.+-]+(?:@|%40)[\w-]+(?:\.[\w-]+)+"  # an address, as it is or in a URL
    rf"|{PLANTED}"
    r"|pat-(?:na1|eu1)-[0-9a-f-]{8,}"  # HubSpot's keys
    r"|leadheat_sandbox_consumer_secret|5ec2e700|2ef2e5400001"  # the sandboxes' secrets
    r"|-----BEGIN [A-Z ]+-----\s*[A-Za-z0-9+/=]{16}|MII[A-Za-z0-9+/]{40,}"  # private keys
    r"|eyJ[\w-]{10,}\.eyJ"  # JWTs
    r"|00D\w{12,15}![\w.]{8,}"  # Salesforce's sessions
    r"|geheim|hunter2"  # what tests call their passwords
)

ALLOWED_LOGGERS = {
    "werkzeug": "the sandboxes' own server: tells its operator which URLs were asked for; its people are invented",
}
ALLOWED_COMMANDS = {
    "sandbox": "prints the settings that lead to it, its invented secrets among them",
    "demo": "as sandbox",
    "fields": "shows samples of what fields hold, on the screen of whoever asked for just that",
}
ALLOWED_SENDERS = ("leadheat@", "git@", "user@host")


class Watch:
    """What was heard since the last look."""

    def __init__(self) -> None:
        self.leaks: list[str] = []

    def hear(self, where: str, text: str) -> None:
        found = [m.group() for m in MARKS.finditer(text) if not m.group().startswith(ALLOWED_SENDERS)]
        self.leaks += [f"{where}: {mark} in: {text[:300]}" for mark in found[:1]]

    def drain(self) -> list[str]:
        found, self.leaks = self.leaks, []
        return found


def begin(watch: Watch) -> Callable[[], None]:
    """Listen everywhere; returns what ends it."""
    ends = [_logs(watch), _messages(watch), _errors(watch), _caught(watch), _commands(watch)]
    return lambda: [end() for end in ends] and None


def _logs(watch: Watch) -> Callable[[], None]:
    """Every record of every logger at its most talkative."""
    make = logging.getLogRecordFactory()
    level = logging.root.level
    logging.root.setLevel(logging.DEBUG)
    logging.getLogger("faker").setLevel(logging.WARNING)  # hundreds of lines about its own word lists

    def heard(*args: Any, **kwargs: Any) -> logging.LogRecord:
        record = make(*args, **kwargs)
        if record.name.split(".")[0] not in ALLOWED_LOGGERS:
            watch.hear(f"log {record.name}", record.getMessage() + _chain(record.exc_info and record.exc_info[1]))
        return record

    logging.setLogRecordFactory(heard)

    def end() -> None:
        logging.setLogRecordFactory(make)
        logging.root.setLevel(level)

    return end


def _chain(error: object) -> str:
    """An exception's text and repr, and those of the exceptions that a traceback would show with it."""
    told: list[str] = []
    while isinstance(error, BaseException) and len(told) < 20:
        told.append(f"\n{error}\n{error!r}")
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "".join(told)


def _patched(owner: Any, name: str, make: Callable[[Any], Any]) -> Callable[[], None]:
    before = owner.__dict__[name] if isinstance(owner, type) else getattr(owner, name)
    setattr(owner, name, make(before))
    return lambda: setattr(owner, name, before)


def _messages(watch: Watch) -> Callable[[], None]:
    """Whatever is ever said to people goes through a Message: errors, rejects, receipts, notices."""

    def make(init: Any) -> Any:
        @functools.wraps(init)
        def heard(self: Message, *args: Any, **kwargs: Any) -> None:
            init(self, *args, **kwargs)
            if self.values:
                watch.hear(f"message '{self.text}'", " ".join(map(str, self.values.values())))

        return heard

    return _patched(Message, "__init__", make)


def _errors(watch: Watch) -> Callable[[], None]:
    def make(init: Any) -> Any:
        @functools.wraps(init)
        def heard(self: LeadheatError, *args: Any, **kwargs: Any) -> None:
            init(self, *args, **kwargs)
            watch.hear(f"error {type(self).__name__}", f"{self}\n{self!r}")

        return heard

    return _patched(LeadheatError, "__init__", make)


def _caught(watch: Watch) -> Callable[[], None]:
    """Exceptions that reached a test's `pytest.raises`: what a caller sees, causes and contexts with it."""

    def make(fill: Any) -> Any:
        @functools.wraps(fill)
        def heard(self: Any, told: tuple[type[BaseException], BaseException, Any]) -> None:
            watch.hear(f"exception {told[0].__name__}", _chain(told[1]))
            fill(self, told)

        return heard

    return _patched(ExceptionInfo, "fill_unfilled", make)


def _commands(watch: Watch) -> Callable[[], None]:
    """Both outputs of every real `leadheat` that a test runs."""

    def make(run: Any) -> Any:
        @functools.wraps(run)
        def heard(words: Any, *args: Any, **kwargs: Any) -> Any:
            done = run(words, *args, **kwargs)
            hear_command(watch, words, done)
            return done

        return heard

    return _patched(subprocess, "run", make)


def hear_command(watch: Watch, words: Any, done: subprocess.CompletedProcess[Any]) -> None:
    if isinstance(words, Sequence) and not isinstance(words, str) and words and Path(str(words[0])).name == "leadheat":
        told = [str(word) for word in words[1:]]
        if not set(told) & ALLOWED_COMMANDS.keys():
            for stream in (done.stdout, done.stderr):
                text = stream.decode("utf-8", "replace") if isinstance(stream, bytes) else stream or ""
                watch.hear(f"leadheat {' '.join(told)}", text)

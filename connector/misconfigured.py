"""What can be wrong with settings, in words: by variable, with the remedy, without any value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from connector.configured import ConnectionSettings
from connector.errors import Problem, did_you_mean
from connector.words import Message, say

PREFIX = "LEADHEAT_"
CONNECTION = f"{PREFIX}CONNECTIONS__"
TEST_PREFIX = f"{PREFIX}TEST_"
"""Variables of our own tests; they are no settings and disturb none."""

COMMON = ("crm", "mapping", "lang", "max_changes", "schedule", "jitter", "api_budget", "ca_file")
KEYS: Mapping[str, tuple[str, ...]] = {
    "hubspot": (*COMMON, "base_url", "token"),
    "salesforce": (
        *COMMON, "instance_url", "client_id", "client_secret", "username", "private_key", "access_token",
    ),
    "spreadsheet": (*COMMON, "path", "out", "activities", "id"),
}  # fmt: skip
SECRETS = ("token", "client_secret", "private_key", "access_token")

PLAIN_HTTP = say("Write https://; http is for this machine only.")
FROM_FOLDER = say("A relative path starts from the folder of .env.")
_SAYINGS: Mapping[str, tuple[str, Message, Message | None]] = {
    "missing": ("LH-103", say("is missing"), None),
    "literal_error": ("LH-104", say("is none of the words allowed here"), None),
    "share": ("LH-105", say("is not a share"), say("Write 20% or 0.2.")),
    "timetable": (
        "LH-106",
        say("is neither an interval nor a cron line"),
        say("Write 15m, 1h or 1d, or a cron line such as '0 7 * * 1-5'; not both a day of the month and of the week."),
    ),
    "jitter": ("LH-107", say("is not a duration"), say("Write 30s or 5m.")),
    "url": ("LH-108", say("is not an address"), say("Write it as https://host, without user name or query.")),
    "plain_http": ("LH-109", say("would send secrets unencrypted"), PLAIN_HTTP),
    "instant": ("LH-110", say("is not an instant with its zone"), say("Write 2026-11-22T09:00:00+09:00.")),
    "zone": ("LH-111", say("is not a time zone"), say("Write a name such as Asia/Tokyo.")),
    "database": (
        "LH-112",
        say("is not the address of a database"),
        say("Write sqlite:///leadheat.db or postgresql://user:password@host/name."),
    ),
    "no_file": ("LH-113", say("names a file that does not exist"), FROM_FOLDER),
}  # fmt: skip
_WORDS = {"crm": "hubspot, salesforce, spreadsheet", "lang": "ja, en, both"}


def variable(connection: str, key: str) -> str:
    """The environment variable of one setting of one connection."""
    return f"{CONNECTION}{connection}__{key}".upper()


def problem_of(error: Mapping[str, Any]) -> Problem:
    """One complaint of pydantic's, in our words."""
    loc = [str(part) for part in error["loc"]]
    where = (PREFIX + "__".join("timezone" if part == "zone" else part for part in loc)).upper()
    code, what, fix = _SAYINGS.get(str(error["type"]), ("LH-114", say("cannot be read"), None))
    if error["type"] == "literal_error":
        words = "ja, en" if loc == ["lang"] else _WORDS.get(loc[-1], "")
        fix = say("One of: {words}", words=words)
    return Problem(code, what, where, fix)


def unknown_variables(names: Iterable[str], known: Sequence[str]) -> Iterator[Problem]:
    """Variables that begin like ours and are none: a typing error would otherwise be silently ignored."""
    mine = [f"{PREFIX}{name}".upper() for name in known]
    for name in sorted({n.upper() for n in names}):
        if not name.startswith(PREFIX) or name.startswith((CONNECTION, TEST_PREFIX)) or name in mine:
            continue
        close = did_you_mean(name, [*mine, f"{PREFIX}CONNECTIONS"]) or say("See .env.example for all settings.")
        yield Problem("LH-102", say("is not a setting"), name, close)


def misfits(name: str, words: Mapping[str, str]) -> Iterator[Problem]:
    """What does not fit together within one connection: unknown keys, another CRM's keys, ways in that lack a part."""
    if not name.replace("_", "").isalnum() or not name.isascii():
        fix = say("Use letters, digits and single underscores.")
        yield Problem("LH-115", say("is no name for a connection"), f"{CONNECTION}{name}".upper(), fix)
    crm = words.get("crm", "")
    if crm not in KEYS:
        yield from _strangers(name, words, tuple(ConnectionSettings.model_fields))
        return
    yield from _strangers(name, words, KEYS[crm], crm)
    yield from _missing(name, words, crm)


def _strangers(name: str, words: Mapping[str, str], known: Sequence[str], crm: str | None = None) -> Iterator[Problem]:
    for key in sorted(set(words) - set(known)):
        if crm and key in ConnectionSettings.model_fields:
            yield Problem("LH-116", say("is no setting of a {crm} connection", crm=crm), variable(name, key))
        else:
            close = did_you_mean(
                key.upper(), [k.upper() for k in (*known, *(f"{s}_file" for s in SECRETS if s in known))]
            )
            yield Problem("LH-102", say("is not a setting"), variable(name, key), close)


def _missing(name: str, words: Mapping[str, str], crm: str) -> Iterator[Problem]:
    needs = {"hubspot": ("token",), "salesforce": ("instance_url",), "spreadsheet": ("path",)}[crm]
    for key in (k for k in needs if not words.get(k)):
        fix = say("'leadheat connect {name}' asks for it.", name=name)
        yield Problem("LH-103", say("is missing"), variable(name, key), fix)
    if crm == "salesforce" and not _way_in(words):
        where = variable(name, "client_secret" if words.get("client_id") else "client_id")
        yield Problem("LH-117", say("there is no way to sign in to Salesforce"), where, WAYS)


WAYS = say("Set client_id and client_secret of an External Client App, or client_id, username and private_key.")


def _way_in(words: Mapping[str, str]) -> bool:
    ways = (("client_id", "client_secret"), ("client_id", "username", "private_key"), ("access_token",))
    return any(all(words.get(key) for key in way) for way in ways)

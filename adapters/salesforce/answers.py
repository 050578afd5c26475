"""What Salesforce means when it refuses: its five shapes of error, and what each asks of us.

Decisions go by Salesforce's own code first and by the HTTP status only where it gives none. Only codes and names of
fields are ever repeated to people: its messages quote what records hold.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from adapters.http import OK, Answer, Refused, Verdict, plain_id
from connector.errors import Misunderstood, Problem, Unavailable
from connector.words import Message, say

from .config import SalesforceConfig

_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,79}")
_FIELD = re.compile(r"[A-Za-z][A-Za-z0-9_.]{0,99}")
_NO_SUCH = re.compile(r"No such column '([A-Za-z0-9_.]+)'")
_MISSING = re.compile(r"Field name not found : ([A-Za-z0-9_.]+)")

_USAGE = re.compile(r"(?:^|;)\s*api-usage=(\d+)/(\d+)")

Kind: TypeAlias = Literal["ok", "retry", "refresh", "denied", "quota", "refused"]

PASSING = frozenset({406, 408, 420, 429})
"""Statuses, besides 5xx, that Salesforce or what stands before it gives to a call that may be repeated."""

SET_UP = frozenset(
    {
        "API_DISABLED_FOR_ORG",
        "API_CURRENTLY_DISABLED",
        "TXN_SECURITY_METERING_ERROR",
        "INSUFFICIENT_ACCESS",
        "INSUFFICIENT_ACCESS_OR_READONLY",
        "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
        "FUNCTIONALITY_NOT_ENABLED",
    }
)
"""Codes that an administrator has to act upon."""

ABSENT = frozenset({"INVALID_TYPE", "NOT_FOUND", "INVALIDENTITY"})
"""Codes of an object that this org does not have, or does not show to our user."""

GONE = frozenset({"ENTITY_IS_DELETED", "CANNOT_UPDATE_CONVERTED_LEAD", "NOT_FOUND", "INVALID_CROSS_REFERENCE_KEY"})
"""Codes of a record that was deleted, merged or converted since we read it."""

BUSY = frozenset({"UNABLE_TO_LOCK_ROW", "SERVER_UNAVAILABLE", "QUERY_TIMEOUT", "ROW_LOCK_TIMEOUT", "JOB_NOT_COMPLETE"})
"""Codes that another try may not meet again."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """One error: Salesforce's code, its text (never shown), the fields it names."""

    code: str
    message: str = field(default="", repr=False)
    fields: tuple[str, ...] = ()

    def why(self) -> Message:
        """The refusal in words that hold nothing from the record."""
        if self.fields:
            return say("Salesforce refuses it: {code} ({fields})", code=self.code, fields=", ".join(self.fields))
        return say("Salesforce refuses it: {code}", code=self.code)


def codes_of(error: Refused) -> frozenset[str]:
    """Salesforce's codes in a refusal."""
    return frozenset(t.code for t in troubles(error.answer.body))


def troubles(body: str | bytes | Any) -> list[Trouble]:
    """Every error in an answer: REST's array, OAuth's object, a row of collections, bulk's `exceptionCode`. Empty
    when the body is none of these, such as a proxy's page."""
    try:
        said = json.loads(body) if isinstance(body, (str, bytes)) else body
    except ValueError:
        return []
    rows = said if isinstance(said, list) else [said]
    return [t for row in rows if isinstance(row, Mapping) and (t := _trouble(row))]


def _trouble(said: Mapping[str, Any]) -> Trouble | None:
    code = next((said[k] for k in ("errorCode", "statusCode", "exceptionCode", "error") if said.get(k)), None)
    if not isinstance(code, str):
        return None
    message = next((said[k] for k in ("message", "exceptionMessage", "error_description") if said.get(k)), "")
    return Trouble(_code(code), str(message), _fields(said.get("fields") or (), str(message)))


def row_trouble(said: str) -> Trouble:
    """A failed row of a bulk job: `CODE:message:field list--`, whose message may hold colons too."""
    code, _, rest = said.partition(":")
    message, _, names = rest.rpartition(":")
    return Trouble(_code(code), message, _fields(names.removesuffix("--").split(","), message))


def _code(said: str) -> str:
    return said if _CODE.fullmatch(said) else "UNKNOWN_ERROR"


def _fields(named: Any, message: str) -> tuple[str, ...]:
    listed = [str(f).strip() for f in named] if isinstance(named, (list, tuple)) else []
    found = [*listed, *_NO_SUCH.findall(message), *_MISSING.findall(message)]
    return tuple(dict.fromkeys(f for f in found if _FIELD.fullmatch(f)))


def spent(trouble: Trouble) -> bool:
    """The org's calls of the last 24 hours are used up, which no waiting within a pass can help."""
    return trouble.code == "REQUEST_LIMIT_EXCEEDED" and "TotalRequests" in trouble.message


def crowded(trouble: Trouble) -> bool:
    """Too many calls at the same time: wait, then try again."""
    return trouble.code == "REQUEST_LIMIT_EXCEEDED" and not spent(trouble)


def expired(trouble: Trouble) -> bool:
    """A session that a new token helps. The same code also says that REST does not take this kind of session."""
    return trouble.code == "INVALID_SESSION_ID" and "not valid for use" not in trouble.message


# ---- verdicts --------------------------------------------------------------------------------------------------------


def decide(config: SalesforceConfig, answer: Answer) -> Verdict:
    """What an answer means. An unknown 4xx is for good, an unknown 5xx passes."""
    if answer.done:
        return OK if _whole(answer) else Verdict("retry")
    found = troubles(answer.body)
    first = found[0] if found else Trouble("")
    request = plain_id(answer.headers.get("x-request-id") or answer.headers.get("sfdc-request-id"))
    named = f"{first.code} ({', '.join(first.fields)})" if first.fields else first.code
    return Verdict(_kind(answer, first), named, request, problem=_problem(config, answer, first))


def decide_login(config: SalesforceConfig, answer: Answer) -> Verdict:
    """The same for the token endpoint, which says yes with a JSON object and with nothing else."""
    if answer.done and not isinstance(answer.document, Mapping):
        return Verdict("retry")
    return decide(config, answer)


def _whole(answer: Answer) -> bool:
    """Whether a yes is Salesforce's own and not cut: its API never answers with a web page, but what stands before it
    does, and JSON that does not parse has lost its end."""
    told = answer.headers.get("content-type", "").lower()
    cut = "json" in told and answer.body != b"" and answer.document is None
    return "html" not in told and not cut


def _kind(answer: Answer, first: Trouble) -> Kind:
    if spent(first):
        return "quota"
    if answer.status == 401:
        return "refresh" if expired(first) else "denied"
    if answer.status >= 500 or answer.status in PASSING or crowded(first) or first.code in BUSY:
        return "retry"
    if answer.status == 403 or first.code in SET_UP or _oauth(answer):
        return "denied"
    return "refused"


def _oauth(answer: Answer) -> bool:
    """A refusal of the token endpoint, which alone answers with an object that has an `error`."""
    return isinstance(answer.document, Mapping) and "error" in answer.document


def _problem(config: SalesforceConfig, answer: Answer, first: Trouble) -> Problem:
    if answer.status == 401 or _oauth(answer):
        return no_token(config, first.code)
    what = say(
        "{connection}: Salesforce does not allow it to this user ({code})",
        connection=config.name,
        code=first.code or f"status {answer.status}",
    )
    fix = say("Ask the Salesforce administrator for API access and the permission set of Leadheat.")
    return Problem("LH-545", what, fix=fix)


def no_token(config: SalesforceConfig, code: str) -> Problem:
    """The token endpoint says no, or a fresh token is refused too."""
    what = say("{connection}: Salesforce does not let us in ({code})", connection=config.name, code=code or "401")
    fix = say("Check the app, its user and this setting: 'leadheat connect {name}'.", name=config.name)
    return Problem("LH-544", what, config.setting(config.way), fix)


def used(answer: Answer) -> float | None:
    """The share of the org's calls in the last 24 hours that is gone, ours and everybody's; None when not told."""
    found = _USAGE.search(answer.headers.get("sforce-limit-info", ""))
    return int(found[1]) / int(found[2]) if found and int(found[2]) else None


def job_takes_long(config: SalesforceConfig) -> Unavailable:
    what = say("{connection}: Salesforce has not finished a bulk job in time", connection=config.name)
    return Unavailable(Problem("LH-546", what, fix=say("The next run goes on from here.")))


def unreadable(config: SalesforceConfig, what: str) -> Misunderstood:
    """`what` names the call."""
    told = say("{connection}: we cannot read Salesforce's answer to {what}", connection=config.name, what=what)
    return Misunderstood(Problem("LH-547", told, fix=say("The next run asks again; if it stays, report this line.")))

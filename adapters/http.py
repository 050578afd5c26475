"""One retry policy, one limiter, one translation of HTTP into our errors, for every CRM that is spoken to by HTTP.

An adapter brings two things: `send`, which makes one request and returns an Answer, and `decide`, a pure function
that says what an Answer means. All else is here. Bodies may hold personal values, so nothing of them is ever logged or
raised but the CRM's own code words.
"""

from __future__ import annotations

import json
import logging
import math
import re
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from typing import Any, Literal

import urllib3
from tenacity import RetryCallState, Retrying, retry_if_exception_type

from adapters.pace import DAY_SECONDS, Limiter, Pace
from connector.errors import AccessDenied, Misunderstood, Problem, QuotaSpent, Unavailable
from connector.words import Message, say

CONNECT, READ = 5.0, 60.0
"""Timeouts in seconds, for every request: neither client has any of its own."""

URGENT = frozenset({"write", "bulk_write", "login"})
"""Kinds of requests that others wait for: what the salespeople are to see goes before what we would like to know."""
RESERVE = 0.05
"""The share of our day's calls that is kept for them."""
BROKEN = (OSError, urllib3.exceptions.HTTPError, HTTPException)
"""What a request raises when no whole answer came; `requests`' own exceptions are OSErrors."""

log = logging.getLogger(__name__)
# at debug level urllib3 tells whole URLs, and some hold an e-mail address
logging.getLogger("urllib3").setLevel(logging.INFO)


# ---- what was answered, and what it means --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: status, headers by lower-case name, body. `document` is the body as JSON, None when it is none;
    `told` is the client library's own response, for adapters that must hand it on. Its repr shows the status only."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(default=b"", repr=False)
    document: Any = field(default=None, repr=False)
    told: Any = field(default=None, repr=False)

    @property
    def done(self) -> bool:
        return 200 <= self.status < 300


def answered(
    status: int, headers: Mapping[str, str], body: bytes, *, told: object = None, parse: bool = True
) -> Answer:
    """An Answer from what a client library received. With `parse` false the body is left alone (CSV downloads)."""
    return Answer(status, {k.lower(): v for k, v in headers.items()}, body, _document(body) if parse else None, told)


def _document(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an Answer means.

    `ok`: done. `retry`: ask again, after `after` seconds or, if that is None, with back-off. `refresh`: the token may
    have expired: get another and ask once more. `denied`: this user may not; `problem` says what to mend. `quota`: the
    day's allowance is used up. `refused`: the CRM will not do this, ever: the caller decides what follows. `code` is
    the CRM's own code word, `request` its id for the request.
    """

    kind: Literal["ok", "retry", "refresh", "denied", "quota", "refused"]
    code: str = ""
    request: str = ""
    after: float | None = None
    problem: Problem | None = None


OK = Verdict("ok")

_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_.:-]{1,79}")


def code_word(text: object) -> str:
    """`text` if it is one plain word such as `VALIDATION_ERROR`, else nothing: a sentence could quote a value."""
    return text if isinstance(text, str) and _WORD.fullmatch(text) else ""


def plain_id(text: object) -> str:
    """`text` if it looks like an id of a request or record, else nothing."""
    told = str(text) if isinstance(text, (str, int)) else ""
    return told if re.fullmatch(r"[A-Za-z0-9-]{1,64}", told) else ""


class Refused(Misunderstood):
    """The CRM will not do what was asked. The caller may know what that means; if it does not, it is a Misunderstood.
    `answer` has the details and must not be shown."""

    def __init__(self, problem: Problem, answer: Answer, verdict: Verdict) -> None:
        super().__init__(problem)
        self.answer = answer
        self.verdict = verdict


def retry_after(answer: Answer) -> float | None:
    """Seconds the CRM asks us to wait: a number, or an HTTP date held against the answer's own `Date`. None when it
    says nothing or nonsense. Never more than a day."""
    told = answer.headers.get("retry-after", "").strip()
    seconds = _seconds(told) if told else None
    if seconds is None or not math.isfinite(seconds) or seconds < 0:
        return _until(told, answer.headers.get("date", "")) if told else None
    return min(seconds, DAY_SECONDS)


def _seconds(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _until(moment: str, now: str) -> float | None:
    try:
        left = (parsedate_to_datetime(moment) - parsedate_to_datetime(now)).total_seconds()
    except (TypeError, ValueError):  # TypeError: one has a zone and the other has none
        return None
    return min(max(left, 0.0), DAY_SECONDS)


# ---- asking --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Policy:
    """What one connection expects of its CRM.

    `spent` reads from an answer the share (0 to 1) of the day's allowance that is gone, whoever used it; None when it
    does not say. At `budget` of it we stop, so that people and their other tools keep the rest. `patience` is how many
    seconds one request may take, with all its waiting, and `tries` how often it is made.
    """

    crm: str
    connection: str
    decide: Callable[[Answer], Verdict]
    spent: Callable[[Answer], float | None] = lambda _: None
    budget: float = 1.0
    tries: int = 6
    patience: float = 300.0
    backoff: float = 1.0
    longest: float = 60.0


class _Again(Exception):
    """Worth another try, after so many seconds or with back-off. `error` is what to raise when there is none."""

    def __init__(self, after: float | None, error: Unavailable) -> None:
        super().__init__(str(error))
        self.after = after
        self.error = error


@dataclass(slots=True)
class Exchange:
    """Asks one CRM for one connection: paced, retried, counted, translated. May be used from several threads.

    `refresh` gets another token; it raises AccessDenied when there is none to be had.
    """

    policy: Policy
    pace: Pace = field(default_factory=Pace)
    refresh: Callable[[], None] | None = None
    calls: Counter[str] = field(default_factory=Counter)
    _spent: float | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def ask(self, kind: str, send: Callable[[], Answer], limiter: Limiter | None = None) -> Answer:
        """The answer to an idempotent request. `kind` is what it is counted as.

        Raises Unavailable when it keeps failing, QuotaSpent, AccessDenied, and Refused.
        """
        renewed = False

        def once() -> Answer:
            nonlocal renewed
            answer, verdict = self._try(kind, send, limiter)
            if verdict.kind == "refresh" and self.refresh and not renewed:
                renewed = True
                self.refresh()
                answer, verdict = self._try(kind, send, limiter)
            return self._settle(answer, verdict, limiter)

        try:
            return self._retrying()(once)
        except _Again as again:
            raise again.error from None

    def _try(self, kind: str, send: Callable[[], Answer], limiter: Limiter | None) -> tuple[Answer, Verdict]:
        """One request. Raises _Again when no whole answer came."""
        urgent = kind in URGENT
        self._keep_to_budget(urgent)
        if limiter:
            limiter.wait(self.pace, urgent=urgent)
        self._count(kind)
        try:
            answer = send()
        except BROKEN as error:
            raise self._broken(error) from None
        spent = self.policy.spent(answer)
        if spent is not None:
            self._spent = spent
        verdict = self.policy.decide(answer)
        log.debug("%s %s: %s %s %s", self.policy.connection, kind, answer.status, verdict.code, verdict.request)
        return answer, verdict

    def _settle(self, answer: Answer, verdict: Verdict, limiter: Limiter | None) -> Answer:
        if verdict.kind == "ok":
            return answer
        if verdict.kind == "retry":
            told = retry_after(answer)
            after = verdict.after if told is None else told
            if limiter and after and answer.status == 429:
                limiter.hold(self.pace, after)
            raise _Again(after, self._unavailable(said(answer, verdict), after))
        if verdict.kind == "quota":
            raise self._quota_spent(answer, verdict)
        if verdict.kind == "refused":
            what = say(
                "{connection}: {crm} refused the request ({answer})", **self._who(), answer=said(answer, verdict)
            )
            fix = say("The next run asks again; if it stays, report this line.")
            raise Refused(Problem("LH-508", what, fix=fix), answer, verdict)
        raise AccessDenied(verdict.problem or self._not_allowed(answer, verdict))

    def _keep_to_budget(self, urgent: bool) -> None:
        """Raise QuotaSpent once our share of the day is gone; reading stops a little before writing. Told once: the
        next request learns anew how it stands, so that a process that lives for weeks goes on in the morning."""
        budget = self.policy.budget if urgent else self.policy.budget * (1 - RESERVE)
        with self._lock:
            spent = self._spent
            over = spent is not None and spent >= budget
            self._spent = None if over else spent
        if over and spent is not None:
            what = say(
                "{connection}: {spent}% of the day's {crm} calls are used; this connection stops at {budget}%",
                **self._who(), spent=round(100 * spent), budget=round(100 * budget),
            )  # fmt: skip
            raise QuotaSpent(Problem("LH-503", what, fix=say("The next run goes on from here.")))

    def _retrying(self) -> Retrying:
        policy, pace = self.policy, self.pace
        start = pace.clock()

        def wait(state: RetryCallState) -> float:
            error = state.outcome and state.outcome.exception()
            after = error.after if isinstance(error, _Again) else None
            ceiling = min(policy.backoff * 2.0 ** (state.attempt_number - 1), policy.longest)
            return ceiling * pace.chance() if after is None else after

        def enough(state: RetryCallState) -> bool:
            gone = max(state.idle_for, pace.clock() - start)
            return state.attempt_number >= policy.tries or gone + (state.upcoming_sleep or 0.0) > policy.patience

        def tell(state: RetryCallState) -> None:
            log.info(
                "%s: waiting %.1f s before try %d", policy.connection, state.upcoming_sleep, state.attempt_number + 1
            )

        again = retry_if_exception_type(_Again)
        return Retrying(stop=enough, wait=wait, retry=again, sleep=pace.sleep, before_sleep=tell, reraise=True)

    def _count(self, kind: str) -> None:
        with self._lock:
            self.calls[kind] += 1

    # ---- in words ----------------------------------------------------------------------------------------------------

    def _who(self) -> dict[str, object]:
        return {"connection": self.policy.connection, "crm": self.policy.crm}

    def _broken(self, error: Exception) -> _Again | Unavailable:
        """No whole answer. The error's own text is not told: it quotes the URL. An untrusted certificate does not
        become trusted by asking again."""
        if "CERTIFICATE_VERIFY_FAILED" in str(error):
            what = say("{connection}: the certificate of {crm}'s address is not trusted", **self._who())
            fix = say("Behind a proxy of your own, name its authority in the connection's CA_FILE.")
            return Unavailable(Problem("LH-501", what, fix=fix))
        return _Again(None, self._unavailable(say("connection broken: {kind}", kind=type(error).__name__), None))

    def _unavailable(self, reason: Message, after: float | None) -> Unavailable:
        what = say("{connection}: {crm} does not answer as it should ({reason})", **self._who(), reason=reason)
        return Unavailable(Problem("LH-500", what, fix=say("The next run goes on from here.")), retry_after=after)

    def _quota_spent(self, answer: Answer, verdict: Verdict) -> QuotaSpent:
        what = say(
            "{connection}: the day's {crm} calls are used up ({answer})", **self._who(), answer=said(answer, verdict)
        )
        fix = say("The next run goes on from here.")
        return QuotaSpent(Problem("LH-502", what, fix=fix), retry_after=retry_after(answer))

    def _not_allowed(self, answer: Answer, verdict: Verdict) -> Problem:
        what = say(
            "{connection}: {crm} does not let this user in ({answer})", **self._who(), answer=said(answer, verdict)
        )
        return Problem(
            "LH-504", what, fix=say("Store a new one: 'leadheat connect {name}'.", name=self.policy.connection)
        )


def said(answer: Answer, verdict: Verdict) -> Message:
    """`status 400 VALIDATION_ERROR, request 5f1c…`: all of an answer that may be told."""
    word = f"{answer.status} {verdict.code}".strip()
    if verdict.request:
        return say("status {status}, request {request}", status=word, request=verdict.request)
    return say("status {status}", status=word)

"""The error tree. Each class says whose turn it is next.

Trouble with one lead is a value (Reject, Receipt), never an exception. Messages carry ids and names, never field
values, never secrets. Every sentence has a code `LH-nnn`, which the documentation lists.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from connector.words import Lang, Message, say


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: code, sentence, where it stands (`mappings/scorecard.yaml:4`, `leads.csv:17`,
    `Sheet1!C7`, a setting's name) and what to do about it."""

    code: str
    what: Message
    where: str | None = None
    fix: Message | None = None

    def in_(self, lang: Lang) -> str:
        """`where: what` and, indented beneath, the remedy and the code."""
        head = f"{self.where}: {self.what.in_(lang)}" if self.where else self.what.in_(lang)
        fix = f"\n    {self.fix.in_(lang)}" if self.fix else ""
        return f"{head} [{self.code}]{fix}"


class LeadheatError(Exception):
    """Any failure Leadheat can name. `problems` is never empty."""

    exit_code = 1

    def __init__(self, *problems: Problem) -> None:
        self.problems = problems
        super().__init__("\n".join(p.in_("en") for p in problems))

    def in_(self, lang: Lang) -> str:
        return "\n".join(p.in_(lang) for p in self.problems)


class UserError(LeadheatError):
    """Something you can fix in a file or a setting: all problems at once, and nothing was changed."""

    exit_code = 3


class UnsafePlan(LeadheatError):
    """Refused on purpose: the plan changes more than agreed. Says the arithmetic and the override."""

    exit_code = 6


class CRMError(LeadheatError):
    """The CRM did not do what we asked."""


class Unavailable(CRMError):
    """Try later; the next run resumes where this one stopped. `retry_after` is in seconds, if the CRM told us."""

    def __init__(self, *problems: Problem, retry_after: float | None = None) -> None:
        super().__init__(*problems)
        self.retry_after = retry_after


class QuotaSpent(Unavailable):
    """The day's allowance, or our share of it, is used up: the run stops in good order, its cursor kept."""


class AccessDenied(CRMError):
    """The CRM refuses this user: the connection pauses until someone acts."""

    exit_code = 4


class Misunderstood(CRMError):
    """An answer we cannot read; the message has status and request id."""


class StoreError(LeadheatError):
    """The database is missing, locked, or newer than this program."""


def user_error(code: str, what: Message, where: str | None = None, fix: Message | None = None) -> UserError:
    """A UserError with a single problem."""
    return UserError(Problem(code, what, where, fix))


def refuse(problems: Sequence[Problem]) -> None:
    """Raise one UserError with every problem found, or do nothing."""
    if problems:
        raise UserError(*problems)


def did_you_mean(name: str, known: Sequence[str]) -> Message | None:
    """`Did you mean 'job_title'?`, or None when nothing known resembles the name."""
    from difflib import get_close_matches

    close = get_close_matches(name, known, n=1, cutoff=0.65)  # at 0.6 `calls` means `deals`
    return say("Did you mean '{name}'?", name=close[0]) if close else None

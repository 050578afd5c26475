"""Facts taken from documents and never seen live, held against a real account: what is asked, and what came of it.

The facts stand beside their adapter, as data. What is told of an answer is its status, code words and numbers: a report
may be shown to anybody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, Literal, NamedTuple, TypeVar

from connector.errors import LeadheatError
from connector.words import Message

D = TypeVar("D")


class Seen(NamedTuple):
    """What came of an attempt: whether it is as documented (None: it could not be tried here), and what was seen."""

    agrees: bool | None
    told: str


@dataclass(frozen=True, slots=True)
class Fact(Generic[D]):
    """One thing taken from a document. `source` names the line of the adapter's NOTES.md; `writes` that finding out
    writes our own fields of the one record that was named for it."""

    id: str
    says: Message
    source: str
    attempt: Callable[[D], Seen]
    writes: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """A fact, and how it stands here."""

    id: str
    says: Message
    source: str
    verdict: Literal["as documented", "differs", "not tried"]
    seen: str


def examine(facts: Sequence[Fact[D]], desk: D, *, write: bool) -> Iterator[Finding]:
    """Try every fact, each by itself: one that fails does not keep the others from being tried."""
    for fact in facts:
        yield _finding(fact, Seen(None, "needs --write") if fact.writes and not write else _tried(fact, desk))


def _tried(fact: Fact[D], desk: D) -> Seen:
    try:
        return fact.attempt(desk)
    except LeadheatError as error:
        return Seen(None, ", ".join(problem.code for problem in error.problems))
    except (OSError, LookupError, TypeError, ValueError, AttributeError) as error:
        # an answer of a shape nobody foresaw is a finding, too
        return Seen(False, f"unforeseen answer ({type(error).__name__})")


def _finding(fact: Fact[D], seen: Seen) -> Finding:
    verdict: Literal["as documented", "differs", "not tried"] = "not tried"
    if seen.agrees is not None:
        verdict = "as documented" if seen.agrees else "differs"
    return Finding(fact.id, fact.says, fact.source, verdict, seen.told)

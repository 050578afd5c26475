"""The nouns, one word per thing. All are frozen values; none knows a CRM, a database or a clock.

What the CRM said is kept as text in its own words (`Raw`); what the scorer sees is typed (`Value`). Between the two
stands the Mapping.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Literal, NamedTuple, TypeAlias

from connector.instants import Instant
from connector.words import Message

Raw: TypeAlias = str | None
"""A field as the CRM said it, always text: `"87"`, `"true"`, `"2026-11-20T09:00:00Z"`. None: the field is blank.
A field that is absent from a Record was not visible or not asked for, which is something else than blank."""

Value: TypeAlias = str | Decimal | bool | Instant | frozenset[str]
"""An input as the scorer sees it: text or level name, number (always Decimal), true/false, Instant, set of texts."""

InputType: TypeAlias = Literal["text", "number", "truth", "level", "instant", "set"]


class Ref(NamedTuple):
    """Who: connection name, the CRM's object (`contacts`, `Lead`, `Contact`), the CRM's id as text."""

    connection: str
    object: str
    id: str

    def __str__(self) -> str:
        return f"{self.connection}:{self.object}/{self.id}"


@dataclass(frozen=True, slots=True)
class Record:
    """What the CRM said about one person, in its words.

    `fields` holds what was asked for; a field of the person's company stands as `company.NAME`. Our own result
    fields are among them, as the CRM holds them now. `gone` says why the person can no longer be scored here, and
    `successor` who carries on (the merge's winner, the converted lead's contact). A `partial` record completes what
    is stored instead of replacing it (only newly wanted fields were fetched). Its repr shows no field values.
    """

    ref: Ref
    fields: Mapping[str, Raw] = field(repr=False)
    modified_at: Instant
    created_at: Instant | None = None
    gone: Literal["deleted", "merged", "converted"] | None = None
    successor: Ref | None = None
    partial: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """Something the CRM says about a person in an object of its own: a call, a form submission, a deal.

    `source` is the name the mapping's `from:` uses; `id` is unique within source and person, and stable, so that a
    second telling replaces the first. `gone` takes it back. Its repr shows no field values.
    """

    source: str
    id: str
    person: Ref
    fields: Mapping[str, Raw] = field(repr=False)
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Activity:
    """Something the person did, as the scorer sees it: kind, instant, subject, a few attributes.

    `set_aside` names the reason when hygiene does not trust it; such an activity is shown and not counted. Its repr
    shows neither subject nor attributes: a page's address may hold a person's.
    """

    id: str
    kind: str
    at: Instant
    subject: str | None = field(default=None, repr=False)
    attributes: Mapping[str, str] = field(default_factory=dict, repr=False)
    set_aside: str | None = None


class HotState(StrEnum):
    """Cold, warm and hot by score; hot_now by a rule that says so; excluded is never hot."""

    COLD = "cold"
    WARM = "warm"
    HOT = "hot"
    HOT_NOW = "hot_now"
    EXCLUDED = "excluded"

    @property
    def band(self) -> str:
        """The word on the CRM record: hot for both kinds of hot."""
        return "hot" if self is HotState.HOT_NOW else self.value

    @property
    def is_hot(self) -> bool:
        return self in (HotState.HOT, HotState.HOT_NOW)


@dataclass(frozen=True, slots=True)
class Standing:
    """A lead's hot state as a scoring left it: the `before` of the next one.

    `hot_since` is set while hot. `hot_number` counts entries into hot; `handoff_number` counts those that hand off,
    that is, were not caused by a change of scorecard or mapping. `by_change` marks the present entry as such.
    """

    state: HotState
    hot_since: Instant | None = None
    hot_number: int = 0
    handoff_number: int = 0
    by_change: bool = False


@dataclass(frozen=True, slots=True)
class Rejection:
    """Sales said no, or the deal was lost: hot ends here, and `quiet_until` is the earliest new hot entry's cause."""

    at: Instant
    quiet_until: Instant
    reason: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Lead:
    """A person as the scorer sees them. An input that is absent is unknown. Activities come in any order."""

    ref: Ref
    created_at: Instant | None
    inputs: Mapping[str, Value] = field(repr=False)
    activities: Sequence[Activity] = field(default=(), repr=False)
    before: Standing | None = None
    rejection: Rejection | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a Ledger: a rule's points, or a cut (`limit` is set: `interest.max`, `total.min`).

    `occurrences` counts the *counted* ones, `first` and `last` are theirs, `subject` is the newest one's.
    `changes_at` is the next instant at which any of these changes without new data: early perhaps, never late.
    """

    rule: str | None
    points: int
    occurrences: int = 0
    first: Instant | None = None
    last: Instant | None = None
    subject: str | None = field(default=None, repr=False)
    changes_at: Instant | None = None
    limit: str | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """Points, axes, state and the Ledger that adds up to the points, for one lead as of one instant.

    `standing` is the `before` of the next scoring. `next_change_at` is the earliest later instant at which anything
    here can differ without new data; None: never.
    """

    ref: Ref
    as_of: Instant
    points: int
    axes: Mapping[str, int]
    standing: Standing
    ledger: tuple[Line, ...]
    next_change_at: Instant | None

    @property
    def band(self) -> str:
        return self.standing.state.band


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What a mapping provides to a scorecard: input names with their types, ordered levels, activity kinds.

    `levels` holds, by input name, its level names from lowest to highest. `kinds` is None when the mapping does not
    list them (any kind goes). `passive` kinds are no human action and do not break a silence.
    """

    inputs: Mapping[str, InputType]
    levels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    kinds: frozenset[str] | None = None
    passive: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a person: a deal that was opened, won (with its amount) or lost (with its reason); or sales'
    verdict on the lead, accepted or rejected (with its reason)."""

    id: str
    stage: Literal["open", "won", "lost", "accepted", "rejected"]
    at: Instant
    amount: Decimal | None = field(default=None, repr=False)
    reason: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Reject:
    """A record we could not read or the CRM would not take. Never holds a field's value."""

    ref: Ref
    code: str
    why: Message
    fix: Message | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What would make the CRM agree about one person. Keys of `before` and `after` are CRM field names, ours only.

    `after` values are ours: int, bool, text, None to blank, and Instant for the fields whose type is datetime; the
    adapter writes them in its CRM's words.
    """

    ref: Ref
    before: Mapping[str, Raw] = field(repr=False)
    after: Mapping[str, str | int | bool | None] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the CRM answered to one Change. Refused: `code` and `why` are the CRM's own words, cut to ids and names.

    `status`: written; refused (will be refused again until something changes); gone (deleted, merged or converted
    since we read it); unknown (we never heard; the next run reads before it writes again).
    """

    ref: Ref
    status: Literal["written", "refused", "gone", "unknown"]
    code: str | None = None
    why: Message | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """What a run saw and did. All are numbers of leads but `activities` and `calls`."""

    read: int = 0
    activities: int = 0
    set_aside: int = 0
    scored: int = 0
    changed: int = 0
    written: int = 0
    unchanged: int = 0
    rejected: int = 0
    gone: int = 0
    hot: int = 0
    newly_hot: int = 0
    cooled: int = 0
    calls: int = 0


@dataclass(frozen=True, slots=True)
class Run:
    """One pass over one connection, as remembered.

    `token` rises with every claim of the connection's lease; a pass whose token is old can save nothing. `status`:
    running, succeeded, partly (finished with rejected rows), failed, stopped (brake, quota or operator), planned
    (nothing was written on purpose).
    """

    id: int
    connection: str
    as_of: Instant
    kind: Literal["sync", "plan"]
    token: int
    cursor: str | None
    status: str = "running"
    started: Instant | None = None
    ended: Instant | None = None
    book: str | None = None
    counts: Counts = Counts()
    calls: Mapping[str, int] = field(default_factory=dict)
    problem: str | None = None

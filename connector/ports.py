"""The edges: what the pass asks of a CRM and of a store. An adapter's author reads this file and `model.py` only."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeAlias

from connector.deeds import NOBODY, Ints, Sheet
from connector.instants import Instant
from connector.model import (
    Activity,
    Change,
    Counts,
    Event,
    Lead,
    Outcome,
    Raw,
    Receipt,
    Record,
    Ref,
    Reject,
    Run,
    Score,
    Standing,
    Value,
)
from connector.results import Result
from connector.words import Message

# ---- what a mapping wants of a CRM ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class EventWants:
    """One event source: the fields to fetch. For a source that is a CRM object of the customer's own, `person` names
    the lookup fields that lead to the person and `modified` the field that moves when it changes."""

    fields: frozenset[str]
    person: tuple[str, ...] = ()
    modified: str | None = None


@dataclass(frozen=True, slots=True)
class Wants:
    """Everything the mapping asks for, in the CRM's words.

    `people` holds, by object, the fields of the person (`company.NAME` for the company's). `results` holds, by
    object, our result fields (result name -> CRM field name): read back with the person and the only ones written.
    `events` holds activity and deal sources by name.
    """

    people: Mapping[str, frozenset[str]]
    results: Mapping[str, Mapping[str, str]]
    events: Mapping[str, EventWants] = field(default_factory=dict)


# ---- what a CRM says -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FieldSchema:
    """A field that exists and that this user may see. `type` is one of ours (text, long_text, number, truth,
    instant, date, choice, choices, other); `crm_type` is the CRM's own word."""

    name: str
    label: str
    type: str
    crm_type: str
    writable: bool
    length: int | None = None
    choices: tuple[str, ...] = ()
    closed_choices: bool = False


@dataclass(frozen=True, slots=True)
class Schema:
    """Objects and their fields as this user sees them, the company's as `company.NAME`. `events` holds, by event
    source that this account can give, its field names."""

    objects: Mapping[str, Mapping[str, FieldSchema]]
    events: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Traits:
    """Where CRMs differ, as data: size of a write batch, people objects in the order they are pulled, event sources
    the adapter knows, and what this account's plan lacks, in words. `abreast`: how many batches may be on their way
    at once; above 1, `push` is called by several threads."""

    crm: str
    batch_size: int
    objects: tuple[str, ...]
    sources: tuple[str, ...]
    notices: tuple[Message, ...] = ()
    record_url: str | None = None
    abreast: int = 1


@dataclass(frozen=True, slots=True)
class Sweep:
    """A full reading of one object under one number. On the page where `done`, everything of this object that was
    stored before and was not on a page of this sweep no longer exists."""

    object: str
    number: int
    done: bool


@dataclass(frozen=True, slots=True)
class Extent:
    """All events of one source that a person has now, by id. Any other that is stored of them, or of those they carry
    on for, is taken back: it was deleted, or given to somebody else, which many CRMs tell of in no other way."""

    source: str
    person: Ref
    ids: frozenset[str]


@dataclass(frozen=True, slots=True)
class Page:
    """Some records and events, and the cursor to continue from once they are stored. `total` estimates the records
    of the whole pull, for the progress bar. `whole`: all that is wanted had been read once before this pull, so that
    what is stored, if not fresh, can be scored; false on a first reading and on one of newly wanted fields."""

    records: Sequence[Record] = ()
    events: Sequence[Event] = ()
    rejects: Sequence[Reject] = ()
    cursor: str = ""
    sweep: Sweep | None = None
    total: int | None = None
    notices: Sequence[Message] = ()
    extents: Sequence[Extent] = ()
    whole: bool = True


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One step of provisioning: create (`+`), already there (`=`), or a clash (`!`) that only a person can solve."""

    object: str
    field: str
    action: Literal["create", "exists", "clash"]
    what: Message
    done: bool = False


class CRM(Protocol):
    """One account in one CRM. Speaks its words; knows nothing of points."""

    @property
    def traits(self) -> Traits: ...

    def describe(self) -> Schema:
        """Objects and fields that exist and are visible. One or few calls."""
        ...

    def pull(self, cursor: str | None) -> Iterator[Page]:
        """What is new since `cursor` (None: everything), people before their events, oldest change first. Each page
        carries the cursor after it; the pull may be abandoned after any page and resumed. An empty last page is
        fine. Raises Unavailable, AccessDenied, Misunderstood."""
        ...

    def push(self, changes: Sequence[Change]) -> Sequence[Receipt]:
        """Write the named fields, at most `traits.batch_size` changes. One receipt per change, in order; one refused
        change never sinks the others. Pushing twice is harmless. Raises AccessDenied, QuotaSpent or Unavailable only
        when nothing of this call is known to be written."""
        ...

    def provision(self, wanted: Mapping[str, Sequence[tuple[str, Result]]], *, apply: bool) -> Iterator[FieldChange]:
        """Create our fields where they are missing: by object, (CRM field name, result). With `apply` false only say
        what would be done. Never retypes, shortens or deletes; if anything clashes nothing is created."""
        ...

    def calls(self) -> Mapping[str, int]:
        """API calls made since opening, by kind (`list`, `search`, `write`, `login`, …)."""
        ...

    def close(self) -> None: ...


# ---- what the mapping made of it -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LeadFacts:
    """A record, read: its inputs, and what the CRM says our result fields hold (CRM field name -> Raw)."""

    record: Record
    inputs: Mapping[str, Value] = field(repr=False)
    held: Mapping[str, Raw] = field(repr=False)


@dataclass(frozen=True, slots=True)
class ActivityFacts:
    """An event, read. `words` are its fields less `at` itself, every other instant as its distance from it, so that a
    changed mapping can read it anew; `activity` is None when the mapping does not count it. Without `at` nothing can
    be said of it."""

    person: Ref
    source: str
    id: str
    at: Instant | None
    words: Mapping[str, Raw] = field(repr=False)
    activity: Activity | None
    gone: bool = False


@dataclass(frozen=True, slots=True)
class OutcomeFacts:
    """A deal or a verdict, read, for one person; None takes it back. `first_seen`: the CRM does not say when, so the
    instant at which the store first heard of it stays."""

    person: Ref
    source: str
    id: str
    outcome: Outcome | None
    first_seen: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """What the mapping read from one page. `unreadable` counts, by input, the leads whose field held something that
    could not be read as its type; such an input is unknown."""

    leads: Sequence[LeadFacts] = ()
    activities: Sequence[ActivityFacts] = ()
    outcomes: Sequence[OutcomeFacts] = ()
    rejects: Sequence[Reject] = ()
    unreadable: Mapping[str, int] = field(default_factory=dict)


# ---- what the store remembers --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Told:
    """What the CRM said of one person, in its words, as far as these are kept: the record, and each event with the
    instant at which it happened."""

    record: Record = field(repr=False)
    events: Sequence[tuple[Event, Instant]] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Dossier:
    """A lead with all that is known of it: the lead itself (with its standing as `before`), what the CRM is known to
    hold in our fields, its earlier points by instant (oldest first), the digest of the book it was last scored with,
    its outcomes. `told` looks up the CRM's own words, for the few who must be read by an earlier mapping. `number` is
    the store's own; `imprint` that of the last scoring, None where the CRM is not known to hold what it said;
    `look_again_at` is what that scoring asked for."""

    lead: Lead
    held: Mapping[str, Raw] = field(repr=False)
    history: Sequence[tuple[Instant, int]] = ()
    book: str | None = None
    outcomes: Sequence[Outcome] = ()
    url: str | None = None
    told: Callable[[], Told] | None = field(default=None, repr=False, compare=False)
    number: int = field(default=0, compare=False)
    imprint: int | None = field(default=None, compare=False)
    look_again_at: Instant | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Scored:
    """What the pass made of a dossier: the score, when to look again (the score's next change, or earlier for a
    written text), and the change for the CRM, or None when it already agrees. `set_aside` counts the activities that
    hygiene did not trust. `imprint`: 64 bits that stand for all that the score says and how it is worded, None where
    that is not known. `same`: the lead is not hot, and all of that is as the CRM holds it."""

    score: Score
    look_again_at: Instant | None
    change: Change | None
    set_aside: int = 0
    imprint: int | None = field(default=None, compare=False)
    same: bool = False


@dataclass(frozen=True, slots=True)
class Ask:
    """Which leads are wanted: those that are due (new data, a look-again instant reached, another book, an unsettled
    change), or all of them, or one. `inputs` are those the book asks about, which sheets tell of; None: all."""

    book: str
    everything: bool = False
    only: Ref | None = None
    limit: int | None = None
    inputs: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Baseline:
    """What the brake measures against: how many leads the CRM is known to hold as hot (0 too where nothing staged
    changes anything), and the inputs gone dark since a pass last ended well (input -> leads that lost it, leads that
    had it). `vanished`: objects most of whose people
    are gone since then without a successor (object -> how many, of how many)."""

    hot: int
    dark: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    vanished: Mapping[str, tuple[int, int]] = field(default_factory=dict)


Unchanged: TypeAlias = Callable[[Iterator[Sheet]], Ints]
"""Tells whose score is what it was, by the store's numbers, ascending."""


def nobody(sheets: Iterator[Sheet]) -> Ints:  # noqa: ARG001 - it looks at none
    """Everybody is scored anew."""
    return NOBODY


class Store(Protocol):
    """What Leadheat remembers between passes. Every method is one or few short transactions; each that changes a
    run's data checks the run's lease token in the same transaction and raises StoreError when another pass took it."""

    def begin(self, connection: str, as_of: Instant, kind: Literal["sync", "plan"], started: Instant) -> Run:
        """Claim the connection's lease and open a run. Its `as_of` is never before the last run's. What an earlier
        run staged and did not commit is forgotten; a run left `running` by a dead process is closed as failed.
        Raises StoreError while a live pass holds the lease (renewed by every keep, stage and settle; it lapses
        after 10 minutes of silence)."""
        ...

    def complete(self, run: Run, page: Page) -> Page:
        """The page with its partial records made whole from what is stored, to be read and kept. Who is not stored
        stays partial."""
        ...

    def keep(self, run: Run, page: Page, facts: Facts) -> None:
        """Save a page, what was read from it, its rejects and its cursor: one transaction. A lead becomes due when an
        input, an activity, an outcome or what our fields hold has changed; keeping a page twice changes nothing.
        Older versions of inputs and activities remain for replay, with the run that learnt them."""
        ...

    def reread(
        self, run: Run, mapping: str, read: Callable[[Sequence[Record], Sequence[Event]], Facts]
    ) -> Iterator[int]:
        """After a change of mapping (digest `mapping`): give every stored record and every distinct event wording to
        `read` again and keep the result; yields how many are done. Does nothing when the digest is the stored one."""
        ...

    def due(self, run: Run, ask: Ask, unchanged: Unchanged = nobody) -> Iterator[Sequence[Dossier]]:
        """The leads to score, in chunks, in a stable order. Gone leads are never due. Those who are only asked for
        because everybody is, or because of another book, are shown to `unchanged` first, as sheets; whom it names (by
        the store's numbers) is left out."""
        ...

    def baseline(self, run: Run, hot_fields: Mapping[str, str]) -> Baseline:
        """What the brake measures against; `hot_fields` is the hot flag's CRM field by object."""
        ...

    def stage(self, run: Run, scored: Sequence[Scored]) -> None:
        """Keep scores and proposed changes of this run aside, without effect."""
        ...

    def commit(self, run: Run, unchanged: Ints = NOBODY) -> None:
        """Make the staged scores ours, and the `unchanged` leads' scores the book's. Leads with a change stay due
        until it is settled; the others are done."""
        ...

    def batches(self, run: Run, size: int) -> Iterator[Sequence[Change]]:
        """The committed changes not yet settled by this run, each batch of one object, objects by turns. A batch may
        be asked for before an earlier one is settled."""
        ...

    def settle(self, run: Run, receipts: Sequence[tuple[Change, Receipt]]) -> None:
        """Save what the CRM answered: written changes are held now; refused ones become rejects and are tried again
        by the next run; the gone are gone."""
        ...

    def finish(
        self, run: Run, status: str, counts: Counts, calls: Mapping[str, int], ended: Instant, problem: str | None
    ) -> Run:
        """Close the run and give the lease back."""
        ...


__all__ = [
    "CRM", "Activity", "ActivityFacts", "Ask", "Baseline", "Change", "Counts", "Dossier", "Event", "EventWants",
    "Extent",
    "Facts", "FieldChange", "FieldSchema", "Lead", "LeadFacts", "Outcome", "OutcomeFacts", "Page", "Raw", "Receipt",
    "Record", "Ref", "Reject", "Run", "Schema", "Score", "Scored", "Standing", "Store", "Sweep", "Traits", "Value",
    "Wants",
]  # fmt: skip

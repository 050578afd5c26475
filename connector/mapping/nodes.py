"""A mapping as data: what a mapping file says, typed and complete. Reading, hygiene and check are functions of it.

Fields that do not change what is read (where a line stands, whether a field may be missing) are left out of
comparisons and of the digest, so that comments, order of keys and `optional` never make a connection read anew.
"""

from __future__ import annotations

import json
from collections import abc
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from functools import cached_property, lru_cache
from hashlib import sha256
from typing import Any, Literal, TypeAlias

from connector.instants import Duration
from connector.mapping.texts import fold
from connector.model import InputType, Value, Vocabulary
from connector.ports import EventWants, Wants
from connector.results import BY_NAME

Crm: TypeAlias = Literal["hubspot", "salesforce", "spreadsheet"]
OWN = "own"
"""The input that says whether the person is own staff or a test address. Present when hygiene says who these are."""

REMEMBERED = 4_096
"""Texts that each field's conversion remembers with their values."""

AFTER_DELIVERY = "after_delivery"
"""Attribute of a click: whole seconds between it and its mail's delivery, rounded up, told within a minute of it."""


@dataclass(frozen=True)
class Convert:
    """How a field's text becomes a value: the name after `as:`, the type it gives, and the function that does it.

    `function` returns None for a text it cannot read. `values` (folded text -> ours) is looked up first.
    `fingerprint` stands for the lists or the code behind the name, so that editing these re-reads too.
    """

    name: str
    type: InputType
    function: Callable[[str], Value | None] = field(compare=False, repr=False)
    levels: tuple[str, ...] = ()
    values: abc.Mapping[str, str] = field(default_factory=dict)
    fingerprint: str = ""

    @cached_property
    def read(self) -> Callable[[str], Value | None]:
        """What a text says; None for a blank one, and for one that cannot be read. The latest are remembered, because
        most texts are ones that many records have: a country, a stage, a title."""
        return lru_cache(maxsize=REMEMBERED)(self._value)

    def _value(self, text: str) -> Value | None:
        if not text.strip():
            return None
        return self.function(self.values.get(fold(text[:200]), text) if self.values else text)


Asked: TypeAlias = tuple[str, tuple[str, ...], Callable[[str], Value | None]]
"""An input, its fields, and how a text of theirs is read."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a value comes from: fields by object, the first that gives a value wins; or a constant.

    For an event's field the only object is `""`. `where` is the line in the file.
    """

    fields: abc.Mapping[str, tuple[str, ...]]
    convert: Convert
    constant: str | None = None
    optional: bool = field(default=False, compare=False)
    where: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Test:
    """One test of a `where`: `one_of`, `none_of`, `contains`, `like`, `under` with folded words, or `unknown`.

    As in a scorecard, a blank or missing field fails every test but `unknown`."""

    field: str
    verb: Literal["one_of", "none_of", "contains", "like", "under", "unknown"]
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KindField:
    """A kind that the event itself names: its field, and what is written there (folded) -> kind. What is not among
    `kinds` is not counted."""

    field: tuple[str, ...]
    kinds: abc.Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ActivityEntry:
    """One entry of `activities:`. An event is read by the first entry of its source whose `tests` hold."""

    source: str
    kind: str | KindField
    at: tuple[str, ...]
    subject: Source | None = None
    attributes: abc.Mapping[str, Source] = field(default_factory=dict)
    delivered: str | None = None
    tests: tuple[Test, ...] = ()
    optional: bool = field(default=False, compare=False)
    where: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class OutcomeEntry:
    """One entry of `outcomes:`: which deals are won and which lost, when, for how much, and why."""

    source: str
    won: tuple[Test, ...]
    lost: tuple[Test, ...]
    opened: tuple[str, ...]
    closed: tuple[str, ...]
    amount: str | None = None
    reason: str | None = None
    optional: bool = field(default=False, compare=False)
    where: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Lookup:
    """For a source that is an object of the customer's own: the fields that lead to the person, and the field that
    moves with a change."""

    person: tuple[str, ...] = ()
    modified: str | None = None


@dataclass(frozen=True, slots=True)
class Hygiene:
    """Which activities are shown but not counted. Every part is off unless stated (see SCORING in the docs).

    `set_aside`: whole kinds. `scanner`: kinds of clicks that a mail gateway makes in bursts. `repeat_within`: the
    same kind and subject again, less than that after one that counts. `fallback`: lesser source -> better source; what
    the lesser says is set aside where the better one tells of the same deed. Own staff and test addresses are told by
    the input `own`, which `own_mail` reads from the person's address.
    """

    set_aside: frozenset[str] = frozenset()
    repeat_within: Duration | None = None
    scanner: frozenset[str] = frozenset()
    fallback: abc.Mapping[str, str] = field(default_factory=dict)
    own_mail: Source | None = None


@dataclass(frozen=True)
class Mapping:
    """How one CRM's records and events become leads and activities, and scores become its fields.

    `result_fields` holds every result of the profile (result -> CRM field), also the one that sales fills in.
    `quiet` says, by reason of a rejection, how long no new hand-off happens. `lines` says where each result and
    source stands in the file.
    """

    file: str = field(compare=False)
    crm: Crm
    zone: str
    objects: tuple[str, ...]
    inputs: abc.Mapping[str, Source]
    activities: tuple[ActivityEntry, ...]
    outcomes: tuple[OutcomeEntry, ...]
    result_fields: abc.Mapping[str, str]
    hygiene: Hygiene
    quiet: abc.Mapping[str, Duration]
    kinds: frozenset[str]
    passive: frozenset[str]
    created: Source | None = None
    lookups: abc.Mapping[str, Lookup] = field(default_factory=dict)
    lines: abc.Mapping[str, str] = field(default_factory=dict, compare=False)

    @cached_property
    def digest(self) -> str:
        """Changes when, and only when, something could be read or written differently."""
        return sha256(json.dumps(_meaning(self), ensure_ascii=False, sort_keys=True).encode()).hexdigest()

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """What a scorecard may ask of this mapping."""
        types = {name: source.convert.type for name, source in self.people_sources.items()}
        levels = {name: s.convert.levels for name, s in self.inputs.items() if s.convert.type == "level"}
        return Vocabulary(types, levels, self.kinds, self.passive)

    @cached_property
    def people_sources(self) -> dict[str, Source]:
        """Every input, the implied one among them."""
        own = {OWN: self.hygiene.own_mail} if self.hygiene.own_mail else {}
        return {**self.inputs, **own}

    @cached_property
    def constants(self) -> dict[str, Value]:
        """The inputs that are the same for everybody."""
        told = {name: s.convert.read(s.constant) for name, s in self.people_sources.items() if s.constant is not None}
        return {name: value for name, value in told.items() if value is not None}

    @cached_property
    def asked(self) -> dict[str, tuple[Asked, ...]]:
        """By object: each input that is read from fields, with its fields and how a text of theirs is read."""
        sources = self.people_sources.items()
        return {o: tuple((n, s.fields[o], s.convert.read) for n, s in sources if o in s.fields) for o in self.objects}

    @cached_property
    def wants(self) -> Wants:
        """Everything to ask the CRM for."""
        sources = [*self.people_sources.values(), *([self.created] if self.created else [])]
        people = {o: frozenset(f for s in sources for f in s.fields.get(o, ())) for o in self.objects}
        events = {name: self._event_wants(name) for name in self.sources}
        return Wants(people, {o: dict(self.result_fields) for o in self.objects}, events)

    @cached_property
    def remembered(self) -> dict[str, Any]:
        """Where functions of a mapping keep what they have worked out of it, each under a name of its own."""
        return {}

    @property
    def sources(self) -> Sequence[str]:
        """Event sources in order of the file, each once."""
        return list(dict.fromkeys([*(a.source for a in self.activities), *(o.source for o in self.outcomes)]))

    def results(self, object: str) -> abc.Mapping[str, str]:  # noqa: A002 - the CRM's word, as in Ref
        """The results written to this object: result name -> CRM field. Sales' own field is not among them."""
        if object not in self.objects:
            return {}
        return {name: crm for name, crm in self.result_fields.items() if not BY_NAME[name].by_sales}

    def _event_wants(self, source: str) -> EventWants:
        lookup = self.lookups.get(source, Lookup())
        activity = (activity_fields(e) for e in self.activities if e.source == source)
        outcome = (outcome_fields(e) for e in self.outcomes if e.source == source)
        named = frozenset(name for names in (*activity, *outcome) for name in names)
        return EventWants(named, lookup.person, lookup.modified)


def activity_fields(entry: ActivityEntry) -> frozenset[str]:
    """Every field an activity entry looks at."""
    kind = entry.kind.field if isinstance(entry.kind, KindField) else ()
    texts = [s for s in (entry.subject, *entry.attributes.values()) if s]
    told = (f for s in texts for f in s.fields.get("", ()))
    delivered = (entry.delivered,) if entry.delivered else ()
    return frozenset((*entry.at, *kind, *told, *delivered, *(t.field for t in entry.tests)))


def outcome_fields(entry: OutcomeEntry) -> frozenset[str]:
    """Every field an outcome entry looks at."""
    more = (f for f in (entry.amount, entry.reason) if f)
    return frozenset((*entry.opened, *entry.closed, *more, *(t.field for t in (*entry.won, *entry.lost))))


def _meaning(node: object) -> object:
    """The node as JSON, less what comparisons leave out."""
    if is_dataclass(node) and not isinstance(node, type):
        return {f.name: _meaning(getattr(node, f.name)) for f in fields(node) if f.compare}
    if isinstance(node, abc.Mapping):
        return {key: _meaning(value) for key, value in node.items()}
    if isinstance(node, frozenset):
        return sorted(str(one) for one in node)
    return [_meaning(one) for one in node] if isinstance(node, tuple) else node

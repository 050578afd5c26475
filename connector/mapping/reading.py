"""What the CRM said, read through a mapping: inputs, activities, outcomes. Pure; nothing is ever raised for bad data.

A blank field is unknown. A field that holds something unreadable is unknown too, and counted, by input. Only an event
whose instant cannot be read is a Reject, because nothing else can be said of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from decimal import Decimal
from functools import lru_cache, partial
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from connector.instants import Instant
from connector.mapping.nodes import (
    AFTER_DELIVERY,
    REMEMBERED,
    ActivityEntry,
    KindField,
    OutcomeEntry,
    Source,
    activity_fields,
)
from connector.mapping.nodes import Mapping as Reading
from connector.mapping.texts import clean, first, fold
from connector.mapping.values import to_instant, to_number
from connector.mapping.where import all_hold
from connector.mapping.wording import instant_fields, plain_words, seconds_between, wording
from connector.model import Activity, Event, Outcome, Raw, Record, Reject, Value
from connector.ports import ActivityFacts, Facts, LeadFacts, OutcomeFacts
from connector.results import VERDICTS
from connector.words import say

VERDICT = "verdict"
"""Source and id of the outcome that sales' own field tells."""
_VERDICTS = {fold(name): value for value, *labels in VERDICTS for name in (value, *labels)}


def read_page(mapping: Reading, connection: str, records: Sequence[Record], events: Sequence[Event]) -> Facts:
    """Facts from one page. `connection` is the connection's name, which every ref of the page must carry."""
    trouble: Counter[str] = Counter()
    leads = [_lead(mapping, record, trouble) for record in records if record.ref.connection == connection]
    verdicts = [fact for lead in leads if (fact := _verdict(mapping, lead.record, trouble))]
    zone = ZoneInfo(mapping.zone)
    by_source = _by_source(mapping)
    mine = (event for event in events if event.person.connection == connection)
    told = [_event(by_source[event.source], event, zone) for event in mine if event.source in by_source]
    activities = [activity for activity, _, _ in told if activity]
    outcomes = [*verdicts, *(deal for _, deal, _ in told if deal)]
    return Facts(leads, activities, outcomes, [reject for _, _, reject in told if reject], dict(trouble))


# ---- people ----------------------------------------------------------------------------------------------------------


def _lead(mapping: Reading, record: Record, trouble: Counter[str]) -> LeadFacts:
    """The record's inputs: of each the first value that can be read. Trouble is text where none can."""
    fields, object_ = record.fields, record.ref.object
    told, inputs = fields.get, {**mapping.constants}
    for name, names, read in mapping.asked.get(object_, ()):
        unreadable = False
        for field in names:
            if text := told(field):
                if (value := read(text)) is not None:
                    inputs[name] = value
                    break
                unreadable = unreadable or not text.isspace()
        else:
            if unreadable:
                trouble[name] += 1
    held = {field: fields[field] for field in mapping.wants.results.get(object_, {}).values() if field in fields}
    return LeadFacts(_dated(mapping, record), inputs, held)


def _dated(mapping: Reading, record: Record) -> Record:
    """The record with a created instant from the mapped field, when it has none of its own."""
    if mapping.created is None or record.created_at is not None:
        return record
    created, _ = _value(mapping.created, record.ref.object, record.fields)
    return replace(record, created_at=created) if isinstance(created, int) else record


def _value(source: Source, object_: str, fields: Mapping[str, Raw]) -> tuple[Value | None, bool]:
    """The first value that can be read, and whether there was text but none that could."""
    read = source.convert.read
    if source.constant is not None:
        return read(source.constant), False
    unreadable = False
    for name in source.fields.get(object_, ()):
        if text := fields.get(name):
            if (value := read(text)) is not None:
                return value, False
            unreadable = unreadable or not text.isspace()
    return None, unreadable


def _verdict(mapping: Reading, record: Record, trouble: Counter[str]) -> OutcomeFacts | None:
    """Sales' verdict as the record holds it. The CRM does not say when it was given: the store's first sight counts."""
    field = mapping.result_fields.get(VERDICT)
    if field is None or field not in record.fields or record.gone:
        return None
    told = record.fields[field]
    text = fold(told[:200]) if told else ""
    value = _VERDICTS.get(text)
    if value is None:
        if text:
            trouble[VERDICT] += 1
        return OutcomeFacts(record.ref, VERDICT, VERDICT, None, first_seen=True)
    stage: Literal["accepted", "rejected"] = "accepted" if value == "good" else "rejected"
    reason = None if value == "good" else value
    outcome = Outcome(VERDICT, stage, record.modified_at, reason=reason)
    return OutcomeFacts(record.ref, VERDICT, VERDICT, outcome, first_seen=True)


# ---- events ----------------------------------------------------------------------------------------------------------

Told = tuple[ActivityFacts | None, OutcomeFacts | None, Reject | None]


@dataclass(frozen=True, slots=True)
class _Entries:
    """What a mapping says of one source, and which of its fields it reads as the instants of activities. `read` tells
    what an event says less its fields in `aside`: these hold instants, and nothing else is asked of them. The latest
    are remembered, because thousands of events share their words."""

    doings: Sequence[ActivityEntry]
    deals: Sequence[OutcomeEntry]
    instants: frozenset[str]
    aside: frozenset[str]
    read: Callable[[tuple[tuple[str, Raw], ...]], _Said]


class _Said(NamedTuple):
    """What an event's words say beside instants: the entry that it is read by, and what this makes of it."""

    words: Mapping[str, Raw]
    entry: ActivityEntry | None
    kind: str
    subject: str | None
    attributes: Mapping[str, str]


def _by_source(mapping: Reading) -> Mapping[str, _Entries]:
    if "by source" not in mapping.remembered:
        mapping.remembered["by source"] = {name: _entries(mapping, name) for name in mapping.sources}
    found: Mapping[str, _Entries] = mapping.remembered["by source"]
    return found


def _entries(mapping: Reading, name: str) -> _Entries:
    doings = [a for a in mapping.activities if a.source == name]
    asked = frozenset[str]().union(*(activity_fields(replace(entry, at=(), delivered=None)) for entry in doings))
    instants = instant_fields(doings)
    read = lru_cache(maxsize=REMEMBERED)(partial(_said, doings, instants))
    deals = [o for o in mapping.outcomes if o.source == name]
    return _Entries(doings, deals, instants, instants - asked, read)


def _said(doings: Sequence[ActivityEntry], instants: frozenset[str], told: tuple[tuple[str, Raw], ...]) -> _Said:
    fields = dict(told)
    words, entry = plain_words(fields, instants), _reading(fields, doings)
    if entry is None:
        return _Said(words, None, "", None, {})
    subject = _text(entry.subject, fields) if entry.subject else None
    attributes = {name: text for name, source in entry.attributes.items() if (text := _text(source, fields))}
    return _Said(words, entry, _kind(entry, fields) or "", subject, attributes)


def _event(entries: _Entries, event: Event, zone: tzinfo) -> Told:
    """What an event means: an activity, an outcome, both, or nothing that this mapping counts."""
    activity, deal = _told(event, entries, zone), _deal(event, entries.deals, zone)
    dated = (activity is None or activity.gone or activity.at is not None) and (deal is None or _known(deal, event))
    return activity, deal, None if dated else _undated(event)


def _told(event: Event, entries: _Entries, zone: tzinfo) -> ActivityFacts | None:
    """The activity with its words. None for a source of which the mapping reads no activities, and for an event
    that it neither counts nor can date."""
    if not entries.doings:
        return None
    if event.gone:
        return ActivityFacts(event.person, event.source, event.id, None, {}, None, gone=True)
    said = entries.read(tuple([told for told in event.fields.items() if told[0] not in entries.aside]))
    entry = said.entry
    at = first(_instant(e.at, event.fields, zone) for e in ([entry] if entry else entries.doings))
    if at is None:
        return ActivityFacts(event.person, event.source, event.id, None, {}, None) if entry else None
    words = wording(said.words, event.fields, entries.instants, at, zone)
    counted = _activity(said, entry, event, at, zone) if entry else None
    return ActivityFacts(event.person, event.source, event.id, at, words, counted)


def _reading(fields: Mapping[str, Raw], doings: Sequence[ActivityEntry]) -> ActivityEntry | None:
    """The entry that an event is read by."""
    for entry in doings:
        if all_hold(entry.tests, fields) and _kind(entry, fields):
            return entry
    return None


def _deal(event: Event, deals: Sequence[OutcomeEntry], zone: tzinfo) -> OutcomeFacts | None:
    if not deals:
        return None
    outcome = None if event.gone else _outcome(deals[0], event, zone)
    return OutcomeFacts(event.person, event.source, event.id, outcome)


def _known(deal: OutcomeFacts, event: Event) -> bool:
    return event.gone or deal.outcome is not None


def _undated(event: Event) -> Reject:
    why = say("{source} {id}: no instant can be read", source=event.source, id=event.id)
    return Reject(event.person, "LH-210", why, say("Does the mapping's 'at:' name the right field?"))


def _instant(names: Sequence[str], fields: Mapping[str, Raw], zone: tzinfo) -> Instant | None:
    for name in names:
        if (text := fields.get(name)) and (at := to_instant(text, zone)) is not None:
            return at
    return None


def _kind(entry: ActivityEntry, fields: Mapping[str, Raw]) -> str | None:
    if isinstance(entry.kind, str):
        return entry.kind
    kind: KindField = entry.kind
    return first(kind.kinds.get(fold(text[:200])) for name in kind.field if (text := fields.get(name)))


def _activity(said: _Said, entry: ActivityEntry, event: Event, at: Instant, zone: tzinfo) -> Activity:
    seconds = seconds_between(event.fields.get(entry.delivered), at, zone) if entry.delivered else None
    attributes = said.attributes if seconds is None else {**said.attributes, AFTER_DELIVERY: str(seconds)}
    return Activity(clean(f"{event.source}:{event.id}"), said.kind, at, said.subject, attributes)


def _text(source: Source, fields: Mapping[str, Raw]) -> str | None:
    value, _ = _value(source, "", fields)
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, frozenset):
        return ";".join(sorted(value))
    return str(value).lower()


def _outcome(entry: OutcomeEntry, event: Event, zone: tzinfo) -> Outcome | None:
    """The deal as it stands: won before lost before open. None when no instant can be read."""
    fields = event.fields
    won, lost = all_hold(entry.won, fields), all_hold(entry.lost, fields)
    opened = _instant(entry.opened, fields, zone)
    at = first((_instant(entry.closed, fields, zone), opened)) if won or lost else opened
    if at is None:
        return None
    amount = to_number(fields.get(entry.amount) or "") if entry.amount else None
    if won:
        return Outcome(clean(event.id), "won", at, _plain(amount))
    if lost:
        reason = clean(fields.get(entry.reason) or "") if entry.reason else ""
        return Outcome(clean(event.id), "lost", at, _plain(amount), reason or None)
    return Outcome(clean(event.id), "open", at, _plain(amount))


def _plain(amount: Decimal | None) -> Decimal | None:
    """An amount as every database can keep it: whole hundredths, and none beyond a quadrillion."""
    return amount.quantize(Decimal("0.01")) if amount is not None and abs(amount) < 10**15 else None

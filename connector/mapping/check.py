"""Holds a mapping against what the CRM has: fields that are missing, of the wrong type, or not ours to write; event
sources that the account cannot give. Each with the line of the mapping that names it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from connector.errors import Problem, did_you_mean
from connector.mapping.nodes import ActivityEntry, KindField, OutcomeEntry, Source, activity_fields, outcome_fields
from connector.mapping.nodes import Mapping as Reading
from connector.mapping.texts import fold
from connector.model import InputType
from connector.ports import FieldSchema, Schema
from connector.results import BY_NAME, Result
from connector.words import Message, say

_ANY_TEXT = ("text", "long_text", "choice", "other")
READABLE: Mapping[InputType, tuple[str, ...]] = {
    "text": (*_ANY_TEXT, "number", "truth", "instant", "date", "choices"),
    "number": (*_ANY_TEXT, "number"),
    "truth": (*_ANY_TEXT, "truth"),
    "level": _ANY_TEXT,
    "instant": (*_ANY_TEXT, "instant", "date", "number"),
    "set": (*_ANY_TEXT, "choices"),
}
"""Which of the CRM's types can be read as which of ours."""
WRITABLE: Mapping[str, tuple[str, ...]] = {
    "number": ("number",),
    "truth": ("truth",),
    "instant": ("instant",),
    "choice": ("choice", "text", "long_text"),
    "text": ("text", "long_text"),
    "long_text": ("long_text", "text"),
}
"""Which of the CRM's types can hold which of our results."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a person must mend, and what they should know."""

    problems: Sequence[Problem] = ()
    notices: Sequence[Message] = ()


@dataclass(slots=True)
class _Found:
    problems: list[Problem] = field(default_factory=list)
    notices: list[Message] = field(default_factory=list)

    def missing(self, what: Message, where: str, fix: Message | None, *, optional: bool, code: str) -> None:
        if optional:
            self.notices.append(say("{where}: {what}; it counts as unknown", where=where, what=what))
        else:
            self.problems.append(Problem(code, what, where, fix))


def check_mapping(mapping: Reading, schema: Schema, *, fields_ready: bool) -> Report:
    """Every problem and notice. With `fields_ready` false, result fields that do not exist yet are in order."""
    found = _Found()
    for object_ in mapping.objects:
        fields = schema.objects.get(object_)
        if fields is None:
            what = say("this user cannot see the object '{object}'", object=object_)
            fix = say("Give it read permission there, or leave it out of 'people:'.")
            found.problems.append(Problem("LH-201", what, mapping.file, fix))
            continue
        for name, source in _people_sources(mapping):
            _check_source(name, source, object_, fields, found)
        for name, crm in mapping.result_fields.items():
            where = mapping.lines.get(name) or mapping.file
            found.problems += _result_problems(BY_NAME[name], crm, object_, fields.get(crm), where, fields_ready)
    for name in mapping.sources:
        _check_events(mapping, name, schema, found)
    return Report(found.problems, found.notices)


def _people_sources(mapping: Reading) -> Iterator[tuple[str, Source]]:
    yield from mapping.people_sources.items()
    if mapping.created:
        yield "created", mapping.created


# ---- inputs ----------------------------------------------------------------------------------------------------------


def _check_source(name: str, source: Source, object_: str, fields: Mapping[str, FieldSchema], found: _Found) -> None:
    """One of several fields is enough; each that is there must be of a type that can be read."""
    named = source.fields.get(object_, ())
    seen = [fields[one] for one in named if one in fields]
    if named and not seen:
        what = say("input '{name}': {object} has no field '{field}'", name=name, object=object_, field=", ".join(named))
        fix = did_you_mean(named[0], sorted(fields)) or _permission()
        found.missing(what, source.where, fix, optional=source.optional, code="LH-202")
    for one in seen:
        if one.type not in READABLE[source.convert.type]:
            what = say(
                "input '{name}' is read as {wanted}, but {object}.{field} is {type}",
                name=name, wanted=source.convert.type, object=object_, field=one.name, type=one.crm_type,
            )  # fmt: skip
            found.problems.append(Problem("LH-203", what, source.where, say("Choose another field, or another 'as:'.")))
        found.problems += _choice_problems(name, source, one)


def _choice_problems(name: str, source: Source, one: FieldSchema) -> Iterator[Problem]:
    """Values that a closed picklist does not have: somebody renamed one."""
    known = {fold(choice) for choice in one.choices}
    for value in source.convert.values if one.closed_choices else ():
        if value not in known:
            what = say("input '{name}': {field} has no value '{value}'", name=name, field=one.name, value=value)
            yield Problem("LH-208", what, source.where, did_you_mean(value, sorted(known)))


def _permission() -> Message:
    return say("Is it spelt as the CRM's API name, and may this user read it?")


# ---- results ---------------------------------------------------------------------------------------------------------


def _result_problems(
    result: Result, crm: str, object_: str, seen: FieldSchema | None, where: str, ready: bool
) -> Iterator[Problem]:
    if seen is None:
        if ready:
            what = say("our field {object}.{field} does not exist", object=object_, field=crm)
            yield Problem("LH-204", what, where, say("'leadheat apply' creates it; or this user may not see it."))
        return
    told = f"{object_}.{crm}"
    if seen.type not in WRITABLE[result.type]:
        what = say(
            "our field {field} is {type}, where {wanted} is needed", field=told, type=seen.crm_type, wanted=result.type
        )
        yield Problem("LH-205", what, where, say("Name another field under 'results: rename:'."))
    if not seen.writable and not result.by_sales:
        what = say("this user may not write our field {field}", field=told)
        yield Problem("LH-206", what, where, say("Give it edit permission for the field."))
    if result.length and seen.length is not None and seen.length < result.length:
        what = say(
            "our field {field} holds {n} characters; {wanted} are needed",
            field=told,
            n=seen.length,
            wanted=result.length,
        )
        yield Problem("LH-209", what, where, say("Lengthen the field in the CRM."))
    lacking = [value for value, _, _ in result.choices if value not in seen.choices] if seen.closed_choices else []
    if lacking:
        what = say("our field {field} lacks the values {values}", field=told, values=", ".join(lacking))
        yield Problem("LH-209", what, where, say("Add them in the CRM."))


# ---- events ----------------------------------------------------------------------------------------------------------


Entry: TypeAlias = ActivityEntry | OutcomeEntry


def _check_events(mapping: Reading, source: str, schema: Schema, found: _Found) -> None:
    """A source that a lesser one stands in for, or that may be missing, is worth a notice only."""
    entries: list[Entry] = [a for a in mapping.activities if a.source == source]
    entries += [o for o in mapping.outcomes if o.source == source]
    seen = schema.events.get(source)
    if seen is None:
        _absent(mapping, source, entries, schema, found)
        return
    for name, entry in _absent_fields(entries, seen) + [(n, entries[0]) for n in _lookups(mapping, source, seen)]:
        what = say("'{source}' has no field '{field}'", source=source, field=name)
        fix = did_you_mean(name, sorted(seen)) or _permission()
        found.missing(what, entry.where, fix, optional=entry.optional, code="LH-202")


def _absent(mapping: Reading, source: str, entries: Sequence[Entry], schema: Schema, found: _Found) -> None:
    where = entries[0].where
    better = mapping.hygiene.fallback
    if better.get(source) in schema.events:
        return  # it only stands in, and need not
    lesser = [name for name in better if better[name] == source and name in schema.events]
    what = say("this account does not tell '{source}'", source=source)
    if lesser:
        found.notices.append(say("{where}: {what}; '{lesser}' stands in", where=where, what=what, lesser=lesser[0]))
    elif all(entry.optional for entry in entries):
        found.notices.append(say("{where}: {what}; nothing is counted from it", where=where, what=what))
    else:
        fix = did_you_mean(source, sorted(schema.events)) or say("Give access to it, or write 'optional: true'.")
        found.problems.append(Problem("LH-207", what, where, fix))


def _lookups(mapping: Reading, source: str, seen: frozenset[str]) -> list[str]:
    return sorted(set(mapping.wants.events[source].person) - seen)


def _absent_fields(entries: Sequence[Entry], seen: frozenset[str]) -> list[tuple[str, Entry]]:
    """Of alternatives one is enough; every other field of an entry must be there. Each name is told once."""
    told: dict[str, Entry] = {}
    for entry in entries:
        named = activity_fields(entry) if isinstance(entry, ActivityEntry) else outcome_fields(entry)
        spare = {name for names in _alternatives(entry) if seen.intersection(names) for name in names}
        for name in named - seen - spare:
            told.setdefault(name, entry)
    return sorted(told.items(), key=lambda one: (one[1].where, one[0]))


def _alternatives(entry: Entry) -> list[tuple[str, ...]]:
    if isinstance(entry, OutcomeEntry):
        return [entry.opened, entry.closed]
    texts = [source.fields.get("", ()) for source in (entry.subject, *entry.attributes.values()) if source]
    return [entry.at, *texts, *([entry.kind.field] if isinstance(entry.kind, KindField) else [])]

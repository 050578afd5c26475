"""Reading the plain files: leads and what they did, for tests, for exchange, for teams without a CRM."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from connector.instants import Instant, parse_moment
from connector.mapping.hygiene import set_aside
from connector.model import Activity, InputType, Lead, Ref, Value
from connector.plain.mapping import PlainMapping, is_plain_mapping, read_plain_mapping
from connector.plain.table import Row, Table, read_table
from connector.scoring.document_tests import TYPE_NAMES
from connector.scoring.values import parse_value
from connector.words import Message, say
from connector.yamlread import Problems

__all__ = ["File", "Told", "is_plain_mapping", "read_facts", "read_plain_mapping"]

LEADS_CODE, ACTIVITIES_CODE = "LH-435", "LH-436"
OWN_COLUMNS = ("lead_id", "id", "kind", "at", "subject")


@dataclass(frozen=True, slots=True)
class File:
    """A file's name, for messages, and its text."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Told:
    """The leads in the order of their file, and what a person should know about the files."""

    leads: Sequence[Lead]
    warnings: Sequence[Message]


def read_facts(leads: File, activities: File | None, mapping: PlainMapping, zone: ZoneInfo) -> tuple[Told, Problems]:
    """Leads with their activities, hygiene applied; dates are midnights in `zone`. And all that is wrong with both
    files."""
    about_leads, about_activities = Problems(LEADS_CODE), Problems(ACTIVITIES_CODE)
    unread: Counter[tuple[str, InputType]] = Counter()
    persons = _leads(leads, mapping, zone, about_leads, unread)
    done, strangers = _activities(activities, mapping, zone, about_activities, persons)
    about_leads.found += about_activities.found
    scorable = [
        replace(lead, activities=set_aside(list(done[lead.ref.id].values()), mapping.hygiene))
        for lead in persons.values()
    ]
    return Told(scorable, _warnings(unread, strangers)), about_leads


def _warnings(unread: Mapping[tuple[str, InputType], int], strangers: int) -> list[Message]:
    told = []
    for (name, kind), n in unread.items():
        what = TYPE_NAMES[kind]
        told.append(say("{n} values of '{input}' are not {type}; they count as unknown", n=n, input=name, type=what))
    if strangers:
        told.append(say("{n} activities of leads that are not in the file were ignored", n=strangers))
    return told


def _leads(
    file: File, mapping: PlainMapping, zone: ZoneInfo, problems: Problems, unread: Counter[tuple[str, InputType]]
) -> dict[str, Lead]:
    table = read_table(file.text, file.name, ("id",), problems)
    leads: dict[str, Lead] = {}
    for row in table.rows:
        name = row.get("id")
        if not name:
            problems.add(row.where, say("the row has no id"))
        elif name in leads:
            problems.add(row.where, say("the lead '{id}' stands here a second time", id=name))
        created = _moment(row, "created_at", zone, problems) if row.get("created_at") else None
        inputs = _inputs(row, mapping, zone, problems, unread)
        leads.setdefault(name, Lead(Ref("plain", "lead", name), created, inputs))
    return leads


def _moment(row: Row, column: str, zone: ZoneInfo, problems: Problems) -> Instant | None:
    try:
        return parse_moment(row.get(column), zone)
    except ValueError:
        fix = say("Write 2026-11-22 or 2026-11-22T09:00:00+09:00.")
        problems.add(row.where, say("'{column}' is no date and no instant with its zone", column=column), fix)
        return None


def _inputs(
    row: Row, mapping: PlainMapping, zone: ZoneInfo, problems: Problems, unread: Counter[tuple[str, InputType]]
) -> dict[str, Value]:
    """What is known of the person. What cannot be read is unknown and counted; only a wrong instant is a problem."""
    inputs: dict[str, Value] = {}
    for name, kind in mapping.vocabulary.inputs.items():
        cell = row.get(name)
        if not cell:
            continue
        if kind == "instant":
            value: Value | None = _moment(row, name, zone, problems)
        else:
            value = _value(cell, name, kind, mapping, zone, unread)
        if value is not None:
            inputs[name] = value
    return inputs


def _value(
    cell: str, name: str, kind: InputType, mapping: PlainMapping, zone: ZoneInfo, unread: Counter[tuple[str, InputType]]
) -> Value | None:
    try:
        return parse_value(cell, kind, mapping.vocabulary.levels.get(name, ()), zone)
    except ValueError:
        unread[name, kind] += 1
        return None


def _activities(
    file: File | None, mapping: PlainMapping, zone: ZoneInfo, problems: Problems, leads: Iterable[str]
) -> tuple[dict[str, dict[str, Activity]], int]:
    """By lead and id, and how many rows were of leads that nobody knows. A later row replaces an earlier one."""
    done: dict[str, dict[str, Activity]] = {name: {} for name in leads}
    if file is None:
        return done, 0
    table = read_table(file.text, file.name, ("lead_id", "id", "kind", "at"), problems)
    strangers = 0
    for row in table.rows:
        if row.get("lead_id") not in done:
            strangers += 1
            continue
        activity = _activity(row, table, mapping, zone, problems)
        if activity is not None:
            done[row.get("lead_id")][activity.id] = activity
    return done, strangers


def _activity(row: Row, table: Table, mapping: PlainMapping, zone: ZoneInfo, problems: Problems) -> Activity | None:
    name, kind, kinds = row.get("id"), row.get("kind"), mapping.vocabulary.kinds
    if not name:
        problems.add(row.where, say("the row has no id"))
    if not kind:
        problems.add(row.where, say("the row has no kind"))
    elif kinds is not None and kind not in kinds:
        problems.add(row.where, say("the kind is none of those that the mapping lists"))
    at = _moment(row, "at", zone, problems)
    if at is None:
        return None
    attributes = {column: row.get(column) for column in table.columns if column not in OWN_COLUMNS and row.get(column)}
    return Activity(name, kind, at, row.get("subject") or None, attributes)

"""What this token may see in this account, found by asking once for each thing that is wanted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from adapters.http import Refused
from adapters.hubspot.api import Api
from adapters.hubspot.definitions import COMPANY, definitions
from adapters.hubspot.sources import SOURCES, lacking, told_of
from adapters.hubspot.verdicts import lacks_scope
from connector.errors import AccessDenied
from connector.ports import FieldSchema, Wants
from connector.words import Message, say


@dataclass(frozen=True, slots=True)
class Access:
    """The fields of contacts (the company's as `company.NAME`), the fields of every event source that can be had, and
    in words what cannot. `told` are the sources that a pull tells, each with the fields it fetches."""

    fields: Mapping[str, FieldSchema]
    events: Mapping[str, frozenset[str]]
    notices: tuple[Message, ...] = ()
    told: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def ours(self) -> frozenset[str]:
        """Properties of contacts that the told sources need."""
        return frozenset(name for source in self.told for name in SOURCES[source].ours)


def look(api: Api, wants: Wants) -> Access:
    """Ask what there is: the definitions, then each wanted source, so that a scope or plan that lacks becomes a notice
    and not a failure in the middle of a pull. Raises AccessDenied when contacts themselves may not be read."""
    fields = definitions(api, "contacts")
    companies = _companies(api) if any(n.startswith(COMPANY) for n in wants.people.get("contacts", ())) else {}
    found = {name: _source(api, name) for name in sorted(wants.events.keys() & SOURCES.keys())}
    denied = frozenset(name for name, names in found.items() if names is None)
    had = {name: names for name, names in found.items() if names is not None}
    events = {name: source.fields for name, source in SOURCES.items() if name not in denied} | had
    told = {s: tuple(sorted(wants.events[s].fields & events[s])) for s in sorted(told_of(frozenset(found), denied))}
    notices = [lacking(name) for name in sorted(denied)]
    if companies is None:
        notices.append(say("company fields need the scope 'crm.objects.companies.read'; they stay unknown"))
    return Access({**fields, **(companies or {})}, events, tuple(notices), told)


def _companies(api: Api) -> Mapping[str, FieldSchema] | None:
    try:
        found = definitions(api, "companies")
        api.get("probe", api.path("objects", "companies"), [("limit", "1")])
    except AccessDenied as error:
        if not lacks_scope(error):
            raise
        return None
    return found


def _source(api: Api, name: str) -> frozenset[str] | None:
    """The fields a source has, or None when it cannot be had."""
    source = SOURCES[name]
    try:
        if source.how == "object":
            fields = frozenset(definitions(api, name))
            api.get("probe", api.path("objects", name), [("limit", "1")])
            return fields
        if source.how != "remembered":
            path, query = _probe(api, name)
            api.get("probe", path, query)
    except AccessDenied as error:
        if not lacks_scope(error):
            raise
        return None
    except Refused:
        # below Enterprise the events API answers this or that 4xx; the other two ask about what need not exist
        return None if name in {"page_views", "form_submissions", "email_events"} else source.fields
    return source.fields


def _probe(api: Api, name: str) -> tuple[str, list[tuple[str, str]]]:
    """A real call of each: that the list of event types can be read proves nothing."""
    one = ("limit", "1")
    probes = {
        "page_views": (api.path("events"), [("objectType", "contact"), ("eventType", "e_visited_page"), one]),
        "form_submissions": (api.path("forms"), [one]),
        "email_events": (api.path("email_events"), [one]),
        "marketing_events": (api.path("marketing_events"), [one]),
        "lists": (f"{api.path('lists')}/records/0-1/0/memberships", []),
    }
    return probes[name]

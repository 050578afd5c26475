"""What a contact's own properties remember of what they did: the first and the last of each, with its time.

Every account has these. The event's id is its place and its time, so that a new last one does not replace the old.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from adapters.hubspot.people import instant, raw
from connector.instants import iso
from connector.model import Event, Raw, Ref

LAST_PAGE = (
    ("first", "hs_analytics_first_url", "hs_analytics_first_timestamp"),
    ("last", "hs_analytics_last_url", "hs_analytics_last_timestamp"),
)
CONVERSIONS = (
    ("first", "first_conversion_event_name", "first_conversion_date"),
    ("recent", "recent_conversion_event_name", "recent_conversion_date"),
)
EMAIL_SUMMARY = (
    ("open", "hs_email_last_open_date"),
    ("click", "hs_email_last_click_date"),
    ("sales_open", "hs_sales_email_last_opened"),
    ("sales_click", "hs_sales_email_last_clicked"),
    ("sales_reply", "hs_sales_email_last_replied"),
)


def remembered(source: str, person: Ref, told: Mapping[str, object]) -> Iterator[Event]:
    """The events of a source (`last_page`, `conversions`, `email_summary`) that a contact's properties hold."""
    if source == "email_summary":
        for action, when in EMAIL_SUMMARY:
            yield from _event(source, person, action, told.get(when), {"action": action})
        return
    table, field = (LAST_PAGE, "url") if source == "last_page" else (CONVERSIONS, "name")
    for place, what, when in table:
        if name := raw(told.get(what)):
            yield from _event(source, person, place, told.get(when), {field: name})


def _event(source: str, person: Ref, place: str, when: object, fields: Mapping[str, Raw]) -> Iterator[Event]:
    at = instant(when)
    if at is not None:
        yield Event(source, f"{place}:{at // 1_000}", person, {**fields, "occurred_at": iso(at)})


def path_in(url: Raw) -> Raw:
    """The path of an address; None for what is none."""
    try:
        return urlsplit(url).path or None if url else None
    except ValueError:
        return None

"""The properties in which HubSpot sums up what a contact did (NOTES 81 to 86): one event at a time, in order of time.

Read-only for everybody else. `after` folds one event into the values, so that a seed of a thousand events and one poke
give the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from adapters.hubspot.sandbox.answers import iso_ms
from connector.instants import MINUTE, parse_instant

Values: TypeAlias = dict[str, str]
SESSION_MS = 30 * MINUTE // 1_000
"""A pause this long begins another session."""


def page_viewed(held: Mapping[str, str], at: int, url: str) -> Values:
    """After a page view: counts of views and sessions, the first and the last page."""
    last = held.get("hs_analytics_last_timestamp")
    new_visit = last is None or at - ms_of(last) > SESSION_MS
    views = _more(held, "hs_analytics_num_page_views")
    visits = _more(held, "hs_analytics_num_visits", 1 if new_visit else 0)
    told = {
        "hs_analytics_num_page_views": views,
        "hs_analytics_num_visits": visits,
        "hs_analytics_average_page_views": str(round(int(views) / max(1, int(visits)))),
    }
    told |= _earliest(held, at, {"hs_analytics_first_timestamp": iso_ms(at), "hs_analytics_first_url": url,
                                 "hs_analytics_first_visit_timestamp": iso_ms(at)})  # fmt: skip
    if last is None or at >= ms_of(last):
        told |= {"hs_analytics_last_timestamp": iso_ms(at), "hs_analytics_last_url": url}
        told |= {"hs_analytics_last_visit_timestamp": iso_ms(at)} if new_visit else {}
    return told


def _earliest(held: Mapping[str, str], at: int, told: Values) -> Values:
    first = held.get(next(iter(told)))
    return told if first is None or at < ms_of(first) else {}


def form_submitted(held: Mapping[str, str], at: int, guid: str, page: str, name: str) -> Values:
    """After a form: counts, and the first and the recent conversion as "page title: form name" (NOTES 83)."""
    known = [part for part in held.get("hs_calculated_form_submissions", "").split(";") if part]
    new_form = not any(part.startswith(guid) for part in known)
    event = f"{page}: {name}" if page else name
    told = {
        "num_conversion_events": _more(held, "num_conversion_events"),
        "num_unique_conversion_events": _more(held, "num_unique_conversion_events", 1 if new_form else 0),
        "hs_calculated_form_submissions": ";".join([*known, f"{guid}:{page.replace(';', ' ')}:{at}"]),
    }
    told |= _earliest(held, at, {"first_conversion_date": iso_ms(at), "first_conversion_event_name": event})
    recent = held.get("recent_conversion_date")
    if recent is None or at >= ms_of(recent):
        told |= {"recent_conversion_date": iso_ms(at), "recent_conversion_event_name": event}
    return told


def mail_delivered(held: Mapping[str, str], at: int, name: str) -> Values:
    sent = {"hs_email_last_send_date": iso_ms(at), "hs_email_last_email_name": name}
    told = _earliest(held, at, {"hs_email_first_send_date": iso_ms(at)})
    told |= {n: _more(held, n) for n in ("hs_email_delivered", "hs_email_sends_since_last_engagement")}
    return {**told, **_latest(held, at, sent)}


def mail_opened(held: Mapping[str, str], at: int, *, again: bool) -> Values:
    """`again`: the same mail was opened before, which counts once."""
    told = {"hs_email_open": _more(held, "hs_email_open", 0 if again else 1)}
    return {
        **told,
        "hs_email_sends_since_last_engagement": "0",
        **_latest(held, at, {"hs_email_last_open_date": iso_ms(at)}),
    }


def mail_clicked(held: Mapping[str, str], at: int, *, again: bool) -> Values:
    told = {"hs_email_click": _more(held, "hs_email_click", 0 if again else 1)}
    return {
        **told,
        "hs_email_sends_since_last_engagement": "0",
        **_latest(held, at, {"hs_email_last_click_date": iso_ms(at)}),
    }


def activity_logged(held: Mapping[str, str], object_: str, at: int, now: int) -> Values:
    """After a call, meeting, e-mail, note or task was put on the record. What lies ahead is the next activity."""
    told = {"num_notes": _more(held, "num_notes")}
    if at > now:
        told["notes_next_activity_date"] = iso_ms(at)
    else:
        told |= _latest(held, at, {"notes_last_updated": iso_ms(at)})
    if object_ in {"calls", "meetings", "emails"} and at <= now:
        told["num_contacted_notes"] = _more(held, "num_contacted_notes")
        told |= _latest(held, at, {"notes_last_contacted": iso_ms(at)})
        told |= _latest(held, at, {"hs_last_sales_activity_timestamp": iso_ms(at)})
    if object_ == "meetings":
        told |= _latest(held, at, {"hs_latest_meeting_activity": iso_ms(at)})
        told |= {"engagements_last_meeting_booked": iso_ms(min(at, now))}
    return told


def deals_rolled_up(deals: list[tuple[int, Mapping[str, str]]]) -> Values:
    """The roll-up of a contact's deals, each with its creation (NOTES 86)."""
    won = [(ms_of(d["closedate"]), d) for _, d in deals if d.get("hs_is_closed_won") == "true" and d.get("closedate")]
    told = {"num_associated_deals": str(len(deals)) if deals else ""}
    told["first_deal_created_date"] = iso_ms(min(at for at, _ in deals)) if deals else ""
    newest = max(won, key=lambda pair: pair[0]) if won else None
    told["recent_deal_close_date"] = iso_ms(newest[0]) if newest else ""
    told["recent_deal_amount"] = newest[1].get("amount", "") if newest else ""
    told["total_revenue"] = str(sum(float(d.get("amount") or 0) for _, d in won)).removesuffix(".0") if won else ""
    return told


_COUNTS = (
    "hs_analytics_num_page_views", "hs_analytics_num_visits", "num_conversion_events", "num_notes",
    "num_contacted_notes",
)  # fmt: skip
_FIRSTS = (
    ("hs_analytics_first_timestamp", "hs_analytics_first_url", "hs_analytics_first_visit_timestamp"),
    ("first_conversion_date", "first_conversion_event_name"),
)
_LASTS = (
    ("hs_analytics_last_timestamp", "hs_analytics_last_url", "hs_analytics_last_visit_timestamp"),
    ("recent_conversion_date", "recent_conversion_event_name"), ("notes_last_contacted",), ("notes_last_updated",),
    ("hs_last_sales_activity_timestamp",), ("hs_latest_meeting_activity",),
)  # fmt: skip


def combined(won: Mapping[str, str], lost: Mapping[str, str]) -> Values:
    """What two contacts did between them, for the one that carries on after a merge. What speaks of mails speaks of
    one address, and stays the winner's."""
    told = {n: str(int(won.get(n) or 0) + int(lost.get(n) or 0)) for n in _COUNTS if n in won or n in lost}
    for names, first in (*((n, True) for n in _FIRSTS), *((n, False) for n in _LASTS)):
        both = [one for one in (won, lost) if names[0] in one]
        if both:
            best = (min if first else max)(both, key=lambda one: ms_of(one[names[0]]))
            told |= {n: best[n] for n in names if n in best}
    forms = [p for one in (won, lost) for p in one.get("hs_calculated_form_submissions", "").split(";") if p]
    if forms:
        told["hs_calculated_form_submissions"] = ";".join(forms)
        told["num_unique_conversion_events"] = str(len({part.partition(":")[0] for part in forms}))
    return told


def _latest(held: Mapping[str, str], at: int, told: Values) -> Values:
    last = held.get(next(iter(told)))
    return told if last is None or at >= ms_of(last) else {}


def _more(held: Mapping[str, str], name: str, by: int = 1) -> str:
    return str(int(held.get(name) or 0) + by)


def ms_of(text: str) -> int:
    return parse_instant(text) // 1_000


Fold: TypeAlias = Callable[[Mapping[str, str]], Values]
"""What becomes of a contact's values after one event."""

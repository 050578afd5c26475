"""Where HubSpot keeps what people did: which sources there are, what they tell, and what stands in for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from connector.words import Message, say

How = Literal["remembered", "object", "each", "account", "counted"]


@dataclass(frozen=True, slots=True)
class Source:
    """One event source. `how` it is read: `remembered` in the contact's own properties (`ours`), as an `object`
    associated with contacts, for `each` changed contact by name, for the whole `account` by time, or by what it is
    `counted` to be.
    `instead` is what tells less of the same where the plan or the token does not give this one."""

    name: str
    how: How
    fields: frozenset[str]
    ours: frozenset[str] = frozenset()
    instead: str | None = None
    lacking: Message | None = None


def _source(
    name: str, how: How, fields: str, ours: str = "", instead: str | None = None, lacking: Message | None = None
) -> Source:
    return Source(name, how, frozenset(fields.split()), frozenset(ours.split()), instead, lacking)


LAST_VIEW, VIEWS = "hs_analytics_last_timestamp", "hs_analytics_num_page_views"

SOURCES = {
    source.name: source
    for source in (
        _source(
            "page_views", "each", "url path title occurred_at", f"{LAST_VIEW} {VIEWS}", "last_page",
            say("page views by address need HubSpot Enterprise; 'last_page' tells the first and the last only"),
        ),
        _source("form_submissions", "account", "form_id form_name page_url page_title submitted_at", "", "conversions",
            say("form submissions need the scope 'forms'; 'conversions' tells the first and the last only")),
        _source("email_events", "account", "action campaign url occurred_at delivered_at", "", "email_summary",
            say("mail events need the scope 'content'; 'email_summary' tells the last ones only")),
        _source("last_page", "remembered", "url occurred_at",
            "hs_analytics_first_url hs_analytics_first_timestamp hs_analytics_last_url hs_analytics_last_timestamp"),
        _source("conversions", "remembered", "name occurred_at",
            "first_conversion_event_name first_conversion_date recent_conversion_event_name recent_conversion_date"),
        _source("email_summary", "remembered", "action occurred_at",
            "hs_email_last_open_date hs_email_last_click_date hs_sales_email_last_opened hs_sales_email_last_clicked"
            " hs_sales_email_last_replied"),
        _source("marketing_events", "counted", "name state occurred_at",
            lacking=say("marketing events need the scope 'crm.objects.marketing_events.read'; they are left out")),
        _source("lists", "each", "list_id list_name joined_at",
            lacking=say("list memberships need the scope 'crm.lists.read'; they are left out")),
        _source("calls", "object",
            "hs_timestamp hs_call_direction hs_call_status hs_call_title hs_call_disposition hs_call_duration"),
        _source("meetings", "object", "hs_timestamp hs_meeting_outcome hs_meeting_start_time hs_meeting_title"),
        _source("emails", "object", "hs_timestamp hs_email_direction hs_email_status hs_email_subject"),
        _source("notes", "object", "hs_timestamp"),
        _source("tasks", "object", "hs_timestamp hs_task_status hs_task_subject hs_task_type"),
        _source("deals", "object",
            "dealname dealstage pipeline amount closedate createdate hs_is_closed hs_is_closed_won closed_lost_reason",
            lacking=say("deals need the scope 'crm.objects.deals.read'; outcomes stay unknown")),
    )
}  # fmt: skip


def lacking(name: str) -> Message:
    """What the user is told when a source cannot be had."""
    return SOURCES[name].lacking or say("HubSpot does not let this token read '{source}'; it is left out", source=name)


def told_of(wanted: frozenset[str], denied: frozenset[str]) -> frozenset[str]:
    """The sources that are told: those wanted and to be had. One that only stands in for another is told only where
    that one cannot be had, so that nothing is counted twice."""
    had = wanted - denied
    return had - {SOURCES[name].instead for name in had if name in SOURCES}

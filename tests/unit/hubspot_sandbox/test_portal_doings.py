"""What people do: where it can be read, on which plan, and what it leaves on the contact."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.hubspot.sandbox import Options
from adapters.hubspot.sandbox.options import EVERY_SCOPE
from connector.instants import SECOND
from tests.unit.hubspot_sandbox.portal import START, Portal, V, opened

EVENTS = f"/events/event-occurrences/{V}"
SITE = "https://www.example.co.jp"
MINUTE = 60 * SECOND


@pytest.fixture
def one(portal: Portal) -> str:
    return portal.add(email="taro@example.co.jp")


def do(portal: Portal, source: str, one: str, **fields: Any) -> str:
    return portal.sandbox.desk.add_event(source, one, **fields)


def test_page_views_are_told_on_enterprise_alone() -> None:
    query = {"objectType": "contact", "eventType": "e_visited_page"}
    for tier, status in (("free", 403), ("professional", 403), ("enterprise", 200)):
        with opened(Options(rate_limits=False, tier=tier)) as portal:
            one = portal.add()
            do(portal, "page_views", one, url=f"{SITE}/pricing?x=1", title="料金")
            answer = portal.get(EVENTS, objectId=one, **query)
            assert answer.status_code == status
            assert portal.get(f"{EVENTS}/event-types").status_code == 200, "the names prove nothing"
            assert portal.shown(one, "hs_analytics_last_url")["hs_analytics_last_url"] == f"{SITE}/pricing?x=1"
    row = answer.json()["results"][0]
    assert row["properties"] == {"hs_url": f"{SITE}/pricing?x=1", "hs_url_path": "/pricing", "hs_title": "料金"}
    assert (row["objectId"], row["occurredAt"]) == (one, "2026-11-24T00:00:00Z")


def test_page_views_are_told_since_a_time_and_page_by_page() -> None:
    with opened(Options(rate_limits=False, tier="enterprise")) as portal:
        one, other = portal.add(), portal.add()
        for minute in range(15):
            do(portal, "page_views", one, url=f"{SITE}/{minute}", occurred_at=START + minute * MINUTE)
        do(portal, "page_views", other, url=f"{SITE}/other")
        query = {"objectType": "contact", "objectId": one, "occurredAfter": "2026-11-24T00:02:00Z", "limit": 10}
        first = portal.get(EVENTS, **query).json()
        after = first["paging"]["next"]["after"]
        assert "%" in after, "the cursor comes percent-encoded"
        assert portal.get(EVENTS, **query, after=after).status_code == 400, "encoded twice it is refused"
        rest = portal.session.get(
            f"{portal.server.url}{EVENTS}?objectType=contact&objectId={one}&occurredAfter=2026-11-24T00:02:00Z&limit=10"
            f"&after={after}",
            headers={"Authorization": f"Bearer {portal.sandbox.token}"},
            timeout=10,
        ).json()
        urls = [e["properties"]["hs_url"] for e in (*first["results"], *rest["results"])]
        assert urls == [f"{SITE}/{minute}" for minute in range(14, 1, -1)]
        assert "paging" not in rest


def test_views_are_summed_up_on_the_contact(portal: Portal, one: str) -> None:
    for minute, path in ((0, "/a"), (5, "/b"), (60, "/c"), (30, "/late")):
        do(portal, "page_views", one, url=SITE + path, occurred_at=START + minute * MINUTE)
    told = portal.sandbox.desk.shown("contacts", one)
    assert told["hs_analytics_num_page_views"] == "4"
    assert (told["hs_analytics_first_url"], told["hs_analytics_first_timestamp"]) == (
        f"{SITE}/a",
        "2026-11-24T00:00:00Z",
    )
    assert (told["hs_analytics_last_url"], told["hs_analytics_last_timestamp"]) == (f"{SITE}/c", "2026-11-24T01:00:00Z")


def test_what_somebody_does_moves_the_stamp(portal: Portal, one: str) -> None:
    portal.later(100)
    do(portal, "page_views", one, url=SITE)
    assert portal.sandbox.desk.shown("contacts", one)["lastmodifieddate"] == "2026-11-24T00:01:40Z"


# ---- forms ---------------------------------------------------------------------------------------------------------


def test_submissions_come_newest_first_with_an_address_and_no_contact(portal: Portal, one: str) -> None:
    for minute in range(3):
        when = START + minute * MINUTE
        do(
            portal,
            "form_submissions",
            one,
            form_name="デモ",
            page_url=f"{SITE}/demo",
            page_title="申込",
            submitted_at=when,
        )
    form = portal.get("/marketing/v3/forms", limit=100, formTypes=["hubspot", "flow"]).json()["results"][0]
    assert form["name"] == "デモ"
    rows = portal.get(f"/form-integrations/v1/submissions/forms/{form['id']}", limit=50).json()["results"]
    assert [r["submittedAt"] for r in rows] == [(START + m * MINUTE) // 1_000 for m in (2, 1, 0)]
    assert {(v["name"], v["value"]) for r in rows for v in r["values"]} == {("email", "taro@example.co.jp")}
    assert one not in {str(value) for r in rows for value in (*r.values(), *r["values"][0].values())}
    assert {(r["pageUrl"], r["pageTitle"]) for r in rows} == {(f"{SITE}/demo", "申込")}
    told = portal.sandbox.desk.shown("contacts", one)
    assert told["recent_conversion_event_name"] == told["first_conversion_event_name"] == "申込: デモ"
    assert (told["num_conversion_events"], told["num_unique_conversion_events"]) == ("3", "1")
    assert (told["first_conversion_date"], told["recent_conversion_date"]) == (
        "2026-11-24T00:00:00Z",
        "2026-11-24T00:02:00Z",
    )


def test_submissions_are_fifty_a_page(portal: Portal, one: str) -> None:
    do(portal, "form_submissions", one, form_name="デモ")
    path = f"/form-integrations/v1/submissions/forms/{portal.get('/marketing/v3/forms').json()['results'][0]['id']}"
    assert portal.get(path, limit=51).status_code == 400
    assert portal.get(path.rsplit("/", 1)[0] + "/no-such-form").status_code == 404


# ---- mails ---------------------------------------------------------------------------------------------------------


def test_mail_events_are_told_by_time_and_recipient(portal: Portal, one: str) -> None:
    other = portal.add(email="hanako@example.co.jp")
    for minute, action in enumerate(("DELIVERED", "OPEN", "CLICK")):
        do(portal, "email_events", one, action=action, campaign="9月号", url=SITE, occurred_at=START + minute * MINUTE)
    do(portal, "email_events", other, action="OPEN", campaign="9月号", occurred_at=START)
    told = portal.get("/email/public/v1/events", recipient="taro@example.co.jp", limit=2).json()
    assert [(e["type"], e["created"]) for e in told["events"]] == [
        ("CLICK", (START + 2 * MINUTE) // 1_000),
        ("OPEN", (START + MINUTE) // 1_000),
    ]
    assert told["hasMore"] is True
    assert {e["sentBy"]["created"] for e in told["events"]} == {START // 1_000}
    rest = portal.get("/email/public/v1/events", recipient="taro@example.co.jp", limit=2, offset=told["offset"]).json()
    assert ([e["type"] for e in rest["events"]], rest["hasMore"]) == (["DELIVERED"], False)
    window = {"startTimestamp": START // 1_000, "endTimestamp": START // 1_000, "eventType": "OPEN"}
    assert [e["recipient"] for e in portal.get("/email/public/v1/events", **window).json()["events"]] == [
        "hanako@example.co.jp"
    ]
    campaign = told["events"][0]["emailCampaignId"]
    assert portal.get(f"/email/public/v1/campaigns/{campaign}").json()["name"] == "9月号"


def test_mails_are_summed_up_once_per_mail(portal: Portal, one: str) -> None:
    for minute, action in enumerate(("DELIVERED", "OPEN", "OPEN", "CLICK")):
        do(portal, "email_events", one, action=action, campaign="9月号", occurred_at=START + minute * MINUTE)
    told = portal.sandbox.desk.shown("contacts", one)
    assert (told["hs_email_delivered"], told["hs_email_open"], told["hs_email_click"]) == ("1", "1", "1")
    assert (told["hs_email_last_open_date"], told["hs_email_last_click_date"]) == (
        "2026-11-24T00:02:00Z",
        "2026-11-24T00:03:00Z",
    )
    assert told["hs_email_sends_since_last_engagement"] == "0"


@pytest.mark.parametrize(
    ("action", "name"),
    [("sales_open", "hs_sales_email_last_opened"), ("sales_reply", "hs_sales_email_last_replied")],
)
def test_a_sales_mail_leaves_its_date_only(portal: Portal, one: str, action: str, name: str) -> None:
    do(portal, "email_summary", one, action=action)
    assert portal.sandbox.desk.shown("contacts", one)[name] == "2026-11-24T00:00:00Z"


# ---- talks and seminars --------------------------------------------------------------------------------------------


def test_calls_and_meetings_are_records_of_their_own(portal: Portal, one: str) -> None:
    call = do(portal, "calls", one, hs_call_direction="INBOUND", hs_call_status="COMPLETED", hs_call_title="架電")
    do(portal, "meetings", one, hs_meeting_title="商談", hs_timestamp=START + 86_400 * SECOND)
    row = portal.get(f"/crm/objects/{V}/calls/{call}", properties="hs_call_direction,hs_timestamp").json()["properties"]
    assert (row["hs_call_direction"], row["hs_timestamp"]) == ("INBOUND", "2026-11-24T00:00:00Z")
    assert row["hs_lastmodifieddate"] == "2026-11-24T00:00:00Z"
    told = portal.sandbox.desk.shown("contacts", one)
    assert (told["num_notes"], told["num_contacted_notes"]) == ("2", "1")
    assert told["notes_last_contacted"] == "2026-11-24T00:00:00Z"
    assert told["notes_next_activity_date"] == "2026-11-25T00:00:00Z"
    assert told["engagements_last_meeting_booked"] == "2026-11-24T00:00:00Z"


def test_seminars_are_told_by_contact_and_by_event(portal: Portal, one: str) -> None:
    do(portal, "marketing_events", one, name="ウェビナー", state="REGISTERED", occurred_at=START)
    do(portal, "marketing_events", one, name="ウェビナー", state="ATTENDED", occurred_at=START + MINUTE)
    base = f"/marketing/marketing-events/{V}"
    for who in (one, "taro@example.co.jp"):
        told = portal.get(f"{base}/participations/contacts/{who}/breakdown").json()
        assert told["total"] == 2
        assert [r["properties"]["attendanceState"] for r in told["results"]] == ["REGISTERED", "ATTENDED"]
        assert told["results"][1]["properties"]["occurredAt"] == (START + MINUTE) // 1_000
        assert told["results"][0]["associations"]["marketingEvent"]["name"] == "ウェビナー"
    event = portal.get(base).json()["results"][0]
    assert (event["eventName"], event["attendees"]) == ("ウェビナー", 1)
    by_event = portal.get(f"{base}/participations/{event['objectId']}/breakdown", state="ATTENDED").json()
    assert [r["associations"]["contact"]["contactId"] for r in by_event["results"]] == [one]
    assert portal.get(f"{base}/participations/contacts/9999/breakdown").json()["results"] == []


def test_what_two_did_is_summed_up_on_who_carries_on() -> None:
    with opened(Options(rate_limits=False, tier="enterprise")) as portal:
        one, other = portal.add(email="a@example.co.jp"), portal.add(email="b@example.co.jp")
        do(portal, "page_views", one, url=f"{SITE}/first", occurred_at=START - MINUTE)
        do(portal, "page_views", other, url=f"{SITE}/last", occurred_at=START)
        do(portal, "form_submissions", other, form_name="デモ", submitted_at=START)
        kept = portal.sandbox.desk.merge("contacts", other, one)
        told = portal.sandbox.desk.shown("contacts", kept)
        assert told["hs_analytics_num_page_views"] == "2"
        assert (told["hs_analytics_first_url"], told["hs_analytics_last_url"]) == (f"{SITE}/first", f"{SITE}/last")
        assert told["num_conversion_events"] == "1"
        rows = portal.get(EVENTS, objectType="contact", objectId=kept).json()["results"]
        assert [r["properties"]["hs_url_path"] for r in rows] == ["/last", "/first"]


@pytest.mark.parametrize(
    ("path", "scope"),
    [
        (f"/crm/objects/{V}/contacts", "crm.objects.contacts.read"),
        (f"/crm/objects/{V}/calls", "crm.objects.contacts.read"),
        (f"/crm/objects/{V}/deals", "crm.objects.deals.read"), (f"/crm/owners/{V}", "crm.objects.owners.read"),
        ("/marketing/v3/forms", "forms"), ("/email/public/v1/events", "content"),
        (f"/marketing/marketing-events/{V}", "crm.objects.marketing_events.read"),
        (f"/crm/lists/{V}/records/0-1/1/memberships", "crm.lists.read"),
    ],
)  # fmt: skip
def test_a_lacking_scope_is_named(path: str, scope: str) -> None:
    with opened(Options(rate_limits=False, scopes=EVERY_SCOPE - {scope})) as portal:
        answer = portal.get(path)
        told = answer.json()
        assert (answer.status_code, told["category"]) == (403, "MISSING_SCOPES")
        assert scope in told["errors"][0]["context"]["requiredGranularScopes"]


def test_any_one_of_the_scopes_opens_the_definitions() -> None:
    path = f"/crm/properties/{V}/contacts"
    both = {"crm.objects.contacts.read", "crm.schemas.contacts.read"}
    for lacking, status in ((set(), 200), ({"crm.schemas.contacts.read"}, 200), (both, 403)):
        with opened(Options(rate_limits=False, scopes=EVERY_SCOPE - lacking)) as portal:
            assert portal.get(path).status_code == status
            assert portal.get("/account-info/2026-09/details").status_code == 200

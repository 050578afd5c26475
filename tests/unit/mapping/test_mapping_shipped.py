"""The shipped mappings, on words as the CRMs say them."""

from __future__ import annotations

import pytest

from connector.instants import parse_instant
from connector.mapping.document import read_mapping
from connector.mapping.reading import read_page
from connector.model import Event, Raw, Ref
from connector.ports import Facts
from connector.shipped import shipped

AT = "1795165200000"
WHO = Ref("acme", "contacts", "1")


def read(crm: str, source: str, fields: dict[str, Raw]) -> Facts:
    return read_page(read_mapping(shipped(f"{crm}.yaml"), crm), "acme", [], [Event(source, "e1", WHO, fields)])


def test_the_instant_of_these_tests_is_what_it_seems() -> None:
    assert int(AT) * 1000 == parse_instant("2026-11-20T09:00:00Z")


SAID: list[tuple[str, str, dict[str, Raw], tuple[str, str | None] | None]] = [
    (
        "hubspot",
        "page_views",
        {"url": "https://www.example.co.jp/pricing/?utm=1", "occurred_at": AT},
        ("page_view", "/pricing"),
    ),
    (
        "hubspot",
        "form_submissions",
        {"form_name": "デモ申し込み", "submitted_at": AT},
        ("demo_request", "デモ申し込み"),
    ),
    (
        "hubspot",
        "form_submissions",
        {"form_name": "Form 7", "page_url": "https://x.jp/demo", "submitted_at": AT},
        ("demo_request", "Form 7"),
    ),
    (
        "hubspot",
        "form_submissions",
        {"form_name": "導入事例ダウンロード", "submitted_at": AT},
        ("download", "導入事例ダウンロード"),
    ),
    (
        "hubspot",
        "form_submissions",
        {"form_name": "お問い合わせ", "submitted_at": AT},
        ("inquiry", "お問い合わせ"),
    ),
    (
        "hubspot",
        "form_submissions",
        {"form_name": "ニュースレター", "submitted_at": AT},
        ("form_submission", "ニュースレター"),
    ),
    (
        "hubspot",
        "conversions",
        {"name": "デモ申し込み: デモ申し込み", "occurred_at": AT},
        ("demo_request", "デモ申し込み: デモ申し込み"),
    ),
    (
        "hubspot",
        "email_events",
        {"action": "CLICK", "url": "https://x.jp/a", "campaign": "News", "occurred_at": AT},
        ("email_click", "/a"),
    ),
    ("hubspot", "email_events", {"action": "DELIVERED", "campaign": "News", "occurred_at": AT}, None),
    ("hubspot", "email_summary", {"action": "sales_reply", "occurred_at": AT}, ("email_reply", None)),
    (
        "hubspot",
        "calls",
        {"hs_timestamp": "2026-11-20T09:00:00Z", "hs_call_direction": "OUTBOUND", "hs_call_status": "NO_ANSWER"},
        None,
    ),
    ("hubspot", "calls", {"hs_timestamp": "2026-11-20T09:00:00Z", "hs_call_direction": "INBOUND"}, ("call", "inbound")),
    ("hubspot", "meetings", {"hs_timestamp": "2026-11-20T09:00:00Z", "hs_meeting_outcome": "NO_SHOW"}, None),
    (
        "hubspot",
        "meetings",
        {"hs_timestamp": "2026-11-20T09:00:00Z", "hs_meeting_title": "打ち合わせ"},
        ("meeting", "打ち合わせ"),
    ),
    (
        "hubspot",
        "marketing_events",
        {"name": "営業とマーケの対話術", "state": "ATTENDED", "occurred_at": AT},
        ("seminar", "営業とマーケの対話術"),
    ),
    (
        "salesforce",
        "Web_Activity__c",
        {"Kind__c": "page_view", "Occurred_At__c": "2026-11-20T09:00:00.000+0000", "Path__c": "/careers/"},
        ("page_view", "/careers"),
    ),
    (
        "salesforce",
        "Web_Activity__c",
        {
            "Kind__c": "download",
            "Occurred_At__c": "2026-11-20T09:00:00.000+0000",
            "Name__c": "導入事例集",
            "Path__c": "/x",
        },
        ("download", "導入事例集"),
    ),
    (
        "salesforce",
        "Web_Activity__c",
        {"Kind__c": "email_delivered", "Occurred_At__c": "2026-11-20T09:00:00.000+0000"},
        None,
    ),
    (
        "salesforce",
        "CampaignMember",
        {
            "HasResponded": "true",
            "Campaign.Type": "ウェビナー",
            "Campaign.Name": "W",
            "FirstRespondedDate": "2026-11-20",
        },
        ("seminar", "W"),
    ),
    (
        "salesforce",
        "CampaignMember",
        {"HasResponded": "true", "Campaign.Type": "広告", "Campaign.Name": "A", "FirstRespondedDate": "2026-11-20"},
        ("campaign_response", "A"),
    ),
    (
        "salesforce",
        "CampaignMember",
        {"HasResponded": "false", "Campaign.Name": "A", "CreatedDate": "2026-11-20T09:00:00Z"},
        None,
    ),
    ("salesforce", "Task", {"TaskSubtype": "Call", "IsClosed": "true", "ActivityDate": "2026-11-20"}, ("call", "call")),
    ("salesforce", "Event", {"IsChild": "false", "ActivityDateTime": "2026-11-20T09:00:00Z"}, ("meeting", "meeting")),
    (
        "salesforce",
        "EmailMessage",
        {"Incoming": "true", "MessageDate": "2026-11-20T09:00:00Z"},
        ("email_reply", "e-mail"),
    ),
    (
        "spreadsheet",
        "activities",
        {"種類": "ページ閲覧", "日時": "2026/11/20 18:00", "ページ": "https://e.jp/pricing"},
        ("page_view", "/pricing"),
    ),
    (
        "spreadsheet",
        "activities",
        {"kind": "demo_request", "at": "2026-11-20T09:00:00Z", "subject": "デモ"},
        ("demo_request", "デモ"),
    ),
]


@pytest.mark.parametrize(("crm", "source", "fields", "expected"), SAID)
def test_the_shipped_mappings_read_what_the_crms_say(
    crm: str, source: str, fields: dict[str, Raw], expected: tuple[str, str | None] | None
) -> None:
    facts = read(crm, source, fields)
    found = facts.activities[0].activity
    assert (found and (found.kind, found.subject)) == expected
    assert facts.rejects == []


def test_an_unopened_mail_is_no_reject() -> None:
    facts = read("salesforce", "EmailMessage", {"Incoming": "false", "FirstOpenedDate": None})
    assert (list(facts.rejects), list(facts.activities)) == ([], [])

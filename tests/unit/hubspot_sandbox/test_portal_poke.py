"""Pokes, a second process, and a restart."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.hubspot.sandbox import open_hubspot_sandbox
from adapters.sandbox.state import State
from connector.errors import UserError
from tests.unit.hubspot_sandbox.portal import CONTACTS, START, Portal, eq, ids, opened


@pytest.fixture
def one(portal: Portal) -> str:
    return portal.add(email="taro@example.co.jp")


def test_a_value_is_set_as_a_person_would(portal: Portal, one: str) -> None:
    told = portal.sandbox.poke(one, "set", {"jobtitle": "部長", "lifecyclestage": "lead"})
    assert portal.shown(one, "jobtitle")["jobtitle"] == "部長"
    assert (str(told), told.in_("ja")) == (f"{one}: 2 fields set", told.in_("ja"))
    assert "部長" not in str(told)
    with pytest.raises(UserError) as wrong:
        portal.sandbox.poke(one, "set", {"jobtitel": "x", "hs_email_open": "9"})
    assert [p.code for p in wrong.value.problems] == ["LH-908", "LH-908"]
    assert "jobtitle" in str(wrong.value)
    with pytest.raises(UserError, match="LH-909"):
        portal.sandbox.poke(one, "set", {"lifecyclestage": "秘密"})


@pytest.mark.parametrize(
    ("kind", "subject", "name", "value"),
    [
        ("demo_request", "", "recent_conversion_event_name", "デモ申し込み: デモ申し込み"),
        ("form_submission", "/lp/1", "recent_conversion_event_name", "お問い合わせ: お問い合わせ"),
        ("page_view", "/pricing/enterprise", "hs_analytics_last_url", "https://www.example.co.jp/pricing/enterprise"),
        ("page_view", "", "hs_analytics_last_url", "https://www.example.co.jp/pricing"),
        ("download", "", "hs_analytics_last_url", "https://www.example.co.jp/cases/download"),
        ("email_click", "", "hs_email_click", "1"),
        ("call", "", "num_contacted_notes", "1"),
        ("meeting", "", "hs_latest_meeting_activity", "2026-11-24T00:01:00Z"),
    ],
)
def test_what_somebody_did_is_seen_on_the_contact(
    portal: Portal, one: str, kind: str, subject: str, name: str, value: str
) -> None:
    portal.later(60)
    told = portal.sandbox.poke("TARO@example.co.jp", "did", {"kind": kind, "subject": subject})
    assert str(told) == f"{one}: {kind} happened"
    shown = portal.shown(one, name, "lastmodifieddate")
    assert (shown[name], shown["lastmodifieddate"]) == (value, "2026-11-24T00:01:00Z")


def test_a_seminar_is_attended(portal: Portal, one: str) -> None:
    portal.sandbox.poke(one, "did", {"kind": "seminar", "subject": "秋のウェビナー"})
    path = f"/marketing/marketing-events/2026-09/participations/contacts/{one}/breakdown"
    row = portal.get(path).json()["results"][0]
    assert row["properties"]["attendanceState"] == "ATTENDED"
    assert row["associations"]["marketingEvent"]["name"] == "秋のウェビナー"


def test_a_deal_is_won_or_lost(portal: Portal, one: str) -> None:
    portal.sandbox.poke(one, "win", {"amount": "500"})
    assert portal.shown(one, "total_revenue")["total_revenue"] == "500"
    portal.sandbox.poke(one, "lose", {"reason": "時期尚早"})
    told = portal.shown(one, "num_associated_deals", "total_revenue")
    assert (told["num_associated_deals"], told["total_revenue"]) == ("2", "500")
    rows = portal.get("/crm/objects/2026-09/deals", properties="dealstage,closed_lost_reason").json()["results"]
    assert [(r["properties"]["dealstage"], r["properties"]["closed_lost_reason"]) for r in rows] == [
        ("closedwon", None),
        ("closedlost", "時期尚早"),
    ]


def test_an_open_deal_is_closed_before_a_new_one_is_made(portal: Portal, one: str) -> None:
    portal.sandbox.desk.add_event("deals", one, amount="7")
    portal.sandbox.poke(one, "win", {})
    assert portal.shown(one, "num_associated_deals", "total_revenue")["total_revenue"] == "7"


def test_people_are_deleted_and_merged(portal: Portal, one: str) -> None:
    other, third = portal.add(), portal.add()
    told = portal.sandbox.poke(other, "merge", {"into": one})
    kept = ids(portal.get(CONTACTS).json()["results"])
    assert kept[0] == third
    assert str(told).endswith(f"merged into {kept[1]}")
    portal.sandbox.poke(one, "delete", {})
    assert ids(portal.get(CONTACTS).json()["results"]) == [third], "an old id still leads to the contact"


@pytest.mark.parametrize(
    ("who", "deed", "words", "code"),
    [
        ("taro@example.co.jp", "explode", {}, "LH-906"), ("9999", "delete", {}, "LH-907"),
        ("9999", "convert", {}, "LH-907"),
        ("x@example.co.jp", "delete", {}, "LH-907"), ("taro@example.co.jp", "did", {"kind": "sneeze"}, "LH-910"),
        ("102", "did", {"kind": "demo_request"}, "LH-911"), ("102", "merge", {"into": "102"}, "LH-912"),
        ("102", "merge", {}, "LH-907"), ("102", "convert", {}, "LH-913"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_said(portal: Portal, one: str, who: str, deed: str, words: dict, code: str) -> None:
    assert portal.add() == "102"
    with pytest.raises(UserError, match=code) as refused:
        portal.sandbox.poke(who, deed, words)
    assert "taro@" not in str(refused.value)
    assert refused.value.in_("ja") != refused.value.in_("en")


# ---- the file ------------------------------------------------------------------------------------------------------


def test_a_poke_from_another_process_is_seen_and_indexed_in_time(tmp_path: Path) -> None:
    path = tmp_path / "hubspot.db"
    with opened(state=State(path)) as portal:
        one = portal.add(email="taro@example.co.jp", jobtitle="課長")
        portal.later(60)
        assert portal.found(eq("jobtitle", "課長")) == [one]
        elsewhere = open_hubspot_sandbox(State(path), lambda: portal.clock[0])
        elsewhere.poke(one, "set", {"jobtitle": "部長"})
        new = elsewhere.desk.add("contacts", email="hanako@example.co.jp")
        assert portal.shown(one, "jobtitle")["jobtitle"] == "部長"
        assert ids(portal.get(CONTACTS).json()["results"]) == [one, new]
        assert portal.found(eq("jobtitle", "課長")) == [one], "the index is late for them too"
        portal.later(5)
        assert portal.found(eq("jobtitle", "部長")) == [one]
        portal.update({"id": one, "properties": {"jobtitle": "社長"}})
        assert portal.add() != new, "ids are nobody's twice"
        elsewhere.poke(one, "did", {"kind": "call"})
        assert elsewhere.desk.shown("contacts", one)["jobtitle"] == "社長"
        elsewhere.state.close()


def test_a_stopped_account_goes_on_where_it_was(tmp_path: Path) -> None:
    path = tmp_path / "hubspot.db"
    with opened(state=State(path)) as portal:
        one = portal.add(jobtitle="部長")
        portal.sandbox.desk.define_field("contacts", "score", "number")
        portal.sandbox.weather.expire_token()
        token = portal.sandbox.token
        assert not portal.sandbox.empty
    with opened(state=State(path)) as portal:
        portal.clock[0] = START + 60_000_000
        assert portal.sandbox.token == token
        assert portal.found(eq("jobtitle", "部長")) == [one]
        assert portal.update({"id": one, "properties": {"score": "1"}}).status_code == 200
        assert int(portal.add()) > int(one)


# ---- the desk ------------------------------------------------------------------------------------------------------


def test_the_desk_says_what_it_cannot_do(portal: Portal, one: str) -> None:
    desk = portal.sandbox.desk
    for wrong in ({"no_such_thing": "x"}, {"lifecyclestage": "x"}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            desk.add("contacts", **wrong)
    with pytest.raises(KeyError):
        desk.change("contacts", "9999", jobtitle="x")
    with pytest.raises(ValueError, match="sneezes"):
        desk.add_event("sneezes", one)
    with pytest.raises(ValueError, match="no e-mail address"):
        desk.add_event("form_submissions", portal.add(), form_name="x")


def test_a_dropped_field_is_gone_from_every_answer(portal: Portal, one: str) -> None:
    portal.sandbox.desk.define_field("contacts", "score", "number")
    portal.sandbox.desk.change("contacts", one, score=5)
    portal.sandbox.desk.drop_field("contacts", "score")
    assert "score" not in portal.shown(one, "score")
    assert portal.update({"id": one, "properties": {"score": "1"}}).status_code == 400

"""What people did, from each of HubSpot's places, and what stands in where one cannot be had."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hubspot_farside import THEIR_DEFINITIONS, Far, Row, V, definition, error, wants
from werkzeug.wrappers import Request, Response

from adapters.hubspot.sources import SOURCES, told_of
from adapters.sandbox.server import json_response
from connector.errors import Misunderstood
from connector.instants import DAY, parse_instant
from connector.model import Raw, Ref
from connector.ports import Wants
from connector.testing import Notebook

CONTACTS = f"/crm/objects/{V}/contacts"
EVENTS = f"/events/event-occurrences/{V}"
FORMS, SUBMISSIONS = "/marketing/v3/forms", "/form-integrations/v1/submissions/forms"
MAIL = "/email/public/v1/events"
MARKETING = f"/marketing/marketing-events/{V}"
MEMBERSHIPS = f"/crm/lists/{V}/records/memberships/batch/read"


def told(far: Far, wanted: Wants, notebook: Notebook | None = None) -> Notebook:
    return (notebook or Notebook()).read(far.open(wanted))


def fields(notebook: Notebook, source: str) -> dict[str, Mapping[str, Raw]]:
    return {id_: event.fields for (_, s, id_), event in notebook.events.items() if s == source}


def with_object(far: Far, source: str, rows: list[Row], **names: str) -> None:
    """An object with rows, each associated with contact 1, and searchable."""
    far.on("GET", f"/crm/properties/{V}/{source}", {"results": [definition(n) for n in names]})
    far.on("GET", f"/crm/objects/{V}/{source}", {"results": rows[:1]})
    to = [{"toObjectId": int(row["id"]), "associationTypes": []} for row in rows]
    found = {"results": [{"from": {"id": "1"}, "to": to}]}
    far.on("POST", f"/crm/associations/{V}/contacts/{source}/batch/read", lambda _: json_response(found, 207))
    back = {"results": [{"from": {"id": row["id"]}, "to": [{"toObjectId": "1"}]} for row in rows]}
    far.on("POST", f"/crm/associations/{V}/{source}/contacts/batch/read", back)
    far.on("POST", f"/crm/objects/{V}/{source}/batch/read", {"results": rows})
    far.on("POST", f"/crm/objects/{V}/{source}/search", {"total": 0, "results": []})


def test_calls_are_told_for_each_person_with_the_fields_wanted(far: Far) -> None:
    far.add("1")
    call = {"id": "70", "properties": {"hs_timestamp": "2026-11-20T00:00:00Z", "hs_call_title": None, "hs_body": "x"}}
    with_object(far, "calls", [call], hs_timestamp="", hs_call_title="")
    found = fields(told(far, wants(calls="hs_timestamp hs_call_title")), "calls")
    assert found == {"70": {"hs_timestamp": "2026-11-20T00:00:00Z", "hs_call_title": None}}


def test_a_deal_that_changes_is_told_though_its_contact_did_not(far: Far) -> None:
    far.add("1")
    deal = {"id": "80", "properties": {"dealstage": "open", "hs_lastmodifieddate": "2026-11-20T00:00:00Z"}}
    with_object(far, "deals", [deal], dealstage="")
    notebook = told(far, wants(deals="dealstage"))
    won = {"id": "80", "properties": {"dealstage": "won", "hs_lastmodifieddate": "2026-11-23T00:00:00Z"}}
    far.on("POST", f"/crm/objects/{V}/deals/search", {"total": 1, "results": [won]})
    assert fields(told(far, wants(deals="dealstage"), notebook), "deals") == {"80": {"dealstage": "won"}}


def test_a_source_wanted_later_is_read_for_everybody(far: Far) -> None:
    far.add("1")
    notebook = told(far, wants())
    with_object(far, "calls", [{"id": "70", "properties": {"hs_timestamp": "2026-11-20T00:00:00Z"}}], hs_timestamp="")
    notebook = told(far, wants(calls="hs_timestamp"), notebook)
    assert set(fields(notebook, "calls")) == {"70"}
    asked = len(far.asked_of(f"/crm/associations/{V}/contacts/calls/batch/read"))
    told(far, wants(calls="hs_timestamp"), notebook)
    assert len(far.asked_of(f"/crm/associations/{V}/contacts/calls/batch/read")) == asked


def test_people_come_before_what_they_did(far: Far) -> None:
    for n in range(1, 4):
        far.add(str(n))
    with_object(far, "calls", [{"id": "70", "properties": {"hs_timestamp": "2026-11-20T00:00:00Z"}}], hs_timestamp="")
    seen: set[Ref] = set()
    for page in far.open(wants(calls="hs_timestamp"), page_size=1, together=1).pull(None):
        seen |= {r.ref for r in page.records}
        assert {e.person for e in page.events} <= seen


# ---- page views ----------------------------------------------------------------------------------------------------

VIEW = {
    "id": "v-1", "eventType": "e_visited_page", "occurredAt": "2026-11-20T00:00:00Z",
    "properties": {"hs_url": "https://example.co.jp/pricing?x=1", "hs_title": "料金"},
}  # fmt: skip
VIEW_FIELDS = "url path title occurred_at"
ANALYTICS = ("hs_analytics_num_page_views", "hs_analytics_last_timestamp", "hs_analytics_last_url")


def with_views(far: Far) -> None:
    far.definitions = [*THEIR_DEFINITIONS, *(definition(n) for n in ANALYTICS)]
    far.on("GET", EVENTS, {"results": [VIEW]})


def test_page_views_are_told_with_address_path_and_title(far: Far) -> None:
    with_views(far)
    far.add("1", hs_analytics_num_page_views="3")
    assert fields(told(far, wants(page_views=VIEW_FIELDS)), "page_views") == {
        "v-1": {
            "url": "https://example.co.jp/pricing?x=1", "path": "/pricing", "title": "料金",
            "occurred_at": "2026-11-20T00:00:00Z",
        }
    }  # fmt: skip


def test_those_who_viewed_nothing_or_nothing_lately_cost_no_call(far: Far) -> None:
    with_views(far)
    far.add("1", "2026-11-20T00:00:00Z", hs_analytics_num_page_views="0")
    notebook = told(far, wants(page_views=VIEW_FIELDS))
    echo = {"hs_analytics_num_page_views": "9", "hs_analytics_last_timestamp": "2026-01-01T00:00:00Z"}
    far.add("2", "2026-11-23T00:00:00Z", **echo)
    probes = 2
    told(far, wants(page_views=VIEW_FIELDS), notebook)
    assert len(far.asked_of(EVENTS)) == probes


@pytest.mark.parametrize("status", [400, 403, 404])
def test_below_enterprise_the_last_page_stands_in_and_it_is_said(far: Far, status: int) -> None:
    names = ("hs_analytics_last_url", "hs_analytics_last_timestamp")
    far.definitions = [*far.definitions, *(definition(n) for n in names)]
    far.on("GET", EVENTS, error(status, "MISSING_SCOPES"))
    far.add("1", hs_analytics_last_url="https://example.co.jp/demo", hs_analytics_last_timestamp="2026-11-20T00:00:00Z")
    crm = far.open(wants(page_views=VIEW_FIELDS, last_page="url occurred_at"))
    notebook = Notebook().read(crm)
    assert fields(notebook, "last_page") == {
        "last:1795132800000": {"url": "https://example.co.jp/demo", "occurred_at": "2026-11-20T00:00:00Z"}
    }
    assert any("Enterprise" in str(notice) for notice in crm.traits.notices)
    assert "page_views" not in crm.traits.sources
    assert "page_views" not in crm.describe().events


def test_what_only_stands_in_is_not_told_beside_the_real_one(far: Far) -> None:
    with_views(far)
    last = {"hs_analytics_last_url": "https://x.example/", "hs_analytics_last_timestamp": "2026-11-20T00:00:00Z"}
    far.add("1", hs_analytics_num_page_views="3", **last)
    notebook = told(far, wants(page_views=VIEW_FIELDS, last_page="url occurred_at"))
    assert {event.source for event in notebook.events.values()} == {"page_views"}


@pytest.mark.parametrize(
    ("wanted", "denied", "sources"),
    [
        ({"page_views", "last_page"}, set(), {"page_views"}),
        ({"page_views", "last_page"}, {"page_views"}, {"last_page"}),
        ({"last_page", "conversions"}, set(), {"last_page", "conversions"}),
        ({"email_events", "email_summary", "calls"}, {"email_events"}, {"email_summary", "calls"}),
    ],
)
def test_a_source_is_told_where_its_better_is_not(wanted: set[str], denied: set[str], sources: set[str]) -> None:
    assert told_of(frozenset(wanted), frozenset(denied)) == sources


# ---- remembered ----------------------------------------------------------------------------------------------------


def test_a_new_last_page_does_not_replace_the_one_before(far: Far) -> None:
    names = (
        "hs_analytics_first_url",
        "hs_analytics_first_timestamp",
        "hs_analytics_last_url",
        "hs_analytics_last_timestamp",
    )
    far.definitions = [*far.definitions, *(definition(n) for n in names)]
    first = {"hs_analytics_first_url": "/a", "hs_analytics_first_timestamp": "2026-11-01T00:00:00Z"}
    far.add(
        "1", "2026-11-20T00:00:00Z", **first, hs_analytics_last_url="/b", hs_analytics_last_timestamp="1795132800000"
    )
    notebook = told(far, wants(last_page="url occurred_at"))
    later = {"hs_analytics_last_url": "/c", "hs_analytics_last_timestamp": "2026-11-23T00:00:00Z"}
    far.add("1", "2026-11-23T00:00:00Z", **first, **later)
    notebook = told(far, wants(last_page="url occurred_at"), notebook)
    assert [f["url"] for f in fields(notebook, "last_page").values()] == ["/a", "/b", "/c"]


def test_conversions_and_mails_are_remembered_too(far: Far) -> None:
    names = SOURCES["conversions"].ours | SOURCES["email_summary"].ours
    far.definitions = [*far.definitions, *(definition(n) for n in names)]
    far.add(
        "1", recent_conversion_event_name="料金: デモ申込", recent_conversion_date="2026-11-20T00:00:00Z",
        first_conversion_event_name="", first_conversion_date=None, hs_email_last_click_date="2026-11-19T00:00:00Z",
    )  # fmt: skip
    notebook = told(far, wants(conversions="name occurred_at", email_summary="action occurred_at"))
    assert [dict(e.fields) for e in notebook.events.values()] == [
        {"name": "料金: デモ申込", "occurred_at": "2026-11-20T00:00:00Z"},
        {"action": "click", "occurred_at": "2026-11-19T00:00:00Z"},
    ]


# ---- forms ---------------------------------------------------------------------------------------------------------


def submission(at: str, address: str, **more: str) -> Row:
    values = [{"name": "lastname", "value": "山田"}, {"name": "email", "value": address}]
    return {"submittedAt": parse_instant(at) // 1_000, "values": values, "pageUrl": "https://x.example/demo", **more}


def with_forms(far: Far, *pages: list[Row]) -> None:
    far.on("GET", FORMS, {"results": [{"id": "f-1", "name": "デモ申込"}]})

    def answer(request: Request) -> Response:
        n = int(request.args.get("after", "0"))
        more = {"paging": {"next": {"after": str(n + 1)}}} if n + 1 < len(pages) else {}
        return json_response({"results": pages[n], **more})

    far.on("GET", f"{SUBMISSIONS}/f-1", answer)


FORM_FIELDS = "form_id form_name page_url page_title submitted_at"


def test_submissions_find_their_person_by_address(far: Far) -> None:
    far.definitions = [*far.definitions, definition("hs_additional_emails")]
    far.add("1", email="taro@example.co.jp", hs_additional_emails="Old@example.co.jp;x@example.co.jp")
    far.on("POST", f"{CONTACTS}/batch/read", {"results": [far.contacts["1"]]})
    page = [
        submission("2026-11-20T03:00:00Z", "TARO@example.co.jp", conversionId="c-1"),
        submission("2026-11-20T02:00:00Z", "old@example.co.jp"),
        submission("2026-11-20T01:00:00Z", "nobody@example.com"),
        submission("2026-11-20T00:00:00Z", "no address at all"),
    ]
    with_forms(far, page)
    found = fields(told(far, wants(form_submissions=FORM_FIELDS)), "form_submissions")
    assert list(found) == ["c-1", f"f-1:{page[1]['submittedAt']}"]
    assert found["c-1"] == {
        "form_id": "f-1", "form_name": "デモ申込", "page_url": "https://x.example/demo", "page_title": None,
        "submitted_at": "2026-11-20T03:00:00Z",
    }  # fmt: skip


def test_forms_are_read_back_to_where_the_last_pull_ended(far: Far) -> None:
    far.add("1", "2026-11-22T00:00:00Z", email="a@example.com")
    old = [submission("2026-11-20T00:00:00Z", "a@example.com")]
    with_forms(far, [submission("2026-11-22T00:00:00Z", "a@example.com")], old, old)
    notebook = told(far, wants(form_submissions=FORM_FIELDS))
    assert len(far.asked_of(f"{SUBMISSIONS}/f-1")) == 3
    told(far, wants(form_submissions=FORM_FIELDS), notebook)
    assert len(far.asked_of(f"{SUBMISSIONS}/f-1")) == 5


def test_an_address_that_hubspot_refuses_does_not_stop_the_others(far: Far) -> None:
    far.add("1", email="good@example.com")
    usual = far._usual

    def picky(request: Request) -> Response:
        return (
            error(400, "VALIDATION_ERROR") if b"bad@@" in request.data.replace(b"bad@x", b"bad@@") else usual(request)
        )

    far.on("POST", f"{CONTACTS}/batch/read", picky)
    people = ["bad@x", "good@example.com", "other@example.com"]
    with_forms(far, [submission(f"2026-11-20T0{n}:00:00Z", one) for n, one in enumerate(people)])
    assert len(fields(told(far, wants(form_submissions=FORM_FIELDS)), "form_submissions")) == 1


def test_a_walk_through_the_forms_can_be_taken_up_again(far: Far) -> None:
    far.add("1", email="a@example.com")
    with_forms(far, *[[submission(f"2026-11-2{n}T00:00:00Z", "a@example.com")] for n in (3, 2, 1)])
    whole = told(far, wants(form_submissions=FORM_FIELDS))
    for stop in range(1, whole.pages):
        part = Notebook().read(far.open(wants(form_submissions=FORM_FIELDS)), pages=stop)
        assert told(far, wants(form_submissions=FORM_FIELDS), part).events.keys() == whole.events.keys()


# ---- mails, lists ------------------------------------------------------------------------------------------------


def mail(id_: str, type_: str, at: str, **more: object) -> Row:
    created = parse_instant(at) // 1_000
    return {"id": id_, "type": type_, "created": created, "recipient": "a@example.com", "emailCampaignId": 7, **more}


def test_mail_events_say_when_the_same_mail_was_delivered(far: Far) -> None:
    far.add("1", email="a@example.com")
    sent = {"id": "s", "created": parse_instant("2026-11-19T00:00:00Z") // 1_000}
    first = [
        mail("e1", "DELIVERED", "2026-11-20T00:00:00Z"),
        mail("e2", "CLICK", "2026-11-20T00:00:05Z", url="https://x/"),
    ]
    second = [{**mail("e3", "OPEN", "2026-11-21T00:00:00Z", sentBy=sent), "emailCampaignId": 8}]
    probe = {"events": [], "hasMore": False}
    far.on(
        "GET", MAIL, probe, {"events": first, "hasMore": True, "offset": "o-1"}, {"events": second, "hasMore": False}
    )
    far.on("GET", "/email/public/v1/campaigns/7", {"id": 7, "name": "導入事例のご案内"})
    wanted = wants(email_events="action campaign url occurred_at delivered_at")
    found = fields(told(far, wanted), "email_events")
    assert [(f["action"], f["delivered_at"]) for f in found.values()] == [
        ("DELIVERED", "2026-11-20T00:00:00Z"), ("CLICK", "2026-11-20T00:00:00Z"), ("OPEN", "2026-11-19T00:00:00Z"),
    ]  # fmt: skip
    assert [f["campaign"] for f in found.values()] == ["導入事例のご案内", "導入事例のご案内", "8"]
    assert len(far.asked_of("/email/public/v1/campaigns/7")) == 1
    assert [q.get("offset") for q in far.asked_of(MAIL)] == [None, None, "o-1"]


def test_list_memberships_are_told_by_name(far: Far) -> None:
    far.add("1")
    far.add("2")
    joined = {"listId": "9", "firstAddedTimestamp": "2026-11-20T00:00:00Z"}
    both = [{"objectTypeId": "0-1", "recordId": i, "recordListMemberships": [joined]} for i in "12"]
    far.on("POST", MEMBERSHIPS, {"results": both})
    far.on("GET", f"/crm/lists/{V}", {"lists": [{"listId": "9", "name": "来場者"}]})
    notebook = told(far, wants(lists="list_id list_name joined_at"))
    assert [dict(e.fields) for e in notebook.events.values()] == [
        {"list_id": "9", "list_name": "来場者", "joined_at": "2026-11-20T00:00:00Z"}
    ] * 2
    assert len(far.asked_of(f"/crm/lists/{V}")) == len(far.asked_of(MEMBERSHIPS)) == 1


@pytest.mark.parametrize("source", sorted(s for s in SOURCES if SOURCES[s].how != "remembered"))
def test_a_source_the_token_may_not_read_is_said_and_stops_nothing(far: Far, source: str) -> None:
    far.add("1")
    forbid = error(403, "MISSING_SCOPES")
    paths = {
        "page_views": EVENTS, "form_submissions": FORMS, "email_events": MAIL,
        "lists": f"/crm/lists/{V}/records/0-1/0/memberships",
        "marketing_events": MARKETING,
    }  # fmt: skip
    far.on("GET", paths.get(source, f"/crm/properties/{V}/{source}"), forbid)
    crm = far.open(wants(**{source: " ".join(SOURCES[source].fields)}))
    assert set(Notebook().read(crm).people) == {Ref("acme", "contacts", "1")}
    assert len(crm.traits.notices) == 1
    assert source not in crm.describe().events
    for lang in ("en", "ja"):
        assert crm.traits.notices[0].in_(lang)


def test_the_daily_full_reading_asks_the_changed_what_they_did_and_the_others_what_they_still_have(far: Far) -> None:
    far.add("1", "2026-11-20T00:00:00Z")
    far.add("2", "2026-11-20T00:00:00Z")
    with_object(far, "calls", [{"id": "70", "properties": {}}], hs_timestamp="")
    notebook = told(far, wants(calls="hs_timestamp"))
    far.now += DAY
    far.add("2", "2026-11-24T00:00:00Z")
    told(far, wants(calls="hs_timestamp"), notebook)
    asked = far.asked_of(f"/crm/associations/{V}/contacts/calls/batch/read")
    assert [[i["id"] for i in body["inputs"]] for body in asked] == [["1", "2"], ["1", "2"]]
    read = far.asked_of(f"/crm/objects/{V}/calls/batch/read")
    assert len(read) == 1, "of those who did not change no call is read again"


def test_whatever_the_size_of_a_page_a_thousand_people_are_asked_at_once_what_they_did(far: Far) -> None:
    for n in range(1, 8):
        far.add(str(n))
    with_object(far, "calls", [{"id": "70", "properties": {}}], hs_timestamp="")
    Notebook().read(far.open(wants(calls="hs_timestamp"), page_size=2, together=4))
    asked = far.asked_of(f"/crm/associations/{V}/contacts/calls/batch/read")
    assert [[i["id"] for i in body["inputs"]] for body in asked] == [["1", "2", "3", "4"], ["5", "6", "7"]]


def test_a_person_with_very_many_calls_is_asked_for_the_rest(far: Far) -> None:
    far.add("1")
    rows = [{"id": str(n), "properties": {"hs_timestamp": "2026-11-20T00:00:00Z"}} for n in (70, 71)]
    with_object(far, "calls", rows, hs_timestamp="")
    begun = {"from": {"id": "1"}, "to": [{"toObjectId": 70}], "paging": {"next": {"after": "Mg%3D%3D"}}}
    ended = {"from": {"id": "1"}, "to": [{"toObjectId": 71}]}
    path = f"/crm/associations/{V}/contacts/calls/batch/read"
    far.on("POST", path, {"results": [begun]}, {"results": [ended]})
    assert set(fields(told(far, wants(calls="hs_timestamp")), "calls")) == {"70", "71"}
    assert far.asked_of(path)[1] == {"inputs": [{"id": "1", "after": "Mg=="}]}


@pytest.mark.parametrize("status", [400, 404])
def test_only_somebody_who_is_gone_meanwhile_has_no_memberships(far: Far, status: int) -> None:
    for n in "123":
        far.add(n)
    far.on("GET", f"/crm/lists/{V}", {"lists": [{"listId": "9", "name": "来場者"}]})

    def members(request: Request) -> Response:
        asked = [i["recordId"] for i in request.get_json()["inputs"]]
        if "2" in asked:
            return error(status, "OBJECT_NOT_FOUND")
        on = [{"recordId": i, "recordListMemberships": [{"listId": "9"}]} for i in asked]
        return json_response({"results": on})

    far.on("POST", MEMBERSHIPS, members)
    wanted = wants(lists="list_id")
    if status == 404:
        assert {e.person.id for e in told(far, wanted).events.values()} == {"1", "3"}
        return
    with pytest.raises(Misunderstood):
        told(far, wanted)

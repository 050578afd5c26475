"""How HubSpot is read: past its limits, round its habits."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hubspot_farside import Far, V, definition, error, wants
from werkzeug.wrappers import Request, Response

from adapters.hubspot.cursor import SEEN, Cursor, Walk, cursor_text, next_since, read_cursor, remember
from adapters.sandbox.server import json_response
from connector.errors import AccessDenied, Misunderstood, QuotaSpent, Unavailable, UserError
from connector.instants import DAY, MINUTE, parse_instant
from connector.model import Ref
from connector.testing import Notebook

CONTACTS = f"/crm/objects/{V}/contacts"
SEARCH = f"{CONTACTS}/search"


def ref(id_: str) -> Ref:
    return Ref("acme", "contacts", id_)


def read(far: Far, told: Notebook | None = None, **more: object) -> Notebook:
    return (told or Notebook()).read(far.open(**more))


# ---- people --------------------------------------------------------------------------------------------------------


def test_everybody_is_read_by_the_list_first_and_by_search_afterwards(far: Far) -> None:
    for n in range(1, 6):
        far.add(str(n))
    told = read(far, page_size=2)
    assert len(told.people) == 5
    assert [q.get("after") for q in far.asked_of(CONTACTS)] == [None, "3", "5"]
    before = len(far.asked_of(SEARCH))
    read(far, told)
    assert len(far.asked_of(CONTACTS)) == 3
    assert len(far.asked_of(SEARCH)) == before + 1


def test_more_than_ten_thousand_changes_of_one_instant_are_read_by_id(far: Far) -> None:
    far.add("1", "2026-11-01T00:00:00Z")
    told = read(far)
    for n in range(2, 12):
        far.add(str(n), "2026-11-23T00:00:00Z")
    told = read(far, told, search_size=3)
    assert len(told.people) == 11
    searches = far.asked_of(SEARCH)[1:]
    assert all("after" not in body for body in searches), "page numbers end at 10,000"
    assert [f["value"] for body in searches for f in body["filterGroups"][0]["filters"] if f["operator"] == "GT"] == [
        "0", "3", "6", "9",
    ]  # fmt: skip


def test_searches_look_back_and_nobody_is_told_twice_for_it(far: Far) -> None:
    far.add("1", "2026-11-23T23:59:00Z")
    told = read(far)
    far.now += MINUTE
    far.add("2", "2026-11-23T23:57:00Z")  # the index was late
    far.add("3", "2026-11-23T23:00:00Z")  # too late: the daily sweep will find it
    told = read(far, told)
    assert told.times == {ref("1"): 1, ref("2"): 1}
    far.now += DAY
    assert ref("3") in read(far, told).people


def test_a_clock_that_is_ahead_of_hubspots_loses_nothing(far: Far) -> None:
    far.add("1", "2026-11-23T12:00:00Z")
    told = read(far)
    far.add("2", "2026-11-23T12:30:00Z")
    assert ref("2") in read(far, told).people


@pytest.mark.parametrize(
    ("before", "peak", "until", "now", "since"),
    [
        (0, 0, 1_000, 1_000, 0),
        (500, 0, 1_000, 1_000, 500),
        (0, 900, 1_000, 1_000, 900),
        (0, 1_900, 1_000, 2_000, 900),
        (0, 5_000, 1_000, 1_000, 1_000),
        (850, 900, 1_000, 1_200, 850),
    ],
)
def test_what_counts_as_read_is_told_by_hubspots_stamps(
    before: int, peak: int, until: int, now: int, since: int
) -> None:
    assert next_since(before, peak, until, now) == since


def test_a_full_reading_finds_who_is_gone_once_a_day(far: Far) -> None:
    far.add("1")
    far.add("2")
    told = read(far)
    del far.contacts["2"]
    assert ref("2") in read(far, told).people
    far.now += DAY
    told = read(far, told)
    assert told.gone == {ref("2"): None}


def test_the_recycle_bin_says_who_was_deleted_since_the_last_reading(far: Far) -> None:
    far.add("1", "2026-11-23T00:00:00Z")
    told = read(far)
    far.now += DAY
    bin_ = [
        {"id": "7", "properties": {}, "archived": True, "archivedAt": "2026-11-24T12:00:00Z"},
        {"id": "8", "properties": {}, "archived": True, "archivedAt": "2026-10-01T00:00:00Z"},
    ]
    usual = far._usual
    far.on("GET", CONTACTS, lambda r: json_response({"results": bin_}) if r.args["archived"] == "true" else usual(r))
    told = read(far, told)
    assert {r: record and record.gone for r, record in told.gone.items()} == {ref("7"): "deleted"}


def test_the_winner_of_a_merge_names_all_its_losers(far: Far) -> None:
    for n in "123":
        far.add(n, "2026-11-20T00:00:00Z")
    told = read(far)
    del far.contacts["1"], far.contacts["2"]
    far.add("3", "2026-11-23T00:00:00Z", hs_merged_object_ids="1;2;3")
    told = read(far, told)
    assert set(told.people) == {ref("3")}
    assert {r: (one.gone, one.successor) for r, one in told.gone.items() if one} == {
        ref("1"): ("merged", ref("3")), ref("2"): ("merged", ref("3")),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("stamp", "instant"),
    [
        ("2026-11-20T01:02:03Z", "2026-11-20T01:02:03Z"),
        ("2026-11-20T01:02:03.250Z", "2026-11-20T01:02:03.25Z"),
        ("1795132800000", "2026-11-20T00:00:00Z"),
    ],
)
def test_stamps_are_read_with_and_without_fraction_and_in_milliseconds(far: Far, stamp: str, instant: str) -> None:
    far.add("1")
    far.contacts["1"]["properties"]["lastmodifieddate"] = stamp
    assert read(far).people[ref("1")].modified_at == parse_instant(instant)


def test_a_contact_without_a_readable_stamp_is_a_reject(far: Far) -> None:
    far.add("1")
    far.contacts["1"]["properties"]["lastmodifieddate"] = far.contacts["1"]["updatedAt"] = "yesterday"
    pages = list(far.open().pull(None))
    assert [(r.ref, r.code) for page in pages for r in page.rejects] == [(ref("1"), "LH-514")]


def test_blank_null_and_left_out_are_all_blank_and_an_unknown_name_is_absent(far: Far) -> None:
    far.definitions = [*far.definitions, definition("a"), definition("b"), definition("c")]
    far.add("1", a="", b=None)
    fields = read(far, wanted=wants("a b c typo")).people[ref("1")].fields
    assert {n: fields[n] for n in "abc"} == {"a": None, "b": None, "c": None}
    assert "typo" not in fields


def test_names_too_many_for_a_url_or_a_search_are_read_by_id(far: Far) -> None:
    names = [f"a_rather_long_property_name_number_{n}" for n in range(450)]
    far.definitions = [*far.definitions, *(definition(n) for n in names)]
    far.add("1", "2026-11-20T00:00:00Z", **{names[0]: "x"})
    told = read(far, wanted=wants(" ".join(names)))
    assert told.people[ref("1")].fields[names[0]] == "x"
    far.add("1", "2026-11-23T00:00:00Z", **{names[0]: "y"})
    told = read(far, told, wanted=wants(" ".join(names)))
    assert told.people[ref("1")].fields[names[0]] == "y"
    assert len(far.asked_of(f"{CONTACTS}/batch/read")) == 2


def test_a_newly_wanted_field_is_fetched_for_all_and_nothing_else_is(far: Far) -> None:
    far.definitions = [*far.definitions, definition("department")]
    far.add("1", jobtitle="部長", department="営業")
    told = read(far)
    pages = list(far.open(wants("jobtitle department")).pull(told.cursor))
    records = [r for page in pages for r in page.records]
    assert [(r.ref, dict(r.fields), r.partial) for r in records] == [(ref("1"), {"department": "営業"}, True)]
    assert not any(r for page in far.open(wants("jobtitle department")).pull(pages[-1].cursor) for r in page.records)


def test_a_field_that_appears_later_is_fetched_as_soon_as_it_is_there(far: Far) -> None:
    far.add("1", department="営業")
    wanted = wants("jobtitle department")
    told = read(far, wanted=wanted)
    assert "department" not in told.people[ref("1")].fields
    far.definitions = [*far.definitions, definition("department")]
    assert read(far, told, wanted=wanted).people[ref("1")].fields["department"] == "営業"


# ---- companies -----------------------------------------------------------------------------------------------------

COMPANIES = f"/crm/objects/{V}/companies"
TO_COMPANIES = f"/crm/associations/{V}/contacts/companies/batch/read"


def with_companies(far: Far, employees: str = "120") -> None:
    far.on("GET", f"/crm/properties/{V}/companies", {"results": [definition("numberofemployees", "number", "number")]})
    far.on("GET", COMPANIES, {"results": []})
    other = {"toObjectId": 800, "associationTypes": [{"typeId": 279}]}
    first = {"toObjectId": 900, "associationTypes": [{"typeId": 279}, {"typeId": 1, "label": "Primary"}]}
    none = {"status": "error", "category": "OBJECT_NOT_FOUND", "context": {"fromObjectId": ["2"]}}
    told = {"results": [{"from": {"id": "1"}, "to": [other, first]}], "numErrors": 1, "errors": [none]}
    far.on("POST", TO_COMPANIES, lambda _: json_response(told, 207))
    row = {"id": "900", "properties": {"numberofemployees": employees, "hs_lastmodifieddate": "2026-11-23T00:00:00Z"}}
    far.on("POST", f"{COMPANIES}/batch/read", {"results": [row]})


def test_the_primary_company_is_told_with_the_person_and_none_is_blank(far: Far) -> None:
    with_companies(far)
    far.add("1")
    far.add("2")
    people = read(far, wanted=wants("jobtitle company.numberofemployees")).people
    assert [people[ref(i)].fields["company.numberofemployees"] for i in "12"] == ["120", None]


def test_a_company_that_changes_is_told_for_its_people(far: Far) -> None:
    with_companies(far)
    far.add("1")
    wanted = wants("jobtitle company.numberofemployees")
    told = read(far, wanted=wanted)
    with_companies(far, "450")
    changed = {"id": "900", "properties": {"hs_lastmodifieddate": "2026-11-23T00:00:00Z"}}
    far.on("POST", f"{COMPANIES}/search", {"total": 1, "results": [changed]})
    staff = {"results": [{"from": {"id": "900"}, "to": [{"toObjectId": 1}]}]}
    far.on("POST", f"/crm/associations/{V}/companies/contacts/batch/read", staff)
    told = read(far, told, wanted=wanted)
    assert told.people[ref("1")].fields["company.numberofemployees"] == "450"
    assert "jobtitle" in told.people[ref("1")].fields


def test_without_the_scope_for_companies_their_fields_stay_unknown_and_it_is_said(far: Far) -> None:
    far.on("GET", f"/crm/properties/{V}/companies", error(403, "MISSING_SCOPES"))
    far.add("1")
    crm = far.open(wants("jobtitle company.numberofemployees"))
    assert "company.numberofemployees" not in Notebook().read(crm).people[ref("1")].fields
    assert any("crm.objects.companies.read" in str(notice) for notice in crm.traits.notices)


# ---- trouble -------------------------------------------------------------------------------------------------------


def test_the_three_ways_of_saying_too_many_are_all_obeyed(far: Far) -> None:
    far.add("1")
    rolling = error(429, "", errorType="RATE_LIMIT", policyName="TEN_SECONDLY_ROLLING")
    search = error(429, "RATE_LIMITS", message="You have reached your secondly limit.")
    usual = far._usual
    far.on("GET", CONTACTS, rolling, usual)
    far.on("POST", SEARCH, search, usual)
    read(far)
    assert far.slept == [1.0, 10.0]


def test_a_spent_day_ends_the_pull_and_its_cursor_goes_on(far: Far) -> None:
    for n in range(1, 5):
        far.add(str(n))
    daily = error(429, "", policyName="DAILY", message="You have reached your daily limit.")
    usual = far._usual
    far.on("GET", CONTACTS, usual, daily)
    told = Notebook()
    with pytest.raises(QuotaSpent):
        told.read(far.open(page_size=2, together=2))
    assert len(told.people) == 2
    far.on("GET", CONTACTS, usual)
    assert len(read(far, told, page_size=2).people) == 4
    assert far.slept == []


def test_the_budget_is_kept_before_hubspot_says_no(far: Far) -> None:
    for n in range(1, 9):
        far.add(str(n))
    left = iter(range(1_000, 0, -100))

    def counted(request: Request) -> Response:
        response = far._usual(request)
        response.headers["X-HubSpot-RateLimit-Daily"] = "1000"
        response.headers["X-HubSpot-RateLimit-Daily-Remaining"] = str(next(left))
        return response

    far.on("GET", CONTACTS, counted)
    with pytest.raises(QuotaSpent, match="50%"):
        read(far, page_size=1)
    assert len(far.asked_of(CONTACTS)) == 6


@pytest.mark.parametrize("body", ["<html>502</html>", '{"results": [{"id": "1", "prop', "", "error code: 1015"])
def test_an_answer_that_is_no_json_is_asked_for_again(far: Far, body: str) -> None:
    far.add("1")
    usual = far._usual
    far.on("GET", CONTACTS, Response(body, 200), Response(body, 502), usual)
    assert set(read(far).people) == {ref("1")}
    assert len(far.slept) == 2


@pytest.mark.parametrize(
    "document",
    [{"results": None}, {"results": [3]}, {"results": [{"properties": {}}]}, {}, {"results": [{"id": True}]}],
)
def test_json_of_another_shape_is_misunderstood_and_not_a_crash(far: Far, document: dict[str, object]) -> None:
    far.on("GET", CONTACTS, document)
    with pytest.raises(Misunderstood):
        read(far)


def test_an_account_that_moves_pauses_the_pull_and_says_for_how_long(far: Far) -> None:
    far.on("GET", CONTACTS, error(477, "MIGRATION_IN_PROGRESS", {"Retry-After": "7200"}))
    with pytest.raises(Unavailable) as caught:
        read(far)
    assert caught.value.retry_after == 7_200
    assert far.slept == []


@pytest.mark.parametrize("body", [b"", b"\xff\xfe not utf-8", "{}"], ids=["empty", "no utf-8", "json"])
def test_a_bad_token_denies_access_whatever_the_body(far: Far, body: bytes | str) -> None:
    far.on("GET", f"/crm/properties/{V}/contacts", Response(body, 401))
    with pytest.raises(AccessDenied, match="LEADHEAT_CONNECTIONS__ACME__TOKEN"):
        read(far)


def test_a_missing_scope_for_contacts_denies_access_and_is_named(far: Far) -> None:
    scopes = [{"context": {"requiredGranularScopes": ["crm.objects.contacts.read"]}}]
    far.on("GET", CONTACTS, error(403, "MISSING_SCOPES", errors=scopes))
    with pytest.raises(AccessDenied, match=r"crm\.objects\.contacts\.read"):
        read(far)


def test_cursors_that_arrive_encoded_once_too_often_are_decoded_once(far: Far) -> None:
    far.add("1")
    page = {"results": [far.contacts["1"]], "paging": {"next": {"after": "MQ%3D%3D"}}}
    far.on("GET", CONTACTS, page, {"results": []})
    read(far)
    assert [q.get("after") for q in far.asked_of(CONTACTS)] == [None, "MQ=="]


# ---- the cursor ----------------------------------------------------------------------------------------------------


def test_a_cursor_says_what_it_was_told() -> None:
    walk = Walk(1, 2, 3, "calls", ["g", "x"], 4, ("a",), {"calls": ("x",)}, {"9": 1}, {"5": [1, None]})
    cursor = Cursor(5, 6, ("a", "b"), {"calls": ("x", "y")}, {"1": 7}, {"5": [0, 2]}, walk)
    assert read_cursor(cursor_text(cursor)) == cursor
    assert read_cursor(cursor_text(replace(cursor, walk=None))).walk is None


@pytest.mark.parametrize("text", ["", "x", "[]", "{}", '{"v":2}', json.dumps({"v": 1}), '{"v":1,"walk":null}', "3"])
def test_a_cursor_that_is_not_ours_is_refused_with_the_remedy(text: str) -> None:
    with pytest.raises(UserError, match="--full"):
        read_cursor(text)


def test_a_cursor_stays_small() -> None:
    many = {str(n): 10**12 + n for n in range(50_000)}
    kept = remember({}, many, 10**12)
    assert len(kept) == SEEN
    assert min(kept.values()) == 10**12 + 50_000 - SEEN
    assert remember(kept, {}, 2 * 10**12) == {}

"""Reading records: pages, properties, deleted and merged ones, history."""

from __future__ import annotations

import pytest

from connector.instants import parse_instant
from tests.unit.hubspot_sandbox.portal import CONTACTS, Portal, ids


def crowd(portal: Portal, n: int) -> list[str]:
    return [portal.add(jobtitle=f"t{i}") for i in range(n)]


def test_pages_follow_each_other_by_id_until_one_has_no_paging(portal: Portal) -> None:
    made, seen, after = crowd(portal, 25), [], None
    while True:
        page = portal.get(CONTACTS, limit=10, after=after).json()
        seen += ids(page["results"])
        if "paging" not in page:
            break
        after = page["paging"]["next"]["after"]
        assert after == made[len(seen)], "the cursor is the next record's id"
    assert seen == made


def test_ten_records_come_when_no_number_is_given(portal: Portal) -> None:
    crowd(portal, 12)
    assert len(portal.get(CONTACTS).json()["results"]) == 10


@pytest.mark.parametrize("params", [{"limit": 101}, {"limit": "x"}, {"limit": 51, "propertiesWithHistory": "jobtitle"}])
def test_a_page_larger_than_allowed_is_refused(portal: Portal, params: dict) -> None:
    answer = portal.get(CONTACTS, **params)
    assert (answer.status_code, answer.json()["category"]) == (400, "VALIDATION_ERROR")


def test_a_deleted_record_between_pages_does_not_break_the_walk(portal: Portal) -> None:
    made = crowd(portal, 6)
    after = portal.get(CONTACTS, limit=3).json()["paging"]["next"]["after"]
    portal.sandbox.desk.delete("contacts", made[3])
    assert ids(portal.get(CONTACTS, limit=3, after=after).json()["results"]) == made[4:]


def test_unknown_properties_are_dropped_and_unset_ones_are_null(portal: Portal) -> None:
    one = portal.add(firstname="花子")
    told = portal.shown(one, "firstname", "jobtitle", "no_such_thing")
    assert told["firstname"] == "花子"
    assert told["jobtitle"] is None
    assert "no_such_thing" not in told
    assert "email" not in told, "what was not asked for is left out"


def test_a_few_properties_come_unasked(portal: Portal) -> None:
    one = portal.add()
    told = portal.get(f"{CONTACTS}/{one}").json()["properties"]
    assert sorted(told) == ["createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname"]


def test_every_value_is_text_or_null(portal: Portal) -> None:
    portal.sandbox.desk.define_field("contacts", "score", "number")
    one = portal.add(score=87, hs_email_optout=True)
    assert portal.shown(one, "score", "hs_email_optout")["score"] == "87"
    assert portal.shown(one, "hs_email_optout")["hs_email_optout"] == "true"


@pytest.mark.parametrize(
    ("now", "told"),
    [("2026-11-24T01:02:03.352Z", "2026-11-24T01:02:03.352Z"), ("2026-11-24T01:02:03Z", "2026-11-24T01:02:03Z"),
     ("2026-11-24T01:02:03.050Z", "2026-11-24T01:02:03.050Z")],
)  # fmt: skip
def test_a_whole_second_is_written_without_a_fraction(portal: Portal, now: str, told: str) -> None:
    portal.clock[0] = parse_instant(now)
    row = portal.get(f"{CONTACTS}/{portal.add()}").json()
    assert {row["createdAt"], row["updatedAt"], row["properties"]["lastmodifieddate"]} == {told}


def test_a_record_names_its_page(portal: Portal) -> None:
    one = portal.add()
    portal_id = portal.get("/account-info/2026-09/details").json()["portalId"]
    assert (
        portal.get(f"{CONTACTS}/{one}").json()["url"]
        == f"https://app.hubspot.com/contacts/{portal_id}/record/0-1/{one}"
    )


@pytest.mark.parametrize(
    "path",
    [
        "/crm/v3/objects/contacts",
        "/crm/objects/2026-03/contacts",
        "/crm/objects/2026-09/0-1",
        "/crm/v3/objects/contact",
    ],
)
def test_old_and_new_paths_and_names_lead_to_the_same(portal: Portal, path: str) -> None:
    one = portal.add()
    assert ids(portal.get(path).json()["results"]) == [one]


@pytest.mark.parametrize("path", ["/crm/objects/2025-09/contacts", "/nowhere", "/crm/v3/objects"])
def test_an_unknown_path_is_404_in_hubspots_shape(portal: Portal, path: str) -> None:
    answer = portal.get(path)
    assert answer.status_code == 404
    assert answer.json()["status"] == "error"
    assert answer.json()["correlationId"]


def test_somebody_is_read_by_an_address_too(portal: Portal) -> None:
    one = portal.add(email="Hanako@Example.co.jp")
    assert portal.get(f"{CONTACTS}/hanako@example.co.jp", idProperty="email").json()["id"] == one
    assert portal.get(f"{CONTACTS}/nobody@example.co.jp", idProperty="email").status_code == 404
    assert portal.get(f"{CONTACTS}/x", idProperty="jobtitle").status_code == 400


def test_the_recycle_bin_is_a_list_of_its_own(portal: Portal) -> None:
    stays, leaves = portal.add(), portal.add()
    portal.later(60)
    portal.sandbox.desk.delete("contacts", leaves)
    assert ids(portal.get(CONTACTS).json()["results"]) == [stays]
    binned = portal.get(CONTACTS, archived="true").json()["results"]
    assert [(r["id"], r["archived"], r["archivedAt"]) for r in binned] == [(leaves, True, "2026-11-24T00:01:00Z")]
    assert portal.get(f"{CONTACTS}/{leaves}").status_code == 404


def test_a_batch_names_the_ids_it_did_not_find_in_one_error(portal: Portal) -> None:
    there = crowd(portal, 2)
    gone = crowd(portal, 1)[0]
    portal.sandbox.desk.delete("contacts", gone)
    body = {"properties": ["jobtitle"], "inputs": [{"id": i} for i in (*there, gone, "9999")]}
    answer = portal.post(f"{CONTACTS}/batch/read", body)
    told = answer.json()
    assert answer.status_code == 207
    assert sorted(ids(told["results"])) == there
    assert told["numErrors"] == len(told["errors"]) == 1
    assert told["errors"][0]["category"] == "OBJECT_NOT_FOUND"
    assert told["errors"][0]["context"]["ids"] == [gone, "9999"]


def test_a_batch_of_deleted_ones_is_asked_for_in_the_query(portal: Portal) -> None:
    gone = portal.add()
    portal.sandbox.desk.delete("contacts", gone)
    body = {"properties": [], "inputs": [{"id": gone}]}
    assert portal.post(f"{CONTACTS}/batch/read", {**body, "archived": True}).status_code == 207
    assert ids(portal.post(f"{CONTACTS}/batch/read?archived=true", body).json()["results"]) == [gone]


def test_a_batch_is_read_by_address(portal: Portal) -> None:
    one = portal.add(email="a@example.co.jp")
    body = {"properties": [], "idProperty": "email", "inputs": [{"id": "A@example.co.jp"}, {"id": "b@example.co.jp"}]}
    told = portal.post(f"{CONTACTS}/batch/read", body).json()
    assert (ids(told["results"]), told["errors"][0]["context"]["ids"]) == ([one], ["b@example.co.jp"])


def test_more_than_a_hundred_inputs_are_refused(portal: Portal) -> None:
    body = {"properties": [], "inputs": [{"id": str(n)} for n in range(101)]}
    assert portal.post(f"{CONTACTS}/batch/read", body).status_code == 400


def test_history_is_told_newest_first_with_its_source(portal: Portal) -> None:
    one = portal.add(jobtitle="課長")
    portal.later(10)
    portal.update({"id": one, "properties": {"jobtitle": "部長"}})
    row = portal.get(f"{CONTACTS}/{one}", propertiesWithHistory="jobtitle").json()
    told = row["propertiesWithHistory"]["jobtitle"]
    assert [(h["value"], h["sourceType"]) for h in told] == [("部長", "INTEGRATION"), ("課長", "CRM_UI")]
    assert told[0]["sourceId"] == str(portal.sandbox.account.options.app_id)
    assert told[0]["timestamp"] == "2026-11-24T00:00:10Z"


@pytest.mark.parametrize("keeps", [True, False])
def test_a_merge_leaves_one_live_id_that_old_ones_lead_to(keeps: bool) -> None:
    from adapters.hubspot.sandbox import Options
    from tests.unit.hubspot_sandbox.portal import opened

    with opened(Options(rate_limits=False, merge_keeps_winner=keeps)) as portal:
        loser = portal.add(email="old@example.co.jp", phone="03", jobtitle="課長")
        winner = portal.add(email="new@example.co.jp", jobtitle="部長")
        body = {"primaryObjectId": winner, "objectIdToMerge": loser}
        kept = portal.post(f"{CONTACTS}/merge", body).json()["id"]
        assert (kept == winner) is keeps
        assert ids(portal.get(CONTACTS).json()["results"]) == [kept]
        assert portal.get(CONTACTS, archived="true").json()["results"] == []
        told = portal.shown(kept, "jobtitle", "phone", "hs_merged_object_ids", "hs_additional_emails")
        assert (told["jobtitle"], told["phone"]) == ("部長", "03")
        assert told["hs_merged_object_ids"].split(";") == ([loser] if keeps else [loser, winner])
        assert told["hs_additional_emails"] == "old@example.co.jp"
        assert portal.get(f"{CONTACTS}/{loser}").json()["id"] == kept
        assert portal.get(f"{CONTACTS}/old@example.co.jp", idProperty="email").json()["id"] == kept


def test_whoever_is_erased_leaves_nothing_behind(portal: Portal) -> None:
    one = portal.add(email="a@example.co.jp", jobtitle="部長")
    desk = portal.sandbox.desk
    desk.add_event("form_submissions", one, form_name="デモ")
    desk.add_event("email_events", one, action="OPEN", campaign="x")
    desk.add_event("page_views", one, url="https://www.example.co.jp/")
    assert (
        portal.post(f"{CONTACTS}/gdpr-delete", {"objectId": "a@example.co.jp", "idProperty": "email"}).status_code
        == 204
    )
    assert portal.get(f"{CONTACTS}/{one}").status_code == 404
    assert portal.get(CONTACTS, archived="true").json()["results"] == []
    kept = str([dict(portal.sandbox.state.all(k)) for k in ("contacts", "history:contacts", "visits", "mail_events")])
    assert "部長" not in kept
    assert "a@example" not in kept
    form = next(iter(portal.sandbox.state.all("forms")))
    assert not portal.sandbox.state.all(f"submissions:{form}")

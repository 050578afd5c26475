"""Writing records: what is taken, what sinks a batch, what only itself, and what moves the stamp."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.hubspot.sandbox import Options
from tests.unit.hubspot_sandbox.portal import CONTACTS, Portal, ids, opened


def options(values: str) -> dict[str, Any]:
    return {"options": [{"label": v, "value": v, "displayOrder": 0, "hidden": False} for v in values.split()]}


OWN: tuple[tuple[str, str, dict], ...] = (
    ("score", "number", {}), ("hot", "bool", {}), ("at", "datetime", {}), ("day", "date", {}), ("why", "string", {}),
    ("band", "enumeration", options("hot cold")),
    ("kinds", "enumeration", {"fieldType": "checkbox", **options("a b c")}),
    ("code", "string", {"hasUniqueValue": True}),
)  # fmt: skip


@pytest.fixture
def one(portal: Portal) -> str:
    for name, type_, more in OWN:
        portal.sandbox.desk.define_field("contacts", name, type_, **more)
    return portal.add(email="taro@example.co.jp")


@pytest.mark.parametrize(
    ("name", "written", "shown"),
    [
        ("score", "87", "87"), ("score", "-1.50", "-1.50"), ("hot", "true", "true"), ("band", "hot", "hot"),
        ("at", "1763769600352", "2025-11-22T00:00:00.352Z"),
        ("at", "2025-11-22T09:00:00+09:00", "2025-11-22T00:00:00Z"),
        ("at", "2025-11-22", "2025-11-22T00:00:00Z"), ("day", "2025-11-22", "2025-11-22"),
        ("day", "1763769600000", "2025-11-22"), ("kinds", "a;c", "a;c"), ("why", "理由 " * 16_000, "理由 " * 16_000),
    ],
)  # fmt: skip
def test_a_value_is_kept_in_one_spelling(portal: Portal, one: str, name: str, written: str, shown: str) -> None:
    assert portal.update({"id": one, "properties": {name: written}}).status_code == 200
    assert portal.shown(one, name)[name] == shown


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("score", "1,234", "INVALID_INTEGER"), ("score", "many", "INVALID_INTEGER"),
        ("score", "NaN", "INVALID_INTEGER"),
        ("hot", "yes", "INVALID_OPTION"), ("band", "Hot", "INVALID_OPTION"), ("at", "yesterday", "INVALID_LONG"),
        ("day", "1763769600001", "INVALID_DATE"), ("kinds", "a;x", "INVALID_OPTION"), ("why", "x" * 65_537, None),
        ("no_such_thing", "x", "PROPERTY_DOESNT_EXIST"), ("lastmodifieddate", "1", "READ_ONLY_VALUE"),
        ("hs_analytics_num_page_views", "9", "READ_ONLY_VALUE"), ("hs_email_domain", "x", "READ_ONLY_VALUE"),
        ("email", "not an address", None),
    ],
)  # fmt: skip
def test_one_wrong_value_sinks_the_whole_batch_and_nobody_says_which_input(
    portal: Portal, one: str, name: str, value: str, code: str | None
) -> None:
    other = portal.add()
    answer = portal.update(
        {"id": other, "properties": {"jobtitle": "部長"}},
        {"id": one, "properties": {name: value}, "objectWriteTraceId": "t1"},
    )
    told = answer.json()
    assert (answer.status_code, told["category"]) == (400, "VALIDATION_ERROR")
    assert code is None or told["errors"][0]["code"] == code
    assert told["errors"][0]["context"]["propertyName"] == [name]
    assert one not in str(told["errors"])
    assert "t1" not in str(told["errors"])
    assert portal.shown(other, "jobtitle")["jobtitle"] is None


@pytest.mark.parametrize("value", [87, True, None, ["a"]])
def test_a_value_that_is_no_text_is_refused(portal: Portal, one: str, value: Any) -> None:
    assert portal.update({"id": one, "properties": {"score": value}}).status_code == 400


def test_an_empty_text_clears_and_is_echoed_as_such(portal: Portal, one: str) -> None:
    portal.update({"id": one, "properties": {"score": "5"}})
    echoed = portal.update({"id": one, "properties": {"score": ""}}).json()["results"][0]["properties"]
    assert echoed["score"] == ""
    assert portal.shown(one, "score")["score"] is None


def test_a_leading_semicolon_adds_a_choice(portal: Portal, one: str) -> None:
    portal.update({"id": one, "properties": {"kinds": "a"}})
    portal.update({"id": one, "properties": {"kinds": ";b"}})
    assert portal.shown(one, "kinds")["kinds"] == "a;b"


def test_a_batch_stamps_all_it_changes_alike_and_leaves_the_rest_alone(portal: Portal, one: str) -> None:
    other, same = portal.add(), portal.add(jobtitle="部長")
    portal.later(100)
    told = portal.update(*({"id": i, "properties": {"jobtitle": "部長"}} for i in (one, other, same))).json()["results"]
    stamps = {r["id"]: r["updatedAt"] for r in told}
    assert stamps == {one: "2026-11-24T00:01:40Z", other: "2026-11-24T00:01:40Z", same: "2026-11-24T00:00:00Z"}


def test_an_answer_echoes_what_was_written_and_little_else(portal: Portal, one: str) -> None:
    told = portal.update({"id": one, "properties": {"score": "5"}}).json()["results"][0]["properties"]
    assert set(told) == {"score", "createdate", "hs_object_id", "lastmodifieddate"}


def test_a_missing_id_fails_by_itself(portal: Portal, one: str) -> None:
    gone = portal.add()
    portal.sandbox.desk.delete("contacts", gone)
    answer = portal.update(
        *({"id": i, "properties": {"score": "1"}, "objectWriteTraceId": f"t{i}"} for i in (one, gone, "9999"))
    )
    told = answer.json()
    assert (answer.status_code, ids(told["results"]), told["numErrors"]) == (207, [one], 1)
    assert told["errors"][0]["context"] == {"ids": [gone, "9999"], "objectWriteTraceId": [f"t{gone}", "t9999"]}
    assert told["results"][0]["objectWriteTraceId"] == f"t{one}"


def test_partial_success_may_come_as_200_on_the_newest_paths() -> None:
    with opened(Options(rate_limits=False, partial_as_200=True)) as portal:
        item = {"id": "9999", "properties": {"jobtitle": "x"}}
        new, old = portal.update(item), portal.update(item, path="/crm/v3/objects/contacts")
        assert (new.status_code, new.json()["numErrors"], old.status_code) == (200, 1, 207)


def test_an_id_from_before_a_merge_is_left_out_of_a_plain_200(portal: Portal, one: str) -> None:
    loser = portal.add()
    kept = portal.sandbox.desk.merge("contacts", loser, one)
    answer = portal.update({"id": loser, "properties": {"score": "1"}}, {"id": kept, "properties": {"score": "2"}})
    assert (answer.status_code, ids(answer.json()["results"])) == (200, [kept])
    single = portal.ask("PATCH", f"{CONTACTS}/{loser}", {"properties": {"score": "3"}})
    assert (single.status_code, single.json()["id"]) == (200, kept)


def test_an_address_as_id_does_nothing_without_a_word(portal: Portal, one: str) -> None:
    answer = portal.update({"id": "taro@example.co.jp", "properties": {"score": "1"}})
    assert (answer.status_code, answer.json()["results"]) == (200, [])
    assert portal.shown(one, "score")["score"] is None


@pytest.mark.parametrize("by", ["email", "hs_object_id", "jobtitle"])
def test_only_unique_properties_of_its_own_find_a_record_to_update(portal: Portal, one: str, by: str) -> None:
    refused = portal.update({"id": "x", "idProperty": by, "properties": {"score": "1"}})
    assert refused.status_code == 400
    portal.update({"id": one, "properties": {"code": "A1"}})
    assert ids(portal.update({"id": "A1", "idProperty": "code", "properties": {"score": "1"}}).json()["results"]) == [
        one
    ]


def test_an_id_twice_sinks_the_batch(portal: Portal, one: str) -> None:
    answer = portal.update(*({"id": one, "properties": {"score": s}} for s in "12"))
    assert (answer.status_code, "Duplicate IDs found in batch input" in answer.json()["message"]) == (400, True)
    assert portal.shown(one, "score")["score"] is None


def test_results_come_in_another_order(portal: Portal, one: str) -> None:
    made = [portal.add() for _ in range(20)]
    told = ids(portal.update(*({"id": i, "properties": {"score": "1"}} for i in made)).json()["results"])
    assert told != made
    assert sorted(told) == sorted(made)


def test_a_record_that_a_rule_refuses_sinks_its_batch(portal: Portal, one: str) -> None:
    other = portal.add()
    portal.sandbox.weather.poison(one)
    both = [{"id": i, "properties": {"score": "1"}} for i in (one, other)]
    assert portal.update(*both).status_code == 400
    assert portal.update(both[1]).status_code == 200
    assert portal.ask("PATCH", f"{CONTACTS}/{one}", {"properties": {"score": "1"}}).status_code == 400


def test_the_lifecycle_goes_forward_only(portal: Portal) -> None:
    one = portal.add(lifecyclestage="opportunity")
    for written, shown in (("lead", "opportunity"), ("customer", "customer"), ("", None), ("lead", "lead")):
        assert portal.update({"id": one, "properties": {"lifecyclestage": written}}).status_code == 200
        assert portal.shown(one, "lifecyclestage")["lifecyclestage"] == shown


# ---- create, upsert, archive ---------------------------------------------------------------------------------------


def test_an_address_that_is_taken_is_a_conflict_that_names_the_holder(portal: Portal, one: str) -> None:
    body = {"properties": {"email": "TARO@example.co.jp"}}
    answer = portal.post(CONTACTS, body)
    assert (answer.status_code, answer.json()["category"]) == (409, "CONFLICT")
    assert one in answer.json()["message"]
    made = portal.post(CONTACTS, {"properties": {"email": "new@example.co.jp"}})
    assert made.status_code == 201
    assert portal.update({"id": made.json()["id"], **body}).status_code == 409


def test_a_batch_create_fails_whole_without_traces_and_in_part_with_them(portal: Portal, one: str) -> None:
    inputs = [{"properties": {"email": e}} for e in ("taro@example.co.jp", "new@example.co.jp")]
    assert portal.post(f"{CONTACTS}/batch/create", {"inputs": inputs}).status_code == 409
    assert len(portal.get(CONTACTS).json()["results"]) == 1
    traced = [{**item, "objectWriteTraceId": f"t{n}"} for n, item in enumerate(inputs)]
    traced.append({"properties": {"score": "x"}, "objectWriteTraceId": "t2"})
    answer = portal.post(f"{CONTACTS}/batch/create", {"inputs": traced})
    told = answer.json()
    assert (answer.status_code, [r["properties"]["email"] for r in told["results"]]) == (207, ["new@example.co.jp"])
    assert [e["context"]["objectWriteTraceId"] for e in told["errors"]] == [["t0"], ["t2"]]
    assert told["errors"][0]["context"]["existingId"] == [one]


def test_upsert_creates_whoever_is_not_there(portal: Portal, one: str) -> None:
    inputs = [
        {"id": e, "idProperty": "email", "properties": {"jobtitle": "部長"}}
        for e in ("taro@example.co.jp", "new@example.co.jp")
    ]
    answer = portal.post(f"{CONTACTS}/batch/upsert", {"inputs": inputs})
    told = {r["id"]: r["new"] for r in answer.json()["results"]}
    assert answer.status_code == 200
    assert told[one] is False
    assert sorted(told.values()) == [False, True]
    assert portal.post(f"{CONTACTS}/batch/upsert", {"inputs": [{"id": "x", "properties": {}}]}).status_code == 400


def test_archiving_is_harmless_for_whoever_is_not_there(portal: Portal, one: str) -> None:
    assert portal.post(f"{CONTACTS}/batch/archive", {"inputs": [{"id": one}, {"id": "9999"}]}).status_code == 204
    assert portal.ask("DELETE", f"{CONTACTS}/{one}").status_code == 204
    assert ids(portal.get(CONTACTS, archived="true").json()["results"]) == [one]


@pytest.mark.parametrize(
    "data", ["", "[]", "{", '{"inputs": {}}', '{"inputs": [1]}', '{"inputs": [{"properties": {}}]}']
)
def test_a_body_that_is_none_is_refused_in_hubspots_shape(portal: Portal, data: str) -> None:
    headers = {"Authorization": f"Bearer {portal.sandbox.token}", "Content-Type": "application/json"}
    url = f"{portal.server.url}{CONTACTS}/batch/update"
    answer = portal.session.post(url, data=data, headers=headers, timeout=10)
    assert (answer.status_code, answer.json()["category"]) == (400, "VALIDATION_ERROR")

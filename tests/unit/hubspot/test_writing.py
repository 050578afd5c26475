"""How HubSpot is written: every change is answered, and only what HubSpot says it wrote counts as written."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hubspot_farside import OURS, START, Far, V, error
from werkzeug.wrappers import Request, Response

from adapters.hubspot.push import wire
from adapters.sandbox.server import json_response
from connector.errors import AccessDenied, QuotaSpent, Unavailable
from connector.model import Change, Ref
from connector.results import BY_NAME

UPDATE = f"/crm/objects/{V}/contacts/batch/update"
READ = f"/crm/objects/{V}/contacts/batch/read"


def change(id_: str, **after: str | int | bool | None) -> Change:
    return Change(Ref("acme", "contacts", id_), {}, {OURS[n]: v for n, v in (after or {"score": 60}).items()})


def crowd(far: Far, count: int) -> list[Change]:
    for n in range(1, count + 1):
        far.add(str(n))
    return [change(str(n)) for n in range(1, count + 1)]


@pytest.mark.parametrize(
    ("result", "value", "told"),
    [
        ("score", 87, "87"),
        ("score", -20, "-20"),
        ("score", 0, "0"),
        ("hot", True, "true"),
        ("hot", False, "false"),
        ("top_reason", "料金ページ", "料金ページ"),
        ("top_reason", None, ""),
        ("hot_since", None, ""),
        ("scored_at", START, "1795478400000"),
        ("handoff_no", 10**13, "10000000000000"),
    ],
)
def test_values_are_texts_and_instants_milliseconds(result: str, value: str | int | bool | None, told: str) -> None:
    assert wire(BY_NAME[result], value) == told


def test_a_large_push_is_cut_into_batches_of_a_hundred(far: Far) -> None:
    receipts = far.open().push(crowd(far, 230))
    assert {r.status for r in receipts} == {"written"}
    assert [len(body["inputs"]) for body in far.asked_of(UPDATE)] == [100, 100, 30]


def refusing(far: Far, bad: set[str], code: str = "INVALID_OPTION") -> Callable[[Request], Response]:
    """A whole batch is refused for one of its inputs, without saying which."""
    usual = far._usual

    def answer(request: Request) -> Response:
        if bad & {i["id"] for i in json.loads(request.data)["inputs"]}:
            context = {"propertyName": [OURS["band"]]}
            return error(400, "VALIDATION_ERROR", errors=[{"code": code, "message": "hot", "context": context}])
        return usual(request)

    return answer


def test_the_poisoned_ones_are_found_by_halving(far: Far) -> None:
    changes = crowd(far, 100)
    far.on("POST", UPDATE, refusing(far, {"17", "80"}))
    receipts = far.open().push(changes)
    assert {r.ref.id for r in receipts if r.status == "refused"} == {"17", "80"}
    assert {r.status for r in receipts if r.ref.id not in {"17", "80"}} == {"written"}
    assert len(far.asked_of(UPDATE)) <= 2 * 2 * 8


def test_a_refusal_tells_code_and_field_and_no_value(far: Far) -> None:
    changes = crowd(far, 1)
    far.on("POST", UPDATE, refusing(far, {"1"}))
    (receipt,) = far.open().push(changes)
    assert (receipt.status, receipt.code) == ("refused", "INVALID_OPTION")
    assert receipt.why is not None
    for told in (receipt.why.in_("en"), receipt.why.in_("ja")):
        assert OURS["band"] in told
        assert "taro" not in told


def test_a_field_that_is_not_there_costs_one_look_and_spoils_nobody_else(far: Far) -> None:
    crowd(far, 40)
    far.definitions = [d for d in far.definitions if d["name"] != OURS["band"]]
    bad = {str(n) for n in range(1, 40, 2)}
    changes = [change(str(n), **({"band": "hot"} if str(n) in bad else {"score": n})) for n in range(1, 41)]
    far.on("POST", UPDATE, refusing(far, bad, "PROPERTY_DOESNT_EXIST"))
    receipts = far.open().push(changes)
    assert {r.ref.id for r in receipts if r.status == "refused"} == bad
    assert {r.code for r in receipts if r.status == "refused"} == {"PROPERTY_DOESNT_EXIST"}
    assert len(far.asked_of(UPDATE)) == 2


def test_a_field_that_is_not_ours_is_never_sent(far: Far) -> None:
    far.add("1")
    receipts = far.open().push([Change(Ref("acme", "contacts", "1"), {}, {"lifecyclestage": "customer"})])
    verdict = far.open().push([change("1", verdict="good")])
    assert [r.status for r in (*receipts, *verdict)] == ["refused", "refused"]
    assert far.asked_of(UPDATE) == []


def test_a_contact_named_twice_is_written_twice_in_order(far: Far) -> None:
    far.add("1")
    receipts = far.open().push([change("1", score=1), change("1", score=2)])
    assert [r.status for r in receipts] == ["written", "written"]
    assert far.contacts["1"]["properties"][OURS["score"]] == "2"


def test_ids_that_a_207_names_are_gone_and_the_others_written(far: Far) -> None:
    changes = crowd(far, 3)
    told = {
        "results": [{"id": "3"}],
        "errors": [{"status": "error", "category": "OBJECT_NOT_FOUND", "message": "x", "context": {"ids": ["1", "2"]}}],
        "numErrors": 1,
    }
    far.on("POST", UPDATE, lambda _: json_response(told, 207))
    assert [r.status for r in far.open().push(changes)] == ["gone", "gone", "written"]


def test_an_error_that_a_trace_id_ties_to_an_input_refuses_that_one(far: Far) -> None:
    changes = crowd(far, 2)
    entry = {"category": "VALIDATION_ERROR", "message": "x", "context": {"objectWriteTraceId": ["2"]}}
    far.on("POST", UPDATE, lambda _: json_response({"results": [{"id": "1"}], "errors": [entry]}, 207))
    receipts = far.open().push(changes)
    assert [(r.status, r.code) for r in receipts] == [("written", None), ("refused", "VALIDATION_ERROR")]


def test_ids_left_out_of_a_good_answer_are_looked_up(far: Far) -> None:
    changes = crowd(far, 4)
    far.contacts["2"]["properties"][OURS["score"]] = "60"
    del far.contacts["4"]
    far.on("POST", UPDATE, {"status": "COMPLETE", "results": [{"id": "1"}]})
    assert [r.status for r in far.open().push(changes)] == ["written", "written", "unknown", "gone"]


def test_a_winner_that_answers_for_a_loser_is_not_taken_for_it(far: Far) -> None:
    far.add("1")
    far.on("POST", UPDATE, {"status": "COMPLETE", "results": [{"id": "99"}]})
    far.on("POST", READ, {"results": [{"id": "99", "properties": {OURS["score"]: "60"}}]})
    assert [r.status for r in far.open().push([change("1")])] == ["gone"]


def test_a_lost_answer_is_read_back_before_it_is_told(far: Far) -> None:
    changes = crowd(far, 2)
    usual = far._usual

    def lost(request: Request) -> Response:
        usual(request)
        return Response("<html>", 502)

    far.on("POST", UPDATE, lost)
    assert [r.status for r in far.open().push(changes)] == ["written", "written"]


def test_nothing_known_to_be_written_is_raised(far: Far) -> None:
    changes = crowd(far, 2)
    far.on("POST", UPDATE, Response("down", 503))
    far.on("POST", READ, Response("down", 503))
    with pytest.raises(Unavailable):
        far.open().push(changes)


@pytest.mark.parametrize(
    ("then", "error_type"),
    [
        (error(401, "INVALID_AUTHENTICATION"), AccessDenied),
        (error(429, "", policyName="DAILY"), QuotaSpent),
        (error(429, "RATE_LIMITS", {"Retry-After": "900"}), Unavailable),
    ],
)
def test_what_was_written_before_trouble_is_told_and_the_rest_is_unknown(
    far: Far, then: Response, error_type: type[Exception]
) -> None:
    changes = crowd(far, 150)
    far.on("POST", UPDATE, far._usual, then)
    statuses = [r.status for r in far.open().push(changes)]
    assert statuses == ["written"] * 100 + ["unknown"] * 50
    with pytest.raises(error_type):
        far.open().push(changes[:1])


def test_a_locked_record_is_waited_for(far: Far) -> None:
    changes = crowd(far, 1)
    far.on("POST", UPDATE, error(423, "LOCKED"), far._usual)
    assert [r.status for r in far.open().push(changes)] == ["written"]
    assert far.slept == [2.0]


def test_a_single_404_is_somebody_gone(far: Far) -> None:
    far.on("POST", UPDATE, error(404, "OBJECT_NOT_FOUND"))
    assert [r.status for r in far.open().push([change("1")])] == ["gone"]

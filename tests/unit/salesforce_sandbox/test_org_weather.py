"""Limits, foul weather, commits that come late, and the far side's own clock."""

from __future__ import annotations

from adapters.salesforce.sandbox import Options
from tests.unit.salesforce_sandbox.far import Clock, Far, opened, refusals


def test_each_call_counts_and_is_told(far: Far) -> None:
    for n in range(1, 4):
        assert far.get("sobjects/Lead/describe").headers["Sforce-Limit-Info"] == f"api-usage={n}/110000"
    assert far.get("limits").json()["DailyApiRequests"] == {"Max": 110_000, "Remaining": 110_000 - 4}
    assert "Sforce-Limit-Info" in far.get("query?q=nonsense").headers, "refused calls count too"


def test_a_spent_day_refuses_until_it_has_rolled_by() -> None:
    with opened(Options(daily_requests=3, session_seconds=10**6)) as far:
        assert [far.get("limits").status_code for _ in range(4)] == [200, 200, 200, 403]
        answer = far.get("limits")
        assert refusals(answer) == [(403, "REQUEST_LIMIT_EXCEEDED")]
        assert answer.json()[0]["message"] == "TotalRequests Limit exceeded."
        assert "Retry-After" not in answer.headers
        far.clock.pass_(86_000)
        assert far.get("limits").status_code == 403
        far.clock.pass_(500)
        assert far.get("limits").status_code == 200


def test_the_day_can_be_spent_by_others(far: Far) -> None:
    far.weather.spend_the_day()
    assert far.get("limits").status_code == 403
    far.weather.spend_the_day(spent=False)
    assert far.get("limits").status_code == 200


def test_throttling_names_a_time_and_crowding_does_not(far: Far) -> None:
    far.weather.throttle(2, retry_after=3)
    answers = [far.get("limits") for _ in range(3)]
    assert [a.status_code for a in answers] == [503, 503, 200]
    assert answers[0].headers["Retry-After"] == "3"
    far.weather.crowd(1)
    answer = far.get("limits")
    assert refusals(answer) == [(403, "REQUEST_LIMIT_EXCEEDED")]
    assert answer.json()[0]["message"].startswith("ConcurrentRequests (Concurrent API Requests)")
    assert "Retry-After" not in answer.headers
    far.weather.throttle(100, retry_after=30)
    far.weather.throttle(0, retry_after=0)
    assert far.get("limits").status_code == 200


def test_the_date_of_an_answer_is_the_far_sides(far: Far) -> None:
    assert far.get("limits").headers["Date"] == "Tue, 24 Nov 2026 00:00:00 GMT"
    far.clock.pass_(90)
    assert far.get("limits").headers["Date"] == "Tue, 24 Nov 2026 00:01:30 GMT"


def test_a_row_becomes_visible_later_than_its_stamp(far: Far) -> None:
    old = far.desk.add("Lead", LastName="before")
    far.clock.pass_(60)
    far.weather.delay_commits(3)
    far.desk.change("Lead", old, LastName="after")
    new = far.desk.add("Lead", LastName="new")
    far.weather.delay_commits(0)
    far.clock.pass_(1)
    quick = far.desk.add("Lead", LastName="quick")
    text = "SELECT Id, LastName, SystemModstamp FROM Lead ORDER BY SystemModstamp, Id"
    assert [(r["Id"], r["LastName"]) for r in far.rows(text)] == [(old, "before"), (quick, "quick")]
    assert far.get(f"sobjects/Lead/{new}").status_code == 404
    far.clock.pass_(2)
    told = far.rows(text)
    assert [(r["Id"], r["LastName"]) for r in told] == [(old, "after"), (new, "new"), (quick, "quick")]
    assert told[1]["SystemModstamp"] < told[2]["SystemModstamp"], "seen after a later-stamped one"


def test_all_writes_are_late_where_the_org_is_so(far: Far) -> None:
    with opened(Options(commit_lag=2.0), clock=Clock()) as slow:
        id_ = slow.desk.add("Lead", LastName="x")
        assert slow.rows("SELECT Id FROM Lead") == []
        assert slow.desk.shown("Lead", id_)["LastName"] == "x", "its own user sees it"
        slow.clock.pass_(2)
        slow.patch({"id": id_, "LastName": "y"})
        assert slow.rows("SELECT LastName FROM Lead") == [{"LastName": "x"}]
        slow.clock.pass_(2)
        assert slow.rows("SELECT LastName FROM Lead") == [{"LastName": "y"}]


def test_a_locked_row_is_free_after_so_many_writes(far: Far) -> None:
    id_ = far.desk.add("Lead", LastName="x")
    far.weather.lock(id_, times=2)
    told = [far.patch({"id": id_, "Title": "y"}).json()[0]["success"] for _ in range(3)]
    assert told == [False, False, True]

"""How a CRM is asked: paced, retried, counted, and told in our words. Sleeps are told, not slept."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
import requests
import responses
import urllib3

from adapters.http import (
    OK,
    Answer,
    Exchange,
    Policy,
    Refused,
    Verdict,
    answered,
    code_word,
    plain_id,
    retry_after,
)
from adapters.pace import Limiter, Pace, limiter_for
from connector.errors import AccessDenied, Misunderstood, Problem, QuotaSpent, Unavailable
from connector.words import say

SECRET = "taro@example.co.jp"
BODY = b'{"message":"taro@example.co.jp is wrong","category":"RATE_LIMITS"}'


@dataclass
class Time:
    """A clock that only sleeping moves."""

    now: float = 1_000.0
    slept: list[float] = field(default_factory=list)
    luck: float = 1.0

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    @property
    def pace(self) -> Pace:
        return Pace(lambda: self.now, self.sleep, lambda: self.luck)


def decide(answer: Answer) -> Verdict:
    if answer.done:
        return OK if answer.document is not None else Verdict("retry")
    kinds = {401: "refresh", 403: "denied", 429: "retry", 430: "quota", 503: "retry"}
    code = code_word((answer.document or {}).get("category"))
    kind = kinds.get(answer.status, "refused")
    return Verdict(kind, code, plain_id(answer.headers.get("x-request-id")), 10.0 if answer.status == 429 else None)


def exchange(time: Time, **more: object) -> Exchange:
    refresh = more.pop("refresh", None)
    return Exchange(Policy("HubSpot", "acme", decide, **more), time.pace, refresh)


def sends(*told: Answer | Exception) -> Callable[[], Answer]:
    """Answers in turn; the last one for ever."""
    rest = list(told)

    def send() -> Answer:
        one = rest.pop(0) if len(rest) > 1 else rest[0]
        if isinstance(one, Exception):
            raise one
        return one

    return send


GOOD = answered(200, {}, b"{}")


def bad(status: int, **headers: str) -> Answer:
    return answered(status, {k.replace("_", "-"): v for k, v in headers.items()}, BODY)


def test_a_good_answer_is_handed_on_and_counted_by_kind() -> None:
    one = exchange(Time())
    assert one.ask("list", sends(GOOD)) is GOOD
    one.ask("list", sends(GOOD))
    one.ask("write", sends(GOOD))
    assert one.calls == {"list": 2, "write": 1}


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": "7"}, 7.0),
        ({"Retry-After": "0.5"}, 0.5),
        ({"Retry-After": "0"}, 0.0),
        ({"Retry-After": "-3"}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "nan"}, None),
        ({"Retry-After": "inf"}, None),
        ({"Retry-After": "9999999"}, 86_400.0),
        ({"Retry-After": "Tue, 24 Nov 2026 10:00:30 GMT", "Date": "Tue, 24 Nov 2026 10:00:00 GMT"}, 30.0),
        ({"Retry-After": "Tue, 24 Nov 2026 09:00:00 GMT", "Date": "Tue, 24 Nov 2026 10:00:00 GMT"}, 0.0),
        ({"Retry-After": "Tue, 24 Nov 2026 10:00:30 GMT"}, None),
        ({"Retry-After": "Tue, 99 Nov 2026 10:00:30 GMT", "Date": "x"}, None),
    ],
)
def test_the_wait_a_crm_asks_for_is_read_and_nonsense_is_ignored(
    headers: dict[str, str], seconds: float | None
) -> None:
    assert retry_after(answered(429, headers, b"")) == seconds


def test_the_wait_a_crm_asks_for_wins_over_all_others() -> None:
    time = Time()
    exchange(time).ask("list", sends(bad(429, Retry_After="3"), bad(503, Retry_After="4"), GOOD))
    assert time.slept == [3.0, 4.0]


def test_without_a_word_from_the_crm_its_policy_says_how_long() -> None:
    time = Time()
    exchange(time).ask("list", sends(bad(429), GOOD))
    assert time.slept == [10.0]


def test_otherwise_waits_double_up_to_a_ceiling_and_chance_spreads_them() -> None:
    time = Time(luck=0.5)
    with pytest.raises(Unavailable):
        exchange(time, tries=9, patience=10_000).ask("list", sends(bad(503)))
    assert time.slept == [0.5, 1, 2, 4, 8, 16, 30, 30]


def test_tries_are_bounded() -> None:
    one = exchange(Time(), tries=4)
    with pytest.raises(Unavailable):
        one.ask("list", sends(bad(503)))
    assert one.calls["list"] == 4


def test_patience_is_bounded_in_seconds() -> None:
    time = Time()
    with pytest.raises(Unavailable) as caught:
        exchange(time, tries=100, patience=100).ask("list", sends(bad(429, Retry_After="30")))
    assert time.slept == [30, 30, 30]
    assert caught.value.retry_after == 30


def test_a_wait_longer_than_patience_is_not_begun() -> None:
    time = Time()
    with pytest.raises(Unavailable) as caught:
        exchange(time).ask("list", sends(bad(503, Retry_After="40000")))
    assert (time.slept, caught.value.retry_after) == ([], 40_000)


def test_time_lost_in_silence_counts_as_patience_too() -> None:
    time = Time()

    def hang() -> Answer:
        time.now += 60
        raise urllib3.exceptions.ReadTimeoutError(None, "/?recipient=" + SECRET, "silence")

    one = exchange(time, tries=100)
    with pytest.raises(Unavailable):
        one.ask("list", hang)
    assert one.calls["list"] <= 5


@pytest.mark.parametrize(
    "broken",
    [
        ConnectionResetError(104, "reset"),
        urllib3.exceptions.ProtocolError("broken chunk"),
        urllib3.exceptions.IncompleteRead(3, 4),
        urllib3.exceptions.DecodeError("gzip"),
        requests.ConnectionError("refused"),
        requests.exceptions.ChunkedEncodingError("cut"),
        TimeoutError("slow"),
        answered(200, {}, b'{"results": ['),
        answered(200, {}, b"<html>maintenance</html>"),
        bad(503),
    ],
    ids=lambda b: type(b).__name__ if isinstance(b, Exception) else f"{b.status}",
)
def test_what_breaks_on_the_way_is_tried_again(broken: Answer | Exception) -> None:
    one = exchange(Time())
    assert one.ask("list", sends(broken, broken, GOOD)) is GOOD
    with pytest.raises(Unavailable):
        one.ask("list", sends(broken))


def test_an_untrusted_certificate_is_told_at_once_with_the_remedy() -> None:
    time = Time()
    with pytest.raises(Unavailable, match="not trusted") as caught:
        exchange(time).ask("list", sends(requests.exceptions.SSLError("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed")))
    assert time.slept == []
    assert "CA_FILE" in str(caught.value)


def test_an_expired_token_is_renewed_once_and_the_request_repeated() -> None:
    renewed: list[int] = []
    one = exchange(Time(), refresh=lambda: renewed.append(1))
    assert one.ask("list", sends(bad(401), GOOD)) is GOOD
    assert renewed == [1]


def test_a_token_that_stays_bad_is_not_renewed_for_ever() -> None:
    renewed: list[int] = []
    one = exchange(Time(), refresh=lambda: renewed.append(1))
    with pytest.raises(AccessDenied):
        one.ask("list", sends(bad(401)))
    assert (renewed, one.calls["list"]) == ([1], 2)


def test_without_a_way_to_renew_a_bad_token_denies_access() -> None:
    one = exchange(Time())
    with pytest.raises(AccessDenied, match="acme"):
        one.ask("list", sends(bad(401)))
    assert one.calls["list"] == 1


def test_the_adapters_own_words_for_a_denial_are_told() -> None:
    problem = Problem("LH-599", say("scope missing"))
    one = Exchange(Policy("HubSpot", "acme", lambda _: Verdict("denied", problem=problem)), Time().pace)
    with pytest.raises(AccessDenied, match="scope missing"):
        one.ask("list", sends(GOOD))


def test_a_spent_day_stops_at_once() -> None:
    time = Time()
    with pytest.raises(QuotaSpent):
        exchange(time).ask("list", sends(bad(430)))
    assert time.slept == []


def test_our_share_of_the_day_is_kept_before_the_crm_says_no() -> None:
    one = exchange(Time(), spent=lambda a: float(a.headers["used"]), budget=0.8)
    full, room = answered(200, {"used": "0.81"}, b"{}"), answered(200, {"used": "0.1"}, b"{}")
    one.ask("list", sends(room))
    one.ask("list", sends(full))
    with pytest.raises(QuotaSpent, match="81%"):
        one.ask("list", sends(room))
    assert one.calls["list"] == 2
    assert one.ask("list", sends(room)) is room, "a new day is noticed"


def test_a_refusal_is_told_by_status_code_word_and_request_only() -> None:
    with pytest.raises(Refused) as caught:
        exchange(Time()).ask("write", sends(bad(400, X_Request_Id="abc-1")))
    assert isinstance(caught.value, Misunderstood)
    assert "400 RATE_LIMITS, request abc-1" in str(caught.value)
    assert caught.value.verdict.code == "RATE_LIMITS"


@pytest.mark.parametrize("status", [200, 400, 401, 403, 429, 430, 503])
def test_no_body_is_shown_by_any_error_or_log(status: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    answer = answered(status, {"X-Request-Id": SECRET}, BODY if status != 200 else SECRET.encode())
    with pytest.raises(Exception) as caught:
        exchange(Time()).ask("list", sends(answer))
    error = caught.value
    told = f"{error} {error!r} {answer!r} {caplog.text}" + getattr(error, "in_", lambda _: "")("ja")
    assert "taro" not in told


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("VALIDATION_ERROR", "VALIDATION_ERROR"),
        ("Properties.X", "Properties.X"),
        ("山田 太郎", ""),
        ("a b", ""),
        (3, ""),
        (None, ""),
    ],
)
def test_only_single_plain_words_pass_as_code_words(text: object, word: str) -> None:
    assert code_word(text) == word


def test_no_window_ever_has_more_turns_than_its_limit() -> None:
    time, limiter, turns = Time(), Limiter(4, 1.0), []
    for n in range(40):
        limiter.wait(time.pace)
        turns.append(time.now)
        time.now += 0.07 if n % 3 else 0.0
    assert all(late - early >= 1.0 - 1e-9 for early, late in zip(turns, turns[4:], strict=False))
    assert turns[-1] - turns[0] < 10.5, "and it is not slower than it must be"


def test_a_limiter_follows_what_the_crm_says() -> None:
    time, limiter = Time(), Limiter(2, 10.0)
    limiter.hear(time.pace, 5, None)
    for _ in range(5):
        limiter.wait(time.pace)
    assert time.slept == []
    limiter.hear(time.pace, 0, None)
    limiter.wait(time.pace)
    assert time.slept == [10.0], "never less than one a window"


def test_what_others_use_of_a_window_is_left_to_them() -> None:
    time, limiter = Time(), Limiter(10, 10.0)
    for _ in range(3):
        limiter.wait(time.pace)
    limiter.hear(time.pace, 10, 2)  # eight are gone, three of them ours
    for _ in range(2):
        limiter.wait(time.pace)
    assert time.slept == []
    limiter.wait(time.pace)
    assert time.slept == [10.0]
    limiter.hear(time.pace, 10, 9)
    for _ in range(9):
        limiter.wait(time.pace)
    assert time.slept == [10.0], "and taken when they use it no longer"


def test_after_one_request_too_many_nobody_asks_for_a_while() -> None:
    time, limiter = Time(), Limiter(10, 10.0)
    limiter.hold(time.pace, 4.0)
    limiter.wait(time.pace)
    limiter.wait(time.pace, urgent=True)
    assert time.slept == [4.0]


def test_the_urgent_goes_before_what_waits_already() -> None:
    time, limiter, order = Time(), Limiter(1, 10.0), []
    limiter.wait(time.pace)

    def meanwhile(seconds: float) -> None:
        """While the other sleeps, a write comes in and takes the next turn."""
        time.sleep(seconds)
        if not order:
            order.append("write")
            limiter.wait(time.pace, urgent=True)

    limiter.wait(Pace(lambda: time.now, meanwhile))
    assert time.slept == [10.0, 10.0]
    with limiter._lock:
        assert list(limiter._turns) == [1_020.0]


def test_a_clock_set_back_makes_nobody_wait_longer_than_a_window() -> None:
    time, limiter = Time(), Limiter(1, 10.0)
    limiter.wait(time.pace)
    time.now -= 3_600
    limiter.wait(time.pace)
    assert time.slept == [10.0]


def test_connections_of_one_account_share_one_limiter() -> None:
    first, second = limiter_for(("t", "1"), 2, 10.0), limiter_for(("t", "1"), 2, 10.0)
    assert first is second
    assert limiter_for(("t", "2"), 2, 10.0) is not first


def test_a_limiter_is_safe_among_threads() -> None:
    limiter, pace = Limiter(20, 0.1), Pace()
    threads = [threading.Thread(target=lambda: [limiter.wait(pace) for _ in range(10)]) for _ in range(6)]
    begun = pace.clock()
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert pace.clock() - begun >= 0.2, "sixty turns at twenty a window are three windows, the last at its start"


@pytest.fixture
def far_side() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mock:
        yield mock


def test_a_requests_session_is_asked_through_the_same_door(far_side: responses.RequestsMock) -> None:
    far_side.get("https://crm.test/x", status=429, headers={"Retry-After": "2"}, body="error code: 1015")
    far_side.get("https://crm.test/x", body=requests.ConnectionError("reset"))
    far_side.get("https://crm.test/x", json={"a": 1})
    session, time = requests.Session(), Time()

    def send() -> Answer:
        told = session.get("https://crm.test/x", timeout=(5, 60))
        return answered(told.status_code, told.headers, told.content, told=told)

    answer = exchange(time).ask("query", send)
    session.close()
    assert answer.document == {"a": 1}
    assert time.slept == [2.0, 2.0]


def test_a_body_that_is_not_asked_to_be_json_is_left_alone() -> None:
    answer = answered(200, {"Content-Encoding": "x"}, gzip.compress(b"{}"), parse=False)
    assert answer.document is None
    assert answer.headers == {"content-encoding": "x"}

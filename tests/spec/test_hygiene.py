"""What is shown and not counted, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from connector.instants import MINUTE, SECOND, Duration, Instant, parse_instant
from connector.mapping.document import read_mapping
from connector.mapping.hygiene import set_aside
from connector.mapping.nodes import Hygiene
from connector.mapping.reading import read_page
from connector.model import Activity, Event, Ref
from connector.shipped import shipped

AT = parse_instant("2026-11-20T09:00:00Z")
REPEATS = Hygiene(repeat_within=10 * MINUTE)
SCANNER = Hygiene(scanner=frozenset({"email_click"}))


def did(key: str, kind: str, after: Duration = 0, subject: str | None = None, **attributes: str) -> Activity:
    return Activity(key, kind, AT + after, subject, attributes)


def click(key: str, seconds: float, link: str, mail: str | None = "news", after: str | None = None) -> Activity:
    told = {"mail": mail, "after_delivery": after}
    return did(key, "email_click", int(seconds * SECOND), link, **{k: v for k, v in told.items() if v})


def aside(activities: Sequence[Activity], hygiene: Hygiene, own: bool | None = None) -> dict[str, str]:
    inputs = {} if own is None else {"own": own}
    return {a.id: a.set_aside for a in set_aside(activities, hygiene, inputs) if a.set_aside}


def test_nothing_is_set_aside_unless_the_mapping_says_so() -> None:
    told = [click(str(n), n, f"/{n}", after="1") for n in range(5)]
    assert set_aside(told, Hygiene()) == told
    assert set_aside([], SCANNER) == []


def test_whole_kinds_are_set_aside() -> None:
    told = [did("a", "email_open"), did("b", "page_view")]
    assert aside(told, Hygiene(set_aside=frozenset({"email_open"}))) == {"a": "kind"}


def test_everything_own_staff_do_is_set_aside_and_nothing_others_do() -> None:
    told = [did("a", "page_view"), did("b", "call")]
    assert aside(told, Hygiene(), own=True) == {"a": "own", "b": "own"}
    assert aside(told, Hygiene(), own=False) == aside(told, Hygiene()) == {}


def test_activities_keep_their_order_and_all_else() -> None:
    told = [did("b", "x", 5), did("a", "x", 1), did("c", "y", 3)]
    assert [replace(a, set_aside=None) for a in set_aside(told, REPEATS)] == told


def test_what_was_set_aside_before_stays_so_and_is_no_reason_for_more() -> None:
    told = [replace(did("a", "x"), set_aside="other"), did("b", "x", SECOND)]
    assert aside(told, REPEATS) == {"a": "other"}


# ---- scanners --------------------------------------------------------------------------------------------------------


def test_three_different_links_of_one_mail_within_ten_seconds_are_a_scanner() -> None:
    assert aside([click("a", 0, "/1"), click("b", 5, "/2"), click("c", 10, "/3")], SCANNER) == dict.fromkeys(
        "abc", "scanner"
    )


def test_two_links_or_more_time_or_several_mails_are_a_human() -> None:
    assert aside([click("a", 0, "/1"), click("b", 1, "/2"), click("c", 2, "/1")], SCANNER) == {}
    assert aside([click("a", 0, "/1"), click("b", 5, "/2"), click("c", 10.001, "/3")], SCANNER) == {}
    assert aside([click("a", 0, "/1"), click("b", 1, "/2"), click("c", 2, "/3", "other mail")], SCANNER) == {}
    assert aside([click("a", 0, "/1", None), click("b", 1, "/2", None), click("c", 2, "/3", None)], SCANNER) == {}


def test_links_compare_like_all_text() -> None:
    assert aside([click("a", 0, "/x"), click("b", 1, "/X"), click("c", 2, "／x"), click("d", 3, "/y")], SCANNER) == {}


def test_every_click_of_a_burst_is_set_aside_and_the_reader_s_later_click_counts() -> None:
    burst = [click(f"b{n}", n, f"/{n % 4}") for n in range(12)]
    told = [*burst, click("human", 3_600, "/1")]
    assert set(aside(told, SCANNER)) == {a.id for a in burst}


def test_a_click_within_ten_seconds_of_delivery_is_a_scanner() -> None:
    told = [
        click("a", 0, "/1", after="10"),
        click("b", 60, "/1", after="11"),
        click("c", 90, "/1", after="x"),
        click("d", 99, "/2", None, "0"),
    ]
    assert aside(told, SCANNER) == {"a": "scanner", "d": "scanner"}


def test_other_kinds_are_never_a_scanner() -> None:
    told = [replace(click(str(n), n, f"/{n}", after="1"), kind="page_view") for n in range(4)]
    assert aside(told, SCANNER) == {}


# ---- repeats ---------------------------------------------------------------------------------------------------------


def test_the_same_again_within_the_time_is_a_repeat() -> None:
    told = [
        did("a", "page_view", 0, "/x"),
        did("b", "page_view", 10 * MINUTE - 1, "/X"),
        did("c", "page_view", 10 * MINUTE, "/x"),
    ]
    assert aside(told, REPEATS) == {"b": "repeat"}


def test_time_is_counted_from_the_one_that_counts() -> None:
    told = [did(str(n), "page_view", n * 4 * MINUTE, "/x") for n in range(7)]
    assert set(aside(told, REPEATS)) == {"1", "2", "4", "5"}


def test_at_one_instant_the_smaller_id_counts() -> None:
    assert aside([did("b", "x"), did("a", "x"), did("B", "x")], REPEATS) == {"a": "repeat", "b": "repeat"}


def test_another_kind_or_subject_is_no_repeat_and_no_subject_is_one() -> None:
    told = [did("a", "x", 0, "/1"), did("b", "x", 1, "/2"), did("c", "y", 2, "/1"), did("d", "x", 3), did("e", "x", 4)]
    assert aside(told, REPEATS) == {"e": "repeat"}


def test_a_scanner_s_click_does_not_make_the_reader_s_a_repeat() -> None:
    hygiene = replace(SCANNER, repeat_within=10 * MINUTE)
    assert aside([click("a", 1, "/1", after="1"), click("b", 100, "/1")], hygiene) == {"a": "scanner"}


# ---- lesser sources --------------------------------------------------------------------------------------------------

FALLBACK = Hygiene(fallback={"conversions": "forms"})


def test_a_lesser_source_counts_only_where_the_better_one_says_nothing_of_it() -> None:
    told = [
        did("forms:1", "download", 0, "A"),
        did("conversions:r", "download", 2 * SECOND, "Page: A"),
        did("conversions:f", "x", -20 * MINUTE),
    ]
    assert aside(told, FALLBACK) == {"conversions:r": "told_twice"}


def test_ten_minutes_apart_is_the_same_deed_and_more_is_another() -> None:
    for after, same in ((10 * MINUTE, True), (-10 * MINUTE, True), (10 * MINUTE + 1, False), (-10 * MINUTE - 1, False)):
        told = [did("forms:1", "x"), did("conversions:1", "x", after)]
        assert bool(aside(told, FALLBACK)) is same


def test_without_the_better_source_the_lesser_one_counts() -> None:
    assert aside([did("conversions:1", "x"), did("page_views:1", "x")], FALLBACK) == {}


def test_the_better_source_speaks_even_of_what_is_not_counted() -> None:
    hygiene = replace(FALLBACK, set_aside=frozenset({"newsletter"}))
    assert aside([did("forms:1", "newsletter"), did("conversions:1", "x")], hygiene) == {
        "forms:1": "kind",
        "conversions:1": "told_twice",
    }


def test_on_the_shipped_hubspot_mapping_no_deed_counts_twice() -> None:
    mapping = read_mapping(shipped("hubspot.yaml"), "hubspot.yaml")
    who, at = Ref("acme", "contacts", "1"), str(AT // 1000)
    url = "https://www.example.co.jp/pricing"
    told: list[tuple[str, dict[str, str | None]]] = [
        ("page_views", {"url": url, "occurred_at": at}),
        ("last_page", {"url": url, "occurred_at": at}),
        ("form_submissions", {"form_name": "デモ申し込み", "submitted_at": at}),
        ("conversions", {"name": "Demo: デモ申し込み", "occurred_at": at}),
        ("email_events", {"action": "CLICK", "url": url, "campaign": "N", "occurred_at": at}),
        ("email_summary", {"action": "click", "occurred_at": at}),
    ]
    events = [Event(source, "1", who, fields) for source, fields in told]
    read = [f.activity for f in read_page(mapping, "acme", [], events).activities if f.activity]
    counted = [a.id.partition(":")[0] for a in set_aside(read, mapping.hygiene) if not a.set_aside]
    assert counted == ["page_views", "form_submissions", "email_events"]
    lesser = [a for a in read if a.id.partition(":")[0] in mapping.hygiene.fallback]
    assert all(a.set_aside is None for a in set_aside(lesser, mapping.hygiene))
    assert mapping.zone == ZoneInfo("Asia/Tokyo").key


# ---- always ----------------------------------------------------------------------------------------------------------

ids = st.sampled_from(["forms:1", "forms:2", "conversions:1", "conversions:2", "web:1", "web:2", "web:3"])
some = st.builds(
    lambda key, kind, at, subject, mail: Activity(key, kind, at, subject, {"mail": mail} if mail else {}),
    ids,
    st.sampled_from(["email_click", "page_view", "email_open"]),
    st.integers(AT, AT + 15 * MINUTE).map(lambda t: t // SECOND * SECOND),
    st.sampled_from([None, "/a", "/b", "/c"]),
    st.sampled_from([None, "m"]),
)
ALL = Hygiene(frozenset({"email_open"}), 5 * MINUTE, frozenset({"email_click"}), {"conversions": "forms"})


@given(st.lists(some, unique_by=lambda a: a.id, max_size=7), st.randoms())
def test_the_order_in_which_activities_come_changes_nothing(told: list[Activity], rng: object) -> None:
    shuffled = list(told)
    rng.shuffle(shuffled)
    assert aside(told, ALL) == aside(shuffled, ALL)


@given(st.lists(some, unique_by=lambda a: a.id, max_size=7))
def test_bursts_are_what_the_definition_says(told: list[Activity]) -> None:
    def together(at: Instant, other: Instant) -> bool:
        return at <= other <= at + 10 * SECOND

    clicks = [a for a in told if a.kind == "email_click" and a.subject and a.attributes]
    expected = set()
    for first in clicks:
        window = [c for c in clicks if together(first.at, c.at)]
        if len({c.subject for c in window}) >= 3:
            expected |= {c.id for c in window}
    assert set(aside(told, SCANNER)) == expected

"""When a rule fires, what it counts, what it gives, and how points add up."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sheet import NOW, REACHABLE, ago, card, did, lead, lines, points, score

from connector.instants import DAY, SECOND, parse_instant
from connector.model import Activity, Score

PRICING = "- {{id: r, axis: fit, did: page_view, {0}points: 10}}"
VIEWS = [
    did("page_view", w, s, n)
    for w, s, n in (("1d", "/a", "1"), ("2d", "/A", "2"), ("3d", "/b", "3"), ("3d", None, "4"))
]


def given(parts: str) -> str:
    return PRICING.format(parts + ", " if parts else "")


COUNTS = [
    ("", 10, 1),
    ("count: {up_to: 3}", 30, 3),
    ("count: {up_to: all}", 40, 4),
    ("count: {up_to: 99999999999999}", 40, 4),
    ("count: {at_least: 4}", 10, 1),
    ("count: {at_least: 5}", 0, 0),
    ("count: {up_to: 2, at_least: 4}", 20, 2),
    ("count: {up_to: all, per: day}", 30, 3),
    ("count: {up_to: all, per: subject}", 30, 3),
    ("count: {at_least: 4, per: subject}", 0, 0),
    ("within: 3d", 10, 1),
    ("within: 3d, count: {up_to: all}", 20, 2),
    ("within: 24h, count: {up_to: all}", 0, 0),
    ("within: 999999999d, count: {up_to: all}", 40, 4),
]


@pytest.mark.parametrize(("parts", "total", "occurrences"), COUNTS)
def test_count_says_which_occurrences_count(parts: str, total: int, occurrences: int) -> None:
    told = score(card(given(parts)), lead(*VIEWS))
    assert told.points == total
    assert [line.occurrences for line in told.ledger] == ([occurrences] if occurrences else [])


def test_the_window_is_half_open() -> None:
    for when, total in (("3d", 0), ("2d", 10), ("0d", 10), ("-1us", 0)):
        assert points(given("within: 3d"), did("page_view", when)) == total


def test_exactly_within_old_is_out_and_a_microsecond_younger_is_in() -> None:
    young = Activity("a", "page_view", ago("3d") + 1)
    assert points(given("within: 3d"), young) == 10


def test_what_is_set_aside_does_not_count() -> None:
    aside = Activity("a", "page_view", ago("1d"), set_aside="repeat")
    assert points(given(""), aside) == 0


def test_of_one_day_and_of_equal_instants_the_newest_by_id_counts() -> None:
    same = [Activity(name, "page_view", ago("1d"), f"/{name}") for name in ("B", "a", "ａ", "A")]
    line = score(card(given("count: {up_to: 1, per: day}")), lead(*same)).ledger[0]
    assert line.subject == "/ａ"


def test_the_day_is_that_of_the_scorecards_zone() -> None:
    late, early = parse_instant("2026-11-19T14:59:59Z"), parse_instant("2026-11-19T15:00:00Z")
    views = [Activity("a", "page_view", late), Activity("b", "page_view", early)]
    assert points(given("count: {up_to: all, per: day}"), *views) == 20
    assert (
        points(given("count: {up_to: all, per: day}"), views[0], Activity("c", "page_view", late - DAY + SECOND)) == 10
    )


def test_a_rule_may_name_several_kinds() -> None:
    rules = "- {id: r, axis: fit, did: [page_view, download], count: {up_to: all}, points: 1}"
    assert points(rules, did("page_view", "1d"), did("download", "1d"), did("call", "1d")) == 2


def test_a_rule_with_when_and_did_needs_both() -> None:
    rules = "- {id: r, axis: fit, when: {trial: {is: true}}, did: page_view, points: 5}"
    assert points(rules, did("page_view", "1d"), trial=True) == 5
    assert points(rules, did("page_view", "1d"), trial=False) == 0
    assert points(rules, trial=True) == 0


SILENT = "- {id: r, axis: fit, silent_for: 90d, points: -20}"
SILENCES = [
    ("90d", [], -20),
    ("89d", [], 0),
    (None, [], 0),
    (None, [did("page_view", "90d")], -20),
    ("200d", [did("page_view", "91d")], -20),
    ("200d", [did("page_view", "89d")], 0),
    ("10d", [did("page_view", "200d")], 0),
    ("200d", [did("email_open", "1d")], -20),
    ("200d", [did("call", "-1d")], -20),
    ("-1d", [did("call", "200d")], 0),
]


@pytest.mark.parametrize(("created", "done", "total"), SILENCES)
def test_silence_counts_from_the_later_of_creation_and_last_human_action(
    created: str | None, done: list[Activity], total: int
) -> None:
    assert score(card(SILENT), lead(*done, created=created)).points == total


def test_silence_of_one_kind_is_broken_by_that_kind_alone() -> None:
    rules = "- {id: r, axis: fit, silent_for: 90d, did: [email_open], points: -20}"
    assert points(rules, did("call", "1d"), did("email_open", "95d")) == -20
    assert points(rules, did("email_open", "1d")) == 0


FADES = [("0d", 10), ("29d", 10), ("30d", 8), ("60d", 5), ("90d", 3), ("119d", 3), ("120d", 0), ("400d", 0)]


@pytest.mark.parametrize(("when", "total"), FADES)
def test_points_fade_in_steps_and_round_half_away_from_zero(when: str, total: int) -> None:
    fading = "- {{id: r, axis: fit, did: page_view, fade: {{lose: 25%, every: 30d}}, points: {0}}}"
    assert points(fading.format(10), did("page_view", when)) == total
    assert points(fading.format(-10), did("page_view", when)) == -total


def test_the_sum_of_a_rule_is_rounded_once() -> None:
    rules = "- {id: r, axis: fit, did: page_view, count: {up_to: all}, fade: {lose: 50%, every: 1d}, points: 1}"
    assert points(rules, did("page_view", "1d"), did("page_view", "36h")) == 1


def test_a_fade_ends_at_nothing_and_waits_no_longer() -> None:
    rules = "- {id: r, axis: fit, did: page_view, fade: {lose: 25%, every: 30d}, points: 10}"
    assert score(card(rules), lead(did("page_view", "100d"))).next_change_at == ago("-20d")
    assert score(card(rules), lead(did("page_view", "120d"))).next_change_at is None


def many(*rules: tuple[str, str, int]) -> str:
    return "\n".join(
        f"- {{id: {name}, axis: {axis}, when: {{trial: {{is: true}}}}, points: {p}}}" for name, axis, p in rules
    )


def trial(rules: str, **parts: str) -> Score:
    return score(card(rules, **parts), lead(trial=True))


def test_a_cap_on_plus_never_hides_a_minus() -> None:
    told = trial(many(("a", "fit", 40), ("b", "fit", -30)), axes="{fit: {max: 20, min: -10}, interest: {}}")
    assert told.points == 10
    assert lines(told) == [("a", 40), ("b", -30), ("fit.max", -20), ("fit.min", 20)]
    assert told.axes == {"fit": 10, "interest": 0}


def test_the_total_is_cut_after_the_axes_and_each_cut_has_its_line() -> None:
    told = trial(
        many(("a", "fit", 40), ("b", "interest", 30)), axes="{fit: {max: 20}, interest: {}}", more="limits: {max: 45}"
    )
    assert told.points == 45
    assert lines(told) == [("a", 40), ("b", 30), ("fit.max", -20), ("total.max", -5)]
    low = trial(many(("a", "fit", -40)), more="limits: {min: -25}")
    assert lines(low) == [("a", -40), ("total.min", 15)]
    assert lines(score(card("", more="limits: {min: 3}"), lead())) == [("total.min", 3)]


def test_the_ledger_goes_by_size_then_by_scorecard_order_and_cuts_come_last() -> None:
    rules = many(("a", "fit", 5), ("b", "interest", -20), ("c", "fit", -5), ("d", "fit", 20))
    axes = "{interest: {min: -15}, fit: {max: 20, min: -0}}"
    assert lines(trial(rules, axes=axes)) == [
        ("b", -20), ("d", 20), ("a", 5), ("c", -5), ("interest.min", 5), ("fit.max", -5), ("fit.min", 5),
    ]  # fmt: skip


def test_a_line_carries_the_counted_occurrences_their_bounds_and_the_newest_subject() -> None:
    line = score(card(given("within: 10d, count: {up_to: 2}")), lead(*VIEWS)).ledger[0]
    assert (line.rule, line.occurrences, line.first, line.last, line.subject) == ("r", 2, ago("2d"), ago("1d"), "/a")
    assert line.changes_at == ago("2d") + 10 * DAY
    told = score(card(SILENT), lead(created="90d")).ledger[0]
    assert (told.occurrences, told.first, told.last, told.subject) == (0, None, None, None)


def test_a_rule_that_gives_nothing_has_no_line() -> None:
    assert score(card("- {id: r, axis: fit, did: page_view, points: 0}"), lead(*VIEWS)).ledger == ()


CHANGES = [
    (given("within: 3d"), [did("page_view", "1d")], {}, ago("-2d")),
    (given("within: 5d, count: {at_least: 2}"), [did("page_view", "1d"), did("page_view", "3d")], {}, ago("-2d")),
    (given("within: 5d, count: {at_least: 3}"), [did("page_view", "1d"), did("page_view", "3d")], {}, None),
    (given(""), [did("page_view", "-4d"), did("page_view", "-3d")], {}, ago("-3d")),
    (given(""), [did("call", "-4d")], {}, None),
    (SILENT, [did("page_view", "80d")], {}, ago("-10d")),
    (SILENT, [did("page_view", "100d"), did("email_open", "-1d"), did("call", "-5d")], {}, ago("-5d")),
    (SILENT, [], {"created": "-5d"}, ago("-95d")),
    (SILENT, [], {}, None),
    (given("within: 999999999d"), [did("page_view", "1d")], {}, None),
]  # fmt: skip


@pytest.mark.parametrize(("rules", "done", "parts", "expected"), CHANGES)
def test_next_change_is_the_next_instant_at_which_anything_can_differ(
    rules: str, done: list[Activity], parts: dict[str, str], expected: int | None
) -> None:
    assert score(card(rules), lead(*done, created=parts.get("created"))).next_change_at == expected


def test_points_beyond_64_bits_come_out_right_all_the_same() -> None:
    rules = "- {id: r, axis: fit, did: page_view, count: {up_to: all}, points: 999999999999999999}"
    assert points(rules, *VIEWS) == 4 * 999_999_999_999_999_999


def test_instants_at_the_ends_of_time_are_scored_like_others() -> None:
    for text in ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"):
        at = parse_instant(text)
        views = [Activity("a", "page_view", at), Activity("b", "page_view", at)]
        told = score(card(given("within: 30d, count: {up_to: all, per: day}")), lead(*views), at)
        assert told.points == 10
        assert (told.next_change_at is None) == text.startswith("9999")


def test_numbers_of_any_length_and_texts_of_any_size_are_compared() -> None:
    rules = """
        - {id: a, axis: fit, when: {employees: {at_least: 100}}, points: 1}
        - {id: b, axis: fit, when: {industry: {contains: [末尾]}}, points: 2}
    """
    huge = Decimal("9" * 5_000)
    assert points(rules, employees=huge, industry="😀" * 1_000_000 + "末尾") == 3
    assert points(rules, industry="\ud800") == 0


def test_nobody_is_scored_as_nobody() -> None:
    from connector.scoring.columns import score_leads

    assert score_leads(card("- {id: r, axis: fit, silent_for: 1d, points: 1}"), [], NOW) == []
    assert REACHABLE

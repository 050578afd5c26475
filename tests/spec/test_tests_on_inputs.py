"""What each test on an input, a subject or an attribute asks; and that the unknown fails them all but one."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sheet import NOW, ago, card, did, lead, score

from connector.instants import DAY, parse_instant
from connector.model import Value

N = Decimal

TABLE: list[tuple[str, str, Value | None, bool]] = [
    ("employees", "at_least: 100", N(100), True),
    ("employees", "at_least: 100", N("99.9"), False),
    ("employees", "at_most: 99.5", N("99.50"), True),
    ("employees", "at_most: -1", N(0), False),
    ("employees", "at_least: 100", None, False),
    ("employees", "unknown: true", None, True),
    ("employees", "unknown: true", N(0), False),
    ("employees", "{at_least: 10, at_most: 20}", N(15), True),
    ("employees", "{at_least: 10, at_most: 20}", N(21), False),
    ("seniority", "at_least: manager", "manager", True),
    ("seniority", "at_least: MANAGER", "executive", True),
    ("seniority", "at_least: manager", "staff", False),
    ("seniority", "at_most: manager", "staff", True),
    ("seniority", "at_most: manager", "executive", False),
    ("seniority", "at_most: manager", None, False),
    ("seniority", "one_of: [staff, executive]", "executive", True),
    ("seniority", "none_of: [staff, executive]", "executive", False),
    ("seniority", "none_of: [staff, executive]", "manager", True),
    ("industry", "one_of: [製造, IT]", "ＩＴ ", True),
    ("industry", "one_of: [no, yes]", "No", True),
    ("industry", "one_of: [it]", "items", False),
    ("industry", "one_of: it", "IT", True),
    ("industry", "none_of: [it]", "retail", True),
    ("industry", "none_of: [it]", "It", False),
    ("industry", "none_of: [it]", None, False),
    ("industry", "none_of: [it]", "  ", False),
    ("industry", "unknown: true", "　", True),
    ("industry", "contains: [soft, ハード]", "Microsoft", True),
    ("industry", "contains: [soft, ハード]", "ﾊｰﾄﾞｳｪｱ", True),
    ("industry", "contains: [soft]", "hard", False),
    ("page", 'like: "/pricing*"', "/pricing-old", True),
    ("page", 'like: "/pricing"', "/pricing-old", False),
    ("page", 'like: "*/docs/*.PDF"', "/en/docs/a.pdf", True),
    ("page", 'like: "a*a"', "a", False),
    ("page", 'like: "a*b*c"', "axc", False),
    ("page", 'like: "a?c"', "abc", False),
    ("page", 'like: "[ab]*"', "a", False),
    ("page", "under: /pricing", "/pricing", True),
    ("page", "under: /pricing", "/Pricing/enterprise", True),
    ("page", "under: /pricing", "/pricing-old", False),
    ("page", "under: /pricing/", "/pricing", True),
    ("page", "under: /", "/anything", True),
    ("trial", "is: true", True, True),
    ("trial", "is: FALSE", False, True),
    ("trial", "is: true", False, False),
    ("trial", "is: false", None, False),
    ("decides_on", "after: 2026-11-22T00:00:00Z", NOW + 1, True),
    ("decides_on", "after: 2026-11-22T09:00:00+09:00", NOW, False),
    ("decides_on", "before: 2026-11-22T00:00:00Z", NOW - 1, True),
    ("decides_on", "before: 2026-11-22T00:00:00Z", NOW, False),
    ("decides_on", "before: 2026-11-22", parse_instant("2026-11-21T14:59:59.999999Z"), True),
    ("decides_on", "before: 2026-11-22", parse_instant("2026-11-21T15:00:00Z"), False),
    ("decides_on", "within_next: 30d", NOW, True),
    ("decides_on", "within_next: 30d", NOW + 30 * DAY - 1, True),
    ("decides_on", "within_next: 30d", NOW + 30 * DAY, False),
    ("decides_on", "within_next: 30d", NOW - 1, False),
    ("tags", "one_of: [vip]", frozenset({"x", "VIP"}), True),
    ("tags", "one_of: [vip]", frozenset({"x"}), False),
    ("tags", "none_of: [vip]", frozenset({"x", "VIP"}), False),
    ("tags", "none_of: [vip]", frozenset({"x"}), True),
    ("tags", "none_of: [vip]", frozenset(), False),
    ("tags", "unknown: true", frozenset({" "}), True),
    ("tags", "contains: [ip]", frozenset({"vip", "x"}), True),
    ("tags", 'like: "v*"', frozenset({"a", "vip"}), True),
    ("tags", "under: a", frozenset({"a/b"}), True),
]


@pytest.mark.parametrize(("name", "test", "value", "fires"), TABLE)
def test_an_input_passes_a_test_or_not(name: str, test: str, value: Value | None, fires: bool) -> None:
    written = test if test.startswith("{") else "{" + test + "}"
    rules = f"- {{id: r, axis: fit, when: {{{name}: {written}}}, points: 7}}"
    who = lead(**({} if value is None else {name: value}))
    assert score(card(rules), who).points == (7 if fires else 0)


WHERE = [
    ("{subject: {under: /pricing}}", "/pricing/a", {}, True),
    ("{subject: {under: /pricing}}", None, {}, False),
    ("{subject: {none_of: [x]}}", None, {}, False),
    ("{subject: {unknown: true}}", "  ", {}, True),
    ("{campaign: {one_of: [秋]}}", "/a", {"campaign": "秋"}, True),
    ("{campaign: {one_of: [秋]}}", "/a", {}, False),
    ("{campaign: {unknown: true}}", "/a", {"campaign": ""}, True),
    ("{subject: {like: '/a*'}, campaign: {contains: [b]}}", "/a", {"campaign": "aBc"}, True),
    ("{subject: {like: '/a*', contains: [z]}}", "/a", {}, False),
]


@pytest.mark.parametrize(("where", "subject", "attributes", "fires"), WHERE)
def test_an_activity_is_an_occurrence_or_not(
    where: str, subject: str | None, attributes: dict[str, str], fires: bool
) -> None:
    rules = f"- {{id: r, axis: fit, did: page_view, where: {where}, points: 7}}"
    assert score(card(rules), lead(did("page_view", "1d", subject, **attributes))).points == (7 if fires else 0)


CONDITIONS = [
    ("when: {industry: {one_of: [it]}, employees: {at_least: 10}}", {"industry": "it", "employees": N(9)}, False),
    ("when: {industry: {one_of: [it]}, employees: {at_least: 10}}", {"industry": "it", "employees": N(10)}, True),
    ("any: [{industry: {one_of: [it]}}, {employees: {at_least: 10}}]", {"employees": N(10)}, True),
    ("any: [{industry: {one_of: [it]}}, {employees: {at_least: 10}}]", {"employees": N(1)}, False),
    ("when: {trial: {is: true}}, any: [{industry: {one_of: [it]}}]", {"industry": "it"}, False),
    ("when: {trial: {is: true}}, any: [{industry: {one_of: [it]}}]", {"industry": "it", "trial": True}, True),
]


@pytest.mark.parametrize(("condition", "values", "fires"), CONDITIONS)
def test_when_is_a_conjunction_and_any_a_disjunction(condition: str, values: dict[str, Value], fires: bool) -> None:
    rules = f"- {{id: r, axis: fit, {condition}, points: 7}}"
    assert score(card(rules), lead(**values)).points == (7 if fires else 0)


def test_within_next_begins_and_ends_a_microsecond_after_its_bounds() -> None:
    rules = "- {id: r, axis: fit, when: {decides_on: {within_next: 30d}}, points: 7}"
    at = ago("-40d")
    early = score(card(rules), lead(decides_on=at))
    assert (early.points, early.next_change_at) == (0, at - 30 * DAY + 1)
    inside = score(card(rules), lead(decides_on=at), at - 30 * DAY + 1)
    assert (inside.points, inside.next_change_at) == (7, at + 1)
    assert inside.ledger[0].changes_at == at + 1
    over = score(card(rules), lead(decides_on=at), at + 1)
    assert (over.points, over.next_change_at) == (0, None)

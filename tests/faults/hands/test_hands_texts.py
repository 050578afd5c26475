"""Words that people type and machines choke on; fields that are too short; people without what one counts on."""

from __future__ import annotations

import pytest

from connector.errors import UserError
from connector.results import BY_NAME
from tests.faults.hands.account import (
    Account,
    call,
    change,
    field_of,
    go,
    known,
    make_result,
    ours,
    person,
    ref,
    score,
    several,
    well,
)

AWKWARD = [
    "👩‍👩‍👧‍👦 田中 🏳️‍🌈",
    "\u202eمدير\u202c שרה",
    "山\u200b田\ufeff\u2060",
    "O'Brien \"; DROP TABLE lead; -- \\' %_ {x} $1",
    '=cmd|" /C calc"!A0,\r\n"二行目",#N/A',
    "#N/A",
    "<script>alert(1)</script>&amp;\u2028\u2029",
    "𠮷野家\U0001f468\u200d\U0001f4bb",
    "e\u0301" * 30,
    "null",
    "\\' OR Id != null",
    "\t\x0b\x1f部長\x7f",
]
"""Emoji, right to left, zero width, quotes, what CSV and SQL and markup could take for theirs, controls."""


def test_awkward_names_break_nothing_and_are_not_ours_to_touch(account: Account) -> None:
    ids = [person(account, n, name=name, title="部長") for n, name in enumerate(AWKWARD)]
    well(account)
    assert {score(account, one) for one in ids} == {60}
    for one, name in zip(ids, AWKWARD, strict=True):
        change(account, one, title=name, tier=name)
    well(account)
    shown = [account.desk.shown(account.people, one) for one in ids]
    assert [row[account.words.name] for row in shown] == AWKWARD
    assert well(account).run.counts.written == 0


def test_awkward_subjects_of_calls_break_nothing(account: Account) -> None:
    ids = several(account, len(AWKWARD), title="部長")
    source, fields = account.words.call
    subject = "hs_call_title" if account.words.crm == "hubspot" else "Subject"
    for one, title in zip(ids, AWKWARD, strict=True):
        account.desk.add_event(source, one, **{**fields, subject: title})
    well(account)
    assert {score(account, one) for one in ids} == {64}


def test_a_name_of_sixty_thousand_characters_breaks_nothing(hubspot: Account) -> None:
    ids = several(hubspot, 4, name="長" * 60_000, title="部長")
    assert [score(hubspot, one) for one in ids] == [60] * 4


def test_a_text_with_a_nul_is_read_as_far_as_it_can_be(account: Account) -> None:
    ids = several(account, 4)
    change(account, ids[1], tier="go\x00ld", name="山\x00田")
    assert go(account).error is None
    well(account)
    assert score(account, ids[1]) == 60


def many_rules(account: Account, label: str) -> None:
    """A scorecard with so many lines that the ledger is longer than its field."""
    when = "when: {employees: {at_least: 1}}, points: 1"
    rules = [f"  - {{id: r{n}, axis: fit, label: {{ja: '{label}{n}', en: R{n}}}, {when}}}" for n in range(60)]
    account.card = account.card.rstrip() + "\n" + "\n".join(rules) + "\n"


@pytest.mark.parametrize(
    "label", ["従業員が一人以上いる会社" * 12, "👩‍👩‍👧‍👦" * 20, "a" * 150], ids=["ja", "emoji", "ascii"]
)
def test_reasons_longer_than_their_field_are_cut_at_a_line(account: Account, label: str) -> None:
    many_rules(account, label)
    ids = several(account, 3)
    told = ours(account, ids[1])
    for name in ("top_reason", "reasons", "detail"):
        text = told[name] or ""
        assert 0 < len(text) <= (BY_NAME[name].length or 0)
        text.encode()  # no half of a character
    lines = (told["reasons"] or "").splitlines()
    assert all(line.startswith("+") for line in lines[:3])
    assert well(account).run.counts.written == 0, "what was cut is what is wanted"


def test_our_field_shortened_by_an_administrator_is_named_before_anything_is_written(salesforce: Account) -> None:
    ids = several(salesforce)
    name = field_of(salesforce, "top_reason")
    for object_ in salesforce.words.people:
        for one in list(salesforce.sandbox.state.all(object_)):
            salesforce.desk.change(object_, one, **{name: None})
        salesforce.desk.drop_field(object_, name)
        make_result(salesforce, object_, BY_NAME["top_reason"], length=20)
    change(salesforce, ids[0], title="部長")
    told = go(salesforce)
    assert isinstance(told.error, UserError)
    assert name in told.words


def test_people_without_an_address_are_scored(account: Account) -> None:
    ids = several(account, 4, email=None)
    assert [score(account, one) for one in ids] == [30, 60, 30, 60]
    assert (
        account.words.email not in account.desk.shown(account.people, ids[0])
        or not account.desk.shown(account.people, ids[0])[account.words.email]
    )


@pytest.mark.parametrize("size", ["-1", "0", "999999999", "99999999"])
def test_odd_numbers_of_employees_break_nothing(account: Account, size: str) -> None:
    if account.words.crm == "salesforce" and len(size) > 8:
        size = size[:8]
    ids = several(account, 2, size=size)
    assert score(account, ids[0]) == (30 if float(size) >= 100 else 0)
    well(account)


def test_one_person_in_both_objects_is_scored_as_each(salesforce: Account) -> None:
    lead = person(salesforce, 1, "Lead", email="same@acme.co.jp", title="部長")
    contact = person(salesforce, 1, "Contact", email="same@acme.co.jp", title="部長")
    call(salesforce, lead)
    well(salesforce)
    assert (score(salesforce, lead, "Lead"), score(salesforce, contact, "Contact")) == (64, 30)
    assert {str(ref(salesforce, lead)), str(ref(salesforce, contact, "Contact"))} <= set(known(salesforce.store))


def test_neither_queue_nor_assignment_rule_changes_an_owner(salesforce: Account) -> None:
    assert salesforce.sandbox.org.options.assignment_rule
    (queue,) = salesforce.sandbox.state.all("Group")
    ids = [person(salesforce, n, title="部長", **({"OwnerId": queue} if n % 2 else {})) for n in range(6)]
    owners = [salesforce.desk.shown("Lead", one)["OwnerId"] for one in ids]
    assert len(set(owners)) == 2
    well(salesforce)
    salesforce.settings["bulk_write_from"] = 1
    for one in ids:
        change(salesforce, one, size="5")
    assert well(salesforce).run.counts.written == 6
    assert [salesforce.desk.shown("Lead", one)["OwnerId"] for one in ids] == owners


@pytest.mark.parametrize("rule", ["alert", "block"])
def test_a_duplicate_rule_that_warns_is_passed_and_one_that_blocks_is_told(opening: object, rule: str) -> None:
    from tests.faults.hands.words import SALESFORCE

    account = opening(SALESFORCE, duplicate_rule=rule)
    twins = [person(account, n, email="same@acme.co.jp") for n in (1, 3)]
    others = [person(account, n) for n in range(4, 8)]
    told = go(account)
    assert told.error is None
    assert set(told.refused) == (set(twins) if rule == "block" else set())
    assert set(told.refused.values()) <= {"DUPLICATES_DETECTED"}
    assert all(score(account, one) is not None for one in others)

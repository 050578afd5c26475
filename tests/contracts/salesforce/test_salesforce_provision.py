"""Making our fields in an org, and letting our user see them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from adapters.sandbox.server import Tls
from connector.errors import AccessDenied
from connector.ports import FieldChange
from connector.results import BY_NAME, RESULTS
from tests.contracts.salesforce.world import SMALL_PAGES, SalesforceWorld, opened

WANTED = {o: [(r.salesforce, r) for r in RESULTS] for o in ("Lead", "Contact")}
BRIEF = {"Lead": [(BY_NAME[n].salesforce, BY_NAME[n]) for n in ("score", "hot", "band")]}


@pytest.fixture
def bare(salesforce_tls: Tls) -> Iterator[SalesforceWorld]:
    """An org that does not know Leadheat yet."""
    with opened(salesforce_tls, ready=False) as world:
        yield world


def made(org: SalesforceWorld, wanted: dict = WANTED, *, apply: bool = True) -> list[FieldChange]:
    crm = org.open()
    try:
        return list(crm.provision(wanted, apply=apply))
    finally:
        crm.close()


def test_a_plan_says_everything_and_makes_nothing(bare: SalesforceWorld) -> None:
    steps = made(bare, apply=False)
    assert {(s.action, s.done) for s in steps} == {("create", False)}
    assert len(steps) == 2 * len(RESULTS)
    assert not [f for f in bare.open().describe().objects["Lead"] if f.startswith("Leadheat")]


def test_what_was_made_is_there_visible_and_of_our_types(bare: SalesforceWorld) -> None:
    assert {(s.action, s.done) for s in made(bare)} == {("create", True)}
    fields = bare.open().describe().objects["Contact"]
    assert all(fields[r.salesforce].writable and fields[r.salesforce].type == r.type for r in RESULTS)
    assert not fields["Leadheat_Band__c"].closed_choices
    assert fields["Leadheat_Detail__c"].length == 32_000


def test_making_twice_makes_nothing_twice(bare: SalesforceWorld) -> None:
    made(bare)
    crm = bare.open()
    assert {(s.action, s.done) for s in crm.provision(WANTED, apply=True)} == {("exists", False)}
    assert "provision" not in crm.calls()
    crm.close()


def test_a_field_that_exists_unseen_is_shown(bare: SalesforceWorld) -> None:
    bare.desk.define_field("Lead", "Leadheat_Score__c", "Number", visible=False)
    made(bare, BRIEF)
    assert bare.open().describe().objects["Lead"]["Leadheat_Score__c"].writable


@pytest.mark.parametrize(
    ("type_", "more"), [("Checkbox", {"defaultValue": False}), ("Text", {"length": 10}), ("DateTime", {})]
)
def test_nothing_is_made_when_one_field_has_another_type(
    bare: SalesforceWorld, type_: str, more: dict[str, object]
) -> None:
    bare.desk.define_field("Lead", "Leadheat_Score__c", type_, **more)
    assert [(s.action, s.done) for s in made(bare, BRIEF)] == [("clash", False), ("create", False), ("create", False)]
    assert "Leadheat_Hot__c" not in bare.open().describe().objects["Lead"]


def test_a_text_that_is_too_short_clashes(bare: SalesforceWorld) -> None:
    bare.desk.define_field("Lead", "Leadheat_Top_Reason__c", "Text", length=80)
    wanted = {"Lead": [("Leadheat_Top_Reason__c", BY_NAME["top_reason"])]}
    assert [s.action for s in made(bare, wanted)] == ["clash"]


def test_a_user_who_may_not_make_fields_is_told_whom_to_ask(salesforce_tls: Tls) -> None:
    plain = replace(SMALL_PAGES, tooling=False)
    with opened(salesforce_tls, ready=False, options=plain) as org, pytest.raises(AccessDenied) as denied:
        made(org, BRIEF)
    assert "administrator" in str(denied.value)

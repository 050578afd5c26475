"""What Salesforce has of its own: events in many objects, companies, formulas, recycle bins, pages and jobs."""

from __future__ import annotations

import gc
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
import requests

from adapters.salesforce.sandbox.options import Options
from adapters.salesforce.session import Link
from adapters.sandbox.server import Tls
from connector.model import Event, Ref
from connector.ports import EventWants, Wants
from connector.testing import Notebook
from connector.testing.reading import SETTLED
from tests.contracts.salesforce.world import SMALL_PAGES, WANTS, SalesforceWorld, opened

DAY = 86_400.0


def read(org: SalesforceWorld, told: Notebook | None = None, wants: Wants | None = None, **settings: Any) -> Notebook:
    crm = org.open(wants, **settings)
    try:
        return (told or Notebook()).read(crm)
    finally:
        crm.close()


def lead(org: SalesforceWorld, id_: str) -> Ref:
    return Ref(org.connection, "Lead", id_)


def contact(org: SalesforceWorld, id_: str) -> Ref:
    return Ref(org.connection, "Contact", id_)


def only_event(told: Notebook, source: str) -> Event:
    (event,) = [e for e in told.events.values() if e.source == source]
    return event


def calls_of(org: SalesforceWorld, told: Notebook, **settings: Any) -> Mapping[str, int]:
    crm = org.open(**settings)
    told.read(crm)
    crm.close()
    return crm.calls()


# ---- events --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "fields"),
    [
        ("Task", {"Subject": "架電", "Status": "Completed"}),
        ("CampaignMember", {"Status": "Responded", "Campaign.Name": "展示会"}),
        ("EmailMessage", {"Subject": "ご案内"}),
        ("Web_Activity__c", {"Kind__c": "page_view"}),
    ],
)
def test_what_a_lead_did_is_told_with_its_fields(org: SalesforceWorld, source: str, fields: dict[str, str]) -> None:
    who = org.add_person()
    made = org.desk.add_event(source, who)
    org.let_time_pass(SETTLED)
    event = only_event(read(org), source)
    assert (event.person, event.id, event.gone) == (lead(org, who), made, False)
    assert fields.items() <= event.fields.items()


def test_instants_of_events_carry_their_zone_in_one_spelling(org: SalesforceWorld) -> None:
    org.desk.add_event("Web_Activity__c", org.add_person())
    org.let_time_pass(SETTLED)
    assert only_event(read(org), "Web_Activity__c").fields["Occurred_At__c"] == "2026-11-24T00:00:00Z"


def test_people_come_before_their_events(org: SalesforceWorld) -> None:
    org.desk.add_event("Task", org.add_person())
    org.let_time_pass(SETTLED)
    crm = org.open()
    seen = [("people" if p.records else "events") for p in crm.pull(None) if p.records or p.events]
    crm.close()
    assert seen == sorted(seen, reverse=True)


def test_an_event_is_told_again_when_it_changes_and_only_then(org: SalesforceWorld) -> None:
    made = org.desk.add_event("Task", org.add_person())
    org.let_time_pass(SETTLED)
    told = read(org)
    told.events.clear()
    assert not read(org, told).events
    org.desk.change("Task", made, Subject="再架電")
    org.let_time_pass(SETTLED)
    assert only_event(read(org, told), "Task").fields["Subject"] == "再架電"


def test_a_newly_wanted_field_of_events_is_told_for_those_long_past(org: SalesforceWorld) -> None:
    org.desk.add_event("Task", org.add_person(), Type="Call")
    org.let_time_pass(SETTLED)
    told = read(org)
    org.let_time_pass(SETTLED)
    wants = replace(WANTS, events={"Task": EventWants(frozenset({"Subject", "Type"}))})
    assert only_event(read(org, told, wants), "Task").fields == {"Subject": "架電", "Type": "Call"}


def test_an_event_that_was_deleted_is_taken_back(org: SalesforceWorld) -> None:
    made = org.desk.add_event("Task", org.add_person())
    org.let_time_pass(SETTLED)
    told = read(org)
    org.desk.delete("Task", made)
    org.let_time_pass(SETTLED)
    assert not read(org, told).events


def test_a_deal_reaches_its_contact_by_the_role(org: SalesforceWorld) -> None:
    who = org.desk.add("Contact", LastName="山田")
    deal = org.desk.add_event("Opportunity", who, Name="大口", Amount=1_200_000)
    org.let_time_pass(SETTLED)
    told = read(org)
    event = only_event(told, "Opportunity")
    assert (event.person, event.id, event.fields["Amount"]) == (contact(org, who), deal, "1200000")
    org.desk.change("Opportunity", deal, StageName="Closed Won")
    org.let_time_pass(SETTLED)
    assert only_event(read(org, told), "Opportunity").fields["IsWon"] == "true"


def test_a_deal_without_roles_reaches_the_contact_its_lead_became(org: SalesforceWorld) -> None:
    who = org.desk.convert(org.add_person(), deal="転換案件")
    for role in list(org.sandbox.org.state.all("OpportunityContactRole")):
        org.sandbox.org.state.drop("OpportunityContactRole", role)
    org.let_time_pass(SETTLED)
    event = only_event(read(org), "Opportunity")
    assert (event.person, event.fields["Name"]) == (contact(org, who), "転換案件")


def test_a_converted_leads_campaign_response_counts_once(org: SalesforceWorld) -> None:
    who = org.add_person()
    org.desk.add_event("CampaignMember", who)
    after = org.desk.convert(who)
    org.let_time_pass(SETTLED)
    assert only_event(read(org), "CampaignMember").person == contact(org, after)


def test_lookups_to_people_are_found_when_the_mapping_names_none(org: SalesforceWorld) -> None:
    who = org.add_person()
    org.desk.add_event("Web_Activity__c", who)
    org.let_time_pass(SETTLED)
    wants = replace(WANTS, events={"Web_Activity__c": EventWants(frozenset({"Kind__c"}))})
    assert only_event(read(org, wants=wants), "Web_Activity__c").person == lead(org, who)


def test_events_of_objects_nobody_scores_are_left_out(org: SalesforceWorld) -> None:
    org.desk.add_event("Task", org.desk.add("Contact", LastName="山田"))
    org.let_time_pass(SETTLED)
    wants = replace(WANTS, people={"Lead": WANTS.people["Lead"]})
    assert not read(org, wants=wants).events


# ---- two long texts ------------------------------------------------------------------------------------------------


def test_the_second_long_text_costs_a_call_a_page_and_no_smaller_pages(salesforce_tls: Tls) -> None:
    with opened(salesforce_tls, options=Options(page_size=3, smallest_page=1, long_text_page=1)) as org:
        for n in range(9):
            org.add_person(Leadheat_Reasons__c=f"r{n}", Leadheat_Detail__c=f"d{n}")
        org.let_time_pass(SETTLED)
        wants = replace(WANTS, people={"Lead": WANTS.people["Lead"]}, events={})
        crm = org.open(wants)
        told = Notebook().read(crm)
        crm.close()
        assert crm.calls()["query"] == 6
        texts = {(r.fields["Leadheat_Reasons__c"], r.fields["Leadheat_Detail__c"]) for r in told.people.values()}
        assert texts == {(f"r{n}", f"d{n}") for n in range(9)}


def test_who_changes_between_the_two_calls_of_a_page_is_told_whole_by_the_next_pull(
    org: SalesforceWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = [org.add_person(Leadheat_Reasons__c="r", Leadheat_Detail__c="old") for _ in range(3)]
    org.let_time_pass(SETTLED)
    told = read(org)
    org.desk.change("Lead", who[1], Title="部長")
    org.let_time_pass(SETTLED)
    ask = Link.query

    def meanwhile(link: Link, soql: str, **more: Any) -> Mapping[str, Any]:
        if soql.startswith("SELECT Id, Leadheat_Reasons__c"):
            org.desk.change("Lead", who[1], Leadheat_Detail__c="new")
        return ask(link, soql, **more)

    with monkeypatch.context() as patched:
        patched.setattr(Link, "query", meanwhile)
        crm = org.open()
        records = [r for page in crm.pull(told.cursor) for r in page.records]
        crm.close()
    assert [(r.ref.id, r.partial, "Leadheat_Reasons__c" in r.fields) for r in records] == [(who[1], True, False)]
    org.let_time_pass(SETTLED)
    found = read(org, told).people[lead(org, who[1])].fields
    assert (found["Leadheat_Reasons__c"], found["Leadheat_Detail__c"]) == ("r", "new")


# ---- people --------------------------------------------------------------------------------------------------------


def test_a_contact_shows_its_company(org: SalesforceWorld) -> None:
    account = org.desk.add("Account", Name="株式会社サンプル", NumberOfEmployees=120)
    who = org.desk.add("Contact", LastName="山田", AccountId=account)
    alone = org.desk.add("Contact", LastName="鈴木")
    org.let_time_pass(SETTLED)
    told = read(org)
    assert told.people[contact(org, who)].fields["company.NumberOfEmployees"] == "120"
    assert told.people[contact(org, alone)].fields["company.NumberOfEmployees"] is None


def test_a_company_that_changed_is_seen_within_a_day(org: SalesforceWorld) -> None:
    account = org.desk.add("Account", Name="株式会社サンプル", NumberOfEmployees=120)
    who = org.desk.add("Contact", LastName="山田", AccountId=account)
    org.let_time_pass(SETTLED)
    told = read(org)
    org.desk.change("Account", account, NumberOfEmployees=300)
    org.let_time_pass(DAY)
    assert read(org, told).people[contact(org, who)].fields["company.NumberOfEmployees"] == "300"


def test_whoever_left_while_nobody_looked_for_weeks_is_gone(org: SalesforceWorld) -> None:
    stays, leaves = org.add_person(), org.add_person()
    org.let_time_pass(SETTLED)
    told = read(org)
    org.desk.delete("Lead", leaves)
    org.sandbox.org.state.drop("Lead", leaves)  # the recycle bin is emptied
    org.let_time_pass(20 * DAY)
    told = read(org, told)
    assert set(told.people) == {lead(org, stays)}


def test_whom_sharing_hides_is_gone_by_the_next_sweep_and_comes_back_with_it(org: SalesforceWorld) -> None:
    stays, hidden = org.add_person(), org.add_person()
    org.let_time_pass(SETTLED)
    told = read(org)
    org.sandbox.weather.lose_sight(hidden)
    org.let_time_pass(20 * DAY)
    assert set(read(org, told).people) == {lead(org, stays)}
    org.sandbox.weather.lose_sight()
    org.let_time_pass(20 * DAY)
    assert set(read(org, told).people) == {lead(org, stays), lead(org, hidden)}


def test_a_newly_wanted_field_is_fetched_alone_and_completes_the_rest(org: SalesforceWorld) -> None:
    who = org.add_person(Title="部長", City="大阪市")
    org.let_time_pass(SETTLED)
    told = read(org)
    org.let_time_pass(SETTLED)
    wants = replace(WANTS, people={**WANTS.people, "Lead": WANTS.people["Lead"] | {"City"}})
    crm = org.open(wants)
    records = [r for page in crm.pull(told.cursor) for r in page.records]
    crm.close()
    assert [(r.ref.id, r.partial, dict(r.fields)) for r in records] == [(who, True, {"City": "大阪市"})]
    assert read(org, told, wants).people[lead(org, who)].fields["Title"] == "部長"


def test_a_restored_person_is_back(org: SalesforceWorld) -> None:
    who = org.add_person()
    org.let_time_pass(SETTLED)
    told = read(org)
    org.desk.delete("Lead", who)
    org.let_time_pass(SETTLED)
    told = read(org, told)
    assert lead(org, who) in told.gone
    row = org.sandbox.org.state.all("Lead")[who]
    org.sandbox.org.state.put("Lead", who, {**row, "IsDeleted": False})
    org.same_instant([who])
    org.let_time_pass(SETTLED)
    assert lead(org, who) in read(org, told).people


def test_a_row_that_became_visible_late_is_not_lost(org: SalesforceWorld) -> None:
    early = org.add_person()
    org.sandbox.weather.delay_commits(60)
    late = org.add_person()
    org.sandbox.weather.delay_commits(0)
    org.let_time_pass(30)
    told = read(org)
    org.let_time_pass(SETTLED)
    assert set(read(org, told).people) == {lead(org, early), lead(org, late)}


# ---- what is not there ---------------------------------------------------------------------------------------------


def test_what_is_hidden_is_said_and_the_rest_is_read(org: SalesforceWorld) -> None:
    who = org.add_person(Title="部長")
    org.desk.hide_field("Lead", "NumberOfEmployees")
    org.let_time_pass(SETTLED)
    wants = replace(WANTS, people={**WANTS.people, "Lead": WANTS.people["Lead"] | {"HasOptedOutOfEmail"}})
    crm = org.open(wants)
    said = [n.in_("en") for n in crm.traits.notices]
    fields = Notebook().read(crm).people[lead(org, who)].fields
    crm.close()
    assert any("NumberOfEmployees" in n for n in said)
    assert any("HasOptedOutOfEmail" in n and "opted out" in n for n in said)
    assert fields["Title"] == "部長"
    assert not {"NumberOfEmployees", "HasOptedOutOfEmail"} & set(fields)


def test_an_org_without_some_objects_is_read_all_the_same(salesforce_tls: Tls) -> None:
    lacking = replace(SMALL_PAGES, without=frozenset({"EmailMessage", "EmailMessageRelation", "Web_Activity__c"}))
    with opened(salesforce_tls, options=lacking) as org:
        who = org.add_person()
        org.let_time_pass(SETTLED)
        crm = org.open()
        said = " ".join(n.in_("en") + n.in_("ja") for n in crm.traits.notices)
        events = crm.describe().events
        told = Notebook().read(crm)
        crm.close()
    assert lead(org, who) in told.people
    assert "EmailMessage" in said and "Web_Activity__c" in said
    assert set(events) == {"Task", "CampaignMember", "Opportunity"}


def test_describe_says_types_in_our_words(org: SalesforceWorld) -> None:
    crm = org.open()
    schema = crm.describe()
    crm.close()
    fields = schema.objects["Lead"]
    types = {n: fields[n].type for n in ("Title", "NumberOfEmployees", "IsConverted", "CreatedDate", "Status")}
    assert types == {
        "Title": "text",
        "NumberOfEmployees": "number",
        "IsConverted": "truth",
        "CreatedDate": "instant",
        "Status": "choice",
    }
    assert fields["Leadheat_Reasons__c"].type == "long_text"
    assert fields["Leadheat_Score__c"].writable and not fields["IsConverted"].writable
    assert schema.objects["Contact"]["company.NumberOfEmployees"].type == "number"
    assert "Campaign.Name" in schema.events["CampaignMember"]


# ---- pages, cursors and what they cost -----------------------------------------------------------------------------


def test_an_expired_cursor_is_taken_up_after_the_last_row(org: SalesforceWorld) -> None:
    made = {lead(org, org.add_person()) for _ in range(8)}
    org.let_time_pass(SETTLED)
    crm = org.open()
    told = Notebook()
    for page in crm.pull(None):
        told.keep(page)
        org.sandbox.org.memory.cursors.clear()
    crm.close()
    assert set(told.people) == made
    assert {told.times[r] for r in made} == {1}


def test_an_answer_that_was_read_is_let_go_without_a_search_for_cycles(org: SalesforceWorld) -> None:
    for _ in range(30):
        org.add_person()
    org.let_time_pass(SETTLED)
    crm = org.open()
    gc.collect()
    gc.disable()
    try:
        alive = [sum(isinstance(o, requests.Response) for o in gc.get_objects()) for _ in crm.pull(None)]
    finally:
        gc.enable()
        crm.close()
    assert len(alive) > 10
    assert max(alive) <= 3


def test_pages_hold_what_salesforce_gives_them(salesforce_tls: Tls) -> None:
    with opened(salesforce_tls, options=Options()) as org:
        for _ in range(205):
            org.add_person()
        org.let_time_pass(SETTLED)
        told = Notebook()
        both = calls_of(org, told)["query"]
        brief = replace(WANTS, results={})
        crm = org.open(brief)
        Notebook().read(crm)
        one = crm.calls()["query"]
        crm.close()
    assert both - one == 1, "two long texts make pages of 200"


def test_a_quiet_org_costs_one_call_for_each_stream(org: SalesforceWorld) -> None:
    org.add_person()
    org.let_time_pass(SETTLED)
    told = Notebook()
    calls_of(org, told)
    org.let_time_pass(SETTLED)
    assert calls_of(org, told)["query"] == 2 + 1 + 1 + 2 + 4 + 1

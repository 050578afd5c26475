"""A world becomes an org; its users merge, convert and poke; a state file outlives the server."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.salesforce.sandbox import SalesforceSandbox, open_salesforce_sandbox
from adapters.salesforce.sandbox.extras import api_names
from adapters.salesforce.sandbox.stamps import stamp
from adapters.sandbox.facts import World
from adapters.sandbox.state import State
from adapters.sandbox.world import make_world, world_from_csv
from connector.errors import UserError
from connector.instants import SECOND
from tests.unit.salesforce_sandbox.far import START, Clock, Far, opened

WORLD = make_world(400, 7, START)
LATER = START + 600 * SECOND


@pytest.fixture(scope="module")
def town() -> Iterator[Far]:
    with opened(clock=Clock(LATER)) as far:
        far.sandbox.seed(WORLD)
        yield far


def count(far: Far, text: str, path: str = "query") -> int:
    return int(far.query(f"SELECT COUNT() FROM {text}", path)["totalSize"])


def test_everybody_is_there_in_their_shape(town: Far) -> None:
    here = [p for p in WORLD.people if not p.gone]
    leads = [p for p in here if p.shape != "contact"]
    converted = [p for p in leads if p.converted_at]
    assert count(town, "Lead") == len(leads)
    assert count(town, "Lead WHERE IsConverted = true") == len(converted) > 0
    assert count(town, "Contact") == len([p for p in here if p.shape != "lead"]) + len(converted)
    assert count(town, "Lead WHERE IsConverted = true AND ConvertedContactId = null") == 0
    merged = [p for p in WORLD.people if p.merged_into and LATER - (p.merged_at or 0) < 15 * 86_400 * SECOND]
    assert count(town, "Lead WHERE MasterRecordId != null", "queryAll") <= len(merged)


def test_a_person_reads_as_in_the_world(town: Far) -> None:
    person = next(p for p in WORLD.people if p.shape == "lead" and p.email and p.company_key and not p.gone)
    company = WORLD.companies[(person.company_key or 0) - 1]
    text = f"SELECT Name, Company, NumberOfEmployees, CreatedDate FROM Lead WHERE Email = '{person.email}'"
    assert town.rows(text) == [
        {
            "Name": f"{person.family} {person.given}",
            "Company": company.name,
            "NumberOfEmployees": company.employees,
            "CreatedDate": stamp(person.created_at),
        }
    ]


def kept(kinds: set[str]) -> int:
    gone = {p.key for p in WORLD.people if p.deleted_at}
    winners = {p.key: p.merged_into for p in WORLD.people if p.merged_into}
    keys = [winners.get(d.person_key, d.person_key) for d in WORLD.done if d.kind in kinds]
    return sum(1 for key in keys if key not in gone)


def test_what_was_done_stands_in_the_object_that_holds_it(town: Far) -> None:
    web = {"page_view", "download", "form_submission", "demo_request", "email_click"}
    assert count(town, "Web_Activity__c WHERE Kind__c != 'email_open'") == kept(web) > 1_000
    assert count(town, "Web_Activity__c WHERE Lead__c = null AND Contact__c = null") == 0
    assert count(town, "Task WHERE TaskSubtype = 'Call' AND IsClosed = true", "queryAll") == kept({"call"}) > 10
    assert 0 < count(town, "Event WHERE WhoId != null", "queryAll") <= kept({"meeting"})
    assert count(town, "CampaignMember WHERE HasResponded = true AND Campaign.Type = 'Webinar'") > 10
    assert count(town, "CampaignMember WHERE HasResponded = true AND FirstRespondedDate = null") == 0
    assert count(town, "EmailMessage WHERE FirstOpenedDate != null") > 10
    assert count(town, "EmailMessage") == count(town, "EmailMessageRelation")
    assert count(town, "Web_Activity__c WHERE Kind__c = 'email_open' AND Delivered_At__c = null") == 0


def test_no_open_is_told_twice(town: Far) -> None:
    mails = {r["Subject"] for r in town.rows("SELECT Subject FROM EmailMessage")}
    opens = {r["Name__c"] for r in town.rows("SELECT Name__c FROM Web_Activity__c WHERE Kind__c = 'email_open'")}
    assert mails and opens and not mails & opens


def test_deals_have_people_and_fates(town: Far) -> None:
    won = [d for d in WORLD.deals if d.stage == "won"]
    assert count(town, "Opportunity WHERE IsWon = true") == len(won) > 0
    assert count(town, "Opportunity WHERE IsClosed = true AND IsWon = false AND Loss_Reason__c = null") == 0
    assert count(town, "OpportunityContactRole") > 0
    (lead, *_) = town.rows("SELECT ConvertedOpportunityId, ConvertedContactId FROM Lead WHERE IsConverted = true")
    where = f"OpportunityId = '{lead['ConvertedOpportunityId']}' AND ContactId = '{lead['ConvertedContactId']}'"
    assert count(town, f"OpportunityContactRole WHERE {where}") == 1


def test_nothing_is_stamped_later_than_the_world(town: Far) -> None:
    people = ("Lead", "Contact", "Account", "Opportunity", "Campaign", "CampaignMember")
    for name in (*people, "Task", "Event", "EmailMessage", "EmailMessageRelation", "Web_Activity__c"):
        assert count(town, f"{name} WHERE SystemModstamp > {stamp(START)[:19]}Z", "queryAll") == 0


def test_an_org_with_people_in_it_is_not_filled_again(town: Far) -> None:
    assert not town.sandbox.empty
    with pytest.raises(UserError, match="LH-920"):
        town.sandbox.seed(WORLD)


def test_columns_of_a_csv_become_custom_fields(tmp_path: Path, far: Far) -> None:
    path = tmp_path / "leads.csv"
    path.write_text("Email,Total Visits,total-visits,会社の規模,2nd call\nx@example.com,5,6,100名,no\n,,,,\n")
    far.sandbox.seed(world_from_csv(path, START))
    (row,) = far.rows("SELECT Email, Total_Visits__c, Total_Visits_2__c, X__c, X_2nd_Call__c FROM Lead")
    assert list(row.values()) == ["x@example.com", "5", "6", "100名", "no"]


def test_api_names_are_ascii_short_and_unique() -> None:
    headers = ["What matters most to you in choosing a course", "a b", "A-B", "名", "姓", "TotalVisits", "9"]
    told = list(api_names(headers).values())
    assert told == ["What_Matters_Most_To_You_In_Choosing_A_C", "A_B", "A_B_2", "X", "X_2", "TotalVisits", "X_9"]
    assert max(map(len, told)) <= 40


def test_twenty_thousand_leads_are_filled_in_and_paged_without_delay(far: Far) -> None:
    one = next(p for p in WORLD.people if p.shape == "lead" and not p.gone and not p.converted_at)
    plain = replace(one, company_key=None, campaign_key=None)
    people = tuple(replace(plain, key=n, created_at=START - n * SECOND) for n in range(1, 20_001))
    started = time.monotonic()
    far.sandbox.seed(World(1, START, (), people))
    rows = far.rows("SELECT Id, Name FROM Lead WHERE SystemModstamp > 2020-01-01T00:00:00Z ORDER BY SystemModstamp, Id")
    assert len({r["Id"] for r in rows}) == 20_000
    assert time.monotonic() - started < 20


# ---- the desk --------------------------------------------------------------------------------------------------------


def test_merging_moves_what_the_loser_did(far: Far) -> None:
    loser, winner = (far.desk.add("Lead", LastName=n) for n in "ab")
    for source in ("Task", "Event", "CampaignMember", "EmailMessage", "Web_Activity__c"):
        far.desk.add_event(source, loser)
    far.clock.pass_(60)
    assert far.desk.merge("Lead", loser, winner) == winner
    assert far.desk.shown("Lead", loser)["MasterRecordId"] == winner
    for text in (
        f"Task WHERE WhoId = '{winner}'",
        f"Event WHERE WhoId = '{winner}'",
        f"CampaignMember WHERE LeadId = '{winner}'",
        f"EmailMessageRelation WHERE RelationId = '{winner}'",
        f"Web_Activity__c WHERE Lead__c = '{winner}' AND SystemModstamp > 2026-11-24T00:00:30Z",
    ):
        assert count(far, text) == 1, text


def test_converting_makes_a_contact_with_an_account_and_moves_activities(far: Far) -> None:
    lead = far.desk.add("Lead", LastName="山田", Company="株式会社甲", Email="a@example.com", Title="部長")
    far.desk.add_event("Task", lead)
    far.desk.add_event("CampaignMember", lead)
    contact = far.desk.convert(lead, deal="甲 導入")
    shown = far.desk.shown("Lead", lead)
    assert (shown["IsConverted"], shown["ConvertedContactId"], shown["ConvertedDate"]) == (
        "true",
        contact,
        "2026-11-24",
    )
    (row,) = far.rows("SELECT Title, Email, Account.Name FROM Contact")
    assert (row["Title"], row["Email"], row["Account"]["Name"]) == ("部長", "a@example.com", "株式会社甲")
    assert count(far, f"Task WHERE WhoId = '{contact}'") == 1
    assert count(far, f"CampaignMember WHERE LeadId = '{lead}' AND ContactId = '{contact}'") == 1
    assert count(far, f"OpportunityContactRole WHERE OpportunityId = '{shown['ConvertedOpportunityId']}'") == 1


def test_a_mass_load_gives_many_rows_one_stamp(far: Far) -> None:
    ids = [far.desk.add("Lead", LastName=f"v{n}") for n in range(4)]
    far.desk.same_instant("Lead", ids[:3])
    stamps = [r["SystemModstamp"] for r in far.rows("SELECT SystemModstamp FROM Lead ORDER BY Id")]
    assert stamps == ["2026-11-24T00:00:01.000+0000"] * 3 + ["2026-11-24T00:00:00.000+0000"]


def test_a_dropped_field_is_gone_and_a_refused_record_is_not_written(far: Far) -> None:
    id_ = far.desk.add("Lead", LastName="x")
    far.desk.define_field("Lead", "New__c", "Text")
    far.desk.change("Lead", id_, New__c="y")
    far.desk.drop_field("Lead", "New__c")
    assert far.query("SELECT New__c FROM Lead")[0]["errorCode"] == "INVALID_FIELD"
    far.desk.refuse_writes("Lead", id_)
    assert far.patch({"id": id_, "Title": "x"}).json()[0]["success"] is False
    with pytest.raises(KeyError):
        far.desk.define_field("Lead", "Odd__c", "Rumour")


# ---- poking ----------------------------------------------------------------------------------------------------------


def test_a_poke_from_a_second_process_is_seen_by_the_first(tmp_path: Path) -> None:
    path = tmp_path / "salesforce.db"
    with opened(state=State(path)) as far:
        lead = far.desk.add("Lead", LastName="x")
        assert count(far, "Web_Activity__c") == 0
        far.clock.pass_(60)
        beside = open_salesforce_sandbox(State(path), far.clock)
        assert str(beside.poke(lead, "did", {"kind": "demo_request"})) == f"{lead}: demo_request happened"
        beside.poke(lead, "set", {"Title": "部長"})
        assert beside.desk.add("Lead", LastName="new") not in {lead}
        beside.state.close()
        (row,) = far.rows("SELECT Lead__c, Kind__c, Path__c, SystemModstamp FROM Web_Activity__c")
        assert (row["Lead__c"], row["Kind__c"], row["Path__c"]) == (lead, "demo_request", "/demo")
        assert row["SystemModstamp"] == "2026-11-24T00:01:00.000+0000"
        assert far.rows(f"SELECT Title FROM Lead WHERE Id = '{lead}'") == [{"Title": "部長"}]
        assert far.desk.add("Lead", LastName="third") not in {r["Id"] for r in far.rows("SELECT Id FROM Lead")[:2]}
        far.sandbox.state.close()


def test_a_state_file_survives_a_restart(tmp_path: Path) -> None:
    path, clock = tmp_path / "salesforce.db", Clock()
    with opened(state=State(path), clock=clock) as far:
        far.desk.define_field("Lead", "Score__c", "Number")
        lead = far.desk.add("Lead", LastName="x", Score__c=5)
        token = far.sandbox.token
        body = {"operation": "query", "query": "SELECT Id, Score__c FROM Lead"}
        job = far.call("POST", "jobs/query", json=body).json()["id"]
        far.sandbox.state.close()
    clock.pass_(60)
    with opened(state=State(path), clock=clock) as far:
        assert far.sandbox.token == token
        assert far.rows("SELECT Id, Score__c FROM Lead") == [{"Id": lead, "Score__c": 5.0}]
        assert far.get(f"jobs/query/{job}/results").text == f'"Id","Score__c"\n"{lead}","5.0"\n'
        far.sandbox.state.close()


@pytest.fixture
def org(far: Far) -> SalesforceSandbox:
    return far.sandbox


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("page_view", "Web_Activity__c WHERE Kind__c = 'page_view' AND Path__c = '/pricing/x'"),
        ("download", "Web_Activity__c WHERE Kind__c = 'download'"),
        ("form_submission", "Web_Activity__c WHERE Kind__c = 'form_submission'"),
        ("email_click", "Web_Activity__c WHERE Kind__c = 'email_click'"),
        ("seminar", "CampaignMember WHERE HasResponded = true AND Campaign.Name = '/pricing/x'"),
        ("call", "Task WHERE Subject = '/pricing/x' AND IsClosed = true"),
        ("meeting", "Event WHERE Subject = '/pricing/x' AND EndDateTime <= 2026-11-24T00:00:00Z"),
    ],
)
def test_a_deed_happens_now(far: Far, kind: str, text: str) -> None:
    lead = far.desk.add("Lead", LastName="x", Email="a@example.com")
    for who in (lead, "A@example.com"):
        far.sandbox.poke(who, "did", {"kind": kind, "subject": "/pricing/x"})
    assert count(far, text) == (1 if kind == "seminar" else 2)


def test_a_lead_is_won_by_way_of_its_contact_and_lost_likewise(org: SalesforceSandbox) -> None:
    leads = [org.desk.add("Lead", LastName="x") for _ in range(2)]
    org.poke(leads[0], "win", {"amount": "500"})
    org.poke(leads[1], "lose", {})
    deals = org.state.all("Opportunity").values()
    assert [(d["IsWon"], d["IsClosed"], d["Amount"]) for d in deals] == [(True, True, 500), (False, True, 1_200_000)]
    assert all(org.desk.shown("Lead", lead)["IsConverted"] == "true" for lead in leads)


def test_people_are_deleted_merged_and_converted_by_poking(org: SalesforceSandbox) -> None:
    first, second, third, fourth = (org.desk.add("Lead", LastName=n) for n in "abcd")
    org.poke(first, "delete", {})
    org.poke(second, "merge", {"into": third})
    told = org.poke(third[:15], "convert", {})
    assert org.desk.shown("Lead", first)["IsDeleted"] == "true"
    assert org.desk.shown("Lead", second)["MasterRecordId"] == third
    assert str(told).endswith(org.desk.shown("Lead", third)["ConvertedContactId"] or "?")
    assert "変換" in told.in_("ja")
    with pytest.raises(UserError, match="LH-926"):
        org.poke(fourth, "merge", {"into": fourth})
    with pytest.raises(UserError, match="LH-927"):
        org.poke(third, "convert", {})


@pytest.mark.parametrize(
    ("who", "deed", "words", "code"),
    [
        ("", "exploded", {}, "LH-921"),
        ("nobody@example.com", "delete", {}, "LH-922"),
        ("", "set", {"Titel": "x", "IsConverted": "true"}, "LH-923"),
        ("", "set", {"NumberOfEmployees": "many"}, "LH-924"),
        ("", "did", {"kind": "demo_requests"}, "LH-925"),
    ],
)
def test_what_cannot_be_done_is_said(
    org: SalesforceSandbox, who: str, deed: str, words: dict[str, str], code: str
) -> None:
    lead = org.desk.add("Lead", LastName="x")
    with pytest.raises(UserError) as refused:
        org.poke(who or lead, deed, words)
    assert {p.code for p in refused.value.problems} == {code}
    assert len(refused.value.problems) == len(words or {"": ""})
    for problem in refused.value.problems:
        assert problem.what.in_("ja") != str(problem.what), "said in Japanese too"

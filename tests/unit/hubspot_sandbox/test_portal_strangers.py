"""HubSpot's own Python client works here unchanged."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hubspot.crm.contacts import ApiException
from hubspot.crm.contacts.models import BatchResponseSimplePublicObjectWithErrors
from hubspot.crm.lists import ApiException as ListsApiException

from adapters.hubspot.sandbox import Options
from adapters.sandbox.world import make_world
from tests.unit.hubspot_sandbox.portal import SCORE, START, Portal, opened


@pytest.fixture(scope="module")
def town() -> Iterator[Portal]:
    with opened(Options(rate_limits=False, tier="enterprise")) as portal:
        portal.sandbox.seed(make_world(150, 3, START))
        yield portal


@pytest.fixture(scope="module")
def client(town: Portal) -> Any:
    return town.client


def test_it_pages_through_all_contacts(town: Portal, client: Any) -> None:
    found = client.crm.contacts.get_all(properties=["email", "jobtitle"])
    assert len({c.id for c in found}) == len(found) == len(town.sandbox.account.shelf("contacts").live) > 100
    assert client.crm.contacts.basic_api.get_page(limit=1).paging.next.after


def test_it_reads_and_writes_in_batches(town: Portal, client: Any) -> None:
    town.sandbox.desk.define_field("contacts", "client_score", "number")
    batch = client.crm.contacts.batch_api
    ids = [str(i) for i in town.sandbox.account.shelf("contacts").live[:3]]
    inputs = [{"id": i, "properties": {"client_score": "87"}} for i in ids]
    done = batch.update(batch_input_simple_public_object_batch_input={"inputs": inputs})
    assert (done.status, {r.id for r in done.results}) == ("COMPLETE", set(ids))
    wanted = {"inputs": [{"id": i} for i in (*ids, "99999")], "properties": ["client_score"]}
    read = batch.read(batch_read_input_simple_public_object_id=wanted)
    assert isinstance(read, BatchResponseSimplePublicObjectWithErrors)
    assert {r.properties["client_score"] for r in read.results} == {"87"}
    assert read.errors[0].context["ids"] == ["99999"]


def test_it_pages_a_search_to_the_end(town: Portal, client: Any) -> None:
    live, found, after = town.sandbox.account.shelf("contacts").live, [], None
    while True:
        body = {"sorts": ["hs_object_id"], "properties": ["email"], "limit": 50, "after": after}
        page = client.crm.contacts.search_api.do_search(public_object_search_request=body)
        found += [int(r.id) for r in page.results]
        if page.paging is None:
            break
        after = page.paging.next.after
    assert found == live


def test_a_batch_is_written_in_part_or_not_at_all(town: Portal, client: Any) -> None:
    town.sandbox.desk.define_field("contacts", "part_score", "number")
    batch, ids = client.crm.contacts.batch_api, [str(i) for i in town.sandbox.account.shelf("contacts").live[:2]]
    inputs = [{"id": i, "properties": {"part_score": "87"}} for i in (*ids, "99999")]
    told = batch.update(batch_input_simple_public_object_batch_input={"inputs": inputs})
    assert ({r.id for r in told.results}, told.num_errors, told.errors[0].context["ids"]) == (set(ids), 1, ["99999"])
    for wrong in ({"nope": "1"}, {"part_score": "many"}):
        inputs = [
            {"id": ids[0], "properties": {"part_score": "1"}},
            {"id": ids[1], "properties": wrong},
        ]
        with pytest.raises(ApiException) as refused:
            batch.update(batch_input_simple_public_object_batch_input={"inputs": inputs})
        assert refused.value.status == 400
        assert town.shown(ids[0], "part_score")["part_score"] == "87"


def test_it_searches(town: Portal, client: Any) -> None:
    body = {
        "filterGroups": [{"filters": [{"propertyName": "lastmodifieddate", "operator": "GTE", "value": "1"}]}],
        "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}], "properties": ["email"], "limit": 10,
    }  # fmt: skip
    told = client.crm.contacts.search_api.do_search(public_object_search_request=body)
    live = town.sandbox.account.shelf("contacts").live
    assert (told.total, [int(r.id) for r in told.results]) == (len(live), live[:10])


def test_it_meets_errors_it_understands(client: Any) -> None:
    with pytest.raises(ApiException) as refused:
        client.crm.contacts.basic_api.get_by_id("99999")
    assert refused.value.status == 404
    with pytest.raises(ApiException) as refused:
        client.crm.contacts.basic_api.create({"properties": {"no_such_thing": "1"}})
    assert (refused.value.status, "PROPERTY_DOESNT_EXIST" in refused.value.body) == (400, True)


def test_it_defines_properties(client: Any) -> None:
    group = {"name": "client_group", "label": "Client"}
    assert client.crm.properties.groups_api.create("contacts", property_group_create=group).name == "client_group"
    body = {**SCORE, "name": "made_by_client", "groupName": "client_group"}
    assert client.crm.properties.core_api.create("contacts", property_create=body).type == "number"
    assert client.crm.properties.core_api.get_by_name("contacts", "made_by_client").group_name == "client_group"
    names = {p.name for p in client.crm.properties.core_api.get_all("contacts").results}
    assert {"made_by_client", "email", "hs_analytics_last_url"} <= names
    client.crm.properties.core_api.archive("contacts", "made_by_client")


def test_it_follows_associations(town: Portal, client: Any) -> None:
    deal = client.crm.deals.basic_api.get_page(limit=1, associations=["contacts"]).results[0]
    contact = deal.associations["contacts"].results[0].id
    links = client.crm.associations.v4.batch_api.get_page(
        "contacts", "deals", batch_input_public_fetch_associations_batch_request={"inputs": [{"id": contact}]}
    )
    assert deal.id in {to.to_object_id for to in links.results[0].to}
    listed = client.crm.associations.v4.basic_api.get_page("contacts", contact, "deals")
    assert {t.type_id for to in listed.results for t in to.association_types} == {4}


def test_it_follows_associations_on_the_oldest_path(town: Portal, client: Any) -> None:
    ids = [{"id": str(i)} for i in town.sandbox.account.shelf("contacts").live]
    told = client.crm.associations.batch_api.read(
        "contacts", "companies", batch_input_public_object_id={"inputs": [*ids, {"id": "99999"}]}
    )
    types = {to.type for row in told.results for to in row.to}
    assert types == {"contact_to_company", "contact_to_company_unlabeled"}
    assert told.num_errors == len(ids) + 1 - len(told.results)
    names = client.crm.associations.schema.types_api.get_all("contacts", "companies").results
    assert {(row.id, row.name) for row in names} == {
        ("1", "contact_to_company"),
        ("279", "contact_to_company_unlabeled"),
    }


def test_it_lists_custom_objects_and_types_that_are_empty(client: Any) -> None:
    assert client.crm.schemas.core_api.get_all().results == []
    for api in (client.crm.objects.communications, client.crm.objects.postal_mail, client.crm.quotes):
        assert api.basic_api.get_page().results == []


def test_it_reads_owners_pipelines_and_the_account(town: Portal, client: Any) -> None:
    owners = client.crm.owners.owners_api.get_page().results
    assert client.crm.owners.owners_api.get_by_id(int(owners[0].id)).email == owners[0].email
    stages = client.crm.pipelines.pipelines_api.get_by_id("deals", "default").stages
    assert "closedwon" in {s.id for s in stages}
    told = client.api_request({"path": "/account-info/v3/details"}).json()
    assert told["portalId"] == town.sandbox.account.options.portal_id


def test_it_reads_forms_and_events(town: Portal, client: Any) -> None:
    assert {f.name for f in client.marketing.forms.forms_api.get_page(limit=50).results} >= {"デモ申し込み"}
    viewed = next(iter(town.sandbox.state.all("visits")))
    told = client.events.events_api.get_page(object_type="contact", object_id=int(viewed), event_type="e_visited_page")
    assert all(e.properties["hs_url"].startswith("https://") for e in told.results)
    assert "e_visited_page" in client.events.events_api.get_types().event_types
    events = client.marketing.events.basic_api.get_all().results
    assert events


def test_it_makes_lists(client: Any) -> None:
    wanted = {"name": "Made by a client", "objectTypeId": "0-1", "processingType": "MANUAL"}
    id_ = client.crm.lists.lists_api.create(list_create_request=wanted).list.list_id
    assert client.crm.lists.lists_api.get_by_name("Made by a client", "0-1").list.list_id == id_
    contact = client.crm.contacts.basic_api.get_page(limit=1).results[0].id
    client.crm.lists.memberships_api.add(id_, request_body=[contact])
    assert [m.record_id for m in client.crm.lists.memberships_api.get_page(id_).results] == [contact]
    assert [m.list_id for m in client.crm.lists.memberships_api.get_lists("0-1", contact).results] == [id_]


def test_a_list_fills_itself(town: Portal, client: Any) -> None:
    town.sandbox.desk.define_field("contacts", "list_score", "number")
    some = [str(i) for i in town.sandbox.account.shelf("contacts").live[:3]]
    for id_ in some:
        town.sandbox.desk.change("contacts", id_, list_score=80)
    above = {"operationType": "NUMBER", "operator": "IS_GREATER_THAN", "value": 50}
    hot = {
        "filterType": "PROPERTY",
        "property": "list_score",
        "operation": above | {"includeObjectsWithNoValueSet": False},
    }
    one = {"filterBranchType": "AND", "filterBranchOperator": "AND", "filterBranches": [], "filters": [hot]}
    root = {"filterBranchType": "OR", "filterBranchOperator": "OR", "filterBranches": [one], "filters": []}
    wanted = {"name": "Hot", "objectTypeId": "0-1", "processingType": "DYNAMIC", "filterBranch": root}
    id_ = client.crm.lists.lists_api.create(list_create_request=wanted).list.list_id
    assert [m.record_id for m in client.crm.lists.memberships_api.get_page(id_).results] == some
    asked = {"query": "hot", "additionalProperties": [], "offset": 0}
    assert [row.list_id for row in client.crm.lists.lists_api.do_search(list_search_request=asked).lists] == [id_]
    with pytest.raises(ListsApiException) as refused:
        client.crm.lists.memberships_api.add(id_, request_body=some[:1])
    assert refused.value.status == 400


def test_it_refreshes_tokens(town: Portal, client: Any) -> None:
    options = town.sandbox.account.options
    told = client.oauth.tokens_api.create(
        grant_type="refresh_token", client_id=options.client_id, client_secret=options.client_secret,
        refresh_token=options.refresh_token,
    )  # fmt: skip
    assert (told.expires_in, told.token_type) == (1_800, "bearer")
    assert client.oauth.access_tokens_api.get(told.access_token).hub_id == options.portal_id


def test_it_erases_merges_and_upserts(town: Portal, client: Any) -> None:
    one, two, three = (town.add(email=f"{n}@stranger.example") for n in "abc")
    merged = client.crm.contacts.basic_api.merge({"primaryObjectId": one, "objectIdToMerge": two})
    assert merged.id not in {one, two}
    client.crm.contacts.basic_api.purge({"objectId": three})
    again = {"id": "a@stranger.example", "idProperty": "email", "properties": {"jobtitle": "x"}}
    told = client.crm.contacts.batch_api.upsert({"inputs": [again]})
    assert [(r.id, r.new) for r in told.results] == [(merged.id, False)]

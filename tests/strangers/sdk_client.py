"""HubSpot's next Python client, on the paths of 2026-03, against the account whose token it is given. Runs among the
stranger's own packages; prints what it was told as JSON."""

import json
import sys

from hubspot_sdk import APIStatusError, HubSpot

hub = HubSpot(access_token=sys.argv[1])
contacts, properties, lists = hub.crm.objects.contacts, hub.crm.properties, hub.crm.lists
told = {}

listed = [c.to_dict(mode="json") for c in contacts.list(limit=50, properties=["email"])]
told["listed"] = {c["id"]: c["properties"]["email"] for c in listed}
ids = list(told["listed"])[:3]
read = contacts.batch.get(
    inputs=[{"id": i} for i in (*ids, "999999")], properties=["email"], properties_with_history=["email"]
)
told["read"] = read.to_dict(mode="json")
recent = {"propertyName": "lastmodifieddate", "operator": "GTE", "value": "1"}
found, after = [], "0"
while after:
    page = contacts.search(
        after=after, filter_groups=[{"filters": [recent]}], limit=100, properties=["email"], sorts=["hs_object_id"]
    )
    found += page.results
    after = page.paging.next.after if page.paging and page.paging.next else ""
told["found"] = {c.id: c.properties["email"] for c in found}
properties.groups.create("contacts", name="sdk", label="SDK")
made = properties.create(
    "contacts", name="sdk_score", label="Score", type="number", field_type="number", group_name="sdk"
)
told["made"] = made.type
told["held"] = properties.get("sdk_score", object_type="contacts").group_name
scored = [{"id": i, "properties": {"sdk_score": "87"}} for i in (*ids, "999999")]
told["updated"] = contacts.batch.update(inputs=scored).to_dict(mode="json")
told["read_back"] = contacts.get(ids[0], properties=["sdk_score"]).properties["sdk_score"]
try:
    contacts.batch.update(inputs=[{"id": ids[0], "properties": {"nope": "1"}}])
except APIStatusError as refused:
    told["refused"] = {"status": refused.status_code, "code": refused.body["errors"][0]["code"]}
links = hub.crm.associations.batch.get("deals", from_object_type="contacts", inputs=[{"id": i} for i in told["listed"]])
told["links"] = [
    [row.from_.id, str(to.to_object_id), kind.type_id]
    for row in links.results for to in row.to for kind in to.association_types
]  # fmt: skip
by_hand = lists.create(name="SDK", object_type_id="0-1", processing_type="MANUAL").to_dict(mode="json")["list"]
lists.add_memberships(by_hand["listId"], body=ids)
told["members"] = [m.record_id for m in lists.list_memberships(by_hand["listId"])]
told["owners"] = [o.id for o in hub.crm.owners.list()]
told["stages"] = [s.id for s in hub.crm.pipelines.list("deals").results[0].stages]
sys.stdout.write(json.dumps(told))

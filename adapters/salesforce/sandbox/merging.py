"""Merging, converting, and what happens with people: the deeds that touch several objects (NOTES 36-42)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from adapters.salesforce.sandbox.ids import object_of
from adapters.salesforce.sandbox.org import REP_ID, Org
from adapters.salesforce.sandbox.rows import delete, insert, update
from adapters.salesforce.sandbox.stamps import day, stamp
from connector.instants import DAY, MINUTE

_CHILDREN: Mapping[str, tuple[str, ...]] = {
    "Task": ("WhoId",),
    "Event": ("WhoId",),
    "CampaignMember": ("LeadId", "ContactId"),
    "EmailMessageRelation": ("RelationId",),
    "OpportunityContactRole": ("ContactId",),
    "Web_Activity__c": ("Lead__c", "Contact__c"),
}


def merge(org: Org, object: str, loser: str, winner: str) -> str:
    """The loser goes to the recycle bin and names the winner; its activities move over, with new stamps."""
    with org.state:
        _move(org, loser, winner)
        delete(org, object, loser, REP_ID, MasterRecordId=winner)
        update(org, object, [(winner, {})], REP_ID)
    return winner


def _move(org: Org, old: str, new: str) -> None:
    for kind, lookups in _CHILDREN.items():
        rows = list(org.state.all(kind).values())
        found = [(r["Id"], {name: new}) for r in rows for name in lookups if r.get(name) == old]
        if found:
            update(org, kind, found, REP_ID)


def convert(org: Org, lead: str, deal: str | None = None) -> str:
    """The lead stays, read-only, and names its contact and account; activities move, campaign members are shared
    (NOTES 40)."""
    row = org.state.all("Lead")[lead]
    copied = ("LastName", "FirstName", "Title", "Email", "Phone", "MobilePhone", "LeadSource", "Description")
    with org.state:
        account = insert(
            org,
            "Account",
            {k: row[k] for k in ("Industry", "NumberOfEmployees") if k in row} | {"Name": row["Company"]},
        )
        person = {k: row[k] for k in copied if k in row} | {"AccountId": account, "OwnerId": row.get("OwnerId", REP_ID)}
        contact = insert(org, "Contact", person, REP_ID)
        told = {
            "IsConverted": True,
            "Status": "Closed - Converted",
            "ConvertedDate": day(org.now()),
            "ConvertedAccountId": account,
            "ConvertedContactId": contact,
        }
        if deal:
            told["ConvertedOpportunityId"] = add_deal(org, contact, account, Name=deal)
        update(org, "Lead", [(lead, told)], REP_ID)
        share(org, lead, contact)
    return contact


def share(org: Org, lead: str, contact: str) -> None:
    """Activities go to the contact, a campaign member belongs to both from now on."""
    for kind in ("Task", "Event"):
        mine = [(r["Id"], {"WhoId": contact}) for r in list(org.state.all(kind).values()) if r.get("WhoId") == lead]
        update(org, kind, mine, REP_ID)
    members = list(org.state.all("CampaignMember").values())
    update(org, "CampaignMember", [(r["Id"], {"ContactId": contact}) for r in members if r.get("LeadId") == lead])


def add_deal(org: Org, contact: str, account: str | None, **fields: Any) -> str:
    """An opportunity with the contact in its role."""
    told = {
        "AccountId": account,
        "StageName": "Prospecting",
        "CloseDate": day(org.now() + 60 * DAY),
        "OwnerId": REP_ID,
        **fields,
    }
    deal = insert(org, "Opportunity", told, REP_ID)
    role = {"OpportunityId": deal, "ContactId": contact, "Role": "Decision Maker", "IsPrimary": True}
    insert(org, "OpportunityContactRole", role, REP_ID)
    return deal


def add_event(org: Org, object: str, person: str, fields: Mapping[str, Any]) -> str:
    """Something of a person's, with what it needs to stand on."""
    lead = object_of(person) == "Lead"
    now = stamp(org.now())
    if object == "CampaignMember":
        who = {"LeadId" if lead else "ContactId": person}
        return insert(org, object, {"CampaignId": a_campaign(org), "Status": "Responded", **who, **fields})
    if object == "EmailMessage":
        preset = {"Subject": "ご案内", "MessageDate": now, "Status": "3", "IsTracked": True, "Incoming": False}
        mail = insert(org, object, {**preset, **fields})
        relation = {"EmailMessageId": mail, "RelationId": person, "RelationType": "ToAddress"}
        insert(org, "EmailMessageRelation", relation | {"RelationObjectType": object_of(person)})
        return mail
    if object == "Opportunity":
        contact = org.state.all("Contact")[person]
        return add_deal(org, person, contact.get("AccountId"), **{"Name": "商談", **fields})
    if object == "Task":
        preset = {"Subject": "架電", "Status": "Completed", "Priority": "Normal", "ActivityDate": day(org.now())}
        return insert(org, object, {"WhoId": person, "OwnerId": REP_ID, **preset, **fields})
    if object == "Event":
        ends = {"EndDateTime": stamp(org.now() + 60 * MINUTE), "DurationInMinutes": 60}
        preset = {"Subject": "打ち合わせ", "ActivityDateTime": now, **ends}
        return insert(org, object, {"WhoId": person, "OwnerId": REP_ID, **preset, **fields})
    who = {"Lead__c" if lead else "Contact__c": person}
    return insert(org, object, {"Occurred_At__c": now, "Kind__c": "page_view", **who, **fields})


def a_campaign(org: Org, name: str = "展示会") -> str:
    """A campaign of that name; made when there is none."""
    found = next((r["Id"] for r in list(org.state.all("Campaign").values()) if r.get("Name") == name), None)
    return found or insert(org, "Campaign", {"Name": name, "Type": "Trade Show", "IsActive": True})

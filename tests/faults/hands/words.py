"""What the two CRMs call the things that hands touch, and the small mapping and scorecard they are scored by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from connector.results import BY_NAME


@dataclass(frozen=True, slots=True)
class Words:
    """One CRM's words. `kinds` are the objects nothing of which we may touch; `call` is an event source, its fields
    and the field that says when; `written` is the path by which records are written."""

    crm: Literal["hubspot", "salesforce"]
    person: str
    people: tuple[str, ...]
    title: str
    size: str
    tier: str
    email: str
    name: str
    text: str
    number: str
    call: tuple[str, Mapping[str, str]]
    deal: str
    kinds: tuple[str, ...]
    written: tuple[str, str]
    listed: tuple[str, str]
    mapping: str

    def field(self, result: str) -> str:
        """The CRM field of one of our results."""
        return BY_NAME[result].hubspot if self.crm == "hubspot" else BY_NAME[result].salesforce

    def person_of(self, **told: Any) -> dict[str, Any]:
        """Fields by the test's names in the CRM's."""
        return {getattr(self, name, name): value for name, value in told.items()}


HUBSPOT = Words(
    crm="hubspot",
    person="contacts",
    people=("contacts",),
    title="jobtitle",
    size="numemployees",
    tier="x_tier",
    email="email",
    name="lastname",
    text="string",
    number="number",
    call=("calls", {"hs_call_status": "COMPLETED", "hs_call_title": "架電"}),
    deal="deals",
    kinds=("contacts", "companies", "deals", "calls", "meetings", "links", "lists"),
    written=("POST", r"contacts/batch/update"),
    listed=("GET", r"objects/[^/]+/contacts\?.*archived=false"),
    mapping="""
mapping: hubspot
timezone: Asia/Tokyo
inputs:
  seniority: {field: jobtitle, as: seniority}
  employees: {field: numemployees, as: number}
  tier: {field: x_tier}
  mail: {field: email, as: mail_class}
activities:
  - {from: calls, kind: call, at: hs_timestamp}
outcomes:
  - from: deals
    won: {hs_is_closed_won: "true"}
    lost: {hs_is_closed: "true"}
    opened: createdate
    closed: closedate
quiet: {lost: 30d}
results: {profile: standard}
""",
)

SALESFORCE = Words(
    crm="salesforce",
    person="Lead",
    people=("Lead", "Contact"),
    title="Title",
    size="NumberOfEmployees",
    tier="Tier__c",
    email="Email",
    name="LastName",
    text="Text",
    number="Number",
    call=("Task", {"TaskSubtype": "Call", "Status": "Completed"}),
    deal="Opportunity",
    kinds=("Lead", "Contact", "Account", "Opportunity", "OpportunityContactRole", "Task", "Event", "CampaignMember"),
    written=("PATCH", r"composite/sobjects"),
    listed=("GET", r"/queryAll/?\?q=.*FROM(\+|%20)Lead"),
    mapping="""
mapping: salesforce
timezone: Asia/Tokyo
people: [Lead, Contact]
inputs:
  seniority: {field: Title, as: seniority}
  employees: {field: {Lead: NumberOfEmployees, Contact: company.NumberOfEmployees}, as: number}
  tier: {field: Tier__c}
  mail: {field: Email, as: mail_class}
activities:
  - {from: Task, kind: call, at: [CompletedDateTime, CreatedDate]}
outcomes:
  - from: Opportunity
    won: {IsWon: "true"}
    lost: {IsClosed: "true"}
    opened: CreatedDate
    closed: CloseDate
quiet: {lost: 30d}
results: {profile: standard}
""",
)

CARD = """
scorecard: hands
version: 1
timezone: Asia/Tokyo
bands: {hot: {enter: 50}, warm: 20}
axes: {fit: {label: {ja: 属性, en: Fit}}}
rules:
  - {id: senior, axis: fit, label: {ja: 部長, en: Head}, when: {seniority: {at_least: department_head}}, points: 30}
  - {id: large, axis: fit, label: {ja: 大企業, en: Large}, when: {employees: {at_least: 100}}, points: 30}
  - {id: gold, axis: fit, label: {ja: 金, en: Gold}, when: {tier: {one_of: [gold]}}, points: 15}
  - {id: free, axis: fit, label: {ja: 個人, en: Free mail}, when: {mail: {one_of: [free]}}, points: -5}
  - {id: talked, axis: fit, label: {ja: 通話, en: Talked}, did: call, within: 30d, points: 4, count: {up_to: 5}}
"""

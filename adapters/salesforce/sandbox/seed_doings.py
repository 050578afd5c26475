"""What the world's people did, as the objects that hold it here, and their deals (NOTES 105)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from adapters.salesforce.sandbox.ids import new_ids
from adapters.salesforce.sandbox.org import REP_ID, Org, grant, make_field
from adapters.salesforce.sandbox.planting import Cast, Made, made, plant
from adapters.salesforce.sandbox.stamps import day, stamp
from adapters.sandbox.facts import Deal, Done, Person, World
from adapters.sandbox.state import Row
from connector.instants import DAY, HOUR, Instant

WEB = frozenset({"page_view", "download", "form_submission", "demo_request", "email_open", "email_click"})
STAGES = {"open": "Proposal/Price Quote", "won": "Closed Won", "lost": "Closed Lost"}
STATUSES = {"registered": "Registered", "attended": "Attended", "no_show": "No Show"}


@dataclass(frozen=True, slots=True)
class Act:
    """A doing with who carries it now."""

    done: Done
    person: Person
    cast: Cast

    @property
    def later(self) -> bool:
        """Whether it happened after the lead had become a contact."""
        return self.person.converted_at is not None and self.done.at >= self.person.converted_at

    @property
    def web(self) -> Row:
        """Our own object keeps the lead it was told of; a twin's visits are told of either."""
        lead, contact = self._ids
        if lead and contact:
            as_contact = self.later if self.person.converted_at else self.done.key % 2 == 1
            return {"Contact__c": contact} if as_contact else {"Lead__c": lead}
        return {"Lead__c": lead} if lead else {"Contact__c": contact}

    @property
    def who(self) -> str | None:
        """Activities follow a converted lead to its contact (NOTES 40)."""
        lead, contact = self._ids
        return contact if contact and (self.person.converted_at or not lead or self.done.key % 2) else lead

    @property
    def member(self) -> Row:
        """A converted lead's campaign member belongs to both (NOTES 41)."""
        lead, contact = self._ids
        return {"LeadId": lead, "ContactId": contact if self.person.converted_at or not lead else None}

    @property
    def _ids(self) -> tuple[str | None, str | None]:
        return self.cast.leads.get(self.person.key), self.cast.contacts.get(self.person.key)


def plant_doings(org: Org, world: World, cast: Cast) -> None:
    """Everything that was done and is still known, and every deal."""
    acts = [Act(d, p, cast) for d in world.done if (p := cast.kept(d.person_key))]
    delivered = {(a.done.person_key, a.done.about): a.done for a in acts if a.done.kind == "email_delivered"}
    plant(org, "Web_Activity__c", [_web(a, delivered) for a in acts if a.done.kind in WEB and not _in_house(a.done)])
    plant(org, "Task", [_call(a) for a in acts if a.done.kind == "call"])
    plant(
        org,
        "Event",
        [_meeting(a, world.until) for a in acts if a.done.kind == "meeting" and a.done.status != "CANCELED"],
    )
    campaigns = _plant_campaigns(org, world)
    _plant_members(org, world, cast, acts, campaigns)
    _plant_mails(org, acts)
    _plant_deals(org, world, cast, campaigns)


def _in_house(done: Done) -> bool:
    """Every third mailing is sent by Salesforce itself, which knows of its opens; the others, and all clicks, by a
    mailing tool that tells our own object."""
    return done.kind in {"email_open", "email_delivered"} and (done.about or 0) % 3 == 0


def _web(act: Act, delivered: Mapping[tuple[int, int | None], Done]) -> Made:
    done = act.done
    mail = delivered.get((done.person_key, done.about)) if done.kind.startswith("email_") else None
    told = {
        **act.web,
        "Name": f"WA-{done.key:07d}",
        "Kind__c": done.kind,
        "Name__c": done.name,
        "Url__c": done.url,
        "Path__c": done.path,
        "Occurred_At__c": stamp(done.at),
        "Delivered_At__c": stamp(mail.at) if mail else None,
    }
    return made(done.at, told)


def _call(act: Act) -> Made:
    told = {
        "WhoId": act.who,
        "Subject": act.done.name,
        "TaskSubtype": "Call",
        "Type": "Call",
        "Status": "Completed",
        "Priority": "Normal",
        "ActivityDate": day(act.done.at),
        "CompletedDateTime": stamp(act.done.at),
        "CallType": "Inbound" if act.done.direction == "inbound" else "Outbound",
        "CallDisposition": act.done.status,
        "OwnerId": REP_ID,
    }
    return made(act.done.at, told)


def _meeting(act: Act, until: Instant) -> Made:
    """Put into the calendar three days before, or now when it lies further ahead; a meeting that was called off is not
    there any more."""
    at = act.done.at
    told = {
        "WhoId": act.who,
        "Subject": act.done.name + ("（不参加）" if act.done.status == "NO_SHOW" else ""),
        "Type": "Meeting",
        "ActivityDateTime": stamp(at),
        "ActivityDate": day(at),
        "EndDateTime": stamp(at + HOUR),
        "DurationInMinutes": 60,
        "OwnerId": REP_ID,
    }
    return made(min(until, max(act.person.created_at, at - 3 * DAY)), told)


def _plant_campaigns(org: Org, world: World) -> Mapping[tuple[str, int], str]:
    """What was paid for, and each seminar."""
    rows: dict[tuple[str, int], Made] = {}
    for one in world.campaigns:
        told = {"Name": one.name, "Type": one.type, "ActualCost": one.cost, "StartDate": day(one.starts_at)}
        rows["campaign", one.key] = made(one.starts_at, told | {"IsActive": True, "Status": "In Progress"})
    for seminar in world.seminars:
        told = {"Name": seminar.name, "Type": "Webinar", "StartDate": day(seminar.at), "IsActive": True}
        rows["seminar", seminar.key] = made(min(world.until, seminar.at - 40 * DAY), told)
    return dict(zip(rows, plant(org, "Campaign", list(rows.values())), strict=True))


Members = dict[tuple[str, str], Made]


def _plant_members(
    org: Org, world: World, cast: Cast, acts: Sequence[Act], campaigns: Mapping[tuple[str, int], str]
) -> None:
    """One member a person and campaign; what happened last is its status."""
    found: Members = {}
    for person in world.people:
        if person.campaign_key and cast.kept(person.key) is person:
            sent = Done(person.key, person.key, person.created_at, "campaign_response", "", person.campaign_key)
            _join(found, Act(sent, person, cast), campaigns["campaign", person.campaign_key], "Sent")
    for act in acts:
        about = act.done.about or 0
        if act.done.kind == "campaign_response":
            _join(found, act, campaigns["campaign", about], act.done.status or "Responded")
        elif act.done.kind == "seminar":
            _join(found, act, campaigns["seminar", about], STATUSES[act.done.status or "registered"])
    plant(org, "CampaignMember", list(found.values()))


def _join(found: Members, act: Act, campaign: str, status: str) -> None:
    who = act.member
    key = (campaign, who["LeadId"] or who["ContactId"] or "")
    created, _, known = found.get(key, (act.done.at, 0, {}))
    first = known.get("FirstRespondedDate") or (None if status in {"Sent", "No Show"} else day(act.done.at))
    told = {"CampaignId": campaign, "Status": status, "FirstRespondedDate": first}
    found[key] = (created, act.done.at, {**who, **told})


def _plant_mails(org: Org, acts: Sequence[Act]) -> None:
    opens: dict[tuple[int, int | None], list[Done]] = {}
    for act in acts:
        if act.done.kind == "email_open":
            opens.setdefault((act.done.person_key, act.done.about), []).append(act.done)
    sent = [a for a in acts if a.done.kind == "email_delivered" and _in_house(a.done)]
    rows = [_mail(a.done, opens.get((a.done.person_key, a.done.about), [])) for a in sent]
    ids = new_ids(org.state, "EmailMessage", len(rows))
    plant(org, "EmailMessage", rows, ids)
    plant(org, "EmailMessageRelation", [_relation(a, i) for a, i in zip(sent, ids, strict=True)])


def _mail(done: Done, opens: Sequence[Done]) -> Made:
    times = sorted(one.at for one in opens)
    told = {
        "Subject": done.name,
        "MessageDate": stamp(done.at),
        "Status": "3",
        "Incoming": False,
        "IsTracked": True,
        "FirstOpenedDate": stamp(times[0]) if times else None,
        "LastOpenedDate": stamp(times[-1]) if times else None,
    }
    return done.at, times[-1] if times else done.at, told


def _relation(act: Act, mail: str) -> Made:
    lead = act.cast.leads.get(act.person.key)
    who = act.who
    told = {
        "EmailMessageId": mail,
        "RelationId": who,
        "RelationType": "ToAddress",
        "RelationObjectType": "Lead" if who == lead else "Contact",
        "RelationAddress": act.person.email,
    }
    return made(act.done.at, told)


def _plant_deals(org: Org, world: World, cast: Cast, campaigns: Mapping[tuple[str, int], str]) -> None:
    if not world.deals:
        return
    make_field(org, "Opportunity", "Loss_Reason", {"type": "Text", "label": "失注理由", "length": 255})
    grant(org, "Opportunity.Loss_Reason__c")
    ids = new_ids(org.state, "Opportunity", len(world.deals))
    plant(org, "Opportunity", [_deal(d, cast, campaigns) for d in world.deals], ids)
    roles = [role for deal, id_ in zip(world.deals, ids, strict=True) for role in _roles(deal, id_, cast)]
    plant(org, "OpportunityContactRole", roles)
    _name_deals(org, world, cast, ids)


def _deal(deal: Deal, cast: Cast, campaigns: Mapping[tuple[str, int], str]) -> Made:
    told = {
        "Name": deal.name[:120],
        "AccountId": cast.accounts.get(deal.company_key or 0),
        "StageName": STAGES[deal.stage],
        "Amount": deal.amount,
        "CloseDate": day(deal.closed_at or deal.opened_at + 60 * DAY),
        "CampaignId": campaigns.get(("campaign", deal.campaign_key or 0)),
        "Loss_Reason__c": deal.reason,
        "OwnerId": REP_ID,
    }
    return deal.opened_at, deal.closed_at or deal.opened_at, told


def _roles(deal: Deal, id_: str, cast: Cast) -> Iterator[Made]:
    for n, key in enumerate(deal.person_keys):
        contact = cast.contacts.get(key)
        if contact:
            told = {"OpportunityId": id_, "ContactId": contact, "Role": "Decision Maker", "IsPrimary": n == 0}
            yield made(deal.opened_at, told)


def _name_deals(org: Org, world: World, cast: Cast, ids: Sequence[str]) -> None:
    """A converted lead names the opportunity it became."""
    rows = org.state.all("Lead")
    named: dict[str, Row] = {}
    for deal, id_ in zip(world.deals, ids, strict=True):
        for key in deal.person_keys:
            lead = cast.leads.get(key)
            if lead and rows[lead].get("IsConverted"):
                named[lead] = rows[lead] | {"ConvertedOpportunityId": id_}
    org.state.put_many("Lead", named.items())

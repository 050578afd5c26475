"""A World as this org would know it: people, their companies, and what became of them (NOTES 105)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from adapters.salesforce.sandbox.extras import extra_fields
from adapters.salesforce.sandbox.ids import new_ids
from adapters.salesforce.sandbox.org import REP_ID, Org, grant, make_field
from adapters.salesforce.sandbox.planting import Cast, Made, plant
from adapters.salesforce.sandbox.seed_doings import plant_doings
from adapters.salesforce.sandbox.stamps import day
from adapters.sandbox.facts import Company, Person, World
from adapters.sandbox.state import Row
from connector.errors import user_error
from connector.instants import Instant
from connector.words import say


def seed(org: Org, world: World) -> None:
    """Fill an empty org. Raises UserError when somebody is there already."""
    if org.state.all("Lead") or org.state.all("Contact"):
        raise user_error("LH-920", say("the Salesforce sandbox already has people in it"))
    with org.state:
        cast = _cast(org, world)
        _plant_accounts(org, world, cast)
        _plant_people(org, world, cast)
        plant_doings(org, world, cast)


def _cast(org: Org, world: World) -> Cast:
    contacts = [p for p in world.people if p.shape != "lead" or p.converted_at is not None]
    companies = {p.company_key for p in contacts if p.company_key is not None}
    return Cast(
        {p.key: p for p in world.people},
        _ids(org, "Lead", (p.key for p in world.people if p.shape != "contact")),
        _ids(org, "Contact", (p.key for p in contacts)),
        _ids(org, "Account", (c.key for c in world.companies if c.key in companies)),
    )


def _ids(org: Org, object: str, keys: Iterable[int]) -> Mapping[int, str]:
    these = list(keys)
    return dict(zip(these, new_ids(org.state, object, len(these)), strict=True))


def _plant_accounts(org: Org, world: World, cast: Cast) -> None:
    first = {p.company_key: p.created_at for p in reversed(world.people) if p.company_key}
    companies = [c for c in world.companies if c.key in cast.accounts]
    rows = [(first[c.key], first[c.key], _account(c)) for c in companies]
    plant(org, "Account", rows, [cast.accounts[c.key] for c in companies])


def _account(company: Company) -> Row:
    return {
        "Name": company.name,
        "NumberOfEmployees": company.employees,
        "Industry": company.industry,
        "Website": f"https://{company.domain}",
        "OwnerId": REP_ID,
    }


def _plant_people(org: Org, world: World, cast: Cast) -> None:
    more = _plant_extras(org, world.people)
    companies = {c.key: c for c in world.companies}
    leads = [cast.people[key] for key in cast.leads]
    contacts = [cast.people[key] for key in cast.contacts]
    plant(org, "Lead", [_lead(p, companies, cast, more) for p in leads], list(cast.leads.values()))
    plant(org, "Contact", [_contact(p, cast, more) for p in contacts], list(cast.contacts.values()))


Extras = Callable[[str, Person], Row]


def _plant_extras(org: Org, people: Sequence[Person]) -> Extras:
    """Custom fields for the columns of a CSV seed, on both objects."""
    fields = extra_fields(people)
    for object_ in ("Lead", "Contact") if fields else ():
        for name, metadata in fields.values():
            make_field(org, object_, name, metadata)
            grant(org, f"{object_}.{name}__c")
    named = {header: f"{name}__c" for header, (name, _) in fields.items()}
    return lambda _, person: {named[header]: value or None for header, value in person.extra.items() if header in named}


def _common(person: Person) -> Row:
    return {
        "LastName": person.family or "名無し",
        "FirstName": person.given,
        "Title": person.title.strip(),
        "Email": person.email,
        "Phone": person.phone,
        "LeadSource": person.source,
        "HasOptedOutOfEmail": person.opt_out,
        "OwnerId": REP_ID,
    }


def _lead(person: Person, companies: Mapping[int, Company], cast: Cast, more: Extras) -> Made:
    company = companies.get(person.company_key or 0)
    told = _common(person) | {
        "Company": company.name if company else "個人",
        "NumberOfEmployees": company.employees if company else None,
        "Industry": company.industry if company else None,
        "Website": f"https://{company.domain}" if company else None,
        "Country": person.country,
        "Status": "Working - Contacted" if person.lifecycle in {"mql", "sql"} else "Open - Not Contacted",
    }
    if person.converted_at is not None:
        told |= {
            "Status": "Closed - Converted",
            "IsConverted": True,
            "ConvertedDate": day(person.converted_at),
            "ConvertedContactId": cast.contacts[person.key],
            "ConvertedAccountId": cast.accounts.get(person.company_key or 0),
        }
    return _fated(person, told | more("Lead", person), cast.leads, person.converted_at or 0)


def _contact(person: Person, cast: Cast, more: Extras) -> Made:
    told = _common(person) | {
        "Department": person.department,
        "MailingCountry": person.country,
        "AccountId": cast.accounts.get(person.company_key or 0),
    }
    created, touched, row = _fated(person, told | more("Contact", person), cast.contacts, 0)
    born = max(created, person.converted_at or 0)
    return born, max(born, touched), row


def _fated(person: Person, told: Row, ids: Mapping[int, str], touched: Instant) -> Made:
    """What merging or deletion left of the row."""
    gone = person.merged_at or person.deleted_at
    if gone:
        told = told | {"IsDeleted": True, "MasterRecordId": ids.get(person.merged_into or 0)}
    return person.created_at, max(person.created_at, touched, gone or 0), told

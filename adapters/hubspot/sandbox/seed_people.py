"""The people of a world as contacts: who they are, what they did summed up, and what became of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from adapters.hubspot.sandbox.answers import MILLISECOND, iso_ms
from adapters.hubspot.sandbox.kinds import kind_of
from adapters.hubspot.sandbox.merging import merged_row
from adapters.hubspot.sandbox.seed_doings import Cast, Told
from adapters.sandbox.facts import Company, Person, World
from adapters.sandbox.state import Row
from connector.instants import Instant

CONTACTS = kind_of("contacts")
LIFECYCLES = {
    "subscriber": "subscriber", "lead": "lead", "mql": "marketingqualifiedlead", "sql": "salesqualifiedlead",
    "opportunity": "opportunity", "customer": "customer",
}  # fmt: skip
SOURCES = {
    "ウェブサイト": "ORGANIC_SEARCH", "Web": "ORGANIC_SEARCH", "広告": "PAID_SEARCH", "紹介": "REFERRALS",
    "Partner": "REFERRALS", "セミナー": "OTHER_CAMPAIGNS", "展示会": "OFFLINE", "電話": "OFFLINE", "社内": "OFFLINE",
}  # fmt: skip
OWNED_FROM = {"mql", "sql", "opportunity", "customer"}
"""From which stage on a contact has an owner."""


def row_of(id_: str, created: Instant, updated: Instant, values: Mapping[str, str]) -> Row:
    """A record's row, which the search index has seen already. Instants become milliseconds."""
    told = {name: value for name, value in values.items() if value != ""}
    return {"id": id_, "created": created // MILLISECOND, "updated": updated // MILLISECOND, "values": told}


def contact_rows(world: World, cast: Cast, told: Mapping[int, Told], names: Mapping[str, str]) -> list[Row]:
    """Every contact, those merged away and deleted included. `names`: the properties of a CSV's columns."""
    companies = {c.key: c for c in world.companies}
    campaigns = {c.key: c.name for c in world.campaigns}
    rows: dict[int, Row] = {}
    seen: set[str] = set()
    for person in world.people:
        values = {**_values(person, companies, campaigns, names, seen), **dict(_theirs(person, cast))}
        own = told[person.key]
        updated = max(person.created_at, own.last, person.deleted_at or 0)
        rows[person.key] = row_of(cast.people[person.key], person.created_at, updated, {**values, **own.values})
        if person.deleted_at is not None:
            rows[person.key]["archived"] = person.deleted_at // MILLISECOND
    for loser in world.people:
        if loser.merged_into is not None and loser.merged_at is not None:
            _merge(rows, loser.key, loser.merged_into, loser.merged_at // MILLISECOND)
    return list(rows.values())


def _values(
    person: Person,
    companies: Mapping[int, Company],
    campaigns: Mapping[int, str],
    names: Mapping[str, str],
    seen: set[str],
) -> dict[str, str]:
    company = companies.get(person.company_key) if person.company_key is not None else None
    email = person.email.lower()
    if email in seen:
        email = ""  # HubSpot keeps an address once
    seen.add(email)
    return {
        "email": email, "firstname": person.given, "lastname": person.family, "jobtitle": person.title,
        "job_function": person.department, "phone": person.phone, "country": person.country,
        "company": company.name if company else "", "industry": company.industry if company else "",
        "numemployees": company.size if company else "", "lifecyclestage": LIFECYCLES[person.lifecycle],
        "hs_email_optout": "true" if person.opt_out else "", "hs_email_domain": email.rpartition("@")[2],
        "hs_analytics_source": SOURCES.get(person.source, "OFFLINE"), "hs_analytics_source_data_1": person.source,
        "hs_latest_source": SOURCES.get(person.source, "OFFLINE"),
        "hs_latest_source_timestamp": iso_ms(person.created_at // MILLISECOND),
        "hs_analytics_first_touch_converting_campaign": campaigns.get(person.campaign_key or 0, ""),
        "hs_object_source_label": "IMPORT" if person.extra else "FORMS",
        **{names[header]: value for header, value in person.extra.items()},
    }  # fmt: skip


def _theirs(person: Person, cast: Cast) -> Iterator[tuple[str, str]]:
    """What refers to other records."""
    if person.company_key is not None:
        yield "associatedcompanyid", cast.companies[person.company_key]
    if person.lifecycle in OWNED_FROM and not person.staff:
        yield "hubspot_owner_id", cast.owner(person.key)


def _merge(rows: dict[int, Row], loser: int, winner: int, at: int) -> None:
    """As merges were when they kept the winner's id (NOTES 70)."""
    lost, won = rows[loser], rows[winner]
    merged = merged_row(CONTACTS, lost, won, won["id"], max(at, won["updated"]))
    del merged["touched"]
    rows[winner] = merged
    rows[loser] = {**lost, "archived": at, "merged_into": won["id"]}

"""A world as this account would know it: contacts, companies, deals, and what everybody did (NOTES 110).

HubSpot has no leads of the kind Salesforce has: lead, twin and contact of the world are all contacts here, and the
lifecycle stage tells how far along they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from adapters.hubspot.sandbox.account import Account
from adapters.hubspot.sandbox.answers import MILLISECOND, iso_ms
from adapters.hubspot.sandbox.definitions import open_names, own_names
from adapters.hubspot.sandbox.kinds import kind_of
from adapters.hubspot.sandbox.links import link
from adapters.hubspot.sandbox.pipelines import LOST, OPEN, WON, follows
from adapters.hubspot.sandbox.properties import define, put_group
from adapters.hubspot.sandbox.seed_doings import Cast, Told, plant_doings, plant_stage
from adapters.hubspot.sandbox.seed_people import contact_rows, row_of
from adapters.hubspot.sandbox.summary import deals_rolled_up
from adapters.sandbox.facts import Company, Deal, Person, World
from adapters.sandbox.state import Row
from connector.errors import user_error
from connector.instants import DAY, Instant
from connector.words import say

CONTACTS, COMPANIES, DEALS = kind_of("contacts"), kind_of("companies"), kind_of("deals")
STAGES = {"open": OPEN, "won": WON, "lost": LOST}
INDUSTRIES = {
    "製造業": "MACHINERY", "情報通信業": "INFORMATION_TECHNOLOGY_AND_SERVICES", "卸売業・小売業": "WHOLESALE",
    "金融業・保険業": "BANKING", "建設業": "CONSTRUCTION", "不動産業": "REAL_ESTATE",
    "運輸業・郵便業": "TRANSPORTATION_TRUCKING_RAILROAD", "医療・福祉": "HOSPITAL_HEALTH_CARE",
    "教育・学習支援業": "EDUCATION_MANAGEMENT", "サービス業": "MANAGEMENT_CONSULTING",
}  # fmt: skip
OWN_GROUP = "imported"


def seed(account: Account, world: World) -> None:
    """Fill an empty account. Raises UserError when somebody is there already."""
    if account.state.all("contacts"):
        raise user_error("LH-905", say("the HubSpot sandbox already has people in it"))
    with account.lock, account.state:
        names = _own_properties(account, world.people)
        cast = _cast(account, world)
        _plant_owners(account, world, cast)
        _plant_companies(account, world, cast)
        plant_stage(account, world, cast)
        told = plant_doings(account, world, cast)
        deals = _plant_deals(account, world, cast)
        _sum_up_deals(world, cast, deals, told)
        account.save("contacts", contact_rows(world, cast, told, names))
        _link_people(account, world, cast)


def _cast(account: Account, world: World) -> Cast:
    """Everybody's and everything's ids. People come first, so that their ids are the small ones."""
    return Cast(
        people=_ids(account, (p.key for p in world.people)),
        companies=_ids(account, (c.key for c in world.companies)),
        deals=_ids(account, (d.key for d in world.deals)),
        mails=_ids(account, (m.key for m in world.mails)),
        seminars=_ids(account, (s.key for s in world.seminars)),
        carries_on={p.key: p.merged_into for p in world.people if p.merged_into is not None},
    )


def _ids(account: Account, keys: Iterable[int]) -> Mapping[int, str]:
    these = list(keys)
    return dict(zip(these, account.new_ids(len(these)), strict=True))


# ---- columns of a CSV ----------------------------------------------------------------------------------------------


def _own_properties(account: Account, people: Sequence[Person]) -> Mapping[str, str]:
    """A property for every column that means nothing to the world, by the column's header."""
    headers = list(dict.fromkeys(header for person in people for header in person.extra))
    names: dict[str, str] = {}
    for header in headers:
        names[header] = _free_name(property_name(header), set(names.values()))
    if headers:
        put_group(account, CONTACTS, OWN_GROUP, "Imported")
    for header, name in names.items():
        body = {"name": name, "label": header, "type": "string", "fieldType": "text", "groupName": OWN_GROUP}
        if name not in open_names(CONTACTS):
            define(account, CONTACTS, body)
    return names


def property_name(header: str) -> str:
    """A header as a property's name: lower-case letters and digits, everything else becomes `_`."""
    name = re.sub(r"[^a-z0-9]+", "_", header.lower()).strip("_")
    return (name if re.match(r"[a-z]", name) else f"x_{name}")[:100].strip("_") or "x"


def _free_name(name: str, taken: set[str]) -> str:
    """The name, with a number where it is taken; HubSpot's own properties for any text are not."""
    known = taken | (own_names(CONTACTS) - open_names(CONTACTS))
    tries = (name if n == 1 else f"{name[:95]}_{n}" for n in range(1, len(known) + 2))
    return next(t for t in tries if t not in known)


# ---- owners and companies ------------------------------------------------------------------------------------------


def _plant_owners(account: Account, world: World, cast: Cast) -> None:
    """The vendor's own staff are the account's users."""
    staff = [p for p in world.people if p.staff]
    ids = account.new_ids(len(staff))
    account.state.put_many(
        "owners", [(i, _owner(p, i, 1_001 + n)) for n, (p, i) in enumerate(zip(staff, ids, strict=True))]
    )
    cast.owners.extend(ids)


def _owner(person: Person, id_: str, user: int) -> Row:
    at = iso_ms(person.created_at // MILLISECOND)
    return {
        "id": id_, "email": person.email.lower(), "type": "PERSON", "firstName": person.given,
        "lastName": person.family, "userId": user, "userIdIncludingInactive": user, "createdAt": at, "updatedAt": at,
        "archived": False, "teams": [],
    }  # fmt: skip


def _plant_companies(account: Account, world: World, cast: Cast) -> None:
    first: dict[int | None, Instant] = {p.company_key: p.created_at for p in reversed(world.people)}
    account.save(
        "companies", [_company(c, cast.companies[c.key], first.get(c.key, world.until - DAY)) for c in world.companies]
    )


def _company(company: Company, id_: str, at: Instant) -> Row:
    values = {
        "name": company.name, "domain": company.domain, "website": f"https://{company.domain}",
        "numberofemployees": "" if company.employees is None else str(company.employees),
        "industry": INDUSTRIES.get(company.industry, ""), "country": "Japan", "hs_object_source_label": "CRM_UI",
    }  # fmt: skip
    return row_of(id_, at, at, values)


# ---- deals ---------------------------------------------------------------------------------------------------------


def _plant_deals(account: Account, world: World, cast: Cast) -> Mapping[int, Row]:
    rows = {deal.key: _deal(deal, cast, n) for n, deal in enumerate(world.deals)}
    account.save("deals", rows.values())
    return rows


def _deal(deal: Deal, cast: Cast, n: int) -> Row:
    planned = deal.closed_at or deal.opened_at + 60 * DAY
    values = {
        "dealname": deal.name, "pipeline": "default", "dealstage": STAGES[deal.stage], "amount": str(deal.amount),
        "closedate": iso_ms(planned // MILLISECOND), "closed_lost_reason": deal.reason or "", "dealtype": "newbusiness",
        "hubspot_owner_id": cast.owner(n), "hs_object_source_label": "CRM_UI",
    }  # fmt: skip
    return row_of(
        cast.deals[deal.key], deal.opened_at, deal.closed_at or deal.opened_at, {**values, **follows(DEALS, values)}
    )


def _sum_up_deals(world: World, cast: Cast, deals: Mapping[int, Row], told: Mapping[int, Told]) -> None:
    """Each contact's deals, in their own properties."""
    of: dict[int, list[Row]] = {}
    for deal in world.deals:
        for key in deal.person_keys:
            of.setdefault(cast.whose(key), []).append(deals[deal.key])
    for key, rows in of.items():
        told[key].values.update(
            {n: v for n, v in deals_rolled_up([(r["created"], r["values"]) for r in rows]).items() if v}
        )
        told[key].last = max(told[key].last, *(r["updated"] * MILLISECOND for r in rows))


def _link_people(account: Account, world: World, cast: Cast) -> None:
    """Contacts with their companies; deals with their contacts and companies."""
    alive = [p for p in world.people if p.merged_into is None and p.company_key is not None]
    link(account, [(CONTACTS, cast.people[p.key], COMPANIES, cast.companies[p.company_key or 0]) for p in alive])
    pairs = [
        (DEALS, cast.deals[d.key], CONTACTS, cast.people[cast.whose(k)]) for d in world.deals for k in d.person_keys
    ]
    link(account, pairs)
    with_company = [d for d in world.deals if d.company_key is not None]
    link(account, [(DEALS, cast.deals[d.key], COMPANIES, cast.companies[d.company_key or 0]) for d in with_company])

"""What became of people: deals, whose fate depends on what the person did, with noise; and what follows for the CRM.

The weights are this world's hidden truth. A review of its deals should find pricing views, demos and rank to help, job
pages and free mail to hurt, and much else to be chance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random

from adapters.sandbox import phrases
from adapters.sandbox.facts import Company, Deal, Done, Lifecycle, Person
from adapters.sandbox.people import whole
from connector.instants import DAY, Instant


@dataclass(frozen=True, slots=True)
class Promise:
    """How a person looks to somebody who knows this world's truth (around 0; above 3 is a likely buyer)."""

    worth: float
    trigger: Instant


def make_deals(
    people: Sequence[Person],
    done: Mapping[int, Sequence[Done]],
    companies: Sequence[Company],
    until: Instant,
    rng: Random,
) -> tuple[Deal, ...]:
    """Deals by the time they were opened. Nothing a deal rests on happened after it was opened."""
    found: list[Deal] = []
    for person in people:
        company = companies[person.company_key - 1] if person.company_key else None
        promise = (
            None if person.staff or person.gone else _promise(person, done.get(person.key, ()), company, until, rng)
        )
        if promise and promise.worth > 1.7:
            found.append(_deal(person, company, promise, until, rng))
    ordered = sorted(found, key=lambda d: (d.opened_at, d.person_keys))
    return tuple(replace(deal, key=key) for key, deal in enumerate(ordered, 1))


def _promise(
    person: Person, done: Sequence[Done], company: Company | None, until: Instant, rng: Random
) -> Promise | None:
    """Looked at some weeks after a busy day of theirs; None when that is not over yet, or nothing was done."""
    web = [d for d in done if d.kind in {"page_view", "demo_request", "download", "seminar"} and d.at <= until]
    if not web:
        return None
    key_act = next((d for d in web if d.kind == "demo_request"), web[rng.randrange(len(web))])
    opened = whole(key_act.at + rng.uniform(2, 15) * DAY)
    if opened > until:
        return None
    return Promise(_worth(person, [d for d in done if d.at < opened], company) + rng.gauss(0, 0.9), opened)


def _worth(person: Person, done: Sequence[Done], company: Company | None) -> float:
    pricing = sum(1 for d in done if d.kind == "page_view" and (d.path or "").startswith("/pricing"))
    jobs = any((d.path or "").startswith(("/careers", "/recruit")) for d in done)
    signs = (
        (0.55, min(pricing, 3)),
        (1.5, any(d.kind == "demo_request" for d in done)),
        (0.5, any(d.kind == "download" and d.about == phrases.CASE for d in done)),
        (0.6, any(d.kind == "seminar" and d.status == "attended" for d in done)),
        (0.8, person.title in phrases.EXECUTIVE + phrases.HEAD),
        (0.5, bool(company and (company.employees or 0) >= 100)),
        (-2.0, jobs),
        (-1.2, person.mail_kind in {"free", "carrier", "disposable"}),
    )
    return sum(weight * sign for weight, sign in signs)


def _deal(person: Person, company: Company | None, promise: Promise, until: Instant, rng: Random) -> Deal:
    opened = promise.trigger
    closed = whole(opened + rng.uniform(15, 90) * DAY)
    won = promise.worth + rng.gauss(0, 0.8) > 2.9
    over = closed <= until
    seats = max(5, min(2_000, (company.employees or 40) // 4 if company else 5))
    return Deal(
        key=0,
        name=f"{company.name if company else '個人'} 導入",
        person_keys=(person.key,),
        company_key=person.company_key,
        opened_at=opened,
        closed_at=closed if over else None,
        stage="open" if not over else "won" if won else "lost",
        amount=seats * rng.choice((18_000, 24_000, 36_000)),
        reason=rng.choice(phrases.LOST_REASONS) if over and not won else None,
        campaign_key=person.campaign_key,
    )


def after_deals(
    people: Sequence[Person], deals: Sequence[Deal], done: Mapping[int, Sequence[Done]], rng: Random
) -> list[Person]:
    """The people with what the CRM then says of them: how far along, and which leads were converted to contacts."""
    of = {key: deal for deal in deals for key in deal.person_keys}
    return [_moved_on(p, of.get(p.key), done.get(p.key, ()), rng) for p in people]


def _moved_on(person: Person, deal: Deal | None, done: Sequence[Done], rng: Random) -> Person:
    if person.staff:
        return person
    moved = replace(person, lifecycle=_lifecycle(deal, done, rng))
    if deal and person.shape == "lead" and not person.gone and rng.random() < 0.85:
        return replace(moved, converted_at=deal.opened_at)
    return moved


def _lifecycle(deal: Deal | None, done: Sequence[Done], rng: Random) -> Lifecycle:
    if deal:
        return "customer" if deal.stage == "won" else "opportunity"
    if any(d.kind in {"demo_request", "meeting"} for d in done):
        return "sql" if rng.random() < 0.5 else "mql"
    return "mql" if any(d.kind == "download" for d in done) else rng.choices(("lead", "subscriber"), (80, 20))[0]

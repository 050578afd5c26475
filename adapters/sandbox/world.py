"""One invented world, the same for every sandbox: drawn from a seed, or taken from a CSV of your own."""

from __future__ import annotations

from random import Random

from adapters.sandbox import phrases
from adapters.sandbox.deals import after_deals, make_deals
from adapters.sandbox.doings import Stage, make_done
from adapters.sandbox.facts import (
    Campaign,
    Company,
    Deal,
    Done,
    Form,
    Mail,
    Person,
    Seminar,
    World,
    done_by_person,
)
from adapters.sandbox.people import make_companies, make_people, whole
from adapters.sandbox.seed import world_from_csv
from connector.instants import DAY, HOUR, Instant


def make_world(leads: int, seed: int, until: Instant) -> World:
    """A world with `leads` prospects (and a few of the vendor's own staff) as of `until`. The same arguments give the
    same world, always; nothing in it lies after `until` but meetings agreed and deals' plans."""
    rng = Random(seed)  # noqa: S311 - an invented world needs repeatability, not secrecy
    companies = make_companies(max(3, leads * 2 // 5), rng)
    forms = tuple(Form(key, name, path) for key, (name, path) in enumerate(phrases.FORMS, 1))
    stage = Stage(until, forms, _mails(until), _seminars(until), companies)
    people = make_people(leads, companies, until, rng)
    done = make_done(people, stage, rng)
    bare = World(seed, until, companies, tuple(people), done)
    by_person = done_by_person(bare)
    deals = make_deals(people, by_person, companies, until, rng)
    told = after_deals(people, deals, by_person, rng)
    return World(
        seed,
        until,
        companies,
        tuple(told),
        done,
        deals,
        _campaigns(until),
        forms,
        tuple(stage.mails),
        tuple(stage.seminars),
    )


def _campaigns(until: Instant) -> tuple[Campaign, ...]:
    named = enumerate(phrases.CAMPAIGN_NAMES, 1)
    return tuple(Campaign(key, name, type_, whole(until - key * 150 * DAY), cost) for key, (name, type_, cost) in named)


def _mails(until: Instant) -> tuple[Mail, ...]:
    """A mailing every three weeks over the last eight months."""
    return tuple(_mail(key, whole(until - (240 - 21 * key) * DAY - 3 * HOUR)) for key in range(1, 12))


def _mail(key: int, sent_at: Instant) -> Mail:
    links = tuple(
        f"https://{phrases.HOST}{path}?utm_source=newsletter"
        for path in ("/cases", "/pricing", "/seminars", "/blog/lead-scoring")
    )
    return Mail(key, phrases.MAIL_NAMES[key % 3].format(key), sent_at, links)


def _seminars(until: Instant) -> tuple[Seminar, ...]:
    """One every five weeks, the last of them still to come."""
    names = phrases.SEMINAR_NAMES
    return tuple(
        Seminar(key, f"{names[key % 4]} 第{key}回", whole(until - (275 - 35 * key) * DAY), 4) for key in range(1, 9)
    )


__all__ = [
    "Campaign", "Company", "Deal", "Done", "Form", "Mail", "Person", "Seminar", "World", "done_by_person", "make_world",
    "world_from_csv",
]  # fmt: skip

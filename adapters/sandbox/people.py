"""Who is in the world: companies of every spelling, people of every rank, and the vendor's own staff."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from random import Random
from typing import TYPE_CHECKING

from adapters.sandbox import phrases
from adapters.sandbox.facts import Company, MailKind, Person
from connector.instants import DAY, Instant

if TYPE_CHECKING:
    from faker import Faker

MILLISECOND = 1_000


@dataclass(frozen=True, slots=True)
class Named:
    """A name in writing, in kana, and in Latin letters for the address."""

    family: str
    given: str
    family_kana: str
    given_kana: str
    latin: str


def make_companies(n: int, rng: Random) -> tuple[Company, ...]:
    """`n` companies; about one in eight has a mail gateway that follows links."""
    return tuple(_company(key, rng) for key in range(1, n + 1))


def _company(key: int, rng: Random) -> Company:
    word, latin = rng.choice(phrases.COMPANY_WORDS)
    trade, suffix = rng.choice(phrases.COMPANY_TRADES)
    written = rng.choices(phrases.COMPANY_FORMS, phrases.COMPANY_FORM_WEIGHTS)[0].format(word + trade)
    low, high, size = rng.choices(phrases.SIZES, phrases.SIZE_WEIGHTS)[0]
    known = rng.random() < 0.9
    domain = f"{latin}-{suffix}-{key}.{rng.choice(phrases.DOMAIN_ENDS)}"
    employees = rng.randint(low, high) if known else None
    return Company(
        key, written, domain, employees, rng.choice(phrases.INDUSTRIES), size if known else "", rng.random() < 0.12
    )


def make_people(n: int, companies: tuple[Company, ...], until: Instant, rng: Random) -> list[Person]:
    """`n` prospects and a few staff, by the time they were created; fates of merging and deletion included."""
    japanese, english = _fakers(rng.randrange(2**31))
    born = sorted(_created(until, rng) for _ in range(n))
    people = [
        _person(key, at, companies, japanese if rng.random() < 0.93 else english, rng) for key, at in enumerate(born, 1)
    ]
    staff = [_staff(n + i, until, japanese, rng) for i in range(1, 4 + n // 250)]
    return _with_fates(people, until, rng) + staff


def _fakers(seed: int) -> tuple[Faker, Faker]:
    japanese, english = _faker("ja_JP"), _faker("en_US")
    japanese.seed_instance(seed)
    english.seed_instance(seed)
    return japanese, english


@cache
def _faker(locale: str) -> Faker:
    from faker import Faker  # slow to import, and only a sandbox needs it

    return Faker(locale)


def whole(at: float) -> Instant:
    """An instant on a whole millisecond."""
    return int(at) // MILLISECOND * MILLISECOND


def _created(until: Instant, rng: Random) -> Instant:
    """Within three years, mostly in the last one, some today."""
    return whole(until - min(rng.expovariate(1 / 220), 1_095) * DAY)


def _name(faker: Faker) -> Named:
    if faker.locales[0] == "ja_JP":
        family, family_kana, family_latin = faker.last_name_pair()
        given, given_kana, given_latin = faker.first_name_pair()
        return Named(family, given, family_kana, given_kana, f"{given_latin}.{family_latin}".lower())
    family, given = faker.last_name(), faker.first_name()
    return Named(family, given, "", "", f"{given}.{family}".lower().replace(" ", ""))


def _person(key: int, at: Instant, companies: tuple[Company, ...], faker: Faker, rng: Random) -> Person:
    named = _name(faker)
    # a few companies have many people, as in every CRM
    company = companies[int(len(companies) * rng.random() ** 1.7)] if rng.random() < 0.93 else None
    kind = _mail_kind(company, rng)
    rank = rng.choices(phrases.RANKS, phrases.RANK_WEIGHTS)[0]
    return Person(
        key=key,
        company_key=company.key if company else None,
        family=named.family,
        given=named.given,
        family_kana=named.family_kana,
        given_kana=named.given_kana,
        email=_email(named, kind, key, company, rng),
        mail_kind=kind,
        title=rng.choice(rank),
        department=rng.choice(phrases.DEPARTMENTS),
        phone=f"0{rng.choice((3, 6, 52, 92))}-0000-{rng.randrange(10_000):04d}" if rng.random() < 0.7 else "",
        country="Japan" if faker.locales[0] == "ja_JP" else rng.choice(("United States", "Singapore")),
        created_at=at,
        source=rng.choice(phrases.SOURCES),
        campaign_key=rng.randint(1, len(phrases.CAMPAIGN_NAMES)) if rng.random() < 0.7 else None,
        opt_out=rng.random() < 0.04,
        shape=rng.choices(("lead", "contact", "twin"), (66, 30, 4))[0],
    )


def _mail_kind(company: Company | None, rng: Random) -> MailKind:
    kinds: tuple[MailKind, ...] = ("corporate", "free", "carrier", "isp", "disposable", "none")
    return rng.choices(kinds, (83, 9, 2, 3, 1, 2) if company else (0, 70, 10, 12, 5, 3))[0]


def _email(named: Named, kind: MailKind, key: int, company: Company | None, rng: Random) -> str:
    if kind == "none":
        return ""
    if kind == "corporate" and company:
        return f"{named.latin}.{key}@{company.domain}"
    domains = {"free": phrases.FREE, "carrier": phrases.CARRIER, "isp": phrases.ISP, "disposable": phrases.DISPOSABLE}
    return f"sandbox_{key:06d}_{named.latin}@{rng.choice(domains[kind])}"


def _staff(key: int, until: Instant, faker: Faker, rng: Random) -> Person:
    named = _name(faker)
    return Person(
        key=key,
        company_key=None,
        family=named.family,
        given=named.given,
        family_kana=named.family_kana,
        given_kana=named.given_kana,
        email=f"{named.latin}.{key}@{phrases.STAFF_DOMAIN}",
        mail_kind="corporate",
        title=rng.choice(phrases.STAFF),
        department="営業部",
        phone="",
        country="Japan",
        created_at=whole(until - rng.randint(200, 900) * DAY),
        source="社内",
        shape="contact",
        staff=True,
    )


def _with_fates(people: list[Person], until: Instant, rng: Random) -> list[Person]:
    """Some are deleted; some turn out to be their neighbour under another address, and are merged into them."""
    told: list[Person] = []
    for person in people:
        chance = rng.random()
        winner = told[-1] if told else None
        later = whole(person.created_at + rng.random() * (until - person.created_at))
        if chance < 0.015 and winner and not winner.gone:
            told.append(_same_person(person, winner, later))
        elif chance < 0.025:
            told.append(replace(person, deleted_at=later))
        else:
            told.append(person)
    return told


def _same_person(loser: Person, winner: Person, at: Instant) -> Person:
    return replace(
        loser,
        family=winner.family,
        given=winner.given,
        family_kana=winner.family_kana,
        given_kana=winner.given_kana,
        company_key=winner.company_key,
        shape="lead" if winner.shape == "twin" else winner.shape,
        merged_into=winner.key,
        merged_at=at,
    )

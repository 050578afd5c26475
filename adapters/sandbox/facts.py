"""The nouns of the sandbox's world: a Japanese B2B software vendor's market as its CRM would know it. All invented.

Keys are whole numbers, unique within their kind; each sandbox makes its CRM's ids of them. Instants are UTC
microseconds on whole milliseconds, as the CRMs keep them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from connector.instants import Instant

Shape = Literal["lead", "contact", "twin"]
Lifecycle = Literal["subscriber", "lead", "mql", "sql", "opportunity", "customer"]
MailKind = Literal["corporate", "free", "carrier", "isp", "disposable", "none"]
Kind = Literal[
    "page_view", "download", "form_submission", "demo_request", "email_delivered", "email_open", "email_click",
    "seminar", "call", "meeting", "campaign_response",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Company:
    """`employees` is None where nobody knows; `size` is the band as a form would offer it. `scans_mail`: a gateway
    opens every link of a mail within seconds of its delivery."""

    key: int
    name: str
    domain: str
    employees: int | None
    industry: str
    size: str
    scans_mail: bool = False


@dataclass(frozen=True, slots=True)
class Person:
    """One person. `shape`: kept as a lead, as a contact, or as both at once (twin). At most one fate: merged into
    another at `merged_at`, deleted, or, for leads, converted to a contact. `staff` work for the vendor itself.
    `extra` holds the columns of a CSV seed that mean nothing here."""

    key: int
    company_key: int | None
    family: str = field(repr=False)
    given: str = field(repr=False)
    family_kana: str = field(repr=False)
    given_kana: str = field(repr=False)
    email: str = field(repr=False)
    mail_kind: MailKind
    title: str = field(repr=False)
    department: str = field(repr=False)
    phone: str = field(repr=False)
    country: str
    created_at: Instant
    source: str
    campaign_key: int | None = None
    lifecycle: Lifecycle = "lead"
    opt_out: bool = False
    shape: Shape = "lead"
    staff: bool = False
    merged_into: int | None = None
    merged_at: Instant | None = None
    deleted_at: Instant | None = None
    converted_at: Instant | None = None
    extra: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def gone(self) -> bool:
        """Whether the CRM no longer lists this person: merged or deleted."""
        return self.merged_into is not None or self.deleted_at is not None


@dataclass(frozen=True, slots=True)
class Done:
    """Something a person did, or that was done with them.

    `name` is the page's title, the form's, asset's, seminar's, mail's or campaign's name; `about` the key of that
    form, mail, seminar or campaign. `url` with its `path` for what happens on the web. `status`: registered, attended
    or no_show; a call's or meeting's outcome; a response's status. `direction`: inbound or outbound.
    """

    key: int
    person_key: int
    at: Instant
    kind: Kind
    name: str
    about: int | None = None
    url: str | None = None
    path: str | None = None
    status: str | None = None
    direction: str | None = None


@dataclass(frozen=True, slots=True)
class Deal:
    """A deal with people of one company; amount in yen. `reason` says why it was lost."""

    key: int
    name: str
    person_keys: tuple[int, ...]
    company_key: int | None
    opened_at: Instant
    closed_at: Instant | None
    stage: Literal["open", "won", "lost"]
    amount: int
    reason: str | None
    campaign_key: int | None


@dataclass(frozen=True, slots=True)
class Campaign:
    """Something marketing paid for; cost in yen."""

    key: int
    name: str
    type: str
    starts_at: Instant
    cost: int


@dataclass(frozen=True, slots=True)
class Form:
    """A form on the vendor's site, and the page it stands on."""

    key: int
    name: str
    path: str


@dataclass(frozen=True, slots=True)
class Mail:
    """A mailing to many, with the links in it."""

    key: int
    name: str
    sent_at: Instant
    links: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Seminar:
    """An event one registers for, and attends or not."""

    key: int
    name: str
    at: Instant
    campaign_key: int


@dataclass(frozen=True, slots=True)
class World:
    """Everything that happened up to `until`, and a few meetings agreed for later. `done` and `deals` are in order of
    time; every key they name is among the others."""

    seed: int
    until: Instant
    companies: tuple[Company, ...]
    people: tuple[Person, ...]
    done: tuple[Done, ...] = ()
    deals: tuple[Deal, ...] = ()
    campaigns: tuple[Campaign, ...] = ()
    forms: tuple[Form, ...] = ()
    mails: tuple[Mail, ...] = ()
    seminars: tuple[Seminar, ...] = ()


def done_by_person(world: World) -> Mapping[int, tuple[Done, ...]]:
    """What each person did, oldest first; people who did nothing are absent."""
    found: dict[int, list[Done]] = {}
    for done in world.done:
        found.setdefault(done.person_key, []).append(done)
    return {key: tuple(these) for key, these in found.items()}

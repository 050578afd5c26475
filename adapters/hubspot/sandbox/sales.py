"""What a contact's links to deals and companies add up to (NOTES 58, 86)."""

from __future__ import annotations

from collections.abc import Iterable

from adapters.hubspot.sandbox import summary
from adapters.hubspot.sandbox.account import Account
from adapters.hubspot.sandbox.kinds import kind_of
from adapters.hubspot.sandbox.links import PRIMARY, links_of
from adapters.hubspot.sandbox.writing import ROLLUP, update
from adapters.sandbox.state import Row

CONTACTS, COMPANIES, DEALS = kind_of("contacts"), kind_of("companies"), kind_of("deals")


def linked_deals(account: Account, contact: str) -> list[Row]:
    """A contact's live deals, in the order they were linked."""
    found = [account.row("deals", i) for i in links_of(account, CONTACTS, contact, DEALS)]
    return [deal for deal in found if deal]


def roll_up(account: Account, contacts: Iterable[str]) -> None:
    """Bring the contacts' deal properties up to date."""
    told = {}
    for contact in contacts:
        deals = linked_deals(account, contact)
        told[contact] = summary.deals_rolled_up([(deal["created"], deal["values"]) for deal in deals])
    update(account, CONTACTS, told, ROLLUP)


def roll_up_of(account: Account, deal: str) -> None:
    """Bring up to date whoever is linked to this deal."""
    roll_up(account, links_of(account, DEALS, deal, CONTACTS))


def keep_company(account: Account, contacts: Iterable[str]) -> None:
    """Bring up to date which company is each contact's primary one (NOTES 58)."""
    told = {}
    for contact in contacts:
        linked = links_of(account, CONTACTS, contact, COMPANIES)
        primary = next((far for far, types in linked.items() if PRIMARY["contacts", "companies"] in types), "")
        told[contact] = {"associatedcompanyid": primary}
    update(account, CONTACTS, told, ROLLUP)

"""What an account of the local HubSpot is like: its plan, its credentials, how strict the day is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Tier = Literal["free", "starter", "professional", "enterprise"]

RUN_SCOPES = frozenset(
    f"crm.objects.{name}"
    for name in (
        "contacts.read",
        "contacts.write",
        "companies.read",
        "companies.write",
        "deals.read",
        "deals.write",
        "leads.read",
        "owners.read",
        "marketing_events.read",
    )
) | {"crm.schemas.contacts.read", "crm.schemas.companies.read", "crm.schemas.deals.read", "crm.lists.read"}
SETUP_SCOPES = frozenset({"crm.schemas.contacts.write", "crm.lists.write"})
EVERY_SCOPE = (
    RUN_SCOPES
    | SETUP_SCOPES
    | {"oauth", "forms", "content", "sales-email-read", "tickets", "e-commerce"}
    | {f"crm.objects.{name}.read" for name in ("feedback_submissions", "goal_targets", "quotes")}
)

# rates and daily counts by plan: NOTES 16, 20
BURST = {"free": 100, "starter": 100, "professional": 190, "enterprise": 190}
DAILY = {"free": 250_000, "starter": 250_000, "professional": 625_000, "enterprise": 1_000_000}
ASSOCIATIONS_BURST = {"free": 100, "starter": 100, "professional": 150, "enterprise": 200}
ASSOCIATIONS_DAILY = 500_000


@dataclass(frozen=True, slots=True)
class Options:
    """How the account behaves; the defaults are a real account's.

    `scopes` were granted to the token. `search_lag` is in seconds: that long a search does not see a write. With
    `rate_limits` off nothing is ever refused for haste. `partial_as_200` answers partial success on 2026-09 paths as
    its specification declares it. `cursors_twice` takes a cursor that is encoded twice. `merge_keeps_winner` is how
    merges were before they made a new id. `token_life` is in seconds. `currency` is the account's own.
    """

    tier: Tier = "professional"
    scopes: frozenset[str] = EVERY_SCOPE
    search_lag: float = 4.5
    rate_limits: bool = True
    daily_limit: int | None = None
    time_zone: str = "Asia/Tokyo"
    currency: str = "JPY"
    portal_id: int = 48_151_623
    ui_domain: str = "app.hubspot.com"
    token: str = field(default="pat-na1-5a4db0c5-0000-4000-8000-000000000001", repr=False)
    client_id: str = "5a4db0c5-0000-4000-8000-00000000c11e"
    client_secret: str = field(default="5a4db0c5-0000-4000-8000-00005ec2e700", repr=False)
    refresh_token: str = field(default="na1-5a4d-b0c5-4000-8000-2ef2e5400001", repr=False)
    token_life: int = 1_800
    app_id: int = 50_780_459
    partial_as_200: bool = False
    merge_keeps_winner: bool = False
    cursors_twice: bool = False

    @property
    def burst(self) -> int:
        """Calls in any ten seconds."""
        return BURST[self.tier]

    @property
    def daily(self) -> int:
        """Calls in a day of the account's time zone."""
        return DAILY[self.tier] if self.daily_limit is None else self.daily_limit

"""What a HubSpot connection is opened with, and HubSpot's paths and sizes as its documentation states them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from adapters.http import CONNECT, READ

Version = Literal["2026-09", "2026-03", "v3"]

HOST = "https://api.hubapi.com"
BATCH = 100
"""Inputs of a batch read or update of records."""
ABREAST = 4
"""Batches of writes on their way at once. A batch answered in 0.4 s would then reach ten a second, which is what the
smallest plan allows, so that the limiter decides the speed; more would stand in its queue and, at a crash, be batches
that nobody heard of."""
ASSOCIATIONS = 1_000
"""Inputs of a batch read of associations."""
SEARCH_BODY = 3_000
"""Characters of a search's body; one more is refused."""
NAMES = 15_000
"""Characters of property names in one URL, before the edge says that it is too long."""

TEMPLATES = {
    "objects": "/crm/objects/{v}/{object}",
    "properties": "/crm/properties/{v}/{object}",
    "associations": "/crm/associations/{v}/{object}/{to}/batch/read",
    "lists": "/crm/lists/{v}",
    "events": "/events/event-occurrences/{v}",
    "marketing_events": "/marketing/marketing-events/{v}",
    "limits": "/crm/limits/{v}",
    "account": "/account-info/{v}/details",
    "forms": "/marketing/v3/forms",
    "submissions": "/form-integrations/v1/submissions/forms",
    "email_events": "/email/public/v1/events",
    "email_campaigns": "/email/public/v1/campaigns",
}
V3 = {
    "objects": "/crm/v3/objects/{object}",
    "properties": "/crm/v3/properties/{object}",
    "associations": "/crm/v4/associations/{object}/{to}/batch/read",
    "lists": "/crm/v3/lists",
    "events": "/events/v3/events",
    "marketing_events": "/marketing/v3/marketing-events",
    "limits": "/crm/v3/limits",
    "account": "/account-info/v3/details",
}
"""The version stands behind the API's name in dated paths and before it in v3; associations are v4 there. Forms,
submissions and mail events have no dated version."""


def path_of(version: Version, api: str, object_: str = "contacts", to: str = "") -> str:
    """The path of one of HubSpot's APIs in a version: `/crm/objects/2026-09/contacts`."""
    template = V3.get(api, TEMPLATES[api]) if version == "v3" else TEMPLATES[api]
    return template.format(v=version, object=object_, to=to)


@dataclass(frozen=True, slots=True)
class HubSpotConfig:
    """One HubSpot account. Its repr shows no token.

    `api_budget` is the share of the account's daily calls at which we stop by ourselves, whoever made them. `overlap`
    (seconds) is how far a pull reads back over what the last one read, because HubSpot's search lags behind its store;
    `sweep_every` (seconds) how often everything is read, to find who is gone. `patience` is how many seconds one
    request may take with all its waiting; `timeout` is for connecting and for reading, in seconds. `lang` is the
    language of labels that are made in HubSpot. `together` is how many people are told at once, so that calls
    for their associations, 1,000 at a time, and for the objects behind these, 100 at a time, go with full batches.
    """

    name: str
    token: str = field(repr=False)
    base_url: str = HOST
    ca_file: Path | None = None
    api_budget: float = 0.5
    api_version: Version = "2026-09"
    lang: Literal["ja", "en", "both"] = "ja"
    page_size: int = 100
    search_size: int = 200
    together: int = 2 * ASSOCIATIONS
    overlap: int = 300
    sweep_every: int = 86_400
    patience: float = 300.0
    timeout: tuple[float, float] = (CONNECT, READ)

    @property
    def setting(self) -> str:
        """The variable that holds the token."""
        return f"LEADHEAT_CONNECTIONS__{self.name.upper()}__TOKEN"

"""HubSpot as a CRM: contacts with their company, what they did, what became of them; our fields written back."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from adapters.ahead import ahead
from adapters.hubspot.access import Access, look
from adapters.hubspot.api import Api, open_api
from adapters.hubspot.config import ABREAST, BATCH, HubSpotConfig
from adapters.hubspot.provision import provision
from adapters.hubspot.pull import pull
from adapters.hubspot.push import Pusher, ours_of
from adapters.hubspot.sources import SOURCES
from connector.instants import Instant
from connector.model import Change, Receipt
from connector.ports import CRM, FieldChange, Page, Schema, Traits, Wants
from connector.results import Result


@dataclass(slots=True)
class HubSpotCRM:
    """One HubSpot account. What the token may see is asked once, by `describe` or the first pull, and again after our
    fields were made."""

    config: HubSpotConfig
    wants: Wants
    now: Callable[[], Instant] = field(repr=False)
    api: Api = field(repr=False)
    _access: Access | None = field(default=None, repr=False)

    @property
    def traits(self) -> Traits:
        """Before anything was asked: every source the adapter knows, and no notices."""
        seen = self._access
        sources = tuple(seen.events) if seen else tuple(SOURCES)
        return Traits("hubspot", BATCH, ("contacts",), sources, seen.notices if seen else (), abreast=ABREAST)

    def describe(self) -> Schema:
        """Contacts' and companies' properties, and the sources that this account can give."""
        access = self._look()
        return Schema({"contacts": dict(access.fields)}, dict(access.events))

    def pull(self, cursor: str | None) -> Iterator[Page]:
        return ahead(pull(self.api, self.wants, self._look, self.now, cursor))

    def push(self, changes: Sequence[Change]) -> Sequence[Receipt]:
        return Pusher(self.api, ours_of(self.wants.results.get("contacts", {}))).push(changes)

    def provision(self, wanted: Mapping[str, Sequence[tuple[str, Result]]], *, apply: bool) -> Iterator[FieldChange]:
        self._access = None
        return provision(self.api, wanted, apply=apply)

    def calls(self) -> Mapping[str, int]:
        return dict(self.api.exchange.calls)

    def close(self) -> None:
        self.api.close()

    def _look(self) -> Access:
        if self._access is None:
            self._access = look(self.api, self.wants)
        return self._access


def open_hubspot(
    config: HubSpotConfig, wants: Wants, *, now: Callable[[], Instant], sleep: Callable[[float], None] = time.sleep
) -> CRM:
    """A connection to one HubSpot account. Nothing is asked of HubSpot before it is used."""
    return HubSpotCRM(config, wants, now, open_api(config, now, sleep))

"""A local HubSpot, as far as Leadheat and its neighbours' clients speak to one. `NOTES n` is a line of NOTES.md."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from adapters.hubspot.sandbox.account import Account
from adapters.hubspot.sandbox.app import make_app
from adapters.hubspot.sandbox.desk import Desk
from adapters.hubspot.sandbox.gate import Gate, key_now
from adapters.hubspot.sandbox.options import Options
from adapters.hubspot.sandbox.poke import poke
from adapters.hubspot.sandbox.seed import seed
from adapters.hubspot.sandbox.weather import Weather
from adapters.sandbox.facts import World
from adapters.sandbox.state import State
from connector.instants import Instant
from connector.words import Message

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


@dataclass(frozen=True, slots=True)
class HubSpotSandbox:
    """An account of one's own: `app` serves it, `desk` is its users, `weather` makes it refuse."""

    account: Account
    app: WSGIApplication
    desk: Desk
    weather: Weather

    @property
    def state(self) -> State:
        """Where everything is kept; close it when the sandbox is not served any more."""
        return self.account.state

    @property
    def empty(self) -> bool:
        """Whether nobody is there yet."""
        return not self.account.state.all("contacts")

    @property
    def token(self) -> str:
        """The service key that is good now; empty when none is."""
        return key_now(self.account) or ""

    def seed(self, world: World) -> None:
        """Fill an empty account from a world. Raises UserError when somebody is there already."""
        seed(self.account, world)

    def poke(self, who: str, deed: str, words: Mapping[str, str]) -> Message:
        """Do one thing to or for a contact; says what was done. Raises UserError."""
        return poke(self.desk, who, deed, words)


def open_hubspot_sandbox(
    state: State,
    now: Callable[[], Instant],
    *,
    options: Options = Options(),  # noqa: B008 - frozen
) -> HubSpotSandbox:
    """The account that a state holds. `now` is the far side's clock: stamps, limits and the search index go by it."""
    account = Account(state, now, options)
    gate = Gate(account)
    return HubSpotSandbox(account, make_app(account, gate), Desk(account), Weather(gate))


__all__ = ["HubSpotSandbox", "Options", "open_hubspot_sandbox"]

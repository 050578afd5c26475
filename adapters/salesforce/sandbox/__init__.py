"""A local Salesforce, as far as Leadheat and its neighbours' clients speak to one. `NOTES n` is a line of NOTES.md."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from adapters.salesforce.sandbox.app import make_app
from adapters.salesforce.sandbox.desk import Desk
from adapters.salesforce.sandbox.oauth import good_session
from adapters.salesforce.sandbox.options import Options
from adapters.salesforce.sandbox.org import Org, open_org
from adapters.salesforce.sandbox.poke import poke
from adapters.salesforce.sandbox.seed import seed
from adapters.salesforce.sandbox.weather import Weather
from adapters.sandbox.facts import World
from adapters.sandbox.state import State
from connector.instants import Instant
from connector.words import Message

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


@dataclass(frozen=True, slots=True)
class SalesforceSandbox:
    """An org of one's own: `app` serves it, `desk` is its users, `weather` makes it refuse."""

    org: Org
    app: WSGIApplication
    desk: Desk
    weather: Weather

    @property
    def state(self) -> State:
        """Where everything is kept; close it when the sandbox is not served any more."""
        return self.org.state

    @property
    def empty(self) -> bool:
        """Whether nobody is there yet."""
        return not self.org.state.all("Lead") and not self.org.state.all("Contact")

    @property
    def client_id(self) -> str:
        """The app's consumer key."""
        return self.org.options.client_id

    @property
    def client_secret(self) -> str:
        return self.org.options.client_secret

    @property
    def token(self) -> str:
        """A session id that is good now."""
        return good_session(self.org)

    def seed(self, world: World) -> None:
        """Fill an empty org from a world. Raises UserError when somebody is there already."""
        seed(self.org, world)

    def poke(self, who: str, deed: str, words: Mapping[str, str]) -> Message:
        """Do one thing to or for a person; says what was done. Raises UserError."""
        return poke(self.desk, who, deed, words)


def open_salesforce_sandbox(
    state: State,
    now: Callable[[], Instant],
    *,
    options: Options = Options(),  # noqa: B008 - frozen
) -> SalesforceSandbox:
    """The org that a state holds. `now` is the far side's clock: stamps, `Date` headers and jobs go by it."""
    org = open_org(state, now, options)
    return SalesforceSandbox(org, make_app(org), Desk(org), Weather(org))


__all__ = ["Options", "SalesforceSandbox", "open_salesforce_sandbox"]

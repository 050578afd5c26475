"""What a Salesforce connection is opened with."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from connector.errors import Problem, refuse
from connector.instants import HOUR, MINUTE, SECOND, Duration
from connector.words import say

API_VERSION = "67.0"
"""Summer '26. Pinned, so that a release of Salesforce's changes nothing until we have read its notes."""

ABREAST = 2
"""Batches of writes on their way at once: leads and contacts side by side. Of calls that take 20 seconds or more an org
bears 25 at a time, a trial or developer org 5, and other tools need theirs; and contacts of one account that are
written at the same time wait for each other's lock."""


@dataclass(frozen=True, slots=True)
class SalesforceConfig:
    """One org. Its repr shows no secret.

    Of the three ways in, the first that is complete is taken: `client_id` with `client_secret` (client credentials),
    `client_id`, `username` and `private_key` in PEM (JWT bearer), `access_token` alone. SOAP login with a password is
    never used: Salesforce withdraws it. `instance_url` is the My Domain host, always https.

    `api_budget` is the share of the org's daily API calls, ours and everybody's together, at which we stop by
    ourselves. `bulk_read_from` and `bulk_write_from` are the rows from which a Bulk 2.0 job costs fewer calls (see
    `reading.py` and `push.py`). `overlap` is re-read because a row can become visible after a later-stamped one;
    `settle` is how long before the server's now a window ends. `sweep_every`: how often everything is read again
    where an input can change without moving the person's own stamp. `patience` is the longest one request may be
    waited for in all its tries, and `job_patience` a bulk job, in seconds; `timeout` is for connecting and reading.
    """

    name: str
    instance_url: str
    client_id: str | None = None
    client_secret: str | None = field(default=None, repr=False)
    username: str | None = None
    private_key: str | None = field(default=None, repr=False)
    access_token: str | None = field(default=None, repr=False)
    audience: str | None = None
    ca_file: Path | None = None
    api_version: str = API_VERSION
    api_budget: float = 0.8
    batch_size: int = 10_000
    bulk_read_from: int = 10_000
    bulk_write_from: int = 2_000
    overlap: Duration = 5 * MINUTE
    settle: Duration = 5 * SECOND
    sweep_every: Duration = 24 * HOUR
    patience: float = 300.0
    job_patience: float = 480.0
    timeout: tuple[float, float] = (10.0, 120.0)

    @property
    def way(self) -> str:
        """How tokens are had, by the setting that carries the secret: `client_secret`, `private_key`, or
        `access_token`."""
        if self.client_id and self.client_secret:
            return "client_secret"
        if self.client_id and self.username and self.private_key:
            return "private_key"
        return "access_token"

    def setting(self, name: str) -> str:
        """The environment variable of one of this connection's settings."""
        return f"LEADHEAT_CONNECTIONS__{self.name}__{name}".upper()

    def check(self) -> None:
        """Raise UserError with all that is missing or cannot work, before anything is asked of Salesforce."""
        refuse([*_host_problems(self), *_credential_problems(self)])


def _host_problems(config: SalesforceConfig) -> list[Problem]:
    parts = urlsplit(config.instance_url)
    where = config.setting("instance_url")
    if parts.scheme != "https" or not parts.hostname:
        fix = say("Give the My Domain address, such as https://acme.my.salesforce.com.")
        return [Problem("LH-540", say("the address must begin with https://"), where, fix)]
    if parts.hostname.endswith(".lightning.force.com"):
        fix = say("Give the My Domain address, such as https://acme.my.salesforce.com.")
        return [Problem("LH-541", say("this is the address of the pages, the API has another"), where, fix)]
    if parts.hostname in {"login.salesforce.com", "test.salesforce.com"} and config.way != "access_token":
        fix = say("Give the My Domain address, such as https://acme.my.salesforce.com.")
        return [Problem("LH-542", say("Salesforce gives programs no token at its general login address"), where, fix)]
    return []


def _credential_problems(config: SalesforceConfig) -> list[Problem]:
    if config.way != "access_token" or config.access_token:
        return []
    missing = "client_secret" if config.client_id else "client_id"
    what = say("there is no way to sign in to Salesforce")
    fix = say("Set client_id and client_secret of an External Client App, or client_id, username and private_key.")
    return [Problem("LH-543", what, config.setting(missing), fix)]

"""One request at a time to one org: simple-salesforce over a session of ours, with tokens that are renewed.

simple-salesforce makes addresses and reads JSON; it always speaks https. What it lacks is here and in `session.py`:
time-outs, the server's clock, headers that survive a new token.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urljoin

import requests
from simple_salesforce import Salesforce, SalesforceError

from adapters.http import Answer, Exchange, answered
from connector.errors import AccessDenied
from connector.instants import Instant, instant_of

from .answers import no_token
from .auth import TOKEN_PATH, Token, form, read_token
from .config import SalesforceConfig


@dataclass(slots=True)
class Wire:
    """Sends. `sf` is None until the first call; `login` asks for tokens."""

    config: SalesforceConfig
    now: Callable[[], Instant]
    session: requests.Session = field(repr=False)
    login: Exchange = field(repr=False)
    sf: Salesforce | None = field(default=None, repr=False)
    date: Instant | None = None

    @property
    def manner(self) -> dict[str, Any]:
        """How every request is made. The authority is named in each, because `requests` puts the environment's before
        a session's."""
        authority = {"verify": str(self.config.ca_file)} if self.config.ca_file else {}
        return {"timeout": self.config.timeout, **authority}

    def by_client(self, get: Callable[[Salesforce], Any]) -> Answer:
        """One request by simple-salesforce. Its exceptions have no headers, so the answer is taken from the wire."""
        heard: list[requests.Response] = []
        sf = self._client()
        self.session.hooks["response"] = [lambda response, **_: heard.append(response)]
        try:
            document = get(sf)
        except SalesforceError:
            return self._answer(heard[-1])
        return replace(self._answer(heard[-1], parse=False), document=document)

    def bare(self, method: str, path: str, headers: Mapping[str, str], **more: Any) -> Answer:
        """One request that simple-salesforce has no call for. A streamed answer that is good is not read here."""
        sf = self._client()
        self.session.hooks["response"] = []
        all_headers = {**sf.headers, **headers}
        told = self.session.request(method, urljoin(sf.base_url, path), headers=all_headers, **self.manner, **more)
        return self._answer(told, parse=not (told.ok and more.get("stream")))

    def _answer(self, told: requests.Response, *, parse: bool = True) -> Answer:
        date = told.headers.get("Date")
        if date:
            self.date = instant_of(parsedate_to_datetime(date))
        body = told.content if parse else b""
        return answered(told.status_code, told.headers, body, told=told, parse=parse)

    def _client(self) -> Salesforce:
        if self.sf is None:
            self.sf = self._signed_in(self._token())
        return self.sf

    def renew(self) -> None:
        """Get another token. Raises AccessDenied when there is none to be had."""
        if self.config.way == "access_token":
            raise AccessDenied(no_token(self.config, "INVALID_SESSION_ID"))
        self.sf = self._signed_in(self._token())

    def _token(self) -> Token:
        if self.config.way == "access_token":
            return Token(self.config.access_token or "", self.config.instance_url)
        return read_token(self.config, self.login.ask("login", self._ask_token))

    def _ask_token(self) -> Answer:
        self.session.hooks["response"] = []
        address = self.config.instance_url.rstrip("/") + TOKEN_PATH
        asked = form(self.config, self.now())
        headers = {"Accept": "application/json"}
        return self._answer(self.session.post(address, data=asked, headers=headers, **self.manner))

    def _signed_in(self, token: Token) -> Salesforce:
        sf = Salesforce(
            session_id=token.value,
            instance_url=token.instance_url,
            session=self.session,
            version=self.config.api_version,
            parse_float=Decimal,
            object_pairs_hook=dict,
        )
        sf.headers.pop("X-PrettyPrint", None)  # blanks for nobody's eyes
        return sf

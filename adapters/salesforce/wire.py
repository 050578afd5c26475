"""Requests to one org: simple-salesforce over a session of ours, with tokens that are renewed.

simple-salesforce makes addresses and reads JSON; it always speaks https. What it lacks is here and in `session.py`:
time-outs, the server's clock, headers that survive a new token. The session takes proxies and authorities from the
environment once, when it is opened (`requests` would look through it for every request), and no passwords from
`~/.netrc`, one of which would take the place of our token.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any, TypeAlias
from urllib.parse import urljoin

import requests
from simple_salesforce import Salesforce, SalesforceError

from adapters.http import Answer, Exchange, answered
from connector.errors import AccessDenied
from connector.instants import Instant, instant_of

from .answers import no_token
from .auth import TOKEN_PATH, Token, form, read_token
from .config import SalesforceConfig

Read: TypeAlias = Callable[[bytes], Any]
"""Reads a body. Raises ValueError for one that was cut."""


@dataclass(slots=True)
class Wire:
    """Sends, for any number of threads. `sf` is None until the first call; `login` asks for tokens. `_mine` knows by
    thread which token its last request was made with."""

    config: SalesforceConfig
    now: Callable[[], Instant]
    session: requests.Session = field(repr=False)
    login: Exchange = field(repr=False)
    sf: Salesforce | None = field(default=None, repr=False)
    date: Instant | None = None
    _mine: threading.local = field(default_factory=threading.local, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @property
    def manner(self) -> dict[str, Any]:
        """How every request is made."""
        return {"timeout": self.config.timeout}

    def by_client(self, get: Callable[..., Any]) -> Answer:
        """One request by simple-salesforce: `get` is given the client and how to ask. Its exceptions have no headers,
        so the answer is taken from the wire. It is taken out of what the hook has heard, which it would otherwise
        belong to, and this to it: a page of megabytes that only a search for cycles would find."""
        heard: deque[requests.Response] = deque(maxlen=1)
        sf = self._client()
        try:
            document = get(sf, hooks={"response": lambda response, **_: heard.append(response)}, **self.manner)
        except SalesforceError:
            return self._answer(heard.pop())
        return replace(self._answer(heard.pop(), parse=False), document=document)

    def bare(self, method: str, path: str, headers: Mapping[str, str], read: Read | None = None, **more: Any) -> Answer:
        """One request that simple-salesforce has no call for. A streamed answer that is good is not read here; with
        `read`, what that makes of a good body is the document."""
        sf = self._client()
        all_headers = {**sf.headers, **headers}
        told = self.session.request(method, urljoin(sf.base_url, path), headers=all_headers, **self.manner, **more)
        if read and told.ok:
            return replace(self._answer(told, parse=False), document=_read(read, told.content))
        return self._answer(told, parse=not (told.ok and more.get("stream")))

    def _answer(self, told: requests.Response, *, parse: bool = True) -> Answer:
        date = told.headers.get("Date")
        if date:
            self.date = instant_of(parsedate_to_datetime(date))
        body = told.content if parse else b""
        return answered(told.status_code, told.headers, body, told=told, parse=parse)

    def _client(self) -> Salesforce:
        with self._lock:
            if self.sf is None:
                self.sf = self._signed_in(self._token())
            self._mine.sf = self.sf
            return self.sf

    def renew(self) -> None:
        """Get another token, unless another thread got one since this one asked. Raises AccessDenied when there is
        none to be had."""
        if self.config.way == "access_token":
            raise AccessDenied(no_token(self.config, "INVALID_SESSION_ID"))
        with self._lock:
            if self.sf is self._mine.sf:
                self.sf = self._signed_in(self._token())

    def _token(self) -> Token:
        if self.config.way == "access_token":
            return Token(self.config.access_token or "", self.config.instance_url)
        return read_token(self.config, self.login.ask("login", self._ask_token))

    def _ask_token(self) -> Answer:
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
            object_pairs_hook=None,  # plain dicts, which the C parser makes by itself
        )
        sf.headers.pop("X-PrettyPrint", None)  # blanks for nobody's eyes
        return sf


def _read(read: Read, body: bytes) -> Any:
    try:
        return read(body)
    except ValueError:
        raise requests.exceptions.InvalidJSONError from None


def open_session(config: SalesforceConfig) -> requests.Session:
    """A session that has called nobody yet."""
    session = requests.Session()
    authority = str(config.ca_file) if config.ca_file else None
    around = session.merge_environment_settings(config.instance_url, {}, None, authority, None)
    session.proxies, session.verify, session.trust_env = around["proxies"], around["verify"], False
    return session

"""Tokens, by our own code: client credentials first, JWT bearer second, a given token third.

simple-salesforce's own logins confuse prefixes with addresses, write `exp` as text and lose headers when they renew;
and Salesforce never says how long a token lives, so a refused call is the only sign that it is over.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import jwt

from adapters.http import Answer
from connector.errors import user_error
from connector.instants import MINUTE, SECOND, Instant
from connector.words import say

from .answers import unreadable
from .config import SalesforceConfig

TOKEN_PATH = "/services/oauth2/token"  # noqa: S105 - an address
GRANT_JWT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
LIFE = 3 * MINUTE
"""How long an assertion of ours is good: the longest that Salesforce is known to take."""


@dataclass(frozen=True, slots=True)
class Token:
    """What opens the API, and the host it is good for."""

    value: str = field(repr=False)
    instance_url: str


def form(config: SalesforceConfig, now: Instant) -> Mapping[str, str]:
    """What the token endpoint is asked with. Raises UserError when the key cannot sign."""
    if config.way == "client_secret":
        return {
            "grant_type": "client_credentials",
            "client_id": config.client_id or "",
            "client_secret": config.client_secret or "",
        }
    return {"grant_type": GRANT_JWT, "assertion": assertion(config, now)}


def assertion(config: SalesforceConfig, now: Instant) -> str:
    """The signed claim of who we are. Raises UserError when the key cannot sign."""
    claims = {
        "iss": config.client_id,
        "sub": config.username,
        "aud": config.audience or audience(config.instance_url),
        "exp": (now + LIFE) // SECOND,
    }
    try:
        return jwt.encode(claims, config.private_key or "", algorithm="RS256")
    except (jwt.PyJWTError, ValueError, TypeError):
        fix = say("It must be an RSA key in PEM form, beginning with -----BEGIN.")
        what = say("the private key cannot be used")
        raise user_error("LH-548", what, config.setting("private_key"), fix) from None


def audience(instance_url: str) -> str:
    """Whom the assertion is meant for: Salesforce's login host for productive orgs or for sandboxes."""
    host = urlsplit(instance_url).hostname or ""
    return "https://test.salesforce.com" if ".sandbox." in host else "https://login.salesforce.com"


def read_token(config: SalesforceConfig, answer: Answer) -> Token:
    """The token in an answer. Raises Misunderstood."""
    try:
        return Token(str(answer.document["access_token"]), answer.document.get("instance_url") or config.instance_url)
    except (KeyError, TypeError, AttributeError):
        raise unreadable(config, TOKEN_PATH) from None

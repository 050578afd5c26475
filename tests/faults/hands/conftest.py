"""One certificate for all orgs, one account of either CRM for each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from adapters.sandbox.server import Tls, certificate
from tests.faults.hands.account import Account, open_account
from tests.faults.hands.words import HUBSPOT, SALESFORCE, Words

BOTH = (HUBSPOT, SALESFORCE)


@pytest.fixture(scope="session")
def hands_tls(tmp_path_factory: pytest.TempPathFactory) -> Tls:
    return certificate(tmp_path_factory.mktemp("hands"))


@pytest.fixture
def opening(hands_tls: Tls) -> Iterator[Callable[..., Account]]:
    """Opens accounts as a test wants them; all are closed when it ends."""
    opened: list[Account] = []

    def one(words: Words, **options: Any) -> Account:
        opened.append(open_account(words, hands_tls, **options))
        return opened[-1]

    yield one
    for account in opened:
        account.close()


@pytest.fixture(params=BOTH, ids=lambda w: w.crm)
def words(request: pytest.FixtureRequest) -> Words:
    """Either CRM's words."""
    told: Words = request.param
    return told


@pytest.fixture
def account(opening: Callable[..., Account], words: Words) -> Account:
    """An empty account of either CRM."""
    return opening(words)


@pytest.fixture
def hubspot(opening: Callable[..., Account]) -> Account:
    return opening(HUBSPOT)


@pytest.fixture
def salesforce(opening: Callable[..., Account]) -> Account:
    return opening(SALESFORCE)

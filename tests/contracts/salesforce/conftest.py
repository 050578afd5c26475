"""One certificate for all worlds, one world for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from adapters.sandbox.server import Tls, certificate
from tests.contracts.salesforce.world import SalesforceWorld, opened


@pytest.fixture(scope="session")
def salesforce_tls(tmp_path_factory: pytest.TempPathFactory) -> Tls:
    return certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def org(salesforce_tls: Tls) -> Iterator[SalesforceWorld]:
    with opened(salesforce_tls) as world:
        yield world

"""Salesforce, over real HTTPS against its sandbox, keeps every promise."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from adapters.sandbox.server import Tls, certificate
from connector.testing import CRMContract
from tests.contracts.salesforce.world import SalesforceWorld, opened


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Tls:
    return certificate(tmp_path_factory.mktemp("tls"))


class TestSalesforce(CRMContract):
    @pytest.fixture
    def crm_world(self, tls: Tls) -> Iterator[SalesforceWorld]:
        with opened(tls) as world:
            yield world

"""Salesforce, over real HTTPS against its sandbox, keeps every promise."""

from __future__ import annotations

import pytest

from connector.testing import CRMContract
from tests.contracts.salesforce.world import SalesforceWorld


class TestSalesforce(CRMContract):
    @pytest.fixture
    def crm_world(self, org: SalesforceWorld) -> SalesforceWorld:
        return org

"""One account for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contracts.hubspot.world import HubSpotWorld


@pytest.fixture
def account() -> Iterator[HubSpotWorld]:
    world = HubSpotWorld()
    yield world
    world.close()

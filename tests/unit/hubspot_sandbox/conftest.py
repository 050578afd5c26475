"""A fresh account for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.unit.hubspot_sandbox.portal import Portal, opened


@pytest.fixture
def portal() -> Iterator[Portal]:
    with opened() as one:
        yield one

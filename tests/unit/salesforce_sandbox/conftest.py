"""A fresh org for each test, one certificate for all."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from adapters.sandbox.server import Tls, certificate
from tests.unit.salesforce_sandbox.far import Far, opened


@pytest.fixture
def far() -> Iterator[Far]:
    with opened() as one:
        yield one


@pytest.fixture(scope="session")
def sandbox_tls(tmp_path_factory: pytest.TempPathFactory) -> Tls:
    return certificate(tmp_path_factory.mktemp("tls"))

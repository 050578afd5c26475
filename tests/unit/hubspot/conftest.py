"""One far side for each test, over a real socket."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hubspot_farside import Far, start


@pytest.fixture
def far() -> Iterator[Far]:
    far = start(Far())
    yield far
    for crm in far.opened:
        crm.close()
    assert far.server
    far.server.stop()

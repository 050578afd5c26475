"""What every test has around it: somebody who listens for personal values and secrets (`watch.py` says how)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.watch import Watch, begin

WATCH = Watch()
_end = begin(WATCH)


@pytest.fixture(autouse=True)
def nothing_personal_is_said(request: pytest.FixtureRequest) -> Iterator[Watch]:
    """Fails the test during which a personal value or a secret was said anywhere. One that lets something leak on
    purpose carries the mark `leaks`, with the reason, and empties the watch itself."""
    WATCH.drain()
    yield WATCH
    heard = WATCH.drain()
    if request.node.get_closest_marker("leaks") is None:
        assert not heard, "personal values or secrets were said:\n" + "\n".join(heard)


def pytest_unconfigure() -> None:
    _end()

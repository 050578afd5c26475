"""Global options may stand before the command or after it."""

from __future__ import annotations

import pytest

from connector.cli.order import globals_first

TABLE = [
    (["score", "a.csv", "--json"], ["--json", "score", "a.csv"]),
    (["--lang", "ja", "check", "-q"], ["--lang", "ja", "-q", "check"]),
    (["check", "--lang", "ja", "--color=never"], ["--lang", "ja", "--color=never", "check"]),
    (["check", "--lang"], ["--lang", "check"]),
    (["explain", "--", "--json"], ["explain", "--", "--json"]),
    (["score", "-o", "out.csv"], ["score", "-o", "out.csv"]),
]


@pytest.mark.parametrize(("typed", "read"), TABLE)
def test_global_options_are_moved_to_the_front(typed: list[str], read: list[str]) -> None:
    assert globals_first(typed) == read

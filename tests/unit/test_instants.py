"""An instant in its usual form is read by a shorter way; it means what it means in every other form."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.instants import EARLIEST, LATEST, SECOND, iso, parse_instant

INSTANTS = st.integers(EARLIEST, LATEST)


@given(INSTANTS)
def test_an_instant_is_read_alike_in_its_usual_form_and_in_others(at: int) -> None:
    seconds, rest = divmod(at, SECOND)
    clock = iso(seconds * SECOND).removesuffix("Z")
    assert parse_instant(f"{clock}Z") == parse_instant(f"{clock}+00:00") == seconds * SECOND
    millis = rest // 1_000
    assert parse_instant(f"{clock}.{millis:03}Z") == parse_instant(f" {clock}.{millis:03}000z") == at - rest % 1_000


@pytest.mark.parametrize(
    "text",
    ["2026-02-30T09:00:00Z", "2026-11-24T24:00:01Z", "2026-11-24T09:60:00.000Z", "0000-01-01T00:00:00Z",
     "2026-W01-1T09:00:00Z", "２０２６-11-24T09:00:00Z", "2026-11-24T09:00:00", "2026-11-24T09:00:00.000ZZ", ""],
)  # fmt: skip
def test_what_is_no_instant_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_instant(text)

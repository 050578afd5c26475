"""One page is fetched while another is dealt with: in order, one at a time, and with the trouble it had."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from adapters.ahead import ahead


def test_pages_come_in_order_and_to_their_end() -> None:
    assert list(ahead(iter(range(100)))) == list(range(100))


def test_pages_are_fetched_meanwhile_and_at_most_two_of_them() -> None:
    fetched, waiting = [], threading.Event()

    def pages() -> Iterator[int]:
        for n in range(9):
            fetched.append(n)
            if n == 2:
                waiting.set()
            yield n

    told = ahead(pages())
    assert next(told) == 0
    assert waiting.wait(5), "while page 0 is dealt with, page 1 waits and page 2 is at the door"
    assert fetched == [0, 1, 2]
    assert list(told) == list(range(1, 9))


def test_trouble_is_raised_where_its_page_would_have_come() -> None:
    def pages() -> Iterator[int]:
        yield 1
        raise LookupError

    told = ahead(pages())
    assert next(told) == 1
    with pytest.raises(LookupError):
        next(told)


@pytest.mark.parametrize("there_are", [1, 2, 3, 4, 100])
def test_whoever_wants_no_more_leaves_no_thread_behind(there_are: int) -> None:
    before = threading.active_count()
    told = ahead(iter(range(there_are)))
    next(told)
    told.close()
    assert threading.active_count() == before

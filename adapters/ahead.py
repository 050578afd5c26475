"""Fetching one page while the one before is dealt with."""

from __future__ import annotations

from collections.abc import Iterator
from queue import Empty, Queue
from threading import Event, Thread
from typing import TypeVar

T = TypeVar("T")
PATIENCE = 5.0
"""Seconds that somebody who wants no more pages waits for a request that is under way."""


class _End:
    """Says that no page comes any more, and why not."""

    def __init__(self, error: BaseException | None) -> None:
        self.error = error


def ahead(pages: Iterator[T]) -> Iterator[T]:
    """The same pages in the same order, fetched by a thread of their own while others are dealt with: at most two are
    ahead, so that memory stays bounded. What goes wrong in fetching is raised where its page would have come."""
    told: Queue[T | _End] = Queue(maxsize=1)
    enough = Event()
    thread = Thread(target=_fetch, args=(pages, told, enough), name="pull", daemon=True)
    thread.start()
    try:
        while not isinstance(page := told.get(), _End):
            yield page
        if page.error is not None:
            raise page.error
    finally:
        enough.set()
        _make_room(told)
        thread.join(PATIENCE)


def _fetch(pages: Iterator[T], told: Queue[T | _End], enough: Event) -> None:
    end = _End(None)
    try:
        for page in pages:
            if enough.is_set():
                return
            told.put(page)
    except BaseException as error:
        end = _End(error)
    if not enough.is_set():
        told.put(end)


def _make_room(told: Queue[T | _End]) -> None:
    """Let a page go that nobody wants, so that whoever brings it can end."""
    try:
        told.get_nowait()
    except Empty:
        return

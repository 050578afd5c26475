"""Doing a few things at once, and dealing with what came of them one by one."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Given = TypeVar("Given")
Came = TypeVar("Came")


def abreast(do: Callable[[Given], Came], these: Iterable[Given], most: int) -> Iterator[tuple[Given, Came]]:
    """Each of these with what `do` made of it, in their order. At most `most` are being done at a time, each by a
    thread of its own; `these` and whoever takes the answers stay in the caller's.

    The first error, of `do` or of `these`, ends the beginning of new ones; what is under way is still told, where it
    came to something, and then the error is raised. Whoever wants no more waits for what is under way.
    """
    under_way: deque[tuple[Given, Future[Came]]] = deque()

    def oldest() -> tuple[Given, Came]:
        one, came = under_way.popleft()
        return one, came.result()

    with ThreadPoolExecutor(most, "abreast") as workers:
        try:
            for one in these:
                under_way.append((one, workers.submit(do, one)))
                while len(under_way) == most or any(_failed(came) for _, came in under_way):
                    yield oldest()
            while under_way:
                yield oldest()
        except Exception:
            yield from ((one, came.result()) for one, came in under_way if came.exception() is None)
            raise


def _failed(came: Future[Came]) -> bool:
    return came.done() and came.exception() is not None

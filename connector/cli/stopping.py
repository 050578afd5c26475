"""Signals: the first lets the page or batch at hand end, a second one ends at once."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

SIGNALS = (signal.SIGTERM, signal.SIGINT)


def listen(stop: threading.Event) -> None:
    """Set `stop` when SIGTERM or SIGINT comes, and leave the next one to end the process."""

    def ask(number: int, _frame: object) -> None:
        stop.set()
        signal.signal(number, signal.SIG_DFL)

    for number in SIGNALS:
        signal.signal(number, ask)


@contextmanager
def listening() -> Iterator[threading.Event]:
    """While it lasts, a first signal only sets the event; afterwards signals mean what they meant before."""
    before = {number: signal.getsignal(number) for number in SIGNALS}
    stop = threading.Event()
    listen(stop)
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

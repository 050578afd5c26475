"""How fast a CRM may be asked: one limiter for an account, whichever threads and connections ask it."""

from __future__ import annotations

import math
import random
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

DAY_SECONDS = 86_400.0


@dataclass(frozen=True, slots=True)
class Pace:
    """How time passes: a clock in seconds, how to wait, and chance between 0 and 1. Tests bring their own."""

    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random


@dataclass(slots=True)
class Limiter:
    """At most `limit` requests in any `per` seconds, whichever threads and connections make them.

    What is urgent goes before what is not. `others` is how many requests of a window somebody else makes, as far as
    the CRM tells: they are left to them. Whoever waits does so outside the lock.
    """

    limit: int
    per: float
    others: int = 0
    _turns: deque[float] = field(default_factory=deque, repr=False)
    _held: float = field(default=-math.inf, repr=False)
    _urgent: int = field(default=0, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def wait(self, pace: Pace, *, urgent: bool = False) -> None:
        """Wait for a turn and take it."""
        slept_until = -math.inf
        self._queue(1 if urgent else 0)
        try:
            while (turn := self._claim(pace, urgent, slept_until)) is not None:
                now, slept_until = turn
                pace.sleep(slept_until - now)
        finally:
            self._queue(-1 if urgent else 0)

    def _queue(self, more: int) -> None:
        with self._lock:
            self._urgent += more

    def _claim(self, pace: Pace, urgent: bool, slept_until: float) -> tuple[float, float] | None:
        """Take a turn, or say what time it is and until when to wait before asking again."""
        with self._lock:
            now = max(pace.clock(), slept_until)
            later = self._later(now, urgent)
            if later <= now:
                self._turns.append(now)
            return None if later <= now else (now, later)

    def _later(self, now: float, urgent: bool) -> float:
        """The next turn, or when to ask again for one."""
        room = self._room(now)
        if len(self._turns) >= room:
            return max(self._held, self._turns[-room] + self.per)
        return max(self._held, now + self.per / self.limit if self._urgent and not urgent else now)

    def _room(self, now: float) -> int:
        """How many turns a window has for us. Forgets those that are past; those that a clock set back has put into
        the future count as taken now."""
        if self._turns and self._turns[-1] > now + self.per:
            self._turns = deque(min(turn, now) for turn in self._turns)
        while self._turns and self._turns[0] <= now - self.per:
            self._turns.popleft()
        if self._held > now + DAY_SECONDS:
            self._held = now
        return max(1, self.limit - self.others)

    def hear(self, pace: Pace, limit: int, left: int | None) -> None:
        """The CRM says how many requests a window has for all, and how many of them are left now."""
        with self._lock:
            self.limit = max(1, limit)
            self._room(pace.clock())
            if left is not None:
                self.others = max(0, limit - left - len(self._turns))

    def hold(self, pace: Pace, seconds: float) -> None:
        """The CRM refused a request as one too many: nobody asks before so many seconds are over."""
        with self._lock:
            self._held = max(self._held, pace.clock() + seconds)


_limiters: dict[tuple[str, ...], Limiter] = {}
_limiters_lock = threading.Lock()


def limiter_for(key: tuple[str, ...], limit: int, per: float) -> Limiter:
    """The one limiter of this account in this process, however many connections use it. It outlives them: a pass that
    begins as soon as another ended counts what that one asked. `key` names the account; put no secret into it."""
    with _limiters_lock:
        return _limiters.setdefault(key, Limiter(max(1, limit), per))

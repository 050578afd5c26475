"""How the org is made to refuse: limits, sessions, locks, rules, late commits."""

from __future__ import annotations

from dataclasses import dataclass

from adapters.salesforce.sandbox.oauth import end_sessions
from adapters.salesforce.sandbox.org import Org


@dataclass(frozen=True, slots=True)
class Weather:
    """Foul weather on demand. What it does is forgotten by a restart, but for rules and ended sessions."""

    org: Org

    def throttle(self, times: int, retry_after: float) -> None:
        """Answer the next so many calls with 503, to be retried after so many seconds; 0 times ends it. Salesforce's
        own limits name no time (NOTES 15): this is its edge, or a proxy."""
        self.org.memory.throttled = times
        self.org.memory.retry_after = retry_after

    def crowd(self, times: int) -> None:
        """Answer the next so many calls with `too many concurrent requests`, which names no time."""
        self.org.memory.crowded = times

    def spend_the_day(self, *, spent: bool = True) -> None:
        """The rolling day's allowance is used up, or is free again."""
        self.org.memory.spent = spent

    def expire_token(self) -> None:
        """No session is good any more; a new one can be had."""
        end_sessions(self.org)

    def revoke_token(self) -> None:
        """Nobody is let in any more."""
        end_sessions(self.org)
        self.org.memory.revoked = True

    def bar_sessions(self, message: str = "This session is not valid for use with the REST API") -> None:
        """Sessions are good, but not for this: a new one will not help (NOTES 11)."""
        self.org.memory.barred = message

    def poison(self, who: str) -> None:
        """A validation rule refuses this record from now on."""
        message = "入力規則: このレコードは更新できません"
        self.org.state.put("rule", who, {"message": message})

    def lose_sight(self, *ids: str) -> None:
        """A sharing rule hides these records from our user, whose stamps do not move; without ids it ends."""
        self.org.memory.unshared = set(ids)

    def lock(self, who: str, times: int = 1) -> None:
        """The next so many writes find the row locked by somebody else."""
        self.org.memory.locks[who] = times

    def delay_commits(self, seconds: float) -> None:
        """Rows written from now on become visible so long after their stamp; 0 ends it (NOTES 43)."""
        self.org.memory.commit_lag = seconds

    def stop_bulk_after(self, rows: int | None) -> None:
        """The next ingest jobs fail after so many rows, and the others are never looked at (NOTES 89)."""
        self.org.memory.bulk_stops_after = rows

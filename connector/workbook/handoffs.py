"""The record of hand-offs in the scored workbook: who became hot when; owner, outcome and note are people's to write.

The next scoring reads it back: what people wrote is kept, and a rejection ends the heat of the lead it names.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, tzinfo
from typing import Literal

from connector.instants import DAY, datetime_of, midnight
from connector.model import Outcome, Score
from connector.reasons import Wording, line_text
from connector.words import Message, say

_NUMBER = re.compile(r"-?\d{1,9}(\.0+)?")


TITLE = say("Hand-offs")
OUTCOMES: tuple[tuple[str, Literal["won", "lost", "accepted", "rejected"], Message], ...] = (
    ("won", "won", say("won")),
    ("lost", "lost", say("lost")),
    ("good", "accepted", say("good")),
    ("wrong_person", "rejected", say("wrong person")),
    ("too_early", "rejected", say("too early")),
    ("no_need", "rejected", say("no need")),
    ("other", "rejected", say("other")),
)


@dataclass(frozen=True, slots=True)
class Handoff:
    """A row of the hand-off record: who, since when hot, with what score; and what people wrote beside it."""

    lead: str
    hot_on: str
    points: int
    reason: str
    owner: str = ""
    outcome: str = ""
    note: str = ""


def next_handoffs(
    ids: Sequence[str], scores: Sequence[Score], kept: Sequence[Handoff], wording: Wording
) -> list[Handoff]:
    """What people wrote stays; leads that are hot now and not yet on the record are added beneath, hottest first."""
    known = {h.lead for h in kept}
    new = [
        Handoff(id_, _day(score, wording), score.points, _first_reason(score, wording))
        for id_, score in zip(ids, scores, strict=True)
        if score.standing.state.is_hot and id_ not in known
    ]
    return [*kept, *sorted(new, key=lambda h: (-h.points, h.lead))]


def _day(score: Score, wording: Wording) -> str:
    since = score.as_of if score.standing.hot_since is None else score.standing.hot_since
    return datetime_of(since, wording.zone).date().isoformat()


def _first_reason(score: Score, wording: Wording) -> str:
    return line_text(score.ledger[0], wording) if score.ledger else ""


def handoffs_of(rows: Sequence[Sequence[str]]) -> list[Handoff]:
    """The record as the sheet holds it, header first; rows without a lead are nobody's."""
    return [_handoff([*row, *[""] * 7]) for row in rows[1:] if row and row[0].strip()]


def _handoff(row: Sequence[str]) -> Handoff:
    points = int(float(row[2])) if _NUMBER.fullmatch(row[2]) else 0
    return Handoff(row[0].strip(), row[1].strip()[:10], points, row[3], row[4], row[5].strip(), row[6])


def outcome_of(handoff: Handoff, zone: tzinfo) -> Outcome | None:
    """What people say became of it, in whichever language they chose it; None while nobody has said.

    It is dated on the day the lead became hot, the only day the record has: heat since then is ended by a rejection,
    and a new heat needs something new."""
    said = handoff.outcome.casefold()
    day = _date(handoff.hot_on)
    for reason, stage, word in OUTCOMES:
        if day is not None and said in {word.in_("ja"), word.in_("en")}:
            return Outcome(f"sheet:{handoff.lead}", stage, midnight(day, zone) + DAY - 1, reason=reason)
    return None


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def titles() -> frozenset[str]:
    """What the sheet is called, in each language."""
    return frozenset((TITLE.in_("ja"), TITLE.in_("en")))

"""Scores as plain data, for machines. Instants are in UTC without trailing zeros; null is none, or never."""

from __future__ import annotations

from connector.instants import Instant, iso
from connector.model import Line, Score
from connector.plain.score import PlainScores


def scores_document(told: PlainScores) -> dict[str, object]:
    """The whole answer, but for its `schema_version`."""
    card = {"name": told.card.name, "version": told.card.version, "digest": told.card.digest}
    return {
        "as_of": iso(told.as_of),
        "scorecard": card,
        "leads": [lead_document(score) for score in told.scores],
    }


def lead_document(score: Score) -> dict[str, object]:
    """One lead's score with its ledger."""
    return {
        "id": score.ref.id,
        "points": score.points,
        "axes": dict(score.axes),
        "band": score.band,
        "state": score.standing.state.value,
        "next_change_at": _iso(score.next_change_at),
        "ledger": [line_document(line) for line in score.ledger],
    }


def line_document(line: Line) -> dict[str, object]:
    """What a rule gave, or what a limit took."""
    if line.limit is not None:
        return {"limit": line.limit, "points": line.points}
    return {
        "rule": line.rule,
        "points": line.points,
        "occurrences": line.occurrences,
        "first": _iso(line.first),
        "last": _iso(line.last),
        "subject": line.subject,
        "changes_at": _iso(line.changes_at),
    }


def _iso(instant: Instant | None) -> str | None:
    return None if instant is None else iso(instant)

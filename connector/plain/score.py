"""Scoring the plain files: read, judged, in the order of the leads' file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from connector.errors import Problem, UserError
from connector.instants import Instant
from connector.model import Score, Vocabulary
from connector.plain.files import File, read_facts
from connector.plain.mapping import read_plain_mapping
from connector.scoring.columns import score_leads
from connector.scoring.document import read_scorecard
from connector.scoring.scorecard import Scorecard
from connector.words import Message


@dataclass(frozen=True, slots=True)
class PlainScores:
    """The scores in the order of the leads' file, the scorecard they are by, and what a person should know."""

    card: Scorecard
    as_of: Instant
    scores: Sequence[Score]
    warnings: Sequence[Message]


def score_plain(
    leads: File, activities: File | None, mapping: File, scorecard: File, zone: ZoneInfo, as_of: Instant
) -> PlainScores:
    """Score everybody in the file. `zone` is for a scorecard that names none. Raises UserError with every problem of
    all files."""
    declared = read_plain_mapping(mapping.text, mapping.name)
    card, problems = _card(scorecard, declared.vocabulary, zone)
    told, about_facts = read_facts(leads, activities, declared, card.zone if card else zone)
    about_facts.found += problems
    if card is None:
        raise UserError(*about_facts.found)
    about_facts.refuse()
    return PlainScores(card, as_of, score_leads(card, told.leads, as_of), told.warnings)


def _card(file: File, vocabulary: Vocabulary, zone: ZoneInfo) -> tuple[Scorecard | None, Sequence[Problem]]:
    try:
        return read_scorecard(file.text, file.name, vocabulary, zone), ()
    except UserError as error:
        return None, error.problems

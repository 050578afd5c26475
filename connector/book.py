"""The book: the scorecard and the mapping a connection is scored by, under one digest.

Here the two meet that do not know each other. `judge` is pure: dossiers and an instant in, scores and changes out.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass, replace
from hashlib import blake2b
from importlib.metadata import version
from typing import NamedTuple, TypeAlias
from zoneinfo import ZoneInfo

from connector.instants import Duration, Instant
from connector.mapping.document import read_mapping
from connector.mapping.hygiene import set_aside
from connector.mapping.nodes import OWN, Mapping
from connector.mapping.reading import read_page
from connector.mapping.suspicion import Trusted, trusted
from connector.model import Lead, Outcome, Rejection, Score
from connector.plan import diff
from connector.ports import Dossier, Scored
from connector.reasons import CrmLang, Wording, changes_of_points, next_week_change, results
from connector.scoring.columns import Told, scored
from connector.scoring.compile import compile_card
from connector.scoring.document import read_scorecard
from connector.scoring.reference import mark_by_change, score_lead
from connector.scoring.scorecard import Scorecard


@dataclass(frozen=True, slots=True)
class Texts:
    """The files a book was read from, as they stood: name and text of each."""

    scorecard_file: str
    scorecard: str
    mapping_file: str
    mapping: str

    def to_json(self) -> str:
        return json.dumps([self.scorecard_file, self.scorecard, self.mapping_file, self.mapping], ensure_ascii=False)

    @staticmethod
    def from_json(text: str) -> Texts:
        return Texts(*json.loads(text))


@dataclass(frozen=True, slots=True)
class Book:
    """A scorecard bound to a mapping, and how its lines are said in the CRM."""

    card: Scorecard
    mapping: Mapping
    wording: Wording
    texts: Texts

    @property
    def digest(self) -> str:
        """Changes when the meaning of scorecard or mapping changes, or the language of the written texts."""
        return f"{self.card.digest[:16]}.{self.mapping.digest[:16]}.{self.wording.lang}"

    @property
    def asks(self) -> frozenset[str]:
        """The inputs that decide a score."""
        return frozenset({OWN, *compile_card(self.card).inputs})

    @property
    def seal(self) -> int:
        """63 bits that stand for how a score is put into the fields of the CRM: with another seal the same score is
        written otherwise. Another release may word it otherwise too."""
        wording, fields = self.wording, self.mapping.wants.results
        card = wording.card if any("scorecard" in names for names in fields.values()) else ""
        said = [version("leadheat"), wording.lang, str(wording.zone), wording.labels, wording.enter, card, fields]
        text = json.dumps(said, sort_keys=True, default=dict)
        return int.from_bytes(blake2b(text.encode(), digest_size=8).digest()) >> 1


Earlier: TypeAlias = Callable[[str], Book | None]
"""Finds the book of an earlier scoring by digest; None when it is not remembered."""


def open_book(texts: Texts, zone: ZoneInfo, lang: CrmLang) -> Book:
    """Read both files and bind one to the other. Raises UserError with every problem of the file that has some."""
    mapping = read_mapping(texts.mapping, texts.mapping_file)
    card = read_scorecard(texts.scorecard, texts.scorecard_file, mapping.vocabulary, zone)
    return Book(card, mapping, wording_of(card, lang), texts)


def wording_of(card: Scorecard, lang: CrmLang) -> Wording:
    labels = {rule.id: rule.label for rule in card.rules}
    labels |= {f"axis:{axis.id}": axis.label for axis in card.axes}
    return Wording(lang, card.zone, labels, f"{card.name} v{card.version}", card.bands.enter)


def judge(book: Book, dossiers: Sequence[Dossier], as_of: Instant, earlier: Earlier) -> list[Scored]:
    """Score the leads and say what the CRM should hold instead. Reads no clock, no CRM, no store but for `earlier`
    books, which tell whether a lead became hot through a change of rules: such a lead never hands off."""
    sifted = trusted([dossier.lead.activities for dossier in dossiers], book.mapping.hygiene)
    cases = [_case(book.mapping, dossier, known) for dossier, known in zip(dossiers, sifted, strict=True)]
    ahead = any("hot_until" in names for names in book.mapping.wants.results.values())
    known, seal = scored(book.card, [case.lead for case in cases], as_of, ahead=ahead), book.seal
    return [
        _scored(book, case, told._replace(score=_by_change(book, case.dossier, told.score, earlier)), seal)
        for case, told in zip(cases, known, strict=True)
    ]


class _Case(NamedTuple):
    """A dossier, its lead as it is scored, and how many of its activities hygiene did not trust."""

    dossier: Dossier
    lead: Lead
    aside: int


def _case(mapping: Mapping, dossier: Dossier, known: Trusted | None) -> _Case:
    """`known`: what hygiene leaves, if it could be told in arrays and the person is not of our own."""
    lead, rejection = dossier.lead, latest_rejection(dossier.outcomes, mapping.quiet)
    if known is None or lead.inputs.get(OWN) is True:
        lead = scorable(mapping, dossier)
        return _Case(dossier, lead, sum(1 for a in lead.activities if a.set_aside))
    activities, aside = known
    same = rejection is None and activities is lead.activities
    return _Case(dossier, lead if same else replace(lead, activities=activities, rejection=rejection), aside)


def scorable(mapping: Mapping, dossier: Dossier) -> Lead:
    """The dossier's lead with hygiene applied and the latest rejection set."""
    lead, rejection = dossier.lead, latest_rejection(dossier.outcomes, mapping.quiet)
    return replace(lead, activities=set_aside(lead.activities, mapping.hygiene, lead.inputs), rejection=rejection)


def latest_rejection(outcomes: Iterable[Outcome], quiet: AnyMapping[str, Duration]) -> Rejection | None:
    """The last time that sales said no, and how long that keeps the lead from being handed off again."""
    no = [o for o in outcomes if o.stage in ("lost", "rejected")]
    last = max(no, key=lambda o: (o.at, o.id), default=None)
    if last is None:
        return None
    reason = "lost" if last.stage == "lost" else last.reason or "other"
    return Rejection(last.at, last.at + quiet.get(reason, 0), reason)


def _by_change(book: Book, dossier: Dossier, score: Score, earlier: Earlier) -> Score:
    before = dossier.lead.before
    entered = score.standing.state.is_hot and not (before and before.state.is_hot)
    if not entered or dossier.book in (None, book.digest):
        return score
    former = earlier(dossier.book or "")
    if former is None:
        return mark_by_change(score, was_hot_under_previous=False)
    then = score_lead(former.card, _formerly(former.mapping, book.mapping, dossier), score.as_of)
    return mark_by_change(score, was_hot_under_previous=then.standing.state.is_hot)


def _formerly(former: Mapping, now: Mapping, dossier: Dossier) -> Lead:
    """The lead as the former mapping reads what is known today: the stored readings are those of the mapping now."""
    if dossier.told is None or former.digest == now.digest:
        return scorable(former, dossier)
    told, lead = dossier.told(), dossier.lead
    facts = read_page(former, lead.ref.connection, [told.record], [event for event, _ in told.events])
    at = {(event.source, event.id): instant for event, instant in told.events}
    deeds = [replace(fact.activity, at=at[fact.source, fact.id]) for fact in facts.activities if fact.activity]
    inputs = facts.leads[0].inputs if facts.leads else lead.inputs
    return scorable(former, replace(dossier, lead=replace(lead, inputs=inputs, activities=deeds)))


def _scored(book: Book, case: _Case, told: Told, seal: int) -> Scored:
    """The score, and the change it asks for. No word of it is put together where the CRM holds them all."""
    dossier, score, fields = case.dossier, told.score, book.mapping.results(told.score.ref.object)
    week = next_week_change(score.as_of, changes_of_points(score, dossier.history))
    look, imprint = _earliest(score.next_change_at, week), None if told.imprint is None else told.imprint ^ seal
    if imprint == dossier.imprint and _stands(dossier, score):
        return Scored(score, look, None, case.aside, imprint, same=True)
    wanted = results(score, dossier.history, told.hot_until, book.wording, case.lead.rejection, fields)
    return Scored(score, look, diff(score.ref, wanted, dossier.held, fields), case.aside, imprint)


def _stands(dossier: Dossier, score: Score) -> bool:
    """Whether equal imprints mean equal words: not where none is known, time alone may have changed a text, or the end
    of the heat may have moved."""
    look = dossier.look_again_at
    return dossier.imprint is not None and not score.standing.state.is_hot and (look is None or look > score.as_of)


def _earliest(*instants: Instant | None) -> Instant | None:
    return min((i for i in instants if i is not None), default=None)

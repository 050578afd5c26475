"""From a spreadsheet's pages to everything the scored workbook shows. Pure: no file, no clock, no CRM."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from connector.book import Book, judge, scorable
from connector.instants import Instant
from connector.mapping.reading import read_page
from connector.model import Activity, Lead, Outcome, Raw, Ref, Reject, Score
from connector.ports import Dossier, Facts, LeadFacts, Page
from connector.reasons import reasons_text
from connector.words import Lang, say
from connector.workbook.handoffs import Handoff, next_handoffs, outcome_of
from connector.workbook.scored import ScoredSheet, ToCheck, is_ours


def score_sheet(
    book: Book,
    pages: Iterable[Page],
    header: Sequence[str],
    rows: Sequence[Mapping[str, Raw]],
    kept: Sequence[Handoff],
    as_of: Instant,
    lang: Lang,
) -> ScoredSheet:
    """Score every row as of an instant. `rows` are the cells in file order, as the pages' records are; `kept` is the
    hand-off record of the last scoring, whose rejections count."""
    facts = [read_page(book.mapping, "file", page.records, page.events) for page in pages]
    leads = [lead for f in facts for lead in f.leads]
    dossiers = _dossiers(facts, leads, _said(kept, book))
    scores = [one.score for one in judge(book, dossiers, as_of, lambda _: None)]
    told = [
        reasons_text(score, book.wording, scorable(book.mapping, dossier).rejection)
        for score, dossier in zip(scores, dossiers, strict=True)
    ]
    ids = [lead.record.ref.id for lead in leads]
    return ScoredSheet(
        header=tuple(name for name in header if not is_ours(name)),
        rows=rows,
        scores=scores,
        reasons=told,
        card=book.card,
        wording=book.wording,
        lang=lang,
        inputs=_known(book, leads),
        to_check=(*_unreadable(facts, lang), *(_to_check(reject, lang) for f in facts for reject in f.rejects)),
        handoffs=next_handoffs(ids, scores, kept, book.wording),
    )


def hottest(sheet: ScoredSheet, shown: int) -> list[Score]:
    """The hot leads with the most points."""
    hot = [score for score in sheet.scores if score.standing.state.is_hot]
    return sorted(hot, key=lambda s: (-s.points, s.ref))[:shown]


def _dossiers(
    facts: Sequence[Facts], leads: Sequence[LeadFacts], said: Mapping[str, Sequence[Outcome]]
) -> list[Dossier]:
    done: dict[Ref, list[Activity]] = {}
    outcomes: dict[Ref, list[Outcome]] = {}
    for page in facts:
        for told in page.activities:
            if told.activity is not None:
                done.setdefault(told.person, []).append(told.activity)
        for deal in page.outcomes:
            if deal.outcome is not None:
                outcomes.setdefault(deal.person, []).append(deal.outcome)
    return [
        _dossier(lead, done, [*outcomes.get(lead.record.ref, ()), *said.get(lead.record.ref.id, ())]) for lead in leads
    ]


def _dossier(facts: LeadFacts, done: Mapping[Ref, Sequence[Activity]], outcomes: Sequence[Outcome]) -> Dossier:
    record = facts.record
    lead = Lead(record.ref, record.created_at, facts.inputs, tuple(done.get(record.ref, ())))
    return Dossier(lead, {}, outcomes=outcomes)


def _said(kept: Sequence[Handoff], book: Book) -> dict[str, list[Outcome]]:
    said: dict[str, list[Outcome]] = {}
    for handoff in kept:
        outcome = outcome_of(handoff, book.card.zone)
        if outcome is not None:
            said.setdefault(handoff.lead, []).append(outcome)
    return said


def _known(book: Book, leads: Sequence[LeadFacts]) -> dict[str, int]:
    known = Counter(name for lead in leads for name in lead.inputs)
    return {name: known[name] for name in book.mapping.vocabulary.inputs}


def _unreadable(facts: Sequence[Facts], lang: Lang) -> list[ToCheck]:
    """Inputs whose cells hold something that is not of their type: for those leads the input is unknown."""
    counts = Counter[str]()
    for page in facts:
        counts.update(page.unreadable)
    what = [(name, say("{n} cells cannot be read as this input", n=n)) for name, n in sorted(counts.items())]
    fix = say("Look at 'as:' and 'values:' of the input in the mapping.").in_(lang)
    return [ToCheck(name, told.in_(lang), fix) for name, told in what]


def _to_check(reject: Reject, lang: Lang) -> ToCheck:
    return ToCheck(str(reject.ref.id), reject.why.in_(lang), reject.fix.in_(lang) if reject.fix else "")

"""Who is left out of a pass because the score says what it said: held against scoring everybody and putting every score
into words, over invented scorecards, leads and changes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from random import Random
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from sqlalchemy import select

from connector.book import Book, Texts, judge, wording_of
from connector.deeds import Ints, Sheet
from connector.instants import DAY, HOUR, Instant
from connector.mapping.document import read_mapping
from connector.model import Activity, Counts, Lead, Outcome, Receipt, Record, Ref, Run, Score
from connector.ports import ActivityFacts, Ask, Dossier, Facts, LeadFacts, OutcomeFacts, Page, Scored
from connector.scoring.scorecard import Scorecard
from connector.shipped import shipped
from connector.store import SqlStore, open_store
from connector.store.codec import ledger_of, standing_of
from connector.store.tables import lead as lead_table
from connector.store.tables import score as score_table
from connector.testing.worlds import World, invented
from connector.unchanged import unchanged

NAME = "town"
SHIPPED = shipped("hubspot.yaml")
CALM = SHIPPED[: SHIPPED.index("hygiene:")] + SHIPPED[SHIPPED.index("# How long no new hand-off") :]
"""The same mapping without hygiene: nobody need be looked at one by one."""


def book_of(card: Scorecard, mapping: str = SHIPPED, lang: str = "ja") -> Book:
    return Book(card, read_mapping(mapping, "m.yaml"), wording_of(card, lang), Texts("c", "", "m", mapping))


# ---- what may happen between two passes ------------------------------------------------------------------------------


def _rule(card: Scorecard, random: Random, **news: object) -> Scorecard:
    rules = list(card.rules)
    n = random.randrange(len(rules))
    rules[n] = replace(rules[n], **news)
    return replace(card, rules=tuple(rules))


CHANGES: Mapping[str, Callable[[Scorecard, Random], Scorecard]] = {
    "nothing": lambda card, _: card,
    "points": lambda card, random: _rule(card, random, points=random.choice([1, 3, 60, -7])),
    "a label": lambda card, random: _rule(card, random, label={"ja": "別名", "en": "another"}),
    "another version": lambda card, _: replace(card, version=card.version + 1),
    "the order of rules": lambda card, _: replace(card, rules=card.rules[::-1]),
    "one rule less": lambda card, _: replace(card, rules=card.rules[1:]),
    "hot from": lambda card, _: replace(card, bands=replace(card.bands, enter=card.bands.enter + 7)),
    "no limits": lambda card, _: replace(card, min=None, max=None, axes=tuple(replace(a, max=None) for a in card.axes)),
    "no exclusions": lambda card, _: replace(card, exclude=()),
    "the calendar": lambda card, _: replace(card, zone=ZoneInfo("Pacific/Apia")),
}
MAPPINGS: Mapping[str, str] = {
    "as it was": SHIPPED,
    "rests": SHIPPED.replace("lost: 90d", "lost: 1d"),
    "hygiene": SHIPPED.replace("repeat_within: 10m", "repeat_within: 7h").replace("[email_open]", "[download]"),
    "few fields": SHIPPED.replace("profile: standard", "profile: minimal"),
}


# ---- a store with an invented world in it ----------------------------------------------------------------------------


@dataclass
class Town:
    """A store, who is in it, and the pass under way."""

    store: SqlStore
    run: Run

    def keep(self, leads: list[Lead], random: Random) -> None:
        facts = Facts(
            [LeadFacts(Record(a.ref, {}, 0, a.created_at), a.inputs, {}) for a in leads],
            [_did(a.ref, n, did, random) for a in leads for n, did in enumerate(a.activities)],
            [_lost(a) for a in leads if a.rejection],
        )
        self.store.keep(self.run, Page([f.record for f in facts.leads], cursor="x"), facts)

    def judged(self, book: Book) -> dict[Ref, Scored]:
        """Everybody, scored and put into words."""
        told = [replace(one, imprint=None) for one in self.due(book)]
        return {one.score.ref: one for one in judge(book, told, self.run.as_of, lambda _: None)}

    def due(self, book: Book) -> list[Dossier]:
        return [one for part in self.store.due(self.run, Ask(book.digest, everything=True)) for one in part]

    def left_out(self, book: Book) -> set[Ref]:
        """Who need not be, of all that are asked for."""
        found: list[int] = []

        def look(sheets: Iterator[Sheet]) -> Ints:
            found.extend(n for kept in unchanged(book, sheets, self.run.as_of) for n in kept.leads.tolist())
            return np.array(found, np.int64)

        list(self.store.due(self.run, Ask(book.digest, everything=True, inputs=book.asks), look))
        return {self.names()[n] for n in found}

    def write(self, scored: Mapping[Ref, Scored]) -> None:
        self.store.stage(self.run, list(scored.values()))
        self.store.commit(self.run)
        for batch in self.store.batches(self.run, 100):
            self.store.settle(self.run, [(change, Receipt(change.ref, "written")) for change in batch])

    def next_pass(self, later: Instant) -> None:
        at = self.run.as_of
        self.store.finish(self.run, "succeeded", Counts(), {}, at, None)
        self.run = self.store.begin(NAME, at + later, "sync", at + later)

    def names(self) -> dict[int, Ref]:
        with self.store.reading() as conn:
            return {row.id: Ref(NAME, row.object, row.ext_id) for row in conn.execute(select(lead_table))}

    def stored(self) -> dict[Ref, object]:
        names = self.names()
        with self.store.reading() as conn:
            rows = conn.execute(select(score_table)).all()
        return {
            names[row.lead]: (
                row.points, json.loads(row.axes), standing_of(row.standing), ledger_of(row.ledger), row.next_change,
                row.next_look,
            )
            for row in rows
        }  # fmt: skip


def _said(score: Score, look: Instant | None) -> tuple[object, ...]:
    return score.points, score.axes, score.standing, score.ledger, score.next_change_at, look


def _did(who: Ref, n: int, did: Activity, random: Random) -> ActivityFacts:
    source = random.choice(["page_views", "email_events"])
    told = replace(did, id=f"{source}:{n}")
    words = {"told": repr((did.kind, did.subject, dict(did.attributes), did.set_aside))}
    return ActivityFacts(who, source, str(n), did.at, words, told)


def _lost(lead: Lead) -> OutcomeFacts:
    assert lead.rejection
    return OutcomeFacts(lead.ref, "deals", "d", Outcome("d", "lost", lead.rejection.at))


def peopled(world: World, random: Random, copies: int = 1) -> Town:
    store = open_store("sqlite://", now=lambda: world.as_of)
    town = Town(store, store.begin(NAME, world.as_of, "sync", world.as_of))
    leads = [lead for n in range(copies) for lead in invented(random, 12).leads] if copies > 1 else world.leads
    town.keep([replace(a, ref=Ref(NAME, "contacts", str(n))) for n, a in enumerate(leads)], random)
    return town


# ---- what holds ------------------------------------------------------------------------------------------------------


CASES = [(change, "as it was") for change in CHANGES]
CASES += [(change, mapping) for change in ("nothing", "points") for mapping in MAPPINGS if mapping != "as it was"]


@pytest.mark.parametrize(("change", "mapping"), CASES)
def test_who_is_left_out_would_have_been_scored_and_worded_as_before(change: str, mapping: str) -> None:
    left_out = 0
    for seed in range(4):
        random = Random(f"{change} {mapping} {seed}")
        world = invented(random, 12)
        town, before = peopled(world, random), book_of(world.card)
        town.write(town.judged(before))
        town.next_pass(random.choice([1, HOUR, DAY, 8 * DAY, 40 * DAY]))
        card = replace(CHANGES[change](world.card, random), digest=change)
        book = book_of(card, MAPPINGS[mapping])
        stored, scored = town.stored(), town.judged(book)
        same = {s.score.ref for s in judge(book, town.due(book), town.run.as_of, lambda _: None) if s.same}
        for who in town.left_out(book) | same:
            left_out += 1
            assert scored[who].change is None, who
            assert _said(scored[who].score, scored[who].look_again_at) == stored[who]
        town.store.close()
    if (change, mapping) == ("nothing", "as it was"):
        assert left_out > 4, "or nothing was held against anything"


def test_where_nothing_changes_nobody_is_scored_anew() -> None:
    random = Random(3)
    world = invented(random, 12)
    town, book = peopled(world, random), book_of(world.card, CALM)
    town.write(town.judged(book))
    town.next_pass(0)
    assert town.left_out(book) == town.stored().keys()


@pytest.mark.parametrize("lang", ["en", "both"])
def test_another_language_is_written_to_everybody(lang: str) -> None:
    random = Random(4)
    world = invented(random, 12)
    town = peopled(world, random)
    town.write(town.judged(book_of(world.card, CALM)))
    town.next_pass(0)
    assert town.left_out(book_of(world.card, CALM, lang)) == set()


def test_who_has_news_a_change_under_way_or_a_hand_on_our_fields_is_looked_at() -> None:
    random = Random(5)
    world = invented(random, 12)
    town, book = peopled(world, random), book_of(world.card, CALM)
    town.write(town.judged(book))
    town.next_pass(0)
    a, b, c, *_ = sorted(town.stored())
    town.keep([Lead(a, 0, {"industry": "new"}, (), None)], random)
    field = book.mapping.results("contacts")["score"]
    [known] = [d for d in town.due(book) if d.lead.ref == b]
    now = LeadFacts(Record(b, {}, 1, known.lead.created_at), known.lead.inputs, {**known.held, field: "4711"})
    town.store.keep(town.run, Page([now.record], cursor="y"), Facts([now]))
    assert not {a, b} & town.left_out(book)
    assert c in town.left_out(book)
    told = {s.score.ref: s for s in judge(book, town.due(book), town.run.as_of, lambda _: None)}
    assert told[b].change, "whatever the score, the CRM no longer holds it"


def test_news_that_change_nothing_are_done_with_without_a_word() -> None:
    random = Random(6)
    world = invented(random, 12)
    town, book = peopled(world, random), book_of(world.card, CALM)
    town.write(town.judged(book))
    town.next_pass(0)
    cold = [who for who, said in town.stored().items() if not said[2].state.is_hot]
    known = [d for d in town.due(book) if d.lead.ref in cold]
    news = [
        LeadFacts(Record(d.lead.ref, {}, 1, d.lead.created_at), {**d.lead.inputs, "more": "new"}, d.held) for d in known
    ]
    town.store.keep(town.run, Page([f.record for f in news], cursor="y"), Facts(news))
    due = [d for part in town.store.due(town.run, Ask(book.digest)) for d in part]
    scored = judge(book, due, town.run.as_of, lambda _: None)
    assert {s.score.ref for s in scored if s.same} == set(cold)
    town.store.commit(town.run, np.array(sorted(d.number for d in due), np.int64))
    assert not list(town.store.due(town.run, Ask(book.digest)))

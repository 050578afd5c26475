"""The study's scorecard, its data as the engine's Columns and as Lead objects, and as the few numbers that others need
to do the same."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from connector.deeds import UNKNOWN
from connector.model import Activity, HotState, Lead, Ref, Standing, Value, Vocabulary
from connector.scoring.arrays import STATES, Coded, Columns, Deed, Standings
from connector.scoring.conditions import Condition, Conjunction, Test, fold, holds
from connector.scoring.document import read_scorecard
from connector.scoring.scorecard import Did, Rule, Scorecard, Silence
from study.world import KINDS, LEVELS, NOW, TYPES, Study

VOCABULARY = Vocabulary(TYPES, {"seniority": LEVELS}, frozenset(KINDS), frozenset({"email_open"}))


def card_of(text: str | None = None) -> Scorecard:
    """The study's scorecard, or another one over the same inputs and kinds."""
    text = Path(__file__).with_name("card.yaml").read_text("utf-8") if text is None else text
    return read_scorecard(text, "card.yaml", VOCABULARY, ZoneInfo("UTC"))


class Source:
    """A drawn world as the engine and the reference take it."""

    def __init__(self, study: Study) -> None:
        self.study = study
        self.deeds = [Deed(kind, subject, {}) for kind, subject in study.deeds]
        self.values = {name: [_value(TYPES[name], v) for v in values] for name, values in study.values.items()}

    def columns(self, start: int, end: int, inputs: Sequence[str], before: Standings | None = None) -> Columns:
        """Leads from `start` to before `end` as Columns; unless told, their standing before is the drawn world's."""
        s = self.study
        end = min(end, s.leads)
        offsets = s.offsets[start : end + 1]
        part = slice(int(offsets[0]), int(offsets[-1]))
        never = np.broadcast_to(np.int64(UNKNOWN), end - start)
        codes = {name: Coded(s.codes[name][start:end], self.values[name]) for name in inputs}
        before = _before(s.hot_since[start:end]) if before is None else before
        offsets = offsets - offsets[0]
        return Columns(
            offsets, s.at[part], s.classes[part], self.deeds, s.created[start:end], codes, never, never, before
        )

    def picked(self, leads: Any, inputs: Sequence[str]) -> Columns:
        """These leads, which need not stand side by side, as Columns."""
        s = self.study
        starts, counts = s.offsets[leads], s.offsets[leads + 1] - s.offsets[leads]
        offsets = np.concatenate(([0], np.cumsum(counts)))
        rows = np.repeat(starts - offsets[:-1], counts) + np.arange(offsets[-1])
        never = np.broadcast_to(np.int64(UNKNOWN), len(leads))
        codes = {name: Coded(s.codes[name][leads], self.values[name]) for name in inputs}
        before = _before(s.hot_since[leads])
        return Columns(offsets, s.at[rows], s.classes[rows], self.deeds, s.created[leads], codes, never, never, before)

    def lead(self, place: int) -> Lead:
        """One lead as an object."""
        s = self.study
        inputs = {n: self.values[n][code] for n in TYPES if (code := int(s.codes[n][place])) >= 0}
        deeds = []
        for row in range(int(s.offsets[place]), int(s.offsets[place + 1])):
            kind, subject = s.deeds[int(s.classes[row])]
            deeds.append(Activity(f"{row:09}", kind, int(s.at[row]), subject))
        created, since = int(s.created[place]), int(s.hot_since[place])
        before = None if since == UNKNOWN else Standing(HotState.HOT, since, 1, 1)
        return Lead(Ref("study", "lead", str(place)), None if created == UNKNOWN else created, inputs, deeds, before)


def _value(kind: str, value: Any) -> Value:
    match kind:
        case "number":
            return Decimal(value)
        case "set":
            return frozenset(value)
    return value


def _before(hot_since: Any) -> Standings:
    hot = hot_since != UNKNOWN
    state = np.where(hot, STATES.index(HotState.HOT), STATES.index(HotState.COLD))
    number = hot.astype(np.int64)
    return Standings(state, hot_since, number, number, np.zeros(len(hot), np.bool_))


def plain_words(card: Scorecard, source: Source) -> dict[str, Any]:
    """The scorecard for those who have no scorecards: codes and numbers. Which classes of activity a rule means and
    which values of an input pass a test is worked out here, so nobody pays for comparing text."""
    folded = {text: n for n, text in enumerate(dict.fromkeys(fold(d.subject or "") for d in source.deeds))}
    return {
        "rules": [_rule(card, source, rule) for rule in card.rules],
        "axes": [{"id": a.id, "max": a.max, "min": a.min} for a in card.axes],
        "min": card.min,
        "max": card.max,
        "enter": card.bands.enter,
        "leave": card.bands.leave,
        "warm": card.bands.warm,
        "stay": card.bands.stay,
        "requires": [_conjunction(source, c) for c in card.bands.requires],
        "exclude": [_condition(source, e.condition) for e in card.exclude],
        "subject_of": [folded[fold(d.subject or "")] for d in source.deeds],
        "offset": 9 * 3_600_000_000,  # Asia/Tokyo turns no clocks
        "now": NOW,
    }


def _rule(card: Scorecard, source: Source, rule: Rule) -> dict[str, Any]:
    told: dict[str, Any] = {"id": rule.id, "axis": rule.axis, "points": rule.points, "hot": rule.hot_now}
    told |= {"blocks": rule.blocks_hot_now, "when": _condition(source, rule.condition), "kind": "lead"}
    match rule.deed:
        case Did(kinds, where, within, count, fade):
            means = [
                n
                for n, d in enumerate(source.deeds)
                if d.kind in kinds and all(holds(test, d.subject, NOW) for _, test in where)
            ]
            told |= {"kind": "did", "classes": means, "within": within, "per": count.per, "up_to": count.up_to}
            told |= {"at_least": count.at_least, "fade": None if fade is None else [fade.lose, fade.every]}
        case Silence(duration, kinds):
            passive = card.vocabulary.passive
            means = [n for n, d in enumerate(source.deeds) if (d.kind in kinds if kinds else d.kind not in passive)]
            told |= {"kind": "silence", "classes": means, "within": None, "for": duration}
    return told


def _condition(source: Source, condition: Condition) -> dict[str, Any]:
    return {
        "all": _conjunction(source, condition.when),
        "any": [_conjunction(source, c) for c in condition.any_of],
    }


def _conjunction(source: Source, conjunction: Conjunction) -> list[Any]:
    """For each test the input and the codes that pass at NOW."""
    return [[name, _passing(source, name, test)] for name, test in conjunction]


def _passing(source: Source, name: str, test: Test) -> list[int]:
    found = [n for n, value in enumerate(source.values[name]) if holds(test, value, NOW)]
    return [*found, -1] if holds(test, None, NOW) else found

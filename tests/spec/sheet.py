"""Words for the tables of the specification: a scorecard from a few lines, a lead from a few deeds, scored by both
engines at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import dedent, indent
from zoneinfo import ZoneInfo

from connector.instants import DAY, HOUR, MINUTE, Duration, Instant, parse_instant
from connector.model import Activity, Lead, Ref, Rejection, Score, Standing, Value, Vocabulary
from connector.scoring.columns import score_leads
from connector.scoring.document import read_scorecard
from connector.scoring.reference import score_lead
from connector.scoring.scorecard import Scorecard

NOW = parse_instant("2026-11-22T00:00:00Z")
TOKYO = ZoneInfo("Asia/Tokyo")
LEVELS = ("staff", "manager", "department_head", "executive")
VOCABULARY = Vocabulary(
    {
        "seniority": "level",
        "employees": "number",
        "industry": "text",
        "page": "text",
        "trial": "truth",
        "decides_on": "instant",
        "tags": "set",
        "lifecycle": "text",
    },
    {"seniority": LEVELS},
    frozenset({"page_view", "download", "demo_request", "email_open", "call"}),
    frozenset({"email_open"}),
)
UNITS = {"d": DAY, "h": HOUR, "m": MINUTE, "us": 1}


def card_text(
    rules: str, bands: str = "{hot: {enter: 50}, warm: 20}", axes: str = "{fit: {}, interest: {}}", more: str = ""
) -> str:
    """A whole scorecard around some rules."""
    head = f"scorecard: test\nversion: 1\ntimezone: Asia/Tokyo\nbands: {bands}\naxes: {axes}\n"
    between = dedent(more).strip() + "\n" if more else ""
    return head + between + "rules:\n" + indent(dedent(rules).strip(), "  ") + "\n"


REACHABLE = "\n- {id: reach, axis: fit, when: {lifecycle: {one_of: [nobody]}}, hot: now}"


def card(rules: str, **parts: str) -> Scorecard:
    """The scorecard, with a rule that keeps hot within reach."""
    return read_scorecard(card_text(dedent(rules).strip() + REACHABLE, **parts), "card.yaml", VOCABULARY, TOKYO)


def ago(text: str) -> Instant:
    """`90d`, `12h`, `1us`; with a minus in front it is still to come."""
    sign, digits = (-1, text[1:]) if text.startswith("-") else (1, text)
    unit = digits.lstrip("0123456789")
    return NOW - sign * int(digits.removesuffix(unit)) * UNITS[unit]


def did(kind: str, when: str, subject: str | None = None, name: str = "", **attributes: str) -> Activity:
    return Activity(name or f"{kind}{when}{subject}", kind, ago(when), subject, attributes)


def lead(
    *done: Activity,
    created: str | None = None,
    before: Standing | None = None,
    rejected: tuple[str, Duration] | None = None,
    **inputs: Value,
) -> Lead:
    no = Rejection(ago(rejected[0]), ago(rejected[0]) + rejected[1], "other") if rejected else None
    return Lead(Ref("test", "lead", "L1"), None if created is None else ago(created), inputs, done, before, no)


def score(card: Scorecard, who: Lead, at: Instant = NOW) -> Score:
    """The score, on which both engines agree."""
    by_reference = score_lead(card, who, at)
    assert score_leads(card, [who, who], at) == [by_reference, by_reference]
    assert sum(line.points for line in by_reference.ledger) == by_reference.points
    return by_reference


def points(rules: str, *done: Activity, **inputs: Value) -> int:
    return score(card(rules), lead(*done, **inputs)).points


def lines(told: Score) -> Sequence[tuple[str, int]]:
    return [(line.rule or line.limit or "", line.points) for line in told.ledger]


def inputs(**values: Value) -> Mapping[str, Value]:
    return values

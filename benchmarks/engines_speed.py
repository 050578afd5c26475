"""Both engines on the shipped scorecard, side by side: leads a second, and the ratio.

python benchmarks/engines_speed.py [leads] [activities per lead]
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

from connector.instants import DAY, parse_instant
from connector.model import Activity, Lead, Ref, Score, Vocabulary
from connector.scoring.columns import score_leads
from connector.scoring.document import read_scorecard
from connector.scoring.reference import score_lead
from connector.shipped import shipped

NOW = parse_instant("2026-11-22T00:00:00Z")
LEVELS = ("staff", "supervisor", "manager", "deputy_head", "department_head", "executive", "president")
INPUTS = {"seniority": "level", "employees": "number", "mail": "text", "lifecycle": "text"}
KINDS = ("page_view", "page_view", "page_view", "download", "email_open", "form_submission", "demo_request")
PATHS = ("/", "/pricing", "/blog/1", "/blog/2", "/cases/1", "/careers", "導入事例集", "/features")


def main(leads: int = 20_000, activities: int = 20) -> None:
    vocabulary = Vocabulary(INPUTS, {"seniority": LEVELS}, None, frozenset({"email_open"}))  # type: ignore[arg-type]  # the words of InputType
    card = read_scorecard(shipped("scorecard.yaml"), "scorecard.yaml", vocabulary, ZoneInfo("Asia/Tokyo"))
    people = [_person(Random(n), n, activities) for n in range(leads)]
    by_columns, fast = _timed(lambda: score_leads(card, people, NOW))
    by_reference, slow = _timed(lambda: [score_lead(card, lead, NOW) for lead in people])
    print(f"columns    {leads / fast:10,.0f} leads/s")
    print(f"reference  {leads / slow:10,.0f} leads/s")
    print(f"ratio      {slow / fast:10.1f}   equal: {by_columns == by_reference}")


def _timed(run: Callable[[], Sequence[Score]]) -> tuple[Sequence[Score], float]:
    began = time.perf_counter()
    found = run()
    return found, time.perf_counter() - began


def _person(random: Random, number: int, activities: int) -> Lead:
    done = [
        Activity(f"a{n}", random.choice(KINDS), NOW - random.randrange(400 * DAY), random.choice(PATHS))
        for n in range(random.randint(0, 2 * activities))
    ]
    inputs = {
        "seniority": random.choice(LEVELS),
        "employees": Decimal(random.randint(1, 5000)),
        "mail": random.choice(("corporate", "free")),
        "lifecycle": "lead",
    }
    return Lead(Ref("bench", "lead", str(number)), NOW - random.randrange(400 * DAY), inputs, done)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))

"""What a pull brings, read already: first everybody with all they did, then what they did since, as it happened."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
from study.world import DAY, NOW, Study

from connector.model import Activity, Event, Raw, Record, Ref
from connector.ports import ActivityFacts, Facts, LeadFacts, Page

NAME = "town"
PEOPLE, EVENTS, AGAIN = 100, 2_000, 200
"""People in a page of the first import, events in a later one, and how many of these had been told before."""
SINCE = NOW - 5 * DAY
"""What was done after this instant comes later, by itself."""
ODD = 0x9E3779B97F4A7C15F39CC0605CEDC835
"""Numbers events so that their ids come in no order, as a CRM's do."""
Told = tuple[Page, Facts]


def first(town: Study) -> Iterator[Told]:
    """Page by page, people in the order of their numbers."""
    for start in range(0, town.leads, PEOPLE):
        people = range(start, min(start + PEOPLE, town.leads))
        leads = [_lead(n) for n in people]
        span = np.arange(town.offsets[people[0]], town.offsets[people[-1] + 1])
        events, activities = _deeds(town, span[town.at[span] <= SINCE])
        yield Page([told.record for told in leads], events, cursor=str(start)), Facts(leads, activities)


def later(town: Study) -> Iterator[Told]:
    """Page by page in the order of time; each begins with what the one before ended with."""
    late = np.flatnonzero(np.asarray(town.at) > SINCE)
    late = late[np.argsort(town.at[late], kind="stable")]
    for start in range(0, len(late), EVENTS - AGAIN):
        events, activities = _deeds(town, late[start : start + EVENTS])
        yield Page([], events, cursor=f"later {start}"), Facts([], activities)


def ref_of(n: int) -> Ref:
    return Ref(NAME, "contacts", str(40_000_000_000 + 7 * n))


def _lead(n: int) -> LeadFacts:
    """Somebody with the fields that the shipped mapping asks for, or about as many."""
    held: dict[str, Raw] = dict.fromkeys(("lh_score", "lh_hot", "lh_band", "lh_reasons", "lh_hot_since"))
    fields: dict[str, Raw] = {
        "email": f"person{n}@example.co.jp", "jobtitle": "部長", "company": f"株式会社{n % 500}",
        "phone": f"03-{n:08d}",
        "lifecyclestage": "lead", "country": "日本", "company.industry": "COMPUTER_SOFTWARE",
        "company.numberofemployees": str(n % 1_000), **held,
    }  # fmt: skip
    inputs = {"seniority": "department_head", "employees": Decimal(n % 1_000), "mail": "corporate", "lifecycle": "lead"}
    return LeadFacts(Record(ref_of(n), fields, NOW + n, NOW - 300 * DAY), inputs, held)


def _deeds(town: Study, places: Any) -> tuple[Sequence[Event], Sequence[ActivityFacts]]:
    people = np.searchsorted(town.offsets, places, "right") - 1
    each = zip(places.tolist(), people.tolist(), town.at[places].tolist(), town.classes[places].tolist(), strict=True)
    refs = {n: ref_of(n) for n in set(people.tolist())}
    facts = [_deed(town, place, refs[n], at, code) for place, n, at, code in each]
    events = [Event(f.source, f.id, f.person, {**f.words, "occurredAt": str(f.at)}) for f in facts]
    return events, facts


def _deed(town: Study, place: int, who: Ref, at: int, code: int) -> ActivityFacts:
    kind, subject = town.deeds[code]
    id_ = f"{place * ODD % 2**128:032x}"
    device = "mobile" if place % 10 < 3 else "desktop"
    words: dict[str, Raw] = {"hs_url": subject, "hs_device_type": device, "hs_visit_source": "ORGANIC"}
    return ActivityFacts(who, kind, id_, at, words, Activity(f"{kind}:{id_}", kind, at, subject, {"device": device}))

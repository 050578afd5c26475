"""The study's company, stored: filled in bulk, scored by a first pass, kept in `.bench/` and measured in copies."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import delete, select
from study import world
from study.world import DAY, MINUTE, NOW, SECOND, Study, study

from connector.book import Book
from connector.garbage import collect_seldom
from connector.instants import iso
from connector.mapping.reading import read_page
from connector.model import Counts, Event, Outcome, Raw, Record, Ref, Run
from connector.ports import Page
from connector.results import RESULTS
from connector.store import SqlStore, open_store, remember_book
from connector.store.codec import dumps, outcome_text
from connector.store.inputs import facts_with
from connector.store.tables import HERE, OF_A_LEAD, activity, held, lead, outcome, source
from connector.store.timeline import key_of
from stored.book import NAME, STUDY, book_of, score, texts_of
from stored.bulk import Put, filling
from stored.people import Kept, ext_id, kept

BEFORE = NOW - 3600 * SECOND
"""When the company was read; it is first scored at NOW."""
SETTLED = NOW + MINUTE
"""When it was last scored: after the many dates of the study that are whole days from NOW have taken effect."""
FORMAT = 2
"""Goes up when the same study would be stored otherwise."""
UNKNOWN = np.iinfo(np.int64).min
MERGED, WITH_OUTCOMES = 0.004, 0.02
ROWS = 500_000
SEEDER = Ref(NAME, "contacts", "1")
"""Somebody who does everything once, so that the store itself keeps every wording; then forgotten."""


@dataclass(frozen=True, slots=True)
class Words:
    """By class of activity, the number of its wording; and the numbers of the sources of outcomes."""

    wordings: Any
    deals: int
    verdicts: int


def company_file(leads: int, activities: int) -> Path:
    """The SQLite database of that size, made and scored the first time."""
    file = world.CACHE / f"store-{leads}-{activities}-{digest()}.db"
    if not file.exists():
        world.CACHE.mkdir(exist_ok=True)
        begun = file.with_suffix(".begun")
        for old in begun.parent.glob(f"{begun.name}*"):
            old.unlink()
        with open_store(f"sqlite:///{begun}", now=lambda: NOW) as store:
            make(store, study(leads, activities))
            with store.engine.connect() as conn:
                conn.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        begun.rename(file)
    return file


def digest() -> str:
    """Of what decides what a database holds, so that old ones are not measured by mistake."""
    steps = Path(__file__).parents[2] / "connector" / "store" / "steps.py"
    told = [*sorted(STUDY.glob("*.yaml")), STUDY / "world.py", steps]
    return hashlib.sha256(b"".join([str(FORMAT).encode(), *(p.read_bytes() for p in told)])).hexdigest()[:8]


def make(store: SqlStore, town: Study) -> None:
    """Fill an empty database and score everybody. Afterwards nobody is due and nothing is pending."""
    book = book_of()
    run = store.begin(NAME, BEFORE, "sync", BEFORE)
    words = _keep_words(store, run, town, book)
    people = kept(store, town, book)
    with filling(store) as put:
        _put_people(put, run, town, people)
        _put_deeds(put, run, town, words)
        _put_outcomes(put, run, town, words)
    store.finish(run, "succeeded", Counts(read=town.leads), {}, BEFORE, None)
    remember_book(store, book.digest, texts_of().to_json())
    score(store, book, NOW, full=True)
    score(store, book, SETTLED)


# ---- words -----------------------------------------------------------------------------------------------------------


def _keep_words(store: SqlStore, run: Run, town: Study, book: Book) -> Words:
    """Let the store keep one event of each class, take the numbers, and forget who did it all."""
    events = [Event(*_event(n, kind, subject)) for n, (kind, subject) in enumerate(town.deeds)]
    deal = Event("deals", "d", SEEDER, {"createdate": iso(BEFORE), "hs_is_closed": "false"})
    verdict = {r.hubspot: "good" for r in RESULTS if r.by_sales}
    page = Page([Record(SEEDER, verdict, BEFORE)], [*events, deal], cursor="read")
    list(store.reread(run, book.mapping.digest, lambda r, e: read_page(book.mapping, NAME, r, e)))
    store.keep(run, page, read_page(book.mapping, NAME, page.records, page.events))
    with store.writing() as conn:
        told = {row.key: row for row in conn.execute(select(activity))}
        numbers = {row.name: row.id for row in conn.execute(select(source))}
        for table in OF_A_LEAD:
            conn.execute(delete(table))
        conn.execute(delete(lead))
    wordings = np.array([told[key_of(e.source, e.id)].wording for e in events])
    return Words(wordings, numbers["deals"], numbers["verdict"])


def _event(n: int, kind: str, subject: str | None) -> tuple[str, str, Ref, dict[str, Raw]]:
    """An event that the mapping reads as this kind and subject."""
    at, mail = iso(BEFORE), f"mail {n // 4}"
    about: dict[str, tuple[str, dict[str, Raw]]] = {
        "page_view": ("page_views", {"occurred_at": at, "url": f"https://www.example.jp{subject}"}),
        "email_open": ("email_events", {"occurred_at": at, "action": "OPEN"}),
        "email_click": ("email_events", {"occurred_at": at, "action": "CLICK", "url": subject, "campaign": mail}),
        "download": ("form_submissions", {"submitted_at": at, "form_name": subject, "page_url": "/library"}),
        "form_submission": ("form_submissions", {"submitted_at": at, "form_name": subject, "page_url": "/forms"}),
        "demo_request": ("form_submissions", {"submitted_at": at, "form_name": "demo", "page_url": "/demo"}),
        "inquiry": ("form_submissions", {"submitted_at": at, "form_name": "contact", "page_url": "/contact"}),
        "seminar": ("marketing_events", {"occurred_at": at, "name": subject, "state": "ATTENDED"}),
        "meeting": ("meetings", {"hs_meeting_start_time": at, "hs_meeting_title": None}),
        "call": ("calls", {"hs_timestamp": at, "hs_call_status": "COMPLETED", "hs_call_direction": "OUTBOUND"}),
        "campaign_response": ("campaigns", {"responded_at": at, "name": subject}),
        "chat": ("chats", {"started_at": at}),
    }  # fmt: skip
    name, fields = about[kind]
    return name, str(n), SEEDER, fields


# ---- rows ------------------------------------------------------------------------------------------------------------


def _put_people(put: Put, run: Run, town: Study, people: Iterator[Kept]) -> None:
    """Everybody is here but the merged, who name the lead before them."""
    conn_id, departed = 1, merged(town.leads)
    empty = dumps({r.hubspot: None for r in RESULTS})
    for start, fields, cells in people:
        many = len(fields)
        numbers = np.arange(start + 1, start + many + 1)
        gone = departed[start : start + many].tolist()
        created = town.created[start : start + many].tolist()
        put(lead, {
            "id": numbers, "connection": [conn_id] * many, "object": ["contacts"] * many,
            "ext_id": [ext_id(start + n) for n in range(many)],
            "status": ["merged" if left else HERE for left in gone],
            "modified_at": [BEFORE] * many, "fields": fields,
            "successor": [start + n if left else None for n, left in enumerate(gone)],
            "gone_run": [run.id if left else None for left in gone],
        })  # fmt: skip
        put(facts_with(tuple(cells)), {
            "lead": numbers, "learnt": [run.id] * many,
            "created_at": [None if at == UNKNOWN else at for at in created],
            **{place.column: column for place, column in cells.items()},
        })  # fmt: skip
        put(held, {"lead": numbers, "fields": [empty] * many})


def merged(leads: int) -> Any:
    """Whose lead was merged into the one before; nobody's who is somebody's heir."""
    drawn = np.random.default_rng(11).random(leads) < MERGED
    drawn[0] = False
    drawn[1:] &= ~drawn[:-1]
    return drawn


def _put_deeds(put: Put, run: Run, town: Study, words: Words) -> None:
    rng = np.random.default_rng(13)
    whose = np.repeat(np.arange(1, town.leads + 1), np.diff(town.offsets))
    for start in range(0, len(whose), ROWS):
        part = slice(start, start + ROWS)
        classes = town.classes[part]
        put(activity, {
            "lead": whose[part], "occurred_at": np.asarray(town.at[part]),
            "key": rng.integers(1, 2**63 - 1, len(classes)), "wording": words.wordings[classes],
            "learnt": np.full(len(classes), run.id),
        })  # fmt: skip


def _put_outcomes(put: Put, run: Run, town: Study, words: Words) -> None:
    """Deals won, lost and open, and sales' verdicts."""
    rng = np.random.default_rng(17)
    whose = np.flatnonzero(rng.random(town.leads) < WITH_OUTCOMES) + 1
    kinds = rng.choice(5, len(whose), p=[0.25, 0.25, 0.2, 0.15, 0.15]).tolist()
    at = (NOW - rng.integers(0, 365 * DAY, len(whose))).tolist()
    told = [_outcome(n, kind, when) for n, (kind, when) in enumerate(zip(kinds, at, strict=True))]
    put(outcome, {
        "lead": whose, "source": [words.verdicts if o.id == "verdict" else words.deals for o in told],
        "ext_id": [o.id for o in told], "outcome": [outcome_text(o) for o in told],
        "learnt": [run.id] * len(told), "told": [None if o.id == "verdict" else _deal(o) for o in told],
    })  # fmt: skip


def _outcome(n: int, kind: int, at: int) -> Outcome:
    match kind:
        case 0:
            return Outcome(str(9_000_000 + n), "won", at, Decimal(n * 1000))
        case 1:
            return Outcome(str(9_000_000 + n), "lost", at, None, "price")
        case 2:
            return Outcome(str(9_000_000 + n), "open", at)
        case 3:
            return Outcome("verdict", "accepted", at)
    return Outcome("verdict", "rejected", at, None, "too_early")


def _deal(told: Outcome) -> str:
    fields = {"createdate": iso(told.at), "closedate": iso(told.at), "closed_lost_reason": told.reason}
    amount = None if told.amount is None else str(told.amount)
    closed = {"hs_is_closed": str(told.stage != "open").lower(), "hs_is_closed_won": str(told.stage == "won").lower()}
    return dumps({**fields, **closed, "amount": amount})


if __name__ == "__main__":
    collect_seldom()
    print(company_file(int(sys.argv[1]), 20 * int(sys.argv[1])))

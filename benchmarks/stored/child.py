"""One measurement in a process of its own, told in JSON: `python -m stored.child CASE ADDRESS LEADS ACTIVITIES`."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import text
from study.by_ours import CHUNK
from study.card import Source, card_of
from study.child import peak
from study.world import MINUTE, NOW, study

from connector.cli.explain import explained
from connector.garbage import collect_seldom
from connector.plain.document import lead_document
from connector.scoring.compile import compile_card
from connector.scoring.verdict import score_chunks
from connector.store import SqlStore, open_store
from connector.views import dossier
from connector.wiring import one_lead
from stored.book import NAME, STUDY, book_of, remembered, score
from stored.company import SETTLED, merged
from stored.people import ext_id

LATER = SETTLED + MINUTE
"""When the measured passes take place: a minute after the last scoring."""
RULE = "contains: [/blog, /column, ブログ]}}, within: 90d, points: "
"""The rule whose points are changed by hand: one that very many leads meet."""
Told = dict[str, Any]


def main(case: str, address: str, leads: int, activities: int) -> None:
    collect_seldom()  # as the commands do
    if case == "kernel":
        told = _kernel(leads, activities)
    else:
        with open_store(address, now=lambda: LATER) as store:
            told = CASES[case](store, leads, activities)
    print(json.dumps({**told, "peak": peak()}))


# ---- passes ----------------------------------------------------------------------------------------------------------


def _kernel(leads: int, activities: int) -> Told:
    """The same leads and activities in memory, scored by one worker; every rule's findings kept for its chunk."""
    source, compiled = Source(study(leads, activities)), compile_card(card_of())
    for name in ("at", "classes"):
        np.asarray(getattr(source.study, name)).sum()  # into memory before the clock runs
    edges = range(0, leads, CHUNK)

    def run() -> int:
        chunks = (source.columns(start, start + CHUNK, compiled.inputs) for start in edges)
        return sum(len(verdicts.points) for _, verdicts in score_chunks(compiled, chunks, NOW))

    run()
    wall, cpu = time.perf_counter(), time.process_time()
    scored = run()
    return {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu, "scored": scored}


def _pass(store: SqlStore, *, full: bool = False, card: str | None = None, at: int = LATER) -> Told:
    book, earlier = book_of(card), remembered(store)
    wall, cpu, server = time.perf_counter(), time.process_time(), _server(store)
    run, _ = score(store, book, at, full=full, earlier=earlier)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    served = _server(store) - server
    counts = run.counts
    return {
        "wall": wall, "cpu": cpu + served, "server": served, "scored": counts.scored, "changed": counts.changed,
        "written": counts.written,
    }  # fmt: skip


def _edited() -> str:
    before = (STUDY / "card.yaml").read_text("utf-8")
    after = before.replace(f"{RULE}3}}", f"{RULE}4}}")
    assert before != after
    return after


def _server(store: SqlStore) -> float:
    """Processor seconds that this database's server processes have used so far; 0 where there is no server, or it is
    on another machine."""
    if store.engine.dialect.name != "postgresql":
        return 0.0
    with store.reading() as conn:
        pids = conn.execute(text("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")).scalars().all()
    stats = [Path(f"/proc/{pid}/stat") for pid in pids]
    fields = [stat.read_text().rpartition(")")[2].split() for stat in stats if stat.exists()]
    return sum(int(told[11]) + int(told[12]) for told in fields) / 100


# ---- explain ---------------------------------------------------------------------------------------------------------


def _explain(store: SqlStore, leads: int, activities: int) -> Told:
    """What `leadheat explain` does for a lead once its files are read and its database is open."""
    gone, counts = merged(leads), np.diff(study(leads, activities).offsets)
    here = np.flatnonzero(~gone)
    drawn = np.random.default_rng(23).choice(here, min(1_000, len(here)), replace=False).tolist()
    busiest = here[np.argsort(-counts[here], kind="stable")[:100]].tolist()
    look = _looker(store)
    for place in [*drawn[:20], *busiest[:2]]:
        look(place)
    return {"drawn": _times(look, drawn), "busiest": _times(look, busiest), "most": int(counts[busiest].max())}


def _looker(store: SqlStore) -> Callable[[int], object]:
    book = book_of()

    def look(place: int) -> object:
        ref = one_lead(store, f"{NAME}:contacts/{ext_id(place)}")
        known = dossier(store, ref, None)
        return lead_document(explained(book, known, LATER)[0])

    return look


def _times(look: Callable[[int], object], places: Sequence[int]) -> list[tuple[float, float]]:
    """Milliseconds of wall and processor for each."""
    took = []
    for place in places:
        wall, cpu = time.perf_counter(), time.process_time()
        look(place)
        took.append((1000 * (time.perf_counter() - wall), 1000 * (time.process_time() - cpu)))
    return took


CASES: dict[str, Callable[[SqlStore, int, int], Told]] = {
    "full": lambda store, *_: _pass(store, full=True),
    "edited": lambda store, *_: _pass(store, card=_edited()),
    "due": lambda store, *_: _pass(store),
    "idle": lambda store, *_: _pass(store, at=SETTLED),
    "explain": _explain,
}

if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))

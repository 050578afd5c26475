"""All that is known of some leads, gathered in bulk."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import Connection, select

from connector.deeds import Deeds, Ints, Reading
from connector.instants import Instant
from connector.model import Lead, Outcome, Ref
from connector.ports import Dossier
from connector.store.arrays import strips_of
from connector.store.codec import outcome_of, raws_of, readings_of, standing_of
from connector.store.finding import finder
from connector.store.inputs import UNREAD, inputs_in, known_of, places_of
from connector.store.tables import book, held, history, lead, outcome, pending, score, wording

_LEADS = finder(select(lead.c.id, lead.c.object, lead.c.ext_id), lead.c.id)
_LEFT = finder(select(lead.c.id, lead.c.successor), lead.c.successor)
_HELD = finder(select(held.c.lead, held.c.fields), held.c.lead)
_READINGS = finder(select(wording.c.id, wording.c.reading), wording.c.id)
_OUTCOMES = finder(select(outcome).where(outcome.c.outcome.is_not(None)), outcome.c.lead)
_SCORES = finder(
    select(score.c.lead, score.c.as_of, score.c.standing, score.c.next_look, score.c.imprint, book.c.digest)
    .join(book, book.c.id == score.c.book, isouter=True),
    score.c.lead,
)  # fmt: skip
_PENDING = finder(select(pending.c.lead), pending.c.lead)
_POINTS = finder(select(history.c.lead, history.c.as_of, history.c.points), history.c.lead)


@dataclass(frozen=True, slots=True)
class Readings:
    """Wordings' readings, each decoded once. `uncounted` are wordings that the mapping makes nothing of."""

    known: dict[int, Reading] = field(default_factory=dict)
    uncounted: set[int] = field(default_factory=set)

    def learn(self, conn: Connection, wordings: Iterable[int]) -> None:
        missing = set(wordings) - self.known.keys() - self.uncounted
        rows = _READINGS(conn, missing)
        for (number, _), reading in zip(rows, readings_of(text for _, text in rows), strict=True):
            if reading is None:
                self.uncounted.add(number)
            else:
                self.known[number] = reading


class Strips(NamedTuple):
    """Activities as columns: by lead, instant and number of the event."""

    lead: Ints
    at: Ints
    key: Ints
    wording: Ints


NOTHING = Strips(*[np.zeros(0, np.int64)] * 4)


def gather(conn: Connection, name: str, ids: Sequence[int], readings: Readings) -> list[Dossier]:
    """The dossiers of these leads, in the order given. Who carries on for somebody has their deeds, outcomes and
    standing too, as long as the CRM has not moved them and nothing of its own says otherwise."""
    heirs = _heirs(conn, ids)
    everyone = [*ids, *heirs]
    leads = {row.id: row for row in _LEADS(conn, ids)}
    places = places_of(conn)
    known = known_of(conn, places, ids)
    fields = dict(_HELD(conn, ids))
    activities = _activities(conn, everyone, heirs, readings)
    outcomes = _outcomes(conn, everyone, heirs)
    scores = _scores(conn, everyone)
    points = _points(conn, ids)
    before = inherited(scores, heirs)
    unsettled = {row.lead for row in _PENDING(conn, ids)}
    dossiers = []
    for n in ids:
        row, mine, told = leads[n], before.get(n), known.get(n, UNREAD)
        ref = Ref(name, row.object, row.ext_id)
        standing = standing_of(mine.standing) if mine else None
        inputs = inputs_in(places, told.cells or ())
        subject = Lead(ref, told.created_at, inputs, activities.get(n, []), standing)
        digest = mine.digest if mine else None
        imprint = mine.imprint if mine and n in scores and n not in unsettled else None
        dossiers.append(
            Dossier(
                subject, raws_of(fields.get(n)), points.get(n, []), digest, outcomes.get(n, []), number=n,
                imprint=imprint, look_again_at=mine.next_look if mine else None,
            )
        )  # fmt: skip
    return dossiers


def _heirs(conn: Connection, ids: Sequence[int]) -> dict[int, int]:
    """Those who left, and who carries on for them."""
    return dict(_LEFT(conn, ids))


def inherited(scores: Mapping[int, Any], heirs: Mapping[int, int]) -> dict[int, Any]:
    """Each lead's last scoring: its own, else the latest of those it carries on for, so that a converted or merged
    hot lead is not newly hot once more."""
    last = {heirs[n]: row for n, row in sorted(scores.items(), key=lambda item: item[1].as_of) if n in heirs}
    return last | {n: row for n, row in scores.items() if n not in heirs}


def _activities(
    conn: Connection, everyone: Iterable[int], heirs: Mapping[int, int], readings: Readings
) -> Mapping[int, Deeds]:
    family = heirs.keys() | set(heirs.values())
    alone, theirs = (_strips(conn, leads, readings) for leads in (set(everyone) - family, family))
    return deeds_by_lead(alone, readings) | deeds_by_lead(once(theirs, heirs, readings), readings)


def _strips(conn: Connection, leads: Collection[int], readings: Readings) -> Strips:
    if not leads:
        return NOTHING
    told = Strips(*strips_of(conn, leads, ("lead", "occurred_at", "key", "wording")))
    readings.learn(conn, np.unique(told.wording).tolist())
    return told


def strips_of_rows(rows: Sequence[Any]) -> Strips:
    """The same of rows, by lead, instant and number of the event."""
    told = sorted((row.lead, row.occurred_at, row.key, row.wording) for row in rows)
    return Strips(*(np.array(column, np.int64) for column in zip(*told, strict=True))) if told else NOTHING


def once(told: Strips, heirs: Mapping[int, int], readings: Readings) -> Strips:
    """What is told of those who left becomes their heirs', as far as it is not told of these too."""
    leads, places = np.unique(told.lead, return_inverse=True)
    owner: Ints = np.array([heirs.get(n, n) for n in leads.tolist()], np.int64)[places]
    counts = (owner == told.lead) | ~np.isin(told.wording, list(readings.uncounted))
    rows = np.flatnonzero(counts)
    order = rows[np.lexsort((told.lead[rows], (owner != told.lead)[rows], told.key[rows], owner[rows]))]
    first = np.append(True, (np.diff(owner[order]) != 0) | (np.diff(told.key[order]) != 0))
    kept = order[first[: len(order)]]
    kept = kept[np.lexsort((told.key[kept], told.at[kept], owner[kept]))]
    return Strips(owner[kept], told.at[kept], told.key[kept], told.wording[kept])


def deeds_by_lead(told: Strips, readings: Readings) -> dict[int, Deeds]:
    """Each lead's activities that count. The arrays are cut, not copied."""
    counted = ~np.isin(told.wording, list(readings.uncounted))
    whose, at, keys, words = (column[counted] for column in told)
    starts = np.flatnonzero(np.diff(whose, prepend=-1)).tolist()
    return {
        int(whose[start]): Deeds(at[start:end], words[start:end], keys[start:end], readings.known)
        for start, end in pairwise([*starts, len(whose)])
    }


def _outcomes(conn: Connection, everyone: Iterable[int], heirs: Mapping[int, int]) -> dict[int, list[Outcome]]:
    return outcomes_by_lead(_OUTCOMES(conn, everyone), heirs)


def outcomes_by_lead(rows: Sequence[Any], heirs: Mapping[int, int]) -> dict[int, list[Outcome]]:
    """Outcomes by lead, oldest first; one told of two who are one counts once, the lead's own first."""
    found: dict[int, dict[tuple[int, str], Outcome]] = defaultdict(dict)
    for row in sorted(rows, key=lambda r: (r.lead in heirs, r.lead)):
        found[heirs.get(row.lead, row.lead)].setdefault((row.source, row.ext_id), outcome_of(row.outcome))
    return {n: sorted(mine.values(), key=lambda o: (o.at, o.id)) for n, mine in found.items()}


def _scores(conn: Connection, everyone: Iterable[int]) -> dict[int, Any]:
    return {row.lead: row for row in _SCORES(conn, everyone)}


def _points(conn: Connection, ids: Sequence[int]) -> dict[int, list[tuple[Instant, int]]]:
    return changes_of_points(_POINTS(conn, ids))


def changes_of_points(rows: Sequence[Any]) -> dict[int, list[tuple[Instant, int]]]:
    """The points by lead as they changed, oldest first: a scoring that left them as they were is no change."""
    found: dict[int, list[tuple[Instant, int]]] = defaultdict(list)
    for row in sorted(rows, key=lambda r: (r.lead, r.as_of)):
        mine = found[row.lead]
        if not mine or mine[-1][1] != row.points:
            mine.append((row.as_of, row.points))
    return found

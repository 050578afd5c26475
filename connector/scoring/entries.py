"""The ledgers of all leads as arrays: the same lines in the same order as `ledger.py` has them, before anybody asks to
see one. This is what there is to keep; nothing needs to be worked out again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from connector.scoring.arrays import NEVER, Ints, Verdicts
from connector.scoring.desk import same


@dataclass(frozen=True, slots=True)
class Entries:
    """Ledger lines of lead i stand from ends[i - 1] to ends[i], in order. `what` is the place of the rule in the
    scorecard, or their number and the place of the cut. Cuts, lead and silence rules have no occurrences, and then
    `first` and `last` mean nothing; `subject` is a place in the columns' deeds, or -1."""

    ends: Ints
    what: Ints
    points: Ints
    occurrences: Ints
    first: Ints
    last: Ints
    subject: Ints
    changes_at: Ints


def entries_of(verdicts: Verdicts) -> Entries:
    """Largest effect first, then scorecard order; cuts last, alike."""
    rules, leads = len(verdicts.findings.rules), len(verdicts.points)
    parts = [*_of_rules(verdicts), *_of_cuts(verdicts)]
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    lead, points = columns[0], columns[1]
    what = np.repeat(np.arange(len(parts)), [len(part[0]) for part in parts])
    order = _order(lead, (what >= rules).astype(np.int64), np.abs(points), what, len(parts))
    ends = np.cumsum(np.bincount(lead, minlength=leads))
    return Entries(ends, what[order], *(column[order] for column in columns[1:]))


def _of_rules(verdicts: Verdicts) -> Iterator[Sequence[Ints]]:
    """Lead, points, occurrences, first, last, subject and next change of every line; none without points."""
    for found in verdicts.findings.rules:
        there = np.flatnonzero(found.points)
        given = (found.points, found.occurrences, found.first, found.last, found.subject, found.changes_at)
        yield [found.leads[there], *(column[there] for column in given)]


def _of_cuts(verdicts: Verdicts) -> Iterator[Sequence[Ints]]:
    for _, taken in verdicts.cuts:
        leads = np.flatnonzero(taken)
        none = same(0, leads)
        yield [leads, taken[leads], none, none, none, same(-1, leads), same(NEVER, leads)]


def _order(lead: Ints, is_cut: Ints, size: Ints, what: Ints, kinds: int) -> Ints:
    """By lead; rules before cuts; by size, largest first; by place. One number for all sorts far faster than four."""
    largest = int(size.max(initial=0))
    if 2 * (int(lead.max(initial=0)) + 1) * (largest + 1) * kinds < NEVER:
        return np.argsort(((lead * 2 + is_cut) * (largest + 1) + (largest - size)) * kinds + what)
    return np.lexsort((what, -size, is_cut, lead))

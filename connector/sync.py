"""One pass over one connection: pull, read, score, diff, write back.

Nothing here decides what a score means or how a CRM is spoken to; the order of the steps and what is remembered
between them is the whole matter. A crash anywhere is repaired by the next pass, because the difference is taken anew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import partial

import numpy as np

from connector.abreast import abreast
from connector.book import Book, Earlier, judge
from connector.deeds import NOBODY, Ints, Sheet
from connector.errors import CRMError, LeadheatError, QuotaSpent, UnsafePlan
from connector.instants import Instant
from connector.mapping.reading import read_page
from connector.model import Change, Counts, Event, Receipt, Record, Ref, Run
from connector.plan import (
    SHARE,
    Plan,
    refuse_dark_fields,
    refuse_if_stale,
    refuse_if_unsafe,
    refuse_vanished,
    sum_up,
)  # fmt: skip
from connector.ports import CRM, Ask, Dossier, Facts, Page, Scored, Store
from connector.reasons import top_reason
from connector.unchanged import unchanged
from connector.words import Message, say


class Stopped(Exception):
    """The operator asked the pass to end; it does so after the page or batch at hand."""


@dataclass(frozen=True, slots=True)
class Orders:
    """What this pass is asked to do. `apply` false: write nothing to the CRM. `full`: read everything again and score
    everyone. `only`: one lead; `limit`: at most so many. `max_share`, `accept_changes` and `accept_dark` steer the
    brake. `expect` is the digest of a plan somebody looked at."""

    apply: bool = True
    full: bool = False
    only: Ref | None = None
    limit: int | None = None
    max_share: float | None = None
    accept_changes: int | None = None
    accept_dark: frozenset[str] = frozenset()
    expect: str | None = None


@dataclass(frozen=True, slots=True)
class Rim:
    """What a pass needs of the world around: the clock, somebody to show progress to, somebody who may stop it."""

    now: Callable[[], Instant]
    progress: Callable[[str, int, int | None], None] = lambda *_: None
    notice: Callable[[Message], None] = lambda _: None
    stopping: Callable[[], bool] = lambda: False


@dataclass(slots=True)
class _Pass:
    """The parts of one pass, together."""

    crm: CRM
    store: Store
    book: Book
    orders: Orders
    rim: Rim
    run: Run
    earlier: Earlier
    tally: Counter[str] = field(default_factory=Counter)
    unchanged: Ints = field(default_factory=lambda: NOBODY)


def sync(name: str, crm: CRM, store: Store, book: Book, earlier: Earlier, orders: Orders, rim: Rim) -> tuple[Run, Plan]:
    """One pass over one connection. Returns the closed run and the plan it carried out (or, without `orders.apply`,
    would carry out). Raises what went wrong after closing the run with that status; what was kept stays kept."""
    at = rim.now()
    run = store.begin(name, at, "sync" if orders.apply else "plan", at)
    one = _Pass(crm, store, book, orders, rim, run, earlier)
    if run.as_of > at:
        rim.notice(say("{name}: the clock is behind the last pass, whose instant is used", name=name))
    try:
        short = _pull(one)
        plan = _score(one)
        if orders.apply:
            _write(one, plan)
        if short:
            raise short
    except BaseException as error:
        _close(one, _status(error), str(error) if isinstance(error, LeadheatError) else type(error).__name__)
        raise
    done = "planned" if not orders.apply else "partly" if one.tally["rejected"] else "succeeded"
    return _close(one, done, None), plan


def _pull(one: _Pass) -> QuotaSpent | None:
    """Read the stored anew if the mapping changed, then keep every page with what the mapping reads from it.

    Where the day's calls run short and what is stored was whole before, what was read is scored and written, and the
    shortage is told afterwards: newly hot leads do not wait for tomorrow's calls.
    """
    read = _reader(one)
    for done in one.store.reread(one.run, one.book.mapping.digest, read):
        one.rim.progress("reread", done, None)
        _stop_if_asked(one)
    whole = False
    try:
        for page in _telling(one.crm.pull(None if one.orders.full else one.run.cursor)):
            _keep(one, page, read)
            whole = page.whole
    except QuotaSpent as spent:
        if not whole:
            raise
        return spent
    return None


def _telling(pages: Iterator[Page]) -> Iterator[Page]:
    """Without the pages that have nothing but a cursor to tell, where another follows: its cursor covers theirs."""
    last: Page | None = None
    try:
        for page in pages:
            told = page.records or page.events or page.rejects or page.sweep or page.notices or page.extents
            last = None if told else page
            if told:
                yield page
    except CRMError:
        if last:
            yield last
        raise
    if last:
        yield last


def _keep(one: _Pass, page: Page, read: Callable[[Sequence[Record], Sequence[Event]], Facts]) -> None:
    whole = one.store.complete(one.run, page)
    facts = read(whole.records, whole.events)
    one.store.keep(one.run, whole, facts)
    _count(one, whole, facts)
    _stop_if_asked(one)


def _reader(one: _Pass) -> Callable[[Sequence[Record], Sequence[Event]], Facts]:
    return lambda records, events: read_page(one.book.mapping, one.run.connection, records, events)


def _count(one: _Pass, page: Page, facts: Facts) -> None:
    one.tally["read"] += len(page.records)
    one.tally["gone"] += sum(1 for r in page.records if r.gone)
    one.tally["activities"] += len(facts.activities)
    one.tally["rejected"] += len(page.rejects) + len(facts.rejects)
    for notice in page.notices:
        one.rim.notice(notice)
    one.rim.progress("pull", one.tally["read"], page.total)


def _score(one: _Pass) -> Plan:
    """Score whom it concerns, and add up what that would change."""
    hot = {obj: fields.get("hot", "") for obj, fields in one.book.mapping.wants.results.items()}
    plan = sum_up(_staged(one), hot, partial(top_reason, wording=one.book.wording))
    base = one.store.baseline(one.run, hot)
    dark = {name: told for name, told in base.dark.items() if name in one.book.mapping.vocabulary.inputs}
    unchanged = one.tally["scored"] - one.tally["changed"]
    return replace(plan, unchanged=unchanged, hot_before=base.hot, dark=dark, vanished=base.vanished)


def _staged(one: _Pass) -> Iterator[Scored]:
    """Leave out whose score says what it said; score the others who are due, and keep the outcome aside."""
    ask = Ask(one.book.digest, one.orders.full, one.orders.only, one.orders.limit, one.book.asks)
    for dossiers in one.store.due(one.run, ask, partial(_unchanged, one)):
        scored = judge(one.book, dossiers, one.run.as_of, one.earlier)
        one.store.stage(one.run, [s for s in scored if not s.same])
        same = [d.number for d, s in zip(dossiers, scored, strict=True) if s.same]
        one.unchanged = np.append(one.unchanged, np.array(same, np.int64))
        _count_scored(one, dossiers, scored)
        yield from scored
        _stop_if_asked(one)


def _unchanged(one: _Pass, sheets: Iterator[Sheet]) -> Ints:
    """Nearly everybody, where all are asked for: they are scored too, but nobody needs to hear of it."""
    found = [NOBODY]
    for kept in unchanged(one.book, sheets, one.run.as_of):
        found.append(kept.leads)
        one.tally.update(scored=len(kept.leads), hot=kept.hot)
        one.rim.progress("score", one.tally["scored"], None)
        _stop_if_asked(one)
    one.unchanged = np.concatenate(found)
    return one.unchanged


def _count_scored(one: _Pass, dossiers: Sequence[Dossier], scored: Sequence[Scored]) -> None:
    one.tally["scored"] += len(scored)
    one.tally["changed"] += sum(1 for s in scored if s.change)
    for dossier, now in zip(dossiers, scored, strict=True):
        before = dossier.lead.before
        was, hot = bool(before and before.state.is_hot), now.score.standing.state.is_hot
        one.tally["hot"] += hot
        one.tally["newly_hot"] += hot and not was
        one.tally["cooled"] += was and not hot
        one.tally["set_aside"] += now.set_aside
    one.rim.progress("score", one.tally["scored"], None)


def _write(one: _Pass, plan: Plan) -> None:
    """Past the brake, make the scores ours, then write what differs, a few batches abreast, and settle each answer.

    A batch under way at a crash is one that nobody heard of: the next pass takes the difference anew.
    """
    refuse_dark_fields({n: told for n, told in plan.dark.items() if n not in one.orders.accept_dark})
    refuse_vanished({n: told for n, told in plan.vanished.items() if n not in one.orders.accept_dark})
    refuse_if_unsafe(plan, SHARE if one.orders.max_share is None else one.orders.max_share, one.orders.accept_changes)
    refuse_if_stale(plan, one.orders.expect)
    if not one.tally["scored"]:
        return  # nothing was put aside
    one.store.commit(one.run, one.unchanged)
    for changes, receipts in abreast(one.crm.push, _batches(one), one.crm.traits.abreast):
        one.store.settle(one.run, list(zip(changes, receipts, strict=True)))
        _count_receipts(one, receipts, plan.changes)
    _stop_if_asked(one)


def _batches(one: _Pass) -> Iterator[Sequence[Change]]:
    """What is to be written, until somebody asks to stop."""
    for changes in one.store.batches(one.run, one.crm.traits.batch_size):
        yield changes
        if one.rim.stopping():
            return


def _count_receipts(one: _Pass, receipts: Sequence[Receipt], of: int) -> None:
    told = Counter(r.status for r in receipts)
    one.tally.update(written=told["written"], rejected=told["refused"] + told["unknown"], gone=told["gone"])
    one.rim.progress("write", one.tally["written"], of)


def _stop_if_asked(one: _Pass) -> None:
    if one.rim.stopping():
        raise Stopped


def _status(error: BaseException) -> str:
    stopped = isinstance(error, (Stopped, KeyboardInterrupt, QuotaSpent, UnsafePlan))
    return "stopped" if stopped else "failed"


def _close(one: _Pass, status: str, problem: str | None) -> Run:
    calls = one.crm.calls()
    one.tally["unchanged"] = one.tally["scored"] - one.tally["changed"]
    told = {f.name: one.tally[f.name] for f in fields(Counts) if f.name != "calls"}
    counts = Counts(**told, calls=sum(calls.values()))
    return one.store.finish(one.run, status, counts, calls, one.rim.now(), problem)

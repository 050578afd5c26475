"""A pull, from wherever the last one stood: which steps it takes, and the cursor after each page."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from adapters.hubspot import account, each, steps
from adapters.hubspot.access import Access
from adapters.hubspot.api import Api
from adapters.hubspot.cursor import Cursor, Walk, cursor_text, next_since, read_cursor, remember
from adapters.hubspot.definitions import names_of
from adapters.hubspot.people import Companies
from adapters.hubspot.sources import SOURCES
from adapters.hubspot.steps import Part, Reader
from connector.instants import Instant
from connector.ports import Page, Sweep, Wants

START, END = "start", "end"
Step = Callable[[Reader, Any], Iterator[Part]]


@dataclass(frozen=True, slots=True)
class Pulling:
    """What a pull needs: the account, what is wanted of it, what of that can be had, and the time."""

    api: Api
    wants: Wants
    access: Access
    now: Callable[[], Instant]

    @property
    def millis(self) -> int:
        return self.now() // 1_000


def pull(
    api: Api, wants: Wants, look: Callable[[], Access], now: Callable[[], Instant], text: str | None
) -> Iterator[Page]:
    """Everything new since the cursor `text`. A walk that was abandoned is ended first, and then another one brings
    what happened meanwhile. `look` says what can be had."""
    cursor = read_cursor(text)
    one = Pulling(api, wants, look(), now)
    left_over = cursor.walk is not None
    while True:
        cursor = yield from _walk(one, cursor)
        if not left_over:
            return
        left_over = False


def _walk(one: Pulling, cursor: Cursor) -> Generator[Page, None, Cursor]:
    """One walk to its end; returns the cursor after it."""
    reader = _reader(one, cursor)
    order = _steps(reader)
    names = list(order)
    # where the step at hand is wanted no more, the walk begins again
    start = [*names, END].index(reader.walk.step) if reader.walk.step in {*names, END} else 0
    for n in range(start, len(names)):
        at = reader.walk.at if names[n] == reader.walk.step else None
        for part in order[names[n]](reader, at):
            reader.walk = _met(reader.walk, part, names[n : n + 2], one.api.config.overlap)
            yield _page(reader, part, replace(cursor, walk=reader.walk))
    cursor = _finished(one, reader)
    yield Page(cursor=cursor_text(cursor))
    return cursor


def _reader(one: Pulling, cursor: Cursor) -> Reader:
    names = names_of(one.wants, one.access.fields, one.access.ours)
    walk = cursor.walk or _begin(one, cursor, names.told)
    companies = Companies(one.api, names.companies)
    return Reader(one.api, one.access, names, cursor, walk, companies, account.People(one.api), each.Lists(one.api))


def _begin(one: Pulling, cursor: Cursor, names: tuple[str, ...]) -> Walk:
    now = one.millis
    due = now - cursor.swept_at >= 1_000 * one.api.config.sweep_every or _lost(one.wants, cursor, names)
    return Walk(cursor.since, now, now if due else None, START, names=names, sources=one.access.told)


def _lost(wants: Wants, cursor: Cursor, names: tuple[str, ...]) -> bool:
    """Whether a field that was told for all is seen no more. Then everybody is read anew: were it only the changed
    ones, too few would lose it for anybody to notice, and each of them would be scored as if it were blank."""
    wanted = wants.people.get("contacts", frozenset()) | set(wants.results.get("contacts", {}).values())
    return not wanted.isdisjoint(set(cursor.names) - set(names))


def _steps(reader: Reader) -> dict[str, Step]:
    """The steps of this walk, in order: people before what they did."""
    walk, told = reader.walk, reader.access.told
    hows = {source: SOURCES[source].how for source in told}
    order: dict[str, Step] = {} if walk.first or walk.sweep is None else {"gone": steps.gone}
    order["people"] = steps.people
    if not walk.first:
        by_contact = {s for s in reader.grown if hows[s] not in {"account", "counted"}}
        if reader.names.companies:
            order["companies"] = steps.companies
        if by_contact or (reader.new_names and walk.sweep is None):
            order["fill"] = steps.fill
        fresh = [s for s in told if hows[s] == "object" and s not in by_contact]
        order |= {s: partial(_of, steps.objects, s) for s in fresh}
    order |= {s: partial(_of, steps.whole_account, s) for s in told if hows[s] == "account"}
    return order | {s: partial(_of, steps.by_counts, s) for s in told if hows[s] == "counted"}


def _of(step: Callable[[Reader, str, Any], Iterator[Part]], source: str, reader: Reader, at: Any) -> Iterator[Part]:
    return step(reader, source, at)


def _met(walk: Walk, part: Part, steps_left: list[str], overlap: int) -> Walk:
    """The walk after a part: where it stands, and the stamps it met."""
    step = steps_left[0] if part.at is not None else [*steps_left, END][1]
    peak = max([walk.peak, *part.stamps.values()])
    met = remember(walk.met, part.stamps, peak - 1_000 * overlap)
    return replace(walk, step=step, at=part.at, peak=peak, met=met, counted={**walk.counted, **part.counted})


def _finished(one: Pulling, reader: Reader) -> Cursor:
    """The cursor after a whole walk. What is wanted no more is forgotten, so that it is read anew if it comes back."""
    walk, before, told = reader.walk, reader.cursor, one.access.told
    since = next_since(before.since, walk.peak, walk.until, one.millis)
    sources = {s: tuple(f for f in names if f in told[s]) for s, names in walk.sources.items() if s in told}
    return Cursor(
        since, before.swept_at if walk.sweep is None else walk.until,
        tuple(n for n in walk.names if n in reader.names.told), sources,
        remember(before.seen, walk.met, since - 1_000 * one.api.config.overlap),
        {**before.counted, **walk.counted},
    )  # fmt: skip


def _page(reader: Reader, part: Part, cursor: Cursor) -> Page:
    number = reader.walk.sweep
    sweep = Sweep("contacts", number, part.at is None) if part.swept and number is not None else None
    whole = not (reader.walk.first or reader.grown or reader.new_names)
    return Page(
        part.records, part.events, part.rejects, cursor_text(cursor), sweep, part.total, (), part.extents, whole
    )

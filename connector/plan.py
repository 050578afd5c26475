"""What would make the CRM agree: pure differences, their sum, and the brake.

The difference is taken anew in each pass between what we hold true and what the CRM is known to hold, so that a crash
anywhere is repaired by the next pass and a human overwrite is seen and put right.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from connector.errors import Problem, UnsafePlan, user_error
from connector.instants import SECOND, Instant, parse_instant
from connector.model import Change, Raw, Ref, Score
from connector.ports import Scored
from connector.results import BY_NAME, Result
from connector.words import say

ResultValue = str | int | bool | None

SHARE = 0.2
"""Share of the hot flags that may turn in one pass, unless a connection says otherwise."""
FEW = 20
"""Fewer turning hot flags than this never brake: in small companies every single lead is a large share."""


def diff(
    ref: Ref, wanted: Mapping[str, ResultValue], held: Mapping[str, Raw], fields: Mapping[str, str]
) -> Change | None:
    """The change that brings our fields on one record to `wanted` (result name -> value), or None when they agree.

    `fields` names the CRM field of each result, `held` is what the CRM holds by CRM field. `scored_at` goes along
    with another difference but is none by itself, so that an unchanged lead costs no call.
    """
    unlike = [n for n in wanted if n in fields and not same(BY_NAME[n], held.get(fields[n]), wanted[n])]
    if not any(name != "scored_at" for name in unlike):
        return None
    return Change(ref, {fields[n]: held.get(fields[n]) for n in unlike}, {fields[n]: wanted[n] for n in unlike})


def same(result: Result, held: Raw, wanted: ResultValue) -> bool:
    """Whether the CRM's text means our value: numbers as numbers, instants to the second (Salesforce keeps no more),
    texts whatever the line ends. A blank checkbox is not false: it was never filled."""
    if held is None or held == "":
        return wanted is None or wanted == ""
    if wanted is None:
        return False
    return held == str(wanted) or _means(result, held, wanted)


def _means(result: Result, held: str, wanted: str | int | bool) -> bool:
    """The same for what is not put as we put it."""
    if result.type == "number":
        return _number(held) == Decimal(int(wanted))
    if result.type == "truth":
        return held.strip().lower() == ("true" if wanted else "false")
    if result.type == "instant":
        return _seconds(held) == int(wanted) // SECOND
    return _lines(held) == _lines(str(wanted))


def _number(held: str) -> Decimal | None:
    try:
        return Decimal(held.strip())
    except InvalidOperation:
        return None


def _seconds(held: str) -> int | None:
    text = held.strip()
    if text.isdigit():  # HubSpot also says epoch milliseconds
        return int(text) // 1000
    try:
        return parse_instant(text) // SECOND
    except ValueError:
        return None


def _lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.strip().splitlines()]


@dataclass(frozen=True, slots=True)
class Mover:
    """A lead that would become hot in the CRM, or cease to be."""

    ref: Ref
    points: int
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """The sum of a run's changes. `digest` is of every value that would be written. `fills` are records on which our
    fields were blank; `overwrites` held other values. `up` become hot in the CRM, `down` cease to be; `turning` counts
    those among them whose flag held the other value, for a first fill turns nothing. `hot_before` is how many are hot
    there now. `dark` holds the inputs gone dark (input -> leads that lost it, leads that had it), `vanished` the people
    gone at once (object -> how many, of how many)."""

    fills: int = 0
    overwrites: int = 0
    unchanged: int = 0
    up: tuple[Mover, ...] = ()
    down: tuple[Mover, ...] = ()
    turning: int = 0
    hot_before: int = 0
    digest: str = ""
    dark: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    vanished: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def changes(self) -> int:
        return self.fills + self.overwrites


def sum_up(scored: Iterable[Scored], hot_field: Mapping[str, str], reason: Callable[[Score], str | None]) -> Plan:
    """Add up a run's changes. `hot_field` names the hot flag's CRM field by object; `reason` words a score's first.
    How many are unchanged, hot before, dark or vanished is not known here."""
    movers: dict[bool, list[Mover]] = {True: [], False: []}
    fills = overwrites = turning = 0
    seen = hashlib.sha256()
    for change, score in ((one.change, one.score) for one in scored if one.change):
        seen.update(_fingerprint(change))
        flag = hot_field.get(change.ref.object, "")
        first = _first_fill(change, flag)
        fills, overwrites = fills + first, overwrites + (not first)
        held, hot = _flag(change, flag)
        if hot is not None and hot is not bool(held):
            movers[hot].append(Mover(score.ref, score.points, reason(score)))
            turning += held is not None and not first
    digest = seen.hexdigest()[:16] if fills + overwrites else ""
    up, down = _largest(movers[True]), _largest(movers[False])
    return Plan(fills, overwrites, up=up, down=down, turning=turning, digest=digest)


def _flag(change: Change, field: str) -> tuple[bool | None, bool | None]:
    """The hot flag before (None: blank) and after (None: it is not among what changes)."""
    held, hot = change.before.get(field), change.after.get(field)
    return None if _blank(held) else str(held).strip().lower() == "true", None if hot is None else bool(hot)


def _fingerprint(change: Change) -> bytes:
    """What the change writes, without instants: they move with the clock, the meaning does not."""
    values = [[k, v] for k, v in sorted(change.after.items()) if not _is_instant(v)]
    return json.dumps([change.ref, values], ensure_ascii=False, sort_keys=True).encode("utf-8", "replace")


def _is_instant(value: ResultValue) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) > 10**12


def _first_fill(change: Change, flag: str) -> bool:
    """Nothing of ours was there. A Salesforce checkbox is never blank: one that nobody filled says false."""
    return all(
        _blank(value) or (name == flag and str(value).strip().lower() == "false")
        for name, value in change.before.items()
    )


def _blank(value: Raw) -> bool:
    return value is None or value == ""


def _largest(movers: list[Mover]) -> tuple[Mover, ...]:
    return tuple(sorted(movers, key=lambda m: (-m.points, m.ref)))


def refuse_if_unsafe(plan: Plan, max_share: float, accepted: int | None = None) -> None:
    """Raise UnsafePlan when more hot flags would turn than agreed: a typing error in a rule or a mapping looks
    exactly like this. `accepted` is the number a person has seen and accepted (`--accept-changes`)."""
    hot = max(plan.hot_before, plan.turning, 1)
    share = plan.turning / hot
    if plan.turning < FEW or share <= max_share or (accepted is not None and plan.turning <= accepted):
        return
    what = say(
        "{turning} of {hot} hot flags would turn ({share}%), over the limit of {limit}%; nothing was written",
        turning=plan.turning,
        hot=hot,
        share=round(100 * share),
        limit=round(100 * max_share),
    )
    fix = say("Look at 'leadheat plan'. If this is meant: --accept-changes {turning}", turning=plan.turning)
    raise UnsafePlan(Problem("LH-701", what, fix=fix))


def refuse_if_stale(plan: Plan, expected: str | None) -> None:
    """Raise UserError when the plan is not the one somebody looked at."""
    if expected is not None and plan.digest != expected:
        raise user_error(
            "LH-703",
            say("the plan is out of date: leads or rules have changed since it was made; nothing was written"),
            fix=say("Make a new one with 'leadheat plan --out FILE' and look at it."),
        )


def refuse_dark_fields(dark: Mapping[str, tuple[int, int]]) -> None:
    """Raise UnsafePlan for inputs that were known and have gone dark (input -> leads now unknown, leads known
    before): a field was renamed or a permission withdrawn, and every score would be wrong."""
    problems = [
        Problem(
            "LH-702",
            say(
                "input '{name}' was known for {before} leads, now unknown for {lost} of them; nothing was written",
                name=name,
                before=before,
                lost=lost,
            ),
            fix=say(
                "Was the field renamed or a permission withdrawn? See 'leadheat check'. If meant: --accept-dark {name}",
                name=name,
            ),
        )
        for name, (lost, before) in sorted(dark.items())
    ]
    if problems:
        raise UnsafePlan(*problems)


def refuse_vanished(vanished: Mapping[str, tuple[int, int]]) -> None:
    """Raise UnsafePlan when most people of an object are gone at once (object -> gone, of how many): a CRM does not
    tell a record that a sharing rule hides from one that was deleted."""
    told = [_vanished(object_, gone, before) for object_, (gone, before) in sorted(vanished.items())]
    if told:
        raise UnsafePlan(*told)


def _vanished(name: str, gone: int, before: int) -> Problem:
    return Problem(
        "LH-709",
        say(
            "{gone} of {before} {object} records are gone at once; nothing was written",
            gone=gone,
            before=before,
            object=name,
        ),
        fix=say(
            "Was a right or a sharing rule withdrawn, or the file replaced? If meant: --accept-dark {object}",
            object=name,
        ),
    )


def whole_second(instant: Instant | None) -> Instant | None:
    """The instant cut to the second, as CRMs keep it."""
    return None if instant is None else instant // SECOND * SECOND

"""A case of the matrix: what goes wrong in which CRM and when, and how that must end. `play` plays it.

During the fault: the right status, exit code and words in both languages; nothing touched but our fields; no storm of
requests; nothing created twice. After it is mended and the schedule has come round once more: the same as where
nothing ever went wrong.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from connector.sync import Orders
from tests.faults.ends import differences, known, ours, theirs
from tests.faults.place import LAST, PLAIN, Ended, Name, Place, Shape
from tests.faults.strikes import Strike
from tests.faults.templates import When, place_of, twin_of

ORDERS = Orders(max_share=1.0)
"""Tiny worlds turn many flags at once; the brake has tests of its own."""
Mend: TypeAlias = Callable[[Place], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a struck pass must end. `says`: words of the English message. `codes`: one of these is the problem's code.
    `most`: requests beyond the undisturbed pass's at most. `least`: so many seconds must have been waited, of the
    CRM's time."""

    status: str = "succeeded"
    code: int = 0
    says: tuple[str, ...] = ()
    codes: frozenset[str] = frozenset()
    most: int = 12
    least: float = 0.0
    longest: float = 700.0


WELL = Outcome()
"""It is waited out or tried again: the pass ends as if nothing had been."""


def fails(*codes: str, status: str = "failed", code: int = 1, most: int = 12, says: tuple[str, ...] = ()) -> Outcome:
    """It ends with one of these problems."""
    return Outcome(status, code, says, frozenset(codes), most)


@dataclass(frozen=True, slots=True)
class Case:
    """One row played in one CRM at one place. `fault` names the row of `docs/faults.md` it belongs to.

    `begin` happens before the struck pass, `mend` after it, `check` looks at how it ended. `past` false: what the store
    remembers of the time in between is another story than the twin's, and only what it leads to is the same."""

    fault: str
    crm: Name
    where: str
    strikes: tuple[Strike, ...]
    outcome: Outcome = WELL
    when: When = "settled"
    shape: Shape = PLAIN
    begin: Callable[[Place], None] = field(default=lambda _: None)
    mend: Mend = field(default=lambda _: None)
    orders: Orders = ORDERS
    check: Callable[[Place, Ended], None] = field(default=lambda _p, _e: None)
    past: bool = True
    must_strike: bool = True

    @property
    def id(self) -> str:
        return f"{self.crm}: {self.fault}{', ' + self.where if self.where else ''}"


def play(case: Case, folder: Path) -> Ended:
    """Play a case to its end, with every assertion that holds for all. Returns how the struck pass ended."""
    place = place_of(case.crm, case.when, case.shape, folder)
    try:
        return _play(case, place)
    finally:
        place.close()


def _play(case: Case, place: Place) -> Ended:
    case.begin(place)
    before = theirs(place)
    place.wire.arm(*case.strikes)
    ended = place.run(case.orders)
    assert place.wire.struck or not case.must_strike, f"nothing was struck; asked were {Counter(ended.asked)}"
    _ended_as_it_must(case, ended)
    assert differences(theirs(place), before) == [], "somebody else's field was touched"
    case.check(place, ended)
    place.wire.mend()
    case.mend(place)
    place.clock.at = max(place.clock.at, LAST)
    again = place.run()
    assert (again.status, again.code) == ("succeeded", 0), again
    twin = twin_of(case.crm, case.when, case.shape)
    assert differences(theirs(place), before) == [], "somebody else's field was touched afterwards"
    assert differences(ours(place), twin.ours) == []
    if case.past:
        assert differences(known(place), twin.known) == []
    return ended


def _ended_as_it_must(case: Case, ended: Ended) -> None:
    wanted = case.outcome
    assert (ended.status, ended.code) == (wanted.status, wanted.code), _told(ended)
    if wanted.code == 0:
        assert ended.error is None
    else:
        _words(case, ended)
    calm = len(twin_of(case.crm, case.when, case.shape).asked)
    assert len(ended.asked) <= calm + wanted.most, (
        f"{len(ended.asked)} requests where {calm} do: {Counter(ended.asked)}"
    )
    assert Counter(ended.asked)["create"] <= 1
    assert wanted.least <= ended.waited <= wanted.longest, f"waited {ended.waited} s"


def _words(case: Case, ended: Ended) -> None:
    """The message names the connection and what to do, in both languages, and no secret."""
    if ended.error is None:
        return
    en, ja = ended.words("en"), ended.words("ja")
    if case.outcome.codes:
        assert {p.code for p in ended.error.problems} <= case.outcome.codes, en
    for word in case.outcome.says:
        assert word in en
    for text in (en, ja):
        assert case.crm in text.lower()
        assert "{" not in text
        assert "Traceback" not in text
    assert any("ぁ" <= letter <= "ヿ" for letter in ja), ja
    assert all(p.fix for p in ended.error.problems), f"no remedy: {en}"


def _told(ended: Ended) -> str:
    return f"{ended.status} {ended.code} {ended.words('en')} {ended.run and ended.run.counts} {Counter(ended.asked)}"


@dataclass(frozen=True, slots=True)
class Row:
    """A row of `docs/faults.md`: the fault, what Leadheat does, what comes of it, in words for admins. Every case
    belongs to one by its `fault`."""

    fault: str
    does: str
    outcome: str


def by_id(cases: list[Case]) -> dict[str, Case]:
    """Cases by name; two of one name would hide each other."""
    named = {case.id: case for case in cases}
    assert len(named) == len(cases), [i for i, n in Counter(c.id for c in cases).items() if n > 1]
    return named

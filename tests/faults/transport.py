"""What goes wrong on the way to a CRM: the rows, and the cases that play them at every step of a pass."""

from __future__ import annotations

from functools import partial

from adapters.sandbox.faults import Fault
from tests.faults.cases import WELL, Case, Outcome, Row, fails
from tests.faults.place import CRMS, JOBS, SECURE, Name, Place
from tests.faults.strikes import FOREVER, Strike
from tests.faults.templates import root

PHASES = {
    "hubspot": ("describe", "probe", "search", "company", "events", "write"),
    "salesforce": ("login", "describe", "job", "people", "events", "write"),
}
FEW = {"hubspot": ("describe", "search", "write"), "salesforce": ("login", "people", "write")}
FIRST_PASS = {"hubspot": ("people", "count"), "salesforce": ("more",)}
JOB_PHASES = (("job begin", 1), ("job", 1), ("job file", 1), ("job file", 4), ("job file", 5))
"""Of a pass by jobs: begun, looked at, its first page of rows, the upload of ours, what became of them."""
TELLING = {"a reset in the middle of the answer", "half a JSON text", "a web page with status 200"}
"""Breaks that are played at every step; the others where it matters most."""
BEFORE_THE_PASS = {"login", "describe", "probe"}
"""What is asked while the files are held against the CRM: no run has begun yet, none is remembered."""

AGAIN = "Leadheat asks again, up to six times with growing pauses."
BACK = "Leadheat asks again; what it wrote is read back before it is written anew."
SAME = "The pass succeeds."
NEXT = "The pass fails with LH-500 and says so; the next one goes on from there."

BREAKS: tuple[tuple[str, Fault, str], ...] = (
    ("a reset in the middle of the answer", Fault("reset"), BACK),
    ("a reset before the request took effect", Fault("hang", seconds=0.0), AGAIN),
    ("a reset after the request took effect", Fault("hang", seconds=0.0, reached=True), BACK),
    ("half a JSON text", Fault("truncated"), BACK),
    ("a web page with status 200", Fault("html", 200), AGAIN),
    ("a web page with status 503", Fault("html", 503), AGAIN),
    ("an empty answer with status 200", Fault("answer", 200), AGAIN),
    ("fewer bytes than promised", Fault("wrong_length"), BACK),
)
SLOW: tuple[tuple[str, Fault, str], ...] = (
    ("an answer drop by drop", Fault("drip", seconds=0.05), "Leadheat waits for it."),
    ("an answer that stops for too long", Fault("drip", seconds=1e9), BACK),
    ("silence", Fault("hang", seconds=1e9), AGAIN),
    ("silence after the request took effect", Fault("hang", seconds=1e9, reached=True), BACK),
)
FOR_EVER: tuple[tuple[str, Fault], ...] = (
    ("resets without end", Fault("reset")),
    ("web pages without end", Fault("html", 200)),
    ("half JSON texts without end", Fault("truncated")),
)
REFUSED, CLOSES, STRANGER = "nobody listens", "nobody listens any more", "a certificate nobody vouches for"

ROWS = (
    *(Row(name, does, SAME) for name, _, does in (*BREAKS, *SLOW)),
    *(Row(name, AGAIN, NEXT) for name, _ in FOR_EVER),
    Row(REFUSED, AGAIN, NEXT),
    Row(CLOSES, AGAIN, NEXT),
    Row(
        STRANGER,
        "Leadheat sends nothing, neither token nor data, and does not try again.",
        "The pass fails with LH-501, which names the setting for an authority of your own.",
    ),
)


def status_at(phase: str) -> str:
    return "none" if phase in BEFORE_THE_PASS else "failed"


def _once(crm: Name) -> list[Case]:
    cases = []
    for name, fault, _ in BREAKS:
        strike = partial(Strike, fault=fault)
        phases = PHASES[crm] if name in TELLING else FEW[crm]
        cases += [Case(name, crm, f"at {phase}", (strike(phase),)) for phase in phases]
        if name in TELLING:
            cases += [Case(name, crm, f"at {phase}", (strike(phase),), when="fresh") for phase in FIRST_PASS[crm]]
    for name, fault, _ in SLOW:
        cases += [Case(name, crm, f"at {phase}", (Strike(phase, fault=fault),)) for phase in FEW[crm]]
    return cases


def _without_end(crm: Name) -> list[Case]:
    return [
        Case(
            name, crm, f"at {phase}", (Strike(phase, times=FOREVER, fault=fault),),
            fails("LH-500", status=status_at(phase)),
        )
        for name, fault in FOR_EVER
        for phase in FEW[crm]
        # a write whose answer is spoilt took effect, and that is found out
        if not (phase == "write" and fault.kind in {"reset", "truncated"})
    ]  # fmt: skip


def _spoilt_writes(crm: Name) -> list[Case]:
    """Written indeed, though no answer ever says so: HubSpot's records are read back, Salesforce's by the next pass."""
    outcome = WELL if crm == "hubspot" else fails("LH-500")
    return [
        Case(name, crm, "at write", (Strike("write", times=FOREVER, fault=fault),), outcome)
        for name, fault in FOR_EVER
        if fault.kind in {"reset", "truncated"}
    ]


def _jobs() -> list[Case]:
    return [
        Case(name, "salesforce", f"by jobs, at {phase} {nth}", (Strike(phase, nth=nth, fault=fault),), shape=JOBS)
        for name, fault, _ in BREAKS
        if name in TELLING
        for phase, nth in JOB_PHASES
    ]


def _reopen(place: Place) -> None:
    place.open_for_business()


def _closed(crm: Name) -> list[Case]:
    refused = Outcome("none", 1, ("ConnectionError",) if crm == "salesforce" else (), frozenset({"LH-500"}))
    cases = [Case(REFUSED, crm, "", (), refused, begin=Place.close_down, mend=_reopen, must_strike=False)]
    for phase in FEW[crm]:
        outcome = fails("LH-500", status=status_at(phase))
        strike = Strike(phase, deed=Place.close_down)
        cases.append(Case(CLOSES, crm, f"at {phase}", (strike,), outcome, mend=_reopen))
    return cases


def _stranger(crm: Name) -> Case:
    """The authority trusted is another one than that of the certificate."""

    def distrust(place: Place) -> None:
        from adapters.sandbox.server import certificate

        place.trust = certificate(root() / "other tls").ca_file

    def trust(place: Place) -> None:
        place.trust = place.tls.ca_file

    outcome = Outcome("none", 1, ("CA_FILE",), frozenset({"LH-501"}))
    return Case(STRANGER, crm, "", (), outcome, begin=distrust, mend=trust, must_strike=False, shape=SECURE)


CASES = [
    case
    for crm in CRMS
    for case in (*_once(crm), *_without_end(crm), *_spoilt_writes(crm), *_closed(crm), _stranger(crm))
] + _jobs()

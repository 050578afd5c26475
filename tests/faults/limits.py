"""What a CRM says when it has had enough: limits in every shape, waits told well and badly, servers that are down."""

from __future__ import annotations

import json
from functools import partial

from adapters.sandbox.faults import Fault
from tests.faults.cases import WELL, Case, Outcome, Row, fails
from tests.faults.place import CRMS, Name
from tests.faults.strikes import FOREVER, Strike, json_answer
from tests.faults.transport import AGAIN, NEXT, SAME, status_at

READ = {"hubspot": "search", "salesforce": "people"}
STOPPED = "The pass stops with LH-502 or LH-503; what was read is kept and the next one goes on from there."


def hubspot_limit(policy: str, told: str = "", **headers: str) -> Fault:
    """HubSpot's first two shapes of 429, which name the policy."""
    message = told or f"You have reached your {policy.lower()} limit."
    body = {"status": "error", "message": message, "errorType": "RATE_LIMIT", "policyName": policy}
    return json_answer(429, json.dumps(body), **headers)


SEARCHES = json_answer(429, '{"status":"error","message":"You have reached your secondly limit."}')
EDGE = Fault("answer", 429, b"error code: 1015", {"Content-Type": "text/plain"})


def salesforce_limit(which: str) -> Fault:
    return json_answer(
        403, json.dumps([{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": f"{which} Limit exceeded."}])
    )


DATE = {"Date": "Tue, 24 Nov 2026 02:00:00 GMT"}
HOW_LONG: tuple[tuple[str, dict[str, str], float, float], ...] = (
    # how 429 names the wait, its headers, how long is waited at least and at most
    ("in seconds", {"Retry-After": "7"}, 7, 12),
    ("not at all", {}, 0, 20),
    ("as a date", {"Retry-After": "Tue, 24 Nov 2026 02:00:09 GMT", **DATE}, 9, 14),
    ("as a date that is past", {"Retry-After": "Tue, 24 Nov 2026 01:00:00 GMT", **DATE}, 0, 5),
    ("as a date without a zone", {"Retry-After": "Tue, 24 Nov 2026 02:00:09"}, 0, 20),
    ("in nonsense", {"Retry-After": "soon"}, 0, 20),
    ("as a number that is none", {"Retry-After": "NaN"}, 0, 20),
    ("below zero", {"Retry-After": "-5"}, 0, 20),
    ("as zero", {"Retry-After": "0"}, 0, 5),
)  # fmt: skip
TOO_LONG = (("a day", "86400"), ("a thousand years", "31536000000"), ("infinity", "inf"))
DOWN = (500, 502, 503, 504)

ROWS = (
    *(
        Row(f"429 that names the wait {how}", "Leadheat waits as long as it is told, or as long as is usual.", SAME)
        for how, *_ in HOW_LONG
    ),
    *(
        Row(
            f"429 that asks to wait for {name}",
            "Leadheat waits for no request longer than five minutes.",
            "The pass fails with LH-500 at once; the next one goes on from there.",
        )
        for name, _ in TOO_LONG
    ),
    Row("429 without end", AGAIN, NEXT),
    Row("the limit of ten seconds", "Leadheat waits for ten seconds, or as long as it is told.", SAME),
    Row("the limit of searches in a second", "Leadheat waits for a second.", SAME),
    Row("error code: 1015 from the edge", "Leadheat waits for ten seconds and asks again.", SAME),
    Row("the day's calls used up", "Leadheat asks no more.", STOPPED),
    Row("too many long calls at once", AGAIN, SAME),
    Row("too many long calls at once without end", AGAIN, NEXT),
    *(Row(f"{status} once", AGAIN, SAME) for status in DOWN),
    *(Row(f"{status} five times", AGAIN, SAME) for status in DOWN),
    *(Row(f"{status} without end", AGAIN, NEXT) for status in DOWN),
    Row("503 that asks for three seconds", "Leadheat waits as long as it is told.", SAME),
    Row("a record locked (423)", "Leadheat waits for two seconds and asks again.", SAME),
    Row("a record locked (423) without end", AGAIN, NEXT),
    Row(
        "the account on its way to another data centre (477)",
        "Leadheat does not wait for an hour and more.",
        "The pass fails with LH-500 at once; the next one goes on from there.",
    ),
    Row("524 in plain text", AGAIN, SAME),
    Row("status 406 once", AGAIN, SAME),
    Row("status 420 once", AGAIN, SAME),
)


def _waits(crm: Name) -> list[Case]:
    body = '{"status":"error","message":"limit"}' if crm == "hubspot" else '[{"errorCode":"X","message":"limit"}]'
    cases = []
    for how, headers, least, most in HOW_LONG:
        fault = json_answer(429, body, **headers)
        outcome = Outcome(least=least, longest=most)
        cases.append(Case(f"429 that names the wait {how}", crm, "", (Strike(READ[crm], fault=fault),), outcome))
    for name, seconds in TOO_LONG:
        fault = json_answer(429, body, **{"Retry-After": seconds})
        fault_times = Strike("write", times=FOREVER, fault=fault)
        outcome = Outcome("failed", 1, (), frozenset({"LH-500"}), longest=310)
        cases.append(Case(f"429 that asks to wait for {name}", crm, "at write", (fault_times,), outcome))
    for phase in (READ[crm], "write"):
        endless = Strike(phase, times=FOREVER, fault=json_answer(429, body, **{"Retry-After": "20"}))
        outcome = Outcome("failed", 1, (), frozenset({"LH-500"}), longest=310)
        cases.append(Case("429 without end", crm, f"at {phase}", (endless,), outcome))
    return cases


def _hubspot() -> list[Case]:
    case = partial(Case, crm="hubspot")
    once = [
        ("the limit of ten seconds", "search", hubspot_limit("TEN_SECONDLY_ROLLING"), 10.0),
        ("the limit of ten seconds", "write", hubspot_limit("TEN_SECONDLY_ROLLING", **{"Retry-After": "4"}), 4.0),
        ("the limit of searches in a second", "search", SEARCHES, 1.0),
        ("error code: 1015 from the edge", "events", EDGE, 10.0),
        ("error code: 1015 from the edge", "write", EDGE, 10.0),
        ("503 that asks for three seconds", "write", json_answer(503, "{}", **{"Retry-After": "3"}), 3.0),
        ("a record locked (423)", "write", json_answer(423, '{"status":"error","message":"locked"}'), 2.0),
        ("524 in plain text", "search", Fault("answer", 524, b"error code: 524", {"Content-Type": "text/plain"}), 0.0),
    ]
    cases = [
        case(name, where=f"at {kind}", strikes=(Strike(kind, fault=fault),), outcome=Outcome(least=least))
        for name, kind, fault, least in once
    ]
    daily = hubspot_limit("DAILY")
    cases += [_spent("hubspot", kind, daily) for kind in ("describe", "search", "write")]
    locked = Strike("write", times=FOREVER, fault=json_answer(423, "{}"))
    cases.append(case("a record locked (423) without end", where="", strikes=(locked,), outcome=fails("LH-500")))
    moving = json_answer(477, '{"status":"error","message":"moving"}', **{"Retry-After": "3600"})
    for kind in ("describe", "search", "write"):
        outcome = Outcome(status_at(kind), 1, (), frozenset({"LH-500"}), longest=30)
        name = "the account on its way to another data centre (477)"
        cases.append(
            case(name, where=f"at {kind}", strikes=(Strike(kind, times=FOREVER, fault=moving),), outcome=outcome)
        )
    return cases


def _spent(crm: Name, kind: str, fault: Fault) -> Case:
    status = "none" if kind == "describe" else "stopped"
    strike = Strike(f"{kind}|write" if kind == "search" else kind, times=FOREVER, fault=fault)
    return Case("the day's calls used up", crm, f"at {kind}", (strike,), fails("LH-502", status=status))


def _salesforce() -> list[Case]:
    case = partial(Case, crm="salesforce")
    total, long = salesforce_limit("TotalRequests"), salesforce_limit("ConcurrentPerOrgLongTxn")
    cases = [_spent("salesforce", kind, total) for kind in ("describe", "people", "events", "write")]
    for kind in ("people", "write"):
        cases.append(case("too many long calls at once", where=f"at {kind}", strikes=(Strike(kind, fault=long),)))
        endless = (Strike(kind, times=FOREVER, fault=long),)
        name = "too many long calls at once without end"
        cases.append(case(name, where=f"at {kind}", strikes=endless, outcome=fails("LH-500")))
        for status in (406, 420):
            fault = Fault("answer", status, b"")
            cases.append(case(f"status {status} once", where=f"at {kind}", strikes=(Strike(kind, fault=fault),)))
    waits = json_answer(503, '[{"errorCode":"SERVER_UNAVAILABLE","message":"x"}]', **{"Retry-After": "3"})
    name = "503 that asks for three seconds"
    cases.append(case(name, where="at write", strikes=(Strike("write", fault=waits),), outcome=Outcome(least=3)))
    return cases


def _down(crm: Name) -> list[Case]:
    cases = []
    for status in DOWN:
        for kind in (READ[crm], "write"):
            fault = Fault("answer", status, b"")
            for word, times, outcome in (
                ("once", 1, WELL),
                ("five times", 5, WELL),
                ("without end", FOREVER, fails("LH-500")),
            ):
                if word == "once" and kind == "write":
                    continue
                cases.append(
                    Case(f"{status} {word}", crm, f"at {kind}", (Strike(kind, times=times, fault=fault),), outcome)
                )
    return cases


CASES = [case for crm in CRMS for case in (*_waits(crm), *_down(crm))] + _hubspot() + _salesforce()

"""Who is let in and to what, and Salesforce's own ways to break off: sessions, rights, cursors, locks, jobs."""

from __future__ import annotations

import json
from functools import partial

from adapters.sandbox.faults import Fault
from tests.faults.cases import WELL, Case, Outcome, Row, fails
from tests.faults.place import GIVEN_TOKEN, JOBS, Ended, Name, Place
from tests.faults.strikes import FOREVER, Strike, json_answer
from tests.faults.templates import people_of
from tests.faults.transport import status_at

DENIED = (
    "The pass fails with exit code 4, names the setting and asks for nothing more; the next one goes on from there."
)


def hubspot_401() -> Fault:
    body = {"status": "error", "message": "The token is expired or invalid", "category": "INVALID_AUTHENTICATION"}
    return json_answer(401, json.dumps(body))


def salesforce(status: int, code: str, message: str = "") -> Fault:
    return json_answer(status, json.dumps([{"errorCode": code, "message": message or code.lower()}]))


EXPIRED = salesforce(401, "INVALID_SESSION_ID", "Session expired or invalid")
NOT_FOR_REST = salesforce(401, "INVALID_SESSION_ID", "This session is not valid for use with the REST API")
SCOPE = json_answer(
    403,
    json.dumps(
        {
            "status": "error",
            "message": "This app hasn't been granted all required scopes to make this call.",
            "category": "MISSING_SCOPES",
            "errors": [{"message": "x", "context": {"requiredGranularScopes": ["crm.objects.contacts.write"]}}],
        }
    ),
)
ROWS = (
    Row(
        "401 once",
        "HubSpot: a service key does not come back. Salesforce: Leadheat gets another token.",
        "HubSpot: exit code 4, the next pass goes on. Salesforce: the pass succeeds.",
    ),
    Row("401 without end", "Leadheat gets one other token where it can, and stops when that is refused too.", DENIED),
    Row("a token revoked in the middle of a pass", "Leadheat does not knock again and again.", DENIED),
    Row(
        "a session that ends in the middle of a pass", "Leadheat gets another token and goes on.", "The pass succeeds."
    ),
    Row("a given token that ends", "Leadheat has nothing to get another one with.", DENIED),
    Row("a session that REST does not take", "Leadheat does not ask for one token after the other.", DENIED),
    Row("an app that is not let in", "Leadheat asks once.", DENIED),
    Row(
        "a right withdrawn for one call",
        "Leadheat stops.",
        "The pass fails with exit code 4 and names the right; the next one goes on from there.",
    ),
    Row(
        "a source withdrawn that need not be",
        "Leadheat reads all else and says which source is missing.",
        "The pass succeeds with a notice; when the right is back, what was missed is read.",
    ),
    Row(
        "a source withdrawn that must be",
        "Leadheat does not score on half of what the mapping says.",
        "Exit code 3 with LH-207, which names the line of the mapping; nothing is written; the next pass goes on.",
    ),
    Row(
        "an address too long (414)",
        "Leadheat does not repeat what will be refused again.",
        "The pass fails with LH-508; the next one goes on from there.",
    ),
    Row(
        "a cursor that has run out", "Leadheat asks for the rest anew, from the last row it has.", "The pass succeeds."
    ),
    Row("a row locked by somebody else", "Leadheat tries that row again, up to five times.", "The pass succeeds."),
    Row(
        "a row locked without end",
        "Leadheat writes all others.",
        "The pass ends partly (exit code 5), names the record; the next one writes it.",
    ),
    Row("a whole call that meets a lock", "Leadheat asks again.", "The pass succeeds."),
    Row(
        "a bulk job that fails half way",
        "Leadheat reads which rows were written.",
        "The pass ends partly (exit code 5); the next one writes the others.",
    ),
    Row(
        "a bulk job that is stopped by somebody",
        "Leadheat reads which rows were written.",
        "The pass ends partly (exit code 5); the next one writes the others.",
    ),
    Row("a bulk read that fails", "Leadheat reads by pages instead.", "The pass succeeds."),
    Row("a bulk read whose results are not ready (412)", "Leadheat asks again.", "The pass succeeds."),
    Row("bulk not allowed to this user", "Leadheat reads and writes by calls of 200.", "The pass succeeds."),
)


def _keys_replaced(place: Place) -> None:
    place.weather.expire_token()
    if place.name == "salesforce":
        place.sandbox.org.memory.revoked = False


def _hubspot() -> list[Case]:
    case = partial(Case, crm="hubspot")
    cases = []
    for kind in ("describe", "search", "events", "write"):
        denied = Outcome(status_at(kind), 4, ("TOKEN",), frozenset({"LH-510"}), most=1)
        for name, times in (("401 once", 1), ("401 without end", FOREVER)):
            strike = Strike(kind, times=times, fault=hubspot_401())
            cases.append(case(name, where=f"at {kind}", strikes=(strike,), outcome=denied))
        revoked = Strike(kind, deed=lambda place: place.weather.revoke_token())
        name = "a token revoked in the middle of a pass"
        cases.append(case(name, where=f"at {kind}", strikes=(revoked,), outcome=denied, mend=_keys_replaced))
    for kind in ("search", "company", "events", "write"):
        scope = Outcome("failed", 4, ("scope", "crm.objects.contacts.write"), frozenset({"LH-511"}), most=1)
        strike = Strike(kind, times=FOREVER, fault=SCOPE)
        cases.append(case("a right withdrawn for one call", where=f"at {kind}", strikes=(strike,), outcome=scope))
    for path, needed in (
        ("objects/2026-09/companies", False), ("email/public", False), ("marketing/v3/forms", False),
        ("event-occurrences", False), ("objects/2026-09/calls", True), ("objects/2026-09/meetings", True),
        ("objects/2026-09/deals", False),
    ):  # fmt: skip
        cases.append(_withdrawn("hubspot", path, Strike("probe", path=path, fault=SCOPE), needed))
    return cases


def _withdrawn(crm: Name, what: str, strike: Strike, needed: bool) -> Case:
    if needed:
        outcome = Outcome("none", 3, ("optional: true",), frozenset({"LH-207"}), most=0)
        return Case("a source withdrawn that must be", crm, what, (strike,), outcome)
    return Case("a source withdrawn that need not be", crm, what, (strike,), check=_noticed, past=False)


def _noticed(_: Place, ended: Ended) -> None:
    assert ended.notices


def _salesforce_doors() -> list[Case]:
    case = partial(Case, crm="salesforce")
    cases = []
    for kind in ("describe", "people", "events", "write"):
        at_once = 2 if kind == "write" else 1  # leads and contacts are written side by side, and each asks once more
        denied = Outcome(status_at(kind), 4, ("CLIENT_SECRET",), frozenset({"LH-544"}), most=2 * at_once)
        once, endless = Strike(kind, fault=EXPIRED), Strike(kind, times=FOREVER, fault=EXPIRED)
        cases.append(case("401 once", where=f"at {kind}", strikes=(once,)))
        cases.append(case("401 without end", where=f"at {kind}", strikes=(endless,), outcome=denied))
        ends = Strike(kind, deed=lambda place: place.weather.expire_token())
        cases.append(case("a session that ends in the middle of a pass", where=f"at {kind}", strikes=(ends,)))
        revoked = Strike(kind, deed=lambda place: place.weather.revoke_token())
        name = "a token revoked in the middle of a pass"
        cases.append(case(name, where=f"at {kind}", strikes=(revoked,), outcome=denied, mend=_keys_replaced))
        loop = Strike(kind, times=FOREVER, fault=NOT_FOR_REST)
        cases.append(
            case(
                "a session that REST does not take",
                where=f"at {kind}",
                strikes=(loop,),
                outcome=denied,
                check=_one_login,
            )
        )
    for code in ("invalid_client", "invalid_client_id", "invalid_grant", "inactive_user"):
        fault = json_answer(400, json.dumps({"error": code, "error_description": "authentication failure"}))
        denied = Outcome("none", 4, (code,), frozenset({"LH-544"}), most=0)
        name = "an app that is not let in"
        cases.append(case(name, where=code, strikes=(Strike("login", times=FOREVER, fault=fault),), outcome=denied))
    token = Outcome("failed", 4, ("ACCESS_TOKEN",), frozenset({"LH-544"}), most=1)
    ends = Strike("people", deed=lambda place: place.weather.expire_token())
    cases.append(case("a given token that ends", where="", strikes=(ends,), outcome=token, shape=GIVEN_TOKEN))
    return cases


def _one_login(_: Place, ended: Ended) -> None:
    assert ended.asked.count("login") == 1


def _salesforce_rights() -> list[Case]:
    case = partial(Case, crm="salesforce")
    cases = []
    refusal = salesforce(403, "INSUFFICIENT_ACCESS", "insufficient access rights on object id")
    for kind in ("people", "events", "write"):
        outcome = Outcome("failed", 4, ("INSUFFICIENT_ACCESS",), frozenset({"LH-545"}), most=1)
        strike = Strike(kind, times=FOREVER, fault=refusal)
        cases.append(case("a right withdrawn for one call", where=f"at {kind}", strikes=(strike,), outcome=outcome))
    absent = salesforce(404, "NOT_FOUND", "The requested resource does not exist")
    for object_, needed in (
        ("Web_Activity__c", False),
        ("CampaignMember", False),
        ("EmailMessage", False),
        ("Task", True),
    ):
        strike = Strike("describe", path=f"sobjects/{object_}/", fault=absent)
        cases.append(_withdrawn("salesforce", object_, strike, needed))
    for kind in ("people", "events"):
        strike = Strike(kind, times=FOREVER, fault=Fault("answer", 414, b""))
        cases.append(case("an address too long (414)", where=f"at {kind}", strikes=(strike,), outcome=fails("LH-508")))
    return cases


def _lock(times: int) -> object:
    def lock(place: Place) -> None:
        place.weather.lock(people_of(place)[0], times)

    return lock


def _salesforce_breaks() -> list[Case]:
    case = partial(Case, crm="salesforce")
    gone = salesforce(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
    cases = [
        case(
            "a cursor that has run out",
            where=f"page {nth}",
            strikes=(Strike("more", nth=nth, fault=gone),),
            when="fresh",
        )
        for nth in (1, 2, 5)
    ]
    locked = salesforce(400, "UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record")
    cases.append(case("a whole call that meets a lock", where="", strikes=(Strike("write", times=2, fault=locked),)))
    partly = Outcome("partly", 5)
    for name, times, outcome in (("a row locked by somebody else", 2, WELL), ("a row locked without end", 99, partly)):
        begin = _lock(times)
        cases.append(case(name, where="", strikes=(), outcome=outcome, begin=begin, mend=_lock(0), must_strike=False))
    return cases


def _salesforce_jobs() -> list[Case]:
    case = partial(Case, crm="salesforce", shape=JOBS)
    partly = Outcome("partly", 5, longest=700)
    half = case(
        "a bulk job that fails half way", where="", strikes=(), outcome=partly, must_strike=False,
        begin=lambda place: place.weather.stop_bulk_after(2), mend=lambda place: place.weather.stop_bulk_after(None),
    )  # fmt: skip
    aborted = Strike("job", nth=7, deed=_abort)
    failed = json_answer(200, '{"id":"7505g00000000GGAAY","state":"Failed","errorMessage":"x"}')
    early = salesforce(412, "JOB_NOT_COMPLETE", "job not complete")
    barred = salesforce(403, "FUNCTIONALITY_NOT_ENABLED", "bulk api is not enabled")
    return [
        half,
        case("a bulk job that is stopped by somebody", where="", strikes=(aborted,), outcome=partly),
        case("a bulk read that fails", where="", strikes=(Strike("job", nth=2, fault=failed),)),
        case("a bulk read whose results are not ready (412)", where="", strikes=(Strike("job file", fault=early),)),
        case("bulk not allowed to this user", where="", strikes=(Strike("job begin", times=FOREVER, fault=barred),)),
    ]


def _abort(place: Place) -> None:
    """An administrator stops the newest job in Salesforce's own pages, before a row of it is done."""
    newest = max(place.state.all("job").values(), key=lambda job: job["id"])
    place.state.put("job", newest["id"], newest | {"state": "Aborted"})


CASES = [*_hubspot(), *_salesforce_doors(), *_salesforce_rights(), *_salesforce_breaks(), *_salesforce_jobs()]

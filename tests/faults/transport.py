"""What goes wrong on the way to a CRM, at its door, and with its limits: the rows, and the cases that play them."""

from __future__ import annotations

from adapters.sandbox.faults import Fault
from tests.faults.cases import WELL, Case, Row, fails
from tests.faults.place import CRMS
from tests.faults.strikes import FOREVER, Strike

ROWS = (
    Row("a reset in the middle of the answer", "asks again, and reads back what it wrote", "the pass succeeds"),
    Row("503 forever", "tries six times, waiting longer each time", "the pass fails; the next one goes on from there"),
)
PHASES = {
    "hubspot": ("describe", "probe", "search", "events", "company", "write"),
    "salesforce": ("login", "describe", "people", "events", "write"),
}


def _cases() -> list[Case]:
    cases = []
    for crm in CRMS:
        for phase in PHASES[crm]:
            where = f"at {phase}"
            cases.append(Case(ROWS[0].fault, crm, where, (Strike(phase, fault=Fault("reset")),), WELL))
            away = Strike(phase, times=FOREVER, fault=Fault("answer", 503))
            status = "none" if phase in {"login", "describe", "probe"} else "failed"
            cases.append(Case(ROWS[1].fault, crm, where, (away,), fails("LH-500", status=status)))
    return cases


CASES = _cases()

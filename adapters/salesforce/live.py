"""What NOTES.md says of Salesforce and nobody has seen live, as calls that find out.

Reading harms nothing. Writing touches our own fields of one lead or contact; most of it is meant to be refused, and
what the fields held is put back.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from adapters.http import BROKEN, Answer, code_word
from connector.errors import Problem, Unavailable
from connector.live import Fact, Finding, Seen, examine
from connector.words import Message, say

from .session import Link

NOBODY = {"Lead": "00Q000000000000AAA", "Contact": "003000000000000AAA"}
NONE_SUCH = "Leadheat_There_Is_None__c"
_STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000")


@dataclass(frozen=True, slots=True)
class Desk:
    """One org, and the record that may be written. `ours` are our fields there by result."""

    link: Link
    ours: Mapping[str, str]
    object: str = "Lead"
    id: str = ""
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)

    def ask(self, method: str, path: str, body: Any = None, **query: str) -> Answer:
        """One request and its answer, whatever it says. Raises Unavailable when there is none."""
        more = {} if body is None else {"json": body}
        self.link.exchange.calls["live"] += 1
        try:
            return self.link.wire.bare(method, self.path(path), {}, params=query, **more)
        except BROKEN as error:
            what = say("no whole answer came ({kind})", kind=type(error).__name__)
            raise Unavailable(Problem("LH-517", what)) from None

    def path(self, path: str) -> str:
        return path if path.startswith("/") else f"/services/data/v{self.link.config.api_version}/{path}"

    def query(self, soql: str) -> Answer:
        return self.ask("GET", "query", q=soql)

    def row(self, **values: Any) -> dict[str, Any]:
        return {"attributes": {"type": self.object}, "id": self.id, **values}

    def write(self, *rows: Mapping[str, Any]) -> Answer:
        return self.ask("PATCH", "composite/sobjects", {"allOrNone": False, "records": list(rows)})

    def read(self, *names: str) -> dict[str, Any]:
        soql = f"SELECT {', '.join((*names, 'SystemModstamp'))} FROM {self.object} WHERE Id = '{self.id}'"
        return dict(self.query(soql).document["records"][0])


def examine_salesforce(link: Link, ours: Mapping[str, str], object_: str, id_: str | None) -> Iterator[Finding]:
    """Every fact, on this org; those that write only with a record to write to, whose fields are put back."""
    desk = Desk(link, ours, object_, id_ or "")
    if not id_:
        yield from examine(FACTS, desk, write=False)
        return
    with _restored(desk):
        yield from examine(FACTS, desk, write=True)


@contextmanager
def _restored(desk: Desk) -> Iterator[None]:
    """What our fields hold now is what they hold afterwards. Raises Unavailable when they cannot be put back."""
    before = {name: value for name, value in desk.read(*desk.ours.values()).items() if name in desk.ours.values()}
    try:
        yield
    finally:
        answer = desk.write(desk.row(**before))
        if not (isinstance(answer.document, list) and answer.document[0].get("success")):
            what = say("the record's fields could not be put back; the next pass writes them")
            raise Unavailable(Problem("LH-549", what))


# ---- how it is told --------------------------------------------------------------------------------------------------


def codes(answer: Answer) -> list[str]:
    """Code words of an answer, whatever its shape, each once."""
    rows = answer.document if isinstance(answer.document, list) else [answer.document]
    errors = [e for row in rows if isinstance(row, dict) for e in (row, *(row.get("errors") or ()))]
    words = [code_word(e.get(name)) for e in errors if isinstance(e, dict) for name in ("errorCode", "statusCode")]
    return list(dict.fromkeys(w for w in words if w))


def told(answer: Answer) -> str:
    return " ".join([str(answer.status), *codes(answer)])


def _says(answer: Answer, status: int, code: str) -> Seen:
    return Seen(answer.status == status and code in codes(answer), told(answer))


# ---- reading ---------------------------------------------------------------------------------------------------------


def _versions(desk: Desk) -> Seen:
    answer = desk.ask("GET", "/services/data")
    known = [row["version"] for row in answer.document]
    return Seen(desk.link.config.api_version in known, f"{answer.status}, newest {code_word('v' + known[-1])}")


def _usage(desk: Desk) -> Seen:
    answer = desk.ask("GET", "limits")
    there = re.search(r"api-usage=\d+/\d+", answer.headers.get("sforce-limit-info", ""))
    return Seen(there is not None, f"{answer.status}, header {'there' if there else 'absent'}")


def _limits(desk: Desk) -> Seen:
    answer = desk.ask("GET", "limits")
    wanted = ("DailyApiRequests", "DailyBulkV2QueryJobs")
    there = [name for name in wanted if {"Max", "Remaining"} <= answer.document.get(name, {}).keys()]
    return Seen(len(there) == len(wanted), " ".join([str(answer.status), *there]))


def _date(desk: Desk) -> Seen:
    there = "date" in desk.ask("GET", "limits").headers
    return Seen(there, "there" if there else "absent")


def _count(desk: Desk) -> Seen:
    answer = desk.query(f"SELECT COUNT() FROM {desk.object}")
    records = answer.document["records"]
    return Seen(answer.document["totalSize"] >= 0 and records == [], f"{answer.status}, {len(records)} records")


def _rows(desk: Desk, fields: str, limit: int) -> Answer:
    return desk.query(f"SELECT {fields} FROM {desk.object} LIMIT {limit}")


def _stamps(desk: Desk) -> Seen:
    rows = _rows(desk, "SystemModstamp", 20).document["records"]
    good = sum(1 for row in rows if _STAMP.fullmatch(row["SystemModstamp"]))
    return Seen(good == len(rows) if rows else None, f"{good} of {len(rows)}")


def _ids(desk: Desk) -> Seen:
    rows = _rows(desk, "Id", 20).document["records"]
    good = sum(1 for row in rows if len(row["Id"]) == 18)
    return Seen(good == len(rows) if rows else None, f"{good} of {len(rows)}")


def _pages(desk: Desk, fields: str) -> Seen:
    answer = _rows(desk, fields, 2_000)
    if not answer.done:
        return Seen(None, told(answer))
    page, whole, done = len(answer.document["records"]), answer.document["totalSize"], answer.document["done"]
    if whole <= 200:
        return Seen(None, f"{whole} records: a page needs more than 200")
    return Seen(done == (page == whole) and page >= 200, f"{page} of {whole} on a page")


def _long_texts(desk: Desk) -> Seen:
    seen = _pages(desk, ", ".join(desk.ours[n] for n in ("reasons", "detail") if n in desk.ours) or "Id")
    return seen if seen.agrees is None else Seen(seen.told.startswith("200 of "), seen.told)


def _describe(desk: Desk) -> Seen:
    answer = desk.ask("GET", f"sobjects/{desk.object}/describe")
    wanted = {"name", "type", "updateable", "length", "precision", "restrictedPicklist", "calculated"}
    rows = answer.document["fields"]
    good = sum(1 for row in rows if wanted <= row.keys())
    return Seen(good == len(rows) > 0, f"{answer.status}, {good} of {len(rows)}")


# ---- writing ---------------------------------------------------------------------------------------------------------


def _moved(desk: Desk, value: str) -> tuple[bool, Answer]:
    before = desk.read()["SystemModstamp"]
    desk.sleep(1.1)
    answer = desk.write(desk.row(**{desk.ours["top_reason"]: value}))
    return desk.read()["SystemModstamp"] != before, answer


def _change_moves(desk: Desk) -> Seen:
    desk.write(desk.row(**{desk.ours["top_reason"]: "probe a"}))
    moved, answer = _moved(desk, "probe b")
    return Seen(moved, f"{told(answer)}, moved: {moved}")


def _same_moves(desk: Desk) -> Seen:
    desk.write(desk.row(**{desk.ours["top_reason"]: "probe c"}))
    moved, answer = _moved(desk, "probe c")
    return Seen(moved, f"{told(answer)}, moved: {moved}")


def _nobody(desk: Desk) -> Seen:
    answer = desk.write({**desk.row(**{desk.ours["top_reason"]: "x"}), "id": NOBODY[desk.object]})
    failed = isinstance(answer.document, list) and not any(row.get("success") for row in answer.document)
    return Seen(answer.status == 200 and failed, told(answer))


def _in_order(desk: Desk) -> Seen:
    bad = {**desk.row(**{desk.ours["top_reason"]: "x"}), "id": NOBODY[desk.object]}
    answer = desk.write(bad, desk.row(**{desk.ours["top_reason"]: "probe d"}), bad)
    said = [bool(row.get("success")) for row in answer.document]
    return Seen(said == [False, True, False], f"{told(answer)}, {said.count(True)} written")


def _twice(desk: Desk) -> Seen:
    one = desk.row(**{desk.ours["top_reason"]: "x"})
    answer = desk.write(one, one)
    return Seen("DUPLICATE_VALUE" in codes(answer), told(answer))


def _too_many(desk: Desk) -> Seen:
    answer = desk.write(*[{**desk.row(), "id": NOBODY[desk.object]}] * 201)
    return Seen(answer.status == 400, told(answer))


def _unknown(desk: Desk) -> Seen:
    answer = desk.write(desk.row(**{NONE_SUCH: "x"}))
    return Seen(answer.status == 400, told(answer))


def _one(desk: Desk, name: str, value: object) -> Answer:
    return desk.write(desk.row(**{desk.ours[name]: value}))


def _too_long(desk: Desk) -> Seen:
    answer = _one(desk, "top_reason", "x" * 256)
    return Seen("STRING_TOO_LONG" in codes(answer), told(answer))


def _wide(desk: Desk) -> Seen:
    answer = _one(desk, "top_reason", "\N{FIRE}" * 255)
    return Seen(answer.status == 200 and not codes(answer), told(answer))


def _null_truth(desk: Desk) -> Seen:
    answer = _one(desk, "hot", None)
    return Seen(bool(codes(answer)), told(answer))


def _blanked(desk: Desk) -> Seen:
    answer = _one(desk, "top_reason", None)
    now = desk.read(desk.ours["top_reason"])[desk.ours["top_reason"]]
    return Seen(now is None, f"{told(answer)}, null: {now is None}")


# ---- the table -------------------------------------------------------------------------------------------------------


def _reads(id_: str, says: Message, note: str, attempt: Callable[[Desk], Seen]) -> Fact[Desk]:
    return Fact(id_, says, note, attempt)


def _writes(id_: str, says: Message, note: str, attempt: Callable[[Desk], Seen]) -> Fact[Desk]:
    return Fact(id_, says, note, attempt, writes=True)


def _bad_range(desk: Desk) -> Answer:
    times = {"start": "2020-01-01T00:00:00+00:00", "end": "2020-01-02T00:00:00+00:00"}
    return desk.ask("GET", f"sobjects/{desk.object}/deleted", **times)


FACTS: Sequence[Fact[Desk]] = (
    _reads("S1", say("our version of the API is there"), "16", _versions),
    _reads("S2", say("an answer tells how many of the day's calls are used"), "13", _usage),
    _reads("S3", say("the limits name the day's calls and bulk queries, with what is left"), "13", _limits),
    _reads("S4", say("an answer has the server's time"), "43", _date),
    _reads("S5", say("COUNT() answers a total and no records"), "23", _count),
    _reads("S6", say("times are told in milliseconds with +0000"), "27", _stamps),
    _reads("S7", say("ids have 18 characters"), "30", _ids),
    _reads("S8", say("a page has 200 records at least, and says whether more follow"), "19",
           lambda d: _pages(d, "Id, SystemModstamp")),
    _reads("S9", say("with two long texts a page has 200 records"), "19", _long_texts),
    _reads("S10", say("an unknown field breaks the query with INVALID_FIELD"), "47",
           lambda d: _says(_rows(d, NONE_SUCH, 1), 400, "INVALID_FIELD")),
    _reads("S11", say("an unknown object breaks the query with INVALID_TYPE"), "47",
           lambda d: _says(d.query("SELECT Id FROM Leadheat_There_Is_None__c"), 400, "INVALID_TYPE")),
    _reads("S12", say("a cursor that is none is INVALID_QUERY_LOCATOR"), "18",
           lambda d: _says(d.ask("GET", "query/01g000000000000AAA-2000"), 400, "INVALID_QUERY_LOCATOR")),
    _reads("S13", say("what was deleted can be asked for 30 days back"), "29",
           lambda d: _says(_bad_range(d), 400, "INVALID_REPLICATION_DATE")),
    _reads("S14", say("a description tells type, size and whether a field may be written"), "32", _describe),
    _writes("S20", say("a write that changes a value moves SystemModstamp"), "45", _change_moves),
    _writes("S21", say("a write of what is held already moves it, too"), "45", _same_moves),
    _writes("S22", say("a call whose records all fail is answered with 200"), "57", _nobody),
    _writes("S23", say("answers come in the order asked"), "57", _in_order),
    _writes("S24", say("one id twice in a call is DUPLICATE_VALUE"), "59", _twice),
    _writes("S25", say("201 records in a call are refused"), "57", _too_many),
    _writes("S26", say("an unknown field refuses the whole call"), "63", _unknown),
    _writes("S27", say("a text that is too long is STRING_TOO_LONG"), "50", _too_long),
    _writes("S28", say("lengths count characters, emoji as one"), "lengths", _wide),
    _writes("S29", say("a checkbox refuses null"), "48", _null_truth),
    _writes("S30", say("null blanks a text"), "27", _blanked),
)  # fmt: skip

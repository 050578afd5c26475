"""What NOTES.md says of HubSpot and nobody has seen live, as calls that find out.

Reading harms nothing. Writing touches our own fields of one contact; most of it is meant to be refused, and what the
fields held is put back.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from adapters.http import BROKEN, Answer, code_word
from adapters.hubspot.api import Api, Row
from adapters.hubspot.verdicts import errors_of
from connector.errors import Problem, Unavailable
from connector.live import Fact, Finding, Seen, examine
from connector.words import Message, say

NOBODY = "999999999999999"
NONE_SUCH = "leadheat_there_is_no_such_property"
LAG = 60
"""Seconds that a search is given to show a write."""


@dataclass(frozen=True, slots=True)
class Desk:
    """One account, and the contact that may be written. `ours` are our fields there by result."""

    api: Api
    ours: Mapping[str, str]
    contact: str = ""
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)

    def ask(self, method: str, path: str, body: Row | None = None, **query: str) -> Answer:
        """One request and its answer, whatever it says. Raises Unavailable when there is none."""
        search = path.endswith("/search")
        limiter = self.api.limiters["search" if search else "other"]
        limiter.wait(self.api.exchange.pace)
        self.api.exchange.calls["live"] += 1
        try:
            return self.api._send(method, path, body, list(query.items()), limiter)
        except BROKEN as error:
            what = say("no whole answer came ({kind})", kind=type(error).__name__)
            raise Unavailable(Problem("LH-517", what)) from None

    @property
    def contacts(self) -> str:
        return self.api.path("objects")

    def write(self, *inputs: Mapping[str, Any], **more: str) -> Answer:
        return self.ask("POST", self.contacts + "/batch/update", {"inputs": list(inputs), **more})

    def one(self, **properties: Any) -> dict[str, Any]:
        return {"id": self.contact, "properties": properties}

    def read(self, *names: str) -> dict[str, Any]:
        told = self.ask("GET", f"{self.contacts}/{self.contact}", properties=",".join((*names, "lastmodifieddate")))
        return dict(told.document["properties"])


def examine_hubspot(api: Api, ours: Mapping[str, str], contact: str | None) -> Iterator[Finding]:
    """Every fact, on this account; those that write only with a contact to write to, whose fields are put back."""
    desk = Desk(api, ours, contact or "")
    if not contact:
        yield from examine(FACTS, desk, write=False)
        return
    with _restored(desk):
        yield from examine(FACTS, desk, write=True)


@contextmanager
def _restored(desk: Desk) -> Iterator[None]:
    """What our fields hold now is what they hold afterwards. Raises Unavailable when it cannot be read or put back."""
    before = desk.read(*desk.ours.values())
    try:
        yield
    finally:
        held = {name: before.get(name) or "" for name in desk.ours.values() if name in before}
        if not desk.write(desk.one(**held)).done:
            what = say("the contact's fields could not be put back; the next pass writes them")
            raise Unavailable(Problem("LH-516", what))


# ---- how it is told --------------------------------------------------------------------------------------------------


def told(answer: Answer) -> str:
    """Status and code words of an answer."""
    body = answer.document if isinstance(answer.document, dict) else {}
    words = [code_word(body.get(name)) for name in ("category", "subCategory", "policyName")]
    words += [code_word(error.get(name)) for error in errors_of(body)[:3] for name in ("code", "subCategory")]
    return " ".join([str(answer.status), *dict.fromkeys(w for w in words if w)])


def refused(answer: Answer, status: int = 400) -> Seen:
    return Seen(answer.status == status, told(answer))


def _headers(answer: Answer) -> list[str]:
    return sorted(name.removeprefix("x-hubspot-ratelimit-") for name in answer.headers if "ratelimit" in name)


# ---- reading ---------------------------------------------------------------------------------------------------------


def _dated(desk: Desk) -> Seen:
    answer = desk.ask("GET", desk.contacts, limit="1")
    return Seen(answer.status == 200, told(answer))


def _burst(desk: Desk) -> Seen:
    names = _headers(desk.ask("GET", desk.contacts, limit="1"))
    return Seen({"max", "remaining", "interval-milliseconds", "daily", "daily-remaining"} <= {*names}, " ".join(names))


def _search(desk: Desk, **more: Any) -> Answer:
    return desk.ask("POST", desk.contacts + "/search", {"filterGroups": [], "limit": 1, **more})


def _search_headers(desk: Desk) -> Seen:
    names = _headers(_search(desk))
    return Seen(not {"max", "remaining"} & {*names}, " ".join(names) or "none")


def _dropped(desk: Desk) -> Seen:
    answer = desk.ask("GET", desk.contacts, limit="1", properties=f"jobtitle,{NONE_SUCH}")
    rows = answer.document["results"]
    if not rows:
        return Seen(None, "no contacts")
    return Seen(answer.done and NONE_SUCH not in rows[0]["properties"], told(answer))


def _blank(desk: Desk) -> Seen:
    answer = desk.ask("GET", desk.contacts, limit="100", properties="jobtitle,phone")
    rows = answer.document["results"]
    absent = sum(1 for row in rows if not {"jobtitle", "phone"} <= row["properties"].keys())
    return Seen(not absent if rows else None, f"{answer.status}, absent in {absent} of {len(rows)}")


def _missing(desk: Desk) -> Seen:
    body = {"inputs": [{"id": NOBODY}], "properties": ["createdate"], "propertiesWithHistory": []}
    answer = desk.ask("POST", desk.contacts + "/batch/read", body)
    return Seen(answer.status == 207 and not answer.document["results"], told(answer))


def _account(desk: Desk) -> Seen:
    answer = desk.ask("GET", desk.api.path("account"))
    there = [name for name in ("portalId", "timeZone") if name in (answer.document or {})]
    return Seen(answer.done and len(there) == 2, " ".join([told(answer), *there]))


def _definitions(desk: Desk) -> Seen:
    answer = desk.ask("GET", desk.api.path("properties", "contacts"))
    rows = answer.document["results"]
    saying = sum(1 for row in rows if "readOnlyValue" in (row.get("modificationMetadata") or {}))
    return Seen(saying == len(rows) > 0, f"{answer.status}, {saying} of {len(rows)}")


def _encoded(desk: Desk) -> Seen:
    answer = desk.ask("GET", desk.api.path("forms"), limit="1")
    after = ((answer.document or {}).get("paging") or {}).get("next", {}).get("after")
    if after is None:
        return Seen(None, told(answer) + ", one page only")
    return Seen("%" in after or after.isalnum(), "encoded" if "%" in after else "plain")


# ---- writing ---------------------------------------------------------------------------------------------------------


def _field(desk: Desk) -> str:
    return desk.ours["top_reason"]


def _moved(desk: Desk, value: str) -> tuple[bool, Answer]:
    before = desk.read(_field(desk))["lastmodifieddate"]
    desk.sleep(1.1)
    answer = desk.write(desk.one(**{_field(desk): value}))
    return desk.read(_field(desk))["lastmodifieddate"] != before, answer


def _change_moves(desk: Desk) -> Seen:
    desk.write(desk.one(**{_field(desk): "probe a"}))
    moved, answer = _moved(desk, "probe b")
    return Seen(moved, f"{told(answer)}, moved: {moved}")


def _same_stays(desk: Desk) -> Seen:
    desk.write(desk.one(**{_field(desk): "probe c"}))
    moved, answer = _moved(desk, "probe c")
    return Seen(not moved, f"{told(answer)}, moved: {moved}")


def _kept(desk: Desk, *inputs: Mapping[str, Any], **more: str) -> Seen:
    """A batch that must be refused whole: its good input must not have been written either."""
    desk.write(desk.one(**{_field(desk): "before"}))
    answer = desk.write(*inputs, **more)
    held = desk.read(_field(desk)).get(_field(desk)) == "before"
    return Seen(answer.status == 400 and held, f"{told(answer)}, nothing written: {held}")


def _unknown(desk: Desk) -> Seen:
    return _kept(desk, desk.one(**{_field(desk): "after"}), {"id": NOBODY, "properties": {NONE_SUCH: "x"}})


def _unknown_traced(desk: Desk) -> Seen:
    good = {**desk.one(**{_field(desk): "after"}), "objectWriteTraceId": "good"}
    bad = {**desk.one(**{NONE_SUCH: "x"}), "id": NOBODY, "objectWriteTraceId": "bad"}
    return _kept(desk, good, bad)


def _twice(desk: Desk) -> Seen:
    return _kept(desk, desk.one(**{_field(desk): "after"}), desk.one(**{_field(desk): "again"}))


def _number(desk: Desk) -> Seen:
    return refused(desk.write(desk.one(**{desk.ours["score"]: 1})))


def _option(desk: Desk) -> Seen:
    return refused(desk.write(desk.one(**{desk.ours["band"]: "no_such_option"})))


def _readonly(desk: Desk) -> Seen:
    return refused(desk.write(desk.one(hs_object_id=desk.contact)))


def _by_mail(desk: Desk) -> Seen:
    body = {"id": "nobody@leadheat.invalid", "idProperty": "email", "properties": {_field(desk): "after"}}
    return refused(desk.write(body))


def _one_missing(desk: Desk) -> Seen:
    good = {**desk.one(**{_field(desk): "probe d"}), "objectWriteTraceId": "good"}
    bad = {"id": NOBODY, "properties": {_field(desk): "x"}, "objectWriteTraceId": "bad"}
    answer = desk.write(good, bad)
    ids = [row["id"] for row in answer.document.get("results", ())]
    return Seen(answer.status in (200, 207) and ids == [desk.contact], f"{told(answer)}, {len(ids)} written")


def _blanked(desk: Desk) -> Seen:
    answer = desk.write(desk.one(**{_field(desk): ""}))
    now = desk.read(_field(desk)).get(_field(desk))
    return Seen(answer.done and not now, f"{told(answer)}, blank: {not now}")


def _lag(desk: Desk) -> Seen:
    name, value = _field(desk), "leadheat probe e"
    desk.write(desk.one(**{name: "leadheat probe before"}))
    desk.write(desk.one(**{name: value}))
    wanted = [{"propertyName": "hs_object_id", "operator": "EQ", "value": desk.contact},
              {"propertyName": name, "operator": "EQ", "value": value}]  # fmt: skip
    for second in range(LAG):
        if _search(desk, filterGroups=[{"filters": wanted}]).document.get("total"):
            return Seen(True, f"after {second} s")
        desk.sleep(1.0)
    return Seen(False, f"not within {LAG} s")


# ---- the table -------------------------------------------------------------------------------------------------------


def _reads(id_: str, says: Message, note: str, attempt: Callable[[Desk], Seen]) -> Fact[Desk]:
    return Fact(id_, says, note, attempt)


def _writes(id_: str, says: Message, note: str, attempt: Callable[[Desk], Seen]) -> Fact[Desk]:
    return Fact(id_, says, note, attempt, writes=True)


FACTS: Sequence[Fact[Desk]] = (
    _reads("H1", say("the dated path /crm/objects/2026-09 answers"), "2", _dated),
    _reads("H2", say("a listing tells how many calls are left, in ten seconds and today"), "23", _burst),
    _reads("H3", say("a search's answer has no headers about the ten seconds"), "23", _search_headers),
    _reads("H4", say("a page of 101 is refused"), "24", lambda d: refused(d.ask("GET", d.contacts, limit="101"))),
    _reads("H5", say("a search page of 201 is refused"), "24", lambda d: refused(_search(d, limit=201))),
    _reads("H6", say("a search goes no further than 10,000"), "46", lambda d: refused(_search(d, after="10000"))),
    _reads("H7", say("a search's body over 3,000 characters is refused"), "26",
           lambda d: refused(_search(d, properties=["p" * 30] * 101))),
    _reads("H8", say("a property that does not exist is left out without a word"), "41", _dropped),
    _reads("H9", say("a blank property that was asked for comes as null"), "41", _blank),
    _reads("H10", say("a batch read of an id that is nobody's is a 207"), "44", _missing),
    _reads("H11", say("account-info answers, with portal and time zone"), "10", _account),
    _reads("H12", say("every definition says whether its value is read-only"), "77", _definitions),
    _reads("H13", say("forms' cursors come percent-encoded where they need it"), "42", _encoded),
    _writes("H20", say("a write that changes a value moves lastmodifieddate"), "50", _change_moves),
    _writes("H21", say("a write of what is held already moves nothing"), "51", _same_stays),
    _writes("H22", say("an unknown property refuses the whole batch"), "62", _unknown),
    _writes("H23", say("objectWriteTraceId does not change that on update"), "62", _unknown_traced),
    _writes("H24", say("one id twice refuses the whole batch"), "62", _twice),
    _writes("H25", say("a number that is no text is refused"), "60", _number),
    _writes("H26", say("an option that does not exist is refused"), "75", _option),
    _writes("H27", say("a read-only property is refused"), "77", _readonly),
    _writes("H28", say("an update by e-mail address is refused"), "61", _by_mail),
    _writes("H29", say("a missing id leaves the good ones written, and only these in the results"), "64", _one_missing),
    _writes("H30", say("an empty text blanks a field"), "66", _blanked),
    _writes("H31", say("a search shows a write within the overlap of 5 minutes"), "47", _lag),
)  # fmt: skip

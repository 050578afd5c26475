"""Pages read through a mapping: inputs, activities, outcomes, and everything that cannot be read."""

from __future__ import annotations

from decimal import Decimal

import pytest

from connector.instants import DAY, HOUR, SECOND, Instant, parse_instant
from connector.mapping.document import read_mapping
from connector.mapping.nodes import Mapping
from connector.mapping.reading import read_page
from connector.model import Activity, Event, Outcome, Raw, Record, Ref
from connector.ports import ActivityFacts, Facts
from connector.shipped import shipped

AT = parse_instant("2026-11-20T09:00:00Z")
WHO = Ref("acme", "contacts", "1")


def mapping(text: str, crm: str = "hubspot") -> Mapping:
    return read_mapping(f"mapping: {crm}\n{text}", "m.yaml")


def record(ref: Ref = WHO, created_at: Instant | None = None, **fields: Raw) -> Record:
    return Record(ref, fields, AT, created_at)


def event(source: str, key: str = "e1", **fields: Raw) -> Event:
    return Event(source, key, WHO, fields)


def read(using: Mapping, *told: Record | Event) -> Facts:
    records = [one for one in told if isinstance(one, Record)]
    return read_page(using, "acme", records, [one for one in told if isinstance(one, Event)])


def only(facts: Facts) -> ActivityFacts:
    (fact,) = facts.activities
    return fact


def activity(using: Mapping, told: Event) -> Activity | None:
    return only(read(using, told)).activity


# ---- people ----------------------------------------------------------------------------------------------------------

PEOPLE = mapping(
    """\
created: born
inputs:
  title: {field: jobtitle, as: seniority}
  size: {first_of: [company.n, band], as: size}
  budget: {field: budget, as: number}
  rating: {field: rating, as: level, levels: [Cold, Warm], values: {"3 stars": Warm}}
  tags: {field: tags, as: set}
  start: {field: start, as: instant}
  ok: {field: ok, as: truth}
  name: {field: name}
  campaign: {constant: autumn}
hygiene: {own: {field: email, domains: [us.jp]}}
"""
)


def test_inputs_are_typed() -> None:
    (lead,) = read(
        PEOPLE,
        record(
            **{
                "jobtitle": "営業部長",
                "company.n": "",
                "band": "101-500名",
                "budget": "1,000",
                "rating": "3 STARS",
                "tags": "a;b",
            },
            start="2026-11-20",
            ok="はい",
            name=" 山田🙂 ",
            email="x@us.jp",
            born="2026-01-01",
        ),
    ).leads
    assert lead.inputs == {
        "title": "department_head",
        "size": Decimal(101),
        "budget": Decimal(1000),
        "rating": "Warm",
        "tags": {"a", "b"},
        "start": AT - 18 * HOUR,
        "ok": True,
        "name": "山田🙂",
        "campaign": "autumn",
        "own": True,
    }
    assert lead.record.created_at == parse_instant("2025-12-31T15:00:00Z")


def test_blank_missing_and_unreadable_fields_are_unknown_and_only_the_unreadable_are_counted() -> None:
    facts = read(
        PEOPLE, record(jobtitle="??", budget=" ", rating=None, ok="maybe", start="soon", born="?"), record(ok="perhaps")
    )
    assert [dict(lead.inputs) for lead in facts.leads] == [{"campaign": "autumn"}] * 2
    assert facts.unreadable == {"title": 1, "ok": 2, "start": 1}
    assert facts.rejects == []


def test_the_next_field_is_tried_when_the_first_cannot_be_read() -> None:
    (lead,) = read(PEOPLE, record(**{"company.n": "unknown", "band": "50"})).leads
    assert lead.inputs["size"] == 50


def test_the_crm_s_own_creation_goes_before_a_mapped_one() -> None:
    (lead,) = read(PEOPLE, record(created_at=AT, born="2020-01-01")).leads
    assert lead.record.created_at == AT
    (lead,) = read(mapping(""), record()).leads
    assert lead.record.created_at is None


def test_what_the_crm_holds_in_our_fields_is_told_apart_from_what_it_does_not_show() -> None:
    (lead,) = read(mapping(""), record(leadheat_score="5", leadheat_band=None, other="x")).leads
    assert lead.held == {"leadheat_score": "5", "leadheat_band": None}


def test_a_field_may_differ_by_object() -> None:
    told = mapping(
        "inputs: {c: {field: {Lead: Company, Contact: company.Name}}, only: {field: {Lead: L}}}", "salesforce"
    )
    lead, contact = (Ref("acme", o, "1") for o in ("Lead", "Contact"))
    facts = read(told, record(lead, Company="a", L="x"), record(contact, **{"company.Name": "b", "L": "y"}))
    assert [dict(f.inputs) for f in facts.leads] == [{"c": "a", "only": "x"}, {"c": "b"}]


@pytest.mark.parametrize(
    "text",
    [
        "🙂" * 500_000,
        "\ud800",
        "\0",
        "-99999999999999999999",
        "9999-12-31T23:59:59Z",
        "0000-00-00",
        "=1+1",
        "<script>",
        "٣٤",
        "𝟙",
    ],
)
def test_no_text_is_too_strange_to_be_read(text: str) -> None:
    for name in ("hubspot.yaml", "salesforce.yaml", "spreadsheet.yaml"):
        using = read_mapping(shipped(name), name)
        people = [Record(Ref("acme", o, "1"), dict.fromkeys(f, text), AT) for o, f in using.wants.people.items()]
        events = [Event(s, text, WHO, dict.fromkeys(w.fields, text)) for s, w in using.wants.events.items()]
        facts = read_page(using, "acme", people, events)
        assert len(facts.leads) == len(people)
        for lead in facts.leads:
            for value in lead.inputs.values():
                str(value).encode()


def test_a_page_of_another_connection_is_not_ours_to_read() -> None:
    other = Ref("other", "contacts", "1")
    facts = read_page(PEOPLE, "acme", [Record(other, {}, AT)], [Event("x", "1", other, {})])
    assert facts == Facts([], [], [], [], {})


# ---- activities ------------------------------------------------------------------------------------------------------

WEB = """\
activities:
  - {from: web, kind: demo_request, at: [at, day], subject: url, where: {url: {under: /demo}}}
  - {from: web, kind: page_view, at: [at, day], subject: url,
     attributes: {title: title, n: {field: n, as: number}, s: {field: s, as: set}}}
"""


@pytest.mark.parametrize(
    ("told", "at"),
    [
        ({"at": "2026-11-20T09:00:00Z"}, AT),
        ({"at": "1795165200000"}, AT),
        ({"at": "2026-11-20T18:00:00+0900"}, AT),
        ({"at": "2026/11/20 18:00"}, AT),
        ({"at": "", "day": "2026-11-20"}, AT - 18 * HOUR),
        ({"at": "?", "day": "2026-11-20"}, AT - 18 * HOUR),
    ],
)
def test_an_activity_s_instant_is_read_and_a_bare_date_is_midnight_where_the_mapping_lives(
    told: dict[str, Raw], at: Instant
) -> None:
    found = activity(mapping(WEB), event("web", url="https://e.jp/x/?q", **told))
    assert found is not None
    assert (found.kind, found.at, found.subject, found.id) == ("page_view", at, "/x", "web:e1")


def test_an_event_is_read_by_the_first_entry_that_fits() -> None:
    using = mapping(WEB)
    told = [
        activity(using, event("web", at=str(AT // 1000), url=u))
        for u in ("/demo", "https://e.jp/demo/now", "/demo-old", "/x")
    ]
    assert [a and a.kind for a in told] == ["demo_request", "demo_request", "page_view", "page_view"]


def test_attributes_are_texts_and_unknown_ones_are_left_out() -> None:
    found = activity(mapping(WEB), event("web", at=str(AT // 1000), url="/x", title=" ", n="1,0", s="b;a"))
    assert found is not None and found.attributes == {"s": "a;b"}
    found = activity(mapping(WEB), event("web", at=str(AT // 1000), url="/x", title="T", n="12"))
    assert found is not None and found.attributes == {"title": "T", "n": "12"}


def test_an_event_without_a_readable_instant_is_a_reject_without_any_value() -> None:
    facts = read(mapping(WEB), event("web", at="Taro's birthday", url="/secret"))
    (reject,) = facts.rejects
    assert (reject.ref, reject.code) == (WHO, "LH-210")
    assert "Taro" not in str(reject.why) and "secret" not in str(reject.why)
    assert only(facts).activity is None and only(facts).at is None


def test_what_no_entry_counts_is_kept_to_be_read_again_and_is_no_reject() -> None:
    using = mapping("activities: [{from: web, kind: k, at: at, where: {a: b}}]")
    facts = read(using, event("web", at="2026-11-20T09:00:00Z", a="c"))
    assert (only(facts).activity, only(facts).at, facts.rejects) == (None, AT, [])


def test_an_event_that_is_neither_counted_nor_dated_is_passed_over() -> None:
    using = mapping("activities: [{from: web, kind: k, at: at, where: {a: b}}]")
    facts = read(using, event("web", at="", a="c"), event("never heard of", at="2026-11-20"))
    assert (list(facts.activities), list(facts.rejects)) == ([], [])


def test_what_is_taken_back_is_told_as_gone() -> None:
    using = mapping(WEB + "outcomes: [{from: deal, won: {w: t}, lost: {l: t}, opened: o, closed: c}]")
    facts = read(using, Event("web", "e1", WHO, {}, gone=True), Event("deal", "d1", WHO, {}, gone=True))
    assert only(facts).gone
    assert [(o.id, o.outcome) for o in facts.outcomes] == [("d1", None)]
    assert facts.rejects == []


KINDS = """\
kinds: [call]
activities:
  - from: log
    kind: {first_of: [kind, 種類], values: {訪問: page_view}}
    at: at
    passive: [page_view]
"""


@pytest.mark.parametrize(
    ("told", "kind"), [("訪問", "page_view"), ("PAGE_VIEW", "page_view"), ("Call", "call"), ("other", None), ("", None)]
)
def test_an_event_may_name_its_kind_in_its_own_words(told: str, kind: str | None) -> None:
    using = mapping(KINDS)
    found = activity(using, event("log", at="2026-11-20", 種類=told))
    assert (found and found.kind) == kind
    assert using.vocabulary.passive == {"page_view"}


TESTS = [
    ("{a: x}", {"a": "Ｘ "}, True),
    ("{a: x}", {"a": "xy"}, False),
    ("{a: [x, y]}", {"a": "y"}, True),
    ("{a: x}", {"a": None}, False),
    ("{a: x}", {}, False),
    ("{a: {one_of: x}}", {"a": "x"}, True),
    ("{a: {none_of: [x]}}", {"a": "y"}, True),
    ("{a: {none_of: [x]}}", {"a": "X"}, False),
    ("{a: {none_of: [x]}}", {"a": ""}, False),
    ("{a: {contains: [デモ, demo]}}", {"a": "無料ﾃﾞﾓ"}, True),
    ("{a: {contains: demo}}", {"a": "x"}, False),
    ("{a: {like: 'x*z'}}", {"a": "xyz"}, True),
    ("{a: {like: 'x*z'}}", {"a": "xyzq"}, False),
    ("{a: {under: /p}}", {"a": "https://e.jp/P/q?x"}, True),
    ("{a: {under: /p}}", {"a": "/p"}, True),
    ("{a: {under: /p}}", {"a": "/pq"}, False),
    ("{a: {under: /}}", {"a": "/p"}, True),
    ("{a: {unknown: true}}", {}, True),
    ("{a: {unknown: true}}", {"a": "x"}, False),
    ("{a: x, b: y}", {"a": "x", "b": "z"}, False),
    ("{a: {contains: x, none_of: xy}}", {"a": "xy"}, False),
]


@pytest.mark.parametrize(("where", "fields", "counted"), TESTS)
def test_only_events_that_pass_every_test_are_counted(where: str, fields: dict[str, Raw], counted: bool) -> None:
    using = mapping(f"activities: [{{from: s, kind: k, at: at, where: {where}}}]")
    assert (activity(using, event("s", at="2026-11-20", **fields)) is not None) is counted


# ---- words, to be read again -----------------------------------------------------------------------------------------

CLICKS = """\
activities:
  - {from: mail, kind: email_click, at: at, subject: url, attributes: {mail: campaign}, delivered: delivered}
"""


def click(seconds: float, key: str = "e1", at: Instant = AT) -> Event:
    return event(
        "mail", key, at=str(at // 1000), delivered=str((at - int(seconds * SECOND)) // 1000), url="/x", campaign="News"
    )


@pytest.mark.parametrize(
    ("seconds", "after"), [(1.2, "2"), (10, "10"), (10.001, "11"), (60, "60"), (61, None), (-3, "3"), (90_000, None)]
)
def test_a_click_tells_how_soon_after_delivery_it_came(seconds: float, after: str | None) -> None:
    found = activity(mapping(CLICKS), click(seconds))
    assert found is not None and found.attributes.get("after_delivery") == after


def test_words_are_the_same_whenever_the_same_happens() -> None:
    told = read(mapping(CLICKS), click(2), click(2, "e2", AT + DAY), click(90_000, "e3"), click(80_000, "e4"))
    words = [dict(fact.words) for fact in told.activities]
    assert words[0] == words[1] and words[2] == words[3] and words[0] != words[2]
    assert words[0].keys() == {"url", "campaign", "delivered"}


@pytest.mark.parametrize("seconds", [0, 2, 10.5, 61, 90_000])
def test_words_with_some_instant_read_as_the_event_itself_did(seconds: float) -> None:
    using = mapping(CLICKS)
    once = only(read(using, click(seconds)))
    dropped = click(seconds).fields.keys() - once.words.keys()
    again = activity(using, event("mail", **dict(once.words), **dict.fromkeys(dropped, "2000-01-01T00:00:00Z")))
    assert once.activity is not None and again is not None
    assert (again.kind, again.subject, again.attributes) == (
        once.activity.kind,
        once.activity.subject,
        once.activity.attributes,
    )


def test_words_hold_nothing_that_no_database_takes() -> None:
    fact = only(read(mapping(CLICKS), event("mail", at="2026-11-20", url="a\ud800\0", campaign=None, delivered="?")))
    assert fact.words == {"url": "a\ufffd\ufffd", "campaign": None, "delivered": "?"}


# ---- outcomes --------------------------------------------------------------------------------------------------------

DEALS = mapping(
    'outcomes: [{from: deals, won: {won: "true"}, lost: {closed: "true"}, opened: created, closed: closes,'
    " amount: yen, reason: why}]"
)
OPENED, CLOSED = "2026-11-01T00:00:00Z", "2026-11-10"


@pytest.mark.parametrize(
    ("fields", "outcome"),
    [
        ({"won": "false", "closed": "false", "yen": "300"}, Outcome("d", "open", parse_instant(OPENED), Decimal(300))),
        (
            {"won": "TRUE", "closed": "true", "yen": "1,000.5"},
            Outcome("d", "won", parse_instant("2026-11-09T15:00:00Z"), Decimal("1000.50")),
        ),
        (
            {"won": "false", "closed": "true", "why": " 予算 "},
            Outcome("d", "lost", parse_instant("2026-11-09T15:00:00Z"), None, "予算"),
        ),
        ({"won": None, "closed": "true", "closes": "", "yen": "1e40"}, Outcome("d", "lost", parse_instant(OPENED))),
        ({"won": "true", "closes": "?", "yen": "x"}, Outcome("d", "won", parse_instant(OPENED))),
        ({"created": "", "closes": ""}, None),
    ],
)
def test_a_deal_is_won_lost_or_open(fields: dict[str, Raw], outcome: Outcome | None) -> None:
    facts = read(DEALS, event("deals", "d", **{"created": OPENED, "closes": CLOSED, **fields}))
    assert [o.outcome for o in facts.outcomes] == [outcome]
    assert len(facts.rejects) == (outcome is None)
    assert list(facts.activities) == []


@pytest.mark.parametrize(
    ("held", "stage", "reason"),
    [
        ("good", "accepted", None),
        ("too_early", "rejected", "too_early"),
        ("担当者違い", "rejected", "wrong_person"),
        ("No need", "rejected", "no_need"),
    ],
)
def test_sales_verdict_is_an_outcome_first_seen_by_us(held: str, stage: str, reason: str | None) -> None:
    (fact,) = read(mapping(""), record(leadheat_verdict=held)).outcomes
    assert fact.outcome is not None and fact.first_seen
    assert (fact.source, fact.outcome.stage, fact.outcome.reason) == ("verdict", stage, reason)


def test_a_blank_verdict_takes_it_back_and_one_that_was_not_read_says_nothing() -> None:
    facts = read(mapping(""), record(leadheat_verdict=None), record(leadheat_verdict="great!"), record())
    assert [o.outcome for o in facts.outcomes] == [None, None]
    assert facts.unreadable == {"verdict": 1}
    assert read(mapping("results: {profile: minimal}"), record(leadheat_verdict="good")).outcomes == []

"""Mapping files: what they mean, what is refused and where, and the shipped ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from connector.errors import UserError
from connector.instants import DAY, MINUTE
from connector.mapping.document import read_mapping
from connector.mapping.nodes import Mapping
from connector.shipped import shipped

SHIPPED = ("hubspot.yaml", "salesforce.yaml", "spreadsheet.yaml")
OURS = {
    "seniority": "level",
    "function": "text",
    "employees": "number",
    "mail": "text",
    "email_domain": "text",
    "company": "text",
    "industry": "text",
    "country": "text",
    "lifecycle": "text",
    "source": "text",
    "opted_out": "truth",
    "own": "truth",
}
KINDS = {
    "page_view",
    "download",
    "form_submission",
    "demo_request",
    "inquiry",
    "seminar",
    "email_open",
    "email_click",
    "email_reply",
    "meeting",
    "call",
    "campaign_response",
}


def mapping(text: str, crm: str = "hubspot") -> Mapping:
    return read_mapping(f"mapping: {crm}\n{text}", "m.yaml")


def refusals(text: str, crm: str = "hubspot") -> list[str]:
    with pytest.raises(UserError) as refused:
        mapping(text, crm)
    return [f"{p.where}: {p.what}" + (f" ({p.fix})" if p.fix else "") for p in refused.value.problems]


@pytest.mark.parametrize("name", SHIPPED)
def test_the_shipped_mappings_provide_the_same_inputs_and_kinds(name: str) -> None:
    vocabulary = read_mapping(shipped(name), name).vocabulary
    assert dict(vocabulary.inputs) == OURS
    assert vocabulary.kinds == KINDS
    assert vocabulary.passive == {"email_open"}
    assert vocabulary.levels["seniority"][-1] == "president"


@pytest.mark.parametrize("name", SHIPPED)
def test_the_shipped_mappings_state_every_part_of_hygiene_and_quiet(name: str) -> None:
    shipped_one = read_mapping(shipped(name), name)
    hygiene = shipped_one.hygiene
    assert hygiene.set_aside and hygiene.scanner and hygiene.own_mail and hygiene.repeat_within == 10 * MINUTE
    assert set(shipped_one.quiet) == {"lost", "wrong_person", "too_early", "no_need", "other"}


def test_a_mapping_wants_every_field_it_names_and_no_other() -> None:
    wants = mapping(
        """\
people: [Lead, Contact]
created: Born__c
inputs:
  employees: {field: {Lead: NumberOfEmployees, Contact: company.NumberOfEmployees}, as: number}
  title: {first_of: [Title, Other]}
  fixed: {constant: yes indeed}
activities:
  - {from: Web__c, kind: {field: Kind, values: {Visit: page_view}}, at: [A, B], subject: [U, P], attributes: {mail: M},
     delivered: D, where: {W: x}, person: [L, C], modified: Mod}
outcomes:
  - {from: Deal, won: {Won: "true"}, lost: {Closed: "true"}, opened: O, closed: Z, amount: Amt, reason: Why}
results: {profile: minimal, rename: {score: Punkte__c}}
""",
        "salesforce",
    ).wants
    assert wants.people == {
        "Lead": {"NumberOfEmployees", "Title", "Other", "Born__c"},
        "Contact": {"company.NumberOfEmployees", "Title", "Other", "Born__c"},
    }
    assert wants.events["Web__c"].fields == {"Kind", "A", "B", "U", "P", "M", "D", "W"}
    assert (wants.events["Web__c"].person, wants.events["Web__c"].modified) == (("L", "C"), "Mod")
    assert wants.events["Deal"].fields == {"Won", "Closed", "O", "Z", "Amt", "Why"}
    assert wants.results["Lead"]["score"] == "Punkte__c"
    assert wants.results["Contact"]["hot"] == "Leadheat_Hot__c"
    assert len(wants.results["Lead"]) == 6


def test_sales_own_field_is_read_and_never_written() -> None:
    told = mapping("")
    assert told.wants.results["contacts"]["verdict"] == "leadheat_verdict"
    assert "verdict" not in told.results("contacts")
    assert len(told.results("contacts")) == 12
    assert told.results("companies") == {}


def test_quiet_periods_are_by_reason() -> None:
    assert mapping("quiet: {lost: 90d, too_early: 30d}").quiet == {"lost": 90 * DAY, "too_early": 30 * DAY}


def test_comments_order_and_optional_leave_the_digest_as_it_is() -> None:
    one = mapping("inputs:\n  a: {field: x}\n  b: {field: y}\n")
    same = mapping(
        "# why\n\ninputs:\n  b: {field: y, optional: true}\n  a: {first_of: [x]}   # that\ntimezone: Asia/Tokyo\n"
    )
    assert one.digest == same.digest


@pytest.mark.parametrize(
    "change",
    [
        "inputs: {a: {field: y}}",
        "inputs: {a: {field: x, as: number}}",
        "inputs: {a: {field: x, values: {p: q}}}",
        "inputs: {b: {field: x}}",
        "inputs: {a: {field: x}}\ntimezone: UTC",
        "inputs: {a: {field: x}}\nresults: {profile: minimal}",
        "inputs: {a: {field: x}}\nquiet: {lost: 1d}",
        "inputs: {a: {field: x}}\nhygiene: {repeat_within: 1m}",
        "inputs: {a: {field: x}}\nkinds: [page_view]",
        "inputs: {a: {constant: x}}",
    ],
)
def test_every_change_of_meaning_changes_the_digest(change: str) -> None:
    assert mapping("inputs: {a: {field: x}}").digest != mapping(change).digest


def test_added_titles_and_own_domains_change_the_digest() -> None:
    text = "inputs: {s: {field: t, as: seniority}}\n"
    assert mapping(text).digest != mapping(text + "titles: {manager: [調査役]}").digest
    own = "hygiene: {own: {field: e, domains: [us.jp]}}"
    assert mapping(own).digest != mapping(own.replace("us.jp", "them.jp")).digest


REFUSED = [
    ("imputs: {}", "m.yaml:2: unknown key 'imputs' (Did you mean 'inputs'?)"),
    ("timezone: Asia/Tokio", "m.yaml:2: unknown time zone (Write a name such as Asia/Tokyo.)"),
    ("timezone: [a]", "m.yaml:2: here a name is expected"),
    ("people: [Lead]", "m.yaml:2: 'Lead' is none of: contacts"),
    ("inputs: [a]", "m.yaml:2: here lines of 'key: value' are expected"),
    ("inputs:\n  a: {field: x, as: nunber}", "m.yaml:3: unknown 'as: nunber' (Did you mean 'number'?)"),
    ("inputs:\n  a: {}", "m.yaml:3: exactly one of 'field', 'first_of' and 'constant' is needed"),
    ("inputs:\n  a: {field: x, constant: y}", "m.yaml:3: exactly one of 'field', 'first_of' and 'constant' is needed"),
    ("inputs:\n  a: {field: x, az: number}", "m.yaml:3: unknown key 'az'"),
    ("inputs:\n  a: {constant: x, as: number}", "m.yaml:3: the constant cannot be read as 'number'"),
    ("inputs:\n  a: {field: {Lead: x}}", "m.yaml:3: 'Lead' is none of: contacts"),
    ("inputs:\n  a: {first_of: []}", "m.yaml:3: here a name or a list of names is expected"),
    ("inputs:\n  a: {first_of: [x, {y: z}]}", "m.yaml:3: here a name or a list of names is expected"),
    ("inputs:\n  a: {field: x, optional: maybe}", "m.yaml:3: here true or false is expected"),
    (
        "inputs:\n  a: {field: x, as: level}",
        "m.yaml:3: 'level' and 'levels' go together: list the levels from lowest to highest",
    ),
    (
        "inputs:\n  a: {field: x, levels: [a, b]}",
        "m.yaml:3: 'level' and 'levels' go together: list the levels from lowest to highest",
    ),
    ("inputs:\n  a: {field: x, as: level, levels: [a, A]}", "m.yaml:3: 'levels' must list two or more different names"),
    ("inputs:\n  a: {field: x, values: {}}", "m.yaml:3: 'values' must be lines of 'what the CRM says: what we say'"),
    ("inputs:\n  a: {field: x, values: [y]}", "m.yaml:3: 'values' must be lines of 'what the CRM says: what we say'"),
    ("inputs:\n  a: {field: x, gives: number}", "m.yaml:3: 'gives' is only for functions of your own"),
    ("inputs:\n  own: {field: x}", "m.yaml:3: 'own' is made by hygiene and cannot be mapped"),
    ("inputs:\n  a: {field: leadheat_score}", "m.yaml:3: input 'a' reads a field that Leadheat writes"),
    (
        "inputs:\n  a: {field: x, as: no_such_package.f}",
        "m.yaml:3: the Python function 'no_such_package.f' cannot be loaded (ModuleNotFoundError) (Is its package",
    ),
    (
        "inputs:\n  a: {field: x, as: math.nope}",
        "m.yaml:3: the Python function 'math.nope' cannot be loaded (AttributeError) (Is its package installed",
    ),
    ("inputs:\n  a: {field: x, as: math.pi}", "m.yaml:3: 'math.pi' is not a Python function"),
    (
        "inputs:\n  a: {field: x, as: os.path.basename, gives: txet}",
        "m.yaml:3: unknown type 'txet' (Did you mean 'text'?)",
    ),
    ("activities: {from: x}", "m.yaml:2: here a list of entries is expected, each beginning with '- from:'"),
    ("activities: [x]", "m.yaml:2: here lines of 'key: value' are expected"),
    ("activities:\n  - {from: x, at: t}", "m.yaml:3: the entry has no 'kind'"),
    ("activities:\n  - {from: x, kind: k}", "m.yaml:3: the entry has no 'at'"),
    ("activities:\n  - {from: x, kind: k, at: t, when: {}}", "m.yaml:3: unknown key 'when' (Did you mean 'where'?)"),
    (
        "activities:\n  - {from: x, kind: k, at: t, where: y}",
        "m.yaml:3: 'where' must list fields with what they must say",
    ),
    (
        "activities:\n  - {from: x, kind: k, at: t, where: {a: {contians: b}}}",
        "m.yaml:3: unknown test 'contians' (Did you mean 'contains'?)",
    ),
    (
        "activities:\n  - {from: x, kind: k, at: t, where: {a: []}}",
        "m.yaml:3: here a word or a list of words is expected",
    ),
    (
        "activities:\n  - {from: x, kind: k, at: t, where: {a: {unknown: false}}}",
        "m.yaml:3: 'unknown' can only be true",
    ),
    (
        "activities:\n  - {from: x, kind: {field: f}, at: t}",
        "m.yaml:3: a kind that the event names needs its 'field', and 'values' or the file's 'kinds'",
    ),
    (
        "activities:\n  - {from: x, kind: {field: f, values: {a: k}}, at: t, passive: [j]}",
        "m.yaml:3: 'j' is none of: k",
    ),
    (
        "activities:\n  - {from: x, kind: k, at: t, attributes: [a]}",
        "m.yaml:3: here lines of 'key: value' are expected",
    ),
    (
        "activities:\n  - {from: x, kind: k, at: t, subject: {fild: a}}",
        "m.yaml:3: unknown key 'fild' (Did you mean 'field'?)",
    ),
    ("outcomes:\n  - {from: x, won: {a: b}, opened: c, closed: d}", "m.yaml:3: the entry has no 'lost'"),
    ("results: {profile: large}", "m.yaml:2: 'large' is none of: minimal, standard"),
    ("results:\n  rename: {scorre: x}", "m.yaml:3: 'scorre' is none of:"),
    ("results:\n  rename: {score: leadheat_band}", "m.yaml:3: 'score' and 'band' share one field"),
    ("results:\n  profile: minimal\n  rename: {detail: x}", "m.yaml:4: 'detail' is none of:"),
    ("hygiene: {scaner: [x]}", "m.yaml:2: unknown key 'scaner' (Did you mean 'scanner'?)"),
    (
        "kinds: [email_open]\nhygiene: {set_aside: [email_opn]}",
        "m.yaml:3: 'email_opn' is none of: email_open (Did you mean 'email_open'?)",
    ),
    ("hygiene: {repeat_within: soon}", "m.yaml:2: here a duration such as 90d, 12h or 30m is expected"),
    ("hygiene: {fallback: {a: b}}", "m.yaml:2: 'a' is none of:"),
    ("hygiene: {own: {field: email}}", "m.yaml:2: 'own' needs 'domains' or 'addresses'"),
    ("quiet: {lots: 1d}", "m.yaml:2: unknown reason 'lots' (Did you mean 'lost'?)"),
    ("titles: {manger: [x]}", "m.yaml:2: unknown group 'manger' (Did you mean 'manager'?)"),
    ("mail_domains: [x]", "m.yaml:2: here groups with lists of words are expected"),
]


@pytest.mark.parametrize(("text", "told"), REFUSED)
def test_a_mistake_is_told_with_its_line_and_a_remedy(text: str, told: str) -> None:
    found = refusals(text)
    assert any(one.startswith(told) for one in found), found


def test_a_file_must_say_which_crm_it_is_for() -> None:
    for text in ("inputs: {}", "mapping: hubspotto", "mapping: [hubspot]"):
        with pytest.raises(UserError):
            read_mapping(text, "m.yaml")


def test_a_lesser_source_has_a_better_one_that_is_not_lesser_itself() -> None:
    entries = "activities:\n" + "".join(f"  - {{from: {s}, kind: k, at: t}}\n" for s in "abc")
    assert mapping(entries + "hygiene: {fallback: {a: b, c: b}}").hygiene.fallback == {"a": "b", "c": "b"}
    assert refusals(entries + "hygiene: {fallback: {a: b, b: c}}") == ["m.yaml:6: 'b' is itself a lesser source"]


def test_all_mistakes_are_told_at_once_in_order_of_lines() -> None:
    found = refusals(
        "inputs:\n  a: {field: x, as: foo}\nactivities:\n  - {from: x}\nquiet: {lots: 1d}\nresults: {profile: no}"
    )
    assert [one.partition(": ")[0] for one in found] == ["m.yaml:3", "m.yaml:5", "m.yaml:5", "m.yaml:6", "m.yaml:7"]


def test_a_python_function_of_the_customers_reads_a_field(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "acme_reads.py").write_text(
        "def budget(text):\n    return {'big': 10, 'inf': float('inf'), 'odd': ['x']}[text]\n"
        "def tags(text):\n    return text.split()\n"
        "def grade(text):\n    return text[:1]\n"
        "def sure(text):\n    return text == 'yes' or None\n"
        "def when(text):\n    return 5\n"
        "def word(text):\n    return text * 2 if text else 7\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    inputs = mapping(
        "inputs:\n  b: {field: x, as: acme_reads.budget, gives: number}\n"
        "  t: {field: x, as: acme_reads.tags, gives: set}\n"
        "  g: {field: x, as: acme_reads.grade, gives: level, levels: [a, b]}\n"
        "  s: {field: x, as: acme_reads.sure, gives: truth}\n"
        "  w: {field: x, as: acme_reads.when, gives: instant}\n  t2: {field: x, as: acme_reads.word}\n"
    ).inputs

    def read(name: str, text: str) -> object:
        return inputs[name].convert.function(text)

    assert [read("b", t) for t in ("big", "none such", "inf", "odd")] == [10, None, None, None]
    assert (read("t", "x y"), read("g", "Boy"), read("g", "zoo")) == ({"x", "y"}, "b", None)
    assert (read("s", "yes"), read("s", "no"), read("w", "x")) == (True, None, 5)
    assert (read("t2", "ab"), read("t2", "")) == ("abab", None)
    assert inputs["g"].convert.levels == ("a", "b")


def test_a_function_without_source_is_taken_as_it_is() -> None:
    read = mapping("inputs: {a: {field: x, as: math.sqrt}}").inputs["a"].convert.function
    assert read("4") is None

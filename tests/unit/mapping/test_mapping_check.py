"""A mapping held against a CRM's fields; lines proposed and written."""

from __future__ import annotations

import pytest

from connector.errors import UserError
from connector.mapping.check import Report, check_mapping
from connector.mapping.document import read_mapping
from connector.mapping.lines import input_line, with_input
from connector.mapping.suggest import Column, suggest
from connector.ports import FieldSchema, Schema
from connector.results import RESULTS, Result
from connector.shipped import shipped

TEXT = """\
mapping: hubspot
inputs:
  title: {field: jobtitle, as: seniority}
  size: {first_of: [company.n, band], as: size}
  rating: {field: rating, values: {high: a, low: b}, optional: true}
created: born
activities:
  - {from: web, kind: page_view, at: [at, day], subject: [url, path], attributes: {m: mail},
     where: {lang: ja}, person: [who]}
  - {from: lesser, kind: page_view, at: at}
  - {from: extra, kind: {field: kind, values: {a: b}}, at: at, optional: true}
outcomes:
  - {from: deals, won: {w: t}, lost: {l: t}, opened: o, closed: [c, d]}
hygiene: {fallback: {lesser: web}}
"""
MAPPING = read_mapping(TEXT, "m.yaml")


def ours(result: Result, **changed: object) -> FieldSchema:
    choices = tuple(value for value, _, _ in result.choices)
    told: dict[str, object] = {
        "type": result.type,
        "writable": True,
        "length": result.length,
        "choices": choices,
        **changed,
    }
    return FieldSchema(result.hubspot, result.ja, crm_type="crm", closed_choices=bool(choices), **told)


def fields(**types: str) -> dict[str, FieldSchema]:
    named = {name: FieldSchema(name, name, type_, f"crm-{type_}", True) for name, type_ in types.items()}
    return named | {r.hubspot: ours(r) for r in RESULTS}


GOOD = {
    **fields(jobtitle="text", band="text", born="date"),
    "rating": FieldSchema("rating", "R", "choice", "enum", True, None, ("High", "low"), True),
}
EVENTS = {
    "web": frozenset({"at", "url", "mail", "lang", "who"}),
    "lesser": frozenset({"at"}),
    "extra": frozenset({"kind", "at"}),
    "deals": frozenset({"w", "l", "o", "d"}),
}


def check(
    people: dict[str, FieldSchema] | None = None, events: dict[str, frozenset[str]] | None = None, *, ready: bool = True
) -> Report:
    return check_mapping(MAPPING, Schema({"contacts": people or GOOD}, events or EVENTS), fields_ready=ready)


def told(report: Report) -> list[str]:
    return [f"{p.where}: {p.what}" + (f" ({p.fix})" if p.fix else "") for p in report.problems]


def test_a_mapping_that_fits_has_nothing_to_say() -> None:
    assert (told(check()), list(check().notices)) == ([], [])


def without(*names: str) -> dict[str, FieldSchema]:
    return {name: one for name, one in GOOD.items() if name not in names}


def changed(result: str, **how: object) -> dict[str, FieldSchema]:
    one = next(r for r in RESULTS if r.name == result)
    return GOOD | {one.hubspot: ours(one, **how)}


PEOPLE = [
    (
        without("jobtitle") | fields(job_title="text"),
        "m.yaml:3: input 'title': contacts has no field 'jobtitle' (Did you mean 'job_title'?)",
    ),
    (
        without("band"),
        "m.yaml:4: input 'size': contacts has no field 'company.n, band' (Is it spelt as the CRM's API name,",
    ),
    (without("born"), "m.yaml:6: input 'created': contacts has no field 'born'"),
    (
        GOOD | fields(band="truth"),
        "m.yaml:4: input 'size' is read as number, but contacts.band is crm-truth (Choose another field,",
    ),
    (GOOD | fields(jobtitle="date"), "m.yaml:3: input 'title' is read as level, but contacts.jobtitle is crm-date"),
    (
        GOOD | {"rating": FieldSchema("rating", "R", "choice", "enum", True, None, ("hi", "low"), True)},
        "m.yaml:5: input 'rating': rating has no value 'high'",
    ),
    (
        without("leadheat_score"),
        "m.yaml: our field contacts.leadheat_score does not exist ('leadheat apply' creates it;",
    ),
    (
        changed("score", type="text"),
        "m.yaml: our field contacts.leadheat_score is crm, where number is needed (Name another field",
    ),
    (
        changed("hot", writable=False),
        "m.yaml: this user may not write our field contacts.leadheat_hot (Give it edit permission for the field.)",
    ),
    (
        changed("top_reason", length=80),
        "m.yaml: our field contacts.leadheat_top_reason holds 80 characters; 255 are needed",
    ),
    (
        changed("band", choices=("hot", "warm")),
        "m.yaml: our field contacts.leadheat_band lacks the values cold, excluded (Add them in the CRM.)",
    ),
]


@pytest.mark.parametrize(("people", "expected"), PEOPLE)
def test_what_does_not_fit_is_told_with_the_mapping_s_line(people: dict[str, FieldSchema], expected: str) -> None:
    found = told(check(people))
    assert len(found) == 1 and found[0].startswith(expected), found


def test_sales_own_field_need_not_be_writable() -> None:
    assert told(check(changed("verdict", writable=False))) == []


def test_result_fields_need_not_exist_while_they_are_about_to_be_made() -> None:
    assert told(check(without(*(r.hubspot for r in RESULTS)), ready=False)) == []
    assert len(told(check(without(*(r.hubspot for r in RESULTS))))) == len(RESULTS)


def test_an_optional_field_that_is_missing_is_a_notice() -> None:
    report = check(without("rating"))
    assert told(report) == []
    assert [str(n) for n in report.notices] == [
        "m.yaml:5: input 'rating': contacts has no field 'rating'; it counts as unknown"
    ]


def test_an_object_that_cannot_be_seen_is_told_once() -> None:
    report = check_mapping(MAPPING, Schema({}, EVENTS), fields_ready=True)
    assert [one.partition(" (")[0] for one in told(report)] == ["m.yaml: this user cannot see the object 'contacts'"]


def test_a_source_that_is_stood_in_for_or_optional_is_a_notice_and_any_other_a_problem() -> None:
    report = check(events={"lesser": frozenset({"at"}), "deels": frozenset()})
    assert [str(n) for n in report.notices] == [
        "m.yaml:8: this account does not tell 'web'; 'lesser' stands in",
        "m.yaml:11: this account does not tell 'extra'; nothing is counted from it",
    ]
    assert told(report) == ["m.yaml:13: this account does not tell 'deals' (Did you mean 'deels'?)"]
    report = check(events={"deals": EVENTS["deals"]})
    assert [one.split(": ")[0] for one in told(report)] == ["m.yaml:8", "m.yaml:10"]


def test_a_lesser_source_may_be_missing_where_the_better_one_is_there() -> None:
    report = check(events={name: seen for name, seen in EVENTS.items() if name != "lesser"})
    assert (told(report), list(report.notices)) == ([], [])


def test_an_event_s_fields_must_be_there_but_one_of_several_is_enough() -> None:
    report = check(
        events=EVENTS
        | {"web": frozenset({"day", "path", "male"}), "deals": frozenset({"o"}), "extra": frozenset({"at"})}
    )
    assert [one.partition(" (")[0] for one in told(report)] == [
        "m.yaml:8: 'web' has no field 'lang'",
        "m.yaml:8: 'web' has no field 'mail'",
        "m.yaml:8: 'web' has no field 'who'",
        "m.yaml:13: 'deals' has no field 'c'",
        "m.yaml:13: 'deals' has no field 'd'",
        "m.yaml:13: 'deals' has no field 'l'",
        "m.yaml:13: 'deals' has no field 'w'",
    ]
    assert [str(n) for n in report.notices] == ["m.yaml:11: 'extra' has no field 'kind'; it counts as unknown"]


@pytest.mark.parametrize("name", ["hubspot.yaml", "salesforce.yaml", "spreadsheet.yaml"])
def test_the_shipped_mappings_fit_an_account_that_has_what_they_name(name: str) -> None:
    using = read_mapping(shipped(name), name)
    results = using.wants.results
    people = {
        o: {f: FieldSchema(f, f, "text", "text", True) for f in named}
        | {f: ours_at(r, f) for r, f in results[o].items()}
        for o, named in using.wants.people.items()
    }
    events = {source: wants.fields | set(wants.person) for source, wants in using.wants.events.items()}
    assert check_mapping(using, Schema(people, events), fields_ready=True) == Report([], [])


def ours_at(result: str, field: str) -> FieldSchema:
    return FieldSchema(field, field, next(r.type for r in RESULTS if r.name == result), "x", True)


# ---- proposals and lines ---------------------------------------------------------------------------------------------


def column(
    name: str,
    label: str,
    type_: str = "text",
    filled: float = 1.0,
    samples: tuple[str, ...] = (),
    of: str = "contacts",
) -> Column:
    return Column(of, FieldSchema(name, label, type_, type_, True), filled, samples)


def test_fields_are_proposed_by_name_label_and_samples() -> None:
    found = suggest(
        [
            column("jobtitle", "Job Title", samples=("部長", "課長", " ")),
            column("email", "Email", samples=("a@b.jp",)),
            column("x_1", "従業員規模", samples=("1~29名",)),
            column("company.name", "Company name"),
            column("zzz", "Shoe size"),
            column("hs_email_optout", "Unsubscribed from all email", "truth"),
        ]
    )
    assert {(s.input, s.field) for s in found} == {
        ("seniority", "jobtitle"),
        ("mail", "email"),
        ("email_domain", "email"),
        ("employees", "x_1"),
        ("company", "company.name"),
        ("opted_out", "hs_email_optout"),
    }
    assert [s.likely for s in found] == sorted((s.likely for s in found), reverse=True)
    assert next(s.line for s in found if s.input == "employees") == "employees: {field: x_1, as: size}"


def test_a_field_whose_values_cannot_be_read_or_whose_type_is_wrong_is_not_proposed() -> None:
    assert suggest([column("title", "Title", samples=("Mr", "Ms", "Dr"))], ["seniority"]) == []
    assert suggest([column("title", "Title", "date")], ["seniority"]) == []


def test_of_two_of_one_name_the_fuller_is_proposed_and_each_object_has_its_own() -> None:
    told = [
        column("title", "役職", filled=0.1),
        column("yakushoku", "役職", filled=0.9),
        column("Title", "Title", of="Lead"),
    ]
    found = suggest(told, ["seniority", "no such input"])
    assert {(s.object, s.field) for s in found} == {("contacts", "yakushoku"), ("Lead", "Title")}


BEFORE = """\
# ours
inputs:
  # the title
  a: {field: x, as: seniority}   # agreed with sales
  b:
    first_of: [p,
      q]
    as: size

  # at the end
activities: []
"""


@pytest.mark.parametrize(
    ("name", "after"),
    [
        ("a", BEFORE.replace("{field: x, as: seniority}", "{field: new, as: number}")),
        ("b", BEFORE.replace("b:\n    first_of: [p,\n      q]\n    as: size\n", "b: {field: new, as: number}\n")),
        ("c", BEFORE.replace("    as: size\n", "    as: size\n  c: {field: new, as: number}\n")),
    ],
)
def test_a_line_is_written_and_everything_else_stays(name: str, after: str) -> None:
    assert with_input(BEFORE, "m.yaml", name, "new", "number") == after


def test_a_line_is_added_to_a_file_without_inputs_or_line_end() -> None:
    assert with_input("mapping: hubspot", "m.yaml", "a", "x") == "mapping: hubspot\n\ninputs:\n  a: {field: x}\n"
    assert with_input("inputs:\n  a: {field: x}", "m.yaml", "b", "y") == "inputs:\n  a: {field: x}\n  b: {field: y}\n"


def test_names_that_yaml_would_misread_are_quoted() -> None:
    assert input_line("a", "役職（正式）", "text") == 'a: {field: "役職（正式）"}'
    assert input_line("on", "yes") == '"on": {field: "yes"}'
    assert (
        input_line("a", {"Lead": "X", "Contact": "company.Y"}, "size")
        == "a: {field: {Lead: X, Contact: company.Y}, as: size}"
    )


@pytest.mark.parametrize("text", ["inputs: {a: {field: x}}", "inputs: []", "inputs:"])
def test_inputs_on_one_line_are_left_to_their_author(text: str) -> None:
    with pytest.raises(UserError, match="LH-211"):
        with_input(text, "m.yaml", "a", "y")


@pytest.mark.parametrize("name", ["hubspot.yaml", "salesforce.yaml", "spreadsheet.yaml"])
@pytest.mark.parametrize("input_", ["seniority", "opted_out", "budget"])
def test_the_shipped_mappings_take_a_new_line(name: str, input_: str) -> None:
    changed_ = read_mapping(with_input(shipped(name), name, input_, "new_one", "text"), name)
    assert changed_.inputs[input_].fields[changed_.objects[0]] == ("new_one",)

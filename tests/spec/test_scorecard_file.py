"""Reading a scorecard: defaults, spellings that mean the same, and every refusal with its line."""
# ruff: noqa: E501 - tables

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sheet import NOW, TOKYO, VOCABULARY, card_text

from connector.errors import UserError
from connector.instants import DAY
from connector.model import Vocabulary
from connector.scoring.document import read_scorecard
from connector.scoring.examples import play_examples
from connector.scoring.scorecard import Scorecard

RULE = "- {id: r, axis: fit, did: page_view, points: 60}"
WHOLE = """\
scorecard: whole
version: 3
timezone: Asia/Tokyo
agreed: {marketing: 佐藤, sales: "", on: 2026-11-22, review_by: 2026-12-22, because: 初版}
bands:
  hot: {enter: 50, leave: 40, stay: 3d, requires: [{employees: {at_least: 100}}]}
  warm: 20
limits: {min: -100, max: 150}
axes:
  fit: {label: {ja: 属性, en: Fit}, max: 40, min: -40}
  interest:
exclude:
  - {id: customer, label: {ja: 既存顧客}, when: {lifecycle: {one_of: [customer, evangelist]}}}
rules:
  - id: senior
    axis: fit
    label: 部長
    when: {seniority: {at_least: department_head}, industry: {contains: [it, 製造]}}
    points: 15
    because: 決裁権者
  - id: pricing
    axis: interest
    did: [page_view, download]
    where: {subject: {like: "/pricing*"}, campaign: {unknown: true}}
    within: 90d
    count: {up_to: 3, per: day}
    fade: {lose: 25%, every: 30d}
    points: 15
  - {id: demo, axis: interest, did: demo_request, within: 30d, hot: now}
examples:
  - {name: デモ, given: {seniority: executive, tags: [a, b], trial: "true"}, did: [{demo_request: 2d}, {page_view: 1d, subject: /pricing, attributes: {campaign: x}}], expect: {points: 0, band: hot}}
"""


def read(text: str, vocabulary: Vocabulary | None = VOCABULARY) -> Scorecard:
    return read_scorecard(text, "card.yaml", vocabulary, TOKYO)


def refused(text: str) -> list[str]:
    with pytest.raises(UserError) as error:
        read(text)
    return [problem.in_("en") for problem in error.value.problems]


def test_defaults_are_leave_at_enter_no_stay_no_limits_and_the_installations_zone() -> None:
    text = card_text(RULE).replace("timezone: Asia/Tokyo\n", "")
    card = read_scorecard(text, "card.yaml", VOCABULARY, ZoneInfo("America/New_York"))
    assert (card.bands.leave, card.bands.stay, card.bands.requires) == (50, 0, ())
    assert (card.min, card.max, card.exclude, card.examples) == (None, None, (), ())
    assert card.zone.key == "America/New_York"
    assert card.rules[0].label == {"ja": "r", "en": "r"}


def test_a_whole_scorecard_is_read() -> None:
    card = read(WHOLE)
    assert (card.name, card.version, card.agreed.marketing, card.agreed.on) == ("whole", 3, "佐藤", "2026-11-22")
    assert card.exclude[0].label == {"ja": "既存顧客", "en": "既存顧客"}
    assert card.rules[0].label == {"ja": "部長", "en": "部長"}
    assert card.rules[2].points == 0
    assert card.examples[0].given["tags"] == "a;b"


SAME = [
    ("comments", "version: 3", "version: 3   # the third"),
    ("units", "within: 90d", "within: 2160h"),
    ("a plus sign", "points: 15\n    because", "points: +15\n    because"),
    ("quotes", "warm: 20", 'warm: "20"'),
    ("one kind as a list", "did: demo_request", "did: [demo_request]"),
    ("order of kinds", "[page_view, download]", "[download, page_view]"),
    ("order of words", "[it, 製造]", "[製造, it]"),
    ("order of options", "[customer, evangelist]", "[evangelist, customer]"),
    ("case and width", "[it, 製造]", "[ＩＴ, 製造]"),
    ("a number written otherwise", "at_least: 100", "at_least: 100.00"),
    ("the default said", "count: {up_to: 3, per: day}", "count: {per: day, up_to: 3, at_least: 1}"),
    ("order of keys", "id: senior\n    axis: fit", "axis: fit\n    id: senior"),
    ("order of tests", "{subject: {like: \"/pricing*\"}, campaign: {unknown: true}}", "{campaign: {unknown: true}, subject: {like: \"/pricing*\"}}"),
    ("who signed", 'sales: ""', "sales: 鈴木"),
    ("notes", "because: 決裁権者", "because: 予算を持つ"),
    ("examples", "points: 0, band: hot", "band: hot"),
]  # fmt: skip


@pytest.mark.parametrize(("what", "old", "new"), SAME)
def test_the_digest_is_of_meaning(what: str, old: str, new: str) -> None:
    assert old in WHOLE
    assert read(WHOLE.replace(old, new)).digest == read(WHOLE).digest, what


OTHER = [
    ("points", "points: 15\n    because", "points: 16\n    because"),
    ("a label", "label: 部長", "label: 本部長"),
    ("the window", "within: 90d", "within: 91d"),
    ("the zone", "Asia/Tokyo", "Asia/Seoul"),
    ("the version", "version: 3", "version: 4"),
    ("a side", "{at_least: department_head}", "{at_most: department_head}"),
    ("an operator", "{at_least: department_head}", "{one_of: [department_head]}"),
    ("a limit", "max: 150", "max: 151"),
    ("a requirement", "at_least: 100", "at_least: 101"),
    ("an exclusion", "[customer, evangelist]", "[customer]"),
    ("fading", "lose: 25%", "lose: 26%"),
    ("the effect", "within: 30d, hot: now", "within: 30d, points: 50"),
]


@pytest.mark.parametrize(("what", "old", "new"), OTHER)
def test_the_digest_changes_with_the_meaning(what: str, old: str, new: str) -> None:
    assert old in WHOLE
    assert read(WHOLE.replace(old, new)).digest != read(WHOLE).digest, what


def test_the_digest_is_the_same_on_every_machine_and_with_every_mapping() -> None:
    assert read(WHOLE).digest == "7be55294e04724a0aa926db10675b6021f4fcc89bb4a05e93dd1204cc6ca199a"
    other = replace(VOCABULARY, levels={"seniority": ("staff", "department_head", "executive")})
    assert read(WHOLE, other).digest == read(WHOLE, None).digest == read(WHOLE).digest


def rules(text: str) -> str:
    return card_text(text + "\n" + RULE.replace("id: r,", "id: last,"))


TOP = 7
"""The line of the first rule in a scorecard made by card_text."""

REFUSED: list[tuple[str, int, str]] = [
    (rules("- {id: r, axis: fit, did: page_view, pionts: 1, points: 1}"), TOP, "unknown key 'pionts' [LH-300]\n    Did you mean 'points'?"),
    (rules("- {id: r, axis: fit, did: page_view, points: 1, points: 2}"), TOP, "'points' stands here twice"),
    (rules("- {id: r, axis: fit, did: page_view, points: 1}\n- {id: r, axis: fit, did: call, points: 1}"), TOP + 1, "the id 'r' stands here twice"),
    (rules("- {axis: fit, did: page_view, points: 1}"), TOP, "'id' is missing"),
    (rules("- {id: r, did: page_view, points: 1}"), TOP, "'axis' is missing"),
    (rules("- {id: r, axis: fot, did: page_view, points: 1}"), TOP, "there is no axis 'fot' [LH-303]\n    Did you mean 'fit'?"),
    (rules("- {id: r, axis: fit, did: page_view}"), TOP, "'points' is missing"),
    (rules("- {id: r, axis: fit, did: page_view, blocks_hot: now}"), TOP, "'points' is missing"),
    (rules("- {id: r, axis: fit, did: page_view, points: 1.5}"), TOP, "'points' must be a whole number, not '1.5'"),
    (rules("- {id: r, axis: fit, did: page_view, points: many}"), TOP, "'points' must be a whole number"),
    (rules("- {id: r, axis: fit, did: page_view, points: [1]}"), TOP, "'points' must be a single value"),
    (rules("- {id: r, axis: fit, points: 1}"), TOP, "rule 'r' does not say what fires it"),
    (rules("- {id: r, axis: fit, silent_for: 1d, where: {subject: {like: a}}, points: 1}"), TOP, "'where' does not go with 'silent_for'"),
    (rules("- {id: r, axis: fit, silent_for: 1d, within: 1d, points: 1}"), TOP, "'within' does not go with 'silent_for'"),
    (rules("- {id: r, axis: fit, silent_for: 1d, count: {up_to: 1}, points: 1}"), TOP, "'count' does not go with"),
    (rules("- {id: r, axis: fit, silent_for: 1d, fade: {lose: 1%, every: 1d}, points: 1}"), TOP, "'fade' does not go with"),
    (rules("- {id: r, axis: fit, when: {trial: {is: true}}, within: 1d, points: 1}"), TOP, "'within' needs 'did' beside it"),
    (rules("- {id: r, axis: fit, did: call, fade: {lose: 1%}, points: 1}"), TOP, "'every' is missing"),
    (rules("- {id: r, axis: fit, did: call, fade: {every: 1d}, points: 1}"), TOP, "'lose' is missing"),
    (rules("- {id: r, axis: fit, did: call, fade: {}, points: 1}"), TOP, "'fade' must hold 'key: value' pairs"),
    (rules("- {id: r, axis: fit, did: call, hot: now, blocks_hot: now, points: 1}"), TOP, "'hot' and 'blocks_hot' contradict each other"),
    (rules("- {id: r, axis: fit, did: call, hot: yes, points: 1}"), TOP, "'hot' must be the word now, not 'yes'"),
    (rules("- {id: r, axis: fit, did: call, within: 0d, points: 1}"), TOP, "'within' must be a duration above zero"),
    (rules("- {id: r, axis: fit, did: call, within: -1d, points: 1}"), TOP, "'within' must be a duration above zero"),
    (rules("- {id: r, axis: fit, did: call, within: 1 month, points: 1}"), TOP, "'within' must be a duration above zero"),
    (rules("- {id: r, axis: fit, silent_for: 0h, points: 1}"), TOP, "'silent_for' must be a duration above zero"),
    (rules("- {id: r, axis: fit, did: call, fade: {lose: 1%, every: 0d}, points: 1}"), TOP, "'every' must be a duration above zero"),
    (rules("- {id: r, axis: fit, did: call, fade: {lose: 0%, every: 1d}, points: 1}"), TOP, "'lose' must be a whole percent"),
    (rules("- {id: r, axis: fit, did: call, fade: {lose: 101%, every: 1d}, points: 1}"), TOP, "'lose' must be a whole percent"),
    (rules("- {id: r, axis: fit, did: call, fade: {lose: 2.5%, every: 1d}, points: 1}"), TOP, "'lose' must be a whole percent"),
    (rules("- {id: r, axis: fit, did: call, fade: {lose: 25, every: 1d}, points: 1}"), TOP, "'lose' must be a whole percent"),
    (rules("- {id: r, axis: fit, did: call, count: {up_to: 0}, points: 1}"), TOP, "'up_to' must be a whole number from 1, or all"),
    (rules("- {id: r, axis: fit, did: call, count: {at_least: 0}, points: 1}"), TOP, "'at_least' must be a whole number from 1"),
    (rules("- {id: r, axis: fit, did: call, count: {per: week}, points: 1}"), TOP, "'per' is either 'day' or 'subject', not 'week'"),
    (rules("- {id: r, axis: fit, did: call, count: {per: [day]}, points: 1}"), TOP, "'per' must be a single value"),
    (rules("- {id: r, axis: fit, did: [], points: 1}"), TOP, "'did' is an empty list"),
    (rules("- {id: r, axis: fit, did: [''], points: 1}"), TOP, "'did' is empty"),
    (rules("- {id: r, axis: fit, did: page_veiw, points: 1}"), TOP, "'page_veiw' is no kind of activity that the mapping provides [LH-303]\n    Did you mean 'page_view'?"),
    (rules("- {id: r, axis: fit, any: [], points: 1}"), TOP, "'any' is an empty list"),
    (rules("- {id: r, axis: fit, any: {trial: {is: true}}, points: 1}"), TOP, "'any' must be a list"),
    (rules("- {id: r, axis: fit, when: {}, points: 1}"), TOP, "'when' must hold 'key: value' pairs"),
    (rules("- {id: r, axis: fit, when: {trial: {}}, points: 1}"), TOP, "'trial' must hold 'key: value' pairs"),
    (rules("- {id: r, axis: fit, did: call, where: {}, points: 1}"), TOP, "'where' must hold 'key: value' pairs"),
    (rules("- {id: r, axis: fit, did: call, where: {subject: {at_least: 3}}, points: 1}"), TOP, "'at_least' does not fit 'subject', which is a text"),
    (rules("- {id: r, axis: fit, when: {industry: {one_of: []}}, points: 1}"), TOP, "'one_of' is an empty list"),
    (rules("- {id: r, axis: fit, when: {industry: {contains: [a, ' ']}}, points: 1}"), TOP, "'contains' is empty"),
    (rules("- {id: r, axis: fit, when: {industry: {like: ''}}, points: 1}"), TOP, "'like' is empty"),
    (rules("- {id: r, axis: fit, when: {industry: {unknown: false}}, points: 1}"), TOP, "'unknown' must be true, not 'false'"),
    (rules("- {id: r, axis: fit, when: {trial: {is: no}}, points: 1}"), TOP, "'is' must be true or false, not 'no'"),
    (rules("- {id: r, axis: fit, when: {trial: {is: 1}}, points: 1}"), TOP, "'is' must be true or false, not '1'"),
    (rules("- {id: r, axis: fit, when: {trail: {is: true}}, points: 1}"), TOP, "rule 'r' asks about 'trail', which the mapping does not provide [LH-303]\n    Did you mean 'trial'?"),
    (rules("- {id: r, axis: fit, when: {zzz: {is: true}}, points: 1}"), TOP, "asks about 'zzz', which the mapping does not provide [LH-303]\n    Known here: decides_on, employees"),
    (rules("- {id: r, axis: fit, when: {trial: {isnt: true}}, points: 1}"), TOP, "unknown test 'isnt'"),
    (rules("- {id: r, axis: fit, when: {employees: {contains: [1]}}, points: 1}"), TOP, "'contains' does not fit 'employees', which is a number [LH-304]\n    Use one of: at_least, at_most, unknown."),
    (rules("- {id: r, axis: fit, when: {industry: {at_least: 1}}, points: 1}"), TOP, "'at_least' does not fit 'industry', which is a text"),
    (rules("- {id: r, axis: fit, when: {seniority: {like: a}}, points: 1}"), TOP, "'like' does not fit 'seniority', which is a level"),
    (rules("- {id: r, axis: fit, when: {decides_on: {is: true}}, points: 1}"), TOP, "'is' does not fit 'decides_on', which is an instant"),
    (rules("- {id: r, axis: fit, when: {employees: {at_least: many}}, points: 1}"), TOP, "'at_least' must be a number, not 'many'"),
    (rules("- {id: r, axis: fit, when: {employees: {at_least: 1e3}}, points: 1}"), TOP, "'at_least' must be a number, not '1e3'"),
    (rules("- {id: r, axis: fit, when: {seniority: {at_least: head}}, points: 1}"), TOP, "'head' is no level of 'seniority' [LH-303]"),
    (rules("- {id: r, axis: fit, when: {seniority: {at_least: []}}, points: 1}"), TOP, "'at_least' must be a single value"),
    (rules("- {id: r, axis: fit, when: {seniority: {one_of: [manger]}}, points: 1}"), TOP, "'manger' is no level of 'seniority' [LH-303]\n    Did you mean 'manager'?"),
    (rules("- {id: r, axis: fit, when: {decides_on: {after: 2026-11-22T00:00:00}}, points: 1}"), TOP, "'after' must be a date or an instant with its zone"),
    (rules("- {id: r, axis: fit, when: {decides_on: {before: 2026-02-30}}, points: 1}"), TOP, "'before' must be a date or an instant"),
    (rules("- {id: r, axis: fit, when: {decides_on: {before: 0001-01-01}}, points: 1}"), TOP, "'before' must be a date or an instant"),
    (rules("- {id: r, axis: fit, when: {decides_on: {within_next: 0d}}, points: 1}"), TOP, "'within_next' must be a duration above zero"),
    (rules("- {id: r, axis: fit, when: {trial: {is: &a true}}, points: 1}"), TOP, "anchors and aliases are not supported"),
    (rules("- {id: r, axis: fit, when: {trial: {is: !!bool true}}, points: 1}"), TOP, "tags such as"),
    (rules("- {<<: {id: r}, axis: fit, did: call, points: 1}"), TOP, "merge keys are not supported"),
    (rules("- r"), TOP, "'rules' must hold 'key: value' pairs"),
    (rules("- {id: r, axis: fit, did: call, label: {jp: a}, points: 1}"), TOP, "unknown key 'jp'"),
    (rules("- {id: r, axis: fit, did: call, label: [a], points: 1}"), TOP, "'label' must hold 'key: value' pairs"),
    (card_text(RULE, bands="{hot: {enter: 50, leave: 51}, warm: 20}"), 4, "'leave' (51) is above 'enter' (50)"),
    (card_text(RULE, bands="{hot: {enter: 50}, warm: 51}"), 4, "'warm' (51) is above 'enter' (50)"),
    (card_text(RULE, bands="{hot: {enter: 50, stay: 0d}, warm: 1}"), 4, "'stay' must be a duration above zero"),
    (card_text(RULE, bands="{hot: {enter: 50, requires: {trial: {is: true}}}, warm: 1}"), 4, "'requires' must be a list"),
    (card_text(RULE, bands="{hot: {leave: 50}, warm: 1}"), 4, "'enter' is missing"),
    (card_text(RULE, bands="{hot: {enter: 50}}"), 4, "'warm' is missing"),
    (card_text(RULE, bands="{warm: 1}"), 4, "'hot' is missing"),
    (card_text(RULE, bands="50"), 4, "'bands' must hold 'key: value' pairs"),
    (card_text(RULE, axes="{fit: {max: -1}}"), 5, "'max' of axis 'fit' is below 0"),
    (card_text(RULE, axes="{fit: {min: 1}}"), 5, "'min' of axis 'fit' is above 0"),
    (card_text(RULE, axes="{fit: {}, total: {}}"), 5, "'total' names the sum of all axes"),
    (card_text(RULE, axes="[fit]"), 5, "'axes' must hold 'key: value' pairs"),
    (card_text(RULE, more="limits: {min: 60, max: 59}"), 6, "'min' (60) is above 'max' (59)"),
    (card_text(RULE, more="exclude: [{id: x}]"), 6, "the exclusion 'x' does not say who is meant"),
    (card_text(RULE, more="exclude: [{id: x, when: {trial: {is: true}}}, {id: x, when: {trial: {is: true}}}]"), 6, "the id 'x' stands here twice"),
    (card_text(RULE, more="agreed: {on: soon}"), 6, "'on' must be a date such as 2026-11-22, not 'soon'"),
    (card_text(RULE, more="agreed: {by: me}"), 6, "unknown key 'by'"),
    (card_text(RULE).replace("Asia/Tokyo", "Asia/Tokio"), 3, "there is no time zone 'Asia/Tokio' [LH-303]\n    Did you mean 'Asia/Tokyo'?"),
    (card_text(RULE).replace("Asia/Tokyo", "[a]"), 3, "there is no time zone ''"),
    (card_text(RULE).replace("version: 1", "version: one"), 2, "'version' must be a whole number from 0, not 'one'"),
    (card_text(RULE).replace("version: 1\n", ""), 1, "'version' is missing"),
    (card_text(RULE).split("rules:")[0], 1, "'rules' is missing"),
    (card_text(RULE).split("rules:")[0] + "rules: []", 6, "'rules' is an empty list"),
    (card_text(RULE.replace("60", "49")), 4, "hot (50 points) is out of reach of every combination of rules"),
    (card_text(RULE, axes="{fit: {max: 49}}"), 4, "out of reach"),
    (card_text(RULE, more="limits: {max: 49}"), 4, "out of reach"),
    (card_text(RULE.replace("points: 60", "points: 24, count: {up_to: 2}")), 4, "out of reach"),
    (card_text(RULE, more="examples: [{name: a}]"), 6, "'expect' is missing"),
    (card_text(RULE, more="examples: [{name: a, expect: {band: lukewarm}}]"), 6, "'band' must be one of hot, warm, cold, excluded, not 'lukewarm'"),
    (card_text(RULE, more="examples: [{name: a, given: {employes: 3}, expect: {points: 0}}]"), 6, "the example gives 'employes', which the mapping does not provide"),
    (card_text(RULE, more="examples: [{name: a, given: {employees: few}, expect: {points: 0}}]"), 6, "'few' does not fit 'employees', which is a number"),
    (card_text(RULE, more="examples: [{name: a, given: 3, expect: {points: 0}}]"), 6, "'given' must hold 'key: value' pairs"),
    (card_text(RULE, more="examples: [{name: a, did: [{page_view: 2d, call: 1d}], expect: {points: 0}}]"), 6, "a deed is one kind and how long ago"),
    (card_text(RULE, more="examples: [{name: a, did: [{page_veiw: 2d}], expect: {points: 0}}]"), 6, "'page_veiw' is no kind of activity"),
    (card_text(RULE, more="examples: [{name: a, did: [page_view], expect: {points: 0}}]"), 6, "'did' must hold 'key: value' pairs"),
    (card_text(RULE, more="examples: [{name: a, did: [{page_view: soon}], expect: {points: 0}}]"), 6, "'page_view' must be a duration above zero"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "line", "sentence"), REFUSED)
def test_what_cannot_be_meant_is_refused_with_its_line(text: str, line: int, sentence: str) -> None:
    told = refused(text)
    assert any(t.startswith(f"card.yaml:{line}: ") and sentence in t for t in told), told


REACHED = [
    card_text(RULE.replace("60", "50")),
    card_text(RULE.replace("points: 60", "points: 1, count: {up_to: all}")),
    card_text(RULE.replace("points: 60", "points: 1, count: {up_to: all}"), axes="{fit: {max: 50}}"),
    card_text(RULE.replace("points: 60", "hot: now")),
    card_text(RULE.replace("points: 60", "points: -60"), more="limits: {min: 50}"),
    card_text(RULE.replace("points: 60", "points: 25, count: {up_to: 2}")),
    card_text("- {id: a, axis: fit, silent_for: 1d, points: 30}\n- {id: b, axis: interest, did: call, points: 20}"),
    card_text(RULE.replace("points: 60", "points: -60"), bands="{hot: {enter: 0}, warm: 0}"),
]


@pytest.mark.parametrize("text", REACHED)
def test_hot_within_reach_is_accepted(text: str) -> None:
    assert read(text).digest


def test_all_problems_are_told_at_once_in_the_order_of_the_file() -> None:
    text = rules("- {id: r, axis: fot, did: page_veiw, within: 0d, points: x}").replace("warm: 20", "worm: 20")
    told = refused(text)
    assert [t.split(":")[1] for t in told] == ["4", "4", "7", "7", "7", "7"]


def test_without_a_mapping_names_go_unchecked_and_levels_reach_themselves() -> None:
    text = rules("- {id: r, axis: fit, when: {rank: {at_least: boss}, size: {at_most: 3}}, did: sneeze, points: 1}")
    assert read(text, None).vocabulary == Vocabulary({})
    examples = "examples:\n- {name: same, given: {rank: boss, size: 3}, did: [{sneeze: 1d}], expect: {points: 1}}\n"
    assert play_examples(read(text + examples, None), NOW) == []
    assert play_examples(read(text + examples.replace("points: 1}", "points: 2}"), None), NOW)
    order = examples.replace("rank: boss", "rank: king").replace("points: 1}", "points: 2}")
    assert play_examples(read(text + order, None), NOW) == []


GUESSED = """
- {id: a, axis: fit, when: {size: {at_least: 3}}, points: 1}
- {id: b, axis: fit, when: {sure: {is: true}}, points: 2}
- {id: c, axis: fit, when: {on: {after: 2026-01-01}}, points: 4}
- {id: d, axis: fit, when: {tags: {one_of: [a]}}, points: 8}
"""


def test_without_a_mapping_examples_take_the_type_that_rules_ask_for() -> None:
    given = "{size: 5, sure: true, on: 2026-02-01, tags: [a, b], other: }"
    more = f"examples: [{{name: a, given: {given}, expect: {{points: 15, band: cold}}}}]"
    card = read(card_text(GUESSED + RULE, more=more), None)
    assert play_examples(card, NOW) == []
    wrong = read(card_text(GUESSED + RULE, more=more.replace("size: 5", "size: big")), None)
    assert [p.what.in_("en") for p in play_examples(wrong, NOW)] == [
        "the example 'a' comes to 14 points and cold, not to 15, cold"
    ]


def test_an_example_that_comes_out_otherwise_is_a_problem_with_its_line() -> None:
    card = read(card_text(RULE, more="examples: [{name: a, did: [{page_view: 1d}], expect: {points: 61}}]"))
    (problem,) = play_examples(card, NOW)
    assert problem.in_("en").startswith("card.yaml:6: the example 'a' comes to 60 points and hot, not to 61 [LH-309]")
    assert play_examples(read(WHOLE), NOW) == []


def test_an_examples_lead_is_created_just_before_its_oldest_deed() -> None:
    quiet = "- {id: q, axis: interest, silent_for: 90d, points: -20}\n" + RULE.replace("did: page_view", "did: call")
    more = "examples: [{name: old, did: [{page_view: 95d}, {page_view: 91d}], expect: {points: -20}}, {name: new, expect: {points: 0}}]"
    assert play_examples(read(card_text(quiet, more=more)), NOW) == []
    assert DAY


@pytest.mark.parametrize("mapping", ["hubspot", "salesforce", "spreadsheet"])
def test_the_shipped_scorecard_goes_with_every_shipped_mapping(mapping: str) -> None:
    from connector.mapping.document import read_mapping

    folder = Path(__file__).parents[2] / "mappings"
    vocabulary = read_mapping((folder / f"{mapping}.yaml").read_text("utf-8"), mapping).vocabulary
    card = read((folder / "scorecard.yaml").read_text("utf-8"), vocabulary)
    assert [(r.axis, r.points) for r in card.rules] == [
        ("fit", 15), ("fit", 10), ("fit", -20), ("interest", 15), ("interest", 10), ("interest", 3),
        ("activity", 5), ("activity", -20), ("special", 50), ("special", -50),
    ]  # fmt: skip
    assert all(rule.because for rule in card.rules)
    assert play_examples(card, NOW) == []

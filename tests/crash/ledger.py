"""The agreements under which the histories are lived: a few scorecards and mappings that differ where it matters."""

from __future__ import annotations

from functools import cache
from zoneinfo import ZoneInfo

from connector.book import Book, Texts, open_book
from connector.instants import parse_instant
from connector.results import RESULTS

START = parse_instant("2026-11-20T00:00:00Z")
NAME = "m"
CONTACTS = "contacts"

MAPPING = """
mapping: hubspot
inputs:
  seniority: {field: jobtitle, as: seniority}
  employees: {field: employees, as: number}
  lifecycle: {field: status}
activities:
  - {from: forms, kind: demo_request, at: at, subject: {field: name, as: text}, where: {name: {contains: [demo]}}}
  - {from: forms, kind: download, at: at, subject: {field: name, as: text}}
  - {from: page_views, kind: page_view, at: at, subject: path}
outcomes:
  - {from: deals, won: {stage: won}, lost: {stage: lost}, opened: at, closed: at, reason: why}
hygiene: {repeat_within: 10m}
quiet: {lost: 8d}
results: {profile: standard}
"""
CARD = """
scorecard: test
version: 1
timezone: Asia/Tokyo
bands: {hot: {enter: 50, leave: 40, stay: 3d}, warm: 20}
axes: {fit: {label: {ja: 属性, en: Fit}}, deed: {label: {ja: 行動, en: Deeds}, max: 45}}
exclude:
  - {id: customer, label: {ja: 顧客, en: Customer}, when: {lifecycle: {one_of: [customer]}}}
rules:
  - {id: senior, axis: fit, label: {ja: 部長, en: Head}, when: {seniority: {at_least: department_head}}, points: 30}
  - {id: large, axis: fit, label: {ja: 大企業, en: Large}, when: {employees: {at_least: 100}}, points: 20}
  - {id: demo, axis: deed, label: {ja: デモ, en: Demo}, did: demo_request, within: 30d, points: 10, hot: now}
  - id: pages
    axis: deed
    label: {ja: 閲覧, en: Pages}
    did: page_view
    within: 30d
    count: {up_to: 3, per: day}
    fade: {lose: 50%, every: 7d}
    points: 15
  - {id: jobs, axis: deed, label: {ja: 採用, en: Jobs}, did: page_view, where: {subject: {like: /jobs*}}, within: 60d,
     points: -30, blocks_hot: now}
  - {id: silent, axis: deed, label: {ja: 無反応, en: Silent}, silent_for: 20d, points: -10}
"""
CARDS = (
    CARD,
    CARD.replace("points: 20}", "points: 10}").replace("leave: 40, stay: 3d", "leave: 45, stay: 1h"),
    CARD.replace("within: 30d, points: 10, hot: now", "within: 7d, points: 25"),
)
MAPPINGS = (
    MAPPING,
    MAPPING.replace("contains: [demo]", "contains: [demo, paper]").replace("lost: 8d", "lost: 1d"),
    MAPPING.replace("repeat_within: 10m", "repeat_within: 2d").replace("as: number", "as: size"),
)
FIELDS = {r.hubspot: r for r in RESULTS}
"""Our fields by the CRM's name for them."""


@cache
def book(card: int, mapping: int) -> Book:
    texts = Texts("card", CARDS[card], "mapping", MAPPINGS[mapping])
    return open_book(texts, ZoneInfo("Asia/Tokyo"), "ja")


BOOKS = {b.digest: b for b in (book(c, m) for c in range(len(CARDS)) for m in range(len(MAPPINGS)))}

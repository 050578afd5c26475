"""The fields Leadheat keeps on a CRM record: name, type, size, label, and which profile has them.

Every other field of the CRM is somebody else's. API names are the result's name with the house prefix; a mapping may
rename each.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

ResultType: TypeAlias = Literal["number", "truth", "instant", "choice", "text", "long_text"]
Profile: TypeAlias = Literal["minimal", "standard"]


@dataclass(frozen=True, slots=True)
class Result:
    """One result: what it is called with people and how much room it takes (`length` in characters)."""

    name: str
    type: ResultType
    ja: str
    en: str
    profile: Profile
    length: int | None = None
    choices: tuple[tuple[str, str, str], ...] = ()
    by_sales: bool = False

    @property
    def salesforce(self) -> str:
        return "Leadheat_" + "_".join(w.capitalize() for w in self.name.split("_")) + "__c"

    @property
    def hubspot(self) -> str:
        return "leadheat_" + self.name


BANDS = (
    ("hot", "ホット", "Hot"),
    ("warm", "ウォーム", "Warm"),
    ("cold", "コールド", "Cold"),
    ("excluded", "対象外", "Excluded"),
)
VERDICTS = (
    ("good", "良い", "Good"),
    ("wrong_person", "担当者違い", "Wrong person"),
    ("too_early", "時期尚早", "Too early"),
    ("no_need", "ニーズなし", "No need"),
    ("other", "その他", "Other"),
)

RESULTS: tuple[Result, ...] = (
    Result("score", "number", "リードスコア", "Lead score", "minimal"),
    Result("band", "choice", "区分", "Band", "minimal", choices=BANDS),
    Result("hot", "truth", "ホットリード", "Hot lead", "minimal"),
    Result("top_reason", "text", "一番の理由", "Top reason", "minimal", 255),
    Result("reasons", "long_text", "スコアの理由", "Score reasons", "minimal", 4_000),
    Result("scored_at", "instant", "最終スコア日時", "Last scored", "minimal"),
    Result("change_7d", "number", "7日間の変化", "Change in 7 days", "standard"),
    Result("hot_since", "instant", "ホットになった日時", "Became hot", "standard"),
    Result("hot_until", "instant", "ホットの期限", "Hot until", "standard"),
    Result("handoff_no", "number", "引き渡し番号", "Hand-off no.", "standard"),
    Result("scorecard", "text", "スコアカード版", "Scorecard version", "standard", 64),
    Result("detail", "long_text", "スコア詳細", "Score detail", "standard", 32_000),
    Result("verdict", "choice", "営業の評価", "Sales verdict", "standard", choices=VERDICTS, by_sales=True),
)
BY_NAME = {r.name: r for r in RESULTS}


def profile_results(profile: Profile) -> tuple[Result, ...]:
    """The results a profile keeps: `minimal` for small HubSpot plans, `standard` for all."""
    return tuple(r for r in RESULTS if profile == "standard" or r.profile == "minimal")

"""pandas: a filter and a groupby for each thing to look for, everything else by columns."""

from __future__ import annotations

from functools import reduce
from operator import and_, or_
from typing import Any

import numpy as np
import pandas as pd

from study.world import DAY, Study

Words = dict[str, Any]
UNKNOWN = np.iinfo(np.int64).min


def load(study: Study, card: Words, leads: int) -> Any:
    end = int(study.offsets[leads])
    lead = np.repeat(np.arange(leads, dtype=np.int32), np.diff(study.offsets[: leads + 1]))
    deeds = pd.DataFrame({"lead": lead, "happened": study.at[:end], "class": study.classes[:end]})
    people = pd.DataFrame({"created": study.created[:leads], "since": study.hot_since[:leads]})
    return deeds, people.assign(**{name: codes[:leads] for name, codes in study.codes.items()}), card


def score(data: Any) -> Any:
    deeds, people, card = data
    past = deeds[deeds["happened"] <= card["now"]]
    found = [_rule(past, people, card, rule) for rule in card["rules"]]
    total = reduce(lambda a, b: a + b, (_axis(card, axis, found) for axis in card["axes"]))
    points = total.clip(card["min"], card["max"])
    return points, _state(people, card, found, points), found


def _rule(past: Any, people: Any, card: Words, rule: Words) -> tuple[Any, ...]:
    """Who it fires for, the points, the number and the newest instant of what was counted."""
    holds, nothing = _condition(people, rule["when"]), pd.Series(0, people.index)
    if rule["kind"] == "lead":
        return holds, holds * rule["points"], nothing, nothing
    group = _sought(past, card, rule).groupby("lead", sort=True)["happened"]
    last = group.max().reindex(people.index, fill_value=UNKNOWN)
    if rule["kind"] == "silence":
        since = np.maximum(last, people["created"])
        known = since != UNKNOWN
        fires = holds & known & (card["now"] - since.where(known, card["now"]) >= rule["for"])
        fires &= people["created"] <= card["now"]
        return fires, fires * rule["points"], nothing, nothing
    count = group.size().reindex(people.index, fill_value=0)
    fires = holds & (count >= rule["at_least"])
    count = count.clip(upper=rule["up_to"]) * fires
    points = _faded(past, people, card, rule) * fires if rule["fade"] else count * rule["points"]
    return fires, points, count, last.where(fires, 0)


def _sought(past: Any, card: Words, rule: Words) -> Any:
    classes = rule["classes"]
    whole = classes == list(range(classes[0], classes[-1] + 1))
    means = past["class"].between(classes[0], classes[-1]) if whole else past["class"].isin(classes)
    rows = past[means & (past["happened"] > card["now"] - rule["within"])] if rule["within"] else past[means]
    if not rule.get("per"):
        return rows
    if rule["per"] == "day":
        rows = rows.assign(group=(rows["happened"] + card["offset"]) // DAY)
    else:
        rows = rows.assign(group=np.asarray(card["subject_of"])[rows["class"]])
    return rows.drop_duplicates(["lead", "group"], keep="last")  # rows come by instant


def _faded(past: Any, people: Any, card: Words, rule: Words) -> Any:
    lose, every = rule["fade"]
    rows = _sought(past, card, rule)
    rows = rows.groupby("lead").tail(rule["up_to"]) if rule["up_to"] else rows
    left = rule["points"] * (100 - lose * ((card["now"] - rows["happened"]) // every)).clip(lower=0)
    hundredths = left.groupby(rows["lead"]).sum().reindex(people.index, fill_value=0)
    return np.sign(hundredths) * ((hundredths.abs() + 50) // 100)


def _axis(card: Words, axis: Words, found: Any) -> Any:
    mine = [f[1] for f, rule in zip(found, card["rules"], strict=True) if rule["axis"] == axis["id"]]
    plus = sum(points.clip(lower=0) for points in mine).clip(upper=axis["max"])
    return plus + sum(points.clip(upper=0) for points in mine).clip(lower=axis["min"])


def _state(people: Any, card: Words, found: Any, points: Any) -> Any:
    pairs = list(zip(found, card["rules"], strict=True))
    wanted = reduce(or_, (f[0] for f, rule in pairs if rule["hot"]))
    blocked = reduce(or_, (f[0] for f, rule in pairs if rule["blocks"]))
    was_hot = people["since"] != UNKNOWN
    stays = was_hot & ((points >= card["leave"]) | (people["since"] > card["now"] - card["stay"]))
    required = reduce(and_, (_conjunction(people, c) for c in card["requires"]))
    hot = required & ((points >= card["enter"]) | stays)
    excluded = reduce(or_, (_condition(people, c) for c in card["exclude"]))
    return np.select([excluded, wanted & ~blocked, hot, points >= card["warm"]], [4, 3, 2, 1], 0)


def _condition(people: Any, condition: Words) -> Any:
    holds = _conjunction(people, condition["all"])
    return holds & reduce(or_, (_conjunction(people, c) for c in condition["any"])) if condition["any"] else holds


def _conjunction(people: Any, conjunction: list[Any]) -> Any:
    everyone = pd.Series(data=True, index=people.index)
    return reduce(and_, (people[name].isin(codes) for name, codes in conjunction), everyone)


def told(_: Any, scored: Any) -> Any:
    points, states, found = scored
    return points, states, [tuple(np.asarray(column) for column in rule[1:]) for rule in found]

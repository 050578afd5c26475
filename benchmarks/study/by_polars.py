"""polars: one lazy query for each thing to look for, all collected at once; then joins and expressions."""

from __future__ import annotations

from functools import reduce
from typing import Any

import polars as pl

from study.world import DAY, Study

Words = dict[str, Any]


def load(study: Study, card: Words, leads: int) -> Any:
    end = int(study.offsets[leads])
    lead = pl.Series("lead", range(leads), pl.Int32)
    counts = pl.Series(study.offsets[1 : leads + 1] - study.offsets[:leads])
    whose = pl.select(lead.repeat_by(counts).explode(empty_as_null=False)).to_series().rename("lead")
    deeds = pl.DataFrame({"lead": whose, "happened": study.at[:end], "class": study.classes[:end]})
    inputs = {name: codes[:leads] for name, codes in study.codes.items()}
    people = pl.DataFrame({"lead": lead, "created": study.created[:leads], "since": study.hot_since[:leads], **inputs})
    unknown = pl.lit(-(2**63), pl.Int64)
    people = people.with_columns(
        created=pl.when(pl.col("created") == unknown).then(None).otherwise(pl.col("created")),
        since=pl.when(pl.col("since") == unknown).then(None).otherwise(pl.col("since")),
    )
    subjects = pl.Series("subject", card["subject_of"], pl.UInt16)
    return deeds, people, subjects, card


def score(data: Any) -> Any:
    deeds, people, subjects, card = data
    asked = [(n, rule) for n, rule in enumerate(card["rules"]) if rule["kind"] != "lead"]
    found = pl.collect_all([_metric(deeds.lazy(), subjects, card, n, rule) for n, rule in asked])
    table = reduce(
        lambda left, right: left.join(right, "lead", "left", maintain_order="left"),
        (f.lazy() for f in found),
        people.lazy(),
    )
    table = table.with_columns(*(_fires(card, n, rule) for n, rule in enumerate(card["rules"])))
    table = table.with_columns(*(_points(n, rule) for n, rule in enumerate(card["rules"])))
    table = table.with_columns(*(_axis(card, axis).alias(f"axis {axis['id']}") for axis in card["axes"]))
    total = pl.sum_horizontal([f"axis {axis['id']}" for axis in card["axes"]]).clip(card["min"], card["max"])
    return table.with_columns(points=total).with_columns(state=_state(card)).collect()


def _metric(deeds: pl.LazyFrame, subjects: pl.Series, card: Words, n: int, rule: Words) -> pl.LazyFrame:
    """Number and newest instant by lead of what a rule looks for, and the hundredths it gives if it fades."""
    now, happened = card["now"], pl.col("happened")
    classes = rule["classes"]
    whole = classes == list(range(classes[0], classes[-1] + 1))
    means = pl.col("class").is_between(classes[0], classes[-1]) if whole else pl.col("class").is_in(classes)
    young = happened > now - rule["within"] if rule["within"] else pl.lit(value=True)
    frame = deeds.filter(means & (happened <= now) & young)
    if rule.get("per") == "day":
        frame = frame.group_by("lead", (happened + card["offset"]) // DAY).agg(happened.max().alias("newest"))
        frame = frame.select("lead", happened=pl.col("newest"))
    elif rule.get("per") == "subject":
        which = pl.col("class").replace_strict(list(range(len(subjects))), subjects, return_dtype=pl.UInt16)
        frame = frame.group_by("lead", which.alias("subject")).agg(happened.max())
    given = [pl.len().cast(pl.Int64).alias(f"n{n}"), happened.max().alias(f"last{n}")]
    if rule.get("fade"):
        lose, every = rule["fade"]
        left = (100 - lose * ((now - happened) // every)).clip(0)
        given.append((rule["points"] * left).tail(rule["up_to"]).sum().alias(f"hundredths{n}"))
    return frame.group_by("lead").agg(given)


def _fires(card: Words, n: int, rule: Words) -> pl.Expr:
    holds = _condition(rule["when"])
    if rule["kind"] == "did":
        holds = holds & (pl.col(f"n{n}").fill_null(0) >= rule["at_least"])
    elif rule["kind"] == "silence":
        last = pl.max_horizontal("created", f"last{n}")
        created = pl.col("created").fill_null(0) <= card["now"]
        holds = holds & (card["now"] - last >= rule["for"]).fill_null(value=False) & created
    return holds.alias(f"fires{n}")


def _points(n: int, rule: Words) -> pl.Expr:
    points = pl.lit(rule["points"], pl.Int64)
    if rule.get("fade"):
        hundredths = pl.col(f"hundredths{n}")
        points = hundredths.sign() * ((hundredths.abs() + 50) // 100)
    elif rule["kind"] == "did":
        points = points * (pl.col(f"n{n}").clip(upper_bound=rule["up_to"]))
    return pl.when(f"fires{n}").then(points).otherwise(0).alias(f"points{n}")


def _axis(card: Words, axis: Words) -> pl.Expr:
    mine = [f"points{n}" for n, rule in enumerate(card["rules"]) if rule["axis"] == axis["id"]]
    plus = pl.sum_horizontal([pl.col(name).clip(lower_bound=0) for name in mine]).clip(upper_bound=axis["max"])
    return plus + pl.sum_horizontal([pl.col(name).clip(upper_bound=0) for name in mine]).clip(lower_bound=axis["min"])


def _state(card: Words) -> pl.Expr:
    rules = list(enumerate(card["rules"]))
    wanted = pl.any_horizontal([f"fires{n}" for n, rule in rules if rule["hot"]])
    blocked = pl.any_horizontal([f"fires{n}" for n, rule in rules if rule["blocks"]])
    stays = (pl.col("points") >= card["leave"]) | (card["now"] - pl.col("since") < card["stay"])
    required = pl.all_horizontal([_conjunction(c) for c in card["requires"]])
    hot = required & ((pl.col("points") >= card["enter"]) | (pl.col("since").is_not_null() & stays))
    excluded = pl.any_horizontal([_condition(c) for c in card["exclude"]])
    state = pl.when(excluded).then(4).when(wanted & ~blocked).then(3).when(hot).then(2)
    return state.when(pl.col("points") >= card["warm"]).then(1).otherwise(0)


def _condition(condition: Words) -> pl.Expr:
    holds = _conjunction(condition["all"])
    return holds & pl.any_horizontal([_conjunction(c) for c in condition["any"]]) if condition["any"] else holds


def _conjunction(conjunction: list[Any]) -> pl.Expr:
    return reduce(lambda a, b: a & b, (_passes(name, codes) for name, codes in conjunction), pl.lit(value=True))


def _passes(name: str, codes: list[int]) -> pl.Expr:
    """Codes that pass are mostly a stretch; then two comparisons do."""
    if codes and codes == list(range(codes[0], codes[-1] + 1)):
        return pl.col(name).is_between(codes[0], codes[-1])
    return pl.col(name).is_in(codes)


def told(data: Any, table: Any) -> Any:
    rules = []
    for n, rule in enumerate(data[3]["rules"]):
        many = rule["kind"] == "did"
        fires = table[f"fires{n}"].to_numpy()
        count = table[f"n{n}"].fill_null(0).clip(0, rule["up_to"]).to_numpy() * fires if many else 0 * fires
        last = table[f"last{n}"].fill_null(0).to_numpy() * fires if many else 0 * fires
        rules.append((table[f"points{n}"].to_numpy(), count, last))
    return table["points"].to_numpy(), table["state"].to_numpy(), rules

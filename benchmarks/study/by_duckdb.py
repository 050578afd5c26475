"""DuckDB: one SQL statement over in-memory tables. What each rule looks for is worked out once in an inner select and
then aggregated in one pass; what counts by day or subject has a pass of its own."""

from __future__ import annotations

from typing import Any

import duckdb
import numpy as np

from study.world import DAY, Study

Words = dict[str, Any]
UNKNOWN = -(2**63)


def load(study: Study, card: Words, leads: int) -> Any:
    end = int(study.offsets[leads])
    base = duckdb.connect()
    deeds = {
        "lead": np.repeat(np.arange(leads, dtype=np.int32), np.diff(study.offsets[: leads + 1])),
        "happened": np.asarray(study.at[:end]),
        "class": np.asarray(study.classes[:end]),
        "subject": np.asarray(card["subject_of"], np.uint16)[study.classes[:end]],
    }
    people: dict[str, Any] = {
        "lead": np.arange(leads, dtype=np.int32),
        "created": np.asarray(study.created[:leads]),
        "since": np.asarray(study.hot_since[:leads]),
    }
    people |= {name: np.asarray(codes[:leads]) for name, codes in study.codes.items()}
    for name, columns in (("deeds", deeds), ("people", people)):
        base.register("given", columns)
        base.execute(f"CREATE TABLE {name} AS SELECT * FROM given")
        base.unregister("given")
    base.execute(f"UPDATE people SET created = nullif(created, {UNKNOWN}), since = nullif(since, {UNKNOWN})")
    return base, _statement(card), card, leads


def score(data: Any) -> Any:
    return data[0].execute(data[1]).fetchnumpy()


def _statement(card: Words) -> str:
    rules = list(enumerate(card["rules"]))
    flat = [(n, rule) for n, rule in rules if rule["kind"] != "lead" and not rule.get("per")]
    apart = [(n, rule) for n, rule in rules if rule.get("per")]
    inner = ", ".join(f"CASE WHEN {_means(card, rule)} THEN happened END AS d{n}" for n, rule in flat)
    outer = ", ".join(_aggregates(card, n, rule, f"d{n}") for n, rule in flat)
    parts = [f"flat AS (SELECT lead, {outer} FROM (SELECT lead, {inner} FROM deeds) GROUP BY lead)"]
    parts += [f"per{n} AS ({_apart(card, n, rule)})" for n, rule in apart]
    joins = " ".join(f"LEFT JOIN {name} USING (lead)" for name in ("flat", *(f"per{n}" for n, _ in apart)))
    fires = ", ".join(f"{_fires(card, n, rule)} AS fires{n}" for n, rule in rules)
    points = ", ".join(f"CASE WHEN fires{n} THEN {_points(n, rule)} ELSE 0 END AS points{n}" for n, rule in rules)
    axes = " + ".join(_axis(card, axis) for axis in card["axes"])
    total = f"greatest({card['min']}, least({card['max']}, {axes}))"
    counts = ", ".join(
        f"coalesce(n{n}, 0) AS c{n}, coalesce(last{n}, 0) AS l{n}" for n, r in rules if r["kind"] == "did"
    )
    kept = ", ".join([*(f"points{n}, fires{n}" for n, _ in rules), counts])
    return (
        f"WITH {', '.join(parts)}, found AS (SELECT *, {fires} FROM people {joins}), "
        f"given AS (SELECT *, {points} FROM found), summed AS (SELECT *, {total} AS points FROM given) "
        f"SELECT points, {_state(card)} AS state, {kept} FROM summed ORDER BY lead"
    )


def _means(card: Words, rule: Words) -> str:
    young = f" AND happened > {card['now'] - rule['within']}" if rule["within"] else ""
    return f"{_in('class', rule['classes'])} AND happened <= {card['now']}{young}"


def _aggregates(card: Words, n: int, rule: Words, column: str) -> str:
    given = f"count({column}) AS n{n}, max({column}) AS last{n}"
    if not rule.get("fade"):
        return given
    lose, every = rule["fade"]
    left = f"{rule['points']} * greatest(0, 100 - {lose} * (({card['now']} - x) // {every}))"
    newest = f"max({column}, {rule['up_to']})" if rule["up_to"] else f"list({column})"
    return f"{given}, list_sum(list_transform({newest}, lambda x: {left})) AS hundredths{n}"


def _apart(card: Words, n: int, rule: Words) -> str:
    group = f"(happened + {card['offset']}) // {DAY}" if rule["per"] == "day" else "subject"
    newest = f"SELECT lead, max(happened) AS newest FROM deeds WHERE {_means(card, rule)} GROUP BY lead, {group}"
    return f"SELECT lead, {_aggregates(card, n, rule, 'newest')} FROM ({newest}) GROUP BY lead"


def _fires(card: Words, n: int, rule: Words) -> str:
    holds = _condition(rule["when"])
    if rule["kind"] == "did":
        return f"({holds} AND coalesce(n{n}, 0) >= {rule['at_least']})"
    if rule["kind"] == "silence":
        last = f"coalesce({card['now']} - greatest(created, last{n}) >= {rule['for']}, FALSE)"
        return f"({holds} AND {last} AND coalesce(created, 0) <= {card['now']})"
    return f"({holds})"


def _points(n: int, rule: Words) -> str:
    if rule.get("fade"):
        return f"(sign(hundredths{n}) * ((abs(hundredths{n}) + 50) // 100))::BIGINT"
    if rule["kind"] == "did":
        return f"{rule['points']} * " + (f"least(n{n}, {rule['up_to']})" if rule["up_to"] else f"n{n}")
    return str(rule["points"])


def _axis(card: Words, axis: Words) -> str:
    mine = [f"points{n}" for n, rule in enumerate(card["rules"]) if rule["axis"] == axis["id"]]
    plus = " + ".join(f"greatest({name}, 0)" for name in mine)
    minus = " + ".join(f"least({name}, 0)" for name in mine)
    plus = plus if axis["max"] is None else f"least({axis['max']}, {plus})"
    minus = minus if axis["min"] is None else f"greatest({axis['min']}, {minus})"
    return f"{plus} + {minus}"


def _state(card: Words) -> str:
    rules = list(enumerate(card["rules"]))
    wanted = " OR ".join(f"fires{n}" for n, rule in rules if rule["hot"])
    blocked = " OR ".join(f"fires{n}" for n, rule in rules if rule["blocks"])
    required = " AND ".join(_conjunction(c) for c in card["requires"]) or "TRUE"
    stays = f"since IS NOT NULL AND (points >= {card['leave']} OR {card['now']} - since < {card['stay']})"
    hot = f"({required}) AND (points >= {card['enter']} OR ({stays}))"
    excluded = " OR ".join(_condition(c) for c in card["exclude"])
    return (
        f"CASE WHEN {excluded} THEN 4 WHEN ({wanted}) AND NOT ({blocked}) THEN 3 WHEN {hot} THEN 2 "
        f"WHEN points >= {card['warm']} THEN 1 ELSE 0 END"
    )


def _condition(condition: Words) -> str:
    either = " OR ".join(_conjunction(c) for c in condition["any"])
    return _conjunction(condition["all"]) + (f" AND ({either})" if either else "")


def _conjunction(conjunction: list[Any]) -> str:
    return "(" + (" AND ".join(_in(name, codes) for name, codes in conjunction) or "TRUE") + ")"


def _in(name: str, codes: list[int]) -> str:
    """Codes that are a stretch take two comparisons."""
    if codes and codes == list(range(codes[0], codes[-1] + 1)):
        return f"{name} BETWEEN {codes[0]} AND {codes[-1]}"
    return f"{name} IN ({', '.join(map(str, codes)) or 'NULL'})"


def told(data: Any, table: Any) -> Any:
    rules = []
    for n, rule in enumerate(data[2]["rules"]):
        fires, many = table[f"fires{n}"], rule["kind"] == "did"
        count = np.clip(table[f"c{n}"], 0, rule["up_to"]) * fires if many else 0 * fires
        rules.append((table[f"points{n}"], count, table[f"l{n}"] * fires if many else 0 * fires))
    return table["points"], table["state"], rules

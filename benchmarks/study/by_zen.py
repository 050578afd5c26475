"""zen-engine, a rule engine: one decision of expressions for each lead. It aggregates no events, so what each rule
looks for has been counted for it beforehand, off the clock."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import zen

from study.world import DAY, Study

Words = dict[str, Any]
UNKNOWN = -(2**63)


def load(study: Study, card: Words, leads: int) -> Any:
    facts = [_facts(study, card, place) for place in range(leads)]
    content = json.dumps(_decision(card))
    return zen.ZenEngine().create_decision(zen.ZenDecisionContent(content)), facts, card


def score(data: Any) -> Any:
    decision, facts, _ = data
    return [decision.evaluate(one)["result"] for one in facts]


def _facts(study: Study, card: Words, place: int) -> Words:
    rows = slice(int(study.offsets[place]), int(study.offsets[place + 1]))
    at, classes, now = np.asarray(study.at[rows]), np.asarray(study.classes[rows]), card["now"]
    created, since = int(study.created[place]), int(study.hot_since[place])
    facts: Words = {name: int(codes[place]) for name, codes in study.codes.items()}
    facts |= {"was_hot": since != UNKNOWN, "hot_days": (now - since) / DAY if since != UNKNOWN else 0}
    for n, rule in enumerate(card["rules"]):
        if rule["kind"] == "lead":
            continue
        young = now - rule["within"] if rule["within"] else UNKNOWN
        here = np.flatnonzero(np.isin(classes, rule["classes"]) & (at <= now) & (at > young))
        if rule["kind"] == "silence":
            last = max([created, *at[here].tolist()])
            facts[f"silent{n}"] = (now - last) / DAY if last != UNKNOWN and created <= now else -1
            continue
        group = (at + card["offset"]) // DAY if rule["per"] == "day" else np.asarray(card["subject_of"])[classes]
        newest = {(int(group[p]) if rule["per"] else p): int(at[p]) for p in here.tolist()}
        facts[f"n{n}"] = len(newest)
        facts[f"last{n}"] = max(newest.values(), default=0)
        if rule["fade"]:
            lose, every = rule["fade"]
            counted = sorted(newest.values(), reverse=True)[: rule["up_to"]]
            facts[f"left{n}"] = sum(max(0, 100 - lose * ((now - t) // every)) for t in counted)
    return facts


def _decision(card: Words) -> Words:
    rules = list(enumerate(card["rules"]))
    said = {f"fires{n}": _fires(n, rule) for n, rule in rules}
    said |= {f"points{n}": f"$.fires{n} ? {_points(n, rule)} : 0" for n, rule in rules}
    said |= {f"axis_{axis['id']}": _axis(card, axis) for axis in card["axes"]}
    total = " + ".join(f"$.axis_{axis['id']}" for axis in card["axes"])
    said["points"] = f"max([{card['min']}, min([{card['max']}, {total}])])"
    said["state"] = _state(card)
    expressions = [{"id": key, "key": key, "value": value} for key, value in said.items()]
    content = {"expressions": expressions, "passThrough": False, "inputField": None, "outputPath": None}
    return {
        "nodes": [
            {"id": "in", "name": "in", "type": "inputNode", "content": {}},
            {"id": "score", "name": "score", "type": "expressionNode", "content": content},
            {"id": "out", "name": "out", "type": "outputNode", "content": {}},
        ],
        "edges": [
            {"id": "a", "sourceId": "in", "targetId": "score", "type": "edge"},
            {"id": "b", "sourceId": "score", "targetId": "out", "type": "edge"},
        ],
    }


def _fires(n: int, rule: Words) -> str:
    holds = _condition(rule["when"])
    if rule["kind"] == "did":
        return f"{holds} and n{n} >= {rule['at_least']}"
    return f"{holds} and silent{n} >= {rule['for'] / DAY}" if rule["kind"] == "silence" else holds


def _points(n: int, rule: Words) -> str:
    if rule.get("fade"):
        return f"{'' if rule['points'] > 0 else '-'}floor((left{n} * {abs(rule['points'])} + 50) / 100)"
    if rule["kind"] != "did":
        return str(rule["points"])
    return f"{rule['points']} * " + (f"min([n{n}, {rule['up_to']}])" if rule["up_to"] else f"n{n}")


def _axis(card: Words, axis: Words) -> str:
    mine = [f"$.points{n}" for n, rule in enumerate(card["rules"]) if rule["axis"] == axis["id"]]
    plus = " + ".join(f"max([{p}, 0])" for p in mine)
    minus = " + ".join(f"min([{p}, 0])" for p in mine)
    plus = plus if axis["max"] is None else f"min([{axis['max']}, {plus}])"
    return f"{plus} + " + (minus if axis["min"] is None else f"max([{axis['min']}, {minus}])")


def _state(card: Words) -> str:
    rules = list(enumerate(card["rules"]))
    wanted = " or ".join(f"$.fires{n}" for n, rule in rules if rule["hot"])
    blocked = " or ".join(f"$.fires{n}" for n, rule in rules if rule["blocks"])
    required = " and ".join(_conjunction(c) for c in card["requires"]) or "true"
    stays = f"was_hot and ($.points >= {card['leave']} or hot_days < {card['stay'] / DAY})"
    hot = f"({required}) and ($.points >= {card['enter']} or ({stays}))"
    excluded = " or ".join(_condition(c) for c in card["exclude"])
    low = f"($.points >= {card['warm']} ? 1 : 0)"
    return f"({excluded}) ? 4 : ((({wanted}) and not ({blocked})) ? 3 : (({hot}) ? 2 : {low}))"


def _condition(condition: Words) -> str:
    either = " or ".join(_conjunction(c) for c in condition["any"])
    return _conjunction(condition["all"]) + (f" and ({either})" if either else "")


def _conjunction(conjunction: list[Any]) -> str:
    return "(" + (" and ".join(_in(name, codes) for name, codes in conjunction) or "true") + ")"


def _in(name: str, codes: list[int]) -> str:
    if codes and codes == list(range(codes[0], codes[-1] + 1)):
        return f"({name} >= {codes[0]} and {name} <= {codes[-1]})"
    return f"({name} in [{', '.join(map(str, codes))}])"


def told(_: Any, results: Any) -> Any:
    return [r["points"] for r in results], [r["state"] for r in results], []

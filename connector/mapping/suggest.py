"""Proposes where our inputs could come from, by the names, labels, types and samples of the CRM's fields. Pure.

A proposal is for people to judge: nothing is mapped by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from zoneinfo import ZoneInfo

from connector.mapping.check import READABLE
from connector.mapping.converts import Own, read_convert
from connector.mapping.lines import input_line
from connector.mapping.nodes import Convert
from connector.mapping.texts import fold
from connector.ports import FieldSchema
from connector.yamlread import Block, Problems, Text

LIKELY = 0.6
"""Below this a proposal is a guess and is not made."""


@dataclass(frozen=True, slots=True)
class Column:
    """A field as it is in use: how many of the records looked at have it filled (0 to 1), and a few of its values."""

    object: str
    schema: FieldSchema
    filled: float
    samples: Sequence[str] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A field that may be the input's: how likely (0 to 1), how full, how many samples could be read, and the line
    for the mapping."""

    input: str
    object: str
    field: str
    label: str
    likely: float
    filled: float
    readable: float
    line: str


@dataclass(frozen=True, slots=True)
class _Known:
    """An input of ours: what follows `as:`, and what such a field is called by people and CRMs."""

    as_: str
    names: tuple[str, ...]


INPUTS: Mapping[str, _Known] = {
    "seniority": _Known("seniority", ("title", "job title", "jobtitle", "position", "役職", "役職名", "肩書", "職位")),
    "function": _Known("function", ("department", "job function", "部署", "部署名", "所属", "部門", "職種")),
    "employees": _Known(
        "size",
        ("number of employees", "numberofemployees", "employees", "company size", "従業員数", "従業員規模", "社員数"),
    ),
    "mail": _Known("mail_class", ("email", "e-mail", "email address", "メール", "メールアドレス")),
    "email_domain": _Known("mail_domain", ("email", "e-mail", "email address", "メール", "メールアドレス")),
    "company": _Known(
        "company_name", ("company", "company name", "account name", "会社", "会社名", "企業名", "法人名")
    ),
    "industry": _Known("text", ("industry", "業種", "業界", "業種区分")),
    "country": _Known("text", ("country", "country region", "mailing country", "国", "国名")),
    "lifecycle": _Known(
        "text", ("lifecycle stage", "lifecyclestage", "lead status", "status", "ライフサイクル", "ステータス")
    ),
    "source": _Known(
        "text", ("lead source", "leadsource", "original source", "source", "リードソース", "流入元", "獲得経路")
    ),
    "opted_out": _Known(
        "truth", ("email opt out", "has opted out of email", "opted out", "do not email", "unsubscribed", "配信停止")
    ),
}


def suggest(columns: Sequence[Column], missing: Iterable[str] = tuple(INPUTS)) -> list[Suggestion]:
    """The likeliest field of each object for each of the `missing` inputs, likeliest first. Of two that are called the
    same the fuller one is proposed; a field whose samples cannot be read is not."""
    found: list[Suggestion] = []
    objects = list(dict.fromkeys(column.object for column in columns))
    for name in (n for n in missing if n in INPUTS):
        for object_ in objects:
            told = [_suggestion(name, c) for c in columns if c.object == object_]
            best = max(told, key=lambda s: (s.likely, s.filled), default=None)
            if best is not None and best.likely >= LIKELY:
                found.append(best)
    return sorted(found, key=lambda s: (-s.likely, s.input, s.object))


def _suggestion(name: str, column: Column) -> Suggestion:
    known, schema = INPUTS[name], column.schema
    convert = _convert(known.as_)
    readable = _readable(convert, column.samples)
    fits = schema.type in READABLE[convert.type]
    likely = _resemblance(known.names, schema) * (0.5 + 0.5 * readable) * (0.8 + 0.2 * column.filled) if fits else 0.0
    line = input_line(name, schema.name, known.as_)
    return Suggestion(name, column.object, schema.name, schema.label, round(likely, 3), column.filled, readable, line)


def _convert(as_: str) -> Convert:
    block = Block({"as": Text(as_, False, "")}, {"as": ""}, "")
    return read_convert(block, Own(ZoneInfo("UTC")), Problems("LH-200"))


def _readable(convert: Convert, samples: Sequence[str]) -> float:
    """The share of filled samples that can be read; 1 when there are none to judge by."""
    filled = [text for text in samples if text.strip()]
    return sum(convert.function(text) is not None for text in filled) / len(filled) if filled else 1.0


def _resemblance(names: Sequence[str], schema: FieldSchema) -> float:
    """How much the field's API name or label is one of the names; 1 for the same word."""
    told = {_bare(schema.name.rpartition(".")[2].removesuffix("__c")), _bare(schema.label)} - {""}
    return max((_alike(_bare(name), one) for name in names for one in told), default=0.0)


def _alike(name: str, told: str) -> float:
    if name == told:
        return 1.0
    whole = 0.85 if name in told and len(name) > 2 else 0.0
    return max(whole, 0.9 * SequenceMatcher(None, name, told).ratio())


def _bare(name: str) -> str:
    return "".join(c for c in fold(name) if c.isalnum())

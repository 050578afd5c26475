"""The types of Salesforce's own Metadata WSDL (v63, which simple-salesforce ships), and what they do not say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import simple_salesforce

_XSD = "{http://www.w3.org/2001/XMLSchema}"
_PLAIN: Mapping[str, type] = {
    "xsd:string": str, "xsd:boolean": bool, "xsd:int": int, "xsd:double": float, "xsd:dateTime": str, "xsd:date": str,
}  # fmt: skip
FULL_NAME = re.compile(r"[A-Z]\w*\.(?P<name>[A-Za-z](?:_?[A-Za-z0-9])*)__c")


@dataclass(frozen=True, slots=True)
class Element:
    type: str
    needed: bool
    many: bool


@cache
def _types() -> tuple[Mapping[str, Mapping[str, Element]], Mapping[str, frozenset[str]]]:
    """Complex types by name, their parents' elements included; enumerations by name."""
    tree = ElementTree.parse(Path(simple_salesforce.__file__).parent / "metadata.wsdl")
    bases: dict[str, str] = {}
    own: dict[str, dict[str, Element]] = {}
    for one in tree.iter(f"{_XSD}complexType"):
        if name := one.get("name"):
            extended = one.find(f".//{_XSD}extension")
            bases[name] = "" if extended is None else extended.get("base", "").removeprefix("tns:")
            own[name] = {e.get("name", ""): _element(e) for e in one.iter(f"{_XSD}element")}
    enums = {
        one.get("name", ""): frozenset(e.get("value", "") for e in one.iter(f"{_XSD}enumeration"))
        for one in tree.iter(f"{_XSD}simpleType")
    }
    return {name: {**own.get(bases[name], {}), **elements} for name, elements in own.items()}, enums


def _element(said: ElementTree.Element) -> Element:
    return Element(said.get("type", ""), said.get("minOccurs", "1") != "0", said.get("maxOccurs", "1") != "1")


def unlike(type_: str, value: Any, at: str = "") -> Iterator[str]:
    """What about a value does not fit a type of the WSDL. The order of elements is nothing in JSON."""
    types, enums = _types()
    name = type_.removeprefix("tns:")
    if type_ in _PLAIN:
        if type(value) is not _PLAIN[type_]:
            yield f"{at}: {type(value).__name__} where {type_} is due"
    elif name in enums:
        if value not in enums[name]:
            yield f"{at}: {value!r} is no {name}"
    elif name not in types:
        yield f"{at}: there is no type {name}"
    elif not isinstance(value, Mapping):
        yield f"{at}: {type(value).__name__} where a {name} is due"
    else:
        yield from _parts_unlike(types[name], value, at)


def _parts_unlike(elements: Mapping[str, Element], value: Mapping[str, Any], at: str) -> Iterator[str]:
    for name in value.keys() - elements.keys():
        yield f"{at}.{name}: there is no such element"
    for name, element in elements.items():
        if name not in value:
            if element.needed:
                yield f"{at}.{name}: is needed"
            continue
        inner = value[name]
        if element.many and not isinstance(inner, list):
            yield f"{at}.{name}: a list is due"
            continue
        for one in inner if element.many else [inner]:
            yield from unlike(element.type, one, f"{at}.{name}")


# ---- what the schema does not say ----------------------------------------------------------------------------------


def ill_defined(full_name: str, told: Mapping[str, Any]) -> Iterator[str]:
    """What Salesforce would refuse of a custom field that fits the schema all the same."""
    named = FULL_NAME.fullmatch(full_name)
    if named is None or len(named["name"]) > 40:
        yield f"{full_name!r} is no name of a custom field"
    if not 0 < len(told.get("label", "")) <= 40:
        yield "a label has 1 to 40 characters"
    if len(told.get("description", "")) > 1_000:
        yield "a description has at most 1,000 characters"
    yield from _RULES.get(told.get("type", ""), _no_rule)(told)


def _no_rule(told: Mapping[str, Any]) -> Iterator[str]:
    yield f"a type that is not ours: {told.get('type')!r}"


def _number(told: Mapping[str, Any]) -> Iterator[str]:
    precision, scale = told.get("precision"), told.get("scale")
    if precision is None or scale is None or not 0 <= scale <= precision <= 18 or precision == 0:
        yield "a Number has 1 to 18 digits (precision), its scale among them"


def _checkbox(told: Mapping[str, Any]) -> Iterator[str]:
    if told.get("defaultValue") not in {"true", "false"}:
        yield "a Checkbox needs a defaultValue"
    if "required" in told:
        yield "a Checkbox cannot be required"


def _long_text(told: Mapping[str, Any]) -> Iterator[str]:
    if not 256 <= told.get("length", 0) <= 131_072 or not 2 <= told.get("visibleLines", 0) <= 50:
        yield "a LongTextArea needs a length (256 to 131,072) and visibleLines"
    if "required" in told:
        yield "a LongTextArea cannot be required"


def _text(told: Mapping[str, Any]) -> Iterator[str]:
    if not 1 <= told.get("length", 0) <= 255:
        yield "a Text has 1 to 255 characters"


def _picklist(told: Mapping[str, Any]) -> Iterator[str]:
    definition = (told.get("valueSet") or {}).get("valueSetDefinition") or {}
    names = [v.get("fullName") for v in definition.get("value") or ()]
    if not names or None in names or len(set(names)) < len(names):
        yield "a Picklist needs values, each with a name of its own"
    if (told.get("valueSet") or {}).get("restricted"):
        yield "a closed Picklist would refuse a new word of ours"


def _instant(told: Mapping[str, Any]) -> Iterator[str]:
    if told.keys() & {"length", "precision", "scale"}:
        yield "a DateTime has no size"


_RULES = {
    "Number": _number, "Checkbox": _checkbox, "LongTextArea": _long_text, "Text": _text, "Picklist": _picklist,
    "DateTime": _instant,
}  # fmt: skip

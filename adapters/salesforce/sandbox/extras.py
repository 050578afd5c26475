"""Columns of a CSV seed as custom fields: their API names, and how long they must be."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from adapters.sandbox.facts import Person

LONGEST = 40
_SHORT = 255


def extra_fields(people: Sequence[Person]) -> Mapping[str, tuple[str, dict[str, Any]]]:
    """For each header that some person has: the field's name without `__c`, and its metadata."""
    longest: dict[str, int] = {}
    for person in people:
        for header, value in person.extra.items():
            longest[header] = max(longest.get(header, 0), len(value))
    names = api_names(list(longest))
    return {header: (names[header], _metadata(header, length)) for header, length in longest.items()}


def _metadata(header: str, length: int) -> dict[str, Any]:
    if length <= _SHORT:
        return {"label": header[:LONGEST], "type": "Text", "length": _SHORT}
    return {"label": header[:LONGEST], "type": "LongTextArea", "length": max(32_000, length), "visibleLines": 5}


def api_names(headers: Sequence[str]) -> Mapping[str, str]:
    """`Total Visits` is Total_Visits; what is not ASCII is left out, and names that then meet are numbered."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for header in headers:
        base = api_name(header)
        name, n = base, 1
        while name.lower() in taken:
            n += 1
            name = f"{base[: LONGEST - 1 - len(str(n))]}_{n}"
        taken.add(name.lower())
        names[header] = name
    return names


def api_name(header: str) -> str:
    """One header's name, not yet made unique."""
    words = [word[0].upper() + word[1:] for word in re.findall(r"[A-Za-z0-9]+", header)]
    name = "_".join(words)
    if not name[:1].isalpha():
        name = f"X_{name}"
    return name[:LONGEST].strip("_")

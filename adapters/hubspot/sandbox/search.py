"""CRM search: over a copy that lags behind the records (NOTES 45 to 49)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from werkzeug.wrappers import Request, Response

from adapters.hubspot.sandbox.account import Account
from adapters.hubspot.sandbox.answers import Json, bad_json, body_of, invalid, texts_of
from adapters.hubspot.sandbox.definitions import definition
from adapters.hubspot.sandbox.filters import Test, filter_test, ordering
from adapters.hubspot.sandbox.kinds import Kind, kind_of
from adapters.hubspot.sandbox.rendering import shown, view
from adapters.sandbox.server import json_response
from adapters.sandbox.state import Row

PAGE, WHOLE = 200, 10_000
GROUPS, FILTERS, ALL_FILTERS, BODY = 5, 6, 18, 3_000
SEARCHED = ("firstname", "lastname", "email", "phone", "company", "name", "domain", "dealname", "hs_additional_emails")


@dataclass(frozen=True, slots=True)
class Wanted:
    """One search, understood."""

    tests: tuple[tuple[Test, ...], ...]
    words: tuple[str, ...]
    order: Callable[[Row], Any]
    down: bool
    start: int
    size: int


def search_records(account: Account, request: Request, word: str) -> Response:
    """POST search. Which records match, and their order, is the index's; what they hold is the record's of now, so a
    record may match by a value it no longer shows (NOTES 47)."""
    kind = kind_of(word)
    if len(request.get_data(as_text=True)) > BODY:
        raise invalid(f"The request body must not exceed {BODY} characters")
    body = body_of(request)
    wanted = _understood(account, kind, body)
    index = account.shelf(kind.name).index(account.now - int(account.options.search_lag * 1_000))
    found = [row for row in _found(wanted, list(index.values())) if account.row(kind.name, row["id"])]
    names = texts_of(body, "properties")
    view_ = view(account, kind, names)
    end = wanted.start + wanted.size
    here = account.state.all(kind.name)
    results = [shown(account, view_, here[row["id"]]) for row in found[wanted.start : end]]
    more = {"paging": {"next": {"after": str(end)}}} if end < len(found) else {}
    return json_response({"total": len(found), "results": results, **more})


def _found(wanted: Wanted, rows: Sequence[Row]) -> list[Row]:
    if wanted.tests:
        rows = [row for row in rows if any(all(test(row) for test in tests) for tests in wanted.tests)]
    if wanted.words:
        rows = [row for row in rows if _says(row, wanted.words)]
    return sorted(rows, key=wanted.order, reverse=wanted.down)


def _says(row: Row, words: Sequence[str]) -> bool:
    text = " ".join(row["values"].get(name, "") for name in SEARCHED).lower()
    return all(word in text for word in words)


# ---- the request ---------------------------------------------------------------------------------------------------


def _understood(account: Account, kind: Kind, body: Json) -> Wanted:
    """Raises Refusal for whatever HubSpot refuses (NOTES 26, 46)."""
    groups = _groups(body)
    limit, start = _whole(body, "limit", 10), _whole(body, "after", 0)
    if not 0 < limit <= PAGE:
        raise invalid(f"`limit` must be between 1 and {PAGE}")
    if start + limit > WHOLE:
        raise invalid(f"Cannot page beyond {WHOLE} results")
    order, down = _order(account, kind, body)
    tests = tuple(tuple(filter_test(account, kind, f) for f in group) for group in groups)
    words = tuple(str(body.get("query") or "").lower().split())
    return Wanted(tests, words, order, down, start, limit)


def _groups(body: Json) -> list[list[Mapping[str, Any]]]:
    """`filters` outside of any group are one (NOTES 45)."""
    told = body.get("filterGroups") or ([{"filters": body["filters"]}] if body.get("filters") else [])
    if not isinstance(told, list) or not all(isinstance(g, dict) and isinstance(g.get("filters"), list) for g in told):
        raise bad_json("`filterGroups` is not a list of groups with `filters`")
    groups = [g["filters"] for g in told]
    if len(groups) > GROUPS:
        raise invalid(f"There were {len(groups)} filter groups; at most {GROUPS} are allowed")
    if any(len(g) > FILTERS for g in groups) or sum(map(len, groups)) > ALL_FILTERS:
        raise invalid(f"Too many filters: at most {FILTERS} in a group and {ALL_FILTERS} in all")
    if not all(isinstance(f, dict) for g in groups for f in g):
        raise bad_json("a filter is not an object")
    return groups


def _whole(body: Json, name: str, usual: int) -> int:
    told = body.get(name)
    if told is None or told == "":
        return usual
    if isinstance(told, bool) or not str(told).isdigit():
        raise bad_json(f"`{name}` is not a whole number")
    return int(told)


def _order(account: Account, kind: Kind, body: Json) -> tuple[Callable[[Row], Any], bool]:
    """One sort; without any the oldest record comes first. A plain name is accepted as the specification has it."""
    told = body.get("sorts") or []
    if not isinstance(told, list) or len(told) > 1:
        raise invalid("At most one sort is allowed")
    if not told:
        return (lambda row: (row["created"], int(row["id"]))), False
    sort = told[0] if isinstance(told[0], dict) else {"propertyName": told[0]}
    name, direction = sort.get("propertyName"), sort.get("direction") or "ASCENDING"
    if not isinstance(name, str) or direction not in {"ASCENDING", "DESCENDING"}:
        raise bad_json("a sort needs `propertyName` and a `direction`")
    row = definition(account, kind, name)
    if row is None:
        raise invalid(f"Property {name} to sort by does not exist")
    return ordering(kind, row), direction == "DESCENDING"

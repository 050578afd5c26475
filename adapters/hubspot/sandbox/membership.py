"""Who is on a list: by its filters, or by name (NOTES 99 to 101)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from adapters.hubspot.sandbox.account import Account
from adapters.hubspot.sandbox.answers import Json, invalid
from adapters.hubspot.sandbox.definitions import definition
from adapters.hubspot.sandbox.kinds import Kind, kind_of
from adapters.hubspot.sandbox.rendering import value_of
from adapters.hubspot.sandbox.values import comparable
from adapters.sandbox.state import Row

BRANCH = ("filterBranchType", "filterBranchOperator", "filters", "filterBranches")


def members(account: Account, row: Row, only: str | None = None) -> list[str]:
    """The ids of the live records on a list, or just `only` if it is among them."""
    kind = kind_of(row["kind"])
    if row["processing"] != "DYNAMIC":
        ids = [only] if only in row["members"] else [] if only else list(row["members"])
        return [i for i in ids if i and account.row(kind.name, i)]
    if only is not None:
        record = account.row(kind.name, only)
        return [only] if record and fits(account, kind, row["filterBranch"], record) else []
    rows = account.state.all(kind.name)
    live = (rows[str(i)] for i in account.shelf(kind.name).live)
    return [record["id"] for record in live if fits(account, kind, row["filterBranch"], record)]


def joined_at(account: Account, row: Row, id_: str) -> int:
    """When a record came onto a list. A list that fills itself has it since the list is there, or since the latest
    change of a property its filters name."""
    if row["processing"] != "DYNAMIC":
        return int(row["members"][id_])
    record = account.state.all(row["kind"])[id_]
    past = account.state.get(f"history:{row['kind']}", id_) or {}
    stamps = [past[name][0][1] for name in filtered_properties(row["filterBranch"]) if past.get(name)]
    return int(max([row["created"], record["created"], *stamps]))


def filtered_properties(branch: object) -> list[str]:
    """The properties that a branch and those beneath it test."""
    if not isinstance(branch, dict):
        return []
    here = [str(f.get("property")) for f in branch["filters"] if f.get("filterType") == "PROPERTY"]
    return here + [name for inner in branch["filterBranches"] for name in filtered_properties(inner)]


def refuse_filters(branch: object, *, root: bool = True) -> None:
    """Raises Refusal unless a list's filters are an OR of ANDs with every required part (NOTES 99)."""
    if not isinstance(branch, dict) or any(part not in branch for part in BRANCH):
        raise invalid(f"A filter branch needs {', '.join(BRANCH)}")
    if root and (branch["filterBranchType"] != "OR" or branch["filters"]):
        raise invalid("The root filter branch must be of type OR and hold AND branches only")
    if not root and branch["filterBranchType"] not in {"AND", "OR"}:
        raise invalid("Unknown filterBranchType")
    if root and any(not isinstance(b, dict) or b.get("filterBranchType") != "AND" for b in branch["filterBranches"]):
        raise invalid("The root filter branch may hold AND branches only")
    for one in branch["filters"]:
        _refuse_filter(one)
    for inner in branch["filterBranches"]:
        refuse_filters(inner, root=False)


def _refuse_filter(one: object) -> None:
    operation = one.get("operation") if isinstance(one, dict) else None
    if not isinstance(one, dict) or one.get("filterType") != "PROPERTY" or not isinstance(operation, dict):
        raise invalid("Only filters of type PROPERTY with an operation are understood")
    parts = ("operationType", "operator", "includeObjectsWithNoValueSet")
    if any(part not in operation for part in parts):
        raise invalid(f"An operation needs {', '.join(parts)}")
    if operation["operationType"] == "BOOL" and not isinstance(operation.get("value"), bool):
        raise invalid("The value of a BOOL operation is true or false")


def fits(account: Account, kind: Kind, branch: Json, record: Row) -> bool:
    """Whether a record meets a branch."""
    met = [_meets(account, kind, f, record) for f in branch["filters"]]
    met += [fits(account, kind, inner, record) for inner in branch["filterBranches"]]
    return any(met) if branch["filterBranchType"] == "OR" else all(met)


def _meets(account: Account, kind: Kind, told: Mapping[str, Any], record: Row) -> bool:
    operation, row = told["operation"], definition(account, kind, told["property"])
    held = value_of(kind, record, told["property"])
    operator = operation["operator"]
    if operator in {"IS_KNOWN", "IS_UNKNOWN"}:
        return bool((held is not None) == (operator == "IS_KNOWN"))
    if held is None or row is None:
        return bool(operation["includeObjectsWithNoValueSet"])
    if "values" in operation:
        among = held.lower() in {str(v).lower() for v in operation["values"]}
        return bool(among == (not str(operator).startswith(("IS_NOT", "IS_NONE"))))
    return _compares(row["type"], held, operator, operation.get("value"))


def _compares(type_: str, held: str, operator: str, value: object) -> bool:
    asked = ("true" if value else "false") if isinstance(value, bool) else str(value)
    try:
        mine, theirs = comparable(type_, held), comparable(type_, asked)
    except ValueError:
        return False
    tests = {
        "IS_EQUAL_TO": mine == theirs, "IS_NOT_EQUAL_TO": mine != theirs, "IS_GREATER_THAN": mine > theirs,
        "IS_GREATER_THAN_OR_EQUAL_TO": mine >= theirs, "IS_LESS_THAN": mine < theirs,
        "IS_LESS_THAN_OR_EQUAL_TO": mine <= theirs,
    }  # fmt: skip
    return bool(tests.get(operator, False))

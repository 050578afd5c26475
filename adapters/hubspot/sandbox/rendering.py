"""A record as the API shows it: the properties asked for, as texts or null (NOTES 40, 41)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from adapters.hubspot.sandbox.account import Account
from adapters.hubspot.sandbox.answers import Json, invalid, iso_ms
from adapters.hubspot.sandbox.definitions import definition
from adapters.hubspot.sandbox.kinds import Kind
from adapters.hubspot.sandbox.shelf import alive
from adapters.sandbox.state import Row

HISTORY_PAGE = 50


@dataclass(frozen=True, slots=True)
class View:
    """Which properties of a kind are shown, and of which also the history. Names that do not exist were dropped."""

    kind: Kind
    names: tuple[str, ...]
    history: tuple[str, ...] = ()


def view(account: Account, kind: Kind, names: Sequence[str], history: Sequence[str] = ()) -> View:
    """What was asked for. Unknown names are dropped without a word (NOTES 41); none asked: a few usual ones."""
    wanted = [n for n in dict.fromkeys(names) if definition(account, kind, n)]
    past = [n for n in dict.fromkeys(history) if definition(account, kind, n)]
    usual = [] if names or history else kind.usual
    return View(kind, tuple(dict.fromkeys((*wanted, *usual, *past, *kind.system))), tuple(past))


def shown(account: Account, view_: View, row: Row) -> Json:
    """The record. Its properties stand in the order of their names."""
    told: Json = {"id": row["id"], "properties": {n: value_of(view_.kind, row, n) for n in sorted(view_.names)}}
    if view_.history:
        told["propertiesWithHistory"] = {n: history_of(account, view_.kind, row, n) for n in view_.history}
    return {**told, **stamps(account, view_.kind, row)}


def stamps(account: Account, kind: Kind, row: Row) -> Json:
    """What stands beside the properties."""
    options = account.options
    url = f"https://{options.ui_domain}/contacts/{options.portal_id}/record/{kind.type_id}/{row['id']}"
    binned = {"archivedAt": iso_ms(row["archived"])} if row.get("archived") else {}
    times = {"createdAt": iso_ms(row["created"]), "updatedAt": iso_ms(row["updated"])}
    return {**times, "archived": not alive(row), **binned, "url": url}


def value_of(kind: Kind, row: Row, name: str) -> str | None:
    """A property as text; None when it is unset."""
    if name == "hs_object_id":
        return str(row["id"])
    if name == kind.modified:
        return iso_ms(row["updated"])
    if name == kind.created and name not in row["values"]:
        return iso_ms(row["created"])
    told: str | None = row["values"].get(name)
    return told


def history_of(account: Account, kind: Kind, row: Row, name: str) -> list[Json]:
    """Newest first (NOTES 53). What was there from the beginning has one entry."""
    return [_entry(*entry) for entry in versions_of(account, kind, row, name)]


def versions_of(account: Account, kind: Kind, row: Row, name: str) -> Sequence[tuple[str, int, str, str | None]]:
    """Newest first: each value with its millisecond, its source and the source's id."""
    kept = (account.state.get(f"history:{kind.name}", row["id"]) or {}).get(name)
    if kept is not None:
        return [tuple(entry) for entry in kept]
    value = value_of(kind, row, name)
    at = row["updated"] if name == kind.modified else row["created"]
    return [] if value is None else [(value, at, "IMPORT", None)]


def _entry(value: str, at: int, source: str, source_id: str | None) -> Json:
    more = {"sourceId": source_id} if source_id else {}
    return {"value": value, "timestamp": iso_ms(at), "sourceType": source, **more}


def echo(account: Account, kind: Kind, row: Row, written: Mapping[str, str]) -> Json:
    """The answer to a write: what was written, blanks as blanks, and a few fields of HubSpot's own (NOTES 66)."""
    told = {n: value_of(kind, row, n) for n in kind.system}
    now = {n: row["values"].get(n, "") for n in written}
    return {"id": row["id"], "properties": {**told, **now}, **stamps(account, kind, row)}


def refuse_long_history(asked: Iterable[Any], limit: int) -> None:
    """Raises Refusal: with history a page is 50 records at most (NOTES 24)."""
    if list(asked) and limit > HISTORY_PAGE:
        raise invalid(f"`limit` must be at most {HISTORY_PAGE} when property history is requested")

"""Which records belong together, and by which kinds of association (NOTES 55 to 58).

A row `links`, `contacts/101`, holds by object and far id the association's type numbers. Each stands at both ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from werkzeug.wrappers import Request

from adapters.hubspot.sandbox.account import Account
from adapters.hubspot.sandbox.answers import Json, invalid, listed
from adapters.hubspot.sandbox.kinds import Kind, kind_of
from adapters.sandbox.state import Row

# (from, to): number without a label; numbers of primary associations are in PRIMARY
TYPES: Mapping[tuple[str, str], int] = {
    ("contacts", "companies"): 279, ("companies", "contacts"): 280, ("contacts", "deals"): 4, ("deals", "contacts"): 3,
    ("deals", "companies"): 341, ("companies", "deals"): 342, ("contacts", "calls"): 193, ("calls", "contacts"): 194,
    ("contacts", "emails"): 197, ("emails", "contacts"): 198, ("contacts", "meetings"): 199,
    ("meetings", "contacts"): 200, ("contacts", "notes"): 201, ("notes", "contacts"): 202, ("contacts", "tasks"): 203,
    ("tasks", "contacts"): 204, ("companies", "calls"): 181, ("calls", "companies"): 182, ("companies", "emails"): 185,
    ("emails", "companies"): 186, ("companies", "meetings"): 187, ("meetings", "companies"): 188,
    ("companies", "notes"): 189, ("notes", "companies"): 190, ("companies", "tasks"): 191, ("tasks", "companies"): 192,
    ("deals", "calls"): 205, ("calls", "deals"): 206, ("deals", "emails"): 209, ("emails", "deals"): 210,
    ("deals", "meetings"): 211, ("meetings", "deals"): 212, ("deals", "notes"): 213, ("notes", "deals"): 214,
    ("deals", "tasks"): 215, ("tasks", "deals"): 216,
}  # fmt: skip
PRIMARY: Mapping[tuple[str, str], int] = {
    ("contacts", "companies"): 1, ("companies", "contacts"): 2, ("deals", "companies"): 5, ("companies", "deals"): 6,
}  # fmt: skip


def links_of(account: Account, kind: Kind, id_: str, to: Kind) -> Mapping[str, Sequence[int]]:
    """The live far records of one object with the association's types, in the order they were linked."""
    told = (account.state.get("links", f"{kind.name}/{id_}") or {}).get(to.name, {})
    return {far: types for far, types in told.items() if account.row(to.name, far)}


def link(account: Account, pairs: Iterable[tuple[Kind, str, Kind, str]], *, primary: bool = False) -> None:
    """Associate records at both ends. `primary`: where there is such a kind, it is that too; with companies the first
    one is."""
    changed: dict[str, Row] = {}
    with account.state:
        for kind, id_, to, far in pairs:
            first = primary or (to.name == "companies" and not _held(account, changed, kind, id_).get(to.name))
            _add(account, changed, (kind, id_), (to, far), first)
            _add(account, changed, (to, far), (kind, id_), first)
        account.state.put_many("links", changed.items())


def _held(account: Account, changed: Mapping[str, Row], kind: Kind, id_: str) -> Row:
    key = f"{kind.name}/{id_}"
    return changed.get(key) or account.state.get("links", key) or {}


def _add(
    account: Account, changed: dict[str, Row], near: tuple[Kind, str], far: tuple[Kind, str], primary: bool
) -> None:
    pair = (near[0].name, far[0].name)
    if pair not in TYPES:
        raise invalid(f"No association type exists between {pair[0]} and {pair[1]}")
    types = [PRIMARY[pair]] if primary and pair in PRIMARY else []
    held = _held(account, changed, *near)
    mine = held.get(far[0].name, {})
    merged = sorted({*mine.get(far[1], ()), *types, TYPES[pair]})
    changed[f"{near[0].name}/{near[1]}"] = {**held, far[0].name: {**mine, far[1]: merged}}


def unlink(account: Account, pairs: Iterable[tuple[Kind, str, Kind, str]]) -> None:
    """Undo every kind of association between records."""
    with account.state:
        for kind, id_, to, far in pairs:
            for (one, one_id), (other, other_id) in (((kind, id_), (to, far)), ((to, far), (kind, id_))):
                key = f"{one.name}/{one_id}"
                held = account.state.get("links", key) or {}
                kept = {k: v for k, v in held.get(other.name, {}).items() if k != other_id}
                account.state.put("links", key, {**held, other.name: kept})


def move_links(account: Account, kind: Kind, old: str, new: str) -> None:
    """Give one record's associations to another, as a merge does."""
    held = account.state.get("links", f"{kind.name}/{old}") or {}
    told = [(kind, new, kind_of(name), far) for name, links in held.items() for far in links]
    link(account, told)
    unlink(account, [(kind, old, to, far) for _, _, to, far in told])


def link_all(account: Account, kind: Kind, id_: str, told: Sequence[Mapping[str, Any]]) -> None:
    """The associations in the body of a create. Raises Refusal for what is none."""
    wanted = []
    for one in told:
        numbers = [t.get("associationTypeId") for t in one.get("types") or ()]
        to = next((b for (a, b), n in {**TYPES, **PRIMARY}.items() if a == kind.name and n in numbers), None)
        far = str((one.get("to") or {}).get("id") or "")
        if to is None or not account.row(to, far):
            raise invalid("One or more associations are not valid")
        wanted.append((kind, id_, kind_of(to), far))
    link(account, wanted)


def links_asked(request: Request) -> list[Kind]:
    return [kind_of(word) for word in listed(request, "associations")]


def links_shown(account: Account, kind: Kind, id_: str, asked: Sequence[Kind]) -> Json:
    """The `associations` of a record as its own answer lists them. Objects with none are left out."""
    told = {to.name: links_of(account, kind, id_, to) for to in asked}
    return {
        name: {"results": [row for far, types in links.items() for row in _named(kind, kind_of(name), far, types)]}
        for name, links in told.items()
        if links
    }


def _named(kind: Kind, to: Kind, far: str, types: Sequence[int]) -> list[Json]:
    return [{"id": far, "type": type_name(kind, to, number)} for number in types]


def type_name(kind: Kind, to: Kind, number: int) -> str:
    """How the v3 paths name a type: the primary one `contact_to_company`, the other `…_unlabeled`."""
    primary = PRIMARY.get((kind.name, to.name))
    return f"{kind.singular}_to_{to.singular}{'' if primary in {None, number} else '_unlabeled'}"

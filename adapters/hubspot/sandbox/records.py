"""Records one by one and page by page: list, read, create, change, archive, erase, merge (NOTES 40 to 43, 70 to 72)."""

from __future__ import annotations

from bisect import bisect_left

from werkzeug.wrappers import Request, Response

from adapters.hubspot.sandbox.account import Account
from adapters.hubspot.sandbox.answers import (
    Json,
    asked_truth,
    body_of,
    id_of,
    invalid,
    listed,
    not_found,
    number_asked,
)
from adapters.hubspot.sandbox.cursors import paging
from adapters.hubspot.sandbox.definitions import definition
from adapters.hubspot.sandbox.kinds import Kind, kind_of
from adapters.hubspot.sandbox.links import link_all, links_asked, links_shown
from adapters.hubspot.sandbox.merging import merge
from adapters.hubspot.sandbox.rendering import View, echo, refuse_long_history, shown, view
from adapters.hubspot.sandbox.rules import refuse_unmet, refuse_unwritable
from adapters.hubspot.sandbox.values import refuse_wrong, taken, texts
from adapters.hubspot.sandbox.writing import Source, archive, create, erase, refuse_taken, update
from adapters.sandbox.server import json_response
from adapters.sandbox.state import Row

PAGE = 100


def by_app(account: Account) -> Source:
    """Writes of ours, as the property history names them (NOTES 53)."""
    return Source("INTEGRATION", str(account.options.app_id))


def list_records(account: Account, request: Request, word: str) -> Response:
    """GET a page, by rising id, live records or deleted ones and never both (NOTES 40, 43)."""
    kind = kind_of(word)
    limit = number_asked(request, "limit", 10, PAGE)
    refuse_long_history(listed(request, "propertiesWithHistory"), limit)
    shelf = account.shelf(kind.name)
    ids = shelf.live
    if asked_truth(request, "archived"):
        ids = [i for i in shelf.binned if account.binned(kind.name, str(i))]
    start = bisect_left(ids, _start(request))
    view_ = _asked(account, request, kind)
    rows = [account.state.all(kind.name)[str(i)] for i in ids[start : start + limit]]
    results = [_with_links(account, request, view_, row) for row in rows]
    more = paging(request, str(ids[start + limit])) if start + limit < len(ids) else {}
    return json_response({"results": results, **more})


def _start(request: Request) -> int:
    """On records the cursor is the next record's id (NOTES 42)."""
    text = request.args.get("after") or "0"
    if not text.isdigit():
        raise invalid("Invalid `after` cursor")
    return int(text)


def _asked(account: Account, request: Request, kind: Kind) -> View:
    return view(account, kind, listed(request, "properties"), listed(request, "propertiesWithHistory"))


def _with_links(account: Account, request: Request, view_: View, row: Row) -> Json:
    told = shown(account, view_, row)
    asked = links_asked(request)
    return {**told, "associations": links_shown(account, view_.kind, row["id"], asked)} if asked else told


def read_record(account: Account, request: Request, word: str, id_: str) -> Response:
    """GET one, by its id, by an id it had before a merge, or by e-mail or another unique property."""
    kind = kind_of(word)
    found: Row | None
    if asked_truth(request, "archived"):
        found = account.binned(kind.name, id_)
    else:
        found = found_by(account, kind, id_, request.args.get("idProperty"))
    if found is None:
        raise not_found()
    return json_response(_with_links(account, request, _asked(account, request, kind), found))


def found_by(account: Account, kind: Kind, told: str, property_: str | None) -> Row | None:
    """A live record by its id, or by the value of a unique property. Raises Refusal when that is not unique."""
    if property_ in {None, "", "hs_object_id"}:
        return account.carried_on(kind.name, told)
    if property_ == "email" and kind.name == "contacts":
        return account.by_address(told)
    row = definition(account, kind, str(property_))
    if row is None or not row["hasUniqueValue"]:
        raise invalid(f"Unable to perform the operation by non-unique {kind.type_id} property")
    rows = account.state.all(kind.name)
    return next(
        (r for i in account.shelf(kind.name).live if (r := rows[str(i)])["values"].get(property_) == told), None
    )


def create_record(account: Account, request: Request, word: str) -> Response:
    """POST one. An address that somebody has is a conflict (NOTES 36)."""
    kind = kind_of(word)
    body = body_of(request)
    values, wrong = taken(account, kind, texts(body.get("properties")), by_api=True)
    refuse_wrong(wrong)
    refuse_unmet(account, kind, request, values)
    if kind.name == "contacts":
        refuse_taken(account, values)
    row = create(account, kind, [values], by_app(account))[0]
    link_all(account, kind, row["id"], body.get("associations") or [])
    return json_response(echo(account, kind, row, values), 201)


def change_record(account: Account, request: Request, word: str, id_: str) -> Response:
    """PATCH one. Here, unlike in a batch, an id from before a merge still works (NOTES 70)."""
    kind = kind_of(word)
    values, wrong = taken(account, kind, texts(body_of(request).get("properties")), by_api=True)
    refuse_wrong(wrong)
    row = found_by(account, kind, id_, request.args.get("idProperty"))
    if row is None:
        raise not_found()
    refuse_unwritable(account, kind, request, {row["id"]: values})
    if kind.name == "contacts":
        refuse_taken(account, values, row["id"])
    now = update(account, kind, {row["id"]: values}, by_app(account))[row["id"]]
    return json_response(echo(account, kind, now, values))


def archive_record(account: Account, request: Request, word: str, id_: str) -> Response:
    archive(account, kind_of(word), [id_])
    return Response(status=204)


def erase_contact(account: Account, request: Request, word: str) -> Response:
    """POST gdpr-delete, by id or by address (NOTES 72)."""
    kind = kind_of(word)
    body = body_of(request)
    told = id_of(body, "objectId")
    found = account.by_address(told) if body.get("idProperty") == "email" else account.state.get(kind.name, told)
    if found is not None and not found.get("merged_into"):
        erase(account, kind, found["id"])
    return Response(status=204)


def merge_records(account: Account, request: Request, word: str) -> Response:
    """POST merge: one live id is left, as a rule a new one (NOTES 70)."""
    kind = kind_of(word)
    body = body_of(request)
    winner, loser = id_of(body, "primaryObjectId"), id_of(body, "objectIdToMerge")
    if winner == loser or not all(account.row(kind.name, i) for i in (winner, loser)):
        raise invalid("Unable to merge: both ids must be of different existing records")
    row = merge(account, kind, loser, winner, by_app(account))
    return json_response(shown(account, view(account, kind, ()), row))

"""Lists and who is on them (NOTES 99 to 102)."""

from __future__ import annotations

from collections.abc import Sequence

from werkzeug.wrappers import Request, Response

from adapters.hubspot.sandbox.account import Account
from adapters.hubspot.sandbox.answers import (
    Json,
    Refusal,
    asked_truth,
    bad_json,
    body_of,
    id_of,
    inputs_of,
    invalid,
    iso_ms,
    not_found,
    number_asked,
)
from adapters.hubspot.sandbox.batch import MOST, answered
from adapters.hubspot.sandbox.cursors import page_of
from adapters.hubspot.sandbox.definitions import definition
from adapters.hubspot.sandbox.kinds import Kind, kind_of
from adapters.hubspot.sandbox.membership import filtered_properties, joined_at, members, refuse_filters
from adapters.sandbox.server import json_response
from adapters.sandbox.state import Row

PROCESSING = ("DYNAMIC", "MANUAL", "SNAPSHOT")
MEMBERS_PAGE = 250


def create_list(account: Account, request: Request) -> Response:
    """POST. Names are unique per object; answers 200 and fills up by and by (NOTES 99)."""
    body = body_of(request)
    kind = kind_of(id_of(body, "objectTypeId"))
    name, processing = id_of(body, "name"), body.get("processingType")
    if processing not in PROCESSING:
        raise bad_json("`processingType` must be DYNAMIC, MANUAL or SNAPSHOT")
    if _named(account, kind, name):
        words = f"A list with the name {name} already exists"
        raise Refusal(400, "VALIDATION_ERROR", words, subCategory="ILS.DUPLICATE_LIST_NAMES")
    branch = body.get("filterBranch")
    if processing != "MANUAL":
        _refuse_branch(account, kind, branch)
    row = put_list(account, kind, name, processing, branch)
    return json_response({"list": _shown(account, row, filters=True)})


def put_list(account: Account, kind: Kind, name: str, processing: str, branch: Json | None) -> Row:
    """Keep a new list."""
    id_, now = account.new_ids(1)[0], account.now
    row: Row = {"id": id_, "name": name, "kind": kind.name, "processing": processing, "filterBranch": branch}
    row |= {"created": now, "updated": now, "version": 1, "members": {}}
    if processing == "SNAPSHOT":
        row |= {"members": dict.fromkeys(members(account, row | {"processing": "DYNAMIC"}), now)}
    account.state.put("lists", id_, row)
    return row


def _refuse_branch(account: Account, kind: Kind, branch: object) -> None:
    refuse_filters(branch)
    unknown = [n for n in filtered_properties(branch) if definition(account, kind, n) is None]
    if unknown:
        raise invalid(f"Property {unknown[0]} used in a filter does not exist")


def _named(account: Account, kind: Kind, name: str) -> Row | None:
    rows = [r for r in account.state.all("lists").values() if not r.get("deleted")]
    return next((r for r in rows if r["kind"] == kind.name and r["name"].lower() == name.lower()), None)


def _live(account: Account, id_: str) -> Row:
    row = account.state.get("lists", id_)
    if row is None or row.get("deleted"):
        raise not_found(f"List does not exist with ID {id_}.")
    return row


def _shown(account: Account, row: Row, *, filters: bool) -> Json:
    # a list's filling takes as long as the search index takes to see its records
    ready = account.now - row["updated"] >= account.options.search_lag * 1_000
    told: Json = {
        "listId": row["id"], "listVersion": row["version"], "name": row["name"],
        "objectTypeId": kind_of(row["kind"]).type_id, "processingType": row["processing"],
        "processingStatus": "COMPLETE" if ready else "PROCESSING", "createdAt": iso_ms(row["created"]),
        "updatedAt": iso_ms(row["updated"]), "filtersUpdatedAt": iso_ms(row["updated"]),
        "size": len(members(account, row)),
    }  # fmt: skip
    return {**told, "filterBranch": row["filterBranch"]} if filters and row["filterBranch"] else told


# ---- lists ---------------------------------------------------------------------------------------------------------


def read_lists(account: Account, request: Request) -> Response:
    """GET several by their ids; ids of nothing are left out."""
    rows = [account.state.get("lists", i) for i in request.args.getlist("listIds")]
    filters = asked_truth(request, "includeFilters")
    return json_response({"lists": [_shown(account, r, filters=filters) for r in rows if r and not r.get("deleted")]})


def read_list(account: Account, request: Request, id_: str) -> Response:
    return json_response({"list": _shown(account, _live(account, id_), filters=asked_truth(request, "includeFilters"))})


def read_list_by_name(account: Account, request: Request, word: str, name: str) -> Response:
    row = _named(account, kind_of(word), name)
    if row is None:
        raise not_found(f"List does not exist with name {name} and object type ID {word}.")
    return json_response({"list": _shown(account, row, filters=asked_truth(request, "includeFilters"))})


def search_lists(account: Account, request: Request) -> Response:
    """POST search: by a part of the name, newest id last."""
    body = body_of(request)
    text, types = str(body.get("query") or "").lower(), body.get("processingTypes") or PROCESSING
    rows = [r for r in account.state.all("lists").values() if not r.get("deleted")]
    found = [r for r in rows if text in r["name"].lower() and r["processing"] in types]
    start, count = int(body.get("offset") or 0), int(body.get("count") or 20)
    here = [{**_shown(account, r, filters=False), "additionalProperties": {}} for r in found[start : start + count]]
    end = start + len(here)
    return json_response({"lists": here, "offset": end, "hasMore": end < len(found), "total": len(found)})


def change_filters(account: Account, request: Request, id_: str) -> Response:
    row, branch = _live(account, id_), body_of(request).get("filterBranch")
    if row["processing"] == "MANUAL":
        raise invalid("A manual list has no filters")
    _refuse_branch(account, kind_of(row["kind"]), branch)
    return _changed(account, {**row, "filterBranch": branch})


def rename_list(account: Account, request: Request, id_: str) -> Response:
    row, name = _live(account, id_), request.args.get("listName", "")
    if not name or _named(account, kind_of(row["kind"]), name):
        raise invalid("A list needs a name that no other list has")
    return _changed(account, {**row, "name": name})


def _changed(account: Account, row: Row) -> Response:
    changed = {**row, "version": row["version"] + 1, "updated": account.now}
    account.state.put("lists", row["id"], changed)
    return json_response({"updatedList": _shown(account, changed, filters=True)})


def delete_list(account: Account, request: Request, id_: str) -> Response:
    account.state.put("lists", id_, {**_live(account, id_), "deleted": account.now})
    return Response(status=204)


def restore_list(account: Account, request: Request, id_: str) -> Response:
    row = account.state.get("lists", id_)
    if row is None:
        raise not_found()
    account.state.put("lists", id_, {k: v for k, v in row.items() if k != "deleted"})
    return Response(status=204)


# ---- memberships ---------------------------------------------------------------------------------------------------


def list_members(account: Account, request: Request, id_: str) -> Response:
    """GET, by record id (NOTES 101)."""
    row = _live(account, id_)
    return _members(account, request, row, sorted(members(account, row), key=int))


def list_members_by_time(account: Account, request: Request, id_: str) -> Response:
    row = _live(account, id_)
    return _members(
        account, request, row, sorted(members(account, row), key=lambda i: (joined_at(account, row, i), int(i)))
    )


def _members(account: Account, request: Request, row: Row, ids: Sequence[str]) -> Response:
    here, more = page_of(request, ids, number_asked(request, "limit", 100, MEMBERS_PAGE))
    results = [{"recordId": i, "membershipTimestamp": iso_ms(joined_at(account, row, i))} for i in here]
    return json_response({"results": results, **more})


def lists_of_record(account: Account, request: Request, word: str, id_: str) -> Response:
    """GET the lists that a record is on."""
    return json_response({"results": _memberships(account, kind_of(word), id_)})


def lists_of_records(account: Account, request: Request) -> Response:
    """POST batch/read of the same."""
    results = []
    for item in inputs_of(body_of(request), MOST):
        word, id_ = id_of(item, "objectTypeId"), id_of(item, "recordId")
        told = _memberships(account, kind_of(word), id_)
        results.append({"objectTypeId": word, "recordId": id_, "recordListMemberships": told})
    return answered(account, request, results, [], 200)


def _memberships(account: Account, kind: Kind, id_: str) -> list[Json]:
    rows = [r for r in account.state.all("lists").values() if r["kind"] == kind.name and not r.get("deleted")]
    on = [r for r in rows if members(account, r, only=id_)]
    return [_membership(account, row, id_) for row in on]


def _membership(account: Account, row: Row, id_: str) -> Json:
    at = iso_ms(joined_at(account, row, id_))
    times = {"firstAddedTimestamp": at, "lastAddedTimestamp": at}
    return {"listId": row["id"], "listVersion": row["version"], **times, "isPublicList": False}


def add_members(account: Account, request: Request, id_: str) -> Response:
    return _rewrite(account, id_, _ids(request), [])


def remove_members(account: Account, request: Request, id_: str) -> Response:
    return _rewrite(account, id_, [], _ids(request))


def add_and_remove_members(account: Account, request: Request, id_: str) -> Response:
    body = body_of(request)
    add, remove = ([str(i) for i in body.get(n) or ()] for n in ("recordIdsToAdd", "recordIdsToRemove"))
    return _rewrite(account, id_, add, remove)


def _ids(request: Request) -> list[str]:
    """The body of add and remove is a bare list."""
    told = request.get_json(silent=True)
    if not isinstance(told, list):
        raise bad_json("a list of record ids was expected")
    return [str(i) for i in told]


def _rewrite(account: Account, id_: str, add: Sequence[str], remove: Sequence[str]) -> Response:
    """Raises Refusal for a list that fills itself (NOTES 100)."""
    row = _live(account, id_)
    if row["processing"] == "DYNAMIC":
        raise invalid("The memberships of a DYNAMIC list cannot be changed")
    held = dict(row["members"])
    known = [i for i in add if account.row(row["kind"], i)]
    added = [i for i in known if i not in held]
    removed = [i for i in remove if held.pop(i, None) is not None]
    held |= dict.fromkeys(added, account.now)
    account.state.put("lists", id_, {**row, "members": held})
    lost = [i for i in add if i not in known]
    return json_response({"recordsIdsAdded": added, "recordIdsRemoved": removed, "recordIdsMissing": lost})

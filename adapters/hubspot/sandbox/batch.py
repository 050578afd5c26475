"""Batches of records: read, update, create, upsert, archive; what fails whole and what in part (NOTES 60 to 69)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

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
    texts_of,
)
from adapters.hubspot.sandbox.definitions import definition
from adapters.hubspot.sandbox.kinds import Kind, kind_of
from adapters.hubspot.sandbox.links import link_all
from adapters.hubspot.sandbox.records import by_app, found_by
from adapters.hubspot.sandbox.rendering import echo, shown, view
from adapters.hubspot.sandbox.rules import refuse_unmet, refuse_unwritable
from adapters.hubspot.sandbox.values import refuse_wrong, taken, texts, wrong_values
from adapters.hubspot.sandbox.writing import archive, create, refuse_taken, update
from adapters.sandbox.server import json_response
from adapters.sandbox.state import Row

MOST = 100
_ITEM_PARTS = ("status", "category", "message", "errors")
NOT_FOUND = "Could not get some {kind} objects, they may be deleted or not exist. Check that ids are valid."


def answered(
    account: Account, request: Request, results: Sequence[Json], errors: Sequence[Json], status: int
) -> Response:
    """A batch's answer: 207 when a part failed (NOTES 64, 65). `numErrors` counts entries, not records. Results come in
    any order but that of the inputs."""
    mixed = list(results)
    Random(len(mixed)).shuffle(mixed)  # noqa: S311 - only not the order they came in
    now = iso_ms(account.now)
    told: Json = {"status": "COMPLETE", "results": mixed, "startedAt": now, "completedAt": now}
    if not errors:
        return json_response(told, status)
    part = 200 if account.options.partial_as_200 and "/2026-09/" in request.path else 207
    return json_response({**told, "numErrors": len(errors), "errors": list(errors)}, part)


def missing(kind: Kind, ids: Sequence[str], traces: Sequence[str] = ()) -> list[Json]:
    """One error that holds every missing id."""
    if not ids:
        return []
    context = {"ids": list(ids), **({"objectWriteTraceId": list(traces)} if traces else {})}
    message = NOT_FOUND.format(kind=kind.singular.upper())
    return [{"status": "error", "category": "OBJECT_NOT_FOUND", "message": message, "context": context}]


# ---- read ----------------------------------------------------------------------------------------------------------


def read_batch(account: Account, request: Request, word: str) -> Response:
    """POST batch/read. `archived` is a query parameter (NOTES 44)."""
    kind, body = kind_of(word), body_of(request)
    ids = list(dict.fromkeys(id_of(i) for i in inputs_of(body, MOST)))
    view_ = view(account, kind, texts_of(body, "properties"), texts_of(body, "propertiesWithHistory"))
    by = body.get("idProperty")
    found = {id_: _found(account, kind, id_, by, binned=asked_truth(request, "archived")) for id_ in ids}
    there = {row["id"]: row for row in found.values() if row is not None}
    results = [shown(account, view_, row) for row in there.values()]
    return answered(account, request, results, missing(kind, [i for i, row in found.items() if row is None]), 200)


def _found(account: Account, kind: Kind, id_: str, by: str | None, *, binned: bool) -> Row | None:
    if by in {None, "", "hs_object_id"}:
        return account.binned(kind.name, id_) if binned else account.row(kind.name, id_)
    return None if binned else found_by(account, kind, id_, by)


# ---- update --------------------------------------------------------------------------------------------------------


def update_batch(account: Account, request: Request, word: str) -> Response:
    """POST batch/update: a wrong name, value or record sinks it all; a missing record only itself."""
    kind = kind_of(word)
    inputs = inputs_of(body_of(request), MOST)
    ids = _record_ids(account, kind, inputs)
    values = _all_taken(account, kind, inputs)
    told = {id_: v for id_, v in zip(ids, values, strict=True) if account.row(kind.name, id_)}
    refuse_unwritable(account, kind, request, told)
    if kind.name == "contacts":
        for id_, v in told.items():
            refuse_taken(account, v, id_)
    now = update(account, kind, told, by_app(account))
    lost = [(id_, i) for id_, i in zip(ids, inputs, strict=True) if id_ not in told and _is_missing(account, kind, id_)]
    traces = [str(i["objectWriteTraceId"]) for _, i in lost if i.get("objectWriteTraceId")]
    results = [
        _traced(echo(account, kind, now[id_], v), i)
        for id_, v, i in zip(ids, values, inputs, strict=True)
        if id_ in now
    ]
    return answered(account, request, results, missing(kind, [id_ for id_, _ in lost], traces), 200)


def _traced(told: Json, item: Mapping[str, Any]) -> Json:
    trace = item.get("objectWriteTraceId")
    return {**told, "objectWriteTraceId": trace} if trace else told


def _is_missing(account: Account, kind: Kind, id_: str) -> bool:
    """Whether the answer says so. Ids from before a merge, and what is no id, are left out without a word (NOTES 61,
    67)."""
    row = account.state.get(kind.name, id_)
    return id_.isdigit() and not (row and row.get("merged_into"))


def _record_ids(account: Account, kind: Kind, inputs: Sequence[Mapping[str, Any]]) -> list[str]:
    """Each input's record id; with a unique property of the account's own, the record's that has it. Raises Refusal for
    other properties, and for an id that comes twice (NOTES 61, 62)."""
    ids = [_record_id(account, kind, item) for item in inputs]
    twice = sorted({i for i in ids if ids.count(i) > 1})
    if twice:
        raise invalid(f"Duplicate IDs found in batch input: [{', '.join(twice)}]. IDs must be unique")
    return ids


def _record_id(account: Account, kind: Kind, item: Mapping[str, Any]) -> str:
    told, by = id_of(item), item.get("idProperty")
    if not by:
        return told
    row = definition(account, kind, str(by))
    if row is None or by == "hs_object_id" or not row["hasUniqueValue"]:
        raise invalid(f"Unable to perform update/upsert by non-unique {kind.type_id} property")
    found = found_by(account, kind, told, str(by))
    return found["id"] if found else told


def _all_taken(account: Account, kind: Kind, inputs: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Every input's values. Raises Refusal, for all, when one is wrong."""
    told = [taken(account, kind, texts(item.get("properties")), by_api=True) for item in inputs]
    refuse_wrong([w for _, wrong in told for w in wrong])
    return [kept for kept, _ in told]


# ---- create, upsert, archive ---------------------------------------------------------------------------------------


def create_batch(account: Account, request: Request, word: str) -> Response:
    """POST batch/create. Without trace ids one failure fails all; with them each input is answered (NOTES 69)."""
    kind = kind_of(word)
    inputs = inputs_of(body_of(request), MOST)
    results, errors = [], []
    traced = all(item.get("objectWriteTraceId") for item in inputs)
    if not traced:
        _refuse_create(account, kind, request, inputs)
    for item in inputs:
        try:
            results.append(_traced(_create(account, kind, request, item), item))
        except Refusal as error:
            errors.append(_item_error(error, item))
    return answered(account, request, results, errors, 201)


def _refuse_create(account: Account, kind: Kind, request: Request, inputs: Sequence[Mapping[str, Any]]) -> None:
    values = _all_taken(account, kind, inputs)
    addresses = [v["email"] for v in values if v.get("email")]
    for v in values:
        refuse_unmet(account, kind, request, v)
    if kind.name == "contacts":
        for address in addresses:
            refuse_taken(account, {"email": address})
        if len(set(addresses)) < len(addresses):
            raise invalid("Duplicate values found in batch input for a unique property")


def _create(account: Account, kind: Kind, request: Request, item: Mapping[str, Any]) -> Json:
    values, wrong = taken(account, kind, texts(item.get("properties")), by_api=True)
    if wrong:
        raise wrong_values(wrong)
    refuse_unmet(account, kind, request, values)
    if kind.name == "contacts":
        refuse_taken(account, values)
    row = create(account, kind, [values], by_app(account))[0]
    link_all(account, kind, row["id"], item.get("associations") or [])
    return echo(account, kind, row, values)


def _item_error(error: Refusal, item: Mapping[str, Any]) -> Json:
    body = error.body
    context = {"objectWriteTraceId": [item["objectWriteTraceId"]]}
    if error.code == 409:
        context["existingId"] = [body["message"].rpartition(" ")[2]]
    kept: Json = {k: body[k] for k in _ITEM_PARTS if k in body}
    return {**kept, "context": context}


def upsert_batch(account: Account, request: Request, word: str) -> Response:
    """POST batch/upsert: by e-mail or a unique property; creates whoever is not there, and says so with `new`."""
    kind = kind_of(word)
    inputs = inputs_of(body_of(request), MOST)
    keys = [(str(item.get("idProperty") or ""), id_of(item)) for item in inputs]
    if any(not by for by, _ in keys):
        raise bad_json("`idProperty` is required")
    if len(set(keys)) < len(keys):
        raise invalid("Duplicate IDs found in batch input")
    values = _all_taken(account, kind, inputs)
    results = []
    for (by, told), v, item in zip(keys, values, inputs, strict=True):
        row = found_by(account, kind, told, by)
        full = {**v, by: told}
        new = row is None
        if row is None:
            refuse_unmet(account, kind, request, full)
            row = create(account, kind, [full], by_app(account))[0]
        else:
            refuse_unwritable(account, kind, request, {row["id"]: v})
            row = update(account, kind, {row["id"]: v}, by_app(account))[row["id"]]
        results.append({**_traced(echo(account, kind, row, full if new else v), item), "new": new})
    return answered(account, request, results, [], 200)


def archive_batch(account: Account, request: Request, word: str) -> Response:
    """POST batch/archive; ids of nobody are no trouble."""
    archive(account, kind_of(word), [id_of(i) for i in inputs_of(body_of(request), MOST)])
    return Response(status=204)

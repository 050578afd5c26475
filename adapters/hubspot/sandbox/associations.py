"""Associations over the API, in batches of records and one record at a time (NOTES 55 to 58)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from werkzeug.wrappers import Request, Response

from adapters.hubspot.sandbox.account import Account
from adapters.hubspot.sandbox.answers import (
    Json,
    Refusal,
    body_of,
    id_of,
    inputs_of,
    invalid,
    iso_ms,
    not_found,
    number_asked,
)
from adapters.hubspot.sandbox.batch import answered
from adapters.hubspot.sandbox.cursors import decoded, encoded, page_of
from adapters.hubspot.sandbox.kinds import Kind, kind_of
from adapters.hubspot.sandbox.links import PRIMARY, TYPES, link, links_of, unlink
from adapters.sandbox.server import json_response

READ, WRITE, PER_INPUT = 1_000, 2_000, 500
"""Inputs of a batch, and associations told of one input before its own paging begins."""


def read_links(account: Account, request: Request, word: str, far_word: str) -> Response:
    """POST batch/read. A record without any is an error of its own, which is no failure (NOTES 56)."""
    kind, to = kind_of(word), kind_of(far_word)
    results: list[Json] = []
    errors: list[Json] = []
    for item in inputs_of(body_of(request), READ):
        id_ = id_of(item)
        found = list(links_of(account, kind, id_, to).items()) if account.row(kind.name, id_) else []
        if found:
            results.append(_told(kind, to, id_, found, item.get("after")))
        else:
            errors.append(none_of(kind, to, id_))
    return answered(account, request, results, errors, 200)


def _told(kind: Kind, to: Kind, id_: str, found: Sequence[tuple[str, Sequence[int]]], after: object) -> Json:
    start = int(decoded(str(after))) if after else 0
    end = start + PER_INPUT
    told: Json = {"from": {"id": id_}, "to": [_far(kind, to, far, types) for far, types in found[start:end]]}
    return {**told, "paging": {"next": {"after": encoded(str(end))}}} if end < len(found) else told


def _far(kind: Kind, to: Kind, far: str, types: Sequence[int]) -> Json:
    """`toObjectId` is a JSON number although declared a string (NOTES 57)."""
    return {"toObjectId": int(far), "associationTypes": [_type(kind, to, t) for t in types]}


def _type(kind: Kind, to: Kind, number: int) -> Json:
    owner = kind if to.name == "companies" else to
    primary = PRIMARY.get((kind.name, to.name)) == number
    label = f"{owner.singular.capitalize()} with Primary Company" if primary else None
    return {"category": "HUBSPOT_DEFINED", "typeId": number, "label": label}


def none_of(kind: Kind, to: Kind, id_: str) -> Json:
    """What a batch says of a record that has no associations (NOTES 56)."""
    return {
        "status": "error",
        "category": "OBJECT_NOT_FOUND",
        "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND",
        "message": f"No {to.singular} is associated with {kind.singular} {id_}.",
        "context": {"fromObjectId": [id_], "fromObjectType": [kind.singular], "toObjectType": [to.singular]},
    }


def list_links(account: Account, request: Request, word: str, id_: str, far_word: str) -> Response:
    """GET one record's, page by page; none is an empty list here."""
    kind, to = kind_of(word), kind_of(far_word)
    if not account.row(kind.name, id_):
        raise not_found()
    found = list(links_of(account, kind, id_, to).items())
    here, more = page_of(request, found, number_asked(request, "limit", PER_INPUT, PER_INPUT))
    return json_response({"results": [_far(kind, to, far, types) for far, types in here], **more})


# ---- writing -------------------------------------------------------------------------------------------------------


def create_links(account: Account, request: Request, word: str, far_word: str) -> Response:
    """POST batch/create, with the types each input names."""
    return _create(account, request, kind_of(word), kind_of(far_word), named=True)


def create_default_links(account: Account, request: Request, word: str, far_word: str) -> Response:
    """POST batch/associate/default: without a label."""
    return _create(account, request, kind_of(word), kind_of(far_word), named=False)


def _create(account: Account, request: Request, kind: Kind, to: Kind, *, named: bool) -> Response:
    results: list[Json] = []
    errors: list[Json] = []
    for item in inputs_of(body_of(request), WRITE):
        near, far = id_of(item.get("from") or {}), id_of(item.get("to") or {})
        primary = _wants_primary(kind, to, item.get("types") or ()) if named else False
        if account.row(kind.name, near) and account.row(to.name, far):
            link(account, [(kind, near, to, far)], primary=primary)
            results.append(_linked(kind, to, near, far))
        else:
            errors.append(none_of(kind, to, near))
    return answered(account, request, results, errors, 201)


def _linked(kind: Kind, to: Kind, near: str, far: str) -> Json:
    ends = {"fromObjectTypeId": kind.type_id, "fromObjectId": int(near)}
    return {**ends, "toObjectTypeId": to.type_id, "toObjectId": int(far), "labels": []}


def _wants_primary(kind: Kind, to: Kind, types: Sequence[Mapping[str, Any]]) -> bool:
    """Raises Refusal for a type that these two objects do not have."""
    pair = (kind.name, to.name)
    numbers = {t.get("associationTypeId") for t in types}
    known = {TYPES.get(pair), PRIMARY.get(pair)} - {None}
    if not numbers or not numbers <= known:
        raise invalid("One or more association types are not valid for these objects")
    return PRIMARY.get(pair) in numbers


def archive_links(account: Account, request: Request, word: str, far_word: str) -> Response:
    kind, to = kind_of(word), kind_of(far_word)
    for item in inputs_of(body_of(request), WRITE):
        near = id_of(item.get("from") or {})
        fars = [id_of(t) for t in item.get("to") or ()]
        unlink(account, [(kind, near, to, far) for far in fars])
    return Response(status=204)


def put_link(account: Account, request: Request, word: str, id_: str, far_word: str, far: str) -> Response:
    """PUT one, with the types the body lists."""
    kind, to = kind_of(word), kind_of(far_word)
    _refuse_absent(account, (kind, id_), (to, far))
    types = request.get_json(silent=True)
    link(account, [(kind, id_, to, far)], primary=_wants_primary(kind, to, types if isinstance(types, list) else ()))
    return json_response(_linked(kind, to, id_, far), 201)


def put_default_link(account: Account, request: Request, word: str, id_: str, far_word: str, far: str) -> Response:
    kind, to = kind_of(word), kind_of(far_word)
    _refuse_absent(account, (kind, id_), (to, far))
    link(account, [(kind, id_, to, far)])
    now = iso_ms(account.now)
    both = [
        {"from": {"id": a[1]}, "to": {"id": b[1]}, "associationSpec": _spec(a[0], b[0])}
        for a, b in (((kind, id_), (to, far)), ((to, far), (kind, id_)))
    ]
    return json_response({"status": "COMPLETE", "results": both, "startedAt": now, "completedAt": now})


def _spec(kind: Kind, to: Kind) -> Json:
    return {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": TYPES[kind.name, to.name]}


def remove_link(account: Account, request: Request, word: str, id_: str, far_word: str, far: str) -> Response:
    unlink(account, [(kind_of(word), id_, kind_of(far_word), far)])
    return Response(status=204)


def _refuse_absent(account: Account, *ends: tuple[Kind, str]) -> None:
    if not all(account.row(kind.name, id_) for kind, id_ in ends):
        raise not_found()


def labels(account: Account, request: Request, word: str, far_word: str) -> Response:
    """GET the types two objects have between them."""
    kind, to = kind_of(word), kind_of(far_word)
    pair = (kind.name, to.name)
    if pair not in TYPES:
        raise Refusal(400, "VALIDATION_ERROR", f"No association type exists between {word} and {far_word}")
    numbers = [n for n in (PRIMARY.get(pair), TYPES[pair]) if n]
    return json_response({"results": [_type(kind, to, n) for n in numbers]})

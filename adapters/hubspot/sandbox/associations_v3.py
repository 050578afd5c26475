"""Associations on the oldest path that still answers: ids and the names of types (NOTES 59)."""

from __future__ import annotations

from werkzeug.wrappers import Request, Response

from adapters.hubspot.sandbox.account import Account
from adapters.hubspot.sandbox.answers import Json, body_of, id_of, inputs_of, not_found, number_asked
from adapters.hubspot.sandbox.associations import PER_INPUT, READ, none_of
from adapters.hubspot.sandbox.batch import answered
from adapters.hubspot.sandbox.cursors import page_of
from adapters.hubspot.sandbox.kinds import Kind, kind_of
from adapters.hubspot.sandbox.links import PRIMARY, TYPES, links_shown, type_name
from adapters.sandbox.server import json_response


def read_links(account: Account, request: Request, word: str, far_word: str) -> Response:
    """POST batch/read. A record without any is an error of its own, as on the newer paths (NOTES 56). Ids may be JSON
    numbers here."""
    kind, to = kind_of(word), kind_of(far_word)
    results: list[Json] = []
    errors: list[Json] = []
    for item in inputs_of(body_of(request), READ):
        id_ = id_of({name: str(told) if isinstance(told, int) else told for name, told in item.items()})
        found = _shown(account, kind, id_, to) if account.row(kind.name, id_) else []
        if found:
            results.append({"from": {"id": id_}, "to": found})
        else:
            errors.append(none_of(kind, to, id_))
    return answered(account, request, results, errors, 200)


def list_links(account: Account, request: Request, word: str, id_: str, far_word: str) -> Response:
    """GET one record's; none is an empty list."""
    kind, to = kind_of(word), kind_of(far_word)
    if not account.row(kind.name, id_):
        raise not_found()
    limit = number_asked(request, "limit", PER_INPUT, PER_INPUT)
    here, more = page_of(request, _shown(account, kind, id_, to), limit)
    return json_response({"results": list(here), **more})


def list_types(account: Account, request: Request, word: str, far_word: str) -> Response:
    """GET the types two objects have between them, by number and name."""
    kind, to = kind_of(word), kind_of(far_word)
    pair = (kind.name, to.name)
    numbers = [n for n in (PRIMARY.get(pair), TYPES.get(pair)) if n]
    return json_response({"results": [{"id": str(n), "name": type_name(kind, to, n)} for n in numbers]})


def _shown(account: Account, kind: Kind, id_: str, to: Kind) -> list[Json]:
    told: list[Json] = links_shown(account, kind, id_, [to]).get(to.name, {"results": []})["results"]
    return told

"""What an endpoint is: a method, its paths old and new, the scopes any of which opens it, and its answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from werkzeug.wrappers import Request, Response

from adapters.hubspot.sandbox.account import Account
from adapters.hubspot.sandbox.answers import missing_scopes
from adapters.hubspot.sandbox.kinds import Kind, kind_of
from adapters.sandbox.server import Route

Answerer: TypeAlias = Callable[..., Response]
Right: TypeAlias = Literal["read", "write", "read schema", "write schema"]
"""A right to the object that the path names."""


@dataclass(frozen=True, slots=True)
class Point:
    """One endpoint: `paths` are the beginnings it has had, `rest` what follows."""

    method: str
    paths: Sequence[str]
    rest: str
    answer: Answerer
    needs: Right | tuple[str, ...] = ()

    def routes(self, account: Account) -> list[Route]:
        return [Route(self.method, path + self.rest, self._guarded(account)) for path in self.paths]

    def _guarded(self, account: Account) -> Callable[..., Response]:
        def answer(request: Request, **parts: str) -> Response:
            refuse_without(account, scopes_for(self.needs, parts))
            return self.answer(account, request, **parts)

        return answer


def refuse_without(account: Account, scopes: tuple[str, ...]) -> None:
    """Raises Refusal when the token has none of the scopes (NOTES 9)."""
    if scopes and not account.options.scopes.intersection(scopes):
        raise missing_scopes(scopes)


def scopes_for(needs: Right | tuple[str, ...], parts: dict[str, str]) -> tuple[str, ...]:
    """Any of these will do. The object is named by the path (NOTES 8)."""
    if isinstance(needs, tuple):
        return needs
    kind = kind_of(parts["word"])
    if needs == "read":
        return (kind.read,)
    if needs == "write":
        return (kind.write,)
    return _schema_scopes(kind, needs.partition(" ")[0])


def _schema_scopes(kind: Kind, way: str) -> tuple[str, ...]:
    owner = kind.read.removeprefix("crm.objects.").rpartition(".")[0] or "contacts"
    schema = f"crm.schemas.{owner}.{way}"
    return (schema, kind.read) if way == "read" else (schema,)

"""What the account's users, admins and HubSpot itself do: at once, without an API between."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from adapters.hubspot.sandbox.account import Account
from adapters.hubspot.sandbox.answers import MILLISECOND, iso_ms
from adapters.hubspot.sandbox.definitions import FIELD_TYPES, every_definition
from adapters.hubspot.sandbox.happening import happen
from adapters.hubspot.sandbox.kinds import Kind, kind_of
from adapters.hubspot.sandbox.links import link
from adapters.hubspot.sandbox.merging import merge
from adapters.hubspot.sandbox.properties import define, group_names, put_group
from adapters.hubspot.sandbox.rendering import value_of
from adapters.hubspot.sandbox.rules import rule_out
from adapters.hubspot.sandbox.sales import keep_company, roll_up, roll_up_of
from adapters.hubspot.sandbox.values import taken
from adapters.hubspot.sandbox.writing import PEOPLE, archive, create, update
from adapters.sandbox.state import State

Told = str | int | bool | None
"""A field as a person would fill it in; a number may be an Instant where a time is meant."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Objects go by their HubSpot names. Raises KeyError for records and ValueError for values that cannot be."""

    account: Account

    def add(self, object_: str, **fields: Told) -> str:
        """Create a record; returns its id."""
        with _at_work(self.account):
            kept = _kept(self.account, kind_of(object_), fields)
            return str(create(self.account, kind_of(object_), [kept], PEOPLE)[0]["id"])

    def change(self, object_: str, id_: str, **fields: Told) -> None:
        """Change fields; None clears."""
        with _at_work(self.account):
            kind = kind_of(object_)
            _there(self.account, kind, id_)
            update(self.account, kind, {id_: _kept(self.account, kind, fields)}, PEOPLE)
            if kind.name == "deals":
                roll_up_of(self.account, id_)

    def delete(self, object_: str, id_: str) -> None:
        """Put a record into the recycle bin."""
        with _at_work(self.account):
            _there(self.account, kind_of(object_), id_)
            archive(self.account, kind_of(object_), [id_])

    def merge(self, object_: str, loser: str, winner: str) -> str:
        """Merge two records; returns the id that carries on."""
        with _at_work(self.account):
            kind = kind_of(object_)
            _there(self.account, kind, loser)
            _there(self.account, kind, winner)
            return str(merge(self.account, kind, loser, winner, PEOPLE)["id"])

    def shown(self, object_: str, id_: str) -> Mapping[str, str]:
        """What a record's fields hold; those without a value are left out."""
        with _at_work(self.account):
            kind = kind_of(object_)
            row = _there(self.account, kind, id_)
            names = dict.fromkeys((*row["values"], *kind.system))
            return {name: value for name in names if (value := value_of(kind, row, name)) is not None}

    def add_event(self, source: str, person: str, **fields: Told) -> str:
        """Something a contact did, or that was done with them (see `happen`); returns the event's id."""
        with _at_work(self.account):
            _there(self.account, kind_of("contacts"), person)
            return happen(self.account, source, person, {k: _text(v) for k, v in fields.items() if v is not None})

    def associate(self, object_: str, id_: str, far_object: str, far: str, *, primary: bool = False) -> None:
        """Link two records."""
        with _at_work(self.account):
            kind, to = kind_of(object_), kind_of(far_object)
            _there(self.account, kind, id_)
            _there(self.account, to, far)
            link(self.account, [(kind, id_, to, far)], primary=primary)
            people = [i for k, i in ((kind, id_), (to, far)) if k.name == "contacts"]
            if "deals" in {kind.name, to.name}:
                roll_up(self.account, people)
            if "companies" in {kind.name, to.name}:
                keep_company(self.account, people)

    def define_field(self, object_: str, name: str, type_: str = "string", **more: Any) -> None:
        """Define a property of the account's own; `more` is the rest of its definition."""
        with _at_work(self.account):
            kind = kind_of(object_)
            usual: dict[str, Any] = {
                "label": name,
                "fieldType": FIELD_TYPES[type_][0],
                "groupName": f"{kind.singular}_own",
            }
            if type_ == "bool":
                yes_no = (("Yes", "true"), ("No", "false"))
                usual["options"] = [
                    {"label": la, "value": v, "displayOrder": n, "hidden": False} for n, (la, v) in enumerate(yes_no)
                ]
            body = {**usual, **more, "name": name, "type": type_}
            if body["groupName"] not in group_names(self.account, kind):
                put_group(self.account, kind, body["groupName"], body["groupName"].replace("_", " ").title())
            define(self.account, kind, body)

    def drop_field(self, object_: str, name: str) -> None:
        """Archive a property, used or not."""
        _mark(self.account, object_, name, archived=True, archivedAt=iso_ms(self.account.now))

    def hide_field(self, object_: str, name: str) -> None:
        """Make a property sensitive data: this token neither lists nor reads it any more (NOTES 79)."""
        _mark(self.account, object_, name, dataSensitivity="sensitive")

    def same_instant(self, object_: str, ids: Sequence[str]) -> None:
        """Give records one modified stamp, later than any before, as a bulk edit does."""
        with _at_work(self.account):
            kind, now = kind_of(object_), self.account.now
            rows = [_there(self.account, kind, i) for i in ids]
            at = max([now, *(row["updated"] + 1 for row in self.account.state.all(kind.name).values())])
            self.account.save(kind.name, [{**row, "updated": at, "touched": now} for row in rows])

    def refuse_writes(self, object_: str, id_: str) -> None:
        """A rule of the account refuses to write this record from now on (NOTES 63)."""
        with _at_work(self.account):
            rule_out(self.account, kind_of(object_), id_)


@contextmanager
def _at_work(account: Account) -> Iterator[State]:
    """Alone with the newest state; all that is written is one transaction."""
    with account.lock, account.state as state:
        yield state


def _mark(account: Account, object_: str, name: str, **more: Any) -> None:
    with _at_work(account) as state:
        row = every_definition(account, kind_of(object_))[name]
        state.put(f"definitions:{kind_of(object_).name}", name, {**row, **more})


def _there(account: Account, kind: Kind, id_: str) -> dict[str, Any]:
    row = account.row(kind.name, id_)
    if row is None:
        raise KeyError(f"{kind.name}/{id_}")
    return row


def _kept(account: Account, kind: Kind, fields: Mapping[str, Told]) -> dict[str, str]:
    kept, wrong = taken(account, kind, {name: _text(v) for name, v in fields.items()}, by_api=False)
    if wrong:
        raise ValueError(", ".join(f"{w.name}: {w.code}" for w in wrong))
    return kept


def _text(told: Told) -> str:
    """A field's text; an Instant becomes milliseconds."""
    if isinstance(told, bool):
        return "true" if told else "false"
    if isinstance(told, int) and abs(told) >= 10**14:
        return str(told // MILLISECOND)
    return "" if told is None else str(told)

"""What happens to a record when it is written: stamps, history, identity (NOTES 50 to 53)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from adapters.hubspot.sandbox.account import Account
from adapters.hubspot.sandbox.answers import Refusal
from adapters.hubspot.sandbox.builtin import OPTION_SETS
from adapters.hubspot.sandbox.kinds import Kind
from adapters.hubspot.sandbox.pipelines import follows
from adapters.hubspot.sandbox.rendering import value_of
from adapters.hubspot.sandbox.shelf import addresses_of
from adapters.sandbox.state import Row

VERSIONS = 45
STAGES = OPTION_SETS["lifecycle"]


@dataclass(frozen=True, slots=True)
class Source:
    """Who wrote, as the property history names them."""

    type: str
    id: str | None = None


PEOPLE = Source("CRM_UI", "userId:1001")
MACHINE = Source("ANALYTICS", "WebAnalyticsPropertyCalculation")
ROLLUP = Source("CALCULATED", "RollupProperties")


def update(account: Account, kind: Kind, changes: Mapping[str, Mapping[str, str]], source: Source) -> dict[str, Row]:
    """Write kept values by record id; all that change get one stamp. A record that holds them already is left alone,
    stamp and all (NOTES 50, 51). Returns the records as they are now."""
    now = account.now
    with account.state:
        before = {id_: account.state.all(kind.name)[id_] for id_ in changes}
        moved = {id_: _moved(kind, before[id_], told) for id_, told in changes.items()}
        after = {id_: _after(kind, before[id_], told, now) if told else before[id_] for id_, told in moved.items()}
        account.save(kind.name, [after[id_] for id_, told in moved.items() if told])
        past = [(id_, _past(account, kind, before[id_], told, now, source)) for id_, told in moved.items() if told]
        account.state.put_many(f"history:{kind.name}", past)
    return after


def create(account: Account, kind: Kind, told: Sequence[Mapping[str, str]], source: Source) -> list[Row]:
    """New records with kept values. Contacts whose address somebody has must have been refused before."""
    now = account.now
    made: list[Row] = []
    for id_, values in zip(account.new_ids(len(told)), told, strict=True):
        held = {name: value for name, value in values.items() if value != ""}
        origin = {"hs_object_source_label": source.type if source.type in OPTION_SETS["sources"] else "CRM_UI"}
        made.append(
            {
                "id": id_,
                "created": now,
                "updated": now,
                "touched": now,
                "values": {**origin, **held, **follows(kind, held)},
            }
        )
    with account.state:
        account.save(kind.name, made)
        past = [(row["id"], {n: [[v, now, source.type, source.id]] for n, v in row["values"].items()}) for row in made]
        account.state.put_many(f"history:{kind.name}", past)
    return made


def archive(account: Account, kind: Kind, ids: Sequence[str]) -> None:
    """Into the recycle bin. Ids of nobody are no trouble (NOTES 71)."""
    now = account.now
    rows = [row for row in (account.row(kind.name, i) for i in dict.fromkeys(ids)) if row]
    account.save(kind.name, [{**row, "archived": now, "touched": now} for row in rows])


def erase(account: Account, kind: Kind, id_: str) -> None:
    """For good: nothing of the person stays, neither values nor history nor what they did (NOTES 72)."""
    state = account.state
    with state:
        row = state.all(kind.name)[id_]
        addresses = set(addresses_of(row))
        account.save(kind.name, [{**row, "values": {}, "erased": True, "touched": account.now}])
        drops = [
            (about, id_) for about in (f"history:{kind.name}", "visits", "participations") if state.get(about, id_)
        ]
        drops += [("mail_events", i) for i, e in state.all("mail_events").items() if e["recipient"] in addresses]
        drops += [
            (f"submissions:{form}", i)
            for form in state.all("forms")
            for i, sent in state.all(f"submissions:{form}").items()
            if addresses & {field["value"] for field in sent["values"]}
        ]
        for about, key in drops:
            state.drop(about, key)


def refuse_taken(account: Account, values: Mapping[str, str], id_: str | None = None) -> None:
    """Raises Refusal when an e-mail address is somebody else's (NOTES 36)."""
    holder = account.by_address(values["email"]) if values.get("email") else None
    if holder is not None and holder["id"] != id_:
        raise conflict(holder["id"])


def conflict(existing: str) -> Refusal:
    return Refusal(409, "CONFLICT", f"Contact already exists. Existing ID: {existing}")


def _moved(kind: Kind, row: Row, told: Mapping[str, str]) -> dict[str, str]:
    """Those of the values that differ from what is held."""
    moved = {name: value for name, value in told.items() if (value_of(kind, row, name) or "") != value}
    old, new = row["values"].get("lifecyclestage", ""), moved.get("lifecyclestage", "")
    if old in STAGES and new in STAGES and STAGES.index(new) < STAGES.index(old):
        del moved["lifecyclestage"]  # only forward, unless it was cleared before (NOTES 68)
    for name in [n for n, value in moved.items() if value.startswith(";")]:
        moved[name] = _appended(row["values"].get(name, ""), moved[name])
    return moved


def _appended(held: str, told: str) -> str:
    """A leading `;` adds to what is ticked (NOTES 74)."""
    parts = [p for p in (*held.split(";"), *told.split(";")) if p]
    return ";".join(dict.fromkeys(parts))


def _after(kind: Kind, row: Row, moved: Mapping[str, str], now: int) -> Row:
    values = {name: value for name, value in {**row["values"], **moved}.items() if value != ""}
    return {**row, "values": {**values, **follows(kind, values)}, "updated": now, "touched": now}


def _past(account: Account, kind: Kind, row: Row, moved: Mapping[str, str], now: int, source: Source) -> Row:
    """The history with the new values in front."""
    kept = account.state.get(f"history:{kind.name}", row["id"]) or {}
    return {
        **kept,
        **{n: [[v, now, source.type, source.id], *_before(kept, row, n)][:VERSIONS] for n, v in moved.items()},
    }


def _before(kept: Row, row: Row, name: str) -> list[list[object]]:
    held = row["values"].get(name)
    entries: list[list[object]] = kept.get(name) or ([[held, row["created"], "IMPORT", None]] if held else [])
    return entries

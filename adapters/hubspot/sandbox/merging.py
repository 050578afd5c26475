"""Merging two records (NOTES 70): one live id remains, and the old ones lead to it."""

from __future__ import annotations

from adapters.hubspot.sandbox.account import Account
from adapters.hubspot.sandbox.kinds import Kind
from adapters.hubspot.sandbox.links import move_links
from adapters.hubspot.sandbox.sales import keep_company, roll_up
from adapters.hubspot.sandbox.summary import combined
from adapters.hubspot.sandbox.writing import Source
from adapters.sandbox.state import Row

PER_PERSON = ("visits", "participations")
"""Kinds of rows that hold, by contact, a list of what happened."""


def merge(account: Account, kind: Kind, loser: str, winner: str, source: Source) -> Row:
    """Merge `loser` into `winner`; returns the record that carries on, under a new id unless the account keeps the
    winner's. The winner's values stand; the loser's fill the gaps; its address becomes an additional one."""
    now = account.now
    with account.state:
        lost, won = account.state.all(kind.name)[loser], account.state.all(kind.name)[winner]
        kept = winner if account.options.merge_keeps_winner else account.new_ids(1)[0]
        merged = merged_row(kind, lost, won, kept, now)
        gone = {"archived": now, "merged_into": kept, "touched": now}
        # the old ones first: they must let go of their addresses
        losers = [{**lost, **gone}, *([] if kept == winner else [{**won, **gone}])]
        account.save(kind.name, losers)
        account.save(kind.name, [merged])
        for old in (row["id"] for row in losers):
            move_links(account, kind, old, kept)
            _move_doings(account, old, kept)
        if kind.name == "contacts":
            roll_up(account, [kept])
            keep_company(account, [kept])
        past = account.state.get(f"history:{kind.name}", winner) or {}
        entry = [[merged["values"]["hs_merged_object_ids"], now, source.type, source.id]]
        account.state.put(f"history:{kind.name}", kept, {**past, "hs_merged_object_ids": entry})
    return account.state.all(kind.name)[kept]


def merged_row(kind: Kind, lost: Row, won: Row, kept: str, now: int) -> Row:
    """The record that carries on."""
    values = {**lost["values"], **won["values"]}
    old = [lost["id"], *([] if kept == won["id"] else [won["id"]])]
    known = [p for row in (won, lost) for p in row["values"].get("hs_merged_object_ids", "").split(";") if p]
    values["hs_merged_object_ids"] = ";".join(dict.fromkeys((*known, *old)))
    if kind.name == "contacts":
        vids = [p for row in (won, lost) for p in row["values"].get("hs_calculated_merged_vids", "").split(";") if p]
        values["hs_calculated_merged_vids"] = ";".join((*vids, *(f"{id_}:{now}" for id_ in old)))
        values |= _addresses(lost, values.get("email", ""), won)
        values |= combined(won["values"], lost["values"])
    created = min(lost["created"], won["created"])
    return {"id": kept, "created": created, "updated": now, "touched": now, "values": values}


def _addresses(lost: Row, email: str, won: Row) -> dict[str, str]:
    told = [won["values"].get("hs_additional_emails", ""), lost["values"].get("email", "")]
    told.append(lost["values"].get("hs_additional_emails", ""))
    more = [a for text in told for a in text.split(";") if a and a != email]
    return {"hs_additional_emails": ";".join(dict.fromkeys(more))} if more else {}


def _move_doings(account: Account, old: str, new: str) -> None:
    for about in PER_PERSON:
        theirs = account.state.get(about, old)
        if theirs:
            ours = account.state.get(about, new) or {"all": []}
            account.state.put(about, new, {"all": sorted([*ours["all"], *theirs["all"]], key=lambda one: one["at"])})
            account.state.drop(about, old)

"""`purge`: one person removed from everything that Leadheat holds, shown to be gone, and kept out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Annotated

import typer

from connector.cli.context import Context, of, told
from connector.errors import user_error
from connector.instants import iso
from connector.model import Ref
from connector.store import SqlStore, open_store
from connector.store.proof import Proof, prove
from connector.store.purge import Purged, holdings, of_address, purge, same_person, was_purged
from connector.views import whole_name
from connector.wiring import clear_fields, one_lead
from connector.words import Message, say

LEAD = typer.Argument(help=told(say("The lead's id in the CRM, connection:object/id, or the person's e-mail address.")))
ONLY = typer.Option("--only-this", help=told(say("Leave other records with the same e-mail address alone.")))
CLEAR = typer.Option("--clear-crm", help=told(say("First blank our fields on the person's records in the CRM.")))


def register(app: typer.Typer) -> None:
    text = say("Remove one person from everything Leadheat holds, prove it, and keep them out.")
    app.command("purge", help=told(text))(purge_command)


def purge_command(
    ctx: typer.Context,
    lead: Annotated[str, LEAD],
    only_this: Annotated[bool, ONLY] = False,
    clear_crm: Annotated[bool, CLEAR] = False,
) -> None:
    context = of(ctx)
    with closing(open_store(context.settings.database_url, now=context.now)) as store:
        refs = _meant(store, lead, only=only_this)
        held = holdings(store, refs)
        _show_held(context, refs, held)
        _ask(context)
        if clear_crm:
            for name in sorted({ref.connection for ref in refs}):
                clear_fields(context.settings, name, [r for r in refs if r.connection == name], context.now)
        done = purge(store, refs, context.now())
        proof = prove(store, done)
    _show(context, done, proof)
    context.document({"purged": _document(context, done, proof)})
    if not proof.holds:
        raise typer.Exit(5)


def _meant(store: SqlStore, text: str, *, only: bool) -> list[Ref]:
    """The person's records. Somebody who was purged before may be named in full, to have the proof again."""
    found = of_address(store, text) if "@" in text and whole_name(text) is None else []
    ref = whole_name(text)
    if not found and ref is not None and (was_purged(store, ref) or holdings(store, [ref])):
        found = [ref]
    return same_person(store, found or [one_lead(store, text)], only=only)


def _ask(context: Context) -> None:
    """Have the word typed: what is removed cannot be brought back. `--yes` stands for it."""
    if context.look.yes:
        return
    word = typer.prompt(context.word(say("Type 'purge' to remove all this for good")), err=True)
    if word.strip().lower() != "purge":
        raise user_error("LH-613", say("nothing was removed: the word was not typed"))


def _show_held(context: Context, refs: Sequence[Ref], held: Mapping[str, int]) -> None:
    context.show(say("{n} records are this person's:", n=len(refs)))
    for ref in refs:
        context.show(f"  {ref}")
    context.show(_rows(context, say("Rows that hold something of them: {n}", n=sum(held.values())), held))


def _rows(context: Context, head: Message, rows: Mapping[str, int]) -> str:
    parts = ", ".join(f"{name} {n}" for name, n in rows.items())
    return context.word(head) + (f" ({parts})" if parts else "")


def _show(context: Context, done: Purged, proof: Proof) -> None:
    context.show(say("Removed on {date}; the marks that stay: {marks}", date=context.date(done.at), marks=_marks(done)))
    for text in _told(proof):
        context.show("  " + context.word(text))
    for name in done.reads_anew:
        context.tell(say("{name}: the next pass reads everything anew", name=name))
    for text in REMINDERS:
        context.tell(text)


def _marks(done: Purged) -> str:
    return ", ".join(done.marks)


def _told(proof: Proof) -> list[Message]:
    """The proof in sentences: what was looked for, where, and what was found."""
    tables = sum(proof.left.values())
    where = ", ".join(proof.left)
    lines = [say("{n} texts sought: ids, addresses and whatever else was known of them", n=proof.sought)]
    lines.append(
        say("Tables: {n} of them still there ({tables})", n=tables, tables=where)
        if tables
        else say("Tables: none of it is there; {n} texts are others' too, such as titles", n=proof.shared)
    )
    if proof.database != "sqlite":
        return [
            *lines,
            say("PostgreSQL: deleted rows were vacuumed; its log, replicas and backups cannot be looked at"),
        ]
    for name, size in proof.files.items():
        lines.append(say("File {name}, {size} bytes, read whole", name=name, size=size))
    if not proof.rewritten:
        lines.append(say("Not proved: another program has the file open. End it and purge the same name again."))
    elif proof.found:
        lines.append(say("Not proved: {n} places in the files hold one of the texts", n=proof.found))
    else:
        lines.append(say("No byte of the files holds any of it"))
    return lines


REMINDERS = (
    say("The person is still in the CRM if nobody deleted them there; they are not read again under these ids."),
    say("Backups, spreadsheets and plans that were made before still hold them: delete or replace those yourself."),
)


def _document(context: Context, done: Purged, proof: Proof) -> dict[str, object]:
    return {
        "at": iso(done.at),
        "marks": list(done.marks),
        "removed": dict(done.removed),
        "proof": {
            "holds": proof.holds,
            "database": proof.database,
            "sought": proof.sought,
            "shared": proof.shared,
            "left": dict(proof.left),
            "files": dict(proof.files),
            "found": proof.found,
            "rewritten": proof.rewritten,
            "told": [context.word(text) for text in _told(proof)],
        },
        "reads_anew": list(done.reads_anew),
        "reminders": [context.word(text) for text in REMINDERS],
    }

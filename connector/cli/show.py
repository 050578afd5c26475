"""How plans, runs, ledgers look: tables for people, documents for machines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from rich.table import Table

from connector.cli.context import Context
from connector.instants import iso
from connector.model import Line, Ref, Run, Score
from connector.plan import Mover, Plan
from connector.ports import FieldChange
from connector.reasons import Wording, limit_text
from connector.words import Message, say

STATUS = {
    "running": say("running"),
    "succeeded": say("succeeded"),
    "partly": say("partly failed"),
    "failed": say("failed"),
    "stopped": say("stopped"),
    "planned": say("planned only"),
}
NOBODY: Mapping[Ref, str] = {}
SIGNS = {"create": "+", "exists": "=", "clash": "!"}


def show_fields(context: Context, name: str, changes: Sequence[FieldChange]) -> None:
    """The fields a plan would create (`+`), that clash (`!`), and how many are there already (`=`)."""
    if not changes:
        return
    context.show(say("{name}: our fields in the CRM", name=name))
    for change in changes:
        if change.action != "exists":
            context.show(f"  {SIGNS[change.action]} {change.object}.{change.field}  {context.word(change.what)}")
    there = sum(1 for c in changes if c.action == "exists")
    if there:
        context.show("  = " + context.word(say("{n} fields unchanged", n=there)))


def show_plan(
    context: Context,
    name: str,
    plan: Plan,
    fields: Sequence[FieldChange],
    shown: int,
    companies: Mapping[Ref, str] = NOBODY,
) -> None:
    """What a pass would change: fields, counts, and who becomes hot or ceases to be, with their companies."""
    show_fields(context, name, fields)
    if not plan.changes and not any(f.action == "create" for f in fields):
        context.show(say("{name}: No changes", name=name))
        return
    context.show(
        say(
            "{name}: {changes} leads to write ({fills} first fills, {overwrites} overwritten), {unchanged} unchanged",
            name=name,
            changes=plan.changes,
            fills=plan.fills,
            overwrites=plan.overwrites,
            unchanged=plan.unchanged,
        )
    )
    for dark, (lost, before) in sorted(plan.dark.items()):
        warning = say("! input '{name}' has gone dark: {lost} of {before} leads", name=dark, lost=lost, before=before)
        context.show("  " + context.word(warning))
    for object_, (gone, before) in sorted(plan.vanished.items()):
        warning = say(
            "! {gone} of {before} {object} records are gone at once", gone=gone, before=before, object=object_
        )
        context.show("  " + context.word(warning))
    context.show("  " + context.word(say("↑ {n} become hot", n=len(plan.up))))
    _show_movers(context, plan.up, shown, companies)
    context.show("  " + context.word(say("↓ {n} cease to be hot", n=len(plan.down))))
    _show_movers(context, plan.down, shown, companies)


def _show_movers(context: Context, movers: Sequence[Mover], shown: int, companies: Mapping[Ref, str]) -> None:
    for mover in movers[:shown]:
        who = f"{mover.ref.object}/{mover.ref.id}"
        context.show(f"    {who:<28} {mover.points:>4}  {mover.reason or ''}  {companies.get(mover.ref, '')}".rstrip())
    if len(movers) > shown:
        context.show("    " + context.word(say("{n} more", n=len(movers) - shown)))


def plan_document(name: str, plan: Plan, fields: Sequence[FieldChange]) -> dict[str, object]:
    return {
        "connection": name,
        "digest": plan.digest,
        "changes": plan.changes,
        "fills": plan.fills,
        "overwrites": plan.overwrites,
        "unchanged": plan.unchanged,
        "become_hot": [_mover_document(m) for m in plan.up],
        "dark": {name: {"lost": lost, "before": before} for name, (lost, before) in plan.dark.items()},
        "vanished": {name: {"gone": gone, "before": before} for name, (gone, before) in plan.vanished.items()},
        "cease_hot": [_mover_document(m) for m in plan.down],
        "fields": [{"object": f.object, "field": f.field, "action": f.action} for f in fields],
    }


def _mover_document(mover: Mover) -> dict[str, object]:
    return {"object": mover.ref.object, "id": mover.ref.id, "points": mover.points, "rule": mover.reason}


def show_run(context: Context, run: Run) -> None:
    """One run in three lines: what it saw, what it did, what it cost."""
    n = run.counts
    context.show(say("{name}: run {id} {status}", name=run.connection, id=run.id, status=STATUS[run.status]))
    seen = say(
        "  {read} records and {activities} activities read, {scored} scored, {hot} hot ({new} new, {cooled} cooled)",
        read=n.read,
        activities=n.activities,
        scored=n.scored,
        hot=n.hot,
        new=n.newly_hot,
        cooled=n.cooled,
    )
    did = say(
        "  {written} written, {unchanged} unchanged, {rejected} rejected, {gone} gone; {calls} API calls",
        written=n.written,
        unchanged=n.unchanged,
        rejected=n.rejected,
        gone=n.gone,
        calls=n.calls,
    )
    context.show(seen)
    context.show(did)
    if n.rejected:
        context.tell(say("To see the rejected rows: leadheat runs rejected {id}", id=run.id))


def run_document(run: Run) -> dict[str, object]:
    return {
        "id": run.id,
        "connection": run.connection,
        "kind": run.kind,
        "status": run.status,
        "as_of": iso(run.as_of),
        "counts": asdict(run.counts),
        "calls": dict(run.calls),
        "problem": run.problem,
    }


def show_score(context: Context, score: Score, wording: Wording) -> None:
    """The ledger as a table; its lines add up to the total beneath."""
    table = Table(box=None, show_header=True, pad_edge=False)
    for heading, justify in LEDGER:
        table.add_column(context.word(heading), justify=justify, overflow="fold")  # type: ignore[arg-type]  # left or right
    for line in score.ledger:
        table.add_row(*_ledger_row(context, line, wording))
    table.add_row(f"{score.points:+d}", context.word(say("Total")), "", "", "", end_section=True)
    context.show(table)


LEDGER: tuple[tuple[Message, str], ...] = (
    (say("Points"), "right"),
    (say("Reason"), "left"),
    (say("Times"), "right"),
    (say("Last"), "left"),
    (say("Changes"), "left"),
)


def _ledger_row(context: Context, line: Line, wording: Wording) -> tuple[str, ...]:
    label = limit_text(line.limit, wording) if line.limit else wording.label(line.rule or "")
    label = f"{label} ({line.subject})" if line.subject else label
    times = str(line.occurrences) if line.occurrences else ""
    last = context.date(line.last) if line.last is not None else ""
    return f"{line.points:+d}", label, times, last, context.date(line.changes_at) if line.changes_at else ""

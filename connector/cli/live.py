"""`check --live`: what we took from documents, tried on your account; and a report that may be shown to anybody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

import typer

from connector.cli.context import Context, told
from connector.errors import user_error
from connector.live import Finding
from connector.model import Ref
from connector.settings import ConnectionSettings
from connector.views import whole_name
from connector.wiring import connections, examined
from connector.words import Message, say

LIVE = typer.Option("--live", help=told(say("Try on your account what documents say of it; reading only.")))
WRITE = typer.Option(
    "--write", help=told(say("With --live: also write our fields of this one test record, and put them back."))
)
REPORT = typer.Option("--report", help=told(say("With --live: write the findings to a Markdown file.")))

SIGNS = {"as documented": "✓", "differs": "✗", "not tried": "·"}
VERDICTS = {
    "as documented": say("as documented"),
    "differs": say("differs from the documents"),
    "not tried": say("could not be tried"),
}


def check_live(context: Context, wanted: Sequence[str] | None, write: str | None, report: Path | None) -> None:
    """Examine each connection that has a service behind it. Exit code 5 when something differs."""
    record = _record(write)
    settings = context.settings
    names = connections(settings, wanted or ([record.connection] if record else _served(settings.connections)))
    found = {name: examined(settings, name, _mine(record, name), context.now) for name in names}
    for name, findings in found.items():
        _show(context, name, findings)
    context.document({"connections": [_document(context, n, findings) for n, findings in found.items()]})
    if report is not None:
        report.write_text(_report(context, found), "utf-8")
        context.tell(say("Report written to {file}; it holds no personal data", file=str(report)))
    if any(f.verdict == "differs" for findings in found.values() for f in findings):
        raise typer.Exit(5)


def _served(connections: Mapping[str, ConnectionSettings]) -> list[str] | None:
    return [name for name, one in sorted(connections.items()) if one.crm != "spreadsheet"] or None


def _record(text: str | None) -> Ref | None:
    if text is None:
        return None
    ref = whole_name(text)
    if ref is None or not ref.id.isalnum():
        fix = say("Write connection:object/id, such as hubspot:contacts/101, of a record made for testing.")
        raise user_error("LH-711", say("the test record is not named in full"), "--write", fix)
    return ref


def _mine(record: Ref | None, name: str) -> Ref | None:
    return record if record is not None and record.connection == name else None


def _show(context: Context, name: str, findings: Sequence[Finding]) -> None:
    counts = {verdict: sum(1 for f in findings if f.verdict == verdict) for verdict in SIGNS}
    context.show(
        say(
            "{name}: {good} as documented, {other} differ, {rest} could not be tried",
            name=name,
            good=counts["as documented"],
            other=counts["differs"],
            rest=counts["not tried"],
        )
    )
    for f in findings:
        context.show(f"  {SIGNS[f.verdict]} {f.id:<4} {context.word(f.says)} [{f.seen}]")


def _document(context: Context, name: str, findings: Sequence[Finding]) -> dict[str, object]:
    rows = [
        {"id": f.id, "says": context.word(f.says), "note": f.source, "verdict": f.verdict, "seen": f.seen}
        for f in findings
    ]
    return {"connection": name, "facts": rows}


def _report(context: Context, found: Mapping[str, Sequence[Finding]]) -> str:
    """Markdown, with nothing in it but facts, verdicts, statuses, code words and numbers."""
    lines = [f"# Leadheat {version('leadheat')}: check --live", "", context.date(context.now())]
    for name, findings in found.items():
        crm = context.settings.connections[name].crm
        lines += ["", f"## {crm}", "", _row(REPORT_HEAD, context), "|---|---|---|---|---|"]
        for f in findings:
            cells = (f.id, context.word(f.says), f.source, context.word(VERDICTS[f.verdict]), f.seen)
            lines.append("| " + " | ".join(c.replace("|", "/") for c in cells) + " |")
    return "\n".join([*lines, ""])


REPORT_HEAD = (say("No."), say("What the documents say"), say("Line in NOTES.md"), say("Here"), say("Seen"))


def _row(head: Sequence[Message], context: Context) -> str:
    return "| " + " | ".join(context.word(text) for text in head) + " |"

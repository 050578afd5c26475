"""`fields`: what the CRM holds, how full it is, and which of it could feed an input of ours."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from connector.cli.context import Context, of, told
from connector.cli.spreadsheet import write_whole
from connector.errors import did_you_mean, user_error
from connector.mapping.converts import AS
from connector.mapping.document import read_mapping
from connector.mapping.lines import with_input
from connector.mapping.suggest import INPUTS, Column, suggest
from connector.wiring import columns_of, columns_of_file, connections, read_text
from connector.words import Message, say

WHERE = typer.Argument(help=told(say("A connection, or a CSV or Excel file; the only connection if left out.")))
SAMPLE = typer.Option("--sample", min=1, max=10_000, help=told(say("How many records to look at, of each object.")))


def register(app: typer.Typer) -> None:
    fields = typer.Typer(help=told(say("The CRM's fields, and which could feed our inputs.")), no_args_is_help=True)
    fields.command("list", help=told(say("Fields with type, fill rate and samples.")))(list_)
    fields.command("suggest", help=told(say("Fields that could feed our inputs, as lines for the mapping.")))(propose)
    fields.command("map", help=told(say("Write one line into the mapping: which field feeds an input.")))(map_)
    app.add_typer(fields, name="fields")


def list_(
    ctx: typer.Context,
    where: Annotated[str | None, WHERE] = None,
    sample: Annotated[int, SAMPLE] = 200,
    filled: Annotated[bool, typer.Option("--filled", help=told(say("Only fields that hold something.")))] = False,
) -> None:
    context = of(ctx)
    columns = [c for c in _columns(context, where, sample) if c.filled or not filled]
    context.show(_columns_table(context, columns))
    context.document({"fields": [_column_document(c) for c in columns]})


def propose(
    ctx: typer.Context, where: Annotated[str | None, WHERE] = None, sample: Annotated[int, SAMPLE] = 200
) -> None:
    context = of(ctx)
    found = suggest(_columns(context, where, sample))
    if not found:
        context.show(say("No field resembles one of our inputs: {inputs}", inputs=", ".join(INPUTS)))
    for one in found:
        filled = say("{object}.{field} ({label}), {share}% filled", object=one.object, field=one.field,
                     label=one.label, share=round(100 * one.filled))  # fmt: skip
        context.show(f"  {one.line}")
        context.show(f"      # {context.word(filled)}")
    rows = [{"input": s.input, "object": s.object, "field": s.field, "likely": s.likely, "line": s.line} for s in found]
    context.document({"suggestions": rows})


def map_(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="INPUT", help=told(say("Our input, such as seniority.")))],
    field: Annotated[str, typer.Argument(help=told(say("The CRM's field, such as jobtitle.")))],
    as_: Annotated[str | None, typer.Option("--as", help=told(say("How it is read, such as number or truth.")))] = None,
    connection: Annotated[
        str | None, typer.Option("--connection", help=told(say("Whose mapping; the only connection's if left out.")))
    ] = None,
) -> None:
    context = of(ctx)
    path = context.settings.connections[_one(context, connection)].mapping
    text, problem = read_text(path)
    if problem:
        raise user_error(problem.code, problem.what, problem.where, problem.fix)
    read_as = as_ or (INPUTS[name].as_ if name in INPUTS else "text")
    if read_as not in AS and "." not in read_as:
        raise user_error("LH-127", say("nothing is read as '{name}'", name=read_as), "--as", did_you_mean(read_as, AS))
    changed = with_input(text, str(path), name, field, read_as)
    read_mapping(changed, str(path))
    write_whole(path, changed.encode())
    context.show(say("{file}: '{name}' is read from {field}", file=str(path), name=name, field=field))
    context.tell(say("Next: leadheat check, then leadheat plan"))
    context.document({"mapping": str(path), "input": name, "field": field, "as": read_as})


def _columns(context: Context, where: str | None, sample: int) -> list[Column]:
    """The fields of a file or of a connection, with what a sample of records holds in them."""
    path = Path(where) if where else None
    if path is not None and path.suffix.lower() in {".csv", ".tsv", ".xlsx"}:
        return columns_of_file(path, sample)
    return columns_of(context.settings, _one(context, where), context.now, sample)


def _one(context: Context, name: str | None) -> str:
    """The connection meant. Raises UserError when it is not clear which."""
    names = connections(context.settings, [name] if name else None)
    if len(names) > 1:
        raise user_error("LH-128", say("there are several connections: {names}", names=", ".join(names)), fix=NAME_ONE)
    return names[0]


NAME_ONE = say("Name one of them.")
HEADINGS: tuple[Message, ...] = (say("Object"), say("Field"), say("Label"), say("Type"), say("Filled"), say("Samples"))


def _columns_table(context: Context, columns: list[Column]) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in HEADINGS:
        table.add_column(context.word(heading), overflow="fold")
    for one in columns:
        schema = one.schema
        cells = (one.object, schema.name, schema.label, schema.type, f"{one.filled:.0%}", " · ".join(one.samples))
        table.add_row(*cells)
    return table


def _column_document(one: Column) -> dict[str, object]:
    schema = one.schema
    told_ = {"object": one.object, "field": schema.name, "label": schema.label, "type": schema.type}
    return {**told_, "filled": round(one.filled, 4), "samples": list(one.samples)}

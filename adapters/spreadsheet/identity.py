"""Which column says who a row is about, and whether it says so once for each."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence

from adapters.spreadsheet.table import Row, Table, refuse_all
from connector.errors import Problem, did_you_mean, user_error
from connector.words import say

ID_HEADERS = (
    "id", "leadid", "prospectid", "contactid", "recordid", "leadnumber", "リードid", "顧客id", "見込み客id", "会員id",
    "email", "emailaddress", "mail", "メール", "メールアドレス",
)  # fmt: skip
"""Headers that name people, best first; an e-mail address is the last resort."""
PERSON_HEADERS = ("leadid", "personid", "prospectid", "contactid", "リードid", "顧客id", "見込み客id")


def id_column(table: Table, wanted: str | None) -> str | None:
    """The id column's header: the one asked for, else the first that is recognised, else None (rows are counted).

    Raises UserError when the one asked for is not there."""
    if wanted is None:
        return recognised(table.header, ID_HEADERS)
    if wanted not in table.header:
        fix = did_you_mean(wanted, table.header)
        raise user_error("LH-410", say("there is no column '{name}'", name=wanted), table.where, fix)
    return wanted


def recognised(header: Sequence[str], names: Sequence[str]) -> str | None:
    """The column whose header is one of `names`, whatever its case, width, blanks and underscores."""
    folded = {fold(name): name for name in reversed(header)}
    return next((folded[name] for name in names if name in folded), None)


def fold(name: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKC", name).casefold() if c.isalnum())


def by_id(table: Table, column: str | None) -> Mapping[str, Row]:
    """The rows by id, in order. Raises UserError naming every row without an id, and every id that comes twice."""
    if column is None:
        return {str(row.line): row for row in table.rows}
    refuse_all(list(_problems(table, column)))
    return {(row.cells[column] or "").strip(): row for row in table.rows}


def _problems(table: Table, column: str) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for row in table.rows:
        id_ = (row.cells[column] or "").strip()
        where = f"{table.where}:{row.line}"
        if not id_:
            yield Problem("LH-411", say("the row has no '{column}'", column=column), where)
        elif id_ in first:
            what = say("the same '{column}' as in line {line}", column=column, line=first[id_])
            yield Problem("LH-412", what, where, say("Keep one row for each lead."))
        first.setdefault(id_, row.line)

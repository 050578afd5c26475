"""A world from a CSV of your own: a lead per row, nothing invented, every column kept under its name."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from adapters.sandbox.facts import Person, World
from connector.errors import Problem, UserError, user_error
from connector.instants import Instant, parse_instant
from connector.words import say

# what a header must be, folded to lower-case letters and digits, to fill one of our fields
KNOWN: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "leadid", "leadnumber", "prospectid", "リードid", "顧客id"),
    "created_at": ("createdat", "createddate", "createdate", "created", "作成日", "作成日時", "登録日時"),
    "email": ("email", "emailaddress", "mail", "メール", "メールアドレス"),
    "family": ("lastname", "familyname", "姓"),
    "given": ("firstname", "givenname", "名"),
    "title": ("title", "jobtitle", "役職"),
    "phone": ("phone", "phonenumber", "電話", "電話番号"),
    "country": ("country", "国"),
    "source": ("leadsource", "source", "流入元"),
}


def world_from_csv(path: Path, until: Instant) -> World:
    """A lead per row. Recognised columns become the person's fields, and all stay in `extra` under their own name.

    A person without a creation date was created at `until`; a numeric id column gives the keys, otherwise rows are
    counted. Raises UserError when the file cannot be read, has no rows, or repeats a header or an id.
    """
    rows = list(_rows(path))
    if len(rows) < 2:
        raise user_error("LH-902", say("the file has no rows beneath its header"), str(path))
    header = rows[0][1]
    _refuse_repeats("LH-903", [h for h in header if h], path)
    columns = _recognised(header)
    told = [(line, dict(zip(header, cells, strict=False))) for line, cells in rows[1:]]
    people = tuple(_person(n, row, columns, until) for n, (_, row) in enumerate(told, 1))
    _refuse_repeats("LH-904", [str(p.key) for p in people], path)
    return World(0, until, (), people)


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        text = path.read_text("cp932", errors="replace")
    except OSError as error:
        raise user_error(
            "LH-901", say("the file cannot be read ({reason})", reason=str(error.strerror)), str(path)
        ) from None
    reader = csv.reader(text.splitlines())
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield reader.line_num, cells


def _refuse_repeats(code: str, names: Sequence[str], path: Path) -> None:
    repeated = sorted({name for name in names if names.count(name) > 1}) if len(set(names)) < len(names) else []
    if repeated:
        raise UserError(
            *(Problem(code, say("'{name}' appears more than once", name=name), str(path)) for name in repeated[:20])
        )


def _recognised(header: Sequence[str]) -> Mapping[str, str]:
    folded = {"".join(c for c in name.lower() if c.isalnum()): name for name in reversed(header)}
    return {
        ours: next(folded[n] for n in names if n in folded)
        for ours, names in KNOWN.items()
        if folded.keys() & set(names)
    }


def _person(number: int, row: Mapping[str, str], columns: Mapping[str, str], until: Instant) -> Person:
    def cell(name: str) -> str:
        return row.get(columns.get(name, ""), "").strip()

    key = cell("id")
    return Person(
        key=int(key) if key.isascii() and key.isdigit() and len(key) < 16 else number,
        company_key=None,
        family=cell("family"),
        given=cell("given"),
        family_kana="",
        given_kana="",
        email=cell("email"),
        mail_kind="corporate" if cell("email") else "none",
        title=cell("title"),
        department="",
        phone=cell("phone"),
        country=cell("country"),
        created_at=_instant(cell("created_at"), until),
        source=cell("source"),
        extra={name: value for name, value in row.items() if name},
    )


def _instant(text: str, otherwise: Instant) -> Instant:
    """Only text with its zone is believed; a bare date is taken as midnight UTC, which is near enough for a seed."""
    for candidate in (text, f"{text}T00:00:00Z"):
        try:
            return parse_instant(candidate)
        except ValueError:
            continue
    return otherwise

"""Who the stored company's leads are: each one's fields as a CRM says them, and the inputs that the mapping reads.

The study draws for every lead the value of each input that the scorecard asks for; here a text is found that the
mapping reads as that value, and fields are added that no rule asks for but that a CRM has. Each different text is read
once by the real mapping; a lead's columns are put together from such pieces, as the store would have written them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from study.world import LEVELS, NOW, Study

from connector.book import Book
from connector.instants import iso
from connector.mapping.reading import read_page
from connector.model import Record, Ref
from connector.ports import LeadFacts
from connector.results import RESULTS
from connector.store.codec import dumps
from connector.store.database import Database
from connector.store.inputs import Place, Places, cells_of, make_room, places_of

CHUNK = 50_000
LEADS_TO_A_COMPANY = 8
OWN = 0.001
"""Share of the leads that are own staff."""
DOMAINS = {
    "free": ("gmail.com", "yahoo.co.jp", "outlook.jp", "icloud.com", "hotmail.com"),
    "carrier": ("docomo.ne.jp", "ezweb.ne.jp", "softbank.ne.jp"),
    "isp": ("nifty.com", "ocn.ne.jp", "so-net.ne.jp"),
    "disposable": ("mailinator.com", "yopmail.com"),
}
PLANS = ("free", "starter", "team", "business", "enterprise")
SOURCES = (
    "ORGANIC_SEARCH", "PAID_SEARCH", "DIRECT_TRAFFIC", "REFERRALS", "EMAIL_MARKETING", "SOCIAL_MEDIA", "PAID_SOCIAL",
    "OFFLINE",
)  # fmt: skip
RANKS = (
    "担当", "スタッフ", "主任", "係長", "課長代理", "課長", "マネージャー", "次長", "部長代理", "部長", "本部長",
    "執行役員", "取締役", "専務取締役", "代表取締役", "社長",
)  # fmt: skip
PARTS = ("営業", "情報システム", "経営企画", "人事", "総務", "経理", "開発", "製造", "購買", "法務", "広報", "研究")
PLACES = ("", "東京", "大阪", "名古屋", "福岡", "札幌", "仙台", "広島", "第一", "第二", "第三", "海外")


@dataclass(frozen=True, slots=True)
class Column:
    """A CRM field: its different texts, and each lead's place among them (-1: blank)."""

    texts: Sequence[str]
    places: Any


@dataclass(frozen=True, slots=True)
class Piece:
    """What each different text of a field reads as."""

    field: str
    said: Sequence[str]
    read: Sequence[LeadFacts]


def ext_id(place: int) -> str:
    """The CRM's id of the lead at that place."""
    return str(51_000_000_000 + 7 * place)


def columns_of(study: Study, book: Book, seed: int = 5) -> dict[str, Column]:
    """Every field by its name in the CRM, but for the mail address, of which only the domain stands here."""
    rng, leads = np.random.default_rng(seed), study.leads
    companies = max(leads // LEADS_TO_A_COMPANY, 1)
    company = rng.integers(0, companies, leads)
    own = rng.random(leads) < OWN
    told = {
        "jobtitle": _titled(rng, study, book),
        "email": _mailed(rng, study, company, companies, own),
        "company.name": Column([f"株式会社さくら{n}商事" for n in range(companies)], company),
        "country": Column([f"country {n}" for n in range(40)], (40 * rng.random(leads) ** 3).astype(np.int64)),
        "plan": Column(PLANS, rng.integers(-1, 5, leads)),
        "hs_analytics_source": Column(SOURCES, rng.integers(0, 8, leads)),
    }
    plain = {
        "company.numberofemployees": "employees", "company.industry": "industry", "lifecyclestage": "lifecycle",
        "department": "department", "decides_on": "decides_on", "tags": "tags", "trial": "trial", "budget": "budget",
    }  # fmt: skip
    drawn = {field: Column([_said(v) for v in study.values[n]], study.codes[n]) for field, n in plain.items()}
    return dict(sorted({**told, **drawn}.items()))


def _said(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case int():
            return iso(value)
        case list():
            return ";".join(value)
    return str(value)


def _titled(rng: np.random.Generator, study: Study, book: Book) -> Column:
    """Titles of every level, some hundred of each that has so many; unknown where the study knows no level."""
    every = [f"{place}{part}部{rank}" for place in PLACES for part in PARTS for rank in RANKS]
    read = book.mapping.inputs["seniority"].convert.function
    of_level: dict[Any, list[int]] = {}
    for n, title in enumerate(every):
        of_level.setdefault(read(title), []).append(n)
    places = np.full(study.leads, -1)
    for code, level in enumerate(study.values["seniority"]):
        these = np.flatnonzero(study.codes["seniority"] == code)
        places[these] = rng.choice(of_level[level], len(these))
    assert set(LEVELS) <= of_level.keys()
    return Column(every, places)


def _mailed(rng: np.random.Generator, study: Study, company: Any, companies: int, own: Any) -> Column:
    """The domain of each lead's address: the company's, or one of the class that the study drew."""
    domains = ["example.co.jp", *(f"sakura-{n}.co.jp" for n in range(companies))]
    places = company + 1
    for code, kind in enumerate(study.values["mail"]):
        these = np.flatnonzero(study.codes["mail"] == code)
        if kind in DOMAINS:
            places[these] = len(domains) + rng.integers(0, len(DOMAINS[kind]), len(these))
            domains += DOMAINS[kind]
    return Column(domains, np.where(own, 0, np.where(study.codes["mail"] < 0, -1, places)))


# ---- as the store keeps it -------------------------------------------------------------------------------------------


Kept = tuple[int, list[str], dict[Place, list[Any]]]
"""A chunk of leads: the first one's place, what stands in `fields` of each, and in each column of inputs."""


def kept(store: Database, study: Study, book: Book) -> Iterator[Kept]:
    """What the store would hold of everybody; it has room for all of it."""
    columns = columns_of(study, book)
    pieces = {field: _piece(book, field, column.texts) for field, column in columns.items()}
    make_room(store, [one for piece in pieces.values() for one in piece.read])
    with store.reading() as conn:
        room = places_of(conn)
    cells = {field: _cells(room, piece) for field, piece in pieces.items()}
    return _chunks(study, columns, pieces, cells)


def _chunks(
    study: Study, columns: Mapping[str, Column], pieces: Mapping[str, Piece], cells: Mapping[str, Cells]
) -> Iterator[Kept]:
    blank = {r.hubspot: "null" for r in RESULTS}
    for start in range(0, study.leads, CHUNK):
        part = slice(start, min(start + CHUNK, study.leads))
        places = {field: column.places[part].tolist() for field, column in columns.items()}
        told = {at: [each[n] for n in mine] for field, mine in places.items() for at, each in cells[field].items()}
        yield start, _fields(start, places, pieces, blank), told


def _piece(book: Book, field: str, texts: Sequence[str]) -> Piece:
    """Reads each text by the mapping, an address by its domain alone, for nothing else of it is ever asked."""
    whole = [f"a@{text}" for text in texts] if field == "email" else texts
    records = [Record(Ref(NOBODY, "contacts", ""), {field: text}, NOW) for text in whole]
    return Piece(field, [dumps(text) for text in texts], read_page(book.mapping, NOBODY, records, []).leads)


NOBODY = "x"
"""Whatever: a piece is nobody's."""


Cells = Mapping[Place, Sequence[Any]]
"""By column, the cell for each text of a field; the last is that of a blank one."""


def _cells(room: Places, piece: Piece) -> Cells:
    rows = [*(cells_of(room, one.inputs) for one in piece.read), (None,) * len(room)]
    columns = zip(room, zip(*rows, strict=True), strict=True)
    return {place: column for place, column in columns if any(cell is not None for cell in column)}


def _fields(
    start: int, places: Mapping[str, Sequence[int]], pieces: Mapping[str, Piece], blank: Mapping[str, str]
) -> list[str]:
    names = sorted([*places, *blank])
    many = len(next(iter(places.values())))
    told: dict[str, Sequence[str]] = {name: ["null"] * many for name in blank}
    for field, mine in places.items():
        said = [*pieces[field].said, "null"]
        told[field] = [said[place] for place in mine]
    told["email"] = [
        text if text == "null" else f'"person.{start + n}@{text[1:]}' for n, text in enumerate(told["email"])
    ]
    line = "{" + ",".join(f"{dumps(name)}:%s" for name in names) + "}"
    return [line % row for row in zip(*(told[name] for name in names), strict=True)]

"""The book that the stored company is scored by, and a CRM that has nothing to say and takes everything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

from connector.book import Book, Earlier, Texts, open_book
from connector.instants import Instant
from connector.model import Change, Receipt, Run
from connector.plan import Plan
from connector.ports import FieldChange, Page, Schema, Store, Traits
from connector.results import Result
from connector.store import SqlStore, book_text
from connector.sync import Orders, Rim, sync

NAME = "town"
"""The connection's name."""
ZONE = ZoneInfo("Asia/Tokyo")
STUDY = Path(__file__).parents[1] / "study"


def texts_of(card: str | None = None) -> Texts:
    """The study's scorecard, or another one's text, and its mapping."""
    card = (STUDY / "card.yaml").read_text("utf-8") if card is None else card
    return Texts("card.yaml", card, "mapping.yaml", (STUDY / "mapping.yaml").read_text("utf-8"))


def book_of(card: str | None = None) -> Book:
    return open_book(texts_of(card), ZONE, "ja")


class QuietCRM:
    """A CRM where nothing is new, and that takes whatever is written."""

    traits = Traits("hubspot", 100, ("contacts",), ())

    def describe(self) -> Schema:
        return Schema({})

    def pull(self, cursor: str | None) -> Iterator[Page]:
        return iter(())

    def push(self, changes: Sequence[Change]) -> Sequence[Receipt]:
        return [Receipt(change.ref, "written") for change in changes]

    def provision(self, wanted: Mapping[str, Sequence[tuple[str, Result]]], *, apply: bool) -> Iterator[FieldChange]:
        return iter(())

    def calls(self) -> Mapping[str, int]:
        return {}

    def close(self) -> None:
        pass


def score(
    store: Store, book: Book, at: Instant, *, full: bool = False, earlier: Earlier | None = None
) -> tuple[Run, Plan]:
    """One pass over the stored company as of `at`, written to the quiet CRM; the brake lets everything through."""
    return sync(
        NAME, QuietCRM(), store, book, earlier or (lambda _: None), Orders(full=full, max_share=1.0), Rim(lambda: at)
    )


def remembered(store: SqlStore) -> Earlier:
    """Earlier books as the store remembers them, each opened once."""
    known: dict[str, Book | None] = {}

    def find(digest: str) -> Book | None:
        if digest not in known:
            text = book_text(store, digest)
            known[digest] = open_book(Texts.from_json(text), ZONE, "ja") if text else None
        return known[digest]

    return find

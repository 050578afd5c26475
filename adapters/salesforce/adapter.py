"""Salesforce, as the pass sees it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from adapters.ahead import ahead
from connector.instants import Instant
from connector.model import Change, Receipt
from connector.ports import CRM, FieldChange, FieldSchema, Page, Schema, Traits, Wants
from connector.results import Result
from connector.words import Message

from .catalogue import Catalogue, Fields
from .config import ABREAST, SalesforceConfig
from .cursor import read_cursor
from .events import WAYS, doings_of, fields_of
from .notices import notices
from .people import COMPANY, OBJECTS
from .provision import provision
from .pull import Pull
from .push import push
from .session import Link, open_link


@dataclass(slots=True)
class SalesforceCRM:
    """One org. A batch of changes may be large: how it is best written is decided in `push.py`."""

    config: SalesforceConfig
    wants: Wants
    now: Callable[[], Instant] = field(repr=False)
    link: Link = field(repr=False)
    catalogue: Catalogue = field(repr=False)

    @property
    def traits(self) -> Traits:
        objects = tuple(o for o in OBJECTS if o in self.wants.people and self.catalogue.fields(o) is not None)
        sources = tuple(dict.fromkeys((*WAYS, *self.wants.events)))
        address = f"{self.config.instance_url.rstrip('/')}/{{id}}"
        return Traits("salesforce", self.config.batch_size, objects, sources, self._notices(), address, ABREAST)

    def _notices(self) -> tuple[Message, ...]:
        return tuple(notices(self.catalogue, self.wants))

    def describe(self) -> Schema:
        objects = {o: self._object(o) for o in OBJECTS if o in self.wants.people}
        given = {s: w for s, w in self.wants.events.items() if doings_of(self.catalogue, s, w)}
        events = {source: fields_of(self.catalogue, source, wanted) for source, wanted in given.items()}
        return Schema({o: fields for o, fields in objects.items() if fields}, events)

    def _object(self, object_: str) -> Mapping[str, FieldSchema]:
        fields: Fields = self.catalogue.fields(object_) or {}
        company = self.catalogue.parent(object_, "Account")[1] if object_ == "Contact" else {}
        return {
            **{name: f.schema for name, f in fields.items()},
            **{COMPANY + name: _named(f.schema, COMPANY + name) for name, f in company.items()},
        }

    def pull(self, cursor: str | None) -> Iterator[Page]:
        return ahead(Pull(self.link, self.catalogue, self.wants, self.now(), read_cursor(cursor)).pages())

    def push(self, changes: Sequence[Change]) -> Sequence[Receipt]:
        return push(self.link, self.catalogue, self.wants, changes)

    def provision(self, wanted: Mapping[str, Sequence[tuple[str, Result]]], *, apply: bool) -> Iterator[FieldChange]:
        return provision(self.link, self.catalogue, wanted, apply=apply)

    def calls(self) -> Mapping[str, int]:
        return dict(self.link.exchange.calls)

    def close(self) -> None:
        self.link.close()


def _named(schema: FieldSchema, name: str) -> FieldSchema:
    return replace(schema, name=name, writable=False)


def open_salesforce(
    config: SalesforceConfig,
    wants: Wants,
    *,
    now: Callable[[], Instant],
    sleep: Callable[[float], None] = time.sleep,
) -> CRM:
    """An adapter on one org; nothing is called yet. Raises UserError when the settings cannot work."""
    config.check()
    link = open_link(config, now, sleep)
    return SalesforceCRM(config, wants, now, link, Catalogue(link))

"""What this org does not show to our user, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from connector.ports import Wants
from connector.words import Message, say

from .catalogue import Catalogue
from .events import WAYS, doings_of
from .people import OBJECTS, path_of

OPT_OUT = ("HasOptedOutOfEmail", "DoNotCall")
"""Hidden from everybody in a fresh org, so their absence says nothing about consent."""


def notices(catalogue: Catalogue, wants: Wants) -> Iterator[Message]:
    """What is wanted and not to be had, each with what it means; nothing when all is there."""
    for object_ in (o for o in OBJECTS if o in wants.people):
        if catalogue.fields(object_) is None:
            yield say("{object} is not visible to our user: none of its records are scored", object=object_)
            continue
        yield from _hidden(catalogue, object_, wants.people[object_])
    for source, wanted in wants.events.items():
        if not doings_of(catalogue, source, wanted):
            yield _no_source(source)


def _hidden(catalogue: Catalogue, object_: str, names: Iterable[str]) -> Iterator[Message]:
    missing = [n for n in sorted(names) if catalogue.find(object_, path_of(object_, n)) is None]
    consent = [n for n in missing if n in OPT_OUT]
    if consent:
        yield say(
            "{object}: {fields} are hidden from our user, so who opted out is not known",
            object=object_,
            fields=", ".join(consent),
        )
    if other := [n for n in missing if n not in OPT_OUT]:
        yield say(
            "{object}: {fields} do not exist or are hidden from our user (field-level security)",
            object=object_,
            fields=", ".join(other),
        )


def _no_source(source: str) -> Message:
    if source == "EmailMessage":
        return say("EmailMessage is not available (Enhanced Email is off): opened mails are not seen")
    if source in WAYS:
        return say("{source} is not visible to our user: nothing of it is counted", source=source)
    return say("there is no object {source} with a lookup to people: nothing of it is counted", source=source)

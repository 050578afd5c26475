"""What a lead did, as a store keeps it: instants and codes in arrays, made Activities only when somebody looks.

Millions of activities share a few thousand wordings. Whoever scores many leads works on the arrays and looks at each
wording once; whoever wants to see one lead's activities gets them like any other sequence.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias, overload

import numpy as np
from numpy.typing import NDArray

from connector.instants import Instant
from connector.model import Activity

Ints: TypeAlias = NDArray[np.int64]


class Reading(NamedTuple):
    """What a mapping makes of a wording: all of an Activity but its instant and the end of its id. `begin` is how the
    id begins, and the number that stands for the event ends it; after `=` it is given whole."""

    kind: str
    subject: str | None
    attributes: Mapping[str, str]
    set_aside: str | None
    begin: str

    @property
    def source(self) -> str:
        """The event source that told of the activity: reading puts it before the event's id."""
        return self.begin.removeprefix("=").partition(":")[0]

    def activity(self, key: int, at: Instant) -> Activity:
        whole = self.begin[1:] if self.begin.startswith("=") else f"{self.begin}{key:019d}"
        return Activity(whole, self.kind, at, self.subject, self.attributes, self.set_aside)


@dataclass(frozen=True, slots=True, eq=False)
class Deeds(Sequence[Activity]):
    """One lead's activities: the instant of each, its reading (a number in `readings`), and the number that stands for
    the event."""

    at: Ints
    reading: Ints
    keys: Ints = field(repr=False)
    readings: Mapping[int, Reading] = field(repr=False)

    def __len__(self) -> int:
        return len(self.at)

    @overload
    def __getitem__(self, place: int) -> Activity: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Activity]: ...
    def __getitem__(self, place: int | slice) -> Activity | Sequence[Activity]:
        if isinstance(place, slice):
            return [self[n] for n in range(len(self))[place]]
        return self.readings[int(self.reading[place])].activity(int(self.keys[place]), int(self.at[place]))

    def __iter__(self) -> Iterator[Activity]:
        rows = zip(self.at.tolist(), self.reading.tolist(), self.keys.tolist(), strict=True)
        return (self.readings[reading].activity(key, at) for at, reading, key in rows)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]  # as a list has none

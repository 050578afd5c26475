"""Every request that can go to Salesforce keeps to Salesforce's rules."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import pytest

from adapters.sandbox.server import certificate
from tests.validity.salesforce_rules import KINDS, RULES, Asked
from tests.validity.salesforce_tour import asking_functions, noting_functions, tour


@dataclass(frozen=True)
class Travelled:
    asked: list[Asked]
    entered: set[str]


@pytest.fixture(scope="module")
def travelled(tmp_path_factory: pytest.TempPathFactory) -> Travelled:
    with noting_functions() as entered:
        asked = tour(certificate(tmp_path_factory.mktemp("tls")))
    return Travelled(asked, entered)


def test_the_tour_comes_to_every_place_that_asks(travelled: Travelled) -> None:
    places = asking_functions()
    assert len(places) > 15
    assert places - travelled.entered == set()


def test_every_kind_of_request_is_made_and_no_other(travelled: Travelled) -> None:
    assert {f"{a.method} {a.path}" for a in travelled.asked if a.kind is None} == set()
    assert Counter(a.kind for a in travelled.asked).keys() == KINDS.keys()


@pytest.mark.parametrize("name", RULES)
def test_every_request_keeps_to(travelled: Travelled, name: str) -> None:
    kinds, told = RULES[name]
    mine = [a for a in travelled.asked if a.kind in kinds]
    assert mine
    assert [(a.method, a.path, wrong) for a in mine for wrong in told(a)] == []

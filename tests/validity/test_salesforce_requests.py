"""Every request that can go to Salesforce keeps to Salesforce's rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import pytest

from adapters.sandbox.server import certificate
from tests.validity.salesforce_bad import BAD, Spoil
from tests.validity.salesforce_courses import (
    COURSES,
    pages_as_told,
    query_jobs_read,
    update_jobs_read,
    update_jobs_run,
)  # fmt: skip
from tests.validity.salesforce_making import MAKING
from tests.validity.salesforce_rules import KINDS, RULES, Asked, broken
from tests.validity.salesforce_tour import asking_functions, noting_functions, tour

Course = Callable[..., Iterator[str]]
KILLED = {"update_jobs_read": {"dead": 1}}
"""The tour kills one run in the middle of its job."""


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


def wrong_in(asked: Sequence[Asked], course: Course, **more: int) -> list[str]:
    """What is wrong in the course of requests to each org, for two orgs may give the same id."""
    orgs = dict.fromkeys(a.headers["host"] for a in asked)
    return [w for org in orgs for w in course([a for a in asked if a.headers["host"] == org], **more)]


@pytest.mark.parametrize("course", COURSES, ids=lambda course: course.__name__)
def test_requests_keep_in_their_course_to(travelled: Travelled, course: Course) -> None:
    assert wrong_in(travelled.asked, course, **KILLED.get(course.__name__, {})) == []


@pytest.mark.parametrize(("rule", "kind", "spoil"), BAD, ids=[f"{n}-{rule}" for n, (rule, _, _) in enumerate(BAD)])
def test_a_bad_request_is_refused_by_its_rule(travelled: Travelled, rule: str, kind: str, spoil: Spoil) -> None:
    good = [a for a in travelled.asked if a.kind == kind and a.status < 300][-1]
    assert rule in {wrong.partition(":")[0] for wrong in broken(spoil(good))}


def test_every_rule_is_shown_to_refuse_something() -> None:
    assert {told.__name__ for told in MAKING} <= RULES.keys() <= {rule for rule, _, _ in BAD}


@pytest.mark.parametrize(
    ("course", "missing"),
    [
        (pages_as_told, "query"),
        (update_jobs_run, "update job, upload"),
        (update_jobs_run, "update job, state"),
        (update_jobs_run, "update job, look"),
        (update_jobs_read, "update job, refused"),
        (update_jobs_read, "update job, never run"),
        (query_jobs_read, "query job, look"),
        (query_jobs_read, "query job, results"),
    ],
)
def test_a_course_that_lacks_a_step_is_refused(travelled: Travelled, course: Course, missing: str) -> None:
    assert wrong_in([a for a in travelled.asked if a.kind != missing], course)

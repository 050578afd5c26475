"""The conformance suite's clauses about reading."""
# ruff: noqa: S101 - a conformance suite asserts

from __future__ import annotations

from dataclasses import replace

from connector.instants import representable
from connector.model import Ref
from connector.ports import CRM, Wants
from connector.testing.farside import Ability, CRMWorld, Notebook

SETTLED = 900.0
"""Seconds after which every index and window of a CRM has caught up."""


def needs(world: CRMWorld, ability: Ability) -> None:
    """Report the clause as not applicable, with the reason, where this kind of CRM has no such thing."""
    if ability in world.lacks:
        import pytest  # shipped code must not need it until the suite runs

        pytest.skip(f"not applicable: {world.lacks[ability]}")


def ref(world: CRMWorld, who: str) -> Ref:
    return Ref(world.connection, world.object, who)


def crowd(world: CRMWorld) -> set[Ref]:
    """Several people, enough for three pages; the far side at rest."""
    made = {ref(world, world.add_person(**{world.field: f"v{n}"})) for n in range(world.several)}
    world.let_time_pass(SETTLED)
    return made


def read(world: CRMWorld, notebook: Notebook | None = None) -> Notebook:
    """Pull to the end with an adapter opened for it."""
    crm = world.open()
    try:
        return (notebook or Notebook()).read(crm)
    finally:
        crm.close()


class ReadingContract:
    """Nothing is lost, invented or misread between the CRM and us."""

    def test_the_first_pull_yields_every_record_once(self, crm_world: CRMWorld) -> None:
        made = crowd(crm_world)
        told = read(crm_world)
        assert set(told.people) == made
        assert {told.times[r] for r in made} == {1}
        assert told.pages >= 3, "`several` people should make at least three pages"

    def test_an_empty_account_yields_no_record_and_no_error(self, crm_world: CRMWorld) -> None:
        assert read(crm_world).people == {}

    def test_a_change_is_seen_by_the_next_pull(self, crm_world: CRMWorld) -> None:
        changed, unchanged = crm_world.add_person(**{crm_world.field: "before"}), crm_world.add_person()
        crm_world.let_time_pass(SETTLED)
        told = read(crm_world)
        crm_world.change(changed, **{crm_world.field: "after"})
        crm_world.let_time_pass(SETTLED)
        told = read(crm_world, told)
        assert told.people[ref(crm_world, changed)].fields[crm_world.field] == "after"
        assert ref(crm_world, unchanged) in told.people

    def test_somebody_new_is_seen_by_the_next_pull(self, crm_world: CRMWorld) -> None:
        crm_world.add_person()
        crm_world.let_time_pass(SETTLED)
        told = read(crm_world)
        new = crm_world.add_person(**{crm_world.field: "new"})
        crm_world.let_time_pass(SETTLED)
        assert ref(crm_world, new) in read(crm_world, told).people

    def test_stopping_after_any_page_and_resuming_loses_nothing(self, crm_world: CRMWorld) -> None:
        made = crowd(crm_world)
        for stop in range(1, read(crm_world).pages + 1):
            told = _interrupted(crm_world, stop)
            assert set(read(crm_world, told).people) == made, f"stopped after page {stop}"

    def test_a_change_made_while_a_pull_is_between_pages_is_not_lost(self, crm_world: CRMWorld) -> None:
        made = sorted(crowd(crm_world))
        told = _interrupted(crm_world, 1)
        for one in (made[0], made[-1]):
            crm_world.change(one.id, **{crm_world.field: "meanwhile"})
        crm_world.let_time_pass(SETTLED)
        told = read(crm_world, read(crm_world, told))
        assert {told.people[r].fields[crm_world.field] for r in (made[0], made[-1])} == {"meanwhile"}

    def test_equal_modified_stamps_across_a_page_boundary_lose_nothing(self, crm_world: CRMWorld) -> None:
        needs(crm_world, "same_instant")
        made = crowd(crm_world)
        told = read(crm_world)
        crm_world.same_instant([r.id for r in made])
        crm_world.let_time_pass(SETTLED)
        again = Notebook(cursor=told.cursor)
        for _ in range(10 * told.pages):
            before = again.cursor
            crm = crm_world.open()
            again.read(crm, pages=1)
            crm.close()
            if again.cursor == before:
                break
        assert set(again.people) == made

    def test_stamps_are_instants_of_our_kind(self, crm_world: CRMWorld) -> None:
        made = ref(crm_world, crm_world.add_person())
        crm_world.let_time_pass(SETTLED)
        record = read(crm_world).people[made]
        for at in (record.modified_at, record.created_at):
            assert at is None or (isinstance(at, int) and representable(at))

    def test_describe_lists_what_pull_returns(self, crm_world: CRMWorld) -> None:
        crm_world.add_person(**{crm_world.field: "x"})
        crm_world.let_time_pass(SETTLED)
        crm = crm_world.open()
        schema, told = crm.describe(), Notebook().read(crm)
        for record in told.people.values():
            assert set(record.fields) <= set(schema.objects[record.ref.object])
        assert {e.source for e in told.events.values()} <= set(schema.events)
        assert set(crm.traits.objects) >= {crm_world.object}
        assert crm.traits.batch_size > 0
        crm.close()

    def test_blank_is_told_apart_from_a_field_that_is_not_there(self, crm_world: CRMWorld) -> None:
        blank = ref(crm_world, crm_world.add_person(**{crm_world.field: None}))
        crm_world.let_time_pass(SETTLED)
        crm = crm_world.open(_with_field(crm_world.wants, crm_world.object, "no_such_field_here"))
        fields = Notebook().read(crm).people[blank].fields
        crm.close()
        assert fields[crm_world.field] is None
        assert "no_such_field_here" not in fields

    def test_the_gone_are_reported_and_not_raised(self, crm_world: CRMWorld) -> None:
        needs(crm_world, "delete")
        stays, leaves = crm_world.add_person(), crm_world.add_person()
        crm_world.let_time_pass(SETTLED)
        told = read(crm_world)
        crm_world.delete(leaves)
        crm_world.let_time_pass(86_400 * 2)
        told = read(crm_world, told)
        assert ref(crm_world, leaves) in told.gone
        assert set(told.people) == {ref(crm_world, stays)}

    def test_the_winner_of_a_merge_is_named(self, crm_world: CRMWorld) -> None:
        needs(crm_world, "merge")
        loser, winner = crm_world.add_person(), crm_world.add_person()
        crm_world.let_time_pass(SETTLED)
        told = read(crm_world)
        carries_on = crm_world.merge(loser, winner)
        crm_world.let_time_pass(86_400 * 2)
        told = read(crm_world, told)
        assert set(told.people) == {ref(crm_world, carries_on)}
        record = told.gone[ref(crm_world, loser)]
        assert record is None or (record.gone, record.successor) == ("merged", ref(crm_world, carries_on))


def _interrupted(world: CRMWorld, pages: int) -> Notebook:
    crm: CRM = world.open()
    told = Notebook().read(crm, pages=pages)
    crm.close()
    return told


def _with_field(wants: Wants, object: str, name: str) -> Wants:  # noqa: A002 - the CRM's word
    return replace(wants, people={**wants.people, object: wants.people[object] | {name}})

"""The conformance suite's clauses about writing."""
# ruff: noqa: S101 - a conformance suite asserts

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from connector.model import Change, Raw
from connector.testing.farside import CRMWorld
from connector.testing.reading import SETTLED, needs, read, ref

Told = str | int | bool | None


def change_of(world: CRMWorld, who: str, **after: Told) -> Change:
    """A Change by result names (`score=60`), as the plan makes it: by the CRM's field names."""
    names = world.wants.results[world.object]
    return Change(ref(world, who), {}, {names[name]: value for name, value in after.items()})


def agrees(raw: Raw, value: Told) -> bool:
    """Whether the CRM's text says our value, in whichever way it writes numbers, truth and blanks."""
    if value is None or raw is None or raw == "":
        return value is None and raw in {None, ""}
    if isinstance(value, bool):
        return raw.lower() in ({"true", "1"} if value else {"false", "0"})
    try:
        return Decimal(raw) == value if isinstance(value, int) else raw == value
    except InvalidOperation:
        return False


def shows(world: CRMWorld, who: str, **after: Told) -> bool:
    shown = world.shown(who)
    return all(agrees(shown.get(name), value) for name, value in change_of(world, who, **after).after.items())


def others(world: CRMWorld, who: str, but: Mapping[str, object]) -> Mapping[str, Raw]:
    return {name: value for name, value in world.shown(who).items() if name not in but}


class WritingContract:
    """Exactly what a change names is written, and each change is answered."""

    def test_there_is_one_receipt_per_change_in_order(self, crm_world: CRMWorld) -> None:
        ids = [crm_world.add_person() for _ in range(7)]
        crm_world.let_time_pass(SETTLED)
        crm = crm_world.open()
        changes = [change_of(crm_world, id_, score=n, band="cold", hot=False) for n, id_ in enumerate(ids)]
        receipts = crm.push(list(reversed(changes)))
        crm.close()
        assert [(r.ref.id, r.status) for r in receipts] == [(id_, "written") for id_ in reversed(ids)]
        assert all(shows(crm_world, id_, score=n, band="cold", hot=False) for n, id_ in enumerate(ids))

    def test_nothing_to_write_is_no_trouble(self, crm_world: CRMWorld) -> None:
        crm = crm_world.open()
        assert list(crm.push([])) == []
        crm.close()

    def test_one_refused_change_does_not_sink_its_batch(self, crm_world: CRMWorld) -> None:
        needs(crm_world, "poison")
        ids = [crm_world.add_person() for _ in range(5)]
        crm_world.let_time_pass(SETTLED)
        crm_world.weather.poison(ids[2])
        crm = crm_world.open()
        receipts = crm.push([change_of(crm_world, id_, score=60) for id_ in ids])
        crm.close()
        assert [r.status for r in receipts] == ["written", "written", "refused", "written", "written"]
        assert receipts[2].code and receipts[2].why, "a refusal says its code and why"
        assert all(shows(crm_world, id_, score=60) for id_ in ids if id_ != ids[2])

    def test_pushing_twice_is_harmless(self, crm_world: CRMWorld) -> None:
        one = crm_world.add_person(**{crm_world.field: "x"})
        crm_world.let_time_pass(SETTLED)
        crm = crm_world.open()
        change = change_of(crm_world, one, score=60, band="hot", hot=True, top_reason="料金ページ (+15)")
        first = [r.status for r in crm.push([change])]
        after = dict(crm_world.shown(one))
        assert first == [r.status for r in crm.push([change])] == ["written"]
        assert dict(crm_world.shown(one)) == after
        crm.close()

    def test_push_touches_only_the_named_fields(self, crm_world: CRMWorld) -> None:
        one, beside = crm_world.add_person(**{crm_world.field: "theirs"}), crm_world.add_person()
        crm_world.let_time_pass(SETTLED)
        crm = crm_world.open()
        crm.push([change_of(crm_world, one, score=10, band="cold")])
        change = change_of(crm_world, one, score=20)
        before, neighbour = others(crm_world, one, change.after), dict(crm_world.shown(beside))
        crm.push([change])
        crm.close()
        assert others(crm_world, one, change.after) == before
        assert dict(crm_world.shown(beside)) == neighbour

    def test_a_field_can_be_blanked(self, crm_world: CRMWorld) -> None:
        one = crm_world.add_person()
        crm_world.let_time_pass(SETTLED)
        crm = crm_world.open()
        crm.push([change_of(crm_world, one, top_reason="x")])
        assert [r.status for r in crm.push([change_of(crm_world, one, top_reason=None)])] == ["written"]
        crm.close()
        assert shows(crm_world, one, top_reason=None)

    def test_what_was_pushed_is_pulled_with_the_person(self, crm_world: CRMWorld) -> None:
        one = crm_world.add_person()
        crm_world.let_time_pass(SETTLED)
        told = read(crm_world)
        crm = crm_world.open()
        change = change_of(crm_world, one, score=60, band="hot", hot=True)
        crm.push([change])
        crm.close()
        crm_world.let_time_pass(SETTLED)
        fields = read(crm_world, told).people[ref(crm_world, one)].fields
        assert all(agrees(fields[name], value) for name, value in change.after.items())

    def test_writing_to_somebody_deleted_is_told_and_creates_nobody(self, crm_world: CRMWorld) -> None:
        needs(crm_world, "delete")
        stays, leaves = crm_world.add_person(), crm_world.add_person()
        crm_world.let_time_pass(SETTLED)
        crm_world.delete(leaves)
        crm = crm_world.open()
        receipts = crm.push([change_of(crm_world, leaves, score=1), change_of(crm_world, stays, score=2)])
        crm.close()
        assert [r.status for r in receipts] == ["gone", "written"]
        crm_world.let_time_pass(SETTLED)
        assert set(read(crm_world).people) == {ref(crm_world, stays)}

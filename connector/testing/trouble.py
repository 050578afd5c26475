"""The conformance suite's clauses about trouble: refusals, limits, two accounts side by side, what is never shown."""
# ruff: noqa: S101 - a conformance suite asserts

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from connector.errors import AccessDenied, LeadheatError, Unavailable
from connector.testing.farside import ABILITIES, CRMWorld, Notebook
from connector.testing.reading import SETTLED, crowd, needs, read, ref
from connector.testing.writing import change_of

if TYPE_CHECKING:
    import pytest


def refused(world: CRMWorld) -> LeadheatError | None:
    """The error that a full pull ends with, if any."""
    crm = world.open()
    try:
        Notebook().read(crm)
    except LeadheatError as error:
        return error
    finally:
        crm.close()
    return None


class TroubleContract:
    """Trouble is waited out, or named so that a person can mend it; nothing private shows on the way."""

    def test_being_told_to_wait_is_obeyed(self, crm_world: CRMWorld) -> None:
        needs(crm_world, "throttle")
        one = crm_world.add_person()
        crm_world.let_time_pass(SETTLED)
        before = crm_world.weather.waited()
        crm_world.weather.throttle(2, retry_after=3)
        assert ref(crm_world, one) in read(crm_world).people
        assert crm_world.weather.waited() - before >= 6

    def test_waiting_has_an_end(self, crm_world: CRMWorld) -> None:
        needs(crm_world, "throttle")
        crm_world.add_person()
        crm_world.let_time_pass(SETTLED)
        before = crm_world.weather.waited()
        crm_world.weather.throttle(100_000, retry_after=30)
        assert isinstance(refused(crm_world), Unavailable)
        assert crm_world.weather.waited() - before < 3_600, "a pass does not wait for hours"

    def test_an_expired_token_is_renewed_without_a_word(self, crm_world: CRMWorld) -> None:
        needs(crm_world, "refresh")
        made = crowd(crm_world)
        crm = crm_world.open()
        told = Notebook().read(crm, pages=1)
        crm_world.weather.expire_token()
        assert set(told.read(crm).people) == made
        crm.close()

    def test_a_revoked_token_denies_access_and_names_connection_and_setting(self, crm_world: CRMWorld) -> None:
        needs(crm_world, "revoke")
        crm_world.add_person()
        crm_world.let_time_pass(SETTLED)
        crm_world.weather.revoke_token()
        error = refused(crm_world)
        assert isinstance(error, AccessDenied)
        assert crm_world.connection in str(error)
        assert crm_world.setting.lower() in str(error).lower()

    def test_a_converted_lead_names_who_carries_on(self, crm_world: CRMWorld) -> None:
        needs(crm_world, "convert")
        lead = crm_world.add_person()
        crm_world.let_time_pass(SETTLED)
        told = read(crm_world)
        contact = crm_world.convert(lead)
        crm_world.let_time_pass(SETTLED)
        told = read(crm_world, told)
        record = told.gone[ref(crm_world, lead)]
        assert record is not None
        assert (record.gone, record.successor) == ("converted", contact)
        assert contact in told.people

    def test_two_accounts_of_one_kind_live_side_by_side(self, crm_world: CRMWorld) -> None:
        other = crm_world.another()
        here, there = crm_world.add_person(**{crm_world.field: "here"}), other.add_person(**{other.field: "there"})
        crm_world.let_time_pass(SETTLED)
        other.let_time_pass(SETTLED)
        first, second = crm_world.open(), other.open()
        told = [Notebook().read(crm) for crm in (first, second)]
        assert [r.status for r in first.push([change_of(crm_world, here, score=1)])] == ["written"]
        assert [r.status for r in second.push([change_of(other, there, score=2)])] == ["written"]
        first.close()
        second.close()
        assert [set(t.people) for t in told] == [{ref(crm_world, here)}, {ref(other, there)}]
        assert crm_world.connection != other.connection

    def test_calls_are_counted_by_kind(self, crm_world: CRMWorld) -> None:
        crm_world.add_person()
        crm = crm_world.open()
        Notebook().read(crm)
        calls = crm.calls()
        crm.close()
        assert calls
        assert all(n > 0 for n in calls.values())

    def test_no_secret_and_no_personal_value_is_ever_shown(
        self, crm_world: CRMWorld, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        said = "\n".join(_everything_said(crm_world)) + caplog.text
        for planted in (*crm_world.secrets, *crm_world.personal):
            assert planted not in said

    def test_what_does_not_apply_is_named_with_a_reason(self, crm_world: CRMWorld) -> None:
        assert set(crm_world.lacks) <= set(ABILITIES)
        assert all(len(reason) > 10 for reason in crm_world.lacks.values())


def _everything_said(world: CRMWorld) -> list[str]:
    """What an adapter, its values and its errors say of themselves in fair weather and foul."""
    one = world.add_person(**{world.field: world.personal[0]})
    world.let_time_pass(SETTLED)
    crm = world.open()
    pages = list(crm.pull(None))
    change = change_of(world, one, score=60, top_reason=world.personal[0])
    if "poison" not in world.lacks:
        world.weather.poison(one)
    said = [repr(x) for x in (crm, world.config, crm.describe(), *pages, change, *crm.push([change]))]
    said += [r.why.in_(lang) for r in crm.push([change]) if r.why for lang in ("ja", "en")]
    crm.close()
    if "throttle" not in world.lacks:
        world.weather.throttle(100_000, retry_after=30)
        said.append(_told(refused(world)))
        world.weather.throttle(0, retry_after=0)
    if "revoke" not in world.lacks:
        world.weather.revoke_token()
        said.append(_told(refused(world)))
    return said


def _told(error: LeadheatError | None) -> str:
    return f"{error!r} {error} {error.in_('ja')}" if error else ""

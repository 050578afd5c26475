"""A lead that becomes hot because a rule or a reading changed is no news: it is hot, and is not handed off."""

from __future__ import annotations

from sqlalchemy import select

from connector.instants import HOUR, iso
from connector.model import Ref
from connector.store.reread import told_of
from connector.store.tables import lead
from connector.views import dossier
from tests.unit import test_sync
from tests.unit.test_sync import CARD, MAPPING, START, World, people

FORMS = "  - {from: forms, kind: demo_request, at: at}"
OTHERS = """  - {from: forms, where: {form: demo}, kind: demo_request, at: at}
  - {from: forms, kind: download, at: at}"""

world = test_sync.world


def handoffs(world: World, who: str) -> tuple[bool, int]:
    before = dossier(world.store, Ref("m", "contacts", who), None).lead.before
    assert before is not None
    return before.by_change, before.handoff_number


def test_hot_by_another_reading_of_an_old_event_is_not_handed_off(world: World) -> None:
    [one] = people(world, 1, jobtitle="担当")
    world.tell("forms", one, "f1", at=iso(START - HOUR), form="contact")
    world.mapping = MAPPING.replace(FORMS, OTHERS)
    world.sync()
    world.at += HOUR
    world.mapping = MAPPING
    assert world.sync()[0].counts.newly_hot == 1
    assert handoffs(world, one) == (True, 0)


def test_hot_by_a_new_event_in_the_pass_that_changes_a_rule_is_handed_off(world: World) -> None:
    [one] = people(world, 1, jobtitle="担当")
    world.sync()
    world.at += HOUR
    world.tell("forms", one, "f1", at=iso(world.at - HOUR // 2))
    world.mapping = MAPPING.replace("quiet: {lost: 30d}", "quiet: {lost: 31d}")
    world.card = CARD.replace("points: 10, hot: now", "points: 11, hot: now")
    assert world.sync()[0].counts.newly_hot == 1
    assert handoffs(world, one) == (False, 1)


def test_what_is_told_of_a_lead_and_of_whom_it_carries_on_for_is_read_once_by_the_former_mapping(world: World) -> None:
    stays, goes = people(world, 2, jobtitle="担当")
    for who in (stays, goes):
        world.tell("forms", who, "f1", at=iso(START - HOUR), form="contact")
    world.sync()
    world.at += HOUR
    world.account.end(("contacts", goes), "merged", ("contacts", stays))
    world.sync()
    assert told_again(world, stays) == [START - HOUR]


def told_again(world: World, who: str) -> list[int]:
    with world.store.reading() as conn:
        row = conn.execute(select(lead.c.id).where(lead.c.ext_id == who)).one()
    return [at for _, at in told_of(world.store, "m", row.id).events]

"""The rules change under a pass that was cut off, and what we made in the CRM is thrown away."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from connector.errors import CRMError
from tests.faults.hands.account import Account, Twist, call, change, go, ours, person, score, several, well


def another_card(account: Account) -> None:
    account.card = account.card.replace("points: 30", "points: 25").replace("enter: 50", "enter: 45")


def another_mapping(account: Account) -> None:
    """Seniority is not known any more; the tier is read as it stands."""
    old = f"seniority: {{field: {account.words.title}, as: seniority}}"
    assert old in account.mapping
    account.mapping = account.mapping.replace(old, f"seniority: {{field: {account.words.title}}}")
    account.card = account.card.replace("seniority: {at_least: department_head}", "seniority: {one_of: [部長]}")


def new_field(account: Account) -> None:
    """A field that was never read before."""
    account.mapping = account.mapping.replace("inputs:\n", f"inputs:\n  surname: {{field: {account.words.name}}}\n")
    rule = "  - {id: yamada, axis: fit, label: {ja: 山田, en: Y}, when: {surname: {one_of: [山田3]}}, points: 7}\n"
    account.card = account.card.rstrip() + "\n" + rule


def new_source(account: Account) -> None:
    """An event source that was never read before."""
    source = "{from: meetings, kind: visit, at: hs_timestamp}"
    if account.words.crm == "salesforce":
        source = "{from: Event, kind: visit, at: ActivityDateTime}"
    account.mapping = account.mapping.replace("outcomes:\n", f"  - {source}\noutcomes:\n")
    rule = "  - {id: met, axis: fit, label: {ja: 訪問, en: Met}, did: visit, within: 30d, points: 9}\n"
    account.card = account.card.rstrip() + "\n" + rule


BOOKS = {"card": another_card, "mapping": another_mapping, "field": new_field, "source": new_source}


@pytest.fixture(params=BOOKS.values(), ids=BOOKS.keys())
def turn(request: pytest.FixtureRequest) -> Callable[[Account], None]:
    told: Callable[[Account], None] = request.param
    return told


def broken(account: Account, request: tuple[str, str], skip: int) -> None:
    """The line breaks at such a request and stays broken."""

    def hang_up() -> None:
        raise ConnectionResetError

    account.line.twists.append(Twist(*request, hang_up, times=10_000, skip=skip))


def meeting(account: Account, who: str) -> None:
    source = "meetings" if account.words.crm == "hubspot" else "Event"
    account.desk.add_event(source, who)


@pytest.mark.parametrize("where", ["reading", "writing"])
def test_rules_changed_between_a_cut_off_pass_and_the_next(
    account: Account, turn: Callable[[Account], None], where: str
) -> None:
    ids = [person(account, n, tier="gold") for n in range(9)]
    meeting(account, ids[1])
    call(account, ids[2])
    if where == "reading":
        path = r"contacts\?.*after=" if account.words.crm == "hubspot" else r"query"
        broken(account, ("GET", path), skip=0 if account.words.crm == "hubspot" else 2)
    else:
        account.settings["batch_size"] = 3
        if account.words.crm == "hubspot":
            del account.settings["batch_size"]
        broken(account, account.words.written, skip=0 if account.words.crm == "hubspot" else 1)
    cut = go(account)
    assert isinstance(cut.error, CRMError) or cut.run.counts.rejected
    account.line.twists.clear()
    turn(account)
    change(account, ids[0], title="部長")
    well(account)
    assert well(account).run.counts.written == 0


def test_rules_changed_and_changed_back_leave_what_was(account: Account, turn: Callable[[Account], None]) -> None:
    ids = several(account, tier="gold")
    meeting(account, ids[1])
    before = [ours(account, one) for one in ids]
    mapping, card = account.mapping, account.card
    turn(account)
    well(account)
    account.mapping, account.card = mapping, card
    well(account)
    same = ("score", "band", "hot", "reasons", "handoff_no")
    assert [{n: ours(account, one)[n] for n in same} for one in ids] == [{n: b[n] for n in same} for b in before]


def test_a_deleted_list_of_ours_is_made_again_and_stops_no_pass(hubspot: Account) -> None:
    """The list is a view for people; nothing that we do is read from it."""
    several(hubspot)
    crm = hubspot.open()
    wanted = {"contacts": [(hubspot.words.field(r.name), r) for r in _results()]}
    try:
        made = [c for c in crm.provision(wanted, apply=True) if c.action == "create"]
        state = hubspot.sandbox.state
        lists = list(state.all("lists"))
        for one in lists:
            state.drop("lists", one)
        well(hubspot)
        again = [c for c in crm.provision(wanted, apply=True) if c.action == "create"]
    finally:
        crm.close()
    assert [c.field for c in again] == [c.field for c in made]
    assert len(made) == len(lists) == 1
    well(hubspot)


def _results() -> list[object]:
    from connector.results import RESULTS

    return list(RESULTS)


def test_a_field_of_ours_deleted_is_made_again_and_filled(account: Account) -> None:
    ids = several(account)
    name = account.words.field("score")
    for object_ in account.words.people:
        for one in list(account.sandbox.state.all(object_)):
            account.desk.change(object_, one, **{name: None})
        account.desk.drop_field(object_, name)
    wanted = {o: [(account.words.field(r.name), r) for r in _results()] for o in account.words.people}
    crm = account.open()
    try:
        made = {(c.object, c.field) for c in crm.provision(wanted, apply=True) if c.action == "create"}
    finally:
        crm.close()
    assert {(o, name) for o in account.words.people} <= made
    well(account)
    assert score(account, ids[1]) == 60

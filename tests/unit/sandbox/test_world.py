"""The sandbox's world: the same from the same seed, and near enough to a Japanese vendor's CRM to try things on."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from adapters.sandbox import phrases
from adapters.sandbox.world import Done, Person, World, done_by_person, make_world, world_from_csv
from connector.errors import UserError
from connector.instants import DAY, HOUR, parse_instant

UNTIL = parse_instant("2026-11-24T00:00:00Z")
PRESENT = ("lead", "contact", "twin")


@pytest.fixture(scope="module")
def world() -> World:
    return make_world(1_000, 7, UNTIL)


def some(world: World, kind: str) -> list[Done]:
    return [d for d in world.done if d.kind == kind]


def test_the_same_seed_gives_the_same_world_and_another_one_another(world: World) -> None:
    assert make_world(1_000, 7, UNTIL) == world
    assert make_world(1_000, 8, UNTIL).people != world.people


def test_there_are_as_many_prospects_as_asked_for_and_some_staff(world: World) -> None:
    staff = [p for p in world.people if p.staff]
    assert len(world.people) - len(staff) == 1_000
    assert 4 <= len(staff) <= 20
    assert all(p.email.endswith("@" + phrases.STAFF_DOMAIN) for p in staff)


@pytest.mark.parametrize("leads", [1, 2, 10])
def test_a_small_world_is_a_world(leads: int) -> None:
    small = make_world(leads, 1, UNTIL)
    assert sum(not p.staff for p in small.people) == leads


def test_keys_are_unique_and_every_named_key_exists(world: World) -> None:
    for things in (
        world.companies,
        world.people,
        world.done,
        world.deals,
        world.campaigns,
        world.mails,
        world.seminars,
    ):
        assert len({t.key for t in things}) == len(things)
    people, companies = {p.key for p in world.people}, {c.key for c in world.companies}
    assert {d.person_key for d in world.done} <= people
    assert {k for d in world.deals for k in d.person_keys} <= people
    assert {p.company_key for p in world.people} <= companies | {None}
    assert {p.merged_into for p in world.people} <= people | {None}


def test_shapes_and_fates_are_all_there(world: World) -> None:
    shapes = Counter(p.shape for p in world.people)
    assert all(shapes[s] >= 20 for s in PRESENT)
    assert sum(p.merged_into is not None for p in world.people) >= 5
    assert sum(p.deleted_at is not None for p in world.people) >= 3
    assert sum(p.converted_at is not None for p in world.people) >= 20
    assert all(p.shape == "lead" for p in world.people if p.converted_at)


def test_the_winner_of_a_merge_is_still_there_and_kept_as_the_same_object(world: World) -> None:
    people = {p.key: p for p in world.people}
    for loser in (p for p in world.people if p.merged_into):
        winner = people[loser.merged_into or 0]
        assert not winner.gone
        assert winner.shape in {loser.shape, "twin"}


def test_nothing_happens_before_a_person_exists_or_after_they_are_gone(world: World) -> None:
    people = {p.key: p for p in world.people}
    for done in (d for d in world.done if d.kind != "meeting"):
        person = people[done.person_key]
        assert person.created_at <= done.at <= min(UNTIL, person.deleted_at or UNTIL, person.merged_at or UNTIL)


def test_some_meetings_are_yet_to_come_and_say_so(world: World) -> None:
    ahead = [d for d in some(world, "meeting") if d.at > UNTIL]
    assert ahead
    assert {d.status for d in ahead} == {"SCHEDULED"}


def test_every_kind_of_doing_and_every_stage_of_deal_occurs(world: World) -> None:
    assert len(Counter(d.kind for d in world.done)) == 11
    assert {d.stage for d in world.deals} == {"open", "won", "lost"}
    assert {d.status for d in some(world, "seminar")} == {"registered", "attended", "no_show"}
    assert all((d.closed_at is None) == (d.stage == "open") for d in world.deals)
    assert all((d.reason is not None) == (d.stage == "lost") for d in world.deals)


def test_a_few_people_do_most_of_it(world: World) -> None:
    counts = sorted((len(v) for v in done_by_person(world).values()), reverse=True)
    assert sum(counts[: len(counts) // 5]) > 0.4 * sum(counts)


def test_a_mail_gateway_clicks_three_links_within_ten_seconds_of_delivery(world: World) -> None:
    delivered = {(d.person_key, d.about): d.at for d in some(world, "email_delivered")}
    quick = Counter(
        (d.person_key, d.about)
        for d in some(world, "email_click")
        if d.at - delivered[d.person_key, d.about] < 10_000_000
    )
    assert sum(n >= 3 for n in quick.values()) >= 20


def test_names_and_titles_are_those_of_japan(world: World) -> None:
    names = " ".join(c.name for c in world.companies)
    assert all(form in names for form in ("株式会社", "(株)", "㈱", "有限会社"))
    titles = {p.title for p in world.people}
    assert {"部長代理", "執行役員", "VP of Sales", ""} <= titles


def test_pages_stand_on_the_reserved_host_and_some_carry_campaign_words(world: World) -> None:
    views = some(world, "page_view")
    assert all((d.url or "").startswith(f"https://{phrases.HOST}/") for d in views)
    assert any("utm_source" in (d.url or "") for d in views)
    assert any((d.path or "").endswith("/pricing/") for d in views)
    assert any("%E" in (d.path or "") for d in views)
    assert not any("?" in (d.path or "") for d in views)


def test_addresses_at_real_mail_houses_are_nobodys(world: World) -> None:
    outside = [p for p in world.people if p.mail_kind not in {"corporate", "none"}]
    assert {p.mail_kind for p in outside} == {"free", "carrier", "isp", "disposable"}
    assert all(p.email.startswith(f"sandbox_{p.key:06d}_") for p in outside)


def test_no_persons_words_show_in_a_repr(world: World) -> None:
    person = next(p for p in world.people if p.phone and p.email)
    assert not any(word in repr(person) for word in (person.family, person.email, person.phone))


def points(person: Person, done: tuple[Done, ...], employees: int) -> int:
    """The founding scorecard, in short: enough to know how many are hot."""

    def did(days: int, kind: str, start: str = "") -> bool:
        return any(d.kind == kind and 0 <= UNTIL - d.at < days * DAY and (d.path or "").startswith(start) for d in done)

    acts = [d.at for d in done if d.at <= UNTIL and d.kind not in {"email_open", "email_delivered"}]
    days = {(d.at + 9 * HOUR) // DAY for d in done if d.kind == "page_view" and UNTIL - d.at < 30 * DAY}
    lines = (
        (15, person.title in phrases.EXECUTIVE + phrases.HEAD),
        (10, employees >= 100),
        (-20, person.mail_kind in {"free", "carrier"}),
        (15, did(90, "page_view", "/pricing")),
        (10, did(90, "download", "/cases")),
        (3, did(90, "page_view", "/blog")),
        (5, len(days) > 1),
        (-20, UNTIL - max([person.created_at, *acts]) >= 90 * DAY),
        (50, did(30, "demo_request")),
        (-50, did(180, "page_view", "/careers")),
    )
    return sum(n for n, holds in lines if holds)


@pytest.mark.parametrize("seed", [1, 7, 42])
def test_about_one_in_fifteen_is_hot_under_the_founding_scorecard(seed: int) -> None:
    world = make_world(1_000, seed, UNTIL)
    employees = {c.key: c.employees or 0 for c in world.companies}
    done = done_by_person(world)
    here = [p for p in world.people if not p.gone and not p.staff]
    hot = sum(points(p, done.get(p.key, ()), employees.get(p.company_key or 0, 0)) >= 50 for p in here)
    assert 0.04 <= hot / len(here) <= 0.11


def share_won(world: World, of: set[int]) -> float:
    won = {k for d in world.deals if d.stage == "won" for k in d.person_keys}
    return len(won & of) / len(of)


def test_the_scorecards_signs_come_true_in_the_deals() -> None:
    world = make_world(4_000, 3, UNTIL)
    everybody = {p.key for p in world.people if not p.staff}
    demo = {d.person_key for d in some(world, "demo_request")}
    pricing = {d.person_key for d in some(world, "page_view") if (d.path or "").startswith("/pricing")}
    jobs = {d.person_key for d in some(world, "page_view") if (d.path or "").startswith(("/careers", "/recruit"))}
    free = {p.key for p in world.people if p.mail_kind == "free"}
    overall = share_won(world, everybody)
    assert share_won(world, demo & everybody) > 1.5 * overall
    assert share_won(world, pricing & everybody) > overall
    assert share_won(world, jobs & everybody) < overall
    assert share_won(world, free & everybody) < overall


def test_a_csv_gives_a_lead_per_row_and_keeps_its_columns(tmp_path: Path) -> None:
    seed = tmp_path / "leads.csv"
    seed.write_text(
        "Lead Number,Created Date,Email,TotalVisits\n660737,2026-01-02,a@example.com,5\n660738,,,\n\n", "utf-8-sig"
    )
    world = world_from_csv(seed, UNTIL)
    first, second = world.people
    assert (first.key, first.email, first.extra["TotalVisits"]) == (660737, "a@example.com", "5")
    assert first.created_at == parse_instant("2026-01-02T00:00:00Z")
    assert (second.key, second.email, second.created_at) == (660738, "", UNTIL)
    assert world.done == ()


def test_rows_without_a_numeric_id_are_counted(tmp_path: Path) -> None:
    seed = tmp_path / "leads.csv"
    seed.write_bytes("Prospect ID,役職\r\na-1,部長\r\nb-2,課長\r\n".encode("cp932"))
    people = world_from_csv(seed, UNTIL).people
    assert [(p.key, p.title, p.extra["Prospect ID"]) for p in people] == [(1, "部長", "a-1"), (2, "課長", "b-2")]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "LH-902"),
        ("id,email\n", "LH-902"),
        ("id,id\n1,2\n", "LH-903"),
        ("id\n1\n2\n1\n", "LH-904"),
        (None, "LH-901"),
    ],
)
def test_a_csv_that_is_no_seed_is_refused(tmp_path: Path, text: str | None, code: str) -> None:
    seed = tmp_path / "leads.csv"
    if text is not None:
        seed.write_text(text)
    with pytest.raises(UserError) as refused:
        world_from_csv(seed, UNTIL)
    assert [p.code for p in refused.value.problems] == [code]

"""A sandbox's state: in memory, in a file, and seen across processes."""

from __future__ import annotations

from pathlib import Path

from adapters.sandbox.state import State


def test_a_row_is_there_until_it_is_dropped() -> None:
    state = State()
    state.put("contact", "1", {"email": None})
    assert state.get("contact", "1") == {"email": None}
    state.drop("contact", "1")
    assert state.get("contact", "1") is None
    assert dict(state.all("contact")) == {}


def test_rows_keep_the_order_of_their_first_writing() -> None:
    state = State()
    state.put_many("contact", [("2", {"n": 1}), ("1", {"n": 2})])
    state.put("contact", "2", {"n": 3})
    assert list(state.all("contact")) == ["2", "1"]


def test_a_stopped_sandbox_goes_on_where_it_was(tmp_path: Path) -> None:
    first = State(tmp_path / "s.db")
    first.put_many("deal", [("b", {"n": 1}), ("a", {"n": 2})])
    first.close()
    second = State(tmp_path / "s.db")
    assert dict(second.all("deal")) == {"b": {"n": 1}, "a": {"n": 2}}


def test_what_another_process_writes_is_seen_after_refresh(tmp_path: Path) -> None:
    here, there = State(tmp_path / "s.db"), State(tmp_path / "s.db")
    here.put("deal", "1", {"n": 1})
    there.refresh()
    there.put("deal", "2", {"n": 2})
    there.drop("deal", "1")
    assert here.get("deal", "2") is None
    here.refresh()
    assert dict(here.all("deal")) == {"2": {"n": 2}}


def test_two_writers_never_lose_each_others_rows(tmp_path: Path) -> None:
    here, there = State(tmp_path / "s.db"), State(tmp_path / "s.db")
    for n in range(20):
        (here if n % 2 else there).put("deal", str(n), {"n": n})
    here.refresh()
    there.refresh()
    assert {r["n"] for r in here.all("deal").values()} == set(range(20)) == {r["n"] for r in there.all("deal").values()}


def test_each_kind_has_a_number_that_rises_with_its_writes_only(tmp_path: Path) -> None:
    here, there = State(tmp_path / "s.db"), State(tmp_path / "s.db")
    here.put_many("deal", [("1", {}), ("2", {})])
    assert (here.version("deal"), here.version("contact")) == (2, 0)
    there.refresh()
    there.drop("deal", "1")
    there.put("contact", "1", {})
    before = here.version("deal")
    here.refresh()
    assert (here.version("deal") > before, here.version("contact") > 0) == (True, True)
    quiet = here.version("deal")
    here.refresh()
    assert here.version("deal") == quiet

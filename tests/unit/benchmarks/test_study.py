"""The benchmarks of the engine say true things: the data have the shape they claim, and whoever errs is caught."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import engine
import growth
import numpy as np
import pytest
import wakeups
from study import children, page
from study.card import Source, card_of, plain_words
from study.children import Contender, differences, running
from study.plot import plot
from study.world import DAY, NOW, Study, study

from connector.scoring.arrays import NEVER
from connector.scoring.verdict import score_chunks

TINY = ["--leads", "400", "--activities", "8000"]


def test_the_world_has_the_shape_it_claims() -> None:
    world = study(20_000, 400_000)
    counts = np.diff(world.offsets)
    assert (len(world.at), counts.sum(), len(world.classes)) == (400_000, 400_000, 400_000)
    assert 0.25 < (counts == 0).mean() < 0.27
    assert np.median(counts) == 3
    assert 200 < np.percentile(counts, 99) < 330
    assert 2_000 < counts.max() <= 6_000
    assert 0.0003 < (world.at > NOW).mean() < 0.0007
    assert len({kind for kind, _ in world.deeds}) == 12
    assert 4_000 < len({subject for _, subject in world.deeds}) < 4_200


def test_every_lead_s_activities_stand_by_instant() -> None:
    world = study(2_000, 40_000)
    lead = np.repeat(np.arange(world.leads), np.diff(world.offsets))
    assert (np.diff(world.at)[np.diff(lead) == 0] >= 0).all()


def test_the_same_seed_draws_the_same_world(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    first = _digest(study(500, 10_000))
    monkeypatch.setattr("study.world.CACHE", tmp_path / "other")
    assert _digest(study(500, 10_000)) == first
    assert _digest(study(500, 10_000, seed=2)) != first


def _digest(world: Study) -> str:
    files = sorted(world.home.glob("*.*"))
    return hashlib.sha256(b"".join(f.read_bytes() for f in files)).hexdigest()


def test_a_world_is_drawn_once(monkeypatch: pytest.MonkeyPatch) -> None:
    study(300, 3_000)
    monkeypatch.setattr("study.world._draw", None)
    assert study(300, 3_000).leads == 300


def test_picked_leads_are_the_same_leads() -> None:
    source = Source(study(300, 3_000))
    part, picked = source.columns(20, 60, ["mail"]), source.picked(np.arange(20, 60), ["mail"])
    for name in ("offsets", "at", "classes", "created"):
        assert (getattr(part, name) == getattr(picked, name)).all()
    assert (part.inputs["mail"].codes == picked.inputs["mail"].codes).all()


def test_our_kernel_and_plain_python_come_to_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    assert engine.main([*TINY, "--rounds", "1", "--only", "ours,reference"]) == 0
    told = capsys.readouterr().out
    assert told.count("equal") == 2
    assert "ledger" in told


def test_whoever_comes_to_something_else_is_caught() -> None:
    world = study(400, 8_000)
    words = plain_words(card_of(), Source(world))
    with (
        running(world, words, {"ours": 400}) as right,
        running(world, words | {"now": NOW - 50 * DAY}, {"reference": 400}) as wrong,
    ):
        for contender in (*right, *wrong):
            contender.score()
        found = differences(world, [*right, *wrong], right[0])
    assert found["ours"] == 0
    assert found["reference"] > 50


def test_a_contender_that_dies_is_no_silent_contender() -> None:
    world = study(300, 3_000)
    with pytest.raises(RuntimeError, match="reference ended"), running(world, {}, {"reference": 10**6}):
        pass


def test_the_strangers_come_to_the_same() -> None:
    if not list((Path(__file__).parents[3] / ".bench").glob("contenders-*/whole")):
        pytest.skip("the contenders are installed by: python benchmarks/engine.py")
    assert engine.main([*TINY, "--rounds", "1", "--only", "ours,polars,duckdb,pandas,zen"]) == 0


def test_a_sample_s_seconds_are_those_of_all() -> None:
    contender = Contender("sampled", 200, None, wall=[1.0, 3.0, 2.0])
    assert contender.seconds(1_000) == 10.0


def test_hourly_runs_miss_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    wakeups.main(["--leads", "2000", "--activities", "40000", "--hours", "4"])
    told = {line.split()[0]: line.split()[1] for line in capsys.readouterr().out.splitlines()[1:]}
    assert told["missed"] == "0"
    assert int(told["woken"]) >= int(told["changed"]) >= int(told["seen"]) > 0


def test_a_change_that_nobody_was_woken_for_is_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    def deaf(*asked: Any) -> Any:
        for columns, verdicts in score_chunks(*asked):
            yield columns, replace(verdicts, next_change=np.full(columns.leads, NEVER))

    monkeypatch.setattr(wakeups, "score_chunks", deaf)
    assert wakeups.main(["--leads", "2000", "--activities", "40000", "--hours", "2"]) == 1


def test_growth_has_four_curves(capsys: pytest.CaptureFixture[str]) -> None:
    assert growth.main(["--leads", "80", "--rounds", "1"]) == 0
    told = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in told] == ["leads", "activities", "rules", "changed"]


def test_a_plot_is_a_drawing_with_a_dot_for_each_point() -> None:
    drawing = ElementTree.fromstring(plot("a < b", "x", "y", {"one": [(1, 0.5), (10, 2)], "two": [(3, 1)]}))
    assert len(drawing.findall("{*}circle")) == 3
    assert drawing.findtext("{*}title") == "a < b"


def test_a_benchmark_writes_its_own_part_of_the_page(tmp_path: Path) -> None:
    file = tmp_path / "page.md"
    file.write_text("# A\n<!-- one -->\nold\n<!-- /one -->\nkept\n<!-- two -->\n<!-- /two -->\n", "utf-8")
    page.write("one", "new \\1 words\n", file)
    told = file.read_text("utf-8")
    assert told == "# A\n<!-- one -->\nnew \\1 words\n<!-- /one -->\nkept\n<!-- two -->\n<!-- /two -->\n"
    with pytest.raises(ValueError, match="no part three"):
        page.write("three", "", file)


def test_the_page_has_a_part_for_each_of_them() -> None:
    text = page.PAGE.read_text("utf-8")
    assert all(f"<!-- {part} -->" in text for part in ("engine 100000", "engine 1000000", "wakeups", "growth"))
    links = [rest.partition(")")[0] for rest in text.split("](")[1:]]
    assert links
    assert [link for link in links if not (page.PAGE.parent / link).is_file()] == []


def test_contenders_are_pinned() -> None:
    pins = [line for line in children.PINS.read_text("utf-8").splitlines() if line and not line.startswith("#")]
    assert all("==" in pin for pin in pins)

"""The study's data: leads with inputs, and activities in arrays, drawn from a seed and kept in `.bench/`.

A quarter of the leads (26 %) have done nothing; the median is 3 activities, one lead in a hundred has more than about
266, none more than about 6,000. Two years, 12 kinds, about 4,100 subjects, 0.05 % of the activities dated in the
future. Only numpy is needed here: the contenders read the same files.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

SECOND = 1_000_000
MINUTE = 60 * SECOND
DAY = 86_400 * SECOND
NOW = 1_795_324_620 * SECOND  # 2026-11-22T05:17:00Z
YEARS = 730 * DAY
CACHE = Path(__file__).parents[2] / ".bench"
CHUNK = 100_000
FORMAT = 1
"""Goes up when the same seed would draw another world."""

KINDS = {
    "page_view": 0.55, "email_open": 0.15, "email_click": 0.06, "download": 0.04, "form_submission": 0.03,
    "demo_request": 0.002, "inquiry": 0.003, "seminar": 0.02, "meeting": 0.01, "call": 0.03,
    "campaign_response": 0.06, "chat": 0.045,
}  # fmt: skip
PAGES = {"/blog/post-": 2_400, "/product/": 360, "/docs/": 330, "/cases/": 200, "/news/": 120, "/careers/job-": 60}
PRICES = ("/pricing", "/pricing/enterprise", "/pricing/team", "/plan", "/price-list")
LEVELS = ("staff", "supervisor", "manager", "deputy_head", "department_head", "executive", "president")
MAILS = {"corporate": 0.7, "free": 0.2, "carrier": 0.05, "isp": 0.04, "disposable": 0.01}
TYPES = {
    "seniority": "level", "employees": "number", "mail": "text", "lifecycle": "text", "industry": "text",
    "department": "text", "decides_on": "instant", "tags": "set", "trial": "truth", "budget": "number",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Study:
    """A drawn world. Activities of lead i stand from offsets[i] to offsets[i + 1], by instant. `codes` has for each
    input the place of each lead's value in `values`, -1 where nothing is known."""

    home: Path
    offsets: Any
    at: Any
    classes: Any
    created: Any
    hot_since: Any
    deeds: Sequence[tuple[str, str | None]]
    codes: Mapping[str, Any]
    values: Mapping[str, Sequence[Any]]

    @property
    def leads(self) -> int:
        return len(self.offsets) - 1


def study(leads: int, activities: int, seed: int = 1) -> Study:
    """The world of that size, drawn now or read from where it was kept."""
    home = CACHE / f"study-{FORMAT}-{leads}-{activities}-{seed}"
    if not (home / "whole").exists():
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(parents=True)
        _draw(home, leads, activities, seed)
        (home / "whole").touch()
    return read(home)


def read(home: Path) -> Study:
    """A kept world; arrays are mapped from their files."""
    told = json.loads((home / "words.json").read_text("utf-8"))
    arrays = {p.stem: np.asarray(np.load(p, mmap_mode="r")) for p in home.glob("*.npy")}
    deeds = [(kind, subject) for kind, subject in told["deeds"]]
    codes = {name: arrays[f"input-{name}"] for name in TYPES}
    plain = (arrays[name] for name in ("offsets", "at", "classes", "created", "hot_since"))
    return Study(home, *plain, deeds, codes, told["values"])


def _draw(home: Path, leads: int, activities: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    deeds, weights = _deeds()
    counts = _counts(rng, leads, activities)
    offsets = np.r_[0, np.cumsum(counts)]
    created = NOW - rng.integers(0, YEARS, leads)
    at = np.lib.format.open_memmap(home / "at.npy", "w+", np.int64, (activities,))
    classes = np.lib.format.open_memmap(home / "classes.npy", "w+", np.uint16, (activities,))
    edges = np.cumsum(weights)
    for start in range(0, leads, CHUNK):
        part = slice(offsets[start], offsets[min(start + CHUNK, leads)])
        lead = np.repeat(np.arange(start, min(start + CHUNK, leads)), counts[start : start + CHUNK])
        drawn = _instants(rng, lead, created)
        order = np.lexsort((drawn, lead))
        at[part] = drawn[order]
        classes[part] = np.minimum(np.searchsorted(edges, rng.random(len(lead))), len(deeds) - 1)
    hot = rng.random(leads) < 0.03
    np.save(home / "offsets.npy", offsets)
    np.save(home / "created.npy", np.where(rng.random(leads) < 0.01, np.iinfo(np.int64).min, created))
    np.save(home / "hot_since.npy", np.where(hot, NOW - rng.integers(0, 30 * DAY, leads), np.iinfo(np.int64).min))
    values = {}
    for name, (words, codes) in _inputs(rng, leads).items():
        values[name] = words
        np.save(home / f"input-{name}.npy", np.where(rng.random(leads) < 0.2, -1, codes).astype(np.int32))
    told = {"deeds": deeds, "values": values}
    (home / "words.json").write_text(json.dumps(told, ensure_ascii=False), "utf-8")


def _counts(rng: np.random.Generator, leads: int, activities: int) -> Any:
    """How many activities each lead has: nothing for 26 %, else lognormal, cut at 300 times the mean; exactly
    `activities` together."""
    raw = np.exp(rng.normal(1.886, 1.70, leads)) * (rng.random(leads) >= 0.26)
    most = max(1, 300 * activities // max(leads, 1))
    for _ in range(8):
        counts = np.minimum(np.ceil(raw * (raw > 0)), most).astype(np.int64)
        raw *= activities / max(counts.sum(), 1)
    missing = activities - int(counts.sum())
    places = np.argsort(-counts, kind="stable")[: max(abs(missing) // 5, 1)]
    share = np.full(len(places), abs(missing) // len(places))
    share[: abs(missing) % len(places)] += 1
    counts[places] = np.maximum(counts[places] + np.sign(missing) * share, 0)
    counts[places[0]] += activities - int(counts.sum())
    return counts


def _instants(rng: np.random.Generator, lead: Any, created: Any) -> Any:
    """Visits from creation to now, several activities to a visit; few in the next two days."""
    born = created[lead]
    drawn = born + (rng.random(len(lead)) * (NOW - born)).astype(np.int64)
    same = (rng.random(len(lead)) < 0.5) & np.r_[False, lead[1:] == lead[:-1]]
    places = np.flatnonzero(same)
    drawn[places] = np.minimum(drawn[places - 1] + rng.integers(1, 1200 * SECOND, len(places)), NOW)
    ahead = rng.random(len(lead)) < 0.0005
    return np.where(ahead, NOW + rng.integers(1, 2 * DAY, len(lead)), drawn)


def _deeds() -> tuple[list[tuple[str, str | None]], Any]:
    """Every (kind, subject), and how often it happens; a few subjects take most of each kind."""
    subjects: dict[str, list[str | None]] = {kind: [None] for kind in KINDS}
    pages = [f"{stem}{n}" for stem, many in PAGES.items() for n in range(many)]
    spread = np.random.default_rng(0).permutation(len(pages))
    pages = [pages[place] for place in spread]
    subjects["page_view"] = ["/", *pages[:20], *PRICES, *pages[20:]]
    subjects["download"] = [f"導入事例集 {n}" if n % 3 == 0 else f"whitepaper {n}" for n in range(250)]
    subjects["form_submission"] = [f"form {n}" for n in range(40)]
    subjects["seminar"] = [f"seminar {n}" for n in range(100)]
    subjects["email_click"] = [f"/mail/{n}" for n in range(120)]
    subjects["campaign_response"] = [f"campaign {n}" for n in range(80)]
    deeds = [(kind, subject) for kind, mine in subjects.items() for subject in mine]
    weights = np.concatenate([_zipf(len(subjects[kind])) * share for kind, share in KINDS.items()])
    return deeds, weights / weights.sum()


def _zipf(many: int) -> Any:
    weights = 1 / (np.arange(many) + 10)
    return weights / weights.sum()


def _inputs(rng: np.random.Generator, leads: int) -> dict[str, tuple[list[Any], Any]]:
    """For each input its different values, as JSON can hold them, and each lead's place among them."""
    industries = ["software", "finance", "製造業", *(f"industry {n}" for n in range(27))]
    departments = ["情報システム部", "営業部", "経営企画部", *(f"department {n}" for n in range(12))]
    tags = [[], ["competitor"], *([f"tag {n}", f"tag {n + 1}"] for n in range(28))]
    sizes = [str(n) for n in range(1, 1001)] + [str(n) for n in range(1010, 20_000, 10)]
    days = [NOW + n * DAY // 2 for n in range(-200, 400)]
    return {
        "seniority": (list(LEVELS), rng.choice(7, leads, p=[0.4, 0.15, 0.2, 0.05, 0.1, 0.06, 0.04])),
        "employees": (sizes, (rng.random(leads) ** 3 * len(sizes)).astype(np.int64)),
        "mail": (list(MAILS), rng.choice(5, leads, p=list(MAILS.values()))),
        "lifecycle": (["lead", "mql", "customer", "evangelist"], rng.choice(4, leads, p=[0.7, 0.2, 0.09, 0.01])),
        "industry": (industries, rng.integers(0, 30, leads)),
        "department": (departments, rng.integers(0, 15, leads)),
        "decides_on": (days, rng.integers(0, 600, leads)),
        "tags": (tags, rng.choice(30, leads, p=[0.4, 0.03, *[0.57 / 28] * 28])),
        "trial": ([True, False], rng.integers(0, 2, leads)),
        "budget": ([str(n * 100) for n in range(200)], rng.integers(0, 200, leads)),
    }  # fmt: skip

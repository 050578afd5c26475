"""A contender in a process of its own: reads the world, then scores it once for each line it is told, and answers in
JSON: seconds of wall and processor. `python -m study.child CONTENDER WORLD WORDS LEADS`."""

from __future__ import annotations

import importlib
import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from study.world import read


def main(name: str, home: str, words: str, leads: str) -> None:
    contender = importlib.import_module(f"study.by_{name}")
    card = json.loads(Path(words).read_text("utf-8"))
    data = contender.load(read(Path(home)), card, int(leads))
    loaded = peak()
    answer = None
    print(json.dumps({"ready": name, "loaded": loaded}), flush=True)
    for line in sys.stdin:
        order, _, argument = line.strip().partition(" ")
        if order == "score":
            answer = None
            wall, processor = time.perf_counter(), _processor()
            answer = contender.score(data)
            scored = time.perf_counter()
            told: dict[str, Any] = {"wall": scored - wall, "cpu": _processor() - processor}
            if also := getattr(contender, "also", None):
                more = also(data, answer)
                told["also"] = time.perf_counter() - scored
                del more
            told["peak"] = peak()
        else:
            told = {"rules": _tell(contender.told(data, answer), Path(argument))}
        print(json.dumps(told), flush=True)


def _tell(told: tuple[Any, Any, list[tuple[Any, Any, Any]]], path: Path) -> list[list[int]]:
    """Points and states go whole into a file; what each rule gave, as three sums in which every lead weighs
    otherwise."""
    points, states, rules = told
    np.savez(path, points=np.asarray(points, np.int64), states=np.asarray(states, np.int64))
    weight = np.arange(len(points), dtype=np.uint64) * np.uint64(2_654_435_761) + np.uint64(1)
    sums = [[int((np.asarray(column, np.int64).astype(np.uint64) * weight).sum()) for column in rule] for rule in rules]
    return [[value % 2**53 for value in rule] for rule in sums]


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def peak() -> int:
    """The most memory this process has held, in bytes."""
    status = Path("/proc/self/status")
    if status.exists():  # ru_maxrss would begin with the parent's
        found = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(found.split()[1]) * 1024
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


if __name__ == "__main__":
    main(*sys.argv[1:])

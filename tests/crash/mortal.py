"""Runs the real command in processes that die when a test says so. `python -m tests.crash.mortal`, then a JSON line per
process on stdin.

Everything is imported once; each command is then a fork of its own, so that hundreds of deaths cost little. It dies by
SIGKILL, at no notice, just before or just after its nth `commit` (a transaction that may write) or `answer` (an HTTP
request of any kind: before it is sent, or after it took effect and before anybody has read the answer). Where and when
it dies is decided here, outside the product's code. Two lines are told of each: its process id at once, its end later.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections import Counter
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.engine.default import DefaultDialect
from urllib3.connectionpool import HTTPConnectionPool

COUNTS: Counter[str] = Counter()
_one_at_a_time = threading.Lock()
"""Several threads ask at once: each has its own number."""


def instrument(die: str | None) -> None:
    """Count commits and answers, and die at the named one, such as `commit:before:3`; `answer:after:3:15` is told to
    end instead, by that signal."""
    kind, side, number, by = [*(die or "::0").split(":"), str(int(signal.SIGKILL))][:4]

    def counted(what: str) -> int:
        with _one_at_a_time:
            COUNTS[what] += 1
            return COUNTS[what]

    def reached(what: str, at: str, which: int) -> None:
        if (what, at, which) == (kind, side, int(number)):
            os.kill(os.getpid(), int(by))

    commit, urlopen = DefaultDialect.do_commit, HTTPConnectionPool.urlopen
    writes: list[bool] = []

    def on_commit(conn: Any) -> None:
        writes[:] = [bool(conn.get_execution_options().get("writes"))]

    def do_commit(dialect: Any, raw: Any) -> None:
        which = counted("commit") if writes == [True] else 0
        reached("commit", "before", which)
        commit(dialect, raw)
        reached("commit", "after", which)
        writes.clear()

    def answered(pool: Any, *words: Any, **more: Any) -> Any:
        which = counted("answer")
        reached("answer", "before", which)
        answer = urlopen(pool, *words, **more)
        reached("answer", "after", which)
        return answer

    event.listen(Engine, "commit", on_commit)
    DefaultDialect.do_commit = do_commit
    HTTPConnectionPool.urlopen = answered


def narrow(bulk: bool) -> None:
    """Small pages and batches, so that a small world has many of them; with `bulk`, jobs for the smallest write."""
    import dataclasses

    import adapters.hubspot
    import adapters.salesforce

    salesforce, hubspot = adapters.salesforce.open_salesforce, adapters.hubspot.open_hubspot
    rows = 1 if bulk else 2_000

    def open_salesforce(config: Any, *words: Any, **more: Any) -> Any:
        return salesforce(dataclasses.replace(config, bulk_write_from=rows), *words, **more)

    def open_hubspot(config: Any, *words: Any, **more: Any) -> Any:
        return hubspot(dataclasses.replace(config, page_size=4, search_size=4), *words, **more)

    adapters.salesforce.open_salesforce, adapters.hubspot.open_hubspot = open_salesforce, open_hubspot


def live(order: dict[str, Any]) -> None:
    """One command, in this process, as the console script would run it."""
    from connector.cli.main import run

    signal.signal(signal.SIGINT, signal.default_int_handler)
    with Path(order["out"]).open("w") as out:
        os.dup2(out.fileno(), 1)
        os.dup2(out.fileno(), 2)
    os.environ.update(order["env"])
    instrument(order["die"])
    narrow(order["bulk"])
    sys.argv = ["leadheat", *order["words"]]
    code = 1
    try:
        run()
    except SystemExit as end:
        code = int(end.code or 0)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        Path(order["counts"]).write_text(json.dumps(COUNTS))
        os._exit(code)


def main() -> None:
    import simple_salesforce

    import adapters.hubspot.adapter
    import adapters.salesforce.adapter
    import connector.cli.main

    del simple_salesforce, adapters, connector
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            live(order)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()

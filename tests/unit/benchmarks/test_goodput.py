"""The facts in the table of goodput that are no times."""

from __future__ import annotations

from benchmarks import goodput


def test_a_quota_is_used_nearly_whole_and_never_overrun_by_us() -> None:
    sheet = goodput.measured(60.0, 0.0)
    rows = {str(row["run"]): row for row in sheet.rows}
    assert set(rows) == {"alone", "two connections of one account", "somebody else takes a third"}
    for row in rows.values():
        assert float(str(row["share"])) >= 0.95, "time here is the sandbox's own, so this is no matter of speed"
        assert row["ours asked twice"] == 0
    assert rows["alone"]["too many, all"] == rows["two connections of one account"]["too many, all"] == 0

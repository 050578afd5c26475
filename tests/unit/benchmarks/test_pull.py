"""Every contender of the pull gets everybody, at a tiny size."""

from __future__ import annotations

from benchmarks import pull


def test_every_contender_gets_the_same_people() -> None:
    hubspot, salesforce = pull.measured(60, 1, strangers=False)
    for sheet in (hubspot, salesforce):
        assert len(sheet.rows) == len(pull.HUBSPOT if sheet is hubspot else pull.SALESFORCE)
        assert len({row["records"] for row in sheet.rows}) == 1, "each gets everybody"
        assert all(row["peak MiB"] for row in sheet.rows)

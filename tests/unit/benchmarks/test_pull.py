"""Every contender of the pull gets everybody, at a tiny size."""

from __future__ import annotations

from benchmarks import pull


def test_every_contender_gets_the_same_people() -> None:
    hubspot, salesforce = (pull.measured(crm, 60, 1, strangers=False) for crm in pull.CRMS)
    for sheet in (hubspot, salesforce):
        assert len(sheet.rows) == len(pull.HUBSPOT if sheet is hubspot else pull.SALESFORCE)
        assert min(row["records"] for row in sheet.rows) > 50
        assert all(row["peak MiB"] for row in sheet.rows)
        assert pull._page(sheet, 1).count("\n| leadheat") == sum("leadheat" in row["contender"] for row in sheet.rows)
    assert len({row["records"] for row in hubspot.rows}) == 1, "each gets everybody"
    ours, theirs = salesforce.rows[0]["records"], salesforce.rows[-1]["records"]
    assert ours >= theirs, "ours hears of the deleted too"

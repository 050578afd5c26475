"""The tables as queries see them. `steps.py` makes them; a test holds the two together.

Instants are UTC microseconds. Ids of the CRM are text (`ext_id`), ours are integers: a lead's surrogate, and
dictionary tables for sources, books and wordings. An activity's `key` stands for its source and its id there. Facts
carry the run that `learnt` them; a version that was replaced moves to `…_past` with the run `until` which it stood.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, MetaData, Table, Text

METADATA = MetaData()


def _table(name: str, keys: str, integers: str = "", texts: str = "", truths: str = "") -> Table:
    """A table by the names of its columns. Keys that end in `!` are text."""
    key_columns = [
        Column(k.rstrip("!"), Text if k.endswith("!") else BigInteger, primary_key=True) for k in keys.split()
    ]
    plain = [Column(n, BigInteger) for n in integers.split()]
    told = [Column(n, Text) for n in texts.split()]
    return Table(name, METADATA, *key_columns, *plain, *told, *[Column(n, Boolean) for n in truths.split()])


connection = _table("connection", "id", "token holder renewed_at seq", "name cursor mapping salt")
run = _table(
    "run", "id", "connection as_of token started ended book seen", "kind cursor status counts calls problem"
)  # fmt: skip
book = _table("book", "id", "", "digest text")
reject = _table("reject", "run object! ext_id! code!", "", "why fix")
sweep = _table("sweep", "connection object!", "number began", "", "done")
lead = _table("lead", "id", "connection modified_at successor gone_run", "object ext_id status fields")
input_ = _table("input", "id", "", "name kind")
facts = _table("facts", "lead", "learnt created_at")
"""What the mapping read of a lead. It has a column more for each row of `input` (see `inputs.py`)."""
lead_past = _table("lead_past", "lead until", "learnt created_at", "inputs")
seen = _table("seen", "lead", "seq")
held = _table("held", "lead", "", "fields")
source = _table("source", "id", "", "name")
wording = _table("wording", "id", "connection digest source", "words dated reading")
activity = _table("activity", "lead occurred_at key", "wording learnt")
activity_past = _table("activity_past", "lead until occurred_at key", "wording learnt")
outcome = _table("outcome", "lead source ext_id!", "learnt", "outcome told")
outcome_past = _table("outcome_past", "lead source ext_id! until", "learnt", "outcome")
dirty = _table("dirty", "lead", "connection seq")
staged = _table(
    "staged", "run lead", "points as_of next_change next_look imprint",
    "axes standing ledger change_before change_after", "hot",
)  # fmt: skip
score = _table(
    "score", "lead", "connection points as_of next_change next_look book imprint", "axes standing ledger", "hot"
)  # fmt: skip
history = _table("history", "lead as_of", "points book", "axes standing ledger")
pending = _table("pending", "lead", "connection run", "answer change_before change_after")
purged = _table("purged", "connection mark!", "at")

OF_A_LEAD = (
    facts, lead_past, seen, held, activity, activity_past, outcome, outcome_past, dirty, staged, score, history,
    pending,
)  # fmt: skip
"""Every table that holds something of one person, by `lead`; beside them only `lead` itself, `reject`,
the wordings that are nobody else's, and what cursors and the problems of runs say of ids."""

HERE = "here"
"""Status of a lead that the CRM has and we could read. Otherwise: deleted, merged, converted, or UNSEEN."""
UNSEEN = "unseen"
"""Status of somebody an event told of, whose record never came or could not be read."""

"""The rows of `docs/faults.md` about data and people's hands. Each is held by the tests of this folder."""

from __future__ import annotations

from tests.faults.cases import Row

PARTLY = "The pass ends partly (exit code 5) and names the record and the CRM's code; every next one tries it again."
NAMED = "The pass stops before it reads anything, and names the field; once mended, the next one goes on."
WELL = "The pass succeeds."

ROWS = (
    Row("a record that a rule refuses", "Leadheat halves the batch until it stands alone; writes all others.", PARTLY),
    Row("a batch of nothing but refused records", "Leadheat asks for each of them.", PARTLY),
    Row("a person deleted", "Leadheat takes them as gone, also when it was about to write.", WELL),
    Row("a person restored from the bin", "Leadheat scores them again.", WELL),
    Row("two people merged", "Whoever carries on has what both did, and is not newly hot.", WELL),
    Row("a lead converted", "The contact carries on.", WELL),
    Row("a row or a page told twice", "Leadheat keeps it once.", WELL),
    Row("an empty page in the middle", "Leadheat reads on.", WELL),
    Row("a cursor expired, a pull left for weeks", "Leadheat goes on where it was and reads what it missed.", WELL),
    Row("a clock ten minutes or ten hours wrong", "What counts as read is told by the CRM's stamps.",
        "Nothing is missed. Where our clock is behind, all is late by the difference."),
    Row("a modified stamp that goes back", "Leadheat reads five minutes over again, and everything once a day.",
        "Further back: seen by HubSpot's daily reading, in Salesforce by 'sync --full'."),
    Row("many records of one stamp", "Leadheat reads by id, not by stamp.", WELL),
    Row("a record that becomes visible late", "Leadheat reads five minutes over again.", WELL),
    Row("our fields edited by hand or by a program", "Leadheat puts them right; it hands nobody off again.", WELL),
    Row("a record edited while it is written", "Leadheat writes its own fields only; scores the edit next.", WELL),
    Row("a field of the mapping renamed, deleted or hidden", "Leadheat checks before it reads.", NAMED),
    Row("the same in the middle of a pass", "Leadheat notices that the field is told no more.",
        "The pass fails, names the field and writes nothing."),
    Row("an optional field lost", "Leadheat reads everybody anew, so that all lose it alike.",
        "The pass stops when more than 20 and half of the leads lose the input; --accept-dark goes on."),
    Row("a field retyped", "Leadheat reads it where it still can.", NAMED),
    Row("a field of ours lost, retyped, shortened, read-only, closed", "Leadheat checks before it reads.", NAMED),
    Row("the same just before writing", "Leadheat writes what can be written.", PARTLY),
    Row("texts longer than our field", "Leadheat cuts at lines and characters.", WELL),
    Row("emoji, control characters, quotes, 60,000 letters", "Leadheat passes them by unharmed.", WELL),
    Row("a person without an address, or in both objects", "Leadheat scores each record for itself.", WELL),
    Row("owners who are queues, active assignment rules", "Leadheat tells Salesforce not to assign.", WELL),
    Row("a duplicate rule", "One that warns is passed.", "One that blocks: " + PARTLY),
    Row("a call or a deal deleted", "Leadheat takes it back.",
        "HubSpot: at once where the contact changed too, else within a day. Salesforce: at once."),
    Row("a call given to somebody else", "HubSpot: it is theirs. Salesforce: it counts for both.",
        "A gap: Salesforce does not say whose a task was."),
    Row("a deal closed, reopened, lost", "Leadheat takes it for what it is now.", WELL),
    Row("a list or a field of ours deleted", "'leadheat apply' makes it again.", WELL),
    Row("rules or mapping changed after a pass was cut off", "Leadheat scores everybody by the new ones.", WELL),
)  # fmt: skip

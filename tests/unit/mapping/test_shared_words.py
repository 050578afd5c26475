"""What thousands of events say alike is read once, and what is each one's own stays its own."""

from __future__ import annotations

from connector.mapping.document import read_mapping
from connector.mapping.reading import read_page
from connector.model import Event, Ref

WHO = Ref("acme", "contacts", "1")


def test_events_with_the_same_words_keep_what_is_their_own() -> None:
    """What they share is read once; an instant may be asked about too, and then it is not shared."""
    using = read_mapping("""\
mapping: hubspot
activities:
  - {from: web, kind: old, at: at, where: {at: {contains: "2025"}}, attributes: {when: at}}
  - {from: web, kind: new, at: at, delivered: sent, subject: url}
""", "m.yaml")  # fmt: skip
    told = [
        Event("web", f"e{n}", WHO, {"at": at, "url": "/a", "sent": "2026-11-20T08:59:30Z"})
        for n, at in enumerate(["2025-01-01T00:00:00Z", "2025-01-02T00:00:00Z", "2026-11-20T09:00:00Z"])
    ]
    found = [f.activity for f in read_page(using, "acme", [], [*told, *told]).activities]
    assert [(a.id, a.kind, a.subject, dict(a.attributes)) for a in found if a] == [
        ("web:e0", "old", None, {"when": "2025-01-01T00:00:00Z"}),
        ("web:e1", "old", None, {"when": "2025-01-02T00:00:00Z"}),
        ("web:e2", "new", "/a", {"after_delivery": "30"}),
    ] * 2

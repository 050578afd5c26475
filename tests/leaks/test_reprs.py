"""No repr or str of anything that carries a person's values or a secret shows them."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from adapters.http import Answer, Refused, Verdict
from adapters.hubspot.account import Told
from adapters.hubspot.config import HubSpotConfig
from adapters.hubspot.people import Contact
from adapters.salesforce.auth import Token
from adapters.salesforce.config import SalesforceConfig
from connector.errors import Problem
from connector.model import (
    Activity,
    Change,
    Event,
    HotState,
    Lead,
    Line,
    Outcome,
    Record,
    Ref,
    Rejection,
    Score,
    Standing,
)
from connector.ports import ActivityFacts, Dossier, LeadFacts, OutcomeFacts, Page, Scored
from connector.settings import load_settings
from connector.store import open_store
from connector.store.purge import Purged
from connector.words import say
from tests.watch import MARKS, PLANTED

WHO = Ref("crm", "contacts", "101")
MAIL = "hanako@planted.example"
SECRET = "pat-na1-deadbeef-0000-4000-8000-000000000666"
TOLD = {"email": MAIL, "name": PLANTED, "url": f"https://x.example/?e={MAIL}"}

RECORD = Record(WHO, TOLD, 1)
EVENT = Event("page_views", "1", WHO, TOLD)
ACTIVITY = Activity("1", "page_view", 1, TOLD["url"], {"title": PLANTED})
OUTCOME = Outcome("1", "lost", 1, Decimal(1), f"{PLANTED} said no")
LINE = Line("r", 1, subject=TOLD["url"])
LEAD = Lead(WHO, 1, {"name": PLANTED}, (ACTIVITY,), rejection=Rejection(1, 1, PLANTED))
SCORE = Score(WHO, 1, 1, {}, Standing(HotState.COLD), (LINE,), None)
CHANGE = Change(WHO, {"reasons": PLANTED}, {"reasons": MAIL})
FACTS = LeadFacts(RECORD, {"name": PLANTED}, {"reasons": PLANTED})


@pytest.mark.parametrize(
    "told",
    [
        RECORD, EVENT, ACTIVITY, OUTCOME, LINE, LEAD, SCORE, CHANGE, FACTS, Rejection(1, 1, PLANTED),
        ActivityFacts(WHO, "page_views", "1", 1, TOLD, ACTIVITY), OutcomeFacts(WHO, "deals", "1", OUTCOME),
        Dossier(LEAD, TOLD, outcomes=[OUTCOME]), Scored(SCORE, None, CHANGE), Page([RECORD], [EVENT]),
        Purged(1, ("m",), {}, (WHO,), frozenset(TOLD.values())),
        Contact("101", TOLD, 1, {"properties": TOLD}), Told(MAIL, "1", TOLD),
        Answer(400, {"authorization": SECRET}, MAIL.encode(), TOLD, TOLD),
        Refused(Problem("LH-508", say("refused")), Answer(400, {}, MAIL.encode(), TOLD), Verdict("refused", "CODE")),
        HubSpotConfig("crm", SECRET), Token("00D000000000001!AQ0AQ.planted.session", "https://x.example"),
        SalesforceConfig("crm", "https://x", "id", "hunter2", "u", "-----BEGIN X-----\nMIIEowIBAAKCAQEA", SECRET),
    ],
    ids=lambda told: type(told).__name__,
)  # fmt: skip
@pytest.mark.parametrize("way", [repr, str])
def test_what_carries_values_shows_none(told: Any, way: Callable[[Any], str]) -> None:
    assert MARKS.search(way(told)) is None


def test_settings_show_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = "LEADHEAT_CONNECTIONS__ACME__"
    env = {
        f"{one}CRM": "salesforce", f"{one}INSTANCE_URL": "https://acme.my.salesforce.com", f"{one}CLIENT_ID": "id",
        f"{one}CLIENT_SECRET": "hunter2", f"{one}MAPPING": "m.yaml",
        "LEADHEAT_DATABASE_URL": "postgresql://u:hunter2@127.0.0.1:1/x", "LEADHEAT_CONNECTIONS__HUB__CRM": "hubspot",
        "LEADHEAT_CONNECTIONS__HUB__TOKEN": SECRET, "LEADHEAT_CONNECTIONS__HUB__MAPPING": "m.yaml",
    }  # fmt: skip
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    (tmp_path / ".env").write_text("")
    settings = load_settings(tmp_path)
    for told in (repr(settings), str(settings), repr(settings.connections), str(settings.connections["hub"])):
        assert MARKS.search(told) is None


def test_an_open_store_shows_no_password() -> None:
    from connector.store.database import Database, open_engine

    base = Database(open_engine("postgresql://u:hunter2@127.0.0.1:1/x"), lambda: 0)
    assert MARKS.search(repr(base)) is None
    base.close()
    with open_store("sqlite://") as store:
        assert "sqlite" in repr(store)

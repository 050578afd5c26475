"""From settings to an open connection, without a call."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from connector.configured import ConnectionSettings
from connector.errors import UserError
from connector.ports import Wants
from connector.wiring import open_crm

WANTS = Wants(people={"Lead": frozenset()}, results={})


def settings(**more: object) -> ConnectionSettings:
    return ConnectionSettings.model_validate({"crm": "salesforce", "mapping": Path("salesforce.yaml"), **more})


def test_a_connection_opens_without_calling_and_shows_no_secret() -> None:
    secret = SecretStr("the-secret")
    acme = settings(instance_url="https://acme.my.salesforce.com", client_id="id", client_secret=secret)
    crm = open_crm("acme", acme, WANTS, lambda: 0)
    assert crm.calls() == {}
    assert "the-secret" not in repr(crm)
    crm.close()


def test_a_connection_without_credentials_says_which_setting_is_missing() -> None:
    with pytest.raises(UserError) as refused:
        open_crm("acme", settings(instance_url="https://acme.my.salesforce.com"), WANTS, lambda: 0)
    assert "LEADHEAT_CONNECTIONS__ACME__CLIENT_ID" in str(refused.value)

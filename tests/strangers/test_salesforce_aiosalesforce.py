"""aiosalesforce, which insists on a host of Salesforce's, works by the door."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from tests.strangers.installs import have, python_stranger, run
from tests.strangers.salesforce_org import Org, standing

SCRIPT = Path(__file__).with_name("aiosalesforce_user.py")
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PUBLIC = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


@pytest.fixture
def told(home: Path) -> Any:
    python = have(lambda: python_stranger("aiosalesforce"), quick=True) / "python"
    home.mkdir()
    key_file = home / "app.key"
    key_file.write_bytes(KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    with standing(home / "org", jwt_key=PUBLIC) as org:
        held = {name: org.held(name, everything=True) for name in org.objects}
        leads = [i for i, row in org.held("Lead").items() if not row["IsConverted"]][:30]
        org.sandbox.weather.poison(leads[4])
        order = {
            "url": org.host,
            "id": org.sandbox.client_id,
            "secret": org.sandbox.client_secret,
            "username": org.sandbox.org.options.username,
            "key_file": str(key_file),
            "fields": {name: list(org.fields(name)) for name in org.objects},
            "leads": leads,
        }
        ran = run([python, SCRIPT], home=home, env=org.door.env, given=json.dumps(order))
        assert ran.returncode == 0, ran.stderr[-3000:]
        yield org, held, leads, json.loads(ran.stdout)


def test_it_reads_everything_and_writes_in_envelopes_and_in_bulk(told: Any) -> None:
    org, held, leads, said = told
    _has_read(org, held, said)
    assert said["organisations"] == [org.sandbox.org.options.org_name]
    assert said["limits"]["DailyApiRequests"]["Max"] == 110_000
    assert said["batch"] == [leads[0], 400, 204]
    account, contact = said["composite"]
    assert (said["contact"]["AccountId"], said["contact"]["LastName"]) == (account, "見知")
    assert org.held("Contact")[contact]["AccountId"] == account
    _has_written(org, leads, said)


def _has_read(org: Org, held: dict[str, Any], said: Any) -> None:
    for name, rows in held.items():
        assert len(said["read"][name]) == len(rows), name
        assert org.told(name, said["read"][name]) == rows, name


def _has_written(org: Org, leads: list[str], said: Any) -> None:
    now = org.held("Lead")
    assert sorted(now[i]["LastName"] for i in said["made"]) == [f'山"田,\n{n}' for n in range(5)]
    assert set(said["changed"]) == set(leads) - {leads[4]}
    assert {now[i]["Score__c"] for i in said["changed"]} == {21.0}
    ((failed, why),) = said["failed"]
    assert failed == leads[4]
    assert why.startswith("FIELD_CUSTOM_VALIDATION_EXCEPTION:")

"""Who is let in, how the others are told, and what a session is worth."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.x509.oid import NameOID

from adapters.salesforce.sandbox import Options
from connector.instants import SECOND
from tests.unit.salesforce_sandbox.far import START, Far, opened, refusals

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PRIVATE = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
PUBLIC = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
NOW = START // SECOND


def token(far: Far, form: dict[str, str], **more: Any) -> requests.Response:
    return requests.post(f"{far.running.url}/services/oauth2/token", data=form, timeout=5, **more)


def app(far: Far, **more: str) -> dict[str, str]:
    told = {"client_id": far.sandbox.client_id, "client_secret": far.sandbox.client_secret}
    return {"grant_type": "client_credentials", **told, **more}


def test_client_credentials_are_taken_from_the_form_and_from_basic(far: Far) -> None:
    basic = requests.auth.HTTPBasicAuth(far.sandbox.client_id, far.sandbox.client_secret)
    for answer in (token(far, app(far)), token(far, {"grant_type": "client_credentials"}, auth=basic)):
        said = answer.json()
        assert answer.status_code == 200
        assert said["instance_url"] == far.running.url
        assert said["issued_at"] == str(START // 1_000), "milliseconds, as text"
        assert "expires_in" not in said
        assert said["access_token"].startswith(said["id"].split("/")[-2][:15] + "!")


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"client_id": "nobody"}, "invalid_client_id"),
        ({"client_secret": "guess"}, "invalid_client"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
    ],
)
def test_a_refused_token_is_an_object_and_400(far: Far, wrong: dict[str, str], error: str) -> None:
    answer = token(far, app(far, **wrong))
    assert (answer.status_code, answer.json()["error"]) == (400, error)


def claims(**more: Any) -> dict[str, Any]:
    told = {"iss": Options().client_id, "sub": Options().username, "aud": "https://test.salesforce.com"}
    return {**told, "exp": NOW + 170, **more}


def assertion(said: dict[str, Any], key: str = PRIVATE) -> dict[str, str]:
    grant = "urn:ietf:params:oauth:grant-type:jwt-bearer"
    return {"grant_type": grant, "assertion": jwt.encode(said, key, "RS256")}


def certificate() -> str:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "leadheat")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(KEY.public_key())
    now = datetime(2026, 1, 1, tzinfo=UTC)
    made = made.serial_number(1).not_valid_before(now).not_valid_after(now + timedelta(days=3650))
    return made.sign(KEY, hashes.SHA256()).public_bytes(Encoding.PEM).decode()


@pytest.mark.parametrize("key", [PUBLIC, certificate()], ids=["public key", "certificate"])
def test_a_signed_assertion_opens_the_api(key: str) -> None:
    with opened(Options(jwt_key=key)) as far:
        said = token(far, assertion(claims(exp=str(NOW + 170)))).json()  # `exp` as text: simple-salesforce does
        assert far.get("limits", headers={"Authorization": f"Bearer {said['access_token']}"}).status_code == 200


@pytest.mark.parametrize(
    ("wrong", "description"),
    [
        ({"aud": "https://example.com"}, "audience is invalid"),
        ({"exp": NOW - 1}, "expired authorization code"),
        ({"exp": NOW + 3_600}, "expired authorization code"),
        ({"sub": "somebody@example.com"}, "user hasn't approved this consumer"),
    ],
)
def test_an_assertion_is_refused_by_what_is_wrong_with_it(wrong: dict[str, Any], description: str) -> None:
    with opened(Options(jwt_key=PUBLIC)) as far:
        answer = token(far, assertion(claims(**wrong)))
        assert answer.status_code == 400
        assert answer.json() == {"error": "invalid_grant", "error_description": description}


def test_an_assertion_of_another_key_is_refused() -> None:
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    with opened(Options(jwt_key=PUBLIC)) as far:
        assert token(far, assertion(claims(), pem)).json()["error"] == "invalid_grant"


def test_without_a_good_session_there_is_401_and_no_word_of_limits(far: Far) -> None:
    for headers in ({"Authorization": "Bearer nonsense"}, {"Authorization": ""}):
        answer = far.get("query?q=SELECT+Id+FROM+Lead", headers=headers)
        assert answer.headers["WWW-Authenticate"] == "Token"
        assert "Sforce-Limit-Info" not in answer.headers
        assert answer.json() == [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]
        assert answer.status_code == 401


def test_an_idle_session_ends_and_a_used_one_does_not(far: Far) -> None:
    for _ in range(3):
        far.clock.pass_(7_000)
        assert far.get("limits").status_code == 200
    far.clock.pass_(7_300)
    assert refusals(far.get("limits")) == [(401, "INVALID_SESSION_ID")]
    far.sign_in()
    assert far.get("limits").status_code == 200


def test_an_expired_session_can_be_renewed_and_a_revoked_one_cannot(far: Far) -> None:
    far.weather.expire_token()
    assert refusals(far.get("limits")) == [(401, "INVALID_SESSION_ID")]
    assert token(far, app(far)).status_code == 200
    far.weather.revoke_token()
    answer = token(far, app(far))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


def test_userinfo_and_identity_name_the_user(far: Far) -> None:
    said = far.get("/services/oauth2/userinfo").json()
    assert said["preferred_username"] == Options().username
    identity = far.get("").json()["identity"].removeprefix(far.running.url)
    assert far.get(identity + "?format=json").json()["user_id"] == said["user_id"]
    user = far.get(f"sobjects/User/{said['user_id']}").json()
    assert user["Username"] == Options().username


LOGIN = (
    '<se:Envelope xmlns:se="http://schemas.xmlsoap.org/soap/envelope/"><se:Body><login xmlns="urn:partner.soap">'
    "<username>{username}</username><password>{password}</password></login></se:Body></se:Envelope>"
)


@pytest.mark.parametrize(
    ("version", "password", "told"),
    [
        ("59.0", Options().password + "TOKEN", "<sessionId>"),
        ("59.0", "wrong", "INVALID_LOGIN"),
        ("65.0", Options().password, "INVALID_OPERATION"),
    ],
)
def test_soap_login_is_there_until_version_64(far: Far, version: str, password: str, told: str) -> None:
    body = LOGIN.format(username=Options().username, password=password)
    answer = requests.post(f"{far.running.url}/services/Soap/u/{version}", data=body, timeout=5)
    assert told in answer.text
    assert answer.status_code == (200 if told == "<sessionId>" else 500)


def test_a_refresh_token_gives_session_after_session() -> None:
    with opened(Options(refresh_token="agreed")) as far:
        form = app(far, grant_type="refresh_token", refresh_token="agreed")
        said = token(far, form).json()
        assert "refresh_token" not in said, "it stays the same"
        assert token(far, form).json()["access_token"] != said["access_token"]
        stale = token(far, form | {"refresh_token": "old"})
        assert (stale.status_code, stale.json()["error_description"]) == (400, "expired access/refresh token")
        assert token(far, form | {"client_secret": "guess"}).json()["error"] == "invalid_client"


def test_an_app_that_nobody_agreed_to_has_no_refresh_token(far: Far) -> None:
    assert token(far, app(far, grant_type="refresh_token", refresh_token="")).json()["error"] == "invalid_grant"


def test_a_shared_login_host_tells_where_the_org_is_and_refuses_client_credentials() -> None:
    with opened(Options(refresh_token="agreed")) as far:
        there = {"headers": {"Host": "login.salesforce.com"}}
        said = token(far, app(far, grant_type="refresh_token", refresh_token="agreed"), **there).json()
        assert said["instance_url"] == "https://leadheat.my.salesforce.com"
        refusal = token(far, app(far), **there)
        assert (refusal.status_code, refusal.json()["error_description"]) == (
            400,
            "request not supported on this domain",
        )

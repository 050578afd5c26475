"""Who may call: tokens by client credentials, by JWT, by SOAP login, and the session behind each (NOTES 1-12)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from xml.sax.saxutils import escape

import jwt
from werkzeug.wrappers import Request, Response

from adapters.salesforce.sandbox.answers import json_answer, refused, shuffled
from adapters.salesforce.sandbox.org import ORG_ID, USER_ID, Org
from connector.instants import MINUTE, SECOND, Instant

GRANT_JWT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
LONGEST_ASSERTION = 5 * MINUTE
SOAP_ENDS = 65
"""SOAP login is absent from this version of the API on (NOTES 3)."""
_USED_EVERY = 10 * MINUTE


LOGIN_HOSTS = frozenset({"login.salesforce.com", "test.salesforce.com"})
"""Where everybody may sign in; no org is there (NOTES 110)."""


def root(request: Request) -> str:
    """The org's address as the client knows it."""
    return request.host_url.rstrip("/")


def _home(org: Org, request: Request) -> str:
    """Where the org is for one who has signed in: a shared login host tells its My Domain (NOTES 110)."""
    return f"https://{org.options.my_domain}" if request.host in LOGIN_HOSTS else root(request)


def token(org: Org, request: Request) -> Response:
    """`POST /services/oauth2/token`"""
    org.memory.calls[org.now()] = org.memory.calls.get(org.now(), 0) + 1
    form = request.form
    if form.get("grant_type") == "client_credentials":
        problem = _domain_problem(request) or _client_problem(org, request)
    elif form.get("grant_type") == GRANT_JWT:
        problem = _assertion_problem(org, request, form.get("assertion", ""))
    elif form.get("grant_type") == "refresh_token":
        problem = _refresh_problem(org, request)
    else:
        problem = ("unsupported_grant_type", "grant type not supported")
    if problem:
        return json_answer(shuffled({"error": problem[0], "error_description": problem[1]}), 400)
    return json_answer(_token(org, request))


def _token(org: Org, request: Request) -> dict[str, str]:
    return {
        "access_token": new_session(org),
        "signature": secrets.token_urlsafe(32),
        "scope": "api",
        "instance_url": _home(org, request),
        "id": f"{root(request)}/id/{ORG_ID}/{USER_ID}",
        "token_type": "Bearer",
        "issued_at": str(org.now() // 1_000),
    }


Problem = tuple[str, str]


def _domain_problem(request: Request) -> Problem | None:
    """Client credentials are taken at the org's own address only (NOTES 110)."""
    return ("invalid_grant", "request not supported on this domain") if request.host in LOGIN_HOSTS else None


def _refresh_problem(org: Org, request: Request) -> Problem | None:
    """A refresh token that somebody once agreed to in a browser; it is kept, not rotated (NOTES 111)."""
    kept, given = org.options.refresh_token, request.form.get("refresh_token")
    return _client_problem(org, request) or (
        ("invalid_grant", "expired access/refresh token") if kept is None or given != kept else None
    )


def _client_problem(org: Org, request: Request) -> Problem | None:
    basic = request.authorization
    given = (request.form.get("client_id"), request.form.get("client_secret"))
    if basic and basic.type == "basic":
        given = (basic.username, basic.password)
    if given[0] != org.options.client_id:
        return ("invalid_client_id", "client identifier invalid")
    if given[1] != org.options.client_secret:
        return ("invalid_client", "invalid client credentials")
    if org.memory.revoked:
        return ("invalid_grant", "no client credentials user enabled")
    return None


def _assertion_problem(org: Org, request: Request, assertion: str) -> Problem | None:
    claims = _claims(org, assertion)
    if claims is None:
        return ("invalid_grant", "invalid assertion")
    if claims.get("iss") != org.options.client_id:
        return ("invalid_client_id", "client identifier invalid")
    if claims.get("aud") not in {"https://login.salesforce.com", "https://test.salesforce.com", root(request)}:
        return ("invalid_grant", "audience is invalid")
    if not _in_time(str(claims.get("exp", "")), org.now()):
        return ("invalid_grant", "expired authorization code")
    if claims.get("sub") != org.options.username or org.memory.revoked:
        return ("invalid_grant", "user hasn't approved this consumer")
    return None


def _claims(org: Org, assertion: str) -> Mapping[str, object] | None:
    """What a signed assertion claims; None when it is not signed by the app's key. Times are looked at elsewhere: the
    far side has a clock of its own."""
    if org.options.jwt_key is None:
        return None
    checks = {"verify_exp": False, "verify_aud": False, "verify_iat": False, "verify_nbf": False}
    try:
        key = _public_key(org.options.jwt_key)
        return jwt.decode(assertion, key, algorithms=["RS256"], options=checks)  # type: ignore[arg-type]  # its stub knows fewer
    except (jwt.PyJWTError, ValueError):
        return None


def _public_key(pem: str) -> str:
    if "BEGIN CERTIFICATE" not in pem:
        return pem
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat  # only an org with a certificate
    from cryptography.x509 import load_pem_x509_certificate

    public = load_pem_x509_certificate(pem.encode()).public_key()
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def _in_time(expires: str, now: Instant) -> bool:
    """simple-salesforce sends `exp` as text (NOTES 6)."""
    return expires.isdigit() and now < int(expires) * SECOND <= now + LONGEST_ASSERTION


# ---- sessions --------------------------------------------------------------------------------------------------------


def new_session(org: Org) -> str:
    value = f"{ORG_ID[:15]}!{secrets.token_urlsafe(60)}"
    org.state.put("session", value, {"used": org.now()})
    return value


def good_session(org: Org) -> str:
    """A session that is good now; a new one when there is none."""
    good = [value for value in org.state.all("session") if _alive(org, value)]
    return good[-1] if good else new_session(org)


def end_sessions(org: Org) -> None:
    with org.state:
        for value in list(org.state.all("session")):
            org.state.drop("session", value)


def _alive(org: Org, value: str) -> bool:
    row = org.state.get("session", value)
    if row is None:
        return False
    used: Instant = max(row["used"], org.memory.used.get(value, 0))
    return org.now() - used <= org.options.session_seconds * SECOND


def check_session(org: Org, request: Request) -> None:
    """Raises Refused when the call carries no session that is good (NOTES 10)."""
    kind, _, value = request.headers.get("Authorization", "").partition(" ")
    value = value.strip() if kind in {"Bearer", "OAuth"} else request.args.get("oauth_token", "")
    if org.memory.revoked or not _alive(org, value):
        raise refused(401, "INVALID_SESSION_ID", "Session expired or invalid")
    if org.memory.barred:
        raise refused(401, "INVALID_SESSION_ID", org.memory.barred)
    org.memory.used[value] = org.now()
    row = org.state.get("session", value)
    if row and org.now() - row["used"] > _USED_EVERY:
        org.state.put("session", value, {"used": org.now()})


def userinfo(org: Org, request: Request) -> Response:
    """`GET /services/oauth2/userinfo`"""
    told = {
        "sub": f"{root(request)}/id/{ORG_ID}/{USER_ID}",
        "user_id": USER_ID,
        "organization_id": ORG_ID,
        "preferred_username": org.options.username,
        "name": "連携ユーザー",
        "email": f"sandbox+{org.options.username}",
        "zoneinfo": "Asia/Tokyo",
        "language": "ja",
        "active": True,
    }
    return json_answer(told)


def identity(org: Org, request: Request, org_id: str, user_id: str) -> Response:
    """`GET /id/{org}/{user}`"""
    if org_id[:15] != ORG_ID[:15] or user_id[:15] != USER_ID[:15]:
        raise refused(404, "NOT_FOUND", "The requested resource does not exist")
    rest = f"{root(request)}/services/data/v{{version}}/"
    told = {
        "id": f"{root(request)}/id/{ORG_ID}/{USER_ID}",
        "asserted_user": True,
        "user_id": USER_ID,
        "organization_id": ORG_ID,
        "username": org.options.username,
        "display_name": "連携ユーザー",
        "email": f"sandbox+{org.options.username}",
        "urls": {"rest": rest, "sobjects": rest + "sobjects/", "query": rest + "query/"},
        "active": True,
        "user_type": "STANDARD",
        "language": "ja",
        "locale": "ja_JP",
    }
    return json_answer(told)


# ---- SOAP login ------------------------------------------------------------------------------------------------------


def soap(org: Org, request: Request, version: str) -> Response:
    """`POST /services/Soap/u/{version}`: login() and nothing else."""
    import re  # the only place that reads XML by its looks

    text = request.get_data(as_text=True)
    username, password = (re.search(rf"<(?:\w+:)?{n}>(.*?)</", text, re.S) for n in ("username", "password"))
    if username is None or password is None:
        return _fault("sf:UNKNOWN_EXCEPTION", "UNKNOWN_EXCEPTION: only login() is answered here")
    if (
        not org.options.soap_login
        or not version.split(".", maxsplit=1)[0].isdigit()
        or int(version.split(".", maxsplit=1)[0]) >= SOAP_ENDS
    ):
        return _fault("sf:INVALID_OPERATION", "INVALID_OPERATION: SOAP API login() is disabled by default in this org.")
    right = (escape(org.options.username), escape(org.options.password))
    if org.memory.revoked or (username[1], password[1][: len(right[1])]) != right:
        return _fault(
            "sf:INVALID_LOGIN", "INVALID_LOGIN: Invalid username, password, security token; or user locked out."
        )
    body = _LOGGED_IN.format(
        root=_home(org, request), version=version, org=ORG_ID, user=USER_ID, session=new_session(org)
    )
    return Response(body, content_type="text/xml;charset=UTF-8")


def _fault(code: str, message: str) -> Response:
    return Response(_FAULT.format(code=code, message=message), 500, content_type="text/xml;charset=UTF-8")


_FAULT = (
    '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"'
    ' xmlns:sf="urn:fault.partner.soap.sforce.com"><soapenv:Body><soapenv:Fault><faultcode>{code}</faultcode>'
    "<faultstring>{message}</faultstring><detail><sf:LoginFault><sf:exceptionCode>{code}</sf:exceptionCode>"
    "<sf:exceptionMessage>{message}</sf:exceptionMessage></sf:LoginFault></detail></soapenv:Fault></soapenv:Body>"
    "</soapenv:Envelope>"
)
_LOGGED_IN = (
    '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"'
    ' xmlns="urn:partner.soap.sforce.com"><soapenv:Body><loginResponse><result>'
    "<metadataServerUrl>{root}/services/Soap/m/{version}/{org}</metadataServerUrl><passwordExpired>false"
    "</passwordExpired><sandbox>true</sandbox><serverUrl>{root}/services/Soap/u/{version}/{org}</serverUrl>"
    "<sessionId>{session}</sessionId><userId>{user}</userId><userInfo><organizationId>{org}</organizationId>"
    "<userId>{user}</userId><sessionSecondsValid>7200</sessionSecondsValid></userInfo></result></loginResponse>"
    "</soapenv:Body></soapenv:Envelope>"
)

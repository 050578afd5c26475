"""OAuth's token endpoint (NOTES 5): form-encoded, errors as RFC 6749 has them, refresh tokens that do not rotate."""

from __future__ import annotations

from uuid import uuid4

from werkzeug.wrappers import Request, Response

from adapters.hubspot.sandbox.account import Account
from adapters.hubspot.sandbox.answers import iso_ms, not_found
from adapters.sandbox.server import json_response
from adapters.sandbox.state import Row

USER = 1_001


def token(account: Account, request: Request) -> Response:
    """POST: a new access token for a refresh token. A query string is not read."""
    form, options = request.form, account.options
    if form.get("grant_type") != "refresh_token":
        return _error("unsupported_grant_type", "BAD_GRANT_TYPE", "missing or unknown grant type")
    if (form.get("client_id"), form.get("client_secret")) != (options.client_id, options.client_secret):
        return _error("invalid_client", "BAD_CLIENT_ID", "missing or unknown client id")
    if form.get("refresh_token") != options.refresh_token or revoked(account):
        return _error("invalid_grant", "BAD_REFRESH_TOKEN", "missing or unknown refresh token")
    access = issue(account)
    told = {
        "token_type": "bearer",
        "access_token": access,
        "refresh_token": options.refresh_token,
        "expires_in": options.token_life,
        "hub_id": options.portal_id,
        "user_id": USER,
        "scopes": sorted(options.scopes),
    }
    return json_response(told)


def issue(account: Account) -> str:
    """A new access token that is good for a while."""
    access = f"CN{uuid4().hex}"
    account.state.put("tokens", access, {"expires": account.now + account.options.token_life * 1_000})
    return access


def revoked(account: Account) -> bool:
    """Whether the app was uninstalled: no refresh token is good any more."""
    return account.state.get("account", "revoked") is not None


def about_token(account: Account, request: Request, token: str) -> Response:
    """GET what an access token is good for."""
    row = account.state.get("tokens", token)
    if row is None or row["expires"] <= account.now:
        raise not_found("token not found")
    return json_response({**_about(account, row), "token": token})


def introspect(account: Account, request: Request) -> Response:
    """POST: the same for whoever holds the client's secret."""
    row = account.state.get("tokens", request.form.get("token", ""))
    if row is None or row["expires"] <= account.now:
        return json_response({"active": False})
    return json_response({**_about(account, row), "active": True})


def _about(account: Account, row: Row) -> dict[str, object]:
    options = account.options
    left = (row["expires"] - account.now) // 1_000
    whose = {"hub_id": options.portal_id, "app_id": options.app_id, "user_id": USER, "token_type": "access"}
    return {**whose, "expires_in": left, "scopes": sorted(options.scopes), "expires_at": iso_ms(row["expires"])}


def _error(error: str, status: str, message: str) -> Response:
    return json_response({"error": error, "error_description": message, "status": status, "message": message}, 400)

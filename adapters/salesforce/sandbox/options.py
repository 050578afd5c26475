"""What kind of org the sandbox is. The defaults are those of a plain Enterprise org with a plain integration user."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Options:
    """An org's settings. Seconds are the far side's own. Limits and page sizes may be made smaller for a test.

    `jwt_key`: PEM of the public key or certificate of the app, for the JWT flow. `refresh_token`: what the app was
    given when somebody agreed to it in a browser (NOTES 111). `my_domain`: the org's host for one who signs in at a
    shared login host (NOTES 110). `sees`: standard fields that are hidden by default and that the integration user's
    permission set grants (`Lead.HasOptedOutOfEmail`). `without`: objects this org has not. `commit_lag`: rows written
    become visible so long after their stamp (NOTES 43).
    `bad_field`: whether an unknown field in a collection refuses the call or its record (NOTES 63). `charset`: whether
    CSV results say theirs (NOTES 93). `soap_login`: older orgs have it on (NOTES 3). `tooling`: whether the user may
    customise the application. `rough_results`: bulk results as they have been seen now and then (NOTES 106).
    """

    org_name: str = "Leadheat サンドボックス"
    username: str = "integration@leadheat.sandbox"
    password: str = field(default="sandbox-password", repr=False)
    client_id: str = "leadheat_sandbox_consumer_key"
    client_secret: str = field(default="leadheat_sandbox_consumer_secret", repr=False)
    jwt_key: str | None = field(default=None, repr=False)
    refresh_token: str | None = field(default=None, repr=False)
    my_domain: str = "leadheat.my.salesforce.com"
    soap_login: bool = True
    tooling: bool = True
    oldest_version: int = 31
    newest_version: int = 67
    session_seconds: float = 7_200
    daily_requests: int = 110_000
    page_size: int = 2_000
    smallest_page: int = 200
    long_text_page: int = 200
    cursor_seconds: float = 172_800
    bulk_seconds: float = 2.0
    bulk_page: int = 50_000
    sees: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()
    commit_lag: float = 0.0
    bad_field: Literal["call", "record"] = "call"
    duplicate_rule: Literal["off", "alert", "block"] = "off"
    assignment_rule: bool = True
    charset: bool = False
    rough_results: bool = False
    bulk_upload_bytes: int = 150_000_000

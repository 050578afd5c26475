"""What an installation is configured to do, as checked values. Where the words come from is `settings.py`'s matter."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr
from pydantic_core import PydanticCustomError

from connector.instants import SECOND, Duration, Instant, parse_duration, parse_instant
from connector.reasons import CrmLang
from connector.timetable import Every, Timetable, parse_timetable
from connector.words import Lang

LOOPBACK = re.compile(r"localhost|127(\.\d{1,3}){3}|::1")
QUARTER = Every(15 * 60 * SECOND)
_PERCENT = re.compile(r"(\d{1,3}(?:\.\d{1,4})?) ?(%?)")
_SECONDS = re.compile(r"(\d{1,5})s")


def _share(value: Any) -> Any:
    """`20%` or `0.2` as a share of one."""
    found = _PERCENT.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise PydanticCustomError("share", "not a share")
    share = Decimal(found[1]) / (100 if found[2] else 1)
    if share > 1:
        raise PydanticCustomError("share", "more than all")
    return float(share)


def _timetable(value: Any) -> Any:
    try:
        return parse_timetable(str(value))
    except ValueError:
        raise PydanticCustomError("timetable", "not a timetable") from None


def _jitter(value: Any) -> Any:
    text = str(value).strip()
    found = _SECONDS.fullmatch(text)
    try:
        return int(found[1]) * SECOND if found else parse_duration(text)
    except ValueError:
        raise PydanticCustomError("jitter", "not a duration") from None


def _url(value: Any) -> Any:
    """An address without user, query or final slash; plain HTTP only to this machine, because tokens travel on it."""
    try:
        parts = urlsplit(str(value).strip())
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise PydanticCustomError("url", "not an address") from None
    if parts.scheme not in ("http", "https") or not host or parts.username or parts.query or parts.fragment:
        raise PydanticCustomError("url", "not an address")
    if parts.scheme == "http" and not LOOPBACK.fullmatch(host):
        raise PydanticCustomError("plain_http", "plain http")
    return parts.geturl().rstrip("/")


def _instant(value: Any) -> Any:
    try:
        return parse_instant(str(value))
    except ValueError:
        raise PydanticCustomError("instant", "not an instant") from None


def _zone(value: Any) -> Any:
    try:
        return ZoneInfo(str(value))
    except (ValueError, OSError):  # an unknown key is a KeyError that zoneinfo makes an OSError on some systems
        raise PydanticCustomError("zone", "not a zone") from None
    except KeyError:
        raise PydanticCustomError("zone", "not a zone") from None


def _database(value: Any) -> Any:
    """A SQLAlchemy URL of SQLite or PostgreSQL; PostgreSQL's own spelling is accepted too."""
    scheme, mark, rest = str(value).strip().partition("://")
    drivers = {"sqlite": "sqlite", "postgres": "postgresql+psycopg", "postgresql": "postgresql+psycopg"}
    driver = drivers.get(scheme, scheme)
    if not mark or not rest or driver not in drivers.values():
        raise PydanticCustomError("database", "not a database")
    return f"{driver}://{rest}"


def _existing(value: Any) -> Any:
    if not Path(value).is_file():
        raise PydanticCustomError("no_file", "no such file")
    return value


Share = Annotated[float, BeforeValidator(_share)]
Url = Annotated[str, BeforeValidator(_url)]


class ConnectionSettings(BaseModel):
    """One account in one CRM, or one spreadsheet. Its repr shows no secret.

    `max_changes` is the brake's share of hot flags that may turn, `api_budget` the share of the account's daily calls
    at which we stop by ourselves. `schedule` and `jitter` are for `leadheat serve`; `lang` is the language of what is
    written into the CRM.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, arbitrary_types_allowed=True)

    crm: Literal["hubspot", "salesforce", "spreadsheet"]
    mapping: Path
    lang: CrmLang = "ja"
    max_changes: Share = 0.2
    schedule: Annotated[Timetable, BeforeValidator(_timetable)] = QUARTER
    jitter: Annotated[Duration, BeforeValidator(_jitter)] = 0
    api_budget: Share = 0.5
    ca_file: Annotated[Path, BeforeValidator(_existing)] | None = None
    base_url: Url | None = None
    token: SecretStr | None = None
    instance_url: Url | None = None
    client_id: str | None = None
    client_secret: SecretStr | None = None
    username: str | None = None
    private_key: SecretStr | None = None
    access_token: SecretStr | None = None
    path: Path | None = None
    out: Path | None = None
    activities: Path | None = None
    id: str | None = None


class Settings(BaseModel):
    """One installation. `folder` is where `.env` lies; the database's address may hold a password and is not shown."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, arbitrary_types_allowed=True)

    folder: Path
    scorecard: Path
    database_url: Annotated[str, BeforeValidator(_database)] = Field(repr=False)
    lang: Lang = "ja"
    zone: Annotated[ZoneInfo, BeforeValidator(_zone)]
    clock: Annotated[Instant, BeforeValidator(_instant)] | None = None
    connections: Mapping[str, ConnectionSettings] = {}

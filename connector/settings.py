"""Settings: the only reader of the environment.

They come from the environment, then from `.env`, then from a folder `secrets` beside it and from `/run/secrets`; the
earlier place wins. `LEADHEAT_CONNECTIONS__ACME__TOKEN` is the token of the connection `acme`; a secret may also stand
in a file that `…__TOKEN_FILE` names. Relative paths start from the folder of `.env`. All problems are told at once,
by variable, and never with a value.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from dotenv import dotenv_values
from pydantic import ValidationError
from pydantic_settings import (
    BaseSettings,
    NestedSecretsSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from connector.configured import ConnectionSettings, Settings
from connector.errors import Problem, UserError, refuse, user_error
from connector.instants import Instant, parse_instant
from connector.misconfigured import FROM_FOLDER, PREFIX, SECRETS, misfits, problem_of, unknown_variables, variable
from connector.words import Lang, say

CONTAINER_SECRETS = Path("/run/secrets")
PATHS = ("mapping", "ca_file", "path", "out", "activities")

__all__ = [
    "ConnectionSettings", "Settings", "config_folder", "fixed_clock", "load_settings", "raw_connections", "start_lang",
]  # fmt: skip


class _Gathered(BaseSettings):
    """All that was set, as text, from all places together: pydantic-settings reads, nests and merges."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", env_ignore_empty=True, extra="ignore",
        secrets_dir_missing="ok", hide_input_in_errors=True,
    )  # fmt: skip

    connections: dict[str, dict[str, str]] = {}
    database_url: str | None = None
    database_url_file: str | None = None
    scorecard: str = "scorecard.yaml"
    lang: str | None = None
    timezone: str = "Asia/Tokyo"
    clock: str | None = None

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: Any, init_settings: Any, env_settings: Any, dotenv_settings: Any, file_secret_settings: Any
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The same places as ever, with secrets that may be nested too."""
        del settings_cls, init_settings
        return env_settings, dotenv_settings, NestedSecretsSettingsSource(file_secret_settings)


def load_settings(config: Path | None = None) -> Settings:
    """All settings, checked. `config` is a folder with `.env`, or the `.env` file itself; left out: this folder.

    Raises UserError with every problem found; each names the variable and the remedy, none a value.
    """
    folder = config_folder(config)
    found = _gather(config, folder)
    connections, problems = _with_secret_files(found.connections, folder)
    database, more = _database_url(found, folder)
    problems = [*unknown_variables(_names(config, folder), tuple(_Gathered.model_fields)), *problems, *more]
    problems += [p for name, words in sorted(connections.items()) for p in misfits(name, words)]
    values = _values(found, folder, connections, database)
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        told = [problem_of(e) for e in error.errors(include_input=False, include_url=False)]
        raise UserError(*_once([*problems, *told])) from None
    refuse(_once(problems))
    return settings


def raw_connections(config: Path | None = None) -> Mapping[str, str]:
    """The connections by name with their CRM as written, even while secrets are missing or wrong."""
    found = _gather(config, config_folder(config))
    return {name: words.get("crm", "") for name, words in found.connections.items()}


def config_folder(config: Path | None) -> Path:
    """The folder that relative paths start from. Raises UserError when there is no such folder or file."""
    place = (config or Path()).absolute()
    if place.is_dir():
        return place
    if place.is_file():
        return place.parent
    raise user_error("LH-101", say("there is no such folder"), str(config), say("'leadheat init' makes one."))


def fixed_clock() -> Instant | None:
    """The instant of LEADHEAT_CLOCK in the environment, for commands that need no settings. Raises UserError."""
    text = os.environ.get(f"{PREFIX}CLOCK")
    try:
        return parse_instant(text) if text else None
    except ValueError:
        raise UserError(problem_of({"loc": ("clock",), "type": "instant"})) from None


def start_lang(argv: Sequence[str]) -> Lang:
    """The language to begin in: `--lang`, then LEADHEAT_LANG, then the locale; English when none says Japanese."""
    asked = [b for a, b in pairwise(argv) if a == "--lang"]
    asked += [a.removeprefix("--lang=") for a in argv if a.startswith("--lang=")]
    spoken = [os.environ.get(name, "") for name in (f"{PREFIX}LANG", "LC_ALL", "LC_MESSAGES", "LANG")]
    first = next((word for word in [*asked, *spoken] if word), "en")
    return "ja" if first.lower().partition("_")[0].partition(".")[0] == "ja" else "en"


def _env_file(config: Path | None, folder: Path) -> Path:
    return config.absolute() if config is not None and config.is_file() else folder / ".env"


def _gather(config: Path | None, folder: Path) -> _Gathered:
    secrets = [path for path in (CONTAINER_SECRETS, folder / "secrets") if path.is_dir()]
    try:
        return _Gathered(_env_file=_env_file(config, folder), _secrets_dir=secrets)
    except ValidationError as error:
        raise UserError(*(problem_of(e) for e in error.errors(include_input=False, include_url=False))) from None
    except (SettingsError, UnicodeDecodeError, OSError):
        what = say("the settings cannot be read")
        fix = say("Is '.env' a text file in UTF-8, and are the files in 'secrets' yours to read?")
        raise user_error("LH-118", what, str(folder), fix) from None


def _names(config: Path | None, folder: Path) -> list[str]:
    """Every variable that is set, in the environment or the file."""
    return [*os.environ, *dotenv_values(_env_file(config, folder), interpolate=False)]


def _with_secret_files(
    connections: Mapping[str, Mapping[str, str]], folder: Path
) -> tuple[dict[str, dict[str, str]], list[Problem]]:
    """The connections with each `…_FILE` replaced by what the file holds; a secret given directly goes before."""
    problems: list[Problem] = []
    whole = {name: dict(words) for name, words in connections.items()}
    for name, words in whole.items():
        for key in SECRETS:
            file = words.pop(f"{key}_file", None)
            if file is not None and not words.get(key):
                words[key], problem = _secret(folder / file, variable(name, f"{key}_file"))
                problems += [problem] if problem else []
    return whole, problems


def _secret(path: Path, where: str) -> tuple[str, Problem | None]:
    try:
        text = path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        text = ""
    if text:
        return text, None
    # the space keeps "is missing" from being told of the secret as well: one fault, one sentence
    return " ", Problem("LH-119", say("names a file that is empty or cannot be read"), where, FROM_FOLDER)


def _database_url(found: _Gathered, folder: Path) -> tuple[str, list[Problem]]:
    """The database's address; a relative SQLite file lies beside the settings."""
    url, problem = found.database_url, None
    if url is None and found.database_url_file is not None:
        url, problem = _secret(folder / found.database_url_file, f"{PREFIX}DATABASE_URL_FILE")
    if problem:
        return "sqlite://memory", [problem]
    url = url or "sqlite:///leadheat.db"
    scheme, _, file = url.partition(":///")
    if scheme == "sqlite" and file and not file.startswith((":", "file:")):
        url = f"sqlite:///{folder / file}"
    return url, []


def _values(
    found: _Gathered, folder: Path, connections: Mapping[str, Mapping[str, str]], database: str
) -> dict[str, Any]:
    known = ConnectionSettings.model_fields
    named = {name: {k: v for k, v in words.items() if k in known} for name, words in connections.items()}
    return {
        "folder": folder,
        "scorecard": folder / found.scorecard,
        "database_url": database,
        "lang": found.lang or "ja",
        "zone": found.timezone,
        "clock": found.clock,
        "connections": {name: _connection(words, folder, found.lang) for name, words in named.items()},
    }


def _connection(words: Mapping[str, str], folder: Path, lang: str | None) -> dict[str, Any]:
    """One connection's words with what follows from others, and its paths made whole."""
    usual = {"mapping": f"mappings/{words.get('crm', 'crm')}.yaml", "lang": lang or "ja"}
    whole = {**usual, **words}
    return whole | {key: folder / whole[key] for key in PATHS if key in whole}


def _once(problems: Sequence[Problem]) -> list[Problem]:
    """Each problem once, though two checks may have found it."""
    return list({(p.code, p.where): p for p in reversed(problems)}.values())[::-1]

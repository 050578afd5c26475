"""Settings come from environment, .env and secret files; all problems are told at once, and never a value."""

from __future__ import annotations

from pathlib import Path

import pytest

from connector.errors import UserError
from connector.instants import HOUR, MINUTE, SECOND, parse_instant
from connector.settings import config_folder, fixed_clock, load_settings, raw_connections, start_lang
from connector.timetable import Cron, Every

ACME = "LEADHEAT_CONNECTIONS__ACME__"


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the developer's own environment takes part."""
    import os

    for name in [n for n in os.environ if n.upper().startswith("LEADHEAT_")]:
        monkeypatch.delenv(name)


def write(folder: Path, *lines: str) -> Path:
    (folder / ".env").write_text("\n".join(lines) + "\n", "utf-8")
    return folder


def told(folder: Path) -> dict[str, str]:
    """Every problem of these settings: variable -> code."""
    with pytest.raises(UserError) as caught:
        load_settings(folder)
    assert caught.value.exit_code == 3
    return {str(p.where): p.code for p in caught.value.problems}


def test_an_empty_folder_has_defaults_that_lie_beside_the_settings(tmp_path: Path) -> None:
    settings = load_settings(tmp_path)
    assert settings.scorecard == tmp_path / "scorecard.yaml"
    assert settings.database_url == f"sqlite:///{tmp_path}/leadheat.db"
    assert (settings.zone.key, settings.clock, settings.lang, dict(settings.connections)) == (
        "Asia/Tokyo",
        None,
        "ja",
        {},
    )


def test_a_hubspot_connection_needs_a_token_and_nothing_else(tmp_path: Path) -> None:
    acme = load_settings(write(tmp_path, f"{ACME}CRM=hubspot", f"{ACME}TOKEN=t0p")).connections["acme"]
    assert acme.token is not None
    assert acme.token.get_secret_value() == "t0p"
    assert acme.mapping == tmp_path / "mappings" / "hubspot.yaml"
    assert (acme.max_changes, acme.api_budget, acme.schedule, acme.jitter) == (0.2, 0.5, Every(15 * MINUTE), 0)


def test_the_file_of_settings_may_be_named_itself_and_have_another_name(tmp_path: Path) -> None:
    (tmp_path / "prod.env").write_text(f"{ACME}CRM=hubspot\n{ACME}TOKEN=x\n", "utf-8")
    settings = load_settings(tmp_path / "prod.env")
    assert settings.folder == tmp_path
    assert list(settings.connections) == ["acme"]


def test_the_environment_goes_before_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, f"{ACME}CRM=hubspot", f"{ACME}TOKEN=from-file", "LEADHEAT_TIMEZONE=UTC")
    monkeypatch.setenv(f"{ACME}TOKEN", "from-environment")
    settings = load_settings(tmp_path)
    token = settings.connections["acme"].token
    assert token is not None
    assert token.get_secret_value() == "from-environment"
    assert settings.zone.key == "UTC"


@pytest.mark.parametrize("way", ["named file", "secrets folder", "both"])
def test_a_secret_may_stand_in_a_file_of_its_own(tmp_path: Path, way: str) -> None:
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    (secrets / f"{ACME}TOKEN").write_text("kept-apart\n", "utf-8")
    named = [] if way == "secrets folder" else [f"{ACME}TOKEN_FILE=secrets/{ACME}TOKEN"]
    if way == "named file":
        (secrets / f"{ACME}TOKEN").rename(tmp_path / "token")
        named = [f"{ACME}TOKEN_FILE=token"]
    token = load_settings(write(tmp_path, f"{ACME}CRM=hubspot", *named)).connections["acme"].token
    assert token is not None
    assert token.get_secret_value() == "kept-apart"


def test_a_private_key_keeps_its_lines(tmp_path: Path) -> None:
    key = "-----BEGIN KEY-----\nabc\ndef\n-----END KEY-----"
    (tmp_path / "key.pem").write_text(key + "\n", "utf-8")
    write(
        tmp_path, f"{ACME}CRM=salesforce", f"{ACME}INSTANCE_URL=https://acme.my.salesforce.com/", f"{ACME}CLIENT_ID=c",
        f"{ACME}USERNAME=u@acme.example", f"{ACME}PRIVATE_KEY_FILE=key.pem",
    )  # fmt: skip
    acme = load_settings(tmp_path).connections["acme"]
    assert acme.private_key is not None
    assert acme.private_key.get_secret_value() == key
    assert acme.instance_url == "https://acme.my.salesforce.com"


def test_every_problem_is_told_at_once_by_its_variable(tmp_path: Path) -> None:
    lines = (
        f"{ACME}CRM=hubspot", f"{ACME}TOKN=x", f"{ACME}MAX_CHANGES=lots", f"{ACME}BASE_URL=http://crm.example",
        "LEADHEAT_CONNECTIONS__SF__CRM=salesforce", "LEADHEAT_CONNECTIONS__SF__CLIENT_ID=c",
        "LEADHEAT_CONNECTIONS__SF__TOKEN=x", "LEADHEAT_CONNECTIONS__ODD__CRM=zoho",
        "LEADHEAT_CONNECTIONS__LIST__CRM=spreadsheet", "LEADHEAT_TIMEZONE=Tokio",
        "LEADHEAT_DATABSE_URL=x", "LEADHEAT_CLOCK=now",
    )  # fmt: skip
    assert told(write(tmp_path, *lines)) == {
        f"{ACME}TOKN": "LH-102",
        f"{ACME}TOKEN": "LH-103",
        f"{ACME}MAX_CHANGES": "LH-105",
        f"{ACME}BASE_URL": "LH-109",
        "LEADHEAT_CONNECTIONS__SF__TOKEN": "LH-116",
        "LEADHEAT_CONNECTIONS__SF__INSTANCE_URL": "LH-103",
        "LEADHEAT_CONNECTIONS__SF__CLIENT_SECRET": "LH-117",
        "LEADHEAT_CONNECTIONS__ODD__CRM": "LH-104",
        "LEADHEAT_CONNECTIONS__LIST__PATH": "LH-103",
        "LEADHEAT_TIMEZONE": "LH-111",
        "LEADHEAT_DATABSE_URL": "LH-102",
        "LEADHEAT_CLOCK": "LH-110",
    }


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("LEADHEAT_DATABSE_URL", "LEADHEAT_DATABASE_URL"), (f"{ACME}TOKN", "TOKEN"), (f"{ACME}TOKEN_FIL", "TOKEN_FILE")],
)
def test_a_typing_error_is_told_with_what_was_meant(tmp_path: Path, typed: str, meant: str) -> None:
    write(tmp_path, f"{ACME}CRM=hubspot", f"{ACME}TOKEN=x", f"{typed}=y")
    with pytest.raises(UserError, match=f"Did you mean '{meant}'"):
        load_settings(tmp_path)


def test_no_secret_is_shown_by_a_repr_or_an_error(tmp_path: Path) -> None:
    secret = "s3cr3t-of-acme"
    good = (f"{ACME}CRM=hubspot", f"{ACME}TOKEN={secret}", f"LEADHEAT_DATABASE_URL=postgresql://u:{secret}@db/x")
    settings = load_settings(write(tmp_path, *good))
    assert settings.database_url == f"postgresql+psycopg://u:{secret}@db/x"
    assert secret not in repr(settings)
    bad = (
        f"{ACME}CRM={secret}",
        f"{ACME}MAX_CHANGES={secret}",
        f"{ACME}BASE_URL=https://u:{secret}@h",
        f"{ACME}SCHEDULE={secret}",
    )
    write(tmp_path, *bad, f"LEADHEAT_DATABASE_URL=mysql://u:{secret}@db/x", f"{ACME}TOKEN_FILE={secret}")
    with pytest.raises(UserError) as caught:
        load_settings(tmp_path)
    assert secret not in caught.value.in_("en") + caught.value.in_("ja") + repr(caught.value)
    assert len(caught.value.problems) == 6


def test_a_secret_file_that_cannot_be_read_is_one_problem(tmp_path: Path) -> None:
    assert told(write(tmp_path, f"{ACME}CRM=hubspot", f"{ACME}TOKEN_FILE=nowhere")) == {f"{ACME}TOKEN_FILE": "LH-119"}


@pytest.mark.parametrize(
    ("url", "fine"),
    [
        ("https://api.hubapi.com/", True), ("http://127.0.0.1:8180", True), ("http://localhost:1", True),
        ("http://[::1]:8180", True), ("http://localhost.evil.example", False), ("http://127.0.0.1.example", False),
        ("ftp://x", False), ("api.hubapi.com", False), ("https://u:p@h", False), ("https://h:port", False),
    ],
)  # fmt: skip
def test_plain_http_reaches_only_this_machine(tmp_path: Path, url: str, fine: bool) -> None:
    write(tmp_path, f"{ACME}CRM=hubspot", f"{ACME}TOKEN=x", f"{ACME}BASE_URL={url}")
    if fine:
        assert load_settings(tmp_path).connections["acme"].base_url == url.rstrip("/")
    else:
        assert set(told(tmp_path)) == {f"{ACME}BASE_URL"}


@pytest.mark.parametrize(("text", "share"), [("20%", 0.2), ("20 %", 0.2), ("0.35", 0.35), ("100%", 1.0), ("0", 0.0)])
def test_a_share_may_be_written_as_percent_or_as_a_fraction(tmp_path: Path, text: str, share: float) -> None:
    write(tmp_path, f"{ACME}CRM=hubspot", f"{ACME}TOKEN=x", f"{ACME}MAX_CHANGES={text}", f"{ACME}API_BUDGET={text}")
    acme = load_settings(tmp_path).connections["acme"]
    assert (acme.max_changes, acme.api_budget) == (share, share)


@pytest.mark.parametrize("text", ["20", "-1", "101%", "%", "half", "1.5"])
def test_a_share_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    write(tmp_path, f"{ACME}CRM=hubspot", f"{ACME}TOKEN=x", f"{ACME}MAX_CHANGES={text}")
    assert told(tmp_path) == {f"{ACME}MAX_CHANGES": "LH-105"}


def test_schedule_and_jitter_are_read_when_settings_are(tmp_path: Path) -> None:
    lines = (f"{ACME}CRM=hubspot", f"{ACME}TOKEN=x", f"{ACME}JITTER=30s", f"{ACME}SCHEDULE='0 7 * * 1-5'")
    acme = load_settings(write(tmp_path, *lines)).connections["acme"]
    assert (acme.schedule, acme.jitter) == (Cron("0 7 * * mon,tue,wed,thu,fri"), 30 * SECOND)
    other = load_settings(write(tmp_path, *lines[:2], f"{ACME}SCHEDULE=2h")).connections["acme"]
    assert other.schedule == Every(2 * HOUR)


def test_the_language_of_crm_texts_follows_the_installation_unless_it_is_set(tmp_path: Path) -> None:
    lines = (f"{ACME}CRM=hubspot", f"{ACME}TOKEN=x", "LEADHEAT_LANG=en")
    assert load_settings(write(tmp_path, *lines)).connections["acme"].lang == "en"
    assert load_settings(write(tmp_path, *lines, f"{ACME}LANG=both")).connections["acme"].lang == "both"


def test_a_spreadsheet_connection_has_its_files_beside_the_settings(tmp_path: Path) -> None:
    lines = (f"{ACME}CRM=spreadsheet", f"{ACME}PATH=leads.csv", f"{ACME}OUT=out/scored.xlsx", f"{ACME}ID=No.")
    acme = load_settings(write(tmp_path, *lines)).connections["acme"]
    assert (acme.path, acme.out, acme.activities, acme.id) == (
        tmp_path / "leads.csv",
        tmp_path / "out/scored.xlsx",
        None,
        "No.",
    )


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("sqlite:///data/x.db", "sqlite:///{folder}/data/x.db"), ("sqlite:////srv/x.db", "sqlite:////srv/x.db"),
        ("sqlite:///:memory:", "sqlite:///:memory:"), ("postgres://h/x", "postgresql+psycopg://h/x"),
    ],
)  # fmt: skip
def test_a_relative_database_lies_beside_the_settings(tmp_path: Path, url: str, kept: str) -> None:
    assert load_settings(write(tmp_path, f"LEADHEAT_DATABASE_URL={url}")).database_url == kept.format(folder=tmp_path)


def test_names_of_connections_are_lower_case_and_plain(tmp_path: Path) -> None:
    write(tmp_path, "LEADHEAT_CONNECTIONS__Acme_JP__CRM=hubspot", "LEADHEAT_CONNECTIONS__ACME_JP__TOKEN=x")
    assert list(load_settings(tmp_path).connections) == ["acme_jp"]
    write(tmp_path, "LEADHEAT_CONNECTIONS__会社__CRM=hubspot", "LEADHEAT_CONNECTIONS__会社__TOKEN=x")
    assert told(tmp_path) == {"LEADHEAT_CONNECTIONS__会社": "LH-115"}


def test_variables_of_others_and_of_our_tests_are_no_business_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEADHEAT_TEST_POSTGRES", "postgresql://x")
    load_settings(write(tmp_path, "OTHER_PROGRAM=1"))


def test_connections_are_known_by_name_while_their_secrets_are_missing(tmp_path: Path) -> None:
    write(tmp_path, f"{ACME}CRM=hubspot", "LEADHEAT_CONNECTIONS__SF__CRM=salesforce")
    assert raw_connections(tmp_path) == {"acme": "hubspot", "sf": "salesforce"}


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="LH-101"):
        config_folder(tmp_path / "nowhere")


def test_a_file_of_settings_that_is_not_text_is_told(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"LEADHEAT_LANG=\x82\xa0\xff\n")
    with pytest.raises(UserError, match="LH-118"):
        load_settings(tmp_path)


def test_the_clock_of_the_environment_needs_no_other_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    assert fixed_clock() is None
    monkeypatch.setenv("LEADHEAT_CLOCK", "2026-11-22T09:00:00+09:00")
    assert fixed_clock() == parse_instant("2026-11-22T00:00:00Z")
    monkeypatch.setenv("LEADHEAT_CLOCK", "yesterday")
    with pytest.raises(UserError, match="LEADHEAT_CLOCK"):
        fixed_clock()


@pytest.mark.parametrize(
    ("argv", "env", "lang"),
    [
        (["leadheat", "--lang", "ja"], {"LEADHEAT_LANG": "en"}, "ja"),
        (["leadheat", "--lang=en"], {"LEADHEAT_LANG": "ja"}, "en"),
        (["leadheat"], {"LEADHEAT_LANG": "ja", "LANG": "en_US.UTF-8"}, "ja"),
        (["leadheat"], {"LANG": "ja_JP.UTF-8"}, "ja"),
        (["leadheat"], {"LC_ALL": "C", "LANG": "ja_JP.UTF-8"}, "en"), (["leadheat"], {}, "en"),
    ],
)  # fmt: skip
def test_the_first_who_names_a_language_decides(
    monkeypatch: pytest.MonkeyPatch, argv: list[str], env: dict[str, str], lang: str
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    assert start_lang(argv) == lang

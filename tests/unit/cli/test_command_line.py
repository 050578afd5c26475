"""The command line as a process: exit codes, languages, and what it never prints."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

LEADHEAT = Path(sys.executable).parent / "leadheat"


def run(*words: str | Path, **env: str) -> subprocess.CompletedProcess[str]:
    others = {k: v for k, v in os.environ.items() if not k.startswith("LEADHEAT_")}
    whole = others | {"LC_ALL": "C.UTF-8"} | env
    return subprocess.run([LEADHEAT, *words], capture_output=True, text=True, env=whole, check=False, timeout=60)


@pytest.mark.parametrize(
    "words",
    [("bogus",), ("plan", "--bogus"), ("--lang", "fr", "plan"), ("--color", "pink", "plan"), ("explain",), ()],
    ids=" ".join,
)
def test_a_wrong_command_line_exits_with_2_and_says_how_it_is_used(words: tuple[str, ...]) -> None:
    done = run(*words)
    assert done.returncode == 2
    assert "Usage: leadheat" in done.stderr
    assert "LH-100" not in done.stderr


def test_wrong_settings_exit_with_3_and_name_every_variable(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("LEADHEAT_TIMEZONE=Tokio\nLEADHEAT_SCORECRAD=x\n", "utf-8")
    done = run("-c", tmp_path, "runs", "list")
    assert done.returncode == 3
    assert "LEADHEAT_TIMEZONE" in done.stderr
    assert "Did you mean 'LEADHEAT_SCORECARD'?" in done.stderr
    assert done.stdout == ""


def test_problems_are_told_in_japanese_to_who_reads_japanese(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("LEADHEAT_TIMEZONE=Tokio\n", "utf-8")
    done = run("-c", tmp_path, "runs", "list", LEADHEAT_LANG="ja")
    assert "LEADHEAT_TIMEZONE: タイムゾーンの名前ではありません [LH-111]" in done.stderr


@pytest.mark.parametrize(("lang", "text"), [("en", "The agreed rules."), ("ja", "合意したルールを扱います。")])
def test_help_is_in_the_language_asked_for(lang: str, text: str) -> None:
    done = run("--lang", lang, "--help")
    assert done.returncode == 0
    assert text in done.stdout


def test_no_connection_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    done = run("-c", tmp_path, "serve", "--once")
    assert done.returncode == 3
    assert "leadheat init" in done.stderr


def test_json_is_one_document_with_its_version(tmp_path: Path) -> None:
    done = run("--json", "-c", tmp_path, "runs", "list")
    assert json.loads(done.stdout) == {"schema_version": 1, "runs": []}


def test_a_pipe_gets_no_colours(tmp_path: Path) -> None:
    done = run("-c", tmp_path, "runs", "list")
    assert "\x1b" not in done.stdout + done.stderr


def test_init_then_connect_asks_and_keeps_the_secret_to_its_owner(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    assert run("init", folder, "--crm", "hubspot", "--name", "acme").returncode == 0
    assert (folder / ".env").stat().st_mode & 0o777 == 0o600
    command = [LEADHEAT, "-c", folder, "connect", "acme"]
    env = {k: v for k, v in os.environ.items() if not k.startswith("LEADHEAT_")}
    env |= {"LEADHEAT_CONNECTIONS__ACME__BASE_URL": "http://127.0.0.1:9"}
    done = subprocess.run(
        command, input="pat-secret\n", capture_output=True, text=True, env=env, check=False, timeout=120
    )
    secret = folder / "secrets" / "LEADHEAT_CONNECTIONS__ACME__TOKEN"
    assert secret.read_text("utf-8") == "pat-secret"
    assert secret.stat().st_mode & 0o777 == 0o600
    assert "pat-secret" not in done.stdout + done.stderr + (folder / ".env").read_text("utf-8")

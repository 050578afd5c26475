"""`.env.example` has every setting, in both languages, and works as it stands."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from house import ROOT

from connector.configured import ConnectionSettings
from connector.misconfigured import KEYS, SECRETS
from connector.settings import load_settings

EXAMPLE = (ROOT / ".env.example").read_text("utf-8")
LINE = re.compile(r"^(?:# )?(LEADHEAT_[A-Z0-9_]+)=(.*)$", re.MULTILINE)
GLOBAL = ("SCORECARD", "DATABASE_URL", "DATABASE_URL_FILE", "LANG", "TIMEZONE", "CLOCK")


def test_every_setting_is_in_the_example() -> None:
    named = {name for name, _ in LINE.findall(EXAMPLE)}
    keys = {name.split("__")[2] for name in named if "__" in name}
    wanted = {key.upper() for key in ConnectionSettings.model_fields} | {f"{s}_FILE".upper() for s in SECRETS}
    assert keys == wanted
    assert {name for name in named if "__" not in name} == {f"LEADHEAT_{name}" for name in GLOBAL}


def test_every_setting_belongs_to_some_crm() -> None:
    assert {key for keys in KEYS.values() for key in keys} == set(ConnectionSettings.model_fields)


def test_every_setting_is_explained_in_both_languages() -> None:
    blocks = [block for block in EXAMPLE.split("\n\n") if LINE.search(block)]
    explained = ["\n".join(line for line in b.splitlines() if not LINE.match(line)) for b in blocks]
    silent = [b for b, text in zip(blocks, explained, strict=True) if "CRM=" not in b and not _both(text)]
    assert silent == []


def _both(text: str) -> bool:
    return bool(re.search(r"[a-z]{3}", text)) and bool(re.search(r"[ぁ-んァ-ン一-龠]", text))


def test_the_example_works_as_it_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [n for n in os.environ if n.startswith("LEADHEAT_")]:
        monkeypatch.delenv(name)
    (tmp_path / ".env").write_text(EXAMPLE, "utf-8")
    (tmp_path / "secrets").mkdir()
    for _, value in LINE.findall(EXAMPLE):
        if value.startswith("secrets/"):
            (tmp_path / value).write_text("x", "utf-8")
    assert sorted(load_settings(tmp_path).connections) == ["acme", "jp", "list"]

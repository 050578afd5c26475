"""Makefile, pins, container and continuous integration agree with one another."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions

import pytest
import yaml
from house import ROOT, nodes

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
DOCKERFILE = (ROOT / "docker" / "Dockerfile").read_text("utf-8")
EXTRAS = PROJECT["optional-dependencies"]
BROUGHT = {"cryptography": "pyjwt[crypto] asks for it", "pydantic-core": "pydantic pins it exactly"}
PINS = {"dev": ("dev", "postgres", "sandbox"), "demo": ("sandbox",), "run": ("postgres",)}


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", re.split(r"[\[<>=; ]", name)[0]).lower()


def _pins(name: str) -> dict[str, str]:
    text = (ROOT / "requirements" / f"{name}.txt").read_text("utf-8")
    return dict(re.findall(r"^([a-z0-9._-]+)==([^ ;\\]+)", text, re.MULTILINE | re.IGNORECASE))


@pytest.mark.parametrize("name", PINS)
def test_every_dependency_is_pinned_with_its_hashes(name: str) -> None:
    wanted = [
        *PROJECT["dependencies"],
        *(d for e in PINS[name] for d in PROJECT["optional-dependencies"][e]),
        "hatchling",
    ]
    pinned = {_plain(p) for p in _pins(name)}
    assert {_plain(w) for w in wanted} - pinned == set()
    text = (ROOT / "requirements" / f"{name}.txt").read_text("utf-8")
    releases = [part for part in re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE | re.IGNORECASE) if "==" in part]
    assert [r.splitlines()[0] for r in releases if "--hash=sha256:" not in r] == []
    assert "--index" not in text
    assert "--find-links" not in text


@pytest.mark.parametrize("name", ["demo", "run"])
def test_a_release_is_pinned_alike_everywhere(name: str) -> None:
    assert {k: v for k, v in _pins(name).items() if _pins("dev").get(k) != v} == {}


def test_only_declared_packages_are_imported() -> None:
    """A package that happens to be installed with another one is missing on the day that one drops it."""
    declared = {_plain(d) for d in [*PROJECT["dependencies"], *(d for e in ("postgres", "sandbox") for d in EXTRAS[e])]}
    declared |= set(BROUGHT)
    homes = packages_distributions()
    foreign = {
        f"{where} {name}"
        for where, node in nodes("connector", "adapters")
        for name in _imported(node)
        if not where.startswith("connector/testing/")  # conformance suites, for pytest's users
        if name not in sys.stdlib_module_names and name != "_typeshed" and name not in ("connector", "adapters")
        if not {_plain(home) for home in homes.get(name, [])} & declared
    }
    assert foreign == set()


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name.partition(".")[0] for alias in node.names]
    return [(node.module or "").partition(".")[0]] if isinstance(node, ast.ImportFrom) and node.level == 0 else []


def test_everything_the_image_copies_is_there() -> None:
    copied = [
        line.split()[1:-1] for line in DOCKERFILE.splitlines() if line.startswith("COPY ") and "--from" not in line
    ]
    names = [name for names in copied for name in names]
    assert "connector" in names
    assert [name for name in names if not (ROOT / name).exists()] == []
    ignored = (ROOT / ".dockerignore").read_text("utf-8").split()
    assert [name for name in names if name in ignored] == []


def test_the_image_runs_a_command_that_exists_as_nobody_in_particular() -> None:
    words = re.findall(r'^(?:ENTRYPOINT|CMD) \["(\w+)"\]$', DOCKERFILE, re.MULTILINE)
    assert words == ["leadheat", "serve"]
    assert "leadheat" in PROJECT["scripts"]
    from typer.main import get_command

    from connector.cli.main import app

    assert "serve" in get_command(app).commands
    stages = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    assert [s for s in stages if not re.fullmatch(r"python:3\.\d+\.\d+-slim-\w+", s)] == []
    assert re.search(r"^USER (?!root)\w+", DOCKERFILE, re.MULTILINE)
    assert "HEALTHCHECK" in DOCKERFILE


def test_the_composition_builds_that_image_and_keeps_its_data() -> None:
    service = yaml.safe_load((ROOT / "docker" / "compose.yaml").read_text("utf-8"))["services"]["leadheat"]
    context = (ROOT / "docker" / service["build"]["context"]).resolve()
    assert (context / service["build"]["dockerfile"]).is_file()
    assert service["command"] == ["serve"]
    assert service["image"] == f"leadheat:{PROJECT['version']}"
    assert any(volume.endswith(":/data") for volume in service["volumes"])


@pytest.mark.parametrize("script", [".ci/run", "scripts/pin", "scripts/docs"])
def test_scripts_can_be_run_and_are_whole(script: str) -> None:
    path = ROOT / script
    assert path.stat().st_mode & 0o111
    subprocess.run(["bash", "-n", path], check=True)


def test_continuous_integration_runs_what_the_readme_says() -> None:
    for readme in ("README.md", "README.ja.md"):
        assert "make test" in (ROOT / readme).read_text("utf-8")
    assert (ROOT / ".ci" / "run").read_text("utf-8").rstrip().endswith("\nmake test")


@pytest.mark.parametrize("word", ["help", "demo", "test", "strangers", "lint", "bench"])
def test_the_makefile_knows_the_word(word: str) -> None:
    assert re.search(rf"^{word}:.*## \w", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)


def test_the_changelog_begins_with_this_version() -> None:
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    first = re.search(r"^## (\S+)", text, re.MULTILINE)
    assert first is not None
    assert first[1].strip("[]") == PROJECT["version"]

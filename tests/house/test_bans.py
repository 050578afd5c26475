"""What only one place may do, only that place does."""

from __future__ import annotations

import ast
import re

from house import ROOT, dotted, nodes, tracked

CLOCKS = (
    "datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.time_ns", "time.localtime",
    "time.gmtime", "time.ctime",
)  # fmt: skip
ENVIRONMENT = ("os.environ", "os.getenv", "os.putenv", "os.environb")


def _uses(names: tuple[str, ...]) -> list[str]:
    return [w for w, n in nodes("connector", "adapters") if any(_is(dotted(n), name) for name in names)]


def _is(used: str, banned: str) -> bool:
    return used == banned or ("." in banned and used.endswith(f".{banned}"))


def _outside(found: list[str], *allowed: str) -> list[str]:
    return [where for where in found if where.partition(":")[0] not in allowed]


def test_the_clock_is_read_in_one_file() -> None:
    found = _uses(CLOCKS)
    assert any(where.startswith("connector/clock.py") for where in found), "the test must be able to see a clock"
    assert _outside(found, "connector/clock.py") == []


def test_the_environment_is_read_in_one_file() -> None:
    found = _uses(ENVIRONMENT)
    assert any(where.startswith("connector/settings.py") for where in found), "the test must be able to see it"
    assert _outside(found, "connector/settings.py") == []
    assert [w for w, n in nodes("connector", "adapters") if isinstance(n, ast.ImportFrom) and n.module == "os"] == []


def test_http_status_codes_are_spoken_of_only_by_adapters() -> None:
    found = [where for where, node in nodes("connector") if _is_status(node)]
    assert [w for w, n in nodes("adapters") if _is_status(n)], "the test must be able to see a status code"
    assert found == []


def _is_status(node: ast.AST) -> bool:
    if isinstance(node, ast.Attribute):
        return node.attr == "status_code"
    if isinstance(node, ast.Compare):
        sides = [node.left, *node.comparators]
        named = any("status" in dotted(side).lower() for side in sides)
        return named and any(_number(part) for side in sides for part in ast.walk(side))
    return isinstance(node, ast.ImportFrom) and node.module == "http"


def _number(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) is int and 100 <= node.value < 600


def test_no_secret_goes_into_a_repr() -> None:
    """Dataclass fields whose name says secret carry repr=False."""
    secret = ("client_secret", "private_key", "access_token", "token", "password")
    shown = []
    for where, node in nodes("connector", "adapters"):
        if not (
            isinstance(node, ast.AnnAssign) and dotted(node.target) in secret and "str" in ast.unparse(node.annotation)
        ):
            continue
        hidden = node.value is not None and "repr=False" in ast.unparse(node.value)
        if not hidden and "Secret" not in ast.unparse(node.annotation):
            shown.append(where)
    assert shown == []


def test_nothing_is_left_for_later() -> None:
    # a bare word may be a CRM's own: HubSpot has tasks of that type
    marks = re.compile("# ?TO" + "DO|TO" + "DO:|FIX" + "ME|XX" + "X:|NotImplemented" + "Error")
    found = [str(p.relative_to(ROOT)) for p in _texts() if marks.search(p.read_text("utf-8"))]
    assert found == []


def test_no_registry_host_and_no_path_of_a_machine_is_in_a_tracked_file() -> None:
    hosts = [
        "py" + "pi.org",
        "pythonhosted" + ".org",
        "npmjs" + ".org",
        "/wo" + "rk/",
        ".lib" + "rary",
        "/opt/" + "wheels",
    ]
    found = {
        str(p.relative_to(ROOT)): [h for h in hosts if h in p.read_text("utf-8")]
        for p in _texts()
        if any(h in p.read_text("utf-8") for h in hosts)
    }
    assert found == {}


def _texts() -> list[ROOT.__class__]:
    texts = (".py", ".toml", ".txt", ".md", ".yaml", ".yml", ".po", ".sh", ".html", ".css", ".js", ".json", "")
    return [p for p in tracked() if p.suffix in texts]

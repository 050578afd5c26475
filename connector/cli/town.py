"""Both sandboxes on this machine: filled from a seed or a CSV, served, and reached from a second process."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from connector.cli.setup import write_new, write_private
from connector.errors import user_error
from connector.instants import Instant
from connector.shipped import shipped
from connector.words import Lang, Message, say

if TYPE_CHECKING:
    from adapters.sandbox.server import Running
    from adapters.sandbox.state import State

HUBSPOT_PORT, SALESFORCE_PORT = 8180, 8443
Tier: TypeAlias = Literal["free", "starter", "professional", "enterprise"]
TIERS: tuple[Tier, ...] = ("free", "starter", "professional", "enterprise")


@dataclass(frozen=True, slots=True)
class Ground:
    """What a new sandbox is filled with, up to which instant (None: now), and where it listens; port 0 takes a free
    one."""

    folder: Path
    leads: int = 300
    seed: int = 1
    seed_csv: Path | None = None
    hubspot_port: int = HUBSPOT_PORT
    salesforce_port: int = SALESFORCE_PORT
    tier: Tier = "professional"
    faults: str | None = None
    until: Instant | None = None


@dataclass(frozen=True, slots=True)
class Town:
    """Both sandboxes, answering. `env` are the settings that lead to them."""

    hubspot_url: str
    salesforce_url: str
    env: Mapping[str, str]


@contextmanager
def open_town(
    ground: Ground, now: Callable[[], Instant], *, log: Callable[[str], None] | None = None
) -> Iterator[Town]:
    """Both sandboxes, serving the state in the folder; an empty state is filled first.

    Raises UserError when a port is taken, the seed cannot be read or the faults mean nothing."""
    from adapters.sandbox.faults import faults_of, with_faults
    from adapters.sandbox.server import certificate, serve

    choose = faults_of(ground.faults or "", ground.seed)
    hubspot, salesforce = _hubspot(ground, now), _salesforce(ground, now)
    _fill(ground, now() if ground.until is None else ground.until, hubspot, salesforce)
    tls = certificate(ground.folder)
    apps = [with_faults(one.app, choose) for one in (hubspot, salesforce)]
    with (
        _listening(ground.hubspot_port, lambda port: serve(apps[0], port=port, log=log)) as here,
        _listening(ground.salesforce_port, lambda port: serve(apps[1], port=port, tls=tls, log=log)) as there,
    ):
        yield Town(here.url, there.url, _env(here.url, there.url, tls.ca_file, hubspot, salesforce))
    hubspot.state.close()
    salesforce.state.close()


def poke_one(
    folder: Path, crm: str, who: str, deed: str, words: Mapping[str, str], now: Callable[[], Instant]
) -> Message:
    """Change one record, whether the sandbox is being served or not. Says what was done; raises UserError."""
    if not (folder / f"{crm}.db").exists():
        raise user_error("LH-942", say("there is no sandbox here"), str(folder), say("'leadheat sandbox' makes one."))
    sandbox = (_hubspot if crm == "hubspot" else _salesforce)(Ground(folder), now)
    try:
        told: Message = sandbox.poke(who, deed, words)
    finally:
        sandbox.state.close()
    return told


def _hubspot(ground: Ground, now: Callable[[], Instant]) -> Any:
    from adapters.hubspot.sandbox import Options, open_hubspot_sandbox

    return open_hubspot_sandbox(_state(ground.folder / "hubspot.db"), now, options=Options(tier=ground.tier))


def _salesforce(ground: Ground, now: Callable[[], Instant]) -> Any:
    from adapters.salesforce.sandbox import open_salesforce_sandbox

    return open_salesforce_sandbox(_state(ground.folder / "salesforce.db"), now)


def _state(path: Path) -> State:
    from adapters.sandbox.state import State

    return State(path)


def _fill(ground: Ground, until: Instant, *sandboxes: Any) -> None:
    from adapters.sandbox.world import make_world, world_from_csv

    empty = [sandbox for sandbox in sandboxes if sandbox.empty]
    if not empty:
        return
    csv = ground.seed_csv
    world = world_from_csv(csv, until) if csv else make_world(ground.leads, ground.seed, until)
    for sandbox in empty:
        sandbox.seed(world)


@contextmanager
def _listening(port: int, serve: Callable[[int], Running]) -> Iterator[Running]:
    try:
        running = serve(port)
    except OSError:
        fix = say("Choose another: --hubspot-port, --salesforce-port; 0 takes a free one.")
        raise user_error("LH-943", say("port {port} is taken", port=port), fix=fix) from None
    try:
        yield running
    finally:
        running.stop()


def _env(hubspot_url: str, salesforce_url: str, ca_file: Path, hubspot: Any, salesforce: Any) -> dict[str, str]:
    """Settings that lead to both: as they would stand in `.env`, beside the sandbox's own files."""
    one, other = "LEADHEAT_CONNECTIONS__HUBSPOT__", "LEADHEAT_CONNECTIONS__SALESFORCE__"
    return {
        "LEADHEAT_SCORECARD": "scorecard.yaml",
        f"{one}CRM": "hubspot",
        f"{one}MAPPING": "mappings/hubspot.yaml",
        f"{one}BASE_URL": hubspot_url,
        f"{one}TOKEN": hubspot.token,
        f"{other}CRM": "salesforce",
        f"{other}MAPPING": "mappings/salesforce.yaml",
        f"{other}INSTANCE_URL": salesforce_url,
        f"{other}CLIENT_ID": salesforce.client_id,
        f"{other}CLIENT_SECRET": salesforce.client_secret,
        f"{other}CA_FILE": ca_file.name,
    }


def write_settings(folder: Path, env: Mapping[str, str], lang: Lang = "ja") -> list[Path]:
    """Settings, scorecard and mappings beside the sandbox's state, but for what is there already. Returns the new.
    `lang` is that of the texts written to both CRMs. Settings that are there get the addresses of today."""
    spoken = {f"LEADHEAT_CONNECTIONS__{name}__LANG": lang for name in ("HUBSPOT", "SALESFORCE")}
    texts = {
        folder / ".env": "".join(f"{name}={value}\n" for name, value in {**env, **spoken}.items()),
        folder / "scorecard.yaml": shipped("scorecard.yaml"),
        folder / "mappings" / "hubspot.yaml": shipped("hubspot.yaml"),
        folder / "mappings" / "salesforce.yaml": shipped("salesforce.yaml"),
    }
    missing = {path: text for path, text in texts.items() if not path.exists()}
    if folder / ".env" not in missing:
        write_private(folder / ".env", _readdressed((folder / ".env").read_text("utf-8"), env))
    write_new(missing)
    return list(missing)


def _readdressed(text: str, env: Mapping[str, str]) -> str:
    """The settings with the addresses of `env`; every other line stays as somebody may have edited it."""
    lines = []
    for line in text.splitlines():
        name = line.partition("=")[0].strip()
        lines.append(f"{name}={env[name]}" if name.endswith("_URL") and name in env else line)
    return "\n".join([*lines, ""])

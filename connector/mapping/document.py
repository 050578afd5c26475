"""Reads a mapping file: a closed vocabulary, every problem at once, each with its line. See mappings/README.md."""

from __future__ import annotations

from collections.abc import Mapping as AnyMapping
from dataclasses import replace
from typing import get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connector.errors import did_you_mean
from connector.instants import Duration
from connector.mapping.converts import DOMAIN_GROUPS, TITLE_GROUPS, Own, read_own_list
from connector.mapping.entries import Entries, read_entries
from connector.mapping.mail import is_own
from connector.mapping.nodes import OWN, Convert, Crm, Hygiene, Mapping, Source
from connector.mapping.parts import Reader, block_of, duration_of, name_of, names_of, one_among, read_source
from connector.mapping.texts import fold
from connector.results import VERDICTS, Profile, profile_results
from connector.words import say
from connector.yamlread import Block, Node, Problems, read_yaml, unknown_keys

CRMS: tuple[Crm, ...] = get_args(Crm)
OBJECTS: AnyMapping[Crm, tuple[str, ...]] = {
    "hubspot": ("contacts",),
    "salesforce": ("Lead", "Contact"),
    "spreadsheet": ("leads",),
}
ZONE = "Asia/Tokyo"
"""Where dates without a zone are at home, unless the mapping says otherwise."""
REASONS = ("lost", *(value for value, _, _ in VERDICTS if value != "good"))
_KEYS = (
    "mapping", "timezone", "people", "created", "inputs", "kinds", "activities", "outcomes", "results", "hygiene",
    "quiet", "titles", "mail_domains",
)  # fmt: skip
_HYGIENE = ("set_aside", "repeat_within", "scanner", "fallback", "own")


def read_mapping(text: str, file: str) -> Mapping:
    """The mapping that a file's text says. `file` is its name in messages. Raises UserError with every problem."""
    problems = Problems("LH-200")
    top = read_yaml(text, file, problems)
    unknown_keys(top, _KEYS, problems)
    crm = _crm(top, file, problems)
    reader = Reader(problems, _own(top, problems), _objects(top, crm, problems))
    inputs = _inputs(top.get("inputs"), reader)
    entries = read_entries(top, reader)
    results = _results(top.get("results"), crm, problems)
    created = top.get("created")
    mapping = Mapping(
        file=file,
        crm=crm,
        zone=reader.own.zone.key,
        objects=reader.objects,
        inputs=inputs,
        activities=entries.activities,
        outcomes=entries.outcomes,
        result_fields={name: field for name, (field, _) in results.items()},
        hygiene=_hygiene(top.get("hygiene"), entries, reader),
        quiet=_quiet(top.get("quiet"), problems),
        kinds=entries.kinds,
        passive=entries.passive,
        created=_created(created, top.key_lines.get("created", ""), reader) if created else None,
        lookups=entries.lookups,
        lines={name: where for name, (_, where) in results.items()},
    )
    _refuse_own_results(mapping, problems)
    problems.refuse()
    return mapping


def _crm(top: Block, file: str, problems: Problems) -> Crm:
    node = top.get("mapping")
    if node is None:
        fix = say("Write one of: {known}", known=", ".join(f"mapping: {c}" for c in CRMS))
        problems.add(f"{file}:1", say("the file does not say which CRM it is for"), fix)
    told = name_of(node, problems)
    if told and node:
        one_among(told, CRMS, node.where, problems)
    return next((crm for crm in CRMS if crm == told), "hubspot")


def _own(top: Block, problems: Problems) -> Own:
    titles = read_own_list(top.get("titles"), TITLE_GROUPS, problems)
    domains = read_own_list(top.get("mail_domains"), DOMAIN_GROUPS, problems)
    node = top.get("timezone")
    try:
        zone = ZoneInfo(name_of(node, problems) or ZONE)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        zone = ZoneInfo(ZONE)
        problems.add(node.where if node else "", say("unknown time zone"), say("Write a name such as Asia/Tokyo."))
    return Own(zone, titles, domains)


def _objects(top: Block, crm: Crm, problems: Problems) -> tuple[str, ...]:
    node = top.get("people")
    named = names_of(node, problems)
    for name in named:
        one_among(name, OBJECTS[crm], node.where if node else "", problems)
    return named or OBJECTS[crm]


def _inputs(node: Node | None, reader: Reader) -> dict[str, Source]:
    block = block_of(node, reader.problems)
    found: dict[str, Source] = {}
    for name, value in block.entries.items() if block else ():
        where = block.key_lines[name] if block else ""
        if name == OWN:
            reader.problems.add(where, say("'own' is made by hygiene and cannot be mapped"))
        elif source := read_source(value, where, reader, reader.objects):
            found[name] = source
    return dict(sorted(found.items()))


def _created(node: Node, where: str, reader: Reader) -> Source | None:
    return read_source(node, where, reader, reader.objects, "instant")


# ---- results ---------------------------------------------------------------------------------------------------------


def _results(node: Node | None, crm: Crm, problems: Problems) -> dict[str, tuple[str, str]]:
    """Result name -> (CRM field, where the file says so, or where `results:` stands, or the file's first line)."""
    block = block_of(node, problems) or Block({}, {}, "")
    unknown_keys(block, ("profile", "rename"), problems)
    profile = name_of(block.get("profile"), problems) or "standard"
    if profile not in get_args(Profile):
        one_among(profile, get_args(Profile), block.key_lines["profile"], problems)
    kept = profile_results("minimal" if profile == "minimal" else "standard")
    found = {r.name: (r.salesforce if crm == "salesforce" else r.hubspot, block.where) for r in kept}
    rename = block_of(block.get("rename"), problems) or Block({}, {}, "")
    for name, value in rename.entries.items():
        one_among(name, tuple(found), rename.key_lines[name], problems)
        if name in found:
            found[name] = (name_of(value, problems), rename.key_lines[name])
    _refuse_twice(found, problems)
    return found


def _refuse_twice(found: AnyMapping[str, tuple[str, str]], problems: Problems) -> None:
    first: dict[str, str] = {}
    for name, (field, where) in found.items():
        if field in first:
            problems.add(where, say("'{name}' and '{other}' share one field", name=first[field], other=name))
        first.setdefault(field, name)


def _refuse_own_results(mapping: Mapping, problems: Problems) -> None:
    """A score that reads its own result would never come to rest."""
    ours = set(mapping.result_fields.values())
    for name, source in mapping.people_sources.items():
        if any(field in ours for fields in source.fields.values() for field in fields):
            problems.add(source.where, say("input '{name}' reads a field that Leadheat writes", name=name))


# ---- hygiene and quiet -----------------------------------------------------------------------------------------------


def _hygiene(node: Node | None, entries: Entries, reader: Reader) -> Hygiene:
    problems = reader.problems
    block = block_of(node, problems) or Block({}, {}, "")
    unknown_keys(block, _HYGIENE, problems)
    repeat = block.get("repeat_within")
    return Hygiene(
        _kind_list(block.get("set_aside"), entries, problems),
        duration_of(repeat, problems) if repeat else None,
        _kind_list(block.get("scanner"), entries, problems),
        _fallback(block.get("fallback"), entries, problems),
        _own_mail(block.get("own"), reader),
    )


def _kind_list(node: Node | None, entries: Entries, problems: Problems) -> frozenset[str]:
    named = names_of(node, problems)
    for kind in named:
        one_among(kind, sorted(entries.kinds), node.where if node else "", problems)
    return frozenset(named)


def _fallback(node: Node | None, entries: Entries, problems: Problems) -> dict[str, str]:
    block = block_of(node, problems) or Block({}, {}, "")
    sources = sorted({a.source for a in entries.activities})
    found = {lesser: name_of(better, problems) for lesser, better in block.entries.items()}
    for lesser, better in found.items():
        one_among(lesser, sources, block.key_lines[lesser], problems)
        one_among(better, sources, block.key_lines[lesser], problems)
        if better in found:
            problems.add(block.key_lines[lesser], say("'{name}' is itself a lesser source", name=better))
    return found


def _own_mail(node: Node | None, reader: Reader) -> Source | None:
    """`own: {field: email, domains: […], addresses: […]}` as the source of the input `own`."""
    block = block_of(node, reader.problems)
    if block is None:
        return None
    unknown_keys(block, ("field", "first_of", "domains", "addresses"), reader.problems)
    domains = frozenset(fold(d).lstrip("@") for d in names_of(block.get("domains"), reader.problems))
    addresses = tuple(sorted(fold(a) for a in names_of(block.get("addresses"), reader.problems)))
    if not domains and not addresses:
        reader.problems.add(block.where, say("'own' needs 'domains' or 'addresses'"))
    origin = {key: block.entries[key] for key in ("field", "first_of") if key in block}
    read = read_source(Block(origin, block.key_lines, block.where), block.where, reader, reader.objects)
    told = "\n".join([*sorted(domains), "", *addresses])
    convert = Convert(OWN, "truth", lambda text: is_own(text, domains, addresses), fingerprint=told)
    return replace(read, convert=convert, optional=True) if read else None


def _quiet(node: Node | None, problems: Problems) -> dict[str, Duration]:
    block = block_of(node, problems) or Block({}, {}, "")
    for reason in block.entries:
        if reason not in REASONS:
            what = say("unknown reason '{name}'", name=reason)
            problems.add(block.key_lines[reason], what, did_you_mean(reason, REASONS))
    return {reason: duration_of(value, problems) for reason, value in block.entries.items()}
